"""Panels of tax data: filings, the months that VAT returns cover, grades, lines of returns, statements.

Amounts stay whole fen, so that sums do not depend on the order of rows. A period counts in a window by the month in
which it ends; `months_ago` 0 is the last complete month, 11 the oldest of the last twelve, -1 the month that `as_of` is
in. Newest versions only are left, so an amended return counts with the day of its amendment.
"""

import datetime as dt
from functools import cache

import polars as pl

from features.arithmetic import YEAR
from features.columns import columns, once_a_day
from features.definition import LONGEST_HISTORY
from features.view import FIRM, View, panel
from sources.contracts.tax import GRADES

QUARTER = 3
"""Months."""

LONGEST_QUARTER = dt.timedelta(days=91)
"""From its first day to its last."""

NEWEST_MONTH_DUE = 1
"""A monthly return is due in the month after its own: of the last complete month it may still be outstanding."""

BEST_LEVEL = len(GRADES)
"""A = 5, B = 4, M = 3, C = 2, D = 1: the contract names the grades from the best down."""

NO_RETURN, ZERO, SOLD, UNTOLD = -1, 0, 1, 2
"""What a return tells of the sales of a month; of several returns the highest counts."""

MOST_MONTHS = 64
"""More than the panel of filed months has of an enterprise."""


@panel("tax_filings")
def filings(view: View) -> pl.DataFrame:
    """One row a return of any tax, in its newest known version; each amount stands in the window that it counts in.

    `paid` is tax paid in the last 12 complete months, `paid_before` in the 12 before: what was paid, or where a day of
    payment comes without an amount, what was due; `paid_month` is the month (1 to 12) of a payment in the last 12.
    An amended return was filed when its first version was.
    `relief` and `relief_before` are of returns filed in these months, without returns of more than a quarter, for a
    yearly settlement repeats the relief of its quarters. `filing_delay` (days, 0 = in time) and `paid_late` (tax due
    was paid, or is still unpaid, after the deadline) are of periods that ended in the last 24 complete months; where no
    deadline is told they are null. `late_fee` counts in the last 12 by the day of payment, or else of filing. `arrears`
    is the balance told with the row, less what was paid since. `filed_first` is whether it was filed before the second
    of the last 24 months: if any was, these months were seen in full.
    """
    return view.rows("tax_filings").select(_of_filings(view))


@once_a_day
def _of_filings(view: View) -> tuple[pl.Expr, ...]:
    due, paid_on, due_on = pl.col("due_fen"), pl.col("paid_on"), pl.col("due_on")
    filed_on, fee_on = pl.coalesce("first_filed_on", "filed_on"), pl.coalesce("paid_on", "filed_on")
    paid = pl.coalesce("paid_fen", due.clip(lower_bound=0))
    paid_since = pl.when(paid_on > pl.col("known_on")).then(pl.coalesce("paid_fen", "arrears_fen")).otherwise(0)
    is_short = pl.col("period_end") - pl.col("period_start") <= LONGEST_QUARTER
    ended = view.in_months(pl.col("period_end"), months=2 * YEAR)
    paid_lately = view.in_months(paid_on)
    return columns(
        FIRM,
        paid=pl.when(paid_lately).then(paid),
        paid_before=pl.when(view.in_months(paid_on, newest=YEAR)).then(paid),
        paid_month=pl.when(paid_lately & (paid > 0)).then(paid_on.dt.month()),
        relief=pl.when(view.in_months(filed_on) & is_short).then("reduced_fen"),
        relief_before=pl.when(view.in_months(filed_on, newest=YEAR) & is_short).then("reduced_fen"),
        filed_first=filed_on < view.month_start(2 * YEAR - 2),
        filed_days_ago=view.days_ago("filed_on"),
        filing_delay=pl.when(ended).then((filed_on - due_on).dt.total_days().clip(lower_bound=0)),
        paid_late=ended & (due > 0) & (paid_on.fill_null(view.as_of) > due_on),
        arrears=(pl.col("arrears_fen") - paid_since).clip(lower_bound=0),
        late_fee=pl.when(view.in_months(fee_on)).then("late_fee_fen"),
    )


