"""Loans: how much is owed, to whom, how it is secured, when it falls due, and how it is classed."""

import polars as pl

from features.arithmetic import ratio
from features.credit.panels import loan_accounts
from features.definition import feature
from sources.contracts.columns import WHOLE_BP

balance, five_class, mode = pl.col("balance"), pl.col("five_class"), pl.col("guarantee_mode")
owing = balance > 0
bad = five_class >= "substandard"
RENEWAL_MONTHS = 36
maturing = pl.when(pl.col("days_left").is_between(0, 90)).then(balance)


@feature(loan_accounts, unit="fen", risk="either", group="DEBT", window=0, zh="借贷余额")
def loan_balance() -> pl.Expr:
    """Balance of open loans, acceptances and letters of credit left out"""
    return balance.sum()


@feature(loan_accounts, unit="fen", risk="either", group="DEBT", window=0, zh="银行承兑汇票与信用证余额")
def off_balance_amount() -> pl.Expr:
    """Balance of open acceptances and letters of credit"""
    return pl.col("off_balance").sum()


@feature(loan_accounts, unit="count", risk="either", group="DEBT", window=0, zh="未结清贷款笔数")
def loans_open() -> pl.Expr:
    """Open loans, acceptances and letters of credit left out"""
    return owing.sum()


@feature(loan_accounts, unit="count", risk="rises", group="DEBT", window=0, zh="当前有余额的贷款机构数")
def lenders_now() -> pl.Expr:
    """Lenders with an open loan"""
    return pl.col("lender").filter(owing).n_unique()


@feature(loan_accounts, unit="count", risk="rises", group="DEBT", window=0, zh="当前有余额的非银行贷款机构数")
def non_bank_lenders_now() -> pl.Expr:
    """Lenders with an open loan that are no banks"""
    return pl.col("lender").filter(owing & (pl.col("lender_kind") != "bank")).n_unique()


@feature(loan_accounts, unit="share", risk="either", group="DEBT", window=0, zh="信用方式贷款余额占比")
def credit_mode_share() -> pl.Expr:
    """Share lent on credit alone of the loan balance whose security is known"""
    return ratio(pl.when(mode == "credit").then(balance).sum(), pl.when(mode.is_not_null()).then(balance).sum())


@feature(loan_accounts, unit="fen", risk="either", group="DEBT", window=0, zh="无抵质押贷款余额（信用与保证）")
def unsecured_balance() -> pl.Expr:
    """Balance of loans without a pledged asset: on credit alone, or guaranteed"""
    return pl.when(mode.is_in(["credit", "guarantee"])).then(balance).sum()


@feature(loan_accounts, unit="count", risk="either", group="TENURE", window=None, zh="历史贷款笔数")
def loans_ever() -> pl.Expr:
    """Loans on record, open and closed"""
    return pl.col("is_borrowing").sum()


@feature(
    loan_accounts,
    unit="flag",
    risk="either",
    group="TENURE",
    window=None,
    zh="无短期及中长期借款记录（按借据，首贷户）",
)
def never_borrowed() -> pl.Expr:
    """No loan on record, short-term or longer; bills and letters of credit are no loans"""
    return ~pl.col("is_borrowing").any()


@feature(loan_accounts, unit="months", risk="falls", group="TENURE", window=None, zh="信贷历史月数")
def credit_history_months() -> pl.Expr:
    """Whole months since the first credit was granted; 0 without any"""
    return pl.col("months_since").max().fill_null(0)


@feature(loan_accounts, unit="ratio", risk="rises", group="DEBT", window=0, zh="现有贷款加权平均年利率")
def loan_rate() -> pl.Expr:
    """Mean annual rate of open loans, weighted by balance, where known"""
    known = pl.when(pl.col("rate_bp").is_not_null()).then(balance.cast(pl.Int128))
    interest = (known * pl.col("rate_bp")).sum().cast(pl.Float64)
    return ratio(interest, (known.sum() * WHOLE_BP).cast(pl.Float64))


@feature(loan_accounts, unit="fen", risk="either", group="DEBT", window=0, zh="90天内到期贷款余额")
def maturing_90d() -> pl.Expr:
    """Balance of open loans that mature within 90 days, when a renewal can be asked for"""
    return maturing.sum()


@feature(loan_accounts, unit="share", risk="rises", group="DEBT", window=0, zh="90天内到期贷款余额占比")
def maturing_share_90d() -> pl.Expr:
    """Share of the loan balance that matures within 90 days"""
    return ratio(maturing.sum(), balance.sum())


@feature(loan_accounts, unit="count", risk="either", group="DEBT", window=36, zh="近36个月续贷笔数")
def renewals_36m() -> pl.Expr:
    """Loans of the last 36 months, to the day, that renew an older one"""
    return (pl.col("is_renewal") & (pl.col("months_since") < RENEWAL_MONTHS)).sum()


@feature(loan_accounts, unit="share", risk="rises", group="REPAYMENT", window=0, zh="不良贷款余额占比")
def bad_balance_share() -> pl.Expr:
    """Share classed substandard, doubtful or loss of the loan balance that is classed"""
    return ratio(pl.when(bad).then(balance).sum(), pl.when(five_class.is_not_null()).then(balance).sum())


@feature(loan_accounts, unit="share", risk="rises", group="REPAYMENT", window=0, zh="关注及不良贷款余额占比")
def weak_balance_share() -> pl.Expr:
    """Share classed special mention or worse of the loan balance that is classed"""
    weak = five_class != "normal"
    return ratio(pl.when(weak).then(balance).sum(), pl.when(five_class.is_not_null()).then(balance).sum())


@feature(loan_accounts, unit="days", risk="rises", group="REPAYMENT", window=0, zh="未结清贷款最长逾期天数")
def loan_days_past_due_now() -> pl.Expr:
    """Most days past due of an open loan, as its newest version tells; 0 without an open loan"""
    return pl.when(pl.col("is_open").any()).then(pl.col("days_past_due").max()).otherwise(0)


@feature(loan_accounts, unit="count", risk="rises", group="REPAYMENT", window=60, zh="近5年重组贷款笔数")
def loans_restructured_60m() -> pl.Expr:
    """Loans restructured in distress in the last five years, to the day"""
    return pl.col("restructured").sum()


@feature(loan_accounts, unit="count", risk="rises", group="REPAYMENT", window=60, zh="近5年核销贷款笔数")
def loans_written_off_60m() -> pl.Expr:
    """Loans written off in the last five years, to the day"""
    return pl.col("written_off").sum()
