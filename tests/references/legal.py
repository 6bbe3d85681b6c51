"""Courts and penalties in plain Python: slow and obvious, to hold the panels against."""

import datetime as dt

OF_A_DAY = {"penalty", "environment_penalty", "safety_penalty"}
TAX_LISTS = {"tax_abnormal", "tax_violation_list", "tax_arrears_notice"}


def reference(rows_by_table: dict[str, list[dict]], as_of: dt.date) -> dict[str, float | None]:
    """Some features of one firm."""
    cases = known(rows_by_table["legal_events"], as_of)
    lasting = [case for case in cases if case["closed_on"] is None and case["kind"] not in OF_A_DAY]
    sued = [case for case in lasting if case["kind"] == "defendant"]
    adverse = [case for case in cases if case["kind"] != "plaintiff"]
    penalties = [case for case in cases if case["kind"] in OF_A_DAY and months_since(case["opened_on"], as_of) < 36]
    return {
        "suits_against_now": len(sued),
        "suits_against_amount_now": sum(case["amount_fen"] or 0 for case in sued),
        "loan_disputes_now": len([case for case in sued if case["cause"] == "loan"]),
        "enforcements_now": len([c for c in lasting if c["kind"] in {"enforcement", "terminated_enforcement"}]),
        "tax_lists_now": len([case for case in lasting if case["kind"] in TAX_LISTS]),
        "adverse_events_12m": len([case for case in adverse if months_since(case["opened_on"], as_of) < 12]),
        "penalties_36m": len(penalties),
        "major_penalties_36m": len([case for case in penalties if case["severity"] == "major"]),
        "days_since_adverse_event": min(((as_of - case["opened_on"]).days for case in adverse), default=None),
    }


def known(rows: list[dict], as_of: dt.date) -> list[dict]:
    """The newest version of each case, as it stood; none that ended five years before, and none that was repaired."""
    newest: dict[tuple, dict] = {}
    for row in sorted(rows, key=lambda row: row["known_on"]):
        if row["known_on"] <= as_of:
            newest[row["case"], row["kind"]] = row
    five_years_before = as_of.replace(year=as_of.year - 5)
    left = []
    for row in newest.values():
        closed, repaired = (
            row[day] if row[day] and row[day] <= as_of else None for day in ("closed_on", "repaired_on")
        )
        ended = closed or (row["opened_on"] if row["kind"] in OF_A_DAY else None)
        if repaired is None and (ended is None or ended >= five_years_before):
            left.append({**row, "closed_on": closed})
    return left


def months_since(day: dt.date, as_of: dt.date) -> int:
    """Whole months from a day to another."""
    months = 12 * (as_of.year - day.year) + as_of.month - day.month
    return months if day.day <= as_of.day else months - 1
