"""Many at once gives what one by one gives."""

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest
from any_facts import ANY_FACTS, POINTS
from fake_fits import PlainModel, profiles_of, small_fit_model, ties_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decisions.batch.columns import CHUNK
from decisions.batch.matching import match_all
from decisions.batch.model_estimate import ModelEstimates
from decisions.batch.quotes import quotes_of_all
from decisions.facts import Facts, Need
from decisions.match.matching import match
from decisions.match.model_estimate import ModelEstimate
from decisions.offered.catalogue import Catalogue
from decisions.offered.offers import offers_of
from decisions.policies import policy_on
from features.pairs.cross import cross

FIRMS = st.lists(st.tuples(ANY_FACTS, POINTS), min_size=1, max_size=6)
TOP = 7
DAYS = st.sampled_from([dt.date(2024, 6, 1), dt.date(2025, 6, 1), dt.date(2026, 11, 22), dt.date(2027, 10, 1)])
"""Before and after first-loan, IP-pledge and national discounts, and the end of renewal for medium firms."""


def one_by_one(facts, scored, catalogue, policy, estimate=None):
    """The answer of `match` in the columns of the batch."""
    rows = match(facts, scored, catalogue=catalogue, policy=policy, estimate=estimate).products
    return [
        (
            place,
            row.candidate.entry.product.id,
            row.candidate.limit.fen,
            row.all_in.after if row.all_in else None,
            row.worth.fen,
            row.fit.approval_probability,
            row.fit.fit,
        )
        for place, row in enumerate(rows, 1)
    ]


@given(firms=FIRMS, day=DAYS)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_batch_answers_as_one_by_one(catalogue, scored, firms, day):
    policy = policy_on(day)
    facts, points = zip(*firms, strict=True)
    [chunk] = match_all(facts, points, catalogue=catalogue, policy=policy, top=TOP)
    alone = [one_by_one(each, scored(score), catalogue, policy) for each, score in firms]
    expected = [(place, *row) for place, rows in enumerate(alone) for row in rows[:TOP]]
    assert chunk.best.rows() == expected
    assert chunk.surviving == sum(len(rows) for rows in alone)
    assert chunk.pairs == len(firms) * len(catalogue.entries)


@pytest.fixture(scope="session")
def offers(catalogue):
    return offers_of(catalogue)


@pytest.fixture(scope="session")
def models(catalogue, offers, policy):
    """Two of plain arithmetic, the second of which tells amounts, and one of trees with a record of each bank."""
    firms = profiles_of(30, seed=0)
    who = firms.select("enterprise_id", "as_of")
    quotes = quotes_of_all([Facts({})] * firms.height, who, catalogue=catalogue, policy=policy)
    rates = {"bob-rongxinbao": 0.051, "ccb-yunshuidai": 0.032}
    passing = {entry.product.id: {"tax_grade": 0.8, "firm_age_months": 0.9} for entry in catalogue.entries[::2]}
    plain = PlainModel({"ccb-yunshuidai": 0.8}, 0.31, rates, 0.07, passing)
    return plain, replace(plain, tells_shares=True), small_fit_model(cross(firms, offers, quotes, None), seed=0)


@pytest.fixture(scope="session")
def both(catalogue, offers, scored, models):
    """What a batch with a model answers, and what one by one gives."""

    def answers(firms, policy, *, number, seed, knows_loans):
        model, profiles, (facts, points) = (
            models[number],
            profiles_of(len(firms), seed=seed),
            zip(*firms, strict=True),
        )
        ties = ties_of(profiles["enterprise_id"], ["ccb", "bob", "icbc"], seed=seed) if knows_loans else None
        estimates = ModelEstimates(model, profiles, ties, offers)
        [chunk] = match_all(facts, points, catalogue=catalogue, policy=policy, top=TOP, estimate=estimates)
        alone = [
            one_by_one(each, scored(score), catalogue, policy, ModelEstimate(model, profiles[place], ties, offers))
            for place, (each, score) in enumerate(firms)
        ]
        return chunk, alone

    return answers


