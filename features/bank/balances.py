"""What stands on the accounts at the end of each day, the last balance carried forward."""

import polars as pl

from features.arithmetic import ratio, total
from features.bank.panels import days
from features.definition import feature

ONE_YUAN = 100
"""Fen; at or below this an account is as good as empty."""

balance, stood = pl.col("balance"), pl.col("days_12m")


def _mean(weight: str) -> pl.Expr:
    """Mean balance over the days counted in a column; null where there are none."""
    return ratio(_sum(weight), pl.col(weight).sum())


def _sum(weight: str) -> pl.Expr:
    """Balance × days, a 128-bit whole number."""
    return (balance * pl.col(weight)).cast(pl.Int128).sum().cast(pl.Float64)


def _days(rows: pl.Expr) -> pl.Expr:
    """Days of the last 12 months on which something holds of the balance; null where no balance is known."""
    return pl.when(stood.sum() > 0).then(pl.when(rows).then(stood).otherwise(0).sum())


@feature(days, unit="fen", risk="falls", group="LIQUIDITY", window=3, zh="近3个月日均存款余额")
def balance_mean_3m() -> pl.Expr:
    """Mean end-of-day balance over the observed days of the last 3 months"""
    return _mean("days_3m")


@feature(days, unit="fen", risk="falls", group="LIQUIDITY", window=12, zh="近12个月日均存款余额")
def balance_mean_12m() -> pl.Expr:
    """Mean end-of-day balance over the observed days of the last 12 months"""
    return _mean("days_12m")


@feature(days, unit="fen", risk="falls", group="LIQUIDITY", window=12, zh="近12个月最低日终余额")
def balance_lowest_12m() -> pl.Expr:
    """Lowest end-of-day balance of the last 12 months"""
    return pl.when(stood > 0).then(balance).min()


@feature(days, unit="days", risk="rises", group="LIQUIDITY", window=12, zh="近12个月零余额天数（不高于1元）")
def zero_balance_days_12m() -> pl.Expr:
    """Days of the last 12 months that ended with 1 yuan or less on the accounts"""
    return _days(balance <= ONE_YUAN)


@feature(days, unit="share", risk="rises", group="LIQUIDITY", window=12, zh="近12个月零余额天数占比（不高于1元）")
def zero_balance_share_12m() -> pl.Expr:
    """Share of the observed days of the last 12 months that ended with 1 yuan or less on the accounts"""
    return ratio(_days(balance <= ONE_YUAN), stood.sum())


@feature(days, unit="days", risk="rises", group="LIQUIDITY", window=12, zh="近12个月透支天数")
def overdrawn_days_12m() -> pl.Expr:
    """Days of the last 12 months that ended with the accounts overdrawn"""
    return _days(balance < 0)


@feature(days, unit="days", risk="falls", group="LIQUIDITY", window=12, zh="现金可支撑天数（日均余额÷日均流出）")
def cash_days_12m() -> pl.Expr:
    """Mean balance over mean daily effective outflow, on the days with a known balance of the last 12 months"""
    return ratio(_sum("days_12m"), total("outflow", pl.col("in_year") & pl.col("known")))


@feature(days, unit="ratio", risk="either", group="FLOW_QUALITY", window=12, zh="近12个月月末余额与日均余额之比")
def month_end_balance_ratio_12m() -> pl.Expr:
    """Mean balance at the ends of the last 12 months over the mean daily balance; well above 1 it was dressed up"""
    at_month_ends = ratio(_sum("month_ends_12m"), pl.col("month_ends_12m").sum())
    return ratio(at_month_ends, _mean("days_12m"))
