"""Courts and lists: suits, enforcement, and the lists of debtors that an enterprise is on."""

import polars as pl

from features.definition import feature
from features.legal.panels import began_within, cases

kind, lasts, amount = pl.col("kind"), pl.col("lasts"), pl.col("amount_fen")
sued = lasts & (kind == "defendant")
enforced = lasts & kind.is_in(["enforcement", "terminated_enforcement"])
adverse = pl.col("adverse")


@feature(cases, unit="count", risk="rises", group="LEGAL", window=0, zh="未结被告案件数")
def suits_against_now() -> pl.Expr:
    """Open cases as defendant"""
    return sued.sum()


@feature(cases, unit="fen", risk="rises", group="LEGAL", window=0, zh="未结被告案件标的额")
def suits_against_amount_now() -> pl.Expr:
    """Amount at issue in open cases as defendant, as far as known"""
    return pl.when(sued).then(amount).sum()


@feature(cases, unit="count", risk="rises", group="LEGAL", window=0, zh="未结借款合同纠纷被告案件数")
def loan_disputes_now() -> pl.Expr:
    """Open cases as defendant over a loan"""
    return (sued & (pl.col("cause") == "loan")).sum()


@feature(cases, unit="count", risk="rises", group="LEGAL", window=0, zh="未结被执行案件数（含终本）")
def enforcements_now() -> pl.Expr:
    """Open cases of enforcement, those suspended for lack of assets included"""
    return enforced.sum()


@feature(cases, unit="fen", risk="rises", group="LEGAL", window=0, zh="未结被执行金额（含终本）")
def enforcements_amount_now() -> pl.Expr:
    """Amount of open cases of enforcement, as far as known"""
    return pl.when(enforced).then(amount).sum()


@feature(cases, unit="flag", risk="rises", group="LEGAL", window=0, zh="当前为失信被执行人")
def dishonest_now() -> pl.Expr:
    """On the list of dishonest debtors now"""
    return (lasts & (kind == "dishonest_list")).any()


@feature(cases, unit="flag", risk="rises", group="LEGAL", window=0, zh="当前被限制高消费")
def consumption_limit_now() -> pl.Expr:
    """Under a limit on consumption now"""
    return (lasts & (kind == "consumption_limit")).any()


@feature(cases, unit="flag", risk="rises", group="LEGAL", window=0, zh="当前账户被冻结")
def account_frozen_now() -> pl.Expr:
    """An account is frozen now"""
    return (lasts & (kind == "account_freeze")).any()


@feature(cases, unit="flag", risk="rises", group="LEGAL", window=0, zh="当前拖欠农民工工资")
def wage_arrears_now() -> pl.Expr:
    """Listed for arrears of wages now"""
    return (lasts & (kind == "wage_arrears")).any()


@feature(
    cases,
    unit="count",
    risk="rises",
    group="TAX_CONDUCT",
    window=0,
    zh="当前列入税务负面名单数",
)
def tax_lists_now() -> pl.Expr:
    """Entries on adverse lists of the tax bureau now"""
    return (lasts & kind.is_in(["tax_abnormal", "tax_violation_list", "tax_arrears_notice"])).sum()


@feature(cases, unit="count", risk="either", group="LEGAL", window=0, zh="未结原告案件数")
def suits_by_now() -> pl.Expr:
    """Open cases as plaintiff"""
    return (lasts & ~adverse).sum()


@feature(cases, unit="count", risk="rises", group="LEGAL", window=12, zh="近12个月新增不利司法与行政记录数")
def adverse_events_12m() -> pl.Expr:
    """Adverse cases, list entries and penalties that began in the last 12 months, to the day"""
    return (adverse & began_within(12)).sum()


@feature(cases, unit="count", risk="rises", group="LEGAL", window=36, zh="近36个月新增不利司法与行政记录数")
def adverse_events_36m() -> pl.Expr:
    """Adverse cases, list entries and penalties that began in the last 36 months, to the day"""
    return (adverse & began_within(36)).sum()


@feature(cases, unit="days", risk="falls", group="LEGAL", window=0, zh="距最近一次不利司法或行政记录天数")
def days_since_adverse_event() -> pl.Expr:
    """Days since the newest adverse case, list entry or penalty"""
    return pl.when(adverse).then(pl.col("days_ago")).min()
