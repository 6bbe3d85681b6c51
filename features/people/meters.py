"""Electricity, water and gas: whether the place is at work, and whether its bills are paid."""

import polars as pl

from features.arithmetic import YEAR, growth
from features.definition import feature
from features.people.panels import DAYS_TO_PAY, bills, variation


@feature(bills, unit="share", risk="falls", group="UTILITIES", window=26, zh="近12个月用电量同比增幅")
def electricity_growth_12m() -> pl.Expr:
    """Growth of electricity used, last 12 months against the same months of last year"""
    now, then = pl.col("power_now"), pl.when("then").then("usage")
    is_known = (then.count() == YEAR) & (now.count() == pl.col("now").sum())
    return growth(now.sum(), then.sum(), observed=is_known)


@feature(bills, unit="ratio", risk="rises", group="UTILITIES", window=14, zh="近12个月用电量变异系数")
def electricity_variation_12m() -> pl.Expr:
    """Coefficient of variation of monthly electricity over the last 12 months"""
    return variation("power_now")


@feature(bills, unit="months", risk="rises", group="UTILITIES", window=None, zh="近12个月未用电月数")
def electricity_silent_months_12m() -> pl.Expr:
    """Months without electricity among the last 12, counted from the first bill known"""
    since_first = pl.col("power_step").max() + 1
    in_use = pl.col("now").sum().cast(pl.Int32) - (pl.col("power_now") == 0).sum().cast(pl.Int32)
    silent = pl.min_horizontal(since_first, YEAR) - in_use
    return pl.when(since_first > 0).then(silent)


@feature(bills, unit="months", risk="falls", group="UTILITIES", window=14, zh="近12个月有水电气账单的月数")
def utility_months_12m() -> pl.Expr:
    """Months with a utility bill among the last 12"""
    return pl.col("month_bit").bitwise_or().bitwise_count_ones().fill_null(0)


@feature(bills, unit="count", risk="rises", group="UTILITIES", window=12, zh="近12个月逾期30天以上的水电气账单数")
def late_utility_bills_12m() -> pl.Expr:
    """Utility bills of the last 12 months paid more than 30 days after billing or open for as long"""
    return (pl.col("delay") > DAYS_TO_PAY).sum()


@feature(bills, unit="days", risk="rises", group="UTILITIES", window=12, zh="近12个月水电气账单最长缴款天数")
def longest_utility_delay_12m() -> pl.Expr:
    """Longest time from a utility bill of the last 12 months to its payment, open bills counted to the day"""
    return pl.col("delay").max()
