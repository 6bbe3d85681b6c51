"""What the lines of VAT returns tell of the kind of sales and of purchases; each form speaks for its own taxpayers."""

import polars as pl

from features.arithmetic import ratio, total
from features.definition import feature
from features.tax.panels import general_returns, small_scale_returns

sales = total("sales")


@feature(general_returns, unit="share", risk="either", group="EXPORTS", window=12, zh="近12个月出口销售占比")
def export_sales_share_12m() -> pl.Expr:
    """Share of exports under tax refund in the sales of a general taxpayer, last 12 months"""
    return ratio(total("export"), sales)


@feature(general_returns, unit="share", risk="either", group="TAX_BURDEN", window=12, zh="近12个月免税销售占比")
def exempt_sales_share_12m() -> pl.Expr:
    """Share of exempt sales in the sales of a general taxpayer, last 12 months"""
    return ratio(total("exempt"), sales)


@feature(general_returns, unit="share", risk="either", group="TAX_BURDEN", window=12, zh="近12个月简易计税销售占比")
def simple_sales_share_12m() -> pl.Expr:
    """Share of sales taxed by the simple method in the sales of a general taxpayer, last 12 months"""
    return ratio(total("simple"), sales)


@feature(general_returns, unit="ratio", risk="either", group="TAX_BURDEN", window=12, zh="留抵税额与近12个月销售额之比")
def retained_credit_ratio_12m() -> pl.Expr:
    """Input VAT retained at the end of the newest period against the sales of the last 12 months"""
    return ratio(pl.col("retained_credit").first(), sales)


@feature(general_returns, unit="ratio", risk="either", group="TAX_BURDEN", window=12, zh="近12个月进项销项税额之比")
def input_output_tax_ratio_12m() -> pl.Expr:
    """Input VAT against output VAT of a general taxpayer, last 12 months"""
    return ratio(total("input_tax"), total("output_tax"))


@feature(
    small_scale_returns,
    unit="share",
    risk="either",
    group="TAX_BURDEN",
    window=12,
    zh="近12个月免税销售占比（小规模纳税人）",
)
def small_scale_exempt_share_12m() -> pl.Expr:
    """Share of exempt sales in the sales of a small-scale taxpayer, last 12 months"""
    return ratio(total("exempt"), sales)


@feature(
    small_scale_returns,
    unit="share",
    risk="either",
    group="TAX_LEVEL",
    window=12,
    zh="近12个月专用发票销售占比（小规模纳税人）",
)
def small_scale_special_invoice_share_12m() -> pl.Expr:
    """Share of sales on special invoices in the sales of a small-scale taxpayer, last 12 months"""
    return ratio(total("special"), sales)
