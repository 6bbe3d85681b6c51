"""Orders and foreign trade in plain Python: slow and obvious, to hold the panels against."""

import datetime as dt

SECURE = {"government", "state_owned", "listed"}


def reference(rows_by_table: dict[str, list[dict]], as_of: dt.date) -> dict[str, float | None]:
    """Some features of one firm."""
    orders = newest(rows_by_table["orders"], "order", as_of)
    for order in orders:
        order["cancelled"] = order["cancelled_on"] is not None and order["cancelled_on"] <= as_of
        order["backlog"] = backlog(order, as_of)
    months = newest(rows_by_table["customs"], "month", as_of)
    for month in months:
        month["ago"] = complete_months_ago(month["month"], as_of)
    return {**of_orders(orders, as_of), **of_customs(months)}


def of_orders(orders: list[dict], as_of: dt.date) -> dict[str, float | None]:
    """What is at hand, for whom, and how it grows."""
    whole = sum(order["backlog"] for order in orders)
    buyers = {order["buyer"] for order in orders}
    by_buyer = [sum(order["backlog"] for order in orders if order["buyer"] == buyer) for buyer in buyers]
    told = sum(order["backlog"] for order in orders if order["buyer_kind"])
    secure = sum(order["backlog"] for order in orders if order["buyer_kind"] in SECURE)
    signed = {"now": 0, "then": 0}
    due = undelivered = 0
    for order in orders:
        if order["cancelled"]:
            continue
        ago = complete_months_ago(order["signed_on"], as_of)
        if 0 <= ago < 24:
            signed["now" if ago < 12 else "then"] += order["amount_fen"]
        if (
            order["due_on"]
            and 0 <= complete_months_ago(order["due_on"], as_of) < 12
            and order["delivered_fen"] is not None
        ):
            due += order["amount_fen"]
            undelivered += order["amount_fen"] - order["delivered_fen"]
    seen = any(complete_months_ago(order["signed_on"], as_of) >= 23 for order in orders)
    return {
        "order_backlog": whole,
        "backlog_top_buyer_share": max(by_buyer) / whole if whole else None,
        "backlog_secure_share": secure / told if told else None,
        "orders_growth_12m": (signed["now"] - signed["then"]) / signed["then"] if seen and signed["then"] else None,
        "undelivered_share_12m": undelivered / due if due else None,
    }  # fmt: skip


def of_customs(months: list[dict]) -> dict[str, float | None]:
    """Exports, their markets, and the refund to come."""
    year = [month for month in months if 0 <= month["ago"] < 12]
    told = [month for month in year if month["largest_market_share_bp"] is not None]
    exports = sum(month["exports_fen"] for month in told)
    weighted = sum(month["exports_fen"] * month["largest_market_share_bp"] for month in told)
    pending = sorted((m["ago"], m["refund_pending_fen"]) for m in year if m["refund_pending_fen"] is not None)
    return {
        "exports_12m": sum(month["exports_fen"] for month in year),
        "export_months_12m": len([month for month in year if month["exports_fen"] > 0]),
        "largest_market_share_12m": weighted / exports / 10_000 if exports else None,
        "tax_refund_pending": pending[0][1] if pending else 0,
    }


def backlog(order: dict, as_of: dt.date) -> int:
    """What is still to be delivered of an order at hand."""
    if order["cancelled"]:
        return 0
    if order["due_on"] is None:
        at_hand = complete_months_ago(order["signed_on"], as_of) < 24
    else:
        at_hand = (as_of - order["due_on"]).days <= 90
    return order["amount_fen"] - (order["delivered_fen"] or 0) if at_hand else 0


def newest(rows: list[dict], thing: str, as_of: dt.date) -> list[dict]:
    """The newest version of each thing."""
    by_thing = {}
    for row in sorted(rows, key=lambda row: row["known_on"]):
        if row["known_on"] <= as_of:
            by_thing[row[thing]] = dict(row)
    return list(by_thing.values())


def complete_months_ago(day: dt.date, as_of: dt.date) -> int:
    """0 = the last complete month."""
    return 12 * (as_of.year - day.year) + as_of.month - day.month - 1
