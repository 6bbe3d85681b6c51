"""Features over several sources, worked out slowly with lists and dicts, for one enterprise.

Nothing is forgotten here: rows older than five years look at windows that no feature of this file has.
"""

import datetime as dt
from collections import defaultdict
from typing import Any

Row = dict[str, Any]
Tables = dict[str, list[Row]]

LONGEST = 36
NO_BUSINESS = {"internal", "investment", "loan_in", "loan_repayment", "refund"}


def reference(rows: Tables, as_of: dt.date) -> dict[str, float | None]:
    """Values by name; the rows may hold what became known later."""
    known = {name: [row for row in table if row["known_on"] <= as_of] for name, table in rows.items()}
    return {
        **_declared_and_invoiced(known, as_of),
        "inflow_to_invoiced_12m": _inflow_to_invoiced(known, as_of),
        "inflow_to_declared_12m": _inflow_to_declared(known, as_of),
        "declared_to_stated_revenue": _declared_to_stated(known, as_of),
        **_wages(known, as_of),
    }


def months_ago(day: dt.date, as_of: dt.date) -> int:
    """0 = the month before the one of `as_of`."""
    return 12 * as_of.year + as_of.month - 1 - (12 * day.year + day.month)


def _over(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None


def _newest(rows: list[Row], *key: str) -> list[Row]:
    by_key: dict[tuple[Any, ...], Row] = {}
    for row in sorted(rows, key=lambda row: (row["known_on"], row.get("filed_on") or row["known_on"])):
        by_key[tuple(row[name] for name in key)] = row
    return list(by_key.values())


class Month:
    """What VAT returns say of one month."""

    def __init__(self, covering: list[tuple[int, int, int | None]], ago: int) -> None:
        self.sales = sum(sales or 0 for _, end, sales in covering if end == ago)
        self.covered = bool(covering) and all(sales is not None for _, _, sales in covering)
        self.period = min((end for _, end, _ in covering), default=ago)


def _returned(known: Tables, as_of: dt.date) -> dict[int, Month]:
    """VAT returns by month, each month with the period it was declared in, counted from the newest return due."""
    filings = _newest(known["tax_filings"], "tax_type", "period_start", "period_end")
    returns = [
        (
            min(months_ago(row["period_start"], as_of), LONGEST),
            min(months_ago(row["period_end"], as_of), LONGEST),
            row["taxable_sales_fen"],
        )
        for row in filings
        if row["tax_type"] == "vat" and months_ago(row["period_end"], as_of) >= 0
    ]
    if not returns:
        return {}
    newest_end = min(end for _, end, _ in returns)
    quarterly = any(end == newest_end and start > end for start, end, _ in returns)
    last_month = (as_of.month - 2) % 12 + 1
    due = 1
    if quarterly:
        due = next(ago for ago in (1, 2, 3) if (last_month - ago) % 3 == 0)
    first = min(max(start for start, _, _ in returns) + 1, LONGEST)
    months = {ago: Month([one for one in returns if one[1] <= ago <= one[0]], ago) for ago in range(first)}
    for month in months.values():
        month.period -= min(newest_end, due)
    return months


def _invoiced(known: Tables, as_of: dt.date) -> dict[int, tuple[int, int]]:
    """Sales net of VAT and with it, by month since the first invoice; voided as far as known by then."""
    ago = [months_ago(row["issued_on"], as_of) for row in known["vat_invoices"]]
    seen = [one for one in ago if one >= 0]
    months = dict.fromkeys(range(min(max(seen) + 1, LONGEST)), (0, 0)) if seen else {}
    for row, one in zip(known["vat_invoices"], ago, strict=True):
        voided_on = row["voided_on"]
        is_valid = voided_on is None or voided_on > as_of
        if row["direction"] == "issued" and is_valid and one in months:
            net, gross = months[one]
            months[one] = net + row["net_fen"], gross + row["net_fen"] + row["vat_fen"]
    return months


def _inflow(known: Tables, as_of: dt.date) -> dict[int, int]:
    """Effective inflow by month with bookings."""
    days: dict[tuple[dt.date, str | None], list[int]] = defaultdict(lambda: [0, 0])
    months: dict[int, int] = {}
    for row in known["bank_transactions"]:
        ago = months_ago(row["booked_on"], as_of)
        if ago >= 0:
            months.setdefault(ago, 0)
            if row["purpose"] not in NO_BUSINESS:
                days[row["booked_on"], row["counterparty"]][row["direction"] == "out"] += row["amount_fen"]
    for (day, counterparty), (came, went) in days.items():
        months[months_ago(day, as_of)] += came if counterparty is None else came - min(came, went)
    return months


def _declared_and_invoiced(known: Tables, as_of: dt.date) -> dict[str, float | None]:
    invoiced = _invoiced(known, as_of)
    periods: dict[int, list[tuple[int, Month]]] = defaultdict(list)
    for ago, month in _returned(known, as_of).items():
        if 0 <= month.period <= 11:
            periods[month.period].append((ago, month))
    pairs = [
        (sum(month.sales for _, month in of_period), sum(invoiced[ago][0] for ago, _ in of_period))
        for of_period in periods.values()
        if all(month.covered and ago in invoiced for ago, month in of_period)
    ]
    missing = sum(max(sold - max(told, 0), 0) for told, sold in pairs)
    return {
        "declared_to_invoiced_12m": _over(sum(told for told, _ in pairs), sum(sold for _, sold in pairs)),
        "under_declared_share_12m": _over(missing, sum(max(sold, 0) for _, sold in pairs)),
    }


def _inflow_to_invoiced(known: Tables, as_of: dt.date) -> float | None:
    invoiced, inflow = _invoiced(known, as_of), _inflow(known, as_of)
    if not invoiced or not inflow:
        return None
    shared = range(min(max(invoiced), max(inflow), 11) + 1)
    if len(shared) < 3:
        return None
    return _over(sum(inflow.get(ago, 0) for ago in shared), sum(invoiced[ago][1] for ago in shared))


def _inflow_to_declared(known: Tables, as_of: dt.date) -> float | None:
    inflow, returned = _inflow(known, as_of), _returned(known, as_of).values()
    if max(inflow, default=-1) < 11:
        return None
    came = sum(inflow.get(ago, 0) for ago in range(12))
    return _over(came, sum(month.sales for month in returned if 0 <= month.period <= 11))


def _declared_to_stated(known: Tables, as_of: dt.date) -> float | None:
    statements = _newest(known["financial_statements"], "period_start", "period_end")
    yearly = [
        (row["period_end"], -row["period_start"].toordinal(), months_ago(row["period_end"], as_of), row["revenue_fen"])
        for row in statements
        if months_ago(row["period_start"], as_of) - months_ago(row["period_end"], as_of) == 11
        and months_ago(row["period_end"], as_of) < 24
    ]
    if not yearly:
        return None
    latest = max(one[0] for one in yearly)
    _, _, end, revenue = min((one for one in yearly if one[0] == latest), key=lambda one: one[1])
    returned = _returned(known, as_of)
    year = [returned[ago] for ago in range(end, end + 12) if ago in returned]
    if revenue is None or len(year) < 12 or not all(month.covered for month in year):
        return None
    return _over(sum(month.sales for month in year), revenue)


def _wages(known: Tables, as_of: dt.date) -> dict[str, float | None]:
    nothing = {"wages_per_insured_12m": None, "wages_to_base_12m": None}
    bookings = [(months_ago(row["booked_on"], as_of), row) for row in known["bank_transactions"]]
    bookings = [(ago, row) for ago, row in bookings if 0 <= ago <= 11]
    insured = {months_ago(row["month"], as_of): row for row in _newest(known["social_insurance"], "month")}
    insured = {ago: row for ago, row in insured.items() if 0 <= ago <= 11}
    if not bookings or not insured:
        return nothing
    told = [row for _, row in bookings if row["purpose"] is not None]
    if not told:
        return nothing
    wages = sum(row["amount_fen"] for row in told if (row["direction"], row["purpose"]) == ("out", "salary"))
    mean = wages / (max(ago for ago, _ in bookings) + 1)
    heads = [row["headcount"] for row in insured.values()]
    bases = [row["base_fen"] for row in insured.values() if row["base_fen"] is not None]
    return {
        "wages_per_insured_12m": _over(mean * len(heads), sum(heads)),
        "wages_to_base_12m": _over(mean * len(bases), sum(bases)),
    }
