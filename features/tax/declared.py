"""Sales as declared for VAT, the tax on them, and the months in which nothing or no return came."""

import polars as pl

from features.arithmetic import YEAR, growth, ratio
from features.definition import feature
from features.tax.panels import filed_months

period_ago, months_ago, filed = pl.col("period_ago"), pl.col("months_ago"), pl.col("filed")
this_year = period_ago.is_between(0, YEAR - 1)
year_before = period_ago.is_between(YEAR, 2 * YEAR - 1)
two_years = period_ago.is_between(0, 2 * YEAR - 1)


def _sum(column: str, rows: pl.Expr) -> pl.Expr:
    return pl.when(rows).then(column).otherwise(0).sum()


def _whole(window: pl.Expr) -> pl.Expr:
    """Whether the returns of a window tell the sales of twelve months, no more and no fewer."""
    return (window.sum() == YEAR) & ((window & pl.col("covered")).sum() == YEAR)


def _where_filed(count: pl.Expr) -> pl.Expr:
    """A count of bad months; unknown where no return is known, for then there is no month that could have been bad."""
    return pl.when(filed.any()).then(count)


@feature(filed_months, unit="fen", risk="falls", group="TAX_LEVEL", window=12, zh="近12个月增值税申报销售额")
def declared_sales_12m() -> pl.Expr:
    """Sales declared for VAT, last 12 months whose returns are filed or due"""
    return _sum("declared_sales", this_year)


@feature(filed_months, unit="share", risk="falls", group="TAX_LEVEL", window=24, zh="近12个月增值税申报销售额同比增幅")
def declared_sales_growth_12m() -> pl.Expr:
    """Growth of sales declared for VAT, last 12 months against the 12 before"""
    now, then = _sum("declared_sales", this_year), _sum("declared_sales", year_before)
    return growth(now, then, observed=_whole(this_year) & _whole(year_before))


@feature(filed_months, unit="ratio", risk="either", group="TAX_BURDEN", window=12, zh="近12个月增值税税负率")
def declared_vat_burden_12m() -> pl.Expr:
    """VAT due as a share of declared sales, last 12 months"""
    return ratio(_sum("vat_due", this_year), _sum("declared_sales", this_year))


@feature(filed_months, unit="months", risk="rises", group="TAX_CONDUCT", window=24, zh="近24个月增值税漏报月数")
def missing_vat_months_24m() -> pl.Expr:
    """Months of the last 24, since the first VAT return, for which a return was due and none is known"""
    return _where_filed((two_years & ~filed).sum())


@feature(filed_months, unit="months", risk="rises", group="TAX_CONDUCT", window=12, zh="近12个月增值税零申报月数")
def zero_filing_months_12m() -> pl.Expr:
    """Months of the last 12 for which VAT sales of zero were declared"""
    return _where_filed((this_year & pl.col("zero")).sum())


@feature(
    filed_months, unit="months", risk="rises", group="TAX_CONDUCT", window=24, zh="近24个月最长连续增值税零申报月数"
)
def longest_zero_filing_run_24m() -> pl.Expr:
    """Longest run of months with declared VAT sales of zero, last 24 months"""
    zero = months_ago.filter(two_years & pl.col("zero"))
    runs = zero - zero.rank("ordinal").cast(pl.Int32)
    return _where_filed(runs.unique_counts().max().fill_null(0))


@feature(filed_months, unit="months", risk="falls", group="TENURE", window=36, zh="可观测纳税申报月数")
def tax_history_months() -> pl.Expr:
    """Complete months since the first VAT period known, at most 36"""
    return pl.len()
