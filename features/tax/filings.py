"""What is paid to the tax bureau, and how punctually."""

import polars as pl

from features.arithmetic import growth, ratio, total
from features.definition import combined, feature
from features.tax import declared
from features.tax.panels import filings

paid, relief, delay = pl.col("paid"), pl.col("relief"), pl.col("filing_delay")


@feature(filings, unit="fen", risk="falls", group="TAX_LEVEL", window=12, zh="近12个月实缴税额")
def tax_paid_12m() -> pl.Expr:
    """Tax of all kinds paid in the last 12 months"""
    return paid.sum()


@feature(filings, unit="share", risk="falls", group="TAX_LEVEL", window=24, zh="近12个月税额（加回减免）同比增幅")
def tax_growth_12m() -> pl.Expr:
    """Growth of tax paid with relief added back, last 12 months against the 12 before"""
    now, then = paid.sum() + relief.sum(), total("paid_before") + total("relief_before")
    return growth(now, then, observed=pl.col("filed_first").any())


@feature(filings, unit="months", risk="either", group="TAX_LEVEL", window=12, zh="近12个月有税款入库的月数")
def tax_months_12m() -> pl.Expr:
    """Months of the last 12 in which tax was paid"""
    return pl.lit(2, dtype=pl.Int64).pow("paid_month").bitwise_or().bitwise_count_ones().fill_null(0)


@combined(
    tax_paid_12m, declared.declared_sales_12m, unit="ratio", risk="either", group="TAX_BURDEN", zh="近12个月总体税负率"
)
def tax_burden_12m(tax: pl.Expr, sales: pl.Expr) -> pl.Expr:
    """Tax of all kinds paid as a share of sales declared for VAT, last 12 months"""
    return ratio(tax, sales)


@feature(filings, unit="share", risk="either", group="TAX_BURDEN", window=12, zh="近12个月税收减免占比")
def tax_relief_share_12m() -> pl.Expr:
    """Share of relief in tax paid and relieved, last 12 months; unknown where no return tells its relief"""
    return pl.when(relief.count() > 0).then(ratio(relief.sum(), relief.sum() + paid.sum()))


@feature(filings, unit="share", risk="rises", group="TAX_CONDUCT", window=24, zh="近24个月逾期申报占比")
def late_filings_share_24m() -> pl.Expr:
    """Share of returns filed after their deadline, for periods that ended in the last 24 months"""
    return ratio((delay > 0).sum(), delay.count())


@feature(filings, unit="days", risk="rises", group="TAX_CONDUCT", window=24, zh="近24个月最长逾期申报天数")
def longest_filing_delay_days_24m() -> pl.Expr:
    """Longest delay of a return after its deadline, for periods that ended in the last 24 months"""
    return delay.max()


@feature(filings, unit="count", risk="rises", group="TAX_CONDUCT", window=24, zh="近24个月逾期缴税次数")
def late_tax_payments_24m() -> pl.Expr:
    """Returns whose tax was paid late or is overdue, for periods that ended in the last 24 months"""
    return pl.col("paid_late").sum()


@feature(filings, unit="fen", risk="rises", group="TAX_CONDUCT", window=0, zh="当前欠税余额")
def tax_arrears_now() -> pl.Expr:
    """Tax in arrears now, over all periods"""
    return total("arrears")


@feature(filings, unit="fen", risk="rises", group="TAX_CONDUCT", window=12, zh="近12个月税收滞纳金")
def tax_late_fees_12m() -> pl.Expr:
    """Late fees on tax paid or declared in the last 12 months"""
    return total("late_fee")


@feature(filings, unit="days", risk="rises", group="TAX_CONDUCT", window=0, zh="距最近一次纳税申报天数")
def days_since_tax_filing() -> pl.Expr:
    """Days since the newest return of any tax"""
    return pl.col("filed_days_ago").min()
