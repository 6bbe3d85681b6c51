"""Loans, instalments and what stands beside them in plain Python: slow and obvious, to hold the panels against."""

import calendar
import datetime as dt

BANK_PROMISES = {"acceptance", "letter_of_credit"}


def reference(rows_by_table: dict[str, list[dict]], as_of: dt.date) -> dict[str, float | None]:
    """Some features of one firm."""
    return {
        **of_loans(newest(rows_by_table["loans"], ("loan",), as_of), as_of),
        **of_instalments(newest(rows_by_table["repayments"], ("loan", "instalment"), as_of), as_of),
        **of_enquiries(rows_by_table["enquiries"], as_of),
        **of_report(rows_by_table["credit_reports"], as_of),
        **of_real_estate(newest(rows_by_table["real_estate"], ("title",), as_of), as_of),
        **of_guarantees(newest(rows_by_table["guarantees"], ("guarantee",), as_of), as_of),
    }


def of_loans(loans: list[dict], as_of: dt.date) -> dict[str, float | None]:
    """Balance, lenders, rate, classes."""
    owed = [
        loan for loan in loans
        if not happened(loan["closed_on"], as_of) and loan["balance_fen"] > 0 and loan["kind"] not in BANK_PROMISES
    ]  # fmt: skip
    rated = [loan for loan in owed if loan["rate_bp"] is not None]
    base = sum(loan["balance_fen"] for loan in rated)
    interest = sum(loan["balance_fen"] * loan["rate_bp"] for loan in rated)
    classed = sum(loan["balance_fen"] for loan in owed if loan["five_class"])
    weak = sum(loan["balance_fen"] for loan in owed if loan["five_class"] not in {None, "normal"})
    restructured = [loan for loan in loans if counts_still(loan["restructured_on"], as_of)]
    return {
        "loan_balance": sum(loan["balance_fen"] for loan in owed),
        "lenders_now": len({loan["lender"] for loan in owed}),
        "non_bank_lenders_now": len({loan["lender"] for loan in owed if loan["lender_kind"] != "bank"}),
        "loan_rate": interest / base / 10_000 if base else None,
        "weak_balance_share": weak / classed if classed else None,
        "loans_restructured_60m": len(restructured),
        "maturing_90d": sum(loan["balance_fen"] for loan in owed if 0 <= (loan["matures_on"] - as_of).days <= 90),
    }


def of_instalments(instalments: list[dict], as_of: dt.date) -> dict[str, float | None]:
    """How late, how often, and in how many months in a row."""
    counted = []
    for row in instalments:
        paid_on = row["paid_on"] if happened(row["paid_on"], as_of) else None
        if paid_on is None or paid_on >= five_years_before(as_of):
            until = paid_on or as_of
            counted.append({**row, "until": until, "paid": paid_on, "late": max((until - row["due_on"]).days, 0)})
    due = [row for row in counted if row["due_on"] <= as_of and months_since(row["due_on"], as_of) < 12]
    lately = [row for row in counted if months_since(row["until"], as_of) < 24]
    months = late_months(counted, as_of)
    return {
        "days_past_due_now": max((row["late"] for row in counted if row["paid"] is None), default=0),
        "worst_days_past_due_24m": max((row["late"] for row in lately), default=0),
        "late_share_12m": len([row for row in due if row["late"]]) / len(due) if due else None,
        "seriously_late_24m": len([row for row in lately if row["late"] >= 30]),
        "days_since_late": min(((as_of - row["until"]).days for row in counted if row["late"]), default=None),
        "late_months_24m": sum(months),
        "longest_late_run_24m": longest_run(months),
    }


def late_months(instalments: list[dict], as_of: dt.date) -> list[bool]:
    """Whether each of 24 calendar months was late, the running one first."""
    late = set()
    for row in instalments:
        month = 12 * row["due_on"].year + row["due_on"].month - 1
        while same_day(row["due_on"], month) < row["until"]:
            late.add(month)
            month += 1
    running = 12 * as_of.year + as_of.month - 1
    return [running - back in late for back in range(24)]


