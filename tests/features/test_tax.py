"""Tax: the laws of every block, and the edges of the features worked out by hand.

Unless said otherwise all stand on 15 March 2026: the last complete month is February 2026, monthly returns are due up
to January 2026 and quarterly ones up to the last quarter of 2025.
"""

import datetime as dt

import block_laws
import polars as pl
import pytest
from block_laws import of_first
from hypothesis import given, settings
from hypothesis import strategies as st
from references.tax import reference
from samples import AS_OF, ENTERPRISES
from samples_registry import records_of_tables
from samples_tax import STRATEGIES, period

from features.definition import Feature
from features.tax import declared, filings, grades, returns, statements
from features.tax.panels import filed_months
from features.view import View

FEATURES = [
    value
    for module in (declared, filings, grades, returns, statements)
    for value in vars(module).values()
    if isinstance(value, Feature)
]
DAYS = (AS_OF, dt.date(2026, 1, 31), dt.date(2026, 4, 10), dt.date(2025, 12, 1), dt.date(2024, 2, 29))
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


@settings(max_examples=100)
@given(tables, st.sampled_from(DAYS))
def test_the_slow_reference_says_the_same(rows, as_of):
    block_laws.equals_the_reference(rows, FEATURES, reference, as_of)


NOTHING = {name: [] for name in STRATEGIES}


def values(as_of=AS_OF, **rows):
    return of_first({**NOTHING, **rows}, FEATURES, as_of)


def test_of_empty_tables_sums_are_zero_and_shares_unknown():
    found = values()
    assert len(FEATURES) == len({one.name for one in FEATURES})
    assert (found["declared_sales_12m"], found["tax_paid_12m"], found["tax_arrears_now"]) == (0, 0, 0)
    assert found["missing_vat_months_24m"] is None, "no month was observed that could have been missed"
    assert (found["tax_grade_level"], found["low_tax_grade_years_5y"]) == (None, 0)
    assert (found["declared_vat_burden_12m"], found["statement_revenue"], found["statement_debt_share"]) == (
        None,
        None,
        None,
    )


def month(year, number):
    return 12 * year + number - 1


def filing(first_month, months=1, sales=100, **other):
    """A VAT return filed and paid ten days after its period."""
    row = {"enterprise_id": ENTERPRISES[0], "tax_type": "vat", **period(first_month, months)}
    filed_on = other.pop("filed_on", row["period_end"] + dt.timedelta(days=10))
    row |= {"taxable_sales_fen": sales, "due_fen": 3, "reduced_fen": 1, "due_on": row["period_end"]}
    row |= {"paid_on": filed_on, "paid_fen": 3, "arrears_fen": 0, "late_fee_fen": 0}
    row["due_on"] += dt.timedelta(days=15)
    return row | {"filed_on": filed_on, "known_on": filed_on} | other


def series(first, last, *, months=1, sales=100):
    """Returns from `first` to `last`, the months in which their periods begin; both (year, month)."""
    return [filing(number, months, sales) for number in range(month(*first), month(*last) + 1, months)]


@pytest.mark.parametrize("day", [dt.date(2026, 3, 1), AS_OF, dt.date(2026, 3, 31)])
def test_a_month_whose_return_may_still_come_is_neither_missing_nor_a_loss_of_sales(day):
    """February is filed on 10 March: twelve returns make the year before that day and after."""
    found = values(day, tax_filings=series((2023, 3), (2026, 2)))
    assert (found["missing_vat_months_24m"], found["declared_sales_12m"]) == (0, 1200)
    assert found["declared_sales_growth_12m"] == 0


@pytest.mark.parametrize("day", [dt.date(2026, 1, 5), dt.date(2026, 1, 15), AS_OF, dt.date(2026, 4, 9)])
def test_four_quarters_make_a_year_whatever_the_day(day):
    found = values(day, tax_filings=series((2023, 1), (2026, 1), months=3))
    assert (found["missing_vat_months_24m"], found["declared_sales_12m"]) == (0, 400)
    assert found["declared_sales_growth_12m"] == 0


def test_returns_that_did_not_come_are_missing_up_to_the_newest_that_was_due():
    """The last return is of October: November, December and January were due by 15 March, February was not."""
    found = values(tax_filings=series((2024, 1), (2025, 10)))
    assert (found["missing_vat_months_24m"], found["declared_sales_12m"]) == (3, 900)
    assert found["declared_sales_growth_12m"] is None, "a year that was not declared in full is no fall in sales"


