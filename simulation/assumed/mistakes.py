"""How deliveries of data go wrong. Shares of rows; all assumed."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Unit:
    """How a row may come in another unit.

    Attributes:
        columns: those that are in it, all together.
        times, parts: what their values are multiplied by, then divided by.
    """

    columns: tuple[str, ...]
    times: int = 1
    parts: int = 1


SENT_TWICE = 0.001
LOST = 0.0005
WRONG_UNIT = 0.002
OUTAGE, OUTAGE_DAYS = 0.35, (20, 40)  # share of tables of a community with one; days by which a month's rows come late

DELIVERED = (  # tables that come in batches, month after month
    *("vat_invoices", "bank_transactions", "social_insurance", "housing_fund", "utilities", "tax_filings"),
    *("vat_returns", "vat_returns_small_scale", "financial_statements", "customs", "orders", "legal_events"),
)
"""Registers, titles and rights are asked for one by one; credit reports and authorisations are whole or not there."""

IN_YUAN_FOR_FEN, IN_TEN_THOUSANDS = 100, 10_000
STATEMENT = (
    *("revenue_fen", "cost_fen", "operating_profit_fen", "net_profit_fen", "interest_fen", "rd_expense_fen"),
    *("wages_fen", "operating_cash_flow_fen", "cash_fen", "receivables_fen", "inventory_fen", "current_assets_fen"),
    *("assets_fen", "current_liabilities_fen", "liabilities_fen"),
)
FOREIGN_TRADE = ("exports_fen", "imports_fen", "tax_refund_fen", "refund_pending_fen", "duty_fen")
UNITS: Mapping[str, Unit] = MappingProxyType(  # what is typed by people; the tax bureau counts its returns itself
    {
        "registry": Unit(("registered_capital_fen", "paid_in_capital_fen"), parts=IN_TEN_THOUSANDS),
        "financial_statements": Unit(STATEMENT, parts=IN_TEN_THOUSANDS),
        "social_insurance": Unit(("base_fen",), parts=IN_YUAN_FOR_FEN),
        "housing_fund": Unit(("base_fen",), parts=IN_YUAN_FOR_FEN),
        "utilities": Unit(("usage",), times=100),  # two decimals lost
        "orders": Unit(("amount_fen", "delivered_fen", "paid_fen"), times=IN_YUAN_FOR_FEN),
        "customs": Unit(FOREIGN_TRADE, parts=IN_TEN_THOUSANDS),
        "legal_events": Unit(("amount_fen",), parts=IN_TEN_THOUSANDS),
        "real_estate": Unit(("appraised_fen",), parts=IN_TEN_THOUSANDS),
    }
)