@panel("tax_filings")
def filed_months(view: View) -> pl.DataFrame:
    """One row an enterprise and complete month, without holes, from the first VAT period known, at most 36.

    A return of a quarter fills three rows, a return of a month one. Columns:

    - `months_ago`: of the month itself, 0 = the last complete month.
    - `period_ago`: to be used for windows. Months from the end of the return's period back to the newest period that
      is filed or had to be: 0 to 11 is one year of returns. So a quarter lies in a window with all of its months or
      with none, four quarters or twelve months make a year on whatever day one looks, and months whose deadline has
      not passed lie in no window (they are negative). It starts at the newest return known, or where that is older at
      the newest return due; due are monthly returns up to the month before the last complete one, and quarterly ones
      (if the newest return known spans several months) up to the newest quarter that ended before the last complete
      month.
    - `filed`: a known return covers the month.
    - `covered`: the same, and each such return tells its sales. To compare sales with those of another source, take
      the rows that are covered and in the window, and the same `months_ago` of the other source.
    - `zero`: covered, by returns with sales of 0.
    - `declared_sales`: VAT sales, in the last month of their period, so 0 in the first two months of a quarter.
    - `vat_due`: tax due, of the returns that tell their sales; placed like sales.

    Where returns overlap (a month within a filed quarter) their amounts add up, and the month lies in the window of the
    newer return.
    """
    is_over, of_period = _of_vat_periods(view)
    returns = view.rows("tax_filings").filter(is_over).select(of_period)
    spans = pl.concat([returns, _histories(returns, view)], how="diagonal").with_columns(_months_covered())
    key, folds = _of_month()
    months = spans.explode("months_ago", empty_as_null=False).group_by(key).agg(folds)
    return months.select(_of_filed_month())


@once_a_day
def _of_vat_periods(view: View) -> tuple[pl.Expr, tuple[pl.Expr, ...]]:
    """Whether a return is a VAT return of a period that is over, and what is taken of it.

    What lies further back than the panel is put to its edge. `state` is what it tells of its sales; `due` is null where
    that is nothing.
    """
    sales = pl.col("taxable_sales_fen")
    is_over = (pl.col("tax_type") == "vat") & (pl.col("period_end") < view.month_start(-1))
    return is_over, columns(
        FIRM,
        sales=sales,
        due=pl.when(sales.is_not_null()).then("due_fen"),
        state=(sales != ZERO).cast(pl.Int8).fill_null(UNTOLD),
        start_ago=view.months_ago("period_start").clip(upper_bound=LONGEST_HISTORY - 1),
        end_ago=view.months_ago("period_end").clip(upper_bound=LONGEST_HISTORY),
    )


def _histories(returns: pl.DataFrame, view: View) -> pl.DataFrame:
    """One row an enterprise: its months since its first return; `newest` is the month at which windows start."""
    if view.firms == 1:
        return returns.select(pl.col(FIRM).first(), *_of_history(view)).head(returns.height)
    return returns.group_by(FIRM).agg(_of_history(view))


@once_a_day
def _of_history(view: View) -> tuple[pl.Expr, ...]:
    start, end = pl.col("start_ago"), pl.col("end_ago")
    newest_quarter_due = view.last_complete_month % QUARTER + 1
    is_quarterly = ((end == end.min()) & (start > end)).any()
    due = pl.when(is_quarterly).then(newest_quarter_due).otherwise(NEWEST_MONTH_DUE)
    newest = pl.min_horizontal(end.min(), due).cast(pl.Int32)
    return columns(start_ago=start.max(), newest=newest, state=pl.lit(NO_RETURN, pl.Int8))


@cache
def _months_covered() -> pl.Expr:
    """The months of a return's period, or of an enterprise's history."""
    months = pl.int_ranges(pl.col("end_ago").fill_null(0), pl.col("start_ago") + 1, dtype=pl.Int32)
    return months.alias("months_ago")


@cache
def _of_month() -> tuple[pl.Expr, tuple[pl.Expr, ...]]:
    """The key of an enterprise's month, and what is made of the returns that cover it."""
    is_last = pl.col("months_ago") == pl.col("end_ago")
    key = pl.col(FIRM).cast(pl.Int64) * MOST_MONTHS + pl.col("months_ago")
    return key.alias("key"), (
        pl.col(FIRM, "months_ago").first(),
        pl.col("newest", "state").max(),
        pl.col("end_ago").min(),
        pl.when(is_last).then("sales").sum().alias("declared_sales"),
        pl.when(is_last).then("due").sum().alias("vat_due"),
    )


@cache
def _of_filed_month() -> tuple[pl.Expr, ...]:
    state = pl.col("state")
    return columns(
        FIRM,
        "months_ago",
        "declared_sales",
        "vat_due",
        period_ago=pl.coalesce("end_ago", "months_ago") - pl.col("newest"),
        filed=state != NO_RETURN,
        covered=state.is_between(ZERO, SOLD),
        zero=state == ZERO,
    )


@panel("tax_ratings")
def grades(view: View) -> pl.DataFrame:
    """One row a yearly tax-credit grade, newest year first: `level` with repairs so far, and days since publication."""
    return view.rows("tax_ratings").select(_of_grades(view)).sort("year", descending=True)


