"""The tax bureau's export of VAT invoices (全量发票查询导出结果)."""

import dataframely as dy
import polars as pl

from sources.contracts.columns import choice, day, enterprise_id, known_on, signed_money
from sources.contracts.table import Table

HIGHEST_VAT_RATE = 0.20
"""Above every VAT rate ever in force (17 % until 2018); 18 % of tax on a net amount is not a VAT invoice."""

VAT_ROUNDING_FEN = 100
"""Rounding allowed on the VAT of one invoice: one yuan."""

DIRECTIONS = {"issued": "销项", "received": "进项"}
INVOICE_KINDS = {
    "special": "增值税专用发票",
    "ordinary": "增值税普通发票",
    "electronic_special": "增值税电子专用发票",
    "electronic_ordinary": "增值税电子普通发票",
    "digital_special": "数电票（专用）",
    "digital_ordinary": "数电票（普通）",
    "vehicle": "机动车销售统一发票",
    "used_car": "二手车销售统一发票",
    "toll": "通行费发票",
    "other": "其他",
}
INVOICE_RISKS = {"normal": "正常", "doubtful": "疑点", "abnormal": "异常凭证"}


class VatInvoices(dy.Schema):
    """One row an invoice, its lines summed, as the enterprise issued or received it."""

    enterprise_id = enterprise_id()
    direction = choice(DIRECTIONS, "issued = sale of the enterprise, received = purchase")
    code = dy.String(nullable=True, max_length=12, description="发票代码; digital invoices have none")
    number = dy.String(min_length=1, max_length=20, description="发票号码 or 数电发票号码")
    issued_on = day("开票日期")
    counterparty = dy.String(min_length=1, max_length=64, description="Pseudonym of the buyer or seller")
    net_fen = signed_money("金额 without VAT, negative on a red-letter invoice", nullable=False)
    vat_fen = signed_money("税额, same sign as net", nullable=False)
    voided_on = day("作废 on this day; null = valid", nullable=True)
    red_letter_of = dy.String(
        nullable=True, max_length=32, description="Number of the blue invoice that this one reverses"
    )
    kind = choice(INVOICE_KINDS, "发票票种", nullable=True)
    goods_code = dy.String(nullable=True, regex="^[0-9]{1,19}$", description="税收分类编码, at most 19 digits")
    risk = choice(INVOICE_RISKS, "发票风险等级 as the tax bureau gives it", nullable=True)
    deducted_on = day("勾选抵扣 of a purchase on this day", nullable=True)
    known_on = known_on()

    @dy.rule()
    def net_and_vat_sign(cls) -> pl.Expr:
        return cls.net_fen.col.sign() * cls.vat_fen.col.sign() >= 0

    @dy.rule()
    def vat_within_rates(cls) -> pl.Expr:
        return cls.vat_fen.col.abs() <= cls.net_fen.col.abs() * HIGHEST_VAT_RATE + VAT_ROUNDING_FEN

    @dy.rule()
    def voided_not_before_issued(cls) -> pl.Expr:
        return cls.voided_on.col >= cls.issued_on.col

    @dy.rule()
    def deducted_not_before_issued(cls) -> pl.Expr:
        return cls.deducted_on.col >= cls.issued_on.col

    @dy.rule()
    def known_not_before_issued(cls) -> pl.Expr:
        return cls.known_on.col >= cls.issued_on.col


VAT_INVOICES = Table(
    name="vat_invoices",
    schema=VatInvoices,
    block="invoice",
    zh="增值税发票",
    known_on_default=("issued_on",),
    key=("enterprise_id", "direction", "code", "number", "counterparty", "net_fen", "vat_fen"),
    changes_later={"voided_on": (), "deducted_on": ()},
    first_order=("known_on", "issued_on", "red_letter_of"),
)