def test_a_quarter_that_did_not_come_is_three_months():
    found = values(dt.date(2026, 5, 1), tax_filings=series((2024, 1), (2025, 10), months=3))
    assert found["missing_vat_months_24m"] == 3
    assert values(dt.date(2026, 4, 30), tax_filings=series((2024, 1), (2025, 10), months=3))[
        "missing_vat_months_24m"
    ] == 0  # fmt: skip


def test_months_before_the_first_return_are_not_missing():
    gap = [*series((2025, 6), (2025, 7)), *series((2025, 10), (2026, 1))]
    found = values(tax_filings=gap)
    assert (found["missing_vat_months_24m"], found["tax_history_months"]) == (2, 9)


def test_growth_waits_for_the_whole_year_before():
    """Twenty-four returns up to January 2026 begin in February 2024."""
    whole = series((2024, 2), (2025, 1)) + series((2025, 2), (2026, 1), sales=150)
    assert values(tax_filings=whole)["declared_sales_growth_12m"] == 0.5
    assert values(tax_filings=whole[1:])["declared_sales_growth_12m"] is None


def test_growth_is_not_said_of_a_year_with_thirteen_months():
    """The oldest return of the year before is over January and February 2024."""
    rows = [filing(month(2024, 1), 2), *series((2024, 3), (2026, 1))]
    assert values(tax_filings=rows)["declared_sales_growth_12m"] is None
    assert values(tax_filings=[*rows[:3], *rows[4:]])["declared_sales_growth_12m"] is None, "twelve of thirteen"


def test_growth_is_not_said_of_a_return_that_does_not_tell_its_sales():
    rows = series((2024, 2), (2026, 1))
    rows[5] = {**rows[5], "taxable_sales_fen": None}
    found = values(tax_filings=rows)
    assert (found["declared_sales_growth_12m"], found["missing_vat_months_24m"]) == (None, 0)


def test_a_quarterly_filer_that_turns_to_months_keeps_its_year():
    """Three quarters, then months from October on: of the year to December every month counts once."""
    rows = series((2024, 1), (2025, 7), months=3, sales=300) + series((2025, 10), (2025, 12))
    found = values(dt.date(2026, 1, 31), tax_filings=rows)
    assert (found["declared_sales_12m"], found["declared_sales_growth_12m"]) == (1200, 0)


def test_zero_filings_are_counted_by_sales_not_by_tax():
    """A small-scale payer that owes nothing on its sales files no zero."""
    exempt = [{**row, "due_fen": 0, "paid_on": None} for row in series((2025, 1), (2025, 7), months=3)]
    found = values(tax_filings=[*exempt, filing(month(2025, 10), 3, 0)])
    assert (found["zero_filing_months_12m"], found["longest_zero_filing_run_24m"]) == (3, 3)


def test_a_run_of_zeros_ends_with_a_month_of_sales_or_of_silence():
    """Zeros in March to May, none known in June, zeros in July and August."""
    zeros = series((2025, 3), (2025, 5), sales=0) + series((2025, 7), (2025, 8), sales=0)
    found = values(tax_filings=zeros + series((2025, 9), (2026, 1)))
    assert (found["zero_filing_months_12m"], found["longest_zero_filing_run_24m"]) == (5, 3)


def test_a_run_of_zeros_is_counted_within_two_years_only():
    """The oldest of 24 returns up to January 2026 is of February 2024: of four zeros two count."""
    rows = series((2023, 12), (2024, 3), sales=0) + series((2024, 4), (2026, 1))
    assert values(tax_filings=rows)["longest_zero_filing_run_24m"] == 2


def test_burden_and_relief_by_hand():
    """Twelve returns: 3 due on 100 each, 1 relieved of 4."""
    found = values(tax_filings=series((2025, 2), (2026, 2)))
    assert found["declared_vat_burden_12m"] == 36 / 1200
    assert found["tax_paid_12m"] == 36
    assert found["tax_relief_share_12m"] == 12 / 48
    assert found["tax_burden_12m"] == 36 / 1200
    assert found["tax_months_12m"] == 12


def test_tax_counts_in_the_month_of_its_payment():
    late = filing(month(2025, 1), paid_on=dt.date(2025, 3, 1), paid_fen=70)
    early = filing(month(2025, 1), tax_type="cit", paid_on=dt.date(2025, 2, 28), paid_fen=9)
    this_month = filing(month(2026, 1), paid_on=dt.date(2026, 3, 1), paid_fen=5)
    assert values(tax_filings=[late, early, this_month])["tax_paid_12m"] == 70


