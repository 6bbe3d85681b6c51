"""The hardest features of rights and certificates once more, in plain Python: slow and obvious."""

import datetime as dt

Row = dict[str, object]


def reference(rows_by_table: dict[str, list[Row]], as_of: dt.date) -> dict[str, float | None]:
    """Features by name, from all rows of one enterprise, whenever they became known."""
    rights = [row for row in known_rights(rows_by_table["ip_rights"], as_of) if row["origin"] != "licensed_in"]
    titles = known_titles(rows_by_table["qualifications"], as_of)
    held = [row for row in rights if row["granted_on"] and is_alive(row, as_of) and are_fees_paid(row, as_of)]
    inventions = [row for row in held if row["kind"] == "invention"]
    lives = [months_left(right_ends_on(row), as_of) for row in inventions]
    own = [row["applied_on"] for row in rights if row["origin"] != "bought"]
    now, then = (sum(is_months_ago(day, as_of, first, first + 12) for day in own) for first in (0, 12))
    return {
        "rights_held": float(len(held)),
        "invention_months_left": sum(lives) / len(lives) if lives else None,
        "rights_with_fees_lapsed": float(
            sum(bool(row["granted_on"]) and is_alive(row, as_of) and not are_fees_paid(row, as_of) for row in rights)
        ),
        "rights_pledged": float(sum(row["pledged_on"] is not None and row["released_on"] is None for row in held)),
        "own_rights_share": sum(row["origin"] != "bought" for row in held) / len(held) if held else None,
        "applications_trend_24m": (now - then) / (now + then) if now + then else None,
        "srdi_level": float(max((LEVELS.get(row["kind"], 0) for row in titles), default=0)),
        "hnte_months_left": hnte_months_left(titles, as_of),
    }


LEVELS = {"innovative": 1, "srdi": 2, "little_giant": 3}


def newest_versions(rows: list[Row], name: str, as_of: dt.date) -> list[Row]:
    newest: dict[object, Row] = {}
    for row in sorted(rows, key=lambda row: row["known_on"]):
        if row["known_on"] <= as_of:
            newest[row[name]] = row
    return list(newest.values())


def known_rights(rows: list[Row], as_of: dt.date) -> list[Row]:
    changes = ("granted_on", "acquired_on", "ceased_on", "pledged_on", "released_on")
    rights = []
    for row in newest_versions(rows, "right", as_of):
        later = {name: None for name in changes if row[name] is not None and row[name] > as_of}
        rights.append({**row, **later})
    return rights


def known_titles(rows: list[Row], as_of: dt.date) -> list[Row]:
    """Certificates that are valid on the day."""
    valid = []
    for row in newest_versions(rows, "certificate", as_of):
        revoked_on, ends_on = row["revoked_on"], title_ends_on(row)
        five_years_ago = dt.date(as_of.year - 5, as_of.month, as_of.day)
        is_revoked = revoked_on is not None and five_years_ago <= revoked_on <= as_of
        if row["valid_from"] <= as_of and not is_revoked and (ends_on is None or ends_on >= tuple_of(as_of)):
            valid.append(row)
    return valid


def tuple_of(day: dt.date) -> tuple[int, int, int]:
    return day.year, day.month, day.day


def title_ends_on(row: Row) -> tuple[int, int, int] | None:
    if row["valid_to"] is not None:
        return tuple_of(row["valid_to"])
    years = {"hnte": 3, "innovative": 3, "srdi": 3, "little_giant": 3, "tech_sme": 1}.get(row["kind"])
    year, month, day = tuple_of(row["valid_from"])
    return None if years is None else (year + years, month, day)


def right_ends_on(row: Row) -> tuple[int, int, int] | None:
    if row["expires_on"] is not None:
        return tuple_of(row["expires_on"])
    designs = 15 if row["applied_on"] >= dt.date(2021, 6, 1) else 10
    years = {"invention": 20, "utility_model": 10, "design": designs, "layout_design": 10}.get(row["kind"])
    year, month, day = tuple_of(row["applied_on"])
    return None if years is None else (year + years, month, day)


def is_alive(row: Row, as_of: dt.date) -> bool:
    ends_on = right_ends_on(row)
    return row["ceased_on"] is None and (ends_on is None or ends_on >= tuple_of(as_of))


def are_fees_paid(row: Row, as_of: dt.date) -> bool:
    return row["fee_paid_until"] is None or row["fee_paid_until"] >= as_of


def months_left(end: tuple[int, int, int], as_of: dt.date) -> int:
    """Count month by month while the end is not passed."""
    months = 0
    while True:
        number = 12 * as_of.year + as_of.month - 1 + months + 1
        if (number // 12, number % 12 + 1, as_of.day) > end:
            return months
        months += 1


def is_months_ago(day: dt.date, as_of: dt.date, first: int, past: int) -> bool:
    ago = 12 * as_of.year + as_of.month - 1 - (12 * day.year + day.month)
    return first <= ago < past


def hnte_months_left(titles: list[Row], as_of: dt.date) -> float | None:
    ends = [title_ends_on(row) for row in titles if row["kind"] == "hnte"]
    return float(max(months_left(end, as_of) for end in ends)) if ends else None
