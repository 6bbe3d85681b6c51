"""The enterprise credit report (企业信用报告): summary, loans, instalments, guarantees, enquiries; and real estate."""

import dataframely as dy
import polars as pl

from sources.contracts.columns import (
    MOST_FEN,
    basis_points,
    choice,
    count,
    day,
    enterprise_id,
    known_on,
    money,
    planned_day,
    pseudonym,
    reference,
)
from sources.contracts.table import Table

LENDER_KINDS = {
    "bank": "银行",
    "microloan": "小额贷款公司",
    "leasing": "融资租赁公司",
    "factoring": "保理公司",
    "consumer_finance": "消费金融公司",
    "other": "其他",
}
LOAN_KINDS = {
    "working_capital": "流动资金贷款",
    "fixed_asset": "固定资产贷款",
    "trade_finance": "贸易融资",
    "discount": "贴现",
    "acceptance": "银行承兑汇票",
    "letter_of_credit": "信用证",
    "leasing": "融资租赁",
    "other": "其他",
}
GUARANTEE_MODES = {
    "credit": "信用",
    "mortgage": "抵押",
    "pledge": "质押",
    "pledge_ip": "知识产权质押",
    "guarantee": "保证",
    "combined": "组合担保",
}
FIVE_CLASSES = {
    "normal": "正常",
    "special_mention": "关注",
    "substandard": "次级",
    "doubtful": "可疑",
    "loss": "损失",
}
ENQUIRY_REASONS = {
    "loan_approval": "贷款审批",
    "guarantee_check": "担保资格审查",
    "post_loan": "贷后管理",
    "own": "本人查询",
    "other": "其他",
}
REAL_ESTATE_KINDS = {
    "residential": "住宅",
    "office": "办公",
    "commercial": "商业",
    "industrial": "工业",
    "land": "土地使用权",
}
MOST_RATE_BP = 3_600
MOST_DAYS = 36_500
MOST_INSTALMENTS = 10_000


class CreditReports(dy.Schema):
    """One row the summary (信息概要, EB01A) of one enterprise credit report."""

    enterprise_id = enterprise_id()
    report = reference("Number of the report (报告编号)")
    reported_on = day("报告时间")
    first_credit_year = dy.Int64(nullable=True, min=1980, max=2100, description="EB01AR01 首次有信贷交易的年份")
    first_liability_year = dy.Int64(nullable=True, min=1980, max=2100, description="EB01AR02 首次有相关还款责任的年份")
    institutions_ever = count("EB01AS01 发生信贷交易的机构数")
    institutions_open = count("EB01AS02 当前有未结清信贷交易的机构数")
    loan_balance_fen = money("EB01AJ01 借贷交易余额")
    recovered_balance_fen = money("EB01AJ02 被追偿余额")
    special_mention_balance_fen = money("EB01AJ03 关注类借贷余额")
    bad_balance_fen = money("EB01AJ04 不良类借贷余额")
    guarantee_balance_fen = money("EB01AJ05 担保交易余额")
    guarantee_special_mention_fen = money("EB01AJ06 关注类担保余额")
    guarantee_bad_fen = money("EB01AJ07 不良类担保余额")
    short_term_loans = count("短期借款 on record, open and closed")
    mid_long_term_loans = count("中长期借款 on record, open and closed")
    fixed_limit_fen = money("非循环信用额度总额")
    fixed_used_fen = money("非循环信用额度已用")
    revolving_limit_fen = money("循环信用额度总额")
    revolving_used_fen = money("循环信用额度已用")
    tax_arrears_records = count("欠税记录数")
    judgments = count("民事判决记录数")
    enforcements = count("强制执行记录数")
    penalties = count("行政处罚记录数")
    known_on = known_on()

    @dy.rule()
    def known_not_before_reported(cls) -> pl.Expr:
        return cls.known_on.col >= cls.reported_on.col

    @dy.rule()
    def open_institutions_among_all(cls) -> pl.Expr:
        return cls.institutions_open.col <= cls.institutions_ever.col


class Loans(dy.Schema):
    """One row a version of a loan, as a report of that day tells it."""

    enterprise_id = enterprise_id()
    loan = reference("Number of the account (借据编号)")
    lender = pseudonym("the lender")
    lender_kind = choice(LENDER_KINDS, "Kind of lender")
    kind = choice(LOAN_KINDS, "Kind of loan")
    guarantee_mode = choice(GUARANTEE_MODES, "How it is secured (担保方式)", nullable=True)
    granted_on = day("发放日期")
    amount_fen = dy.Int64(min=1, max=MOST_FEN, description="发放金额, fen")
    rate_bp = basis_points("Annual rate", most=MOST_RATE_BP)
    matures_on = planned_day("到期日期", nullable=False)
    balance_fen = money("余额 as known with this version", nullable=False)
    five_class = choice(FIVE_CLASSES, "五级分类 as known with this version", nullable=True)
    days_past_due = count("逾期天数 as known with this version", most=MOST_DAYS)
    closed_on = day("结清日期", nullable=True)
    restructured_on = day("Restructured in distress on this day", nullable=True)
    written_off_on = day("核销 on this day", nullable=True)
    renewal_of = dy.String(nullable=True, max_length=64, description="Number of the loan that this one renews (续贷)")
    known_on = known_on()

    @dy.rule()
    def matures_after_granted(cls) -> pl.Expr:
        return cls.matures_on.col >= cls.granted_on.col

    @dy.rule()
    def known_not_before_granted(cls) -> pl.Expr:
        return cls.known_on.col >= cls.granted_on.col

    @dy.rule()
    def closed_not_before_granted(cls) -> pl.Expr:
        return cls.closed_on.col >= cls.granted_on.col

    @dy.rule()
    def balance_within_amount(cls) -> pl.Expr:
        return cls.balance_fen.col <= cls.amount_fen.col