def test_a_payment_without_an_amount_is_of_what_was_due():
    assert values(tax_filings=[filing(month(2026, 1), paid_fen=None, due_fen=8)])["tax_paid_12m"] == 8


def test_tax_growth_adds_relief_back_but_not_that_of_a_yearly_settlement():
    """24 payments of 3; relief of 1 in the year before, and of 2 with a payment of 2 now: 48 against 48."""
    rows = [filing(number) for number in range(month(2024, 2), month(2025, 2))]
    rows += [filing(number, reduced_fen=2, paid_fen=2) for number in range(month(2025, 2), month(2026, 2))]
    settlement = filing(month(2024, 1), 12, tax_type="cit", paid_fen=0, reduced_fen=500)
    assert values(tax_filings=[*rows, settlement])["tax_growth_12m"] == 0
    assert values(tax_filings=rows[1:])["tax_growth_12m"] is None, "the first month of the two years was not seen"


def test_lateness_is_counted_from_the_deadline():
    on_time, late = filing(month(2025, 3)), filing(month(2025, 4), filed_on=dt.date(2025, 5, 25))
    untold = filing(month(2025, 5), due_on=None)
    old = filing(month(2024, 2), filed_on=dt.date(2024, 5, 25))
    found = values(tax_filings=[on_time, late, untold, old])
    assert (found["late_filings_share_24m"], found["longest_filing_delay_days_24m"]) == (0.5, 10)
    assert found["late_tax_payments_24m"] == 1


def test_an_amendment_after_the_deadline_is_no_late_filing():
    first = filing(month(2025, 4))
    amended = {**first, "filed_on": dt.date(2025, 9, 1), "known_on": dt.date(2025, 9, 1), "taxable_sales_fen": 150}
    assert values(tax_filings=[first, amended])["late_filings_share_24m"] == 0
    told = {**amended, "first_filed_on": first["filed_on"]}
    assert values(tax_filings=[told])["late_filings_share_24m"] == 0
    assert values(tax_filings=[amended])["late_filings_share_24m"] == 1, "nobody tells of an earlier version"


def test_tax_that_is_still_unpaid_after_the_deadline_is_late():
    unpaid = {"paid_on": None, "paid_fen": None}
    owing = filing(month(2026, 1), **unpaid)
    nothing_due = filing(month(2025, 12), due_fen=0, **unpaid)
    assert values(dt.date(2026, 2, 15), tax_filings=[owing, nothing_due])["late_tax_payments_24m"] == 0
    assert values(dt.date(2026, 2, 16), tax_filings=[owing, nothing_due])["late_tax_payments_24m"] == 1


def test_arrears_are_of_the_newest_version_of_each_return_less_what_was_paid_since():
    first = filing(month(2025, 3), arrears_fen=50, paid_on=None, paid_fen=None)
    second = {**first, "arrears_fen": 20, "known_on": dt.date(2025, 9, 1)}
    settled = filing(month(2025, 4), arrears_fen=70, paid_on=dt.date(2025, 12, 1), paid_fen=60)
    assert values(tax_filings=[first, second, settled])["tax_arrears_now"] == 20 + 10
    assert values(dt.date(2025, 11, 30), tax_filings=[first, second, settled])["tax_arrears_now"] == 20 + 70


def test_arrears_told_on_the_day_of_payment_are_what_was_left_after_it():
    row = filing(month(2025, 4), arrears_fen=70, paid_fen=60)
    assert row["paid_on"] == row["known_on"]
    assert values(tax_filings=[row])["tax_arrears_now"] == 70


def test_late_fees_count_by_the_day_of_payment():
    paid_late = filing(month(2024, 6), late_fee_fen=7, paid_on=dt.date(2025, 3, 1))
    long_ago = filing(month(2024, 7), late_fee_fen=9, paid_on=dt.date(2025, 2, 28))
    assert values(tax_filings=[paid_late, long_ago])["tax_late_fees_12m"] == 7


def test_days_since_the_newest_return_of_any_tax():
    rows = [filing(month(2025, 12)), filing(month(2025, 10), 3, tax_type="cit", filed_on=dt.date(2026, 1, 20))]
    assert values(tax_filings=rows)["days_since_tax_filing"] == 54


def months_of(*rows, as_of=AS_OF):
    view = View.of(records_of_tables({**NOTHING, "tax_filings": list(rows)}), as_of)
    return view.panel(filed_months).filter(pl.col("firm") == sorted(ENTERPRISES).index(ENTERPRISES[0]))


