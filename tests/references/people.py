"""The hardest features of people and premises once more, in plain Python: slow and obvious."""

import datetime as dt
import math

Row = dict[str, object]


def reference(rows_by_table: dict[str, list[Row]], as_of: dt.date) -> dict[str, float | None]:
    """Features by name, from all rows of one enterprise, whenever they became known."""
    insured = by_month(known(rows_by_table["social_insurance"], as_of, thing=("month",)), as_of)
    fund = by_month(known(rows_by_table["housing_fund"], as_of, thing=("month",)), as_of)
    bills = known(rows_by_table["utilities"], as_of, thing=("month", "kind"))
    power = by_month([row for row in bills if row["kind"] == "electricity"], as_of)
    return {
        "headcount": float(heads(insured)),
        "headcount_growth_12m": headcount_growth(insured),
        "headcount_variation_12m": variation([row["headcount"] for row in year(insured)]),
        "insured_months_12m": float(sum(row["headcount"] > 0 for row in year(insured))),
        "insurance_arrears": float(sum(open_amount(row) for ago, row in insured.items() if ago >= 1)),
        "insurance_unpaid_months_12m": float(
            sum(open_amount(insured[ago]) > 0 for ago in range(1, 13) if ago in insured)
        ),
        "base_per_head_ratio_12m": base_ratio(insured),
        "fund_coverage": heads(fund) / heads(insured) if heads(insured) else None,
        "electricity_growth_12m": electricity_growth(power),
        "electricity_silent_months_12m": silent_months(power),
        "longest_utility_delay_12m": longest_delay(bills, as_of),
    }


def known(rows: list[Row], as_of: dt.date, *, thing: tuple[str, ...]) -> list[Row]:
    """The newest version of each thing, with payments after the day undone and those long before it forgotten."""
    newest: dict[tuple[object, ...], Row] = {}
    for row in sorted(rows, key=lambda row: row["known_on"]):
        if row["known_on"] <= as_of:
            newest[tuple(row[name] for name in thing)] = row
    undone = []
    for row in newest.values():
        if row["paid_on"] is None or row["paid_on"] > as_of:
            undone.append({**row, "paid_on": None, "paid_fen": None})
        elif row["paid_on"] >= dt.date(as_of.year - 5, as_of.month, as_of.day):
            undone.append(row)
    return undone


def months_ago(month: dt.date, as_of: dt.date) -> int:
    return 12 * as_of.year + as_of.month - 1 - (12 * month.year + month.month)


def by_month(rows: list[Row], as_of: dt.date) -> dict[int, Row]:
    return {months_ago(row["month"], as_of): row for row in rows}


def newest_month(rows: dict[int, Row]) -> int:
    """Months ago of the month that windows end with: the newest known one, but not older than two."""
    return min([ago for ago in rows if ago >= 0] + [2])


def year(rows: dict[int, Row], *, back: int = 0) -> list[Row]:
    newest = newest_month(rows)
    return [rows[ago] for ago in range(newest + back, newest + back + 12) if ago in rows]


def heads(rows: dict[int, Row]) -> int:
    newest = newest_month(rows)
    return rows[newest]["headcount"] if newest in rows else 0


def headcount_growth(rows: dict[int, Row]) -> float | None:
    then = rows.get(newest_month(rows) + 12, {"headcount": 0})["headcount"]
    return (heads(rows) - then) / then if then else None


def variation(values: list[int]) -> float | None:
    total, n = sum(values), len(values)
    if total <= 0:
        return None
    return math.sqrt(float(n * sum(value * value for value in values) - total * total)) / total


def open_amount(row: Row) -> int:
    if row["paid_on"] is None:
        return row["due_fen"]
    paid = row["due_fen"] if row["paid_fen"] is None else row["paid_fen"]
    return max(row["due_fen"] - paid, 0)


def base_ratio(rows: dict[int, Row]) -> float | None:
    now, then = ([row for row in year(rows, back=back) if row["base_fen"] is not None] for back in (0, 12))
    if len(then) < 12:
        return None
    per_head = []
    for months in (now, then):
        people = sum(row["headcount"] for row in months if row["headcount"])
        if not people:
            return None
        per_head.append(sum(row["base_fen"] for row in months if row["headcount"]) / people)
    return per_head[0] / per_head[1] if per_head[1] else None


def electricity_growth(rows: dict[int, Row]) -> float | None:
    now, then = ([row["usage"] for row in year(rows, back=back)] for back in (0, 12))
    if len(then) < 12 or None in then or None in now or not sum(then):
        return None
    return (sum(now) - sum(then)) / sum(then)


def silent_months(rows: dict[int, Row]) -> float | None:
    """Month by month of the last twelve, those before the first bill left out."""
    complete = [ago for ago in rows if ago >= 0]
    if not complete:
        return None
    newest, silent = newest_month(rows), 0
    for ago in range(newest, min(newest + 12, max(complete) + 1)):
        silent += ago not in rows or rows[ago]["usage"] == 0
    return float(silent)


def longest_delay(bills: list[Row], as_of: dt.date) -> float | None:
    delays = [
        max(((row["paid_on"] or as_of) - row["billed_on"]).days, 0)
        for row in bills
        if 0 <= months_ago(row["month"], as_of) < 12
    ]
    return float(max(delays)) if delays else None