class Repayments(dy.Schema):
    """One row an instalment that fell due."""

    enterprise_id = enterprise_id()
    loan = reference("Number of the account (借据编号)")
    instalment = dy.Int64(min=1, max=MOST_INSTALMENTS, description="Number of the instalment (期数)")
    due_on = planned_day("应还日期", nullable=False)
    due_fen = money("应还金额", nullable=False)
    paid_on = day("Day on which it was paid in full; null = not yet", nullable=True)
    paid_fen = money("实还金额")
    known_on = known_on()


class Guarantees(dy.Schema):
    """One row a guarantee that the enterprise gave for the debt of another."""

    enterprise_id = enterprise_id()
    guarantee = reference("Number of the guarantee contract")
    guaranteed = pseudonym("the firm whose debt is guaranteed")
    amount_fen = dy.Int64(min=1, max=MOST_FEN, description="担保金额, fen")
    starts_on = day("Valid from")
    ends_on = planned_day("Valid to")
    released_on = day("Released on this day", nullable=True)
    called_on = day("代偿: called on this day", nullable=True)
    known_on = known_on()

    @dy.rule()
    def ends_not_before_start(cls) -> pl.Expr:
        return cls.ends_on.col >= cls.starts_on.col

    @dy.rule()
    def known_not_before_start(cls) -> pl.Expr:
        return cls.known_on.col >= cls.starts_on.col


class Enquiries(dy.Schema):
    """One row an enquiry for the enterprise's credit report."""

    enterprise_id = enterprise_id()
    on = day("查询日期")
    lender = pseudonym("who enquired")
    reason = choice(ENQUIRY_REASONS, "查询原因")
    known_on = known_on()

    @dy.rule()
    def known_not_before_enquiry(cls) -> pl.Expr:
        return cls.known_on.col >= cls.on.col


class RealEstate(dy.Schema):
    """One row a version of a title to real estate that the enterprise holds or held."""

    enterprise_id = enterprise_id()
    title = reference("Number of the title (不动产权证号)")
    kind = choice(REAL_ESTATE_KINDS, "Kind of property")
    area_m2 = count("Floor or land area, m²", most=10**9)
    appraised_fen = money("Appraised value")
    acquired_on = day("登记日期")
    sold_on = day("Transferred away on this day", nullable=True)
    mortgaged_on = day("抵押登记日", nullable=True)
    mortgage_released_on = day("抵押注销日", nullable=True)
    seized_on = day("查封 on this day", nullable=True)
    seizure_lifted_on = day("解封 on this day", nullable=True)
    known_on = known_on()

    @dy.rule()
    def known_not_before_acquired(cls) -> pl.Expr:
        return cls.known_on.col >= cls.acquired_on.col

    @dy.rule()
    def sold_not_before_acquired(cls) -> pl.Expr:
        return cls.sold_on.col >= cls.acquired_on.col

    @dy.rule()
    def mortgage_released_not_before_it_began(cls) -> pl.Expr:
        return cls.mortgage_released_on.col >= cls.mortgaged_on.col

    @dy.rule()
    def seizure_lifted_not_before_it_began(cls) -> pl.Expr:
        return cls.seizure_lifted_on.col >= cls.seized_on.col


CREDIT_REPORTS = Table(
    name="credit_reports",
    schema=CreditReports,
    block="credit",
    zh="企业信用报告概要",
    known_on_default=("reported_on",),
    key=("enterprise_id", "report"),
)
LOANS = Table(
    name="loans",
    schema=Loans,
    block="credit",
    zh="借贷",
    known_on_default=("granted_on",),
    key=("enterprise_id", "loan", "known_on"),
    versions_of=("enterprise_id", "loan"),
    changes_later={"closed_on": (), "restructured_on": (), "written_off_on": ()},
    planned=("matures_on",),
    negative_changes=("restructured_on", "written_off_on"),
)
REPAYMENTS = Table(
    name="repayments",
    schema=Repayments,
    block="credit",
    zh="还款",
    known_on_default=("due_on",),
    key=("enterprise_id", "loan", "instalment", "known_on"),
    versions_of=("enterprise_id", "loan", "instalment"),
    changes_later={"paid_on": ("paid_fen",)},
    planned=("due_on",),
    negative_until=pl.col("paid_on"),
)
GUARANTEES = Table(
    name="guarantees",
    schema=Guarantees,
    block="credit",
    zh="对外担保",
    known_on_default=("starts_on",),
    key=("enterprise_id", "guarantee", "known_on"),
    versions_of=("enterprise_id", "guarantee"),
    changes_later={"released_on": (), "called_on": ()},
    planned=("ends_on",),
    negative_changes=("called_on",),
)
ENQUIRIES = Table(
    name="enquiries",
    schema=Enquiries,
    block="credit",
    zh="征信查询",
    known_on_default=("on",),
    key=("enterprise_id", "on", "lender", "reason"),
    negative_until=pl.col("on"),
)
REAL_ESTATE = Table(
    name="real_estate",
    schema=RealEstate,
    block="credit",
    zh="不动产",
    known_on_default=("acquired_on",),
    key=("enterprise_id", "title", "known_on"),
    versions_of=("enterprise_id", "title"),
    changes_later={
        "sold_on": (),
        "mortgaged_on": (),
        "mortgage_released_on": (),
        "seized_on": (),
        "seizure_lifted_on": (),
    },
)
