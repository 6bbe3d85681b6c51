"""Tables that are no evidence about an enterprise: who may see what, and what became of applications and loans."""

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
    planned_day,
    reference,
)
from sources.contracts.table import Table

DECISIONS = {"granted": "批准", "refused": "拒绝", "withdrawn": "撤回"}
WINDOWS = {"next_12_months": "此后12个月", "undated": "无日期"}
BLOCKS_WITH_CONSENT = {
    "tax": "税务",
    "invoice": "发票",
    "bank": "银行流水",
    "people": "社保公积金与水电气",
    "trade": "订单与进出口",
    "credit": "征信",
}
"""Blocks that need the enterprise's authorisation; the register, courts, lists and intellectual property are public."""


class Consents(dy.Schema):
    """One row an authorisation by an enterprise to use one block of its data."""

    enterprise_id = enterprise_id()
    block = choice(BLOCKS_WITH_CONSENT, "Block of sources that the authorisation is for")
    granted_on = day("Given on this day")
    ends_on = planned_day("Last day of validity; null = until revoked")
    revoked_on = day("Revoked on this day; from that day on nothing of the block may be used", nullable=True)
    known_on = known_on()

    @dy.rule()
    def ends_not_before_granted(cls) -> pl.Expr:
        return cls.ends_on.col >= cls.granted_on.col


class Labels(dy.Schema):
    """What became of an enterprise's credit: read by training only, never part of `Records`."""

    enterprise_id = enterprise_id()
    as_of = day("Day the enterprise is judged on")
    defaulted = dy.Bool(description="Whether it defaulted in the window that the source states")
    window = choice(WINDOWS, "next_12_months: default within 12 months after as_of; undated: the source gives no day")
    known_on = known_on()


class Applications(dy.Schema):
    """One row an application for a bank product and what came of it: read by training only."""

    enterprise_id = enterprise_id()
    application = reference("Number of the application (申请编号)")
    product_id = reference("Product of the catalogue")
    applied_on = day("申请日期")
    docs_complete_on = day("Day on which all papers were there; the 30-day clock starts", nullable=True)
    decided_on = day("审批日期", nullable=True)
    decision = choice(DECISIONS, "审批结果", nullable=True)
    refusal_codes = dy.String(nullable=True, max_length=200, description="Reasons of a refusal, joined by |")
    wanted_fen = money("Amount asked for")
    limit_fen = money("Limit granted")
    rate_bp = basis_points("Annual rate granted", most=3_600)
    drawn_on = day("First drawn on this day", nullable=True)
    drawn_fen = dy.Int64(nullable=True, min=1, max=MOST_FEN, description="Amount first drawn, fen")
    known_on = known_on()

    @dy.rule()
    def docs_complete_not_before_applied(cls) -> pl.Expr:
        return cls.docs_complete_on.col >= cls.applied_on.col

    @dy.rule()
    def decided_not_before_applied(cls) -> pl.Expr:
        return cls.decided_on.col >= cls.applied_on.col

    @dy.rule()
    def decision_has_its_day(cls) -> pl.Expr:
        return cls.decided_on.col.is_null() == cls.decision.col.is_null()

    @dy.rule()
    def drawn_not_before_decided(cls) -> pl.Expr:
        return cls.drawn_on.col >= cls.decided_on.col

    @dy.rule()
    def known_not_before_applied(cls) -> pl.Expr:
        return cls.known_on.col >= cls.applied_on.col


CONSENTS = Table(
    name="consents",
    schema=Consents,
    block="consent",
    zh="授权",
    known_on_default=("granted_on",),
    key=("enterprise_id", "block", "granted_on"),
    changes_later={"revoked_on": ()},
    planned=("ends_on",),
)
LABELS = Table(
    name="labels",
    schema=Labels,
    block="outcome",
    zh="标签",
    known_on_default=(),
    key=("enterprise_id", "as_of"),
    first_order=("known_on", "window", "defaulted"),
)
APPLICATIONS = Table(
    name="applications",
    schema=Applications,
    block="outcome",
    zh="贷款申请",
    known_on_default=("applied_on",),
    key=("enterprise_id", "application"),
    changes_later={
        "docs_complete_on": (),
        "decided_on": ("decision", "refusal_codes", "limit_fen", "rate_bp"),
        "drawn_on": ("drawn_fen",),
    },
)
