"""Credit reports, loans, instalments, guarantees, enquiries and real estate that keep their contracts."""

import datetime as dt
from collections.abc import Callable

from hypothesis import strategies as st
from samples import AS_OF, ENTERPRISES, TODAY

from sources.contracts import TABLES
from sources.contracts.credit import (
    ENQUIRY_REASONS,
    FIVE_CLASSES,
    GUARANTEE_MODES,
    LENDER_KINDS,
    LOAN_KINDS,
    REAL_ESTATE_KINDS,
)

Rows = list[dict[str, object]]
NEWEST = AS_OF + dt.timedelta(days=60)
MONEY = st.integers(0, 10**9)
FIRM = st.sampled_from(ENTERPRISES)


def _later_than(draw: st.DrawFn, first: dt.date) -> Callable[[int], dt.date]:
    def later(most_days: int) -> dt.date:
        return min(first + dt.timedelta(days=draw(st.integers(0, most_days))), TODAY)

    return later


@st.composite
def _report(draw: st.DrawFn) -> dict[str, object]:
    reported_on = draw(st.dates(dt.date(2024, 9, 1), NEWEST))
    ever, limit = draw(st.integers(0, 9)), draw(MONEY)
    count, money = st.none() | st.integers(0, 3), st.none() | MONEY
    return {
        "enterprise_id": draw(FIRM),
        "report": draw(st.sampled_from(["r-1", "r-2", "r-3"])),
        "reported_on": reported_on,
        "first_credit_year": draw(st.none() | st.integers(2000, 2026)),
        "first_liability_year": draw(st.none() | st.integers(2000, 2026)),
        "institutions_ever": ever,
        "institutions_open": draw(st.integers(0, ever)),
        "loan_balance_fen": draw(money),
        "recovered_balance_fen": draw(st.none() | st.just(0) | MONEY),
        "special_mention_balance_fen": draw(money),
        "bad_balance_fen": draw(money),
        "guarantee_balance_fen": draw(money),
        "guarantee_special_mention_fen": draw(money),
        "guarantee_bad_fen": draw(money),
        "short_term_loans": draw(count),
        "mid_long_term_loans": draw(count),
        "fixed_limit_fen": draw(money),
        "fixed_used_fen": draw(money),
        "revolving_limit_fen": draw(st.sampled_from([None, 0, limit])),
        "revolving_used_fen": draw(st.none() | st.integers(0, limit)),
        "tax_arrears_records": draw(count),
        "judgments": draw(count),
        "enforcements": draw(count),
        "penalties": draw(count),
        "known_on": _later_than(draw, reported_on)(20),
    }


@st.composite
def _loan(draw: st.DrawFn) -> dict[str, object]:
    granted_on = draw(st.dates(dt.date(2018, 1, 1), NEWEST))
    later = _later_than(draw, granted_on)
    amount = draw(st.integers(1, 10**9))
    return {
        "enterprise_id": draw(FIRM),
        "loan": draw(st.sampled_from(["l-1", "l-2", "l-3", "l-4", "l-5"])),
        "lender": draw(st.sampled_from(["b-1", "b-2", "b-3"])),
        "lender_kind": draw(st.sampled_from(list(LENDER_KINDS))),
        "kind": draw(st.sampled_from(list(LOAN_KINDS))),
        "guarantee_mode": draw(st.none() | st.sampled_from(list(GUARANTEE_MODES))),
        "granted_on": granted_on,
        "amount_fen": amount,
        "rate_bp": draw(st.none() | st.integers(0, 2_400)),
        "matures_on": granted_on + dt.timedelta(days=draw(st.integers(0, 3_000))),
        "balance_fen": draw(st.just(0) | st.integers(0, amount)),
        "five_class": draw(st.none() | st.sampled_from(list(FIVE_CLASSES))),
        "days_past_due": draw(st.none() | st.integers(0, 400)),
        "closed_on": draw(st.sampled_from([None, None, later(1_500)])),
        "restructured_on": draw(st.sampled_from([None, None, None, later(1_500)])),
        "written_off_on": draw(st.sampled_from([None, None, None, later(1_500)])),
        "renewal_of": draw(st.sampled_from([None, None, "l-0"])),
        "known_on": later(300),
    }


@st.composite
def _instalment(draw: st.DrawFn) -> dict[str, object]:
    due_on = draw(st.dates(dt.date(2019, 6, 1), dt.date(2023, 12, 31)) | st.dates(dt.date(2024, 1, 1), TODAY))
    due = draw(MONEY)
    paid_after = draw(st.none() | st.just(0) | st.integers(-10, 40) | st.integers(0, 400))
    paid_on = None if paid_after is None else min(due_on + dt.timedelta(days=paid_after), TODAY)
    return {
        "enterprise_id": draw(FIRM),
        "loan": draw(st.sampled_from(["l-1", "l-2", "l-3"])),
        "instalment": draw(st.integers(1, 12)),
        "due_on": due_on,
        "due_fen": due,
        "paid_on": paid_on,
        "paid_fen": draw(st.none() | st.integers(0, due)),
        "known_on": min(due_on + dt.timedelta(days=draw(st.integers(-60, 20))), NEWEST),
    }


