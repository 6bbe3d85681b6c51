"""What the terms of products ask about and no model looks at.

These features stand in no feature set, so that a model's digest does not change with them.
"""

import polars as pl

from features.arithmetic import YEAR, growth, last, months_reach, total
from features.credit.debt import owing
from features.credit.panels import land_titles, loan_accounts, loan_enquiries, newest_report
from features.definition import Feature, feature
from features.invoice.panels import months
from features.ip.panels import ip_portfolio
from features.ip.rights import held, kind
from features.legal.courts import sued
from features.legal.panels import began_within, cases
from features.tax.declared import this_year, two_years
from features.tax.panels import QUARTER, filed_months, yearly_statement
from features.terms.panels import awards, legal_reps, tax_payments
from sources.contracts.legal import OF_A_DAY

period_ago, filed = pl.col("period_ago"), pl.col("filed")
free = ~pl.col("mortgaged") & ~pl.col("seized")


@feature(legal_reps, unit="months", risk="falls", group="GOVERNANCE", window=None, zh="法定代表人未变更月数")
def legal_rep_stable_months() -> pl.Expr:
    """Whole months since the legal representative last changed, or since the enterprise was established"""
    return pl.coalesce(pl.col("changed").min(), pl.col("founded").max())


@feature(tax_payments, unit="months", risk="rises", group="TAX_LEVEL", window=None, zh="距最近一次缴纳税款月数")
def months_since_tax_paid() -> pl.Expr:
    """Whole months since tax was last paid; if it never was, since the month of the first return, if that is a year"""
    never_for = pl.col("filed_ago").max()
    return pl.coalesce(pl.col("paid_since").min(), pl.when(never_for >= YEAR).then(never_for))


@feature(tax_payments, unit="months", risk="rises", group="TAX_LEVEL", window=24, zh="近24个月最长连续无税款入库月数")
def longest_untaxed_months_24m() -> pl.Expr:
    """Most months in a row in which no tax was paid, of the last 24 months since the first return filed"""
    paid, oldest = pl.col("paid_ago"), pl.col("filed_ago").max().clip(upper_bound=2 * YEAR - 1)
    since, between, until = paid.min(), paid.sort().diff().max() - 1, oldest - paid.max().fill_null(-1)
    return pl.when(oldest >= 0).then(pl.max_horizontal(since, between, until))


@feature(filed_months, unit="count", risk="rises", group="TAX_CONDUCT", window=12, zh="近12个月增值税零申报次数")
def zero_vat_filings_12m() -> pl.Expr:
    """VAT returns with sales of zero, of the last 12 months; a quarter's counts once"""
    return pl.when(filed.any()).then(period_ago.filter(this_year & pl.col("zero")).n_unique())


@feature(filed_months, unit="count", risk="rises", group="TAX_CONDUCT", window=24, zh="近24个月增值税漏报次数")
def missing_vat_filings_24m() -> pl.Expr:
    """VAT returns due and not known, of the last 24 months; a quarter counts once where returns are of quarters"""
    missing = period_ago.filter(two_years & ~filed)
    is_quarterly = filed.sum() > period_ago.filter(filed).n_unique()
    quarters = missing.floordiv(QUARTER).n_unique()
    return pl.when(filed.any()).then(pl.when(is_quarterly).then(quarters).otherwise(missing.len()))


@feature(yearly_statement, unit="fen", risk="falls", group="PROFITABILITY", window=24, zh="最近年度净利润")
def statement_net_profit() -> pl.Expr:
    """Net profit of the newest statement over a year"""
    return pl.col("net_profit_fen").first()


@feature(yearly_statement, unit="fen", risk="either", group="INNOVATION", window=24, zh="最近年度研发费用")
def statement_rd_expense() -> pl.Expr:
    """R&D expense of the newest statement over a year"""
    return pl.col("rd_expense_fen").first()


@feature(months, unit="share", risk="falls", group="SALES_TREND", window=15, zh="近3个月销售额同比增幅")
def sales_growth_3m_yoy() -> pl.Expr:
    """Growth of sales, last 3 months against the same months of last year"""
    then = pl.col("months_ago").is_between(YEAR, YEAR + 2)
    return growth(total("sales", last(3)), total("sales", then), observed=months_reach(15))


