"""Orders and months of foreign trade that keep their contracts, made by hypothesis."""

import datetime as dt

from hypothesis import strategies as st
from samples import AS_OF, ENTERPRISES, TODAY

from sources.contracts import CUSTOMS, ORDERS
from sources.contracts.trade import BUYER_KINDS

Rows = list[dict[str, object]]


@st.composite
def _order(draw: st.DrawFn) -> dict[str, object]:
    signed_on = draw(st.dates(dt.date(2023, 6, 1), AS_OF + dt.timedelta(days=30)))
    amount = draw(st.integers(1, 10**9))
    part = st.none() | st.integers(0, amount)

    def later(most_days: int) -> dt.date:
        return signed_on + dt.timedelta(days=draw(st.integers(0, most_days)))

    return {
        "enterprise_id": draw(st.sampled_from(ENTERPRISES)),
        "order": draw(st.sampled_from(["o-1", "o-2", "o-3", "o-4", "o-5", "o-6"])),
        "buyer": draw(st.sampled_from(["b-1", "b-2", "b-3"])),
        "buyer_kind": draw(st.none() | st.sampled_from(list(BUYER_KINDS))),
        "signed_on": signed_on,
        "amount_fen": amount,
        "due_on": draw(st.sampled_from([None, later(700), later(700)])),
        "delivered_fen": draw(part),
        "paid_fen": draw(part),
        "cancelled_on": draw(st.sampled_from([None, None, min(later(400), TODAY)])),
        "known_on": later(60),
    }


@st.composite
def _customs_month(draw: st.DrawFn) -> dict[str, object]:
    number = draw(st.integers(2023 * 12 + 10, 2026 * 12 + 2))
    month = dt.date(number // 12, number % 12 + 1, 1)
    declared_on = month + dt.timedelta(days=draw(st.integers(0, 45)))
    money = st.integers(0, 10**9)
    return {
        "enterprise_id": draw(st.sampled_from(ENTERPRISES)),
        "month": month,
        "exports_fen": draw(money),
        "imports_fen": draw(money),
        "largest_market_share_bp": draw(st.none() | st.integers(0, 10_000)),
        "markets": draw(st.none() | st.integers(0, 30)),
        "tax_refund_fen": draw(st.none() | money),
        "refund_pending_fen": draw(st.none() | money),
        "duty_fen": draw(st.none() | money),
        "declared_on": declared_on,
        "known_on": declared_on + dt.timedelta(days=draw(st.integers(0, 30))),
    }


def orders_rows() -> st.SearchStrategy[Rows]:
    """Up to 15 rows of orders, several versions of an order among them."""
    return st.lists(_order(), max_size=15, unique_by=lambda row: tuple(row[name] for name in ORDERS.key))


def customs_rows() -> st.SearchStrategy[Rows]:
    """Up to 30 rows of customs, several versions of a month among them."""
    return st.lists(_customs_month(), max_size=30, unique_by=lambda row: tuple(row[name] for name in CUSTOMS.key))


STRATEGIES: dict[str, st.SearchStrategy[Rows]] = {"orders": orders_rows(), "customs": customs_rows()}
