"""Foreign trade as customs and the tax bureau know it, by complete months."""

import polars as pl

from features.arithmetic import growth, ratio
from features.definition import feature
from features.trade.panels import customs_months
from sources.contracts.columns import WHOLE_BP

exports = pl.col("this_year")
two_years = pl.col("earlier").any()
"""Whether the earlier year was seen in full."""

pending, month = pl.col("refund_pending"), pl.col("month")
newest_pending = month == pl.when(pending.is_not_null()).then(month).max()


@feature(customs_months, unit="fen", risk="falls", group="EXPORTS", window=12, zh="近12个月出口额")
def exports_12m() -> pl.Expr:
    """Exports of the last 12 months"""
    return exports.sum()


@feature(customs_months, unit="share", risk="falls", group="EXPORTS", window=24, zh="近12个月出口额同比增幅")
def exports_growth_12m() -> pl.Expr:
    """Growth of exports, last 12 months against the 12 before"""
    return growth(exports.sum(), pl.col("year_before").sum(), observed=two_years)


@feature(customs_months, unit="months", risk="falls", group="EXPORTS", window=12, zh="近12个月有出口的月数")
def export_months_12m() -> pl.Expr:
    """Months of the last 12 with exports"""
    return (exports > 0).sum()


@feature(
    customs_months,
    unit="share",
    risk="rises",
    group="EXPORTS",
    window=12,
    zh="近12个月第一大出口市场占比",
)
def largest_market_share_12m() -> pl.Expr:
    """Mean share of the month's largest market over the last 12 months, weighted by exports, where known"""
    return ratio(pl.col("in_largest").sum(), pl.col("told").sum() * WHOLE_BP)


@feature(customs_months, unit="count", risk="falls", group="EXPORTS", window=12, zh="近12个月单月最多出口市场数")
def markets_max_12m() -> pl.Expr:
    """Most countries exported to in one of the last 12 months; 0 without a month of trade"""
    return pl.when(pl.col("in_year").any()).then(pl.col("markets").max()).otherwise(0)


@feature(customs_months, unit="fen", risk="either", group="EXPORTS", window=12, zh="近12个月进口额")
def imports_12m() -> pl.Expr:
    """Imports of the last 12 months"""
    return pl.col("imports").sum()


@feature(customs_months, unit="fen", risk="either", group="EXPORTS", window=12, zh="应收出口退税余额")
def tax_refund_pending() -> pl.Expr:
    """Export tax refund still to come, at the end of the newest of the last 12 months that tells of it"""
    return pl.when(newest_pending).then(pending).sum()


@feature(customs_months, unit="fen", risk="either", group="EXPORTS", window=3, zh="近3个月关税与进口环节增值税")
def duty_3m() -> pl.Expr:
    """Customs duty and import VAT of the last 3 months"""
    return pl.col("duty").sum()
