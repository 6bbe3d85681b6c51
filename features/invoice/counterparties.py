"""With whom the enterprise trades: concentration, loyalty, newcomers, circles."""

import polars as pl

from features.arithmetic import concentration, growth, ratio
from features.definition import feature
from features.invoice.panels import partners

sales, purchases = pl.col("sales"), pl.col("purchases")
buys_now, bought_before = sales > 0, pl.col("sales_before") > 0
sells_now, sold_before = purchases > 0, pl.col("purchases_before") > 0
two_years = pl.col("two_years").any()
"""Whether last year's partners can be known: without it everybody would be new, and nobody lost."""


@feature(partners, unit="count", risk="falls", group="BUYERS", window=12, zh="近12个月客户数")
def buyers_12m() -> pl.Expr:
    """Buyers of the last 12 months"""
    return buys_now.sum()


@feature(partners, unit="share", risk="rises", group="BUYERS", window=12, zh="近12个月第一大客户销售占比")
def top1_buyer_share_12m() -> pl.Expr:
    """Share of the largest buyer in the sales of the last 12 months"""
    return ratio(sales.max(), sales.sum())


@feature(partners, unit="share", risk="rises", group="BUYERS", window=12, zh="近12个月前五大客户销售占比")
def top5_buyer_share_12m() -> pl.Expr:
    """Share of the five largest buyers in the sales of the last 12 months"""
    return ratio(sales.top_k(5).sum(), sales.sum())


@feature(partners, unit="ratio", risk="rises", group="BUYERS", window=12, zh="近12个月客户集中度（HHI）")
def buyer_hhi_12m() -> pl.Expr:
    """Concentration of sales over buyers (Herfindahl index), last 12 months"""
    return concentration(sales)


@feature(partners, unit="share", risk="falls", group="BUYERS", window=24, zh="上年客户今年仍采购的比例")
def buyer_retention_12m() -> pl.Expr:
    """Share of the buyers of the year before who bought again in the last 12 months"""
    return ratio((buys_now & bought_before).sum(), pl.when(two_years).then(bought_before.sum()))


@feature(partners, unit="share", risk="rises", group="BUYERS", window=24, zh="上年销售额中已流失客户的占比")
def lost_buyer_sales_share_12m() -> pl.Expr:
    """Share of last year's sales that went to buyers who bought nothing in the last 12 months"""
    lost = pl.col("sales_before").filter(~buys_now)
    return ratio(lost.sum(), pl.when(two_years).then(pl.col("sales_before").sum()))


@feature(partners, unit="share", risk="either", group="BUYERS", window=24, zh="近12个月新客户销售占比")
def new_buyer_sales_share_12m() -> pl.Expr:
    """Share of sales of the last 12 months to buyers first sold to in these months"""
    new = sales.filter(~pl.col("sold_earlier"))
    return ratio(new.sum(), pl.when(two_years).then(sales.sum()))


@feature(partners, unit="share", risk="falls", group="BUYERS", window=24, zh="客户数同比增幅")
def buyers_growth_12m() -> pl.Expr:
    """Growth of the number of buyers, last 12 months against the 12 before"""
    return growth(buys_now.sum().cast(pl.Int64), bought_before.sum().cast(pl.Int64), observed=two_years)


@feature(partners, unit="months", risk="falls", group="BUYERS", window=12, zh="近12个月客户平均交易月数")
def buyer_active_months_12m() -> pl.Expr:
    """Mean number of months of the last 12 in which a buyer bought"""
    return ratio(pl.col("active_sale_months").filter(buys_now).sum(), buys_now.sum())


@feature(partners, unit="count", risk="falls", group="SUPPLIERS", window=12, zh="近12个月供应商数")
def suppliers_12m() -> pl.Expr:
    """Suppliers of the last 12 months"""
    return sells_now.sum()


@feature(partners, unit="share", risk="either", group="SUPPLIERS", window=12, zh="近12个月第一大供应商采购占比")
def top1_supplier_share_12m() -> pl.Expr:
    """Share of the largest supplier in the purchases of the last 12 months"""
    return ratio(purchases.max(), purchases.sum())


@feature(partners, unit="share", risk="either", group="SUPPLIERS", window=12, zh="近12个月前五大供应商采购占比")
def top5_supplier_share_12m() -> pl.Expr:
    """Share of the five largest suppliers in the purchases of the last 12 months"""
    return ratio(purchases.top_k(5).sum(), purchases.sum())


@feature(partners, unit="ratio", risk="either", group="SUPPLIERS", window=12, zh="近12个月供应商集中度（HHI）")
def supplier_hhi_12m() -> pl.Expr:
    """Concentration of purchases over suppliers (Herfindahl index), last 12 months"""
    return concentration(purchases)


@feature(partners, unit="share", risk="falls", group="SUPPLIERS", window=24, zh="上年供应商今年仍供货的比例")
def supplier_retention_12m() -> pl.Expr:
    """Share of the suppliers of the year before who sold again in the last 12 months"""
    return ratio((sells_now & sold_before).sum(), pl.when(two_years).then(sold_before.sum()))


@feature(partners, unit="share", risk="either", group="SUPPLIERS", window=24, zh="近12个月新供应商采购占比")
def new_supplier_purchases_share_12m() -> pl.Expr:
    """Share of purchases of the last 12 months from suppliers first bought from in these months"""
    new = purchases.filter(~pl.col("bought_earlier"))
    return ratio(new.sum(), pl.when(two_years).then(purchases.sum()))


@feature(partners, unit="share", risk="rises", group="CIRCULAR_TRADE", window=12, zh="近12个月与同一对手方互开金额占比")
def circular_share_12m() -> pl.Expr:
    """Share of sales of the last 12 months matched by purchases from the same counterparty"""
    return ratio(pl.min_horizontal(sales, purchases).sum(), sales.sum())


@feature(
    partners, unit="count", risk="rises", group="CIRCULAR_TRADE", window=12, zh="近12个月既是客户又是供应商的对手方数"
)
def circular_partners_12m() -> pl.Expr:
    """Counterparties that both bought and sold in the last 12 months"""
    return (buys_now & sells_now).sum()
