"""Panels of the credit report and of real estate: what is owed now, how it was paid, what stands beside it."""

import polars as pl

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
    kind = pl.col("kind").cast(pl.String)
    is_open = pl.col("closed_on").is_null() & (pl.col("balance_fen") > 0)
    is_off_balance = kind.is_in(OFF_BALANCE)
    return view.rows("loans").select(
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
    `months_ago` and `due_since` tell when it fell due, by complete months and to the day; `late_since` and `late_ago`
    the months, to the day, and the days since the last day it was unpaid; `late_until` is the `months_ago` of the
    newest month that it makes late.
    """
    unpaid_ago = view.days_ago("paid_on").fill_null(0)
    paid_day = pl.col("paid_on").dt.day().fill_null(view.as_of.day)
    began_another_month = (paid_day > pl.col("due_on").dt.day()).cast(pl.Int32)
    return view.rows("repayments").select(
        FIRM,
        "due_fen",
        unpaid=pl.col("paid_on").is_null(),
        months_ago=view.months_ago("due_on"),
        due_since=view.months_since("due_on"),
        late_days=(view.days_ago("due_on") - unpaid_ago).clip(lower_bound=0),
        late_ago=unpaid_ago,
        late_since=view.months_since("paid_on").fill_null(0),
        late_until=view.months_ago("paid_on").fill_null(THIS_MONTH) + 1 - began_another_month,
    )


@panel("repayments")
def late_months(view: View) -> pl.DataFrame:
    """One row a late calendar month of the last 24, the running one included (`months_ago` -1 to 22).

    An instalment makes late the month that it fell due in, and each later one whose same day passed without payment:
    three months of one instalment, or one month of three, count alike, as in the status codes 1, 2, 3 of a credit
    report.
    """
    late = view.panel(instalments).filter((pl.col("late_days") > 0) & (pl.col("late_until") <= OLDEST_STATUS))
    if late.is_empty():
        return late.select(FIRM, "months_ago")
    oldest = pl.col("months_ago").clip(upper_bound=OLDEST_STATUS)
    months = late.select(FIRM, months_ago=pl.int_ranges("late_until", oldest + 1, dtype=pl.Int32))
    return months.explode("months_ago").unique()


@panel("credit_reports")
def newest_report(view: View) -> pl.DataFrame:
    """The newest credit report of each firm, where it is not older than a year."""
    fresh = view.rows("credit_reports").filter(view.months_since("reported_on") < REPORT_HOLDS)
    if fresh.height <= 1:
        return fresh
    age = ["reported_on", "known_on", "report"]
    return fresh.sort(age, maintain_order=True).unique(FIRM, keep="last", maintain_order=True)


@panel("guarantees")
def sureties(view: View) -> pl.DataFrame:
    """One row a guarantee for another's debt: `stands` from its newest version until it is released or has ended."""
    ended = (pl.col("ends_on") < view.as_of).fill_null(value=False)
    return view.rows("guarantees").select(
        FIRM,
        "amount_fen",
        stands=pl.col("released_on").is_null() & ~ended,
        called=pl.col("called_on").is_not_null(),
    )


@panel("enquiries")
def loan_enquiries(view: View) -> pl.DataFrame:
    """One row an enquiry to approve a loan: `months_since` to the day."""
    rows = view.rows("enquiries")
    return rows.filter(pl.col("reason") == "loan_approval").select(FIRM, "lender", months_since=view.months_since("on"))


@panel("real_estate")
def land_titles(view: View) -> pl.DataFrame:
    """One row a title to real estate that is still held, by its newest version."""
    return (
        view.rows("real_estate")
        .filter(pl.col("sold_on").is_null())
        .select(
            FIRM,
            "appraised_fen",
            mortgaged=pl.col("mortgaged_on").is_not_null() & pl.col("mortgage_released_on").is_null(),
            seized=pl.col("seized_on").is_not_null() & pl.col("seizure_lifted_on").is_null(),
        )
    )
