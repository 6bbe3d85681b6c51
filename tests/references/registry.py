"""The hardest features of the register once more, in plain Python: slow and obvious."""

import datetime as dt

Row = dict[str, object]


def five_years_before(day: dt.date) -> dt.date:
    if (day.month, day.day) == (2, 29):
        return dt.date(day.year - 5, 2, 28)
    return dt.date(day.year - 5, day.month, day.day)


def reference(rows_by_table: dict[str, list[Row]], as_of: dt.date) -> dict[str, float | None]:
    """Features by name, from all rows of one enterprise, whenever they became known."""
    entry = newest_entry(rows_by_table["registry"], as_of)
    events = known_events(rows_by_table["registry_changes"], as_of)
    return {
        "age_months": months_since(entry.get("established_on"), as_of),
        "on_abnormal_list": float(is_listed(events, "abnormal")),
        "on_serious_list": float(is_listed(events, "serious")),
        "legal_rep_changes_24m": float(recent_changes(events, as_of)),
        "missing_annual_reports": missing_reports(entry.get("established_on"), events, as_of),
        "adverse_parties": float(len(adverse_parties(rows_by_table["related_parties"], as_of))),
    }


def newest_entry(rows: list[Row], as_of: dt.date) -> Row:
    known = [row for row in rows if row["known_on"] <= as_of]
    return max(known, key=lambda row: row["known_on"]) if known else {}


def known_events(rows: list[Row], as_of: dt.date) -> list[Row]:
    known = [row for row in rows if row["known_on"] <= as_of]
    return [row for row in known if not is_repaired(row, as_of) and not is_forgotten(row, known, as_of)]


def is_repaired(row: Row, as_of: dt.date) -> bool:
    return row["repaired_on"] is not None and row["repaired_on"] <= as_of


def is_forgotten(row: Row, known: list[Row], as_of: dt.date) -> bool:
    """Five years after the firm left the list; never while it is on it."""
    name, _, way = str(row["kind"]).rpartition("_")
    if way not in {"in", "out"}:
        return False
    releases = [other["on"] for other in known if other["kind"] == f"{name}_out" and other["on"] >= row["on"]]
    return bool(releases) and min(releases) < five_years_before(as_of)


def months_since(day: dt.date | None, as_of: dt.date) -> float | None:
    """Count month by month: the day of the month must be reached again."""
    if day is None:
        return None
    months = 0
    while True:
        number = 12 * day.year + day.month - 1 + months + 1
        if (number // 12, number % 12 + 1, day.day) > (as_of.year, as_of.month, as_of.day):
            return float(months)
        months += 1


def is_listed(events: list[Row], name: str) -> bool:
    entries = [event["on"] for event in events if event["kind"] == f"{name}_in"]
    releases = [event["on"] for event in events if event["kind"] == f"{name}_out"]
    if not entries:
        return False
    return all(release < max(entries) for release in releases)


def recent_changes(events: list[Row], as_of: dt.date) -> int:
    """Of the running month and of the 24 before."""
    first = 12 * as_of.year + as_of.month - 24
    changes = [event["on"] for event in events if event["kind"] == "legal_rep"]
    return sum(12 * on.year + on.month >= first for on in changes)


def missing_reports(established_on: dt.date | None, events: list[Row], as_of: dt.date) -> float | None:
    due = [year for year in range(2000, as_of.year) if as_of > dt.date(year + 1, 6, 30)][-2:]
    filed = {event["report_year"] for event in events if event["kind"] == "annual_report"}
    missing = [year for year in due if year not in filed]
    if missing and established_on is None:
        return None
    return float(sum(year >= established_on.year for year in missing))


def adverse_parties(rows: list[Row], as_of: dt.date) -> set[str]:
    adverse = set()
    for row in rows:
        stands = row["known_on"] <= as_of and (row["until"] is None or row["until"] >= as_of)
        fell = row["adverse_on"] is not None and five_years_before(as_of) <= row["adverse_on"] <= as_of
        if stands and fell:
            adverse.add(row["party"])
    return adverse
