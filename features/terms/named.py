"""One right and one order by themselves in plain Python, for the few that a request names.

The panels `ip_portfolio` and `order_book` say the same of many; tests hold these to them.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from features.arithmetic import YEAR
from features.ip.panels import LONGER_DESIGNS_SINCE, SHORTER_DESIGN_TERM, TERM_MONTHS
from features.trade.panels import LATEST_DELIVERY, UNDATED_MONTHS

Row = Mapping[str, Any]


def is_held(right: Row, as_of: dt.date) -> bool:
    """Granted, not ceased, not expired, fees not in arrears, and not only used under licence."""
    left, paid_until = months_left(right, as_of), right["fee_paid_until"]
    is_own = right["ceased_on"] is None and right["origin"] != "licensed_in"
    is_valid = (left is None or left >= 0) and (paid_until is None or paid_until >= as_of)
    return right["granted_on"] is not None and is_own and is_valid


def is_pledged(right: Row) -> bool:
    """Whether a pledge is registered on it and not released."""
    return right["pledged_on"] is not None and right["released_on"] is None


def months_left(right: Row, as_of: dt.date) -> int | None:
    """Whole months to the last day, that day included: below 0 once it is over; None where it cannot be told.

    Of inventions and utility models it can always be told, for their term follows from the application.
    """
    if right["expires_on"] is not None:
        return complete_months(as_of, right["expires_on"])
    is_short = right["kind"] == "design" and right["applied_on"] < LONGER_DESIGNS_SINCE
    term = SHORTER_DESIGN_TERM if is_short else TERM_MONTHS.get(right["kind"])
    return None if term is None else complete_months(as_of, right["applied_on"]) + term


def undelivered_fen(order: Row, as_of: dt.date) -> int:
    """What of an order at hand is still to be delivered; 0 of one that was called off, or is long past its day."""
    if order["cancelled_on"] is not None:
        return 0
    month = YEAR * as_of.year + as_of.month - 1 - UNDATED_MONTHS
    earliest = dt.date(month // YEAR, month % YEAR + 1, 1)
    latest = as_of - dt.timedelta(days=LATEST_DELIVERY)
    at_hand = order["signed_on"] >= earliest if order["due_on"] is None else order["due_on"] >= latest
    amount: int = order["amount_fen"]
    return amount - (order["delivered_fen"] or 0) if at_hand else 0


def complete_months(start: dt.date, end: dt.date) -> int:
    """Whole months from one day to another: 31 January to 28 February is none, to 1 March one; negative backwards."""
    return (end.year - start.year) * YEAR + end.month - start.month - (end.day < start.day)
