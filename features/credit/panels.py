"""Panels of the credit report and of real estate: what is owed now, how it was paid, what stands beside it."""

import calendar
import datetime as dt
from functools import cache

import polars as pl

from features.arithmetic import YEAR
from features.columns import columns, once_a_day
from features.view import FIRM, View, panel

OFF_BALANCE = ("acceptance", "letter_of_credit")
"""What a bank promises to others for the enterprise: 担保交易 of the credit report, not 借贷交易."""

NO_BORROWING = (*OFF_BALANCE, "discount")
"""Kinds that a report counts neither as 短期借款 nor as 中长期借款."""

REPORT_HOLDS = 12
"""Months, to the day, for which a credit report tells of today."""

THIS_MONTH = -1
OLDEST_STATUS = 22
"""Months before the last complete one: with the running month, 24 calendar months of payment status."""


@panel("loans")
def loan_accounts(view: View) -> pl.DataFrame:
    """One row a loan, by its newest version; a loan is open until it is closed or paid down, written off or not.

    `balance` is what is owed on an open loan, 0 on others; `off_balance` the same of acceptances and letters of
    credit, which are never in `balance`. `days_left` to maturity is negative for a day past; `months_since` it was
    granted is to the day.
    """
    return view.rows("loans").select(_of_loans(view))


@once_a_day
def _of_loans(view: View) -> tuple[pl.Expr, ...]:
    kind = pl.col("kind")
    is_open = pl.col("closed_on").is_null() & (pl.col("balance_fen") > 0)
    is_off_balance = kind.is_in(OFF_BALANCE)
    return columns(
        FIRM,
        "lender",
        "lender_kind",
        "guarantee_mode",
        "five_class",
        "rate_bp",
        balance=pl.when(is_open & ~is_off_balance).then("balance_fen").otherwise(0),
        off_balance=pl.when(is_open & is_off_balance).then("balance_fen").otherwise(0),
        days_past_due=pl.when(is_open).then("days_past_due"),
        is_open=is_open,
        is_borrowing=~kind.is_in(NO_BORROWING),
        is_renewal=pl.col("renewal_of").is_not_null(),
        restructured=pl.col("restructured_on").is_not_null(),
        written_off=pl.col("written_off_on").is_not_null(),
        days_left=-view.days_ago("matures_on"),
        months_since=view.months_since("granted_on"),
    )


@panel("repayments")
def instalments(view: View) -> pl.DataFrame:
    """One row an instalment.

    `late_days` run from the due day to the day of payment, or to `as_of` while unpaid; 0 = in time, or not due yet.
    `late_ago` is the days since the last day it was unpaid; `unpaid_12m` and the like say whether it was unpaid in
    these months, to the day. `due_12m` tells whether it fell due in the last 12 months to the day, `in_year` whether
    in the last 12 complete months.
    """
    return view.rows("repayments").select(_of_instalments(view))


@once_a_day
def _of_instalments(view: View) -> tuple[pl.Expr, ...]:
    due_on, paid_on = pl.col("due_on"), pl.col("paid_on")
    unpaid, unpaid_until = paid_on.is_null(), paid_on.fill_null(view.as_of)
    first, end = view.month_start(YEAR - 1), view.month_start(THIS_MONTH)
    return columns(
        FIRM,
        "due_fen",
        "due_on",
        "paid_on",
        unpaid=unpaid,
        unpaid_12m=unpaid | (paid_on > _months_back(view, 12)),
        unpaid_24m=unpaid | (paid_on > _months_back(view, 24)),
        unpaid_60m=unpaid | (paid_on > _months_back(view, 60)),
        due_12m=(due_on > _months_back(view, 12)) & (due_on <= view.as_of),
        in_year=due_on.is_between(first, end, closed="left"),
        late_days=(unpaid_until - due_on).dt.total_days().clip(lower_bound=0),
        late_ago=(pl.lit(view.as_of) - unpaid_until).dt.total_days(),
    )


