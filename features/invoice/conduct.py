"""How the invoices look: voids, red letters, margin, VAT burden."""

import polars as pl

from features.arithmetic import ratio, total
from features.definition import feature
from features.invoice.panels import months

this_year, year_before = pl.col("this_year"), pl.col("year_before")


@feature(
    months, unit="share", risk="rises", group="INVOICE_QUALITY", window=12, zh="近12个月可作废销项发票中作废张数占比"
)
def void_share_12m() -> pl.Expr:
    """Share of the voidable sales invoices of the last 12 months that were voided"""
    return ratio(total("issued_void_n", this_year), total("issued_voidable_n", this_year))


@feature(
    months, unit="share", risk="rises", group="INVOICE_QUALITY", window=36, zh="近36个月可作废销项发票中作废张数占比"
)
def void_share_36m() -> pl.Expr:
    """Share of the voidable sales invoices of the last 36 months that were voided"""
    return ratio(total("issued_void_n"), total("issued_voidable_n"))


@feature(
    months, unit="share", risk="rises", group="INVOICE_QUALITY", window=12, zh="近12个月可作废销项发票中作废金额占比"
)
def void_amount_share_12m() -> pl.Expr:
    """Voided amount over voided plus valid blue amount of voidable sales invoices, last 12 months"""
    void = total("issued_void", this_year)
    return ratio(void, void + total("issued_voidable_blue", this_year))


@feature(
    months, unit="share", risk="rises", group="INVOICE_QUALITY", window=36, zh="近36个月可作废销项发票中作废金额占比"
)
def void_amount_share_36m() -> pl.Expr:
    """Voided amount over voided plus valid blue amount of voidable sales invoices, last 36 months"""
    return ratio(total("issued_void"), total("issued_void") + total("issued_voidable_blue"))


@feature(months, unit="share", risk="rises", group="INVOICE_QUALITY", window=12, zh="近12个月红字销项发票张数占比")
def red_share_12m() -> pl.Expr:
    """Share of valid sales invoices of the last 12 months that are red-letter"""
    red = total("issued_red_n", this_year)
    return ratio(red, red + total("issued_blue_n", this_year))


@feature(months, unit="share", risk="rises", group="INVOICE_QUALITY", window=12, zh="近12个月红字销项金额占蓝字金额比")
def red_amount_share_12m() -> pl.Expr:
    """Red-letter amount over blue amount of valid sales invoices, last 12 months"""
    return ratio(total("issued_red", this_year), total("issued_blue", this_year))


@feature(months, unit="share", risk="rises", group="INVOICE_QUALITY", window=36, zh="近36个月红字销项金额占蓝字金额比")
def red_amount_share_36m() -> pl.Expr:
    """Red-letter amount over blue amount of valid sales invoices, last 36 months"""
    return ratio(total("issued_red"), total("issued_blue"))


@feature(
    months, unit="share", risk="rises", group="INVOICE_QUALITY", window=12, zh="近12个月可作废进项发票中作废张数占比"
)
def void_share_received_12m() -> pl.Expr:
    """Share of the voidable purchase invoices of the last 12 months that were voided"""
    return ratio(total("received_void_n", this_year), total("received_voidable_n", this_year))


@feature(months, unit="share", risk="rises", group="INVOICE_QUALITY", window=12, zh="近12个月红字进项金额占蓝字金额比")
def red_amount_share_received_12m() -> pl.Expr:
    """Red-letter amount over blue amount of valid purchase invoices, last 12 months"""
    return ratio(total("received_red", this_year), total("received_blue", this_year))


@feature(months, unit="share", risk="either", group="INVOICE_QUALITY", window=12, zh="近12个月整千元销项发票占比")
def round_amount_share_12m() -> pl.Expr:
    """Share of valid sales invoices of the last 12 months whose gross amount is a multiple of 1,000 CNY"""
    valid = total("issued_blue_n", this_year) + total("issued_red_n", this_year)
    return ratio(total("issued_round_n", this_year), valid)


@feature(months, unit="share", risk="either", group="MARGIN", window=12, zh="近12个月进销毛利率")
def margin_12m() -> pl.Expr:
    """Sales less purchases over sales, last 12 months"""
    sales = total("sales", this_year)
    return ratio(sales - total("purchases", this_year), sales)


@feature(months, unit="share", risk="either", group="MARGIN", window=36, zh="近36个月进销毛利率")
def margin_36m() -> pl.Expr:
    """Sales less purchases over sales, last 36 months"""
    return ratio(total("sales") - total("purchases"), total("sales"))


@feature(months, unit="share", risk="either", group="MARGIN", window=24, zh="进销毛利率同比变化")
def margin_change_12m() -> pl.Expr:
    """Margin of the last 12 months less that of the 12 before"""
    now, then = (ratio(total("sales", w) - total("purchases", w), total("sales", w)) for w in (this_year, year_before))
    return now - then


@feature(months, unit="share", risk="rises", group="MARGIN", window=12, zh="近12个月采购超过销售的月份占比")
def deficit_months_share_12m() -> pl.Expr:
    """Share of the last 12 months in which purchases exceeded sales"""
    return (pl.col("purchases") > pl.col("sales")).filter(this_year).mean()


@feature(months, unit="fen", risk="either", group="TAX_BURDEN", window=12, zh="近12个月销项税减进项税")
def net_vat_12m() -> pl.Expr:
    """Output VAT less input VAT on the invoices of the last 12 months"""
    return total("output_vat", this_year) - total("input_vat", this_year)


@feature(months, unit="share", risk="either", group="TAX_BURDEN", window=12, zh="近12个月增值税税负率")
def vat_burden_12m() -> pl.Expr:
    """Output VAT less input VAT over sales, last 12 months"""
    return ratio(total("output_vat", this_year) - total("input_vat", this_year), total("sales", this_year))


@feature(months, unit="share", risk="either", group="TAX_BURDEN", window=12, zh="近12个月销项平均税率")
def output_vat_rate_12m() -> pl.Expr:
    """Output VAT over sales, last 12 months"""
    return ratio(total("output_vat", this_year), total("sales", this_year))


@feature(months, unit="share", risk="either", group="TAX_BURDEN", window=12, zh="近12个月进项平均税率")
def input_vat_rate_12m() -> pl.Expr:
    """Input VAT over purchases, last 12 months"""
    return ratio(total("input_vat", this_year), total("purchases", this_year))
