"""What the tax bureau knows: filings of every tax, the VAT returns line by line, credit grades, statements."""

import dataframely as dy
import polars as pl

from sources.contracts.columns import (
    choice,
    count,
    day,
    enterprise_id,
    known_on,
    money,
    planned_day,
    signed_money,
)
from sources.contracts.table import Table

TAX_TYPES = {
    "vat": "增值税",
    "cit": "企业所得税",
    "iit": "个人所得税代扣代缴",
    "consumption": "消费税",
    "surcharge": "附加税费",
    "stamp": "印花税",
    "other": "其他税费",
}
GRADES = {"A": "A级", "B": "B级", "M": "M级", "C": "C级", "D": "D级"}
FULL_MARKS = 100
ROUNDING_FEN = 100
"""Rounding allowed on an identity of a return's lines: one yuan."""


def _equal(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    return (left - right).abs() <= ROUNDING_FEN


class TaxFilings(dy.Schema):
    """One row a return as filed: a tax, a period, a version. An amended return is a further row."""

    enterprise_id = enterprise_id()
    tax_type = choice(TAX_TYPES, "Kind of tax (税种)")
    period_start = day("所属期起")
    period_end = day("所属期止")
    taxable_sales_fen = signed_money("计税销售额 or taxable income of the period; 0 = a zero filing")
    due_fen = signed_money("应纳税额 after reductions; a refund is negative", nullable=False)
    reduced_fen = money("减免税额")
    due_on = planned_day("申报缴纳期限")
    filed_on = day("申报日期 of this version")
    first_filed_on = day("首次申报日期 of the period, where this version amends an earlier one", nullable=True)
    paid_on = day("入库日期; null = not paid yet, or nothing to pay", nullable=True)
    paid_fen = money("实缴税额")
    arrears_fen = money("欠税余额 of this period as known with this row")
    late_fee_fen = money("滞纳金")
    known_on = known_on()

    @dy.rule()
    def period_ends_after_its_start(cls) -> pl.Expr:
        return cls.period_end.col >= cls.period_start.col

    @dy.rule()
    def filed_not_before_period(cls) -> pl.Expr:
        return cls.filed_on.col >= cls.period_start.col

    @dy.rule()
    def first_filed_not_after_filed(cls) -> pl.Expr:
        return cls.first_filed_on.col <= cls.filed_on.col

    @dy.rule()
    def known_not_before_filed(cls) -> pl.Expr:
        return cls.known_on.col >= cls.filed_on.col


class TaxRatings(dy.Schema):
    """One row a yearly tax-credit grade (纳税缴费信用级别), as published and as mended later."""

    enterprise_id = enterprise_id()
    year = dy.Int64(min=2014, max=2100, description="Year evaluated (评价年度)")
    grade = choice(GRADES, "Grade as published")
    points = count("评价得分", most=FULL_MARKS)
    published_on = day("Day of publication; result of year t comes in April of t+1")
    repaired_on = day("信用修复 on this day", nullable=True)
    grade_after_repair = choice(GRADES, "Grade from the day of repair", nullable=True)
    known_on = known_on()

    @dy.rule()
    def published_after_its_year(cls) -> pl.Expr:
        return cls.published_on.col.dt.year() > cls.year.col

    @dy.rule()
    def repaired_not_before_published(cls) -> pl.Expr:
        return cls.repaired_on.col >= cls.published_on.col

    @dy.rule()
    def repair_has_its_grade(cls) -> pl.Expr:
        return cls.repaired_on.col.is_null() == cls.grade_after_repair.col.is_null()

    @dy.rule()
    def known_not_before_published(cls) -> pl.Expr:
        return cls.known_on.col >= cls.published_on.col


class FinancialStatements(dy.Schema):
    """One row a statement as given to the tax bureau; flows are of the whole period, stocks of its last day."""

    enterprise_id = enterprise_id()
    period_start = day("First day of the period; 1 January in statements that add up over the year")
    period_end = day("Last day of the period")
    revenue_fen = signed_money("营业收入")
    cost_fen = signed_money("营业成本")
    operating_profit_fen = signed_money("营业利润")
    net_profit_fen = signed_money("净利润")
    interest_fen = signed_money("利息支出")
    rd_expense_fen = money("研发费用")
    wages_fen = money("应付职工薪酬 of the period")
    operating_cash_flow_fen = signed_money("经营活动现金流量净额")
    cash_fen = money("货币资金")
    receivables_fen = money("应收账款")
    inventory_fen = money("存货")
    current_assets_fen = money("流动资产")
    assets_fen = money("资产总计")
    current_liabilities_fen = money("流动负债")
    liabilities_fen = money("负债合计")
    filed_on = day("报送日期")
    known_on = known_on()

    @dy.rule()
    def period_ends_after_its_start(cls) -> pl.Expr:
        return cls.period_end.col >= cls.period_start.col

    @dy.rule()
    def filed_not_before_period_end(cls) -> pl.Expr:
        return cls.filed_on.col >= cls.period_end.col

    @dy.rule()
    def current_assets_within_assets(cls) -> pl.Expr:
        return cls.current_assets_fen.col <= cls.assets_fen.col

    @dy.rule()
    def current_liabilities_within_liabilities(cls) -> pl.Expr:
        return cls.current_liabilities_fen.col <= cls.liabilities_fen.col

    @dy.rule()
    def known_not_before_filed(cls) -> pl.Expr:
        return cls.known_on.col >= cls.filed_on.col


class VatReturns(dy.Schema):
    """One row a VAT return of a general taxpayer (增值税及附加税费申报表, 一般纳税人适用): main table, this period."""

    enterprise_id = enterprise_id()
    period_start = day("所属期起")
    period_end = day("所属期止")
    rated_sales_fen = signed_money("栏次1 按适用税率计税销售额")
    rated_goods_sales_fen = signed_money("栏次2 其中：应税货物销售额")
    rated_services_sales_fen = signed_money("栏次3 应税劳务销售额")
    audited_sales_fen = signed_money("栏次4 纳税检查调整的销售额")
    simple_sales_fen = signed_money("栏次5 按简易办法计税销售额")
    export_sales_fen = signed_money("栏次7 免、抵、退办法出口销售额")
    exempt_sales_fen = signed_money("栏次8 免税销售额")
    output_tax_fen = signed_money("栏次11 销项税额")
    input_tax_fen = signed_money("栏次12 进项税额")
    credit_brought_forward_fen = money("栏次13 上期留抵税额")
    input_tax_out_fen = signed_money("栏次14 进项税额转出")
    export_refundable_fen = money("栏次15 免、抵、退应退税额")
    audited_rated_tax_fen = money("栏次16 按适用税率计算的纳税检查应补缴税额")
    deductible_tax_fen = signed_money("栏次17 应抵扣税额合计 = 12 + 13 - 14 - 15 + 16")
    deducted_tax_fen = signed_money("栏次18 实际抵扣税额 = the smaller of 17 and 11")
    rated_tax_fen = signed_money("栏次19 应纳税额 = 11 - 18")
    credit_carried_forward_fen = money("栏次20 期末留抵税额 = 17 - 18")
    simple_tax_fen = money("栏次21 简易计税办法计算的应纳税额")
    audited_simple_tax_fen = money("栏次22 按简易计税办法计算的纳税检查应补缴税额")
    relief_fen = money("栏次23 应纳税额减征额")
    tax_due_fen = signed_money("栏次24 应纳税额合计 = 19 + 21 - 23")
    unpaid_at_start_fen = signed_money("栏次25 期初未缴税额, overpaid is negative")
    paid_fen = money("栏次27 本期已缴税额 = 28 + 29 + 30 + 31")
    prepaid_fen = money("栏次28 分次预缴税额")
    export_prepaid_fen = money("栏次29 出口开具专用缴款书预缴税额")
    paid_for_last_period_fen = money("栏次30 本期缴纳上期应纳税额")
    paid_arrears_fen = money("栏次31 本期缴纳欠缴税额")
    unpaid_at_end_fen = signed_money("栏次32 期末未缴税额")
    arrears_fen = money("栏次33 其中：欠缴税额")
    payable_fen = signed_money("栏次34 本期应补（退）税额")
    filed_on = day("申报日期")
    known_on = known_on()

    @dy.rule()
    def period_ends_after_its_start(cls) -> pl.Expr:
        return cls.period_end.col >= cls.period_start.col

    @dy.rule()
    def filed_not_before_period(cls) -> pl.Expr:
        return cls.filed_on.col >= cls.period_start.col

    @dy.rule()
    def known_not_before_filed(cls) -> pl.Expr:
        return cls.known_on.col >= cls.filed_on.col

    @dy.rule()
    def line_17(cls) -> pl.Expr:
        added = cls.input_tax_fen.col + cls.credit_brought_forward_fen.col + cls.audited_rated_tax_fen.col
        return _equal(cls.deductible_tax_fen.col, added - cls.input_tax_out_fen.col - cls.export_refundable_fen.col)

    @dy.rule()
    def line_18(cls) -> pl.Expr:
        smaller = pl.min_horizontal(cls.deductible_tax_fen.col, cls.output_tax_fen.col)
        known = cls.deductible_tax_fen.col.is_not_null() & cls.output_tax_fen.col.is_not_null()
        return ~known | _equal(cls.deducted_tax_fen.col, smaller)

    @dy.rule()
    def line_19(cls) -> pl.Expr:
        return _equal(cls.rated_tax_fen.col, cls.output_tax_fen.col - cls.deducted_tax_fen.col)

    @dy.rule()
    def line_20(cls) -> pl.Expr:
        return _equal(cls.credit_carried_forward_fen.col, cls.deductible_tax_fen.col - cls.deducted_tax_fen.col)

    @dy.rule()
    def line_24(cls) -> pl.Expr:
        return _equal(cls.tax_due_fen.col, cls.rated_tax_fen.col + cls.simple_tax_fen.col - cls.relief_fen.col)

    @dy.rule()
    def line_27(cls) -> pl.Expr:
        last, arrears = cls.paid_for_last_period_fen.col, cls.paid_arrears_fen.col
        return _equal(cls.paid_fen.col, cls.prepaid_fen.col + cls.export_prepaid_fen.col + last + arrears)


class VatReturnsSmallScale(dy.Schema):
    """One row a VAT return of a small-scale taxpayer (小规模纳税人适用), by the quarter or the month: this period."""

    enterprise_id = enterprise_id()
    period_start = day("所属期起")
    period_end = day("所属期止")
    sales_3_fen = money("栏次1 应征增值税不含税销售额（3%征收率）")
    special_invoice_3_fen = money("栏次2 增值税专用发票不含税销售额（3%）")
    other_invoice_3_fen = money("栏次3 其他增值税发票不含税销售额（3%）")
    sales_5_fen = money("栏次4 应征增值税不含税销售额（5%征收率）")
    special_invoice_5_fen = money("栏次5 增值税专用发票不含税销售额（5%）")
    other_invoice_5_fen = money("栏次6 其他增值税发票不含税销售额（5%）")
    used_assets_sales_fen = money("栏次7 销售使用过的固定资产不含税销售额")
    exempt_sales_fen = money("栏次9 免税销售额")
    small_exempt_sales_fen = money("栏次10 小微企业免税销售额")
    below_threshold_sales_fen = money("栏次11 未达起征点销售额")
    other_exempt_sales_fen = money("栏次12 其他免税销售额")
    export_exempt_sales_fen = money("栏次13 出口免税销售额")
    tax_fen = money("栏次15 本期应纳税额")
    relief_fen = money("栏次16 本期应纳税额减征额")
    exempt_tax_fen = money("栏次17 本期免税额")
    tax_due_fen = money("栏次20 应纳税额合计 = 15 - 16")
    prepaid_fen = money("栏次21 本期预缴税额")
    payable_fen = signed_money("栏次22 本期应补（退）税额 = 20 - 21")
    filed_on = day("申报日期")
    known_on = known_on()

    @dy.rule()
    def period_ends_after_its_start(cls) -> pl.Expr:
        return cls.period_end.col >= cls.period_start.col

    @dy.rule()
    def filed_not_before_period(cls) -> pl.Expr:
        return cls.filed_on.col >= cls.period_start.col

    @dy.rule()
    def known_not_before_filed(cls) -> pl.Expr:
        return cls.known_on.col >= cls.filed_on.col

    @dy.rule()
    def line_9(cls) -> pl.Expr:
        parts = cls.small_exempt_sales_fen.col + cls.below_threshold_sales_fen.col + cls.other_exempt_sales_fen.col
        return _equal(cls.exempt_sales_fen.col, parts)

    @dy.rule()
    def line_20(cls) -> pl.Expr:
        return _equal(cls.tax_due_fen.col, cls.tax_fen.col - cls.relief_fen.col)

    @dy.rule()
    def line_22(cls) -> pl.Expr:
        return _equal(cls.payable_fen.col, cls.tax_due_fen.col - cls.prepaid_fen.col)


PERIOD = ("enterprise_id", "period_start", "period_end")

TAX_FILINGS = Table(
    name="tax_filings",
    schema=TaxFilings,
    block="tax",
    zh="纳税申报",
    known_on_default=("filed_on",),
    key=("enterprise_id", "tax_type", "period_start", "period_end", "filed_on", "known_on"),
    versions_of=("enterprise_id", "tax_type", "period_start", "period_end"),
    first_told={"first_filed_on": "filed_on"},
    changes_later={"paid_on": ("paid_fen",)},
    planned=("due_on",),
    negative_until=pl.coalesce(
        "paid_on", pl.when((pl.col("due_fen") <= 0) & (pl.col("arrears_fen").fill_null(0) == 0)).then("filed_on")
    ),
)
TAX_RATINGS = Table(
    name="tax_ratings",
    schema=TaxRatings,
    block="tax",
    zh="纳税缴费信用级别",
    known_on_default=("published_on",),
    key=("enterprise_id", "year", "known_on"),
    versions_of=("enterprise_id", "year"),
    changes_later={"repaired_on": ("grade_after_repair",)},
    negative_until=pl.col("published_on"),
)
FINANCIAL_STATEMENTS = Table(
    name="financial_statements",
    schema=FinancialStatements,
    block="tax",
    zh="财务报表",
    known_on_default=("filed_on",),
    key=(*PERIOD, "filed_on", "known_on"),
    versions_of=PERIOD,
)
VAT_RETURNS = Table(
    name="vat_returns",
    schema=VatReturns,
    block="tax",
    zh="增值税申报表（一般纳税人）",
    known_on_default=("filed_on",),
    key=(*PERIOD, "filed_on", "known_on"),
    versions_of=PERIOD,
)
VAT_RETURNS_SMALL_SCALE = Table(
    name="vat_returns_small_scale",
    schema=VatReturnsSmallScale,
    block="tax",
    zh="增值税申报表（小规模纳税人）",
    known_on_default=("filed_on",),
    key=(*PERIOD, "filed_on", "known_on"),
    versions_of=PERIOD,
)
