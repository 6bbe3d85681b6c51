"""Rows over all tables: they keep their contracts, and depend on nothing but seed and number of the firm."""

import datetime as dt

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from features.profile import profiles
from features.sets import FEATURES
from simulation.rows import SHARES, code, row_chunks, rows
from sources.contracts import BANK_TRANSACTIONS, TABLES
from sources.validation import validate

UNTIL = dt.date(2026, 10, 31)


@pytest.fixture(scope="module")
def city():
    """Sixty firms with about as many rows as real ones have."""
    return rows(60, rows_each=1_500, seed=1, until=UNTIL)


@pytest.mark.parametrize("name", TABLES)
def test_every_row_keeps_its_contract(city, name):
    drawn = city.table(name)
    checked = validate(TABLES[name], drawn, today=UNTIL)
    assert checked.rejects.is_empty(), checked.rejects.head(3)
    assert drawn.height > 0


@pytest.mark.parametrize("until", [dt.date(2020, 3, 1), dt.date(2024, 2, 29), dt.date(2026, 12, 31)])
def test_contracts_are_kept_whatever_the_last_day(until):
    for name, drawn in rows(12, rows_each=400, seed=5, until=until).tables():
        assert validate(TABLES[name], drawn, today=until).rejects.is_empty(), name


@pytest.mark.parametrize("firms_each", [1, 7, 20])
def test_chunks_change_no_row(firms_each):
    whole = rows(20, rows_each=120, seed=3, until=UNTIL)
    chunks = list(row_chunks(20, rows_each=120, seed=3, until=UNTIL, firms_each=firms_each))
    for name, frame in whole.tables():
        assert_frame_equal(pl.concat([chunk.table(name) for chunk in chunks]), frame)
    assert pl.concat([chunk.enterprises for chunk in chunks]).equals(whole.enterprises)


def test_another_seed_draws_other_rows():
    one, other = (rows(5, rows_each=200, seed=seed, until=UNTIL) for seed in (1, 2))
    assert not one.vat_invoices.equals(other.vat_invoices)


def test_the_mean_number_of_rows_is_about_that_asked_for():
    drawn = sum(frame.height for _, frame in rows(2_000, rows_each=100, seed=1, until=UNTIL).tables())
    assert drawn / 2_000 == pytest.approx(100, rel=0.05)


def test_shares_make_a_whole():
    assert set(SHARES) == set(TABLES)
    assert sum(SHARES.values()) == pytest.approx(1)


def test_most_features_vary_and_none_is_infinite():
    """Firms with rows enough to reach back over the two years that growth needs."""
    city = rows(150, rows_each=4_000, seed=7, until=UNTIL)
    profile = profiles(city, tuple(FEATURES.values()), UNTIL).select(*FEATURES)
    varied = [name for name in FEATURES if profile[name].drop_nulls().n_unique() > 1]
    constant = sorted(set(FEATURES) - set(varied))
    assert len(varied) >= 0.95 * len(FEATURES), constant
    assert profile.select(pl.all().is_nan() | pl.all().is_infinite()).sum().sum_horizontal().item() == 0


def test_a_balance_runs_on_from_booking_to_booking(city):
    one = city.bank_transactions.filter(enterprise_id=city.enterprises[0], account="acct-0")
    signed = pl.when(pl.col("direction") == "in").then(pl.col("amount_fen")).otherwise(-pl.col("amount_fen"))
    booked = one.sort("booked_on", "sequence").with_columns(step=pl.col("balance_after_fen").diff(), signed=signed)
    assert booked[1:].select((pl.col("step") == pl.col("signed")).all()).item()
    assert one.select(pl.struct("booked_on", "sequence").is_unique().all()).item()
    assert one.columns == list(BANK_TRANSACTIONS.dtypes)


def test_codes_are_well_formed_and_sorted_by_number():
    codes = [code(number) for number in (0, 1, 999_999, 1_000_000, 9_999_999)]
    assert codes == sorted(codes)
    assert codes[0].startswith("Y1110000R0000000")


def test_no_firms_are_no_rows():
    nothing = rows(0, rows_each=100, seed=1, until=UNTIL)
    assert len(nothing.enterprises) == 0
    assert all(frame.is_empty() for _, frame in nothing.tables())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"enterprises": -1, "rows_each": 10}, "got firms 0 to -2"),
        ({"enterprises": 10, "rows_each": 10, "first": 9_999_995}, "expected some of 0 to 9999999"),
        ({"enterprises": 10, "rows_each": 0}, "rows_each: got 0"),
    ],
)
def test_a_number_out_of_range_is_told(arguments, message):
    with pytest.raises(ValueError, match=message):
        rows(**arguments, seed=1, until=UNTIL)