@feature(ip_portfolio, unit="count", risk="falls", group="INNOVATION", window=0, zh="有效集成电路布图设计件数")
def layout_designs_held() -> pl.Expr:
    """Layout designs of integrated circuits held"""
    return (held & (kind == "layout_design")).sum()


@feature(ip_portfolio, unit="count", risk="falls", group="INNOVATION", window=0, zh="有效植物新品种件数")
def plant_varieties_held() -> pl.Expr:
    """Plant variety rights held"""
    return (held & (kind == "plant_variety")).sum()


def _enquiries_within(newest_months: int) -> pl.Expr:
    return (pl.col("months_since") < newest_months).sum()


@feature(loan_enquiries, unit="count", risk="rises", group="DEBT", window=1, zh="近1个月贷款审批查询次数")
def loan_enquiries_1m() -> pl.Expr:
    """Enquiries to approve a loan in the last month, to the day"""
    return _enquiries_within(1)


@feature(loan_enquiries, unit="count", risk="rises", group="DEBT", window=3, zh="近3个月贷款审批查询次数")
def loan_enquiries_3m() -> pl.Expr:
    """Enquiries to approve a loan in the last 3 months, to the day"""
    return _enquiries_within(3)


@feature(loan_enquiries, unit="count", risk="rises", group="DEBT", window=6, zh="近6个月贷款审批查询次数")
def loan_enquiries_6m() -> pl.Expr:
    """Enquiries to approve a loan in the last 6 months, to the day"""
    return _enquiries_within(6)


@feature(newest_report, unit="fen", risk="either", group="DEBT", window=12, zh="未使用的循环信用额度")
def idle_lines() -> pl.Expr:
    """Revolving limit that is not used, by the newest credit report of the last 12 months"""
    return (pl.col("revolving_limit_fen") - pl.col("revolving_used_fen")).clip(lower_bound=0).first()


@feature(loan_accounts, unit="days", risk="either", group="DEBT", window=0, zh="距最近一笔贷款到期天数")
def days_to_maturity() -> pl.Expr:
    """Days until the next open loan matures; loans past their maturity are left out"""
    days_left = pl.col("days_left")
    return days_left.filter(owing & (days_left >= 0)).min()


@feature(land_titles, unit="fen", risk="falls", group="SOLVENCY", window=0, zh="未抵押未查封不动产评估价值")
def real_estate_free_value() -> pl.Expr:
    """Appraised value of real estate held, neither mortgaged nor seized, as far as known; unknown if none of it is"""
    appraised = pl.col("appraised_fen").filter(free)
    return pl.when((appraised.count() > 0) | ~free.any()).then(appraised.sum())


@feature(cases, unit="count", risk="rises", group="LEGAL", window=24, zh="近24个月行政处罚次数")
def penalties_24m() -> pl.Expr:
    """Penalties of the last 24 months, to the day, those for environment and safety included"""
    return (pl.col("kind").is_in(OF_A_DAY) & began_within(24)).sum()


@feature(cases, unit="count", risk="rises", group="LEGAL", window=0, zh="未结知识产权纠纷被告案件数")
def ip_suits_now() -> pl.Expr:
    """Open cases as defendant over intellectual property"""
    return (sued & (pl.col("cause") == "intellectual_property")).sum()


@feature(awards, unit="count", risk="falls", group="ORDERS", window=12, zh="政府采购中标合同数（在手或近12个月签订）")
def government_awards() -> pl.Expr:
    """Contracts with government bodies, at hand or of the last 12 months, not called off"""
    counts, is_award = pl.col("counts"), pl.col("is_award")
    found, untold = (counts & is_award).sum(), (counts & is_award.is_null()).any()
    return pl.when((found > 0) | ~untold).then(found)


TERMS: tuple[Feature, ...] = (
    legal_rep_stable_months, months_since_tax_paid, longest_untaxed_months_24m, zero_vat_filings_12m,
    missing_vat_filings_24m, statement_net_profit, statement_rd_expense, sales_growth_3m_yoy, layout_designs_held,
    plant_varieties_held, loan_enquiries_1m, loan_enquiries_3m, loan_enquiries_6m, idle_lines, days_to_maturity,
    real_estate_free_value, penalties_24m, ip_suits_now, government_awards,
)  # fmt: skip
"""Features that terms of products ask about, beside those of the feature sets."""
