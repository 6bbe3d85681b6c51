"""Deliveries go wrong at small rates, and never so that a row that comes once is rejected."""

import datetime as dt

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from simulation.assumed import mistakes as a
from simulation.tables import ALL_TABLES, TELLERS, tables
from simulation.told.mistakes import mistakes
from sources.contracts import FINANCIAL_STATEMENTS, ORDERS, REGISTRY_CHANGES, UTILITIES, VAT_INVOICES
from sources.validation import validate

SPOILT = sorted({*a.DELIVERED, *a.UNITS})


@pytest.fixture(scope="module")
def clean(community):
    wanted = {name: TELLERS[name] for name in (*SPOILT, "registry_changes")}
    return tables(community, keep=range(200), tellers=wanted)


def spoilt(table, frame, seed=1):
    return mistakes(table, frame, np.random.default_rng(seed))


def with_outage(table, frame, *, seeds=range(30)):
    """Rows of the first seed by which some come late, joined to what they were."""
    key = list(table.key)
    others = [name for name in key if name != "known_on"]
    once = frame.filter(~frame.select(others).is_duplicated())
    for seed in seeds:
        late = spoilt(table, frame, seed).unique(others, keep="first")
        joined = once.join(late, on=others, suffix="_told", nulls_equal=True)
        if (joined["known_on"] != joined["known_on_told"]).any():
            return seed, joined
    raise AssertionError(f"no outage in {len(seeds)} deliveries of {table.name}")


@pytest.mark.parametrize("name", SPOILT)
def test_the_only_rejects_are_rows_sent_twice(clean, name):
    table = ALL_TABLES[name]
    for seed in range(5):
        rejects = validate(table, spoilt(table, clean[name], seed), today=dt.date(2026, 10, 31)).rejects
        assert set(rejects["rule"]) <= {"duplicate"}


def test_about_one_row_in_a_thousand_is_sent_twice_beside_itself(clean):
    told = spoilt(VAT_INVOICES, clean["vat_invoices"])
    copied = told.filter(told.is_duplicated())
    assert copied.height == pytest.approx(2 * a.SENT_TWICE * told.height, rel=0.3)
    assert_frame_equal(copied[::2], copied[1::2])


def test_some_rows_are_lost(clean):
    rows = clean["vat_invoices"]
    lost = rows.height - spoilt(VAT_INVOICES, rows).unique(list(VAT_INVOICES.key)).height
    assert lost == pytest.approx(a.LOST * rows.height, rel=0.4)


def test_an_outage_moves_all_rows_of_a_month_by_the_same_days(clean):
    rows = clean["vat_invoices"]
    _, told = with_outage(VAT_INVOICES, rows)
    moved = told.filter(pl.col("known_on") != pl.col("known_on_told"))
    days = (moved["known_on_told"] - moved["known_on"]).dt.total_days().unique()
    months = moved["known_on"].dt.month_start().unique()
    assert (len(days), len(months)) == (1, 1)
    assert a.OUTAGE_DAYS[0] <= days[0] < a.OUTAGE_DAYS[1]
    in_month = told.filter(pl.col("known_on").dt.month_start() == months[0])
    assert in_month.height == moved.height


def test_nothing_is_known_after_the_newest_day(clean):
    rows = clean["vat_invoices"]
    newest = [spoilt(VAT_INVOICES, rows, seed)["known_on"].max() for seed in range(10)]
    assert max(newest) == rows["known_on"].max()


def test_a_version_never_comes_after_the_one_that_corrects_it(clean):
    rows, thing = clean["orders"], ["enterprise_id", "order"]
    seed, _ = with_outage(ORDERS, rows)
    several = rows.filter(rows.select(thing).is_duplicated())
    told = spoilt(ORDERS, rows, seed).unique().join(several.select(thing).unique(), on=thing, how="semi")
    assert told.join(several, on=[*thing, "known_on"], how="anti").is_empty()


def test_a_statement_comes_whole_in_ten_thousands(clean):
    key = ["enterprise_id", "period_start", "period_end", "filed_on"]
    frames = [spoilt(FINANCIAL_STATEMENTS, clean["financial_statements"], seed) for seed in range(8)]
    told = pl.concat(frames).join(clean["financial_statements"], on=key, suffix="_right")
    wrong = told.filter(pl.col("assets_fen") != pl.col("assets_fen_right"))
    assert wrong.height
    for column in a.STATEMENT:
        assert (wrong[column] == wrong[f"{column}_right"] // 10_000).fill_null(value=True).all()


def test_quantities_lose_their_point_and_bills_keep_theirs(clean):
    key = ["enterprise_id", "month", "kind"]
    frames = [spoilt(UTILITIES, clean["utilities"], seed) for seed in range(8)]
    told = pl.concat(frames).join(clean["utilities"], on=key, suffix="_right")
    wrong = told.filter(pl.col("usage") != pl.col("usage_right"))
    assert wrong.height == pytest.approx(a.WRONG_UNIT * told.height, rel=0.5)
    assert (wrong["usage"] == 100 * wrong["usage_right"]).all()
    assert (told["billed_fen"] == told["billed_fen_right"]).all()


def test_registers_come_as_they_are(clean):
    rows = clean["registry_changes"]
    assert_frame_equal(spoilt(REGISTRY_CHANGES, rows), rows)


def test_an_empty_table_stays_empty():
    assert spoilt(VAT_INVOICES, VAT_INVOICES.empty()).is_empty()


def test_the_same_luck_makes_the_same_mistakes(clean):
    rows = clean["vat_invoices"]
    assert_frame_equal(spoilt(VAT_INVOICES, rows, 3), spoilt(VAT_INVOICES, rows, 3))