def _months_back(view: View, months: int) -> dt.date:
    """The day of which a month later and so on is `as_of`, or the last of its month where this is shorter."""
    start = view.month_start(months + THIS_MONTH)
    return start.replace(day=min(view.as_of.day, calendar.monthrange(start.year, start.month)[1]))


@panel("repayments")
def late_months(view: View) -> pl.DataFrame:
    """One row a late calendar month of the last 24, the running one included (`months_ago` -1 to 22).

    An instalment makes late the month that it fell due in, and each later one whose same day passed without payment:
    three months of one instalment, or one month of three, count alike, as in the status codes 1, 2, 3 of a credit
    report.
    """
    late = view.panel(instalments).filter(pl.col("late_days") > 0).select(FIRM, months_ago=_late_months(view))
    return late.explode("months_ago", empty_as_null=False).unique()


@once_a_day
def _late_months(view: View) -> pl.Expr:
    """The months, of the last 24, that a late instalment makes late."""
    paid_day = pl.col("paid_on").dt.day().fill_null(view.as_of.day)
    began_another_month = (paid_day > pl.col("due_on").dt.day()).cast(pl.Int32)
    newest = view.months_ago("paid_on").fill_null(THIS_MONTH) + 1 - began_another_month
    oldest = view.months_ago("due_on").clip(upper_bound=OLDEST_STATUS)
    return pl.int_ranges(newest, oldest + 1, dtype=pl.Int32)


@panel("credit_reports")
def newest_report(view: View) -> pl.DataFrame:
    """The newest credit report of each firm, where it is not older than a year."""
    fresh = view.rows("credit_reports").filter(pl.col("reported_on") > _months_back(view, REPORT_HOLDS))
    if fresh.height <= 1:
        return fresh
    by_age = fresh.sort("reported_on", "known_on", "report", maintain_order=True)
    return by_age.tail(1) if view.firms == 1 else by_age.unique(FIRM, keep="last", maintain_order=True)


@panel("guarantees")
def sureties(view: View) -> pl.DataFrame:
    """One row a guarantee for another's debt: `stands` from its newest version until it is released or has ended."""
    return view.rows("guarantees").select(_of_sureties(view))


@once_a_day
def _of_sureties(view: View) -> tuple[pl.Expr, ...]:
    ended = (pl.col("ends_on") < view.as_of).fill_null(value=False)
    return columns(
        FIRM,
        "amount_fen",
        stands=pl.col("released_on").is_null() & ~ended,
        called=pl.col("called_on").is_not_null(),
    )


@panel("enquiries")
def loan_enquiries(view: View) -> pl.DataFrame:
    """One row an enquiry to approve a loan: `months_since` to the day."""
    to_approve, columns_kept = _of_enquiries(view)
    return view.rows("enquiries").filter(to_approve).select(columns_kept)


@once_a_day
def _of_enquiries(view: View) -> tuple[pl.Expr, tuple[pl.Expr, ...]]:
    """Which enquiries are taken, and what of them."""
    return pl.col("reason") == "loan_approval", columns(FIRM, "lender", months_since=view.months_since("on"))


@panel("real_estate")
def land_titles(view: View) -> pl.DataFrame:
    """One row a title to real estate that is still held, by its newest version."""
    is_held, of_title = _of_titles()
    return view.rows("real_estate").filter(is_held).select(of_title)


@cache
def _of_titles() -> tuple[pl.Expr, tuple[pl.Expr, ...]]:
    """Which titles are taken, and what of them."""
    return pl.col("sold_on").is_null(), columns(
        FIRM,
        "appraised_fen",
        mortgaged=pl.col("mortgaged_on").is_not_null() & pl.col("mortgage_released_on").is_null(),
        seized=pl.col("seized_on").is_not_null() & pl.col("seizure_lifted_on").is_null(),
    )