def test_filed_months_put_a_quarter_into_one_window_and_its_sales_into_its_last_month():
    """January to March 2025 ends 9 months before December: in the year; the quarter before it is not."""
    panel = months_of(*series((2024, 10), (2025, 10), months=3)).sort("months_ago")
    assert panel["months_ago"].to_list() == list(range(17))
    assert panel["period_ago"].to_list() == [-2, -1, 0, 0, 0, 3, 3, 3, 6, 6, 6, 9, 9, 9, 12, 12, 12]
    assert panel["declared_sales"].to_list()[2:] == [100, 0, 0] * 5
    assert panel["covered"].to_list() == [False, False, *[True] * 15]


def test_filed_months_without_a_return_stand_in_their_own_month():
    panel = months_of(filing(month(2025, 12)), filing(month(2025, 10), sales=None)).sort("months_ago")
    assert panel["period_ago"].to_list() == [-1, 0, 1, 2, 3]
    assert panel["filed"].to_list() == [False, False, True, False, True]
    assert panel["covered"].to_list() == [False, False, True, False, False]


def test_filed_months_reach_back_three_years():
    panel = months_of(filing(month(2022, 1), 12), filing(month(2026, 1)))
    assert sorted(panel["months_ago"]) == list(range(36))
    assert panel["declared_sales"].sum() == 100


def grade(year, grade, **other):
    published_on = dt.date(year + 1, 4, 20)
    row = {"enterprise_id": ENTERPRISES[0], "year": year, "grade": grade, "published_on": published_on}
    return row | {"repaired_on": None, "grade_after_repair": None, "known_on": published_on} | other


def test_a_grade_counts_as_repaired_from_the_day_of_repair():
    rows = [grade(2024, "D", repaired_on=AS_OF, grade_after_repair="B"), grade(2023, "M")]
    before, after = values(AS_OF - dt.timedelta(days=1), tax_ratings=rows), values(tax_ratings=rows)
    names = ("tax_grade_level", "tax_grade_change", "worst_tax_grade_3y", "low_tax_grade_years_5y")
    assert [before[name] for name in names] == [1, -2, 1, 1]
    assert [after[name] for name in names] == [4, 1, 3, 0]


def test_a_change_of_grade_is_against_the_year_before_only():
    assert values(tax_ratings=[grade(2024, "A"), grade(2022, "C")])["tax_grade_change"] is None


def test_the_worst_of_three_grades_leaves_out_the_fourth():
    rows = [grade(2021, "D"), grade(2022, "B"), grade(2023, "C"), grade(2024, "A")]
    found = values(tax_ratings=rows)
    assert (found["worst_tax_grade_3y"], found["low_tax_grade_years_5y"]) == (2, 2)
    assert found["days_since_tax_grade"] == 329


def test_a_grade_is_forgotten_five_years_after_its_publication():
    rows = [grade(2019, "D"), grade(2024, "A")]
    assert values(dt.date(2025, 4, 20), tax_ratings=rows)["low_tax_grade_years_5y"] == 1
    assert values(dt.date(2025, 4, 21), tax_ratings=rows)["low_tax_grade_years_5y"] == 0


def general(first_month, months=1, **lines):
    row = {"enterprise_id": ENTERPRISES[0], **period(first_month, months)}
    filed_on = row["period_end"] + dt.timedelta(days=10)
    row |= {"rated_sales_fen": 70, "simple_sales_fen": 5, "export_sales_fen": 20, "exempt_sales_fen": 5}
    row |= {"output_tax_fen": 10, "input_tax_fen": 8, "credit_carried_forward_fen": 0}
    return row | {"filed_on": filed_on, "known_on": filed_on} | lines


def test_shares_of_the_lines_of_a_return_by_hand():
    """200 of sales on two returns; the third is older than twelve months, the fourth does not tell its exports."""
    rows = [general(month(2026, 1), credit_carried_forward_fen=30), general(month(2025, 3), input_tax_fen=None)]
    rows += [general(month(2025, 2), export_sales_fen=999), general(month(2025, 9), export_sales_fen=None)]
    found = values(vat_returns=rows)
    assert found["export_sales_share_12m"] == 40 / 200
    assert (found["exempt_sales_share_12m"], found["simple_sales_share_12m"]) == (10 / 200, 10 / 200)
    assert found["retained_credit_ratio_12m"] == 30 / 200
    assert found["input_output_tax_ratio_12m"] == 8 / 10


