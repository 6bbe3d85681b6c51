"""Decisions of the store and enterprises of a city, as requests."""

import datetime as dt
import json

import polars as pl
import pytest
from cities import invoice_records
from small_trees import small_model

from decisions.offered.catalogue import load_catalogue
from features.profile import profiles
from features.sets import INVOICE_FLOW
from scoring.folder import load, save
from serving.api_types import MatchRequest
from serving.database import Database
from serving.engine import Engine
from serving.keys import Caller
from serving.store import Draft, Store
from sources.lake import open_lake, write_lake
from training.drift.gathering import month_ends, of_lake, of_records, of_store
from training.drift.requests import DriftError, Span
from training.posted.store import StoreError

AS_OF, TODAY = dt.date(2026, 10, 31), dt.date(2026, 11, 22)
CALLER = Caller("k-1", "haidian", "platform", None)
OCTOBER = Span.of_month(AS_OF)
FIRMS = 4


@pytest.fixture(scope="module")
def records():
    return invoice_records(30, months=26)


@pytest.fixture(scope="module")
def model(records, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model") / "model"
    save(small_model(records, AS_OF), folder)
    return load(folder)


def body(records, code, tables):
    def plain(row):
        return {name: str(value) if isinstance(value, dt.date) else value for name, value in row.items()}

    own = {
        name: frame.filter(pl.col("enterprise_id") == code).drop("enterprise_id") for name, frame in records.tables()
    }
    given = {name: [plain(row) for row in own[name].to_dicts()] for name in tables}
    asked = {"enterprise_id": code, "as_of": str(AS_OF), "rules_on": str(TODAY), "records": given}
    return json.dumps(asked).encode()


@pytest.fixture(scope="module")
def url(records, model, tmp_path_factory):
    """A store with a match of each of some enterprises, the last of which gave no register entry, and two outcomes."""
    address = f"sqlite:///{tmp_path_factory.mktemp('store')}/store.db"
    database = Database(address)
    database.migrate()
    store, engine = Store(database), Engine.of(model, load_catalogue(illustrative=True))
    ids = []
    for place in range(FIRMS):
        code = records.enterprises[place]
        tables = ("vat_invoices",) if place == FIRMS - 1 else ("registry", "vat_invoices")
        sent = body(records, code, tables)
        answer = engine.match(MatchRequest.model_validate_json(sent), bank_ids=None, today=TODAY)
        ids.append(json.loads(store.record_decision(CALLER, Draft("match", code, sent, answer)))["decision_id"])
    for place, (decision, days) in enumerate((("approved", 95), ("refused", None))):
        told = {"decision_id": ids[place], "product_id": "p", "decision": decision, "days_past_due": days}
        silent = dict.fromkeys(("refusal_codes", "limit_fen", "rate", "drawn_fen"))
        store.record_outcome(CALLER, {**told, **silent, "on": str(TODAY)})
    database.close()
    return address


def test_decisions_come_with_the_features_that_were_scored(url, records, model):
    rows = of_store(url, model, OCTOBER).rows.sort("enterprise_id")
    assert rows.height == FIRMS
    again = profiles(records.only(rows["enterprise_id"]), INVOICE_FLOW, AS_OF).sort("enterprise_id")
    names = [feature.name for feature in INVOICE_FLOW]
    assert rows.select(names).equals(again.select(names))
    assert rows["score"].to_list() == pytest.approx(model.points(again).tolist())


def test_a_block_that_was_not_given_stays_missing(url, model):
    rows = of_store(url, model, OCTOBER).rows
    assert sorted(rows["has_registry"].to_list()) == [False, True, True, True]
    assert rows["has_invoice"].all()


def test_decisions_tell_grades_versions_and_what_was_eligible(url, model):
    rows = of_store(url, model, OCTOBER).rows
    assert rows["grade"].null_count() == rows["policy_version"].null_count() == 0
    assert rows["model_version"].unique().to_list() == ["1"]
    assert rows["eligible"].is_between(0, 1).all()


def test_outcomes_are_known_on_the_day_they_came(url, model):
    outcomes = of_store(url, model, OCTOBER).outcomes
    assert outcomes["approved"].to_list() == [True, False]
    assert outcomes["days_past_due"].to_list() == [95, None]
    assert outcomes["decided_on"].unique().to_list() == [AS_OF]
    assert (outcomes["known_on"] >= TODAY).all()


def test_decisions_before_the_span_that_is_looked_at_have_no_features(url, model):
    with pytest.raises(DriftError, match="no decision"):
        of_store(url, model, OCTOBER, features_from=dt.date(2026, 11, 1))


def test_days_without_decisions_and_strange_stores_are_told(url, model, tmp_path):
    with pytest.raises(DriftError, match="no decision that stands on 2020"):
        of_store(url, model, Span.of_month(dt.date(2020, 1, 1)))
    with pytest.raises(StoreError):
        of_store(f"sqlite:///{tmp_path}/nothing.db", model, OCTOBER)


def test_a_lake_gives_what_its_records_give(records, model, tmp_path):
    write_lake(tmp_path / "lake", records, buckets=2, today=TODAY)
    days = [dt.date(2026, 9, 30), AS_OF]
    here = of_records(records, model, days).rows.sort("enterprise_id", "day")
    there = of_lake(open_lake(tmp_path / "lake"), model, days).rows.sort("enterprise_id", "day")
    assert here.height == 60
    assert there.select(here.columns).equals(here)


def test_ends_of_months_stop_at_the_last_day_known():
    span = Span(dt.date(2026, 9, 1), dt.date(2026, 11, 30))
    assert month_ends(span, until=dt.date(2026, 11, 22)) == [dt.date(2026, 9, 30), AS_OF, dt.date(2026, 11, 22)]
