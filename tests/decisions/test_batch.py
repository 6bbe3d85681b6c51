"""Many at once gives what one by one gives."""

import datetime as dt

import polars as pl
import pytest
from any_facts import ANY_FACTS, POINTS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decisions.batch.matching import CHUNK, match_all
from decisions.facts import Facts, Need
from decisions.match.matching import match
from decisions.offered.catalogue import Catalogue
from decisions.policies import policy_on

FIRMS = st.lists(st.tuples(ANY_FACTS, POINTS), min_size=1, max_size=6)
TOP = 7
DAYS = st.sampled_from([dt.date(2024, 6, 1), dt.date(2025, 6, 1), dt.date(2026, 11, 22), dt.date(2027, 10, 1)])
"""Before and after first-loan, IP-pledge and national discounts, and the end of renewal for medium firms."""


def one_by_one(facts, scored, catalogue, policy):
    """The answer of `match` in the columns of the batch."""
    rows = match(facts, scored, catalogue=catalogue, policy=policy).products
    return [
        (
            place,
            row.candidate.entry.product.id,
            row.candidate.limit.fen,
            row.all_in.after if row.all_in else None,
            row.worth.fen,
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
