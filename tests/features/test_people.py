"""People and premises: the laws of every block, and the edges of the features worked out by hand.

Unless said otherwise all stand on 15 March 2026: the last complete month is February 2026, months ago 0.
"""

import datetime as dt

import block_laws
import pytest
from block_laws import of_first
from hypothesis import given, settings
from hypothesis import strategies as st
from references.people import reference
from samples import AS_OF, ENTERPRISES
from samples_people import STRATEGIES, later, month_back

from features.definition import Feature
from features.people import contributions, meters

FEATURES = [
    value for module in (contributions, meters) for value in vars(module).values() if isinstance(value, Feature)
]
DAYS = (AS_OF, dt.date(2026, 3, 1), dt.date(2025, 12, 31))
tables = st.fixed_dictionaries(STRATEGIES)


@given(tables)
def test_the_samples_keep_their_contracts(rows):
    block_laws.the_samples_keep_their_contracts(rows)


@given(tables)
def test_a_profile_is_the_same_alone_and_in_a_batch(rows):
    block_laws.alone_is_as_in_a_batch(rows, FEATURES)


@given(tables, tables)
def test_nothing_known_later_changes_a_profile(rows, more):
    block_laws.what_is_known_later_changes_nothing(rows, more, FEATURES)


@given(tables)
def test_neither_order_nor_unit_matters_and_every_value_is_finite(rows):
    block_laws.the_order_of_rows_is_nothing(rows, FEATURES)
    block_laws.money_has_no_unit(rows, FEATURES)
    block_laws.every_value_is_null_or_finite(rows, FEATURES)


@settings(max_examples=150)
@given(tables, st.sampled_from(DAYS))
def test_the_slow_reference_says_the_same(rows, as_of):
    block_laws.equals_the_reference(rows, FEATURES, reference, as_of)


def month_of(ago, people=10, **other):
    """Contributions of the month so many complete months ago, paid in full."""
    month = month_back(ago + 1)
    paid_on = later(month, 14)
    row = {"enterprise_id": ENTERPRISES[0], "month": month, "headcount": people, "base_fen": 5_000 * people}
    row |= {"due_fen": 1_000 * people, "declared_on": paid_on, "paid_on": paid_on, "paid_fen": 1_000 * people}
    return row | {"known_on": paid_on} | other


def power(ago, usage=100, **other):
    month = month_back(ago + 1)
    billed_on = later(month, 14)
    row = {"enterprise_id": ENTERPRISES[0], "month": month, "kind": "electricity", "usage": usage, "billed_fen": usage}
    return row | {"billed_on": billed_on, "paid_on": billed_on, "known_on": billed_on} | other


def seen_of(insured=(), fund=(), bills=()):
    fund_rows = [{**row, "rate_bp": None} for row in fund]
    tables = {"social_insurance": list(insured), "housing_fund": fund_rows, "utilities": list(bills)}
    return of_first(tables, FEATURES)


@pytest.mark.parametrize(("newest", "people"), [(0, 10), (2, 10), (3, 0)])
def test_the_headcount_is_that_of_the_newest_month_unless_it_is_too_old(newest, people):
    rows = [month_of(newest), month_of(newest + 1, 70)]
    assert seen_of(rows)["headcount"] == people


def test_the_running_month_is_not_yet_counted():
    seen = seen_of([month_of(-1, 99), month_of(0, 10)])
    assert (seen["headcount"], seen["insured_months_12m"]) == (10, 1)


def test_headcounts_a_year_apart():
    """Newest month known: January with 12; January of last year: 8; half as many again."""
    rows = [month_of(1, 12), month_of(13, 8), month_of(12, 90)]
    assert seen_of(rows)["headcount_growth_12m"] == 0.5
    assert seen_of(rows[:1])["headcount_growth_12m"] is None


def test_who_insures_nobody_any_more_has_lost_all():
    """Last month known: eleven months ago. What counts as now is December without a row; a year before it 8 people."""
    seen = seen_of([month_of(ago, 8) for ago in range(11, 24)])
    assert (seen["headcount"], seen["headcount_growth_12m"]) == (0, -1)
    assert seen["insured_months_12m"] == 3, "of the twelve that end with December: months ago 11, 12, 13"


def test_a_year_of_contributions_ends_with_the_newest_month_known():
    """February is not declared yet: the twelve months from January back to February 2025 are all there."""
    assert seen_of([month_of(ago) for ago in range(1, 13)])["insured_months_12m"] == 12
    assert seen_of([month_of(ago) for ago in range(13)])["insured_months_12m"] == 12


def test_a_month_with_nobody_insured_is_no_month_of_insurance():
    assert seen_of([month_of(0), month_of(1, 0)])["insured_months_12m"] == 1


