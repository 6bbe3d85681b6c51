"""The frames of an invented city: contracts, seeds, labels."""

import datetime as dt

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from simulation.world import simulate
from sources.contracts import LABELS, REGISTRY, VAT_INVOICES
from sources.validation import validate

UNTIL = dt.date(2026, 10, 31)


@pytest.mark.parametrize("table", [REGISTRY, VAT_INVOICES, LABELS], ids=lambda table: table.name)
def test_every_row_keeps_its_contract(city, table):
    given = city.tables()[table.name]
    checked = validate(table, given, today=UNTIL)
    assert checked.rejects.is_empty()
    assert_frame_equal(checked.rows, given)


def test_the_shortest_and_smallest_city_keeps_the_contracts():
    smallest = simulate(enterprises=1, months=14, seed=0, until=dt.date(2024, 2, 29))
    for table in (REGISTRY, VAT_INVOICES, LABELS):
        assert validate(table, smallest.tables()[table.name], today=dt.date(2024, 2, 29)).rejects.is_empty()


def test_the_same_seed_gives_the_same_city():
    first, second = (simulate(enterprises=5, months=20, seed=3, until=UNTIL) for _ in range(2))
    for name, frame in first.tables().items():
        assert_frame_equal(frame, second.tables()[name])


def test_another_seed_gives_another_city(city):
    other = simulate(enterprises=120, months=36, seed=8, until=UNTIL)
    assert not other.vat_invoices.equals(city.vat_invoices)
    assert not other.labels["defaulted"].equals(city.labels["defaulted"])


def test_an_enterprise_does_not_depend_on_those_after_it(city):
    fewer = simulate(enterprises=17, months=36, seed=7, until=UNTIL)
    for name, frame in fewer.tables().items():
        ids = fewer.registry["enterprise_id"].unique()
        assert_frame_equal(frame, city.tables()[name].filter(pl.col("enterprise_id").is_in(ids.implode())))


def test_the_first_enterprise_is_the_one_that_examples_name(city):
    assert city.registry["enterprise_id"][0] == "Y1110108XP000001X5"


def test_each_enterprise_is_judged_at_most_once_a_year_before_the_last_day(city):
    assert city.labels["enterprise_id"].is_unique().all()
    assert city.labels["as_of"].unique().to_list() == [dt.date(2025, 10, 31)]
    assert city.labels["window"].unique().to_list() == ["next_12_months"]


def test_no_label_is_known_before_its_window_ends(city):
    ends = pl.col("as_of").dt.offset_by("12mo")
    assert city.labels.filter(pl.col("known_on") < ends).is_empty()
    leap = simulate(enterprises=3, months=24, seed=1, until=dt.date(2025, 2, 28))
    assert leap.labels.select("as_of", "known_on").row(0) == (dt.date(2024, 2, 29), dt.date(2025, 2, 28))


def test_a_closed_enterprise_is_cancelled_in_the_register_from_that_day_on(city):
    cancelled = city.registry.filter(status="cancelled")
    assert cancelled.height > 0
    blue_sales = city.vat_invoices.filter(pl.col("red_letter_of").is_null(), direction="issued")
    last_sale = blue_sales.group_by("enterprise_id").agg(pl.max("issued_on"))
    late = cancelled.join(last_sale, on="enterprise_id").filter(pl.col("issued_on") >= pl.col("known_on"))
    assert late.is_empty()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"enterprises": 0}, "enterprises: got 0"),
        ({"months": 13}, "months: got 13, expected at least 14"),
        ({"months": 200}, "months, until: got 200 months"),
        ({"seed": -1}, "seed: got -1"),
        ({"until": dt.date(2026, 10, 30)}, "until: got 2026-10-30, expected the last day of a month"),
        ({"until": dt.date(2028, 1, 31)}, "expected months within 2020-03-01 to 2027-12-31"),
    ],
)
def test_a_bad_value_is_named_with_what_was_expected(change, told):
    with pytest.raises(ValueError, match=told):
        simulate(**{"enterprises": 2, "months": 24, "seed": 1, "until": UNTIL, **change})
