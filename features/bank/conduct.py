"""What the flows are made of: who pays, what is paid for, and what only passes through."""

import polars as pl

from features.arithmetic import concentration, ratio, total
from features.bank.panels import firms, kinds, parties
from features.definition import feature

payer, paid = pl.col("payer"), pl.col("paid")


def _told(value: pl.Expr) -> pl.Expr:
    """The value, but null where there were bookings and none of them has a purpose."""
    return pl.when(pl.col("unclassified").min()).then(None).otherwise(value)


def _months_with(payment: str) -> pl.Expr:
    """Months in which something was paid for a purpose: each has one row of `kinds`."""
    return _told(pl.col(payment).sum())


@feature(
    firms, unit="share", risk="rises", group="FLOW_QUALITY", window=12, zh="近12个月快进快出资金占比（次日内流出）"
)
def quick_turn_share_12m() -> pl.Expr:
    """Share of effective inflow of the last 12 months matched by outflow of the same or the next day"""
    return ratio(total("turned"), total("inflow_12m"))


@feature(parties, unit="share", risk="rises", group="FLOW_QUALITY", window=12, zh="近12个月与同一对手方互转资金占比")
def same_party_share_12m() -> pl.Expr:
    """Share of operating inflow of the last 12 months matched by payments to the same counterparty"""
    return ratio(total("matched"), total("gross_in"))


@feature(parties, unit="count", risk="falls", group="FLOW_QUALITY", window=12, zh="近12个月付款方数")
def payers_12m() -> pl.Expr:
    """Payers of the last 12 months, cash and payment codes not counted; null when all who paid are unknown"""
    return pl.when((paid.max() <= 0) | (payer.max() > 0) | (pl.len() == 0)).then((payer > 0).sum())


@feature(parties, unit="share", risk="rises", group="FLOW_QUALITY", window=12, zh="近12个月第一大付款方流入占比")
def top1_payer_share_12m() -> pl.Expr:
    """Share of the largest payer in the inflow from known payers of the last 12 months"""
    return ratio(payer.max(), payer.sum())


@feature(parties, unit="share", risk="rises", group="FLOW_QUALITY", window=12, zh="近12个月前五大付款方流入占比")
def top5_payer_share_12m() -> pl.Expr:
    """Share of the five largest payers in the inflow from known payers of the last 12 months"""
    return ratio(payer.top_k(5).sum(), payer.sum())


@feature(parties, unit="ratio", risk="rises", group="FLOW_QUALITY", window=12, zh="近12个月付款方集中度（HHI）")
def payer_hhi_12m() -> pl.Expr:
    """Concentration of inflow over known payers (Herfindahl index), last 12 months"""
    return concentration(payer)


@feature(kinds, unit="share", risk="rises", group="FLOW_QUALITY", window=12, zh="近12个月现金存入占流入比例")
def cash_share_12m() -> pl.Expr:
    """Share of cash paid in among the operating inflow of the last 12 months"""
    return ratio(total("cash_in"), _told(total("operating_in")))


@feature(kinds, unit="share", risk="either", group="FLOW_QUALITY", window=12, zh="近12个月收款码流入占比")
def qr_share_12m() -> pl.Expr:
    """Share of payment-code receipts among the operating inflow of the last 12 months"""
    return ratio(total("qr_in"), _told(total("operating_in")))


@feature(kinds, unit="fen", risk="falls", group="CASH_FLOW", window=12, zh="近12个月收款码流入金额")
def qr_inflow_12m() -> pl.Expr:
    """Payment-code receipts of the last 12 months"""
    return _told(total("qr_in"))


@feature(kinds, unit="months", risk="falls", group="FLOW_QUALITY", window=12, zh="近12个月从账户发放工资的月数")
def bank_salary_months_12m() -> pl.Expr:
    """Months with salaries paid from the accounts among the last 12"""
    return _months_with("salary_paid")


@feature(kinds, unit="months", risk="falls", group="FLOW_QUALITY", window=12, zh="近12个月从账户缴税的月数")
def bank_tax_months_12m() -> pl.Expr:
    """Months with taxes paid from the accounts among the last 12"""
    return _months_with("tax_paid")


@feature(kinds, unit="months", risk="falls", group="FLOW_QUALITY", window=12, zh="近12个月从账户缴纳社保公积金的月数")
def bank_social_insurance_months_12m() -> pl.Expr:
    """Months with social insurance paid from the accounts among the last 12"""
    return _months_with("social_insurance_paid")


@feature(kinds, unit="months", risk="either", group="FLOW_QUALITY", window=12, zh="近12个月从账户支付房租的月数")
def bank_rent_months_12m() -> pl.Expr:
    """Months with rent paid from the accounts among the last 12"""
    return _months_with("rent_paid")


@feature(kinds, unit="months", risk="falls", group="FLOW_QUALITY", window=12, zh="近12个月从账户缴纳水电气费的月数")
def bank_utilities_months_12m() -> pl.Expr:
    """Months with water, power or gas paid from the accounts among the last 12"""
    return _months_with("utilities_paid")


@feature(kinds, unit="ratio", risk="rises", group="DEBT", window=12, zh="近12个月还本付息支出与经营流入之比")
def bank_debt_service_ratio_12m() -> pl.Expr:
    """Loan repayments and interest paid from the accounts over operating inflow, last 12 months"""
    return ratio(total("serviced"), _told(total("operating_in")))


@feature(kinds, unit="count", risk="rises", group="DEBT", window=12, zh="近12个月贷款资金入账笔数")
def bank_loans_received_12m() -> pl.Expr:
    """Bookings of loans paid out to the accounts in the last 12 months"""
    return _told(total("loans_in"))