@st.composite
def _guarantee(draw: st.DrawFn) -> dict[str, object]:
    starts_on = draw(st.dates(dt.date(2018, 1, 1), NEWEST))
    later = _later_than(draw, starts_on)
    return {
        "enterprise_id": draw(FIRM),
        "guarantee": draw(st.sampled_from(["g-1", "g-2", "g-3", "g-4"])),
        "guaranteed": draw(st.sampled_from(["f-1", "f-2"])),
        "amount_fen": draw(st.integers(1, 10**9)),
        "starts_on": starts_on,
        "ends_on": draw(st.sampled_from([None, starts_on + dt.timedelta(days=draw(st.integers(0, 3_000)))])),
        "released_on": draw(st.sampled_from([None, None, later(1_500)])),
        "called_on": draw(st.sampled_from([None, None, later(1_500)])),
        "known_on": later(60),
    }


@st.composite
def _enquiry(draw: st.DrawFn) -> dict[str, object]:
    on = draw(st.dates(dt.date(2025, 6, 1), NEWEST) | st.dates(dt.date(2020, 1, 1), dt.date(2025, 6, 1)))
    return {
        "enterprise_id": draw(FIRM),
        "on": on,
        "lender": draw(st.sampled_from(["b-1", "b-2", "b-3", "b-4"])),
        "reason": draw(st.just("loan_approval") | st.sampled_from(list(ENQUIRY_REASONS))),
        "known_on": _later_than(draw, on)(10),
    }


@st.composite
def _title(draw: st.DrawFn) -> dict[str, object]:
    acquired_on = draw(st.dates(dt.date(2010, 1, 1), NEWEST))
    later = _later_than(draw, acquired_on)
    mortgaged_on, seized_on = (draw(st.sampled_from([None, later(4_000)])) for _ in range(2))

    def ended(began: dt.date | None) -> dt.date | None:
        return None if began is None else draw(st.sampled_from([None, _later_than(draw, began)(2_000)]))

    return {
        "enterprise_id": draw(FIRM),
        "title": draw(st.sampled_from(["t-1", "t-2", "t-3"])),
        "kind": draw(st.sampled_from(list(REAL_ESTATE_KINDS))),
        "area_m2": draw(st.none() | st.integers(0, 10_000)),
        "appraised_fen": draw(st.none() | MONEY),
        "acquired_on": acquired_on,
        "sold_on": draw(st.sampled_from([None, None, later(4_000)])),
        "mortgaged_on": mortgaged_on,
        "mortgage_released_on": ended(mortgaged_on),
        "seized_on": seized_on,
        "seizure_lifted_on": ended(seized_on),
        "known_on": later(4_000),
    }


def _rows(table: str, row: st.SearchStrategy[dict[str, object]], most: int) -> st.SearchStrategy[Rows]:
    key = TABLES[table].key
    return st.lists(row, max_size=most, unique_by=lambda one: tuple(one[name] for name in key))


def credit_reports_rows() -> st.SearchStrategy[Rows]:
    """Up to 6 rows of credit_reports."""
    return _rows("credit_reports", _report(), 6)


def loans_rows() -> st.SearchStrategy[Rows]:
    """Up to 12 rows of loans, several versions of a loan among them."""
    return _rows("loans", _loan(), 12)


def repayments_rows() -> st.SearchStrategy[Rows]:
    """Up to 25 rows of repayments, several versions of an instalment among them."""
    return _rows("repayments", _instalment(), 25)


def guarantees_rows() -> st.SearchStrategy[Rows]:
    """Up to 8 rows of guarantees, several versions of a guarantee among them."""
    return _rows("guarantees", _guarantee(), 8)


def enquiries_rows() -> st.SearchStrategy[Rows]:
    """Up to 15 rows of enquiries."""
    return _rows("enquiries", _enquiry(), 15)


def real_estate_rows() -> st.SearchStrategy[Rows]:
    """Up to 8 rows of real_estate, several versions of a title among them."""
    return _rows("real_estate", _title(), 8)


STRATEGIES: dict[str, st.SearchStrategy[Rows]] = {
    "credit_reports": credit_reports_rows(),
    "loans": loans_rows(),
    "repayments": repayments_rows(),
    "guarantees": guarantees_rows(),
    "enquiries": enquiries_rows(),
    "real_estate": real_estate_rows(),
}
