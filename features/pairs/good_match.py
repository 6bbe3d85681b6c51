"""What a good match is: the one list of what is asked of an enterprise and a product together.

Amounts are fen, or ratios to a year's turnover: invoiced sales of 12 months, else declared sales, else receipts. A
ratio is null where its whole is unknown or not positive.

A strength is null, not 0, for a product that does not rest on it: 0 says that the enterprise has none of what the bank
asks about. What a product rests on, its offer says.
"""

from functools import reduce
from operator import or_

import polars as pl

from features.arithmetic import ratio
from features.bank import balances, flows
from features.credit import debt, exposure, repayment
from features.definition import Feature
from features.invoice import counterparties, rhythm, sales
from features.ip import rights, titles
from features.legal import courts
from features.pairs.definition import PairFeature, pair_feature
from features.people import contributions
from features.registry import entry
from features.tax import declared, filings, grades, statements
from features.trade import exports, orders

FIRM: tuple[Feature, ...] = (
    entry.age_months,
    declared.declared_sales_12m, filings.tax_paid_12m, filings.late_filings_share_24m, grades.tax_grade_level,
    statements.statement_net_margin, statements.statement_debt_share, statements.statement_cash_ratio,
    sales.sales_12m, sales.sales_growth_12m, rhythm.sales_variation_12m, counterparties.top1_buyer_share_12m,
    flows.bank_inflow_12m, flows.bank_net_flow_ratio_12m, flows.bank_inflow_variation_12m,
    balances.balance_mean_3m, balances.cash_days_12m,
    contributions.headcount, contributions.insurance_unpaid_months_12m,
    rights.rights_held, rights.inventions_held, titles.srdi_level, titles.hnte_valid, titles.tech_sme_valid,
    courts.suits_against_now, courts.enforcements_now, courts.adverse_events_36m,
    orders.order_backlog, exports.exports_12m,
    debt.loan_balance, debt.lenders_now, debt.loans_ever, debt.never_borrowed, debt.loan_rate, debt.maturing_90d,
    repayment.worst_days_past_due_24m, repayment.late_months_24m, repayment.days_since_late,
    exposure.enquiring_lenders_3m, exposure.real_estate_value,
)  # fmt: skip
"""What of the enterprise alone the models see: plain features, most of them of panels that the conditions of products
are read from anyway."""


def _first_positive(*amounts: str) -> pl.Expr:
    return pl.coalesce(pl.when(pl.col(amount) > 0).then(pl.col(amount)) for amount in amounts)


TURNOVER = _first_positive("sales_12m", "declared_sales_12m", "bank_inflow_12m").alias("turnover")
"""Worked out once an enterprise, before it meets any product: fen, positive or null."""

turnover = pl.col(TURNOVER.meta.output_name())
wanted, usable, limit = pl.col("wanted_fen"), pl.col("usable_fen"), pl.col("limit_fen")
category, mode = pl.col("category"), pl.col("guarantee_mode")
on_tax, on_flows, on_ip = pl.col("rests_on_tax"), pl.col("rests_on_flows"), pl.col("rests_on_ip")
on_orders, on_exports, on_property = (pl.col(f"rests_on_{basis}") for basis in ("orders", "exports", "property"))
is_renewal, is_known_borrower = pl.col("is_renewal"), pl.col("loans_ever").is_not_null()


def _one_of(word: pl.Expr, *words: str) -> pl.Expr:
    """Whether it is one of a few; quicker than `is_in` on a few rows."""
    return reduce(or_, (word == one for one in words))


@pair_feature(unit="ratio", approval="rises", group="AMOUNT", zh="可贷额度与所需金额之比")
def limit_to_need() -> pl.Expr:
    """Limit that known facts leave against the amount needed; unknown where nothing bounds it"""
    return ratio(limit, wanted)


@pair_feature(unit="share", approval="either", group="AMOUNT", zh="可用金额占所需金额比例")
def usable_to_need() -> pl.Expr:
    """Share of the amount needed that the enterprise would use of the product"""
    return ratio(usable, wanted)


@pair_feature(unit="flag", approval="either", group="AMOUNT", zh="额度尚不能测算")
def limit_open() -> pl.Expr:
    """Whether the limit is not worked out: a fact is unknown, or the source states no formula"""
    return pl.col("is_limit_open")


@pair_feature(unit="fen", approval="either", group="AMOUNT", zh="可用金额")
def usable_amount() -> pl.Expr:
    """Amount that the enterprise would use of the product"""
    return usable


@pair_feature(unit="fen", approval="either", group="AMOUNT", zh="所需金额")
def need_amount() -> pl.Expr:
    """Amount needed"""
    return wanted


@pair_feature(unit="ratio", approval="falls", group="AMOUNT", zh="所需金额与年营业额之比")
def need_to_turnover() -> pl.Expr:
    """Amount needed against a year's turnover"""
    return wanted / turnover