@given(firms=FIRMS, day=DAYS, number=st.integers(0, 2), seed=st.integers(0, 9), knows_loans=st.booleans())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_batch_with_a_model_answers_as_one_by_one(both, firms, day, **drawn):
    chunk, alone = both(firms, policy_on(day), **drawn)
    assert chunk.best.rows() == [(place, *row) for place, rows in enumerate(alone) for row in rows[:TOP]]
    assert chunk.surviving == sum(len(rows) for rows in alone)


def test_a_model_is_asked_once_a_chunk_and_only_about_what_rules_leave(catalogue, offers, policy):
    model, facts = PlainModel(), [Facts({"registry_status": "revoked"}), Facts({"district": "110108"}), Facts({})]
    estimates = ModelEstimates(model, profiles_of(3, seed=0), None, offers)
    [chunk] = match_all(facts, [600.0] * 3, catalogue=catalogue, policy=policy, top=1, estimate=estimates)
    assert model.asked == [chunk.surviving]
    assert set(chunk.best["enterprise"]) == {1, 2}
    assert 0 < chunk.surviving < chunk.pairs


def test_a_model_is_not_asked_where_nothing_is_left(catalogue, offers, policy):
    model = PlainModel()
    estimates = ModelEstimates(model, profiles_of(1, seed=0), None, offers)
    revoked = [Facts({"registry_status": "revoked"})]
    [chunk] = match_all(revoked, [600.0], catalogue=catalogue, policy=policy, top=1, estimate=estimates)
    assert (model.asked, chunk.best.height, chunk.surviving) == ([], 0, 0)


def test_two_profiles_of_one_enterprise_and_day_are_refused(offers):
    twice = pl.concat([profiles_of(1, seed=0)] * 2)
    with pytest.raises(ValueError, match="got 2 profiles that share enterprise and day"):
        ModelEstimates(PlainModel(), twice, None, offers)


def test_chunks_follow_each_other_in_the_order_given(catalogue, policy):
    few = catalogue.of_banks({"psbc"})
    facts = [Facts({}, Need(amount_fen=1_000_000_00 + place)) for place in range(CHUNK + 3)]
    chunks = list(match_all(facts, [600.0] * len(facts), catalogue=few, policy=policy, top=1))
    assert [chunk.enterprises for chunk in chunks] == [CHUNK, 3]
    assert pl.concat([chunk.best for chunk in chunks])["enterprise"].to_list() == list(range(len(facts)))


def test_nobody_and_nothing_give_nothing(catalogue, policy):
    assert list(match_all([], [], catalogue=catalogue, policy=policy, top=3)) == []
    [chunk] = match_all([Facts({})], [600.0], catalogue=Catalogue(()), policy=policy, top=3)
    assert (chunk.best.height, chunk.pairs, chunk.surviving) == (0, 0, 0)


def test_the_order_of_the_catalogue_does_not_matter(catalogue, policy):
    facts = [Facts({"district": "110108", "tax_paid_12m_fen": 300_000_00})]
    backwards = Catalogue(catalogue.entries[::-1])
    first, second = (
        next(match_all(facts, [640.0], catalogue=one, policy=policy, top=50)).best for one in (catalogue, backwards)
    )
    assert first.equals(second)


def test_as_many_points_as_facts_are_expected(catalogue, policy):
    with pytest.raises(ValueError, match="got 1 facts and 2 points"):
        list(match_all([Facts({})], [600.0, 700.0], catalogue=catalogue, policy=policy, top=3))


def test_an_amount_that_is_no_longer_exact_is_refused(catalogue, policy):
    with pytest.raises(ValueError, match="sales_12m_fen: got 100000000000000, expected less than"):
        list(match_all([Facts({"sales_12m_fen": 10**14})], [600.0], catalogue=catalogue, policy=policy, top=3))
