"""What stands beside the loans: the report's summary, guarantees for others, enquiries, real estate."""

import polars as pl

from features.arithmetic import ratio
from features.credit.panels import land_titles, loan_enquiries, newest_report, sureties
from features.definition import feature

appraised = pl.col("appraised_fen")
weak_reported = pl.col("special_mention_balance_fen") + pl.col("bad_balance_fen")


def _lenders_within(months: int) -> pl.Expr:
    """Distinct lenders of the newest months, to the day."""
    return pl.col("lender").filter(pl.col("months_since") < months).n_unique()


@feature(newest_report, unit="ratio", risk="rises", group="DEBT", window=12, zh="循环信用额度使用率")
def revolving_use() -> pl.Expr:
    """Used part of the revolving limit, by the newest credit report of the last 12 months"""
    return ratio(pl.col("revolving_used_fen"), pl.col("revolving_limit_fen")).first()


@feature(
    newest_report, unit="flag", risk="either", group="TENURE", window=12, zh="信用报告无短期及中长期借款记录（首贷户）"
)
def never_borrowed_reported() -> pl.Expr:
    """No short-term and no longer loan on record, by the newest credit report of the last 12 months"""
    return ((pl.col("short_term_loans") == 0) & (pl.col("mid_long_term_loans") == 0)).first()


@feature(newest_report, unit="ratio", risk="rises", group="REPAYMENT", window=12, zh="信用报告关注与不良余额占比")
def weak_balance_reported() -> pl.Expr:
    """Special-mention and bad balance over the loan balance, by the newest credit report of the last 12 months"""
    return ratio(weak_reported, pl.col("loan_balance_fen")).first()


@feature(newest_report, unit="flag", risk="rises", group="REPAYMENT", window=12, zh="信用报告有被追偿余额")
def recovery_reported() -> pl.Expr:
    """A debt that others paid is being recovered, by the newest credit report of the last 12 months"""
    return (pl.col("recovered_balance_fen") > 0).first()


@feature(sureties, unit="fen", risk="rises", group="GUARANTEES", window=0, zh="对外担保余额")
def guarantees_amount() -> pl.Expr:
    """Amount of guarantees for the debts of others that stand"""
    return pl.when("stands").then("amount_fen").sum()


@feature(sureties, unit="count", risk="rises", group="GUARANTEES", window=0, zh="对外担保笔数")
def guarantees_open() -> pl.Expr:
    """Guarantees for the debts of others that stand"""
    return pl.col("stands").sum()


@feature(sureties, unit="count", risk="rises", group="GUARANTEES", window=60, zh="近5年被代偿的对外担保笔数")
def guarantees_called_60m() -> pl.Expr:
    """Guarantees for others that were called in the last five years, to the day"""
    return pl.col("called").sum()


@feature(loan_enquiries, unit="count", risk="rises", group="DEBT", window=3, zh="近3个月贷款审批查询机构数")
def enquiring_lenders_3m() -> pl.Expr:
    """Lenders that enquired to approve a loan in the last 3 months, to the day"""
    return _lenders_within(3)


@feature(loan_enquiries, unit="count", risk="rises", group="DEBT", window=6, zh="近6个月贷款审批查询机构数")
def enquiring_lenders_6m() -> pl.Expr:
    """Lenders that enquired to approve a loan in the last 6 months, to the day"""
    return _lenders_within(6)


@feature(land_titles, unit="count", risk="falls", group="SOLVENCY", window=0, zh="持有不动产数")
def real_estate_held() -> pl.Expr:
    """Titles to real estate held"""
    return pl.len()


@feature(land_titles, unit="fen", risk="falls", group="SOLVENCY", window=0, zh="持有不动产评估价值")
def real_estate_value() -> pl.Expr:
    """Appraised value of real estate held, as far as known"""
    return appraised.sum()


@feature(land_titles, unit="share", risk="either", group="SOLVENCY", window=0, zh="不动产评估价值中已抵押占比")
def real_estate_mortgaged_share() -> pl.Expr:
    """Mortgaged share of the appraised value of real estate held"""
    return ratio(pl.when("mortgaged").then(appraised).sum(), appraised.sum())


@feature(land_titles, unit="flag", risk="rises", group="SOLVENCY", window=0, zh="不动产被查封")
def real_estate_seized() -> pl.Expr:
    """Real estate is under seizure"""
    return pl.col("seized").any()
