"""Panels of tax data: filings, the months that VAT returns cover, grades, lines of returns, statements.

Amounts stay whole fen, so that sums do not depend on the order of rows. A period counts in a window by the month in
which it ends; `months_ago` 0 is the last complete month, 11 the oldest of the last twelve, -1 the month that `as_of` is
in. Newest versions only are left, so an amended return counts with the day of its amendment.
"""

import datetime as dt

import polars as pl

from features.arithmetic import YEAR
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
    due, paid_on, due_on = pl.col("due_fen"), pl.col("paid_on"), pl.col("due_on")
    filed_on, fee_on = pl.coalesce("first_filed_on", "filed_on"), pl.coalesce("paid_on", "filed_on")
    paid = pl.coalesce("paid_fen", due.clip(lower_bound=0))
    paid_since = pl.when(paid_on > pl.col("known_on")).then(pl.coalesce("paid_fen", "arrears_fen")).otherwise(0)
    is_short = pl.col("period_end") - pl.col("period_start") <= LONGEST_QUARTER
    ended = _in_months(view, pl.col("period_end"), months=2 * YEAR)
    paid_lately = _in_months(view, paid_on)
    return view.rows("tax_filings").select(
        FIRM,
        paid=pl.when(paid_lately).then(paid),
        paid_before=pl.when(_in_months(view, paid_on, newest=YEAR)).then(paid),
        paid_month=pl.when(paid_lately & (paid > 0)).then(paid_on.dt.month()),
        relief=pl.when(_in_months(view, filed_on) & is_short).then("reduced_fen"),
        relief_before=pl.when(_in_months(view, filed_on, newest=YEAR) & is_short).then("reduced_fen"),
        filed_first=filed_on < _month_start(view, 2 * YEAR - 2),
        filed_days_ago=view.days_ago("filed_on"),
        filing_delay=pl.when(ended).then((filed_on - due_on).dt.total_days().clip(lower_bound=0)),
        paid_late=ended & (due > 0) & (paid_on.fill_null(view.as_of) > due_on),
        arrears=(pl.col("arrears_fen") - paid_since).clip(lower_bound=0),
        late_fee=pl.when(_in_months(view, fee_on)).then("late_fee_fen"),
    )