@pair_feature(unit="ratio", approval="falls", group="AMOUNT", zh="放款后负债与年营业额之比")
def debt_after_to_turnover() -> pl.Expr:
    """Balance of all loans with this one against a year's turnover; what a renewal pays back is not counted twice"""
    paid_back = pl.when(is_renewal).then(pl.min_horizontal(usable, "maturing_90d")).otherwise(0)
    return (pl.col("loan_balance") + usable - paid_back) / turnover


@pair_feature(unit="ratio", approval="either", group="AMOUNT", zh="产品最高额度与年营业额之比")
def cap_to_turnover() -> pl.Expr:
    """The most that the product lends against a year's turnover"""
    return pl.col("cap_fen") / turnover


@pair_feature(unit="share", approval="either", group="PRICE", zh="综合年利率")
def rate() -> pl.Expr:
    """All-in annual rate after the subsidies that count; assumed where the source does not state it in full"""
    return pl.col("rate")


@pair_feature(unit="flag", approval="either", group="PRICE", zh="利率未完整公布")
def rate_assumed() -> pl.Expr:
    """Whether the source does not state the rate in full"""
    return pl.col("is_rate_assumed")


@pair_feature(unit="share", approval="either", group="PRICE", zh="较现有贷款节省的年利率")
def rate_saved() -> pl.Expr:
    """Mean rate of open loans less the rate of this one; unknown without a loan whose rate is known"""
    return pl.col("loan_rate") - pl.col("rate")


@pair_feature(unit="ratio", approval="either", group="TERM", zh="可用期限与所需期限之比")
def term_to_need() -> pl.Expr:
    """Term that the enterprise would use against the term it needs"""
    return ratio(pl.col("months"), pl.col("wanted_months"))


@pair_feature(unit="months", approval="either", group="TERM", zh="产品最长期限")
def longest_term() -> pl.Expr:
    """Longest term of the product"""
    return pl.col("term_months")


@pair_feature(unit="ratio", approval="rises", group="TAX_STRENGTH", zh="税贷类产品：纳税额与年营业额之比")
def tax_strength() -> pl.Expr:
    """For a product that rests on tax: tax paid in 12 months against a year's turnover"""
    return pl.when(on_tax).then(pl.col("tax_paid_12m") / turnover)


@pair_feature(unit="level", approval="rises", group="TAX_STRENGTH", zh="税贷类产品：纳税信用级别")
def tax_grade_strength() -> pl.Expr:
    """For a product that rests on tax: newest tax-credit grade (A = 5, D = 1)"""
    return pl.when(on_tax).then("tax_grade_level")


@pair_feature(unit="ratio", approval="either", group="FLOW_STRENGTH", zh="流水类产品：账户流入与年营业额之比")
def flow_strength() -> pl.Expr:
    """For a product that rests on flows: receipts of 12 months against a year's turnover"""
    return pl.when(on_flows).then(pl.col("bank_inflow_12m") / turnover)


@pair_feature(unit="ratio", approval="falls", group="FLOW_STRENGTH", zh="流水类产品：月度流水波动")
def flow_unsteadiness() -> pl.Expr:
    """For a product that rests on flows: variation of monthly receipts, else of monthly sales"""
    return pl.when(on_flows).then(pl.coalesce("bank_inflow_variation_12m", "sales_variation_12m"))


@pair_feature(unit="count", approval="rises", group="IP_STRENGTH", zh="知识产权类产品：有效发明专利数")
def invention_strength() -> pl.Expr:
    """For a product that rests on intellectual property: patents of invention held"""
    return pl.when(on_ip).then("inventions_held")


@pair_feature(unit="count", approval="rises", group="IP_STRENGTH", zh="知识产权类产品：有效知识产权数")
def rights_strength() -> pl.Expr:
    """For a product that rests on intellectual property: rights of all kinds held"""
    return pl.when(on_ip).then("rights_held")


@pair_feature(unit="ratio", approval="rises", group="ORDER_STRENGTH", zh="订单类产品：在手订单与年营业额之比")
def order_strength() -> pl.Expr:
    """For a product that rests on orders or receivables: order backlog against a year's turnover"""
    return pl.when(on_orders).then(pl.col("order_backlog") / turnover)


@pair_feature(unit="ratio", approval="rises", group="EXPORT_STRENGTH", zh="出口类产品：出口额与年营业额之比")
def export_strength() -> pl.Expr:
    """For a product that rests on exports: exports of 12 months against a year's turnover"""
    return pl.when(on_exports).then(pl.col("exports_12m") / turnover)


@pair_feature(unit="level", approval="rises", group="TITLE_STRENGTH", zh="科技与专精特新类产品：资质级别")
def title_strength() -> pl.Expr:
    """For a loan to technology or SRDI firms: the rung of SRDI titles, and one each for HNTE and technology SME"""
    return pl.when(_one_of(category, "tech_loan", "srdi_loan")).then(
        pl.col("srdi_level") + pl.col("hnte_valid") + pl.col("tech_sme_valid")
    )


