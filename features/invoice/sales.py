"""How much is sold and bought, and where it is heading."""

import polars as pl

from features.arithmetic import PAIRS_IN_A_YEAR, before, growth, last, months_reach, ratio, total
from features.definition import feature
from features.invoice.panels import amounts, months

MONTHS_OF_A_PAIR = 2

this_year, year_before = pl.col("this_year"), pl.col("year_before")


@feature(months, unit="fen", risk="falls", group="SALES_LEVEL", window=12, zh="近12个月销售额（不含税）")
def sales_12m() -> pl.Expr:
    """Sales of the last 12 months, net of VAT"""
    return total("sales", this_year)


@feature(months, unit="fen", risk="falls", group="SALES_LEVEL", window=3, zh="近3个月销售额（不含税）")
def sales_3m() -> pl.Expr:
    """Sales of the last 3 months, net of VAT"""
    return total("sales", last(3))


@feature(months, unit="fen", risk="falls", group="SALES_LEVEL", window=36, zh="近36个月月均销售额")
def sales_monthly_36m() -> pl.Expr:
    """Mean monthly sales over the observed months of the last 36"""
    return ratio(total("sales"), pl.len())


@feature(months, unit="fen", risk="either", group="SALES_LEVEL", window=12, zh="近12个月采购额（不含税）")
def purchases_12m() -> pl.Expr:
    """Purchases of the last 12 months, net of VAT"""
    return total("purchases", this_year)


@feature(months, unit="fen", risk="either", group="SALES_LEVEL", window=36, zh="近36个月月均采购额")
def purchases_monthly_36m() -> pl.Expr:
    """Mean monthly purchases over the observed months of the last 36"""
    return ratio(total("purchases"), pl.len())


@feature(months, unit="count", risk="falls", group="SALES_LEVEL", window=12, zh="近12个月有效销项发票张数")
def invoices_issued_12m() -> pl.Expr:
    """Valid sales invoices of the last 12 months, red letters not counted"""
    return total("issued_blue_n", this_year)


@feature(months, unit="count", risk="falls", group="SALES_LEVEL", window=12, zh="近12个月有效进项发票张数")
def invoices_received_12m() -> pl.Expr:
    """Valid purchase invoices of the last 12 months, red letters not counted"""
    return total("received_blue_n", this_year)


@feature(amounts, unit="fen", risk="either", group="SALES_LEVEL", window=12, zh="近12个月销项发票金额中位数")
def invoice_median_12m() -> pl.Expr:
    """Median net amount of a valid blue sales invoice of the last 12 months"""
    return pl.col("net_fen").median()


@feature(months, unit="share", risk="falls", group="SALES_TREND", window=24, zh="近12个月销售额同比增幅")
def sales_growth_12m() -> pl.Expr:
    """Growth of sales, last 12 months against the 12 before"""
    return growth(total("sales", this_year), total("sales", year_before), observed=months_reach(24))


@feature(months, unit="share", risk="falls", group="SALES_TREND", window=19, zh="最近三个完整双月销售额同比增幅")
def sales_growth_6m_yoy() -> pl.Expr:
    """Growth of sales, newest three complete two-month periods against the same of last year"""
    pair_ago = pl.col("pair_ago")
    now, then = pair_ago.is_between(0, 2), pair_ago.is_between(PAIRS_IN_A_YEAR, PAIRS_IN_A_YEAR + 2)
    return growth(total("sales", now), total("sales", then), observed=then.sum() == PAIRS_IN_A_YEAR)


@feature(months, unit="share", risk="falls", group="SALES_TREND", window=15, zh="最近完整双月销售额同比增幅")
def sales_growth_2m_yoy() -> pl.Expr:
    """Growth of sales, newest complete two-month period (January counts with February) against the same of last year"""
    pair_ago = pl.col("pair_ago")
    then = pair_ago == PAIRS_IN_A_YEAR
    return growth(total("sales", pair_ago == 0), total("sales", then), observed=then.sum() == MONTHS_OF_A_PAIR)


@feature(months, unit="share", risk="either", group="SALES_TREND", window=12, zh="近6个月销售额较前6个月增幅")
def sales_growth_6m() -> pl.Expr:
    """Growth of sales, last 6 months against the 6 before, seasons included"""
    return growth(total("sales", last(6)), total("sales", before(6)), observed=months_reach(12))


@feature(months, unit="share", risk="falls", group="SALES_TREND", window=24, zh="近12个月采购额同比增幅")
def purchases_growth_12m() -> pl.Expr:
    """Growth of purchases, last 12 months against the 12 before"""
    return growth(total("purchases", this_year), total("purchases", year_before), observed=months_reach(24))


@feature(months, unit="share", risk="falls", group="SALES_TREND", window=24, zh="近12个月销项发票张数同比增幅")
def invoices_growth_12m() -> pl.Expr:
    """Growth of the number of valid sales invoices, last 12 months against the 12 before"""
    return growth(total("issued_blue_n", this_year), total("issued_blue_n", year_before), observed=months_reach(24))


@feature(
    months,
    unit="share",
    risk="either",
    group="SALES_TREND",
    window=12,
    zh="近12个月月销售额趋势（每月变动占月均比例）",
)
def sales_trend_12m() -> pl.Expr:
    """Least-squares slope of monthly sales over the last 12 months, as a share of mean monthly sales"""
    age, sales = (pl.col(name).filter(this_year).cast(pl.Int128) for name in ("months_ago", "sales"))
    n, sum_age, sum_sales = age.len().cast(pl.Int128), age.sum(), sales.sum()
    fall_with_age = (sum_age * sum_sales - n * (age * sales).sum()) * n
    scale = (n * (age * age).sum() - sum_age * sum_age) * sum_sales
    return ratio(fall_with_age.cast(pl.Float64), scale.cast(pl.Float64))


@feature(months, unit="months", risk="falls", group="TENURE", window=36, zh="可观测开票月数")
def months_observed() -> pl.Expr:
    """Complete months since the first invoice known, at most 36"""
    return pl.len()
