"""Whether sources agree with each other, and what one says beside another."""

import polars as pl

from features.arithmetic import YEAR, ratio
from features.bank import flows
from features.consistency.panels import (
    declared_beside_invoiced,
    declared_beside_stated,
    inflow_beside_declared,
    inflow_beside_invoiced,
    wages_beside_insured,
)
from features.credit import debt, repayment
from features.definition import combined, feature
from features.invoice import sales
from features.ip import rights
from features.people import contributions, meters
from features.tax import declared, filings, statements
from features.trade import exports, orders

QUARTER = 3
"""Months that two sources must share at least before they are compared."""

declared_sales, invoiced_sales = pl.col("declared"), pl.col("invoiced")


shared_reach = pl.min_horizontal(pl.col("booked_ago").max(), pl.col("invoiced_ago").max(), YEAR - 1)
"""The oldest month of the last 12 that both invoices and bookings are known of, where there are both."""


def _wages_per(column: str) -> pl.Expr:
    """Mean monthly wages, since the first booking of the year, over the mean of a column in the months that tell it.

    Null where no booking tells what it is for.
    """
    wages, whole = (pl.col(name).sum().cast(pl.Int128) for name in ("wages", column))
    part, rest = wages * pl.col(column).count(), whole * (pl.col("booked_ago").max() + 1)
    return pl.when(pl.col("classified").sum() > 0).then(ratio(part.cast(pl.Float64), rest.cast(pl.Float64)))


@feature(
    declared_beside_invoiced,
    unit="ratio",
    risk="either",
    group="CONSISTENCY",
    window=12,
    zh="近12个月增值税申报销售额与开票销售额之比",
)
def declared_to_invoiced_12m() -> pl.Expr:
    """Sales declared for VAT against invoiced sales of the same months, last 12 months of returns"""
    return ratio(declared_sales.sum(), invoiced_sales.sum())


@feature(
    declared_beside_invoiced,
    unit="share",
    risk="rises",
    group="CONSISTENCY",
    window=12,
    zh="近12个月各申报期少于开票额的申报差额占比",
)
def under_declared_share_12m() -> pl.Expr:
    """Share of invoiced sales missing from the VAT return of their own period, last 12 months of returns"""
    missing = (invoiced_sales - declared_sales.clip(lower_bound=0)).clip(lower_bound=0)
    return ratio(missing.sum(), invoiced_sales.clip(lower_bound=0).sum())


@feature(
    inflow_beside_invoiced,
    unit="ratio",
    risk="either",
    group="CONSISTENCY",
    window=12,
    zh="近12个月有效资金流入与含税开票销售额之比",
)
def inflow_to_invoiced_12m() -> pl.Expr:
    """Effective bank inflow against invoiced sales with VAT over the same months of the last 12, at least 3"""
    shared = pl.col("months_ago").is_between(0, shared_reach)
    inflow, gross = (pl.when(shared).then(name).otherwise(0).sum() for name in ("inflow", "invoiced"))
    is_enough = (pl.col("booked_ago").max() >= QUARTER - 1) & (pl.col("invoiced_ago").max() >= QUARTER - 1)
    return pl.when(is_enough).then(ratio(inflow, gross))


@feature(
    declared_beside_stated,
    unit="ratio",
    risk="either",
    group="CONSISTENCY",
    window=36,
    zh="年报同期增值税申报销售额与营业收入之比",
)
def declared_to_stated_revenue() -> pl.Expr:
    """Sales declared for VAT against the revenue stated for the same year, newest statement over a year"""
    of_year = (pl.col("months_ago") - pl.col("end_ago").max()).is_between(0, YEAR - 1)
    declared = pl.when(of_year).then(declared_sales).sum()
    return pl.when((of_year & pl.col("covered")).sum() == YEAR).then(ratio(declared, pl.col("stated").max()))


@feature(
    wages_beside_insured,
    unit="fen",
    risk="either",
    group="CONSISTENCY",
    window=12,
    zh="近12个月人均月工资支出（按参保人数）",
)
def wages_per_insured_12m() -> pl.Expr:
    """Wages paid from the accounts for each insured head and month, last 12 months"""
    return _wages_per("heads")


@feature(
    wages_beside_insured,
    unit="ratio",
    risk="either",
    group="CONSISTENCY",
    window=12,
    zh="近12个月工资支出与社保缴费基数之比",
)
def wages_to_base_12m() -> pl.Expr:
    """Wages paid from the accounts against the contribution base of the insured, last 12 months"""
    return _wages_per("base")


