"""Decisions and outcomes in a real store, read back as records, applications and pairs."""

import datetime as dt
import json
import sqlite3
from contextlib import closing

import numpy as np
import polars as pl
import pytest
from posted_stores import AS_OF, Poster, code, rows_of

from decisions.offered.catalogue import load_catalogue
from decisions.policies import policy_on
from training.posted.pairs import newest_from, posted_pairs
from training.posted.posted import Posted
from training.posted.store import PostedStore, StoreError
from training.product_fit.sample import PairSampleError, Rules

TODAY = dt.date(2026, 11, 22)


@pytest.fixture
def poster(tmp_path):
    made = Poster(tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="module")
def rules():
    return Rules(load_catalogue(illustrative=True).on(TODAY), policy_on(TODAY))


def test_what_was_answered_and_reported_is_read_as_it_was_stored(poster):
    asked = poster.decide(code(1), products=("ccb-yunshuidai", "boc-loan"), approval=(0.7, 0.4))
    poster.report(asked, "boc-loan", decision="refused", on="2026-10-09", refusal_codes=["debt"])
    store = PostedStore(poster.url)
    [decided] = store.decisions().to_dicts()
    assert (decided["decision_id"], decided["kind"], decided["as_of"]) == (asked, "match", AS_OF)
    assert (decided["model_version"], decided["fit_version"], decided["score"]) == ("7", "3", 640.5)
    assert store.shown().select("place", "product_id", "approval_probability").rows() == [
        (1, "ccb-yunshuidai", 0.7),
        (2, "boc-loan", 0.4),
    ]
    [reported] = store.outcomes().to_dicts()
    assert (reported["product_id"], reported["refusal_codes"]) == ("boc-loan", ["debt"])
    assert store.shadow().is_empty()


def test_only_decisions_with_an_outcome_since_a_moment_are_learned_from(poster):
    first, second, _ = (poster.decide(code(place)) for place in (1, 2, 3))
    for asked in (first, second):
        poster.report(asked, "ccb-yunshuidai", decision="approved", on="2026-10-09")
    store = PostedStore(poster.url)
    assert set(Posted.of(store, today=TODAY).decisions["decision_id"]) == {first, second}
    moment = store.decisions().filter(pl.col("decision_id") == first)["decided_at"].item()
    assert Posted.of(store, since=moment, today=TODAY).decisions["decision_id"].to_list() == [second]


def test_records_are_grouped_by_what_was_given_so_that_the_rest_stays_unknown(poster):
    with_loans = poster.decide(code(1), rows=rows_of(("registry", "loans")))
    without = poster.decide(code(2), rows=rows_of(("registry",)))
    for asked in (with_loans, without):
        poster.report(asked, "ccb-yunshuidai", decision="approved", on="2026-10-09")
    groups = {group.decisions: group.records for group in Posted.of(PostedStore(poster.url), today=TODAY).groups}
    assert {name for name, _ in groups[frozenset({with_loans})].tables()} == {"registry", "loans"}
    assert [name for name, _ in groups[frozenset({without})].tables()] == ["registry"]
    assert groups[frozenset({without})].enterprises.to_list() == [code(2)]


def test_a_decision_is_seen_by_its_own_request_whatever_a_later_one_told(poster):
    """The later request speaks of the same loan with the same day, and knows that it is past due."""
    seen = {}
    for days_past_due in (0, 95):
        tables = rows_of(("registry", "loans"))
        tables["loans"][0]["days_past_due"] = days_past_due
        asked = poster.decide(code(1), rows=tables)
        poster.report(asked, "ccb-yunshuidai", decision="approved", on="2026-10-09")
        seen[asked] = [days_past_due]
    groups = Posted.of(PostedStore(poster.url), today=TODAY).groups
    assert {one: group.records.loans["days_past_due"].to_list() for group in groups for one in group.decisions} == seen


def test_outcomes_become_pairs_with_the_amount_that_was_asked_for(poster, rules):
    product = rules.catalogue.entries[0].product.id
    asked = poster.decide(code(1), amount_fen=70_000_000)
    poster.report(asked, product, decision="approved", on="2026-10-09", limit_fen=10_000_000)
    posted = Posted.of(PostedStore(poster.url), today=TODAY)
    assert posted.applications["wanted_fen"].to_list() == [70_000_000]
    sample = posted_pairs(posted, rules=rules)
    assert sample.pairs.select("enterprise_id", "product_id", "day").row(0) == (code(1), product, AS_OF)
    assert sample.approved.tolist() == [1.0]
    assert np.isnan(sample.kept).all()


def test_outcomes_of_products_that_nobody_offers_are_nothing_to_learn_from(poster, rules):
    poster.report(poster.decide(code(1)), "gone-loan", decision="approved", on="2026-10-09")
    with pytest.raises(PairSampleError, match="none of them for a product of the catalogue"):
        posted_pairs(Posted.of(PostedStore(poster.url), today=TODAY), rules=rules)


def test_the_newest_two_fifths_are_kept_apart(poster, rules):
    product = rules.catalogue.entries[0].product.id
    for month in range(1, 11):
        asked = poster.decide(code(1), as_of=dt.date(2026, month, 1))
        poster.report(asked, product, decision="approved", on=f"2026-{month:02}-09")
    sample = posted_pairs(Posted.of(PostedStore(poster.url), today=TODAY), rules=rules)
    assert newest_from(sample) == dt.date(2026, 6, 1)


@pytest.mark.parametrize("url", ["nonsense", "sqlite:////nowhere/a.db", "postgresql://nobody:secret@127.0.0.1:1/none"])
def test_a_store_that_is_none_is_told_in_one_line_without_its_password(url):
    with pytest.raises(StoreError) as caught:
        PostedStore(url)
    assert "secret" not in str(caught.value)


def test_another_database_is_no_store(tmp_path):
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE t (x)")
    with pytest.raises(StoreError, match="no table"):
        PostedStore(f"sqlite:///{tmp_path}/other.db")


def test_a_request_is_read_back_as_it_came(poster):
    asked = poster.decide(code(1))
    [request] = PostedStore(poster.url).requests([asked])
    assert json.loads(request.body)["enterprise_id"] == code(1)
