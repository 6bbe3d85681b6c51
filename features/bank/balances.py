"""What stands on the accounts at the end of each day, the last balance carried forward."""

import polars as pl

from features.arithmetic import ratio
from features.bank.panels import firms
from features.definition import feature


def _mean(days: str, stood: str) -> pl.Expr:
    """Mean balance over the days counted in a column; null where there are none."""
    return ratio(_sum(stood), pl.col(days).sum())


def _sum(stood: str) -> pl.Expr:
    """Balance × days."""
    return pl.col(stood).sum().cast(pl.Float64)


def _days(some: str) -> pl.Expr:
    """Days of the last 12 months on which something holds of the balance; null where no balance is known."""
    return pl.when(pl.col("days_12m").sum() > 0).then(pl.col(some).sum())


@feature(firms, unit="fen", risk="falls", group="LIQUIDITY", window=3, zh="近3个月日均存款余额")
def balance_mean_3m() -> pl.Expr:
    """Mean end-of-day balance over the observed days of the last 3 months"""
    return _mean("days_3m", "stood_3m")


@feature(firms, unit="fen", risk="falls", group="LIQUIDITY", window=12, zh="近12个月日均存款余额")
def balance_mean_12m() -> pl.Expr:
    """Mean end-of-day balance over the observed days of the last 12 months"""
    return _mean("days_12m", "stood_12m")


@feature(firms, unit="fen", risk="falls", group="LIQUIDITY", window=12, zh="近12个月最低日终余额")
def balance_lowest_12m() -> pl.Expr:
    """Lowest end-of-day balance of the last 12 months"""
    return pl.when(pl.col("days_12m").sum() > 0).then(pl.col("lowest").min())


@feature(firms, unit="days", risk="rises", group="LIQUIDITY", window=12, zh="近12个月零余额天数（不高于1元）")
def zero_balance_days_12m() -> pl.Expr:
    """Days of the last 12 months that ended with 1 yuan or less on the accounts"""
    return _days("zero_days")


@feature(firms, unit="share", risk="rises", group="LIQUIDITY", window=12, zh="近12个月零余额天数占比（不高于1元）")
def zero_balance_share_12m() -> pl.Expr:
    """Share of the observed days of the last 12 months that ended with 1 yuan or less on the accounts"""
    return ratio(_days("zero_days"), pl.col("days_12m").sum())


@feature(firms, unit="days", risk="rises", group="LIQUIDITY", window=12, zh="近12个月透支天数")
def overdrawn_days_12m() -> pl.Expr:
    """Days of the last 12 months that ended with the accounts overdrawn"""
    return _days("overdrawn_days")


@feature(firms, unit="days", risk="falls", group="LIQUIDITY", window=12, zh="现金可支撑天数（日均余额÷日均流出）")
def cash_days_12m() -> pl.Expr:
    """Mean balance over mean daily effective outflow, on the days with a known balance of the last 12 months"""
    return ratio(_sum("stood_12m"), pl.col("outflow_known").sum())


@feature(firms, unit="ratio", risk="either", group="FLOW_QUALITY", window=12, zh="近12个月月末余额与日均余额之比")
def month_end_balance_ratio_12m() -> pl.Expr:
    """Mean balance at the ends of the last 12 months over the mean daily balance; well above 1 it was dressed up"""
    return ratio(_mean("month_ends_12m", "stood_month_ends"), _mean("days_12m", "stood_12m"))