@feature(
    inflow_beside_declared,
    unit="ratio",
    risk="either",
    group="CONSISTENCY",
    window=12,
    zh="近12个月有效资金流入与增值税申报销售额之比",
)
def inflow_to_declared_12m() -> pl.Expr:
    """Effective bank inflow against sales declared for VAT, last 12 months, of accounts seen for as long"""
    return pl.when(pl.col("booked_ago").max() >= YEAR - 1).then(ratio(pl.col("inflow").sum(), declared_sales.sum()))


@combined(
    sales.sales_growth_12m,
    meters.electricity_growth_12m,
    unit="share",
    risk="either",
    group="CONSISTENCY",
    zh="销售额增幅与用电量增幅之差",
)
def sales_growth_over_power_12m(sold: pl.Expr, power: pl.Expr) -> pl.Expr:
    """Growth of invoiced sales less growth of electricity used, last 12 months against the 12 before"""
    return sold - power


@combined(
    orders.order_backlog,
    sales.sales_12m,
    unit="ratio",
    risk="falls",
    group="ORDERS",
    zh="在手订单未交付金额与近12个月销售额之比",
)
def backlog_to_sales_12m(backlog: pl.Expr, sold: pl.Expr) -> pl.Expr:
    """Orders still to be delivered against invoiced sales of the last 12 months"""
    return ratio(backlog, sold)


@combined(
    debt.loan_balance, sales.sales_12m, unit="ratio", risk="rises", group="DEBT", zh="借贷余额与近12个月开票销售额之比"
)
def debt_to_sales_12m(owed: pl.Expr, sold: pl.Expr) -> pl.Expr:
    """Balance of open loans against invoiced sales of the last 12 months"""
    return ratio(owed, sold)


@combined(
    debt.loan_balance,
    declared.declared_sales_12m,
    unit="ratio",
    risk="rises",
    group="DEBT",
    zh="借贷余额与近12个月增值税申报销售额之比",
)
def debt_to_declared_12m(owed: pl.Expr, sold: pl.Expr) -> pl.Expr:
    """Balance of open loans against sales declared for VAT, last 12 months"""
    return ratio(owed, sold)


@combined(
    repayment.debt_service_12m,
    flows.bank_inflow_12m,
    unit="ratio",
    risk="rises",
    group="DEBT",
    zh="近12个月到期应还金额与有效资金流入之比",
)
def debt_service_to_inflow_12m(service: pl.Expr, inflow: pl.Expr) -> pl.Expr:
    """Instalments that fell due against effective bank inflow, last 12 months"""
    return ratio(service, inflow)


@combined(
    filings.tax_paid_12m,
    sales.sales_12m,
    unit="ratio",
    risk="either",
    group="TAX_BURDEN",
    zh="近12个月实缴税额与开票销售额之比",
)
def tax_to_invoiced_12m(tax: pl.Expr, sold: pl.Expr) -> pl.Expr:
    """Tax of all kinds paid against invoiced sales, last 12 months"""
    return ratio(tax, sold)


@combined(
    exports.exports_12m,
    declared.declared_sales_12m,
    unit="ratio",
    risk="either",
    group="EXPORTS",
    zh="近12个月出口额与增值税申报销售额之比",
)
def exports_to_declared_12m(exported: pl.Expr, sold: pl.Expr) -> pl.Expr:
    """Exports cleared by customs against sales declared for VAT, last 12 months"""
    return ratio(exported, sold)


@combined(
    rights.inventions_held,
    rights.utility_models_held,
    rights.designs_held,
    contributions.headcount,
    unit="ratio",
    risk="falls",
    group="INNOVATION",
    zh="人均有效专利件数",
)
def patents_per_head(inventions: pl.Expr, models: pl.Expr, designs: pl.Expr, heads: pl.Expr) -> pl.Expr:
    """Patents held for each insured head"""
    return ratio(inventions + models + designs, heads)


@combined(
    statements.statement_rd_intensity,
    statements.statement_revenue,
    rights.inventions_held,
    unit="fen",
    risk="either",
    group="INNOVATION",
    zh="每件有效发明专利对应的年度研发费用",
)
def rd_expense_per_invention(intensity: pl.Expr, revenue: pl.Expr, inventions: pl.Expr) -> pl.Expr:
    """R&D expense of the newest statement over a year for each invention patent held"""
    return ratio(intensity * revenue, inventions)