@pair_feature(unit="ratio", approval="rises", group="PROPERTY_STRENGTH", zh="抵押类产品：不动产价值与可用金额之比")
def property_strength() -> pl.Expr:
    """For a product that rests on real estate: appraised value of that held against the amount used"""
    return pl.when(on_property).then(ratio(pl.col("real_estate_value"), usable))


@pair_feature(unit="flag", approval="rises", group="FIRST_LOAN", zh="首贷类产品：企业从未借款")
def first_loan_strength() -> pl.Expr:
    """For a first loan: whether the enterprise never borrowed"""
    return pl.when(category == "first_loan").then("never_borrowed")


@pair_feature(unit="flag", approval="rises", group="FIRST_LOAN", zh="企业从未借款：产品欢迎首贷户")
def newcomer_welcome() -> pl.Expr:
    """For an enterprise that never borrowed: whether the product's source welcomes such; unknown where it is silent"""
    return pl.when(pl.col("never_borrowed") > 0).then("first_loan_friendly")


@pair_feature(unit="ratio", approval="rises", group="CONDITIONS", zh="与最近门槛的距离")
def threshold_margin() -> pl.Expr:
    """Distance to the nearest threshold of the numeric conditions met, over the threshold"""
    return pl.col("margin")


@pair_feature(unit="share", approval="rises", group="CONDITIONS", zh="已满足条件占比")
def met_share() -> pl.Expr:
    """Share of the product's conditions that known facts meet; 1 where it puts none"""
    return pl.when(pl.col("conditions") > 0).then(ratio(pl.col("met"), pl.col("conditions"))).otherwise(1.0)


@pair_feature(unit="count", approval="falls", group="CONDITIONS", zh="待核实的常见事项数")
def usual_questions() -> pl.Expr:
    """Open questions about facts that most enterprises can answer"""
    return pl.col("open_usual")


@pair_feature(unit="count", approval="falls", group="CONDITIONS", zh="待核实的少见事项数")
def rare_questions() -> pl.Expr:
    """Open questions about facts that few enterprises meet"""
    return pl.col("open_rare")


@pair_feature(unit="count", approval="falls", group="CONDITIONS", zh="不符合的条件数")
def conditions_failed() -> pl.Expr:
    """Conditions that known facts fail; 0 for every product that is shown"""
    return pl.col("failed")


@pair_feature(unit="level", approval="either", group="SECURITY", zh="担保要求（0信用、1保证或保险、2质押、3抵押）")
def security_asked() -> pl.Expr:
    """What stands behind it: 0 a signature, 1 a guarantor or insurer, 2 a pledge, 3 real estate"""
    guaranteed, pledged = _one_of(mode, "guarantee", "insurance"), _one_of(mode, "pledge_ip", "pledge_receivable")
    return guaranteed + 2 * pledged + 3 * _one_of(mode, "mortgage", "credit+mortgage")


@pair_feature(unit="ratio", approval="rises", group="RENEWAL", zh="续贷产品：90天内到期贷款与所需金额之比")
def renewal_strength() -> pl.Expr:
    """For a renewal: loans that mature within 90 days against the amount needed"""
    return pl.when(is_renewal).then(ratio(pl.col("maturing_90d"), wanted))


@pair_feature(unit="flag", approval="either", group="BANK_TIE", zh="目前在该行有贷款")
def owes_bank() -> pl.Expr:
    """Whether a loan of this bank is open"""
    return pl.when(is_known_borrower).then(pl.col("tie_loans_open").fill_null(0) > 0)


@pair_feature(unit="share", approval="either", group="BANK_TIE", zh="历史贷款中该行占比")
def bank_share() -> pl.Expr:
    """Share of this bank in the loans on record; 0 without any"""
    return pl.col("tie_loans_ever").fill_null(0) / pl.col("loans_ever").clip(lower_bound=1)


@pair_feature(unit="flag", approval="falls", group="BANK_TIE", zh="在该行有逾期")
def overdue_at_bank() -> pl.Expr:
    """Whether an open loan of this bank is past due"""
    return pl.when(is_known_borrower).then(pl.col("tie_is_overdue").fill_null(value=False))


@pair_feature(unit="months", approval="either", group="BANK_TIE", zh="距该行最近一次放款月数")
def months_since_bank() -> pl.Expr:
    """Whole months since this bank's newest loan was granted; unknown where it never lent"""
    return pl.when(is_known_borrower).then("tie_months_since")


@pair_feature(unit="count", approval="falls", group="BANK_TIE", zh="放款后的贷款机构数")
def lenders_with_this() -> pl.Expr:
    """Lenders with an open loan, this bank counted"""
    is_new = pl.col("tie_loans_open").fill_null(0) == 0
    return pl.col("lenders_now") + is_new


@pair_feature(unit="days", approval="either", group="SPEED", zh="审批所需工作日")
def decision_days() -> pl.Expr:
    """Working days to a decision"""
    return pl.col("decision_days")


PAIRS: tuple[PairFeature, ...] = tuple(value for value in list(vars().values()) if isinstance(value, PairFeature))
"""What of the enterprise and the product together they see, in the order of definition."""