@once_a_day
def _of_grades(view: View) -> tuple[pl.Expr, ...]:
    rungs_below_best = pl.coalesce("grade_after_repair", "grade").to_physical().cast(pl.Int64)
    return columns(FIRM, "year", level=BEST_LEVEL - rungs_below_best, published_days_ago=view.days_ago("published_on"))


@panel("vat_returns")
def general_returns(view: View) -> pl.DataFrame:
    """One row a return of a general taxpayer whose period ended in the last 12 complete months, newest first.

    `sales` are lines 1 + 5 + 7 + 8; returns that do not tell all four are left out. `output_tax` is null where
    `input_tax` is not told, and the other way round.
    """
    recent, of_lines = _of_general_lines(view)
    returns = view.rows("vat_returns").filter(recent).select(of_lines)
    return returns.sort("period_end", "period_start", descending=True)


@once_a_day
def _of_general_lines(view: View) -> tuple[pl.Expr, tuple[pl.Expr, ...]]:
    """Which returns are taken, and what of them."""
    sales = pl.sum_horizontal(
        "rated_sales_fen", "simple_sales_fen", "export_sales_fen", "exempt_sales_fen", ignore_nulls=False
    )
    input_tax, output_tax = pl.col("input_tax_fen"), pl.col("output_tax_fen")
    return view.in_months(pl.col("period_end")) & sales.is_not_null(), columns(
        FIRM,
        "period_end",
        "period_start",
        sales=sales,
        simple="simple_sales_fen",
        export="export_sales_fen",
        exempt="exempt_sales_fen",
        input_tax=pl.when(output_tax.is_not_null()).then(input_tax),
        output_tax=pl.when(input_tax.is_not_null()).then(output_tax),
        retained_credit="credit_carried_forward_fen",
    )


@panel("vat_returns_small_scale")
def small_scale_returns(view: View) -> pl.DataFrame:
    """One row a return of a small-scale taxpayer whose period ended in the last 12 complete months.

    `sales` are lines 1 + 4 + 7 + 9 + 13, `exempt` lines 9 + 13, `special` lines 2 + 5; returns that do not tell all of
    these lines are left out.
    """
    recent, of_lines = _of_small_scale_lines(view)
    return view.rows("vat_returns_small_scale").filter(recent).select(of_lines).drop_nulls()


@once_a_day
def _of_small_scale_lines(view: View) -> tuple[pl.Expr, tuple[pl.Expr, ...]]:
    """Which returns are taken, and what of them."""
    exempt = pl.col("exempt_sales_fen") + pl.col("export_exempt_sales_fen")
    special = pl.col("special_invoice_3_fen") + pl.col("special_invoice_5_fen")
    sales = pl.col("sales_3_fen") + pl.col("sales_5_fen") + pl.col("used_assets_sales_fen") + exempt
    return view.in_months(pl.col("period_end")), columns(FIRM, sales=sales, exempt=exempt, special=special)


@panel("financial_statements")
def statements(view: View) -> pl.DataFrame:
    """One row a statement whose period ended in the last 36 complete months or since, newest first.

    `month` numbers the month of the period's end, `months` is the length of the period in calendar months (of two with
    the same end the longer comes first), `recent` whether it ended in the last 24 complete months or since.
    """
    is_known, derived = _of_statements(view)
    known = view.rows("financial_statements").filter(is_known).with_columns(derived)
    return known.sort("period_end", "months", "period_start", descending=True)


@once_a_day
def _of_statements(view: View) -> tuple[pl.Expr, tuple[pl.Expr, ...]]:
    """Which statements are taken, and what is derived of them."""
    start, end = pl.col("period_start"), pl.col("period_end")
    month = end.dt.year().cast(pl.Int32) * YEAR + end.dt.month()
    months = month - start.dt.year().cast(pl.Int32) * YEAR - start.dt.month() + 1
    recent = end >= view.month_start(2 * YEAR - 1)
    return end >= view.month_start(LONGEST_HISTORY - 1), columns(month=month, months=months, recent=recent)


@panel("financial_statements")
def yearly_statement(view: View) -> pl.DataFrame:
    """The newest statement over twelve months, if it is recent; at most one row each."""
    of_a_year = pl.col("recent") & (pl.col("months") == YEAR)
    return _first_each(view.panel(statements).filter(of_a_year), view)


@panel("financial_statements")
def newest_statement(view: View) -> pl.DataFrame:
    """The newest statement over however many months, if it is recent; at most one row each."""
    return _first_each(view.panel(statements).filter("recent"), view)


def _first_each(rows: pl.DataFrame, view: View) -> pl.DataFrame:
    """The first row of each enterprise."""
    return rows.head(1) if view.firms == 1 else rows.unique(FIRM, keep="first", maintain_order=True)