def test_variation_by_hand():
    """8 and 12 people: mean 10, deviation 2."""
    seen = seen_of([month_of(0, 8), month_of(1, 12)])
    assert seen["headcount_variation_12m"] == pytest.approx(0.2, rel=1e-12)
    assert seen["headcount_from_peak_12m"] == 8 / 12


def test_arrears_are_what_is_due_and_open_after_a_whole_month():
    """February is in time; January was half paid, December not at all; a month of two years ago still counts."""
    rows = [
        month_of(0, paid_on=None, paid_fen=None), month_of(1, paid_fen=4_000), month_of(2, paid_on=None, paid_fen=None),
        month_of(3, paid_fen=None), month_of(4, paid_fen=12_000), month_of(25, paid_on=None, paid_fen=None),
    ]  # fmt: skip
    seen = seen_of(rows)
    assert seen["insurance_arrears"] == 6_000 + 10_000 + 10_000
    assert seen["insurance_unpaid_months_12m"] == 2


def test_a_payment_of_tomorrow_leaves_the_month_open():
    rows = [month_of(2, paid_on=AS_OF)]
    assert seen_of(rows)["insurance_arrears"] == 0
    assert seen_of([month_of(2, paid_on=later(AS_OF, 1))])["insurance_arrears"] == 10_000


def test_a_later_version_of_a_month_replaces_the_first():
    first, amended = month_of(0, 10), month_of(0, 15, known_on=AS_OF)
    assert seen_of([amended, first])["headcount"] == 15


def test_the_base_per_head_needs_the_whole_year_before():
    """4,000 a head this year, 5,000 last year; only eleven months of last year tell nothing."""
    now = [month_of(ago, base_fen=40_000) for ago in range(12)]
    then = [month_of(ago) for ago in range(12, 24)]
    assert seen_of([*now, *then])["base_per_head_ratio_12m"] == 0.8
    assert seen_of([*now, *then[:11]])["base_per_head_ratio_12m"] is None
    assert seen_of([*now, *then[:11], month_of(23, base_fen=None)])["base_per_head_ratio_12m"] is None


def test_the_fund_is_measured_against_insurance():
    seen = seen_of([month_of(0, 10)], fund=[month_of(1, 4)])
    assert (seen["fund_coverage"], seen["fund_headcount"], seen["fund_months_12m"]) == (0.4, 4, 1)
    assert seen_of([month_of(0, 10)])["fund_coverage"] == 0
    assert seen_of(fund=[month_of(0, 10)])["fund_coverage"] is None


def test_without_one_of_two_tables_their_ratio_is_unknown():
    alone = of_first({"social_insurance": [month_of(0)]}, FEATURES)
    assert (alone["headcount"], alone["fund_coverage"], alone["fund_headcount"]) == (10, None, None)


def test_electricity_against_the_same_months_of_last_year():
    """12 × 80 against 12 × 100; the bill for February is not there yet."""
    bills = [power(ago, 80) for ago in range(1, 13)] + [power(ago) for ago in range(13, 25)]
    assert seen_of(bills=bills)["electricity_growth_12m"] == pytest.approx(-0.2, rel=1e-12)
    assert seen_of(bills=bills[:-1])["electricity_growth_12m"] is None


def test_a_bill_that_tells_no_usage_leaves_the_growth_unknown():
    bills = [power(ago, None if ago == 5 else 80) for ago in range(24)]
    seen = seen_of(bills=bills)
    assert (seen["electricity_growth_12m"], seen["electricity_silent_months_12m"]) == (None, 0)


def test_silence_is_counted_from_the_first_bill():
    """First bill ten months ago, one month of zero use and one without a bill since."""
    bills = [power(ago, 0 if ago == 4 else 50) for ago in range(11) if ago != 7]
    assert seen_of(bills=bills)["electricity_silent_months_12m"] == 2
    assert seen_of(bills=[power(30)])["electricity_silent_months_12m"] == 12
    assert seen_of(bills=[power(0, kind="water")])["electricity_silent_months_12m"] is None


def test_water_counts_as_a_bill_but_not_as_electricity():
    seen = seen_of(bills=[power(0), power(0, kind="water"), power(1, kind="gas", usage=10**6)])
    assert (seen["utility_months_12m"], seen["electricity_variation_12m"]) == (2, 0)


def test_a_bill_is_late_after_thirty_days():
    """Billed on 15 January: 30 days are in time, 31 are late; the third is open, 59 days by now."""
    day = dt.date(2026, 1, 15)
    bills = [power(1, paid_on=later(day, 30)), power(1, kind="water", paid_on=later(day, 31))]
    seen = seen_of(bills=[*bills, power(1, kind="gas", paid_on=None)])
    assert (seen["late_utility_bills_12m"], seen["longest_utility_delay_12m"]) == (2, 59)
    seen = seen_of(bills=[power(12, paid_on=None)])
    assert (seen["late_utility_bills_12m"], seen["longest_utility_delay_12m"]) == (0, None)