def test_of_two_returns_to_the_same_day_the_one_that_began_later_tells_the_retained_credit():
    long, short = general(month(2025, 10), 3, credit_carried_forward_fen=8), general(month(2025, 12))
    for rows in ([long, short], [short, long]):
        assert values(vat_returns=rows)["retained_credit_ratio_12m"] == 0


def test_shares_of_a_small_scale_return_by_hand():
    """Sales of 60 + 10 + 5 + 15 + 10 = 100, of them 25 exempt and 20 on special invoices."""
    row = general(month(2025, 10), 3)
    row = {name: row[name] for name in ("enterprise_id", "period_start", "period_end", "filed_on", "known_on")}
    row |= {"sales_3_fen": 60, "special_invoice_3_fen": 18, "sales_5_fen": 10, "special_invoice_5_fen": 2}
    row |= {"used_assets_sales_fen": 5, "exempt_sales_fen": 15, "export_exempt_sales_fen": 10}
    found = values(vat_returns_small_scale=[row])
    assert (found["small_scale_exempt_share_12m"], found["small_scale_special_invoice_share_12m"]) == (0.25, 0.2)
    assert values(vat_returns_small_scale=[{**row, "export_exempt_sales_fen": None}])[
        "small_scale_exempt_share_12m"
    ] is None  # fmt: skip


def statement(year, months=12, revenue=1000, **other):
    row = {"enterprise_id": ENTERPRISES[0], **period(month(year, 1), months)}
    filed_on = row["period_end"] + dt.timedelta(days=20)
    return row | {"revenue_fen": revenue, "filed_on": filed_on, "known_on": filed_on} | other


def test_flows_are_of_the_newest_year_and_stocks_of_the_newest_statement():
    year = {"cost_fen": 730, "net_profit_fen": 50, "operating_profit_fen": 80, "interest_fen": 20, "assets_fen": 900}
    year |= {"receivables_fen": 100, "inventory_fen": 146, "rd_expense_fen": 40, "operating_cash_flow_fen": 90}
    newest = {"assets_fen": 800, "liabilities_fen": 600, "current_assets_fen": 300, "cash_fen": 50}
    newest["current_liabilities_fen"] = 200
    rows = [statement(2024, liabilities_fen=450, **year), statement(2025, 9, 800, **newest)]
    found = values(financial_statements=rows)
    assert (found["statement_revenue"], found["statement_assets"]) == (1000, 800)
    assert (found["statement_gross_margin"], found["statement_net_margin"]) == (0.27, 0.05)
    assert (found["statement_interest_cover"], found["statement_cash_flow_to_debt"]) == (5, 0.2)
    assert (found["statement_receivable_days"], found["statement_inventory_days"]) == (36.5, 73)
    assert (found["statement_rd_intensity"], found["statement_debt_share"]) == (0.04, 0.75)
    assert (found["statement_current_ratio"], found["statement_cash_ratio"]) == (1.5, 0.25)


def test_revenue_grows_against_the_same_months_of_the_year_before():
    """Nine months of 2025 against nine of 2024, not against the year nor against six months."""
    rows = [statement(2025, 9, 600), statement(2024, 12, 900), statement(2024, 9, 500), statement(2025, 6, 1)]
    assert values(financial_statements=rows)["statement_revenue_growth"] == 0.2
    assert values(financial_statements=rows[:2])["statement_revenue_growth"] is None


def test_the_growth_of_a_single_quarter_is_against_a_single_quarter():
    quarter = {**statement(2025, 9, 300), **period(month(2025, 7), 3)}
    before = {**statement(2024, 9, 200), **period(month(2024, 7), 3)}
    assert values(financial_statements=[quarter, before, statement(2024, 9, 500)])["statement_revenue_growth"] == 0.5


def test_a_statement_almost_24_months_old_is_still_compared_with_the_year_before():
    rows = [statement(2024, 3, 150), statement(2023, 3, 100)]
    assert values(financial_statements=rows)["statement_revenue_growth"] == 0.5


def test_a_statement_that_ended_more_than_24_months_ago_says_nothing():
    """On 15 March 2026 the oldest of 24 complete months is March 2024."""
    old = [statement(2024, 2, assets_fen=5), statement(2023)]
    found = values(financial_statements=old)
    assert (found["statement_revenue"], found["statement_assets"]) == (None, None)
    assert found["statement_revenue_growth"] is None
    assert values(financial_statements=[statement(2024, 3, assets_fen=5)])["statement_assets"] == 5
