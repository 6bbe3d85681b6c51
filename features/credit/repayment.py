"""Instalments: what fell due, and how late it was paid.

An unpaid instalment is late up to `as_of`. Lateness belongs to the time in which it lasted: an instalment that fell due
before a window and was unpaid in it counts in it.
"""

import polars as pl

from features.arithmetic import ratio
from features.credit.panels import instalments, late_months
from features.definition import feature

late_days = pl.col("late_days")
late = late_days > 0
due_12m, in_year = pl.col("due_12m"), pl.col("in_year")
SERIOUSLY_LATE = 30
"""Days: more than one monthly instalment behind."""


def _worst(unpaid: str) -> pl.Expr:
    """Most days late of an instalment that was unpaid at some time in the newest months; 0 without a late one."""
    return pl.when(unpaid).then(late_days).max().fill_null(0)


@feature(instalments, unit="days", risk="rises", group="REPAYMENT", window=0, zh="当前最长逾期天数")
def days_past_due_now() -> pl.Expr:
    """Most days past due of an unpaid instalment; 0 without one"""
    return pl.when(pl.col("unpaid")).then(late_days).max().fill_null(0)


@feature(instalments, unit="days", risk="rises", group="REPAYMENT", window=12, zh="近12个月最长逾期天数")
def worst_days_past_due_12m() -> pl.Expr:
    """Most days late of an instalment that was late in the last 12 months, to the day"""
    return _worst("unpaid_12m")


@feature(instalments, unit="days", risk="rises", group="REPAYMENT", window=24, zh="近24个月最长逾期天数")
def worst_days_past_due_24m() -> pl.Expr:
    """Most days late of an instalment that was late in the last 24 months, to the day"""
    return _worst("unpaid_24m")


@feature(instalments, unit="days", risk="rises", group="REPAYMENT", window=60, zh="近60个月最长逾期天数")
def worst_days_past_due_60m() -> pl.Expr:
    """Most days late of an instalment that was late in the last 60 months, to the day"""
    return _worst("unpaid_60m")


@feature(instalments, unit="share", risk="rises", group="REPAYMENT", window=12, zh="近12个月到期期数中逾期占比")
def late_share_12m() -> pl.Expr:
    """Share late of the instalments that fell due in the last 12 months, to the day"""
    return ratio((due_12m & late).sum(), due_12m.sum())


@feature(instalments, unit="count", risk="rises", group="REPAYMENT", window=24, zh="近24个月逾期30天及以上期数")
def seriously_late_24m() -> pl.Expr:
    """Instalments at least 30 days late, unpaid at some time in the last 24 months, to the day"""
    return ((late_days >= SERIOUSLY_LATE) & pl.col("unpaid_24m")).sum()


@feature(instalments, unit="days", risk="falls", group="REPAYMENT", window=None, zh="距最近一次逾期天数")
def days_since_late() -> pl.Expr:
    """Days since an instalment was last unpaid past its due day; 0 = now"""
    return pl.when(late).then(pl.col("late_ago")).min()


@feature(instalments, unit="count", risk="either", group="REPAYMENT", window=12, zh="近12个月到期期数")
def instalments_due_12m() -> pl.Expr:
    """Instalments that fell due in the last 12 months"""
    return in_year.sum()


@feature(instalments, unit="fen", risk="either", group="DEBT", window=12, zh="近12个月到期应还金额")
def debt_service_12m() -> pl.Expr:
    """Instalments that fell due in the last 12 months, amount"""
    return pl.when(in_year).then("due_fen").sum()


@feature(late_months, unit="count", risk="rises", group="REPAYMENT", window=24, zh="近24个月逾期月数（累六）")
def late_months_24m() -> pl.Expr:
    """Late months of the last 24, the running one included"""
    return pl.len()


@feature(late_months, unit="months", risk="rises", group="REPAYMENT", window=24, zh="近24个月最长连续逾期月数（连三）")
def longest_late_run_24m() -> pl.Expr:
    """Most late months in a row of the last 24, the running one included"""
    run = pl.col("months_ago").sort() - pl.int_range(pl.len())
    return run.unique_counts().max().fill_null(0)
