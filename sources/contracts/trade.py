"""Orders at hand and foreign trade."""

import dataframely as dy
import polars as pl

from sources.contracts.columns import (
    MOST_FEN,
    basis_points,
    choice,
    day,
    enterprise_id,
    known_on,
    money,
    month,
    planned_day,
    pseudonym,
    reference,
)
from sources.contracts.table import Table

BUYER_KINDS = {
    "government": "政府与事业单位",
    "state_owned": "国有企业",
    "listed": "上市公司",
    "large": "大型企业",
    "small": "中小企业",
    "foreign": "境外企业",
    "person": "个人",
}


class Orders(dy.Schema):
    """One row a version of a contract that a buyer placed with the enterprise (订单, 中标合同)."""

    enterprise_id = enterprise_id()
    order = reference("Number of the contract (合同编号)")
    buyer = pseudonym("the buyer")
    buyer_kind = choice(BUYER_KINDS, "Kind of buyer", nullable=True)
    signed_on = day("签订日期")
    amount_fen = dy.Int64(min=1, max=MOST_FEN, description="合同金额, fen")
    due_on = planned_day("Last day of delivery")
    delivered_fen = money("Value delivered, as known with this version")
    paid_fen = money("Value paid by the buyer, as known with this version")
    cancelled_on = day("Called off on this day", nullable=True)
    known_on = known_on()

    @dy.rule()
    def known_not_before_signed(cls) -> pl.Expr:
        return cls.known_on.col >= cls.signed_on.col

    @dy.rule()
    def due_not_before_signed(cls) -> pl.Expr:
        return cls.due_on.col >= cls.signed_on.col

    @dy.rule()
    def delivered_within_amount(cls) -> pl.Expr:
        return cls.delivered_fen.col <= cls.amount_fen.col

    @dy.rule()
    def paid_within_amount(cls) -> pl.Expr:
        return cls.paid_fen.col <= cls.amount_fen.col

    @dy.rule()
    def cancelled_not_before_signed(cls) -> pl.Expr:
        return cls.cancelled_on.col >= cls.signed_on.col


class Customs(dy.Schema):
    """One row a month of foreign trade as customs and the tax bureau know it."""

    enterprise_id = enterprise_id()
    month = month("Month of clearance")
    exports_fen = money("出口额", nullable=False)
    imports_fen = money("进口额", nullable=False)
    largest_market_share_bp = basis_points("Share of the largest country in the month's exports")
    markets = dy.Int64(nullable=True, min=0, max=300, description="Countries exported to in the month")
    tax_refund_fen = money("出口退税 received in the month")
    refund_pending_fen = money("应收出口退税 at the end of the month")
    duty_fen = money("关税 and import VAT of the month")
    declared_on = day("Day on which the month was reported")
    known_on = known_on()

    @dy.rule()
    def declared_not_before_month(cls) -> pl.Expr:
        return cls.declared_on.col >= cls.month.col

    @dy.rule()
    def known_not_before_declared(cls) -> pl.Expr:
        return cls.known_on.col >= cls.declared_on.col


ORDERS = Table(
    name="orders",
    schema=Orders,
    block="trade",
    zh="订单",
    known_on_default=("signed_on",),
    key=("enterprise_id", "order", "known_on"),
    versions_of=("enterprise_id", "order"),
    changes_later={"cancelled_on": ()},
    planned=("due_on",),
    negative_until=pl.col("cancelled_on"),
)
CUSTOMS = Table(
    name="customs",
    schema=Customs,
    block="trade",
    zh="进出口",
    known_on_default=("declared_on",),
    key=("enterprise_id", "month", "known_on"),
    versions_of=("enterprise_id", "month"),
)
