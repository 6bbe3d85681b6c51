"""When the enterprise invoices: continuity, gaps, seasons, volatility, recency."""

import polars as pl

from features.arithmetic import PAIRS_IN_A_YEAR, ratio, spread, total
from features.definition import feature
from features.invoice.panels import days, months, periods, spans

SPRING_FESTIVAL_MONTHS = (1, 2)
"""The festival falls between 21 January and 20 February: silence in these months says nothing."""

outside_festival = ~pl.col("month").is_in(SPRING_FESTIVAL_MONTHS)


@feature(months, unit="months", risk="falls", group="CONTINUITY", window=12, zh="近12个月有销项开票的月数")
def active_months_12m() -> pl.Expr:
    """Months with a valid sales invoice among the last 12"""
    return (pl.col("issued_blue_n") > 0).filter("this_year").sum()


@feature(months, unit="share", risk="falls", group="CONTINUITY", window=36, zh="可观测月份中有销项开票的占比")
def active_months_share_36m() -> pl.Expr:
    """Share of observed months, at most 36, with a valid sales invoice"""
    return (pl.col("issued_blue_n") > 0).mean()


@feature(months, unit="months", risk="falls", group="CONTINUITY", window=12, zh="近12个月有进项发票的月数")
def purchase_months_12m() -> pl.Expr:
    """Months with a valid purchase invoice among the last 12"""
    return (pl.col("received_blue_n") > 0).filter("this_year").sum()


@feature(months, unit="months", risk="rises", group="CONTINUITY", window=12, zh="近12个月断票月数（不含1、2月）")
def silent_months_12m() -> pl.Expr:
    """Months without a valid sales invoice among the last 12, January and February not counted"""
    silent = ((pl.col("issued_blue_n") == 0) & outside_festival).filter("this_year").sum()
    return pl.when(pl.len() > 0).then(silent)


@feature(days, unit="days", risk="rises", group="CONTINUITY", window=12, zh="近12个月最长开票间隔天数")
def longest_gap_days_12m() -> pl.Expr:
    """Longest interval from a day with a valid sales invoice to the next one or the end, within the last 12 months"""
    return pl.col("gap_12m").max()


@feature(days, unit="days", risk="rises", group="CONTINUITY", window=None, zh="历史最长开票间隔天数")
def longest_gap_days_ever() -> pl.Expr:
    """Longest interval from a day with a valid sales invoice to the next one or the end, of all complete months"""
    return pl.col("gap").max()


@feature(days, unit="days", risk="falls", group="CONTINUITY", window=12, zh="近12个月有销项开票的天数")
def invoicing_days_12m() -> pl.Expr:
    """Days with a valid sales invoice in the last 12 months"""
    return (pl.col("n_12m") > 0).sum()


@feature(months, unit="ratio", risk="rises", group="VOLATILITY", window=12, zh="近12个月月销售额变异系数")
def sales_variation_12m() -> pl.Expr:
    """Coefficient of variation of monthly sales over the last 12 months"""
    return spread(pl.col("sales").filter("this_year"))


@feature(months, unit="ratio", risk="rises", group="VOLATILITY", window=36, zh="近36个月月销售额变异系数")
def sales_variation_36m() -> pl.Expr:
    """Coefficient of variation of monthly sales over the observed months of the last 36"""
    return spread(pl.col("sales"))


@feature(months, unit="ratio", risk="rises", group="VOLATILITY", window=12, zh="近12个月月采购额变异系数")
def purchases_variation_12m() -> pl.Expr:
    """Coefficient of variation of monthly purchases over the last 12 months"""
    return spread(pl.col("purchases").filter("this_year"))


@feature(periods, unit="share", risk="rises", group="VOLATILITY", window=25, zh="销售季节分布与上年的偏离")
def season_shift_24m() -> pl.Expr:
    """Share of sales that moved to other two-month periods than last year (January counts with February)"""
    now, then = (pl.col(name).cast(pl.Int128) for name in ("sales", "sales_before"))
    moved = (now * then.sum() - then * now.sum()).abs().sum()
    share = ratio(moved.cast(pl.Float64), 2.0 * now.sum().cast(pl.Float64) * then.sum().cast(pl.Float64))
    return pl.when(pl.col("months").sum() == 4 * PAIRS_IN_A_YEAR).then(share)


@feature(months, unit="share", risk="rises", group="VOLATILITY", window=12, zh="近12个月最高单月销售额占比")
def peak_month_share_12m() -> pl.Expr:
    """Share of the strongest month in the sales of the last 12 months"""
    positive = pl.col("sales").filter("this_year").clip(lower_bound=0)
    return ratio(positive.max(), positive.sum())


@feature(days, unit="share", risk="either", group="VOLATILITY", window=12, zh="近12个月单日最多开票张数占比")
def busiest_day_share_12m() -> pl.Expr:
    """Share of the busiest day in the number of valid sales invoices of the last 12 months"""
    return ratio(pl.col("n_12m").max(), total("n_12m"))


@feature(days, unit="share", risk="either", group="VOLATILITY", window=12, zh="近12个月周末开票占比")
def weekend_share_12m() -> pl.Expr:
    """Share of valid sales invoices of the last 12 months issued on a Saturday or Sunday"""
    return ratio(total("weekend_n_12m"), total("n_12m"))


@feature(spans, unit="days", risk="rises", group="RECENCY", window=0, zh="距最近一张销项发票天数")
def days_since_last_sale() -> pl.Expr:
    """Days since the newest valid sales invoice"""
    return pl.col("sale_ago").min()


@feature(spans, unit="days", risk="rises", group="RECENCY", window=0, zh="距最近一张进项发票天数")
def days_since_last_purchase() -> pl.Expr:
    """Days since the newest valid purchase invoice"""
    return pl.col("purchase_ago").min()