def longest_run(months: list[bool]) -> int:
    """Most true ones in a row."""
    longest = run = 0
    for late in months:
        run = run + 1 if late else 0
        longest = max(longest, run)
    return longest


def same_day(day: dt.date, month: int) -> dt.date:
    """The day of that number in another month, or its last."""
    year, number = month // 12, month % 12 + 1
    return dt.date(year, number, min(day.day, calendar.monthrange(year, number)[1]))


def of_enquiries(rows: list[dict], as_of: dt.date) -> dict[str, float | None]:
    """Lenders that enquired to approve a loan."""
    asked = [row for row in rows if row["known_on"] <= as_of and row["reason"] == "loan_approval"]
    return {
        f"enquiring_lenders_{months}m": len({row["lender"] for row in asked if months_since(row["on"], as_of) < months})
        for months in (3, 6)
    }


def of_report(rows: list[dict], as_of: dt.date) -> dict[str, float | None]:
    """What the newest report says, where it is fresh."""
    known = [row for row in rows if row["known_on"] <= as_of and months_since(row["reported_on"], as_of) < 12]
    if not known:
        return {"revolving_use": None, "never_borrowed_reported": None}
    report = max(known, key=lambda row: (row["reported_on"], row["known_on"], row["report"]))
    limit, used = report["revolving_limit_fen"], report["revolving_used_fen"]
    counts = report["short_term_loans"], report["mid_long_term_loans"]
    none = 0.0 if any(counts) else (None if None in counts else 1.0)
    return {"revolving_use": used / limit if limit and used is not None else None, "never_borrowed_reported": none}


def of_real_estate(titles: list[dict], as_of: dt.date) -> dict[str, float | None]:
    """What is held, and how much of it is mortgaged."""
    held = [title for title in titles if not happened(title["sold_on"], as_of)]
    value = sum(title["appraised_fen"] or 0 for title in held)
    mortgaged = sum(
        title["appraised_fen"] or 0 for title in held
        if happened(title["mortgaged_on"], as_of) and not happened(title["mortgage_released_on"], as_of)
    )  # fmt: skip
    return {
        "real_estate_held": len(held),
        "real_estate_mortgaged_share": mortgaged / value if value else None,
    }


def of_guarantees(guarantees: list[dict], as_of: dt.date) -> dict[str, float | None]:
    """What stands, and what was called."""
    standing = [
        one for one in guarantees
        if not happened(one["released_on"], as_of) and (one["ends_on"] is None or one["ends_on"] >= as_of)
    ]  # fmt: skip
    return {
        "guarantees_amount": sum(one["amount_fen"] for one in standing),
        "guarantees_called_60m": len([one for one in guarantees if counts_still(one["called_on"], as_of)]),
    }


def newest(rows: list[dict], thing: tuple[str, ...], as_of: dt.date) -> list[dict]:
    """The newest version of each thing."""
    by_thing = {}
    for row in sorted(rows, key=lambda row: row["known_on"]):
        if row["known_on"] <= as_of:
            by_thing[tuple(row[name] for name in thing)] = row
    return list(by_thing.values())


def happened(day: dt.date | None, as_of: dt.date) -> bool:
    """Whether a day has been."""
    return day is not None and day <= as_of


def counts_still(day: dt.date | None, as_of: dt.date) -> bool:
    """Whether something bad has been, within five years."""
    return day is not None and five_years_before(as_of) <= day <= as_of


def five_years_before(as_of: dt.date) -> dt.date:
    """The same day five years ago."""
    return as_of.replace(year=as_of.year - 5)


def months_since(day: dt.date, as_of: dt.date) -> int:
    """Whole months from a day to another."""
    months = 12 * (as_of.year - day.year) + as_of.month - day.month
    return months if day.day <= as_of.day else months - 1