def _month_start(view: View, months_ago: int) -> dt.date:
    """First day of the month so many complete months back; -1 = the month that `as_of` is in."""
    number = view.last_complete_month - months_ago
    return dt.date(number // YEAR, number % YEAR + 1, 1)


def _in_months(view: View, day: pl.Expr, *, newest: int = 0, months: int = YEAR) -> pl.Expr:
    """Whether a day lies in so many complete months, the newest of which is `newest` months back."""
    first, end = _month_start(view, newest + months - 1), _month_start(view, newest - 1)
    return day.is_between(first, end, closed="left")


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
    returns = _vat_periods(view)
    months = pl.concat([_grid(returns, view), _spread_over_months(returns)], how="diagonal")
    sales, end = pl.col("sales"), pl.col("end_ago")
    is_last = pl.col("months_ago") == end
    folded = months.group_by(FIRM, "months_ago").agg(
        newest=pl.col("newest").max(),
        end_ago=end.min(),
        returns=end.count(),
        told=sales.count(),
        not_zero=(sales != 0).sum(),
        declared_sales=pl.when(is_last).then(sales).sum(),
        vat_due=pl.when(is_last & sales.is_not_null()).then("due").sum(),
    )
    filed = pl.col("returns") > 0
    covered = filed & (pl.col("told") == pl.col("returns"))
    return folded.select(
        FIRM,
        "months_ago",
        "declared_sales",
        "vat_due",
        period_ago=pl.coalesce("end_ago", "months_ago") - pl.col("newest"),
        filed=filed,
        covered=covered,
        zero=covered & (pl.col("not_zero") == 0),
    )


def _vat_periods(view: View) -> pl.DataFrame:
    """One row a VAT return of a period that is over; what lies further back than the panel is put to its edge."""
    is_over = pl.col("period_end") < _month_start(view, -1)
    vat = view.rows("tax_filings").filter((pl.col("tax_type") == "vat") & is_over)
    return vat.select(
        FIRM,
        sales="taxable_sales_fen",
        due="due_fen",
        start_ago=view.months_ago("period_start").clip(upper_bound=LONGEST_HISTORY - 1),
        end_ago=view.months_ago("period_end").clip(upper_bound=LONGEST_HISTORY),
    )


def _grid(returns: pl.DataFrame, view: View) -> pl.DataFrame:
    """One row an enterprise and month since its first return; `newest` is the month at which windows start."""
    start, end = pl.col("start_ago"), pl.col("end_ago")
    newest_quarter_due = view.last_complete_month % QUARTER + 1
    is_quarterly = ((end == end.min()) & (start > end)).any()
    due = pl.when(is_quarterly).then(newest_quarter_due).otherwise(NEWEST_MONTH_DUE)
    firms = returns.group_by(FIRM).agg(
        months_ago=pl.int_range(0, start.max() + 1, dtype=pl.Int32),
        newest=pl.min_horizontal(end.min(), due).cast(pl.Int32),
    )
    return firms.explode("months_ago")


def _spread_over_months(returns: pl.DataFrame) -> pl.DataFrame:
    """One row a return and month of its period."""
    start, end = pl.col("start_ago"), pl.col("end_ago")
    months = pl.int_ranges(end, start + 1, dtype=pl.Int32)
    spread = returns.select(FIRM, "end_ago", "sales", "due", months_ago=months)
    return spread.explode("months_ago", empty_as_null=False)


@panel("tax_ratings")
def grades(view: View) -> pl.DataFrame:
    """One row a yearly tax-credit grade, newest year first: `level` with repairs so far, and days since publication."""
    rungs_below_best = pl.coalesce("grade_after_repair", "grade").to_physical().cast(pl.Int64)
    rated = view.rows("tax_ratings").select(
        FIRM,
        "year",
        level=BEST_LEVEL - rungs_below_best,
        published_days_ago=view.days_ago("published_on"),
    )
    return rated.sort(FIRM, "year", descending=[False, True])


@panel("vat_returns")
def general_returns(view: View) -> pl.DataFrame:
    """One row a return of a general taxpayer whose period ended in the last 12 complete months, newest first.

    `sales` are lines 1 + 5 + 7 + 8; returns that do not tell all four are left out. `output_tax` is null where
    `input_tax` is not told, and the other way round.
    """
    sales = pl.sum_horizontal(
        "rated_sales_fen", "simple_sales_fen", "export_sales_fen", "exempt_sales_fen", ignore_nulls=False
    )
    input_tax, output_tax = pl.col("input_tax_fen"), pl.col("output_tax_fen")
    recent = _in_months(view, pl.col("period_end")) & sales.is_not_null()
    order = [FIRM, "period_end", "period_start"]
    returns = view.rows("vat_returns").filter(recent).sort(order, descending=[False, True, True])
    return returns.select(
        FIRM,
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
    exempt = pl.col("exempt_sales_fen") + pl.col("export_exempt_sales_fen")
    special = pl.col("special_invoice_3_fen") + pl.col("special_invoice_5_fen")
    sales = pl.col("sales_3_fen") + pl.col("sales_5_fen") + pl.col("used_assets_sales_fen") + exempt
    recent = view.rows("vat_returns_small_scale").filter(_in_months(view, pl.col("period_end")))
    return recent.select(FIRM, sales=sales, exempt=exempt, special=special).drop_nulls()


@panel("financial_statements")
def statements(view: View) -> pl.DataFrame:
    """One row a statement whose period ended in the last 36 complete months or since, newest first.

    `month` numbers the month of the period's end, `months` is the length of the period in calendar months (of two with
    the same end the longer comes first), `recent` whether it ended in the last 24 complete months or since.
    """
    start, end = pl.col("period_start"), pl.col("period_end")
    month = end.dt.year().cast(pl.Int32) * YEAR + end.dt.month()
    known = view.rows("financial_statements").filter(end >= _month_start(view, LONGEST_HISTORY - 1))
    known = known.with_columns(
        month=month,
        months=month - start.dt.year().cast(pl.Int32) * YEAR - start.dt.month() + 1,
        recent=end >= _month_start(view, 2 * YEAR - 1),
    )
    order = [FIRM, "period_end", "months", "period_start"]
    return known.sort(order, descending=[False, True, True, True])


@panel("financial_statements")
def yearly_statement(view: View) -> pl.DataFrame:
    """The newest statement over twelve months, if it is recent; at most one row each."""
    of_a_year = pl.col("recent") & (pl.col("months") == YEAR)
    return view.panel(statements).filter(of_a_year).unique(FIRM, keep="first", maintain_order=True)


@panel("financial_statements")
def newest_statement(view: View) -> pl.DataFrame:
    """The newest statement over however many months, if it is recent; at most one row each."""
    return view.panel(statements).filter("recent").unique(FIRM, keep="first", maintain_order=True)
