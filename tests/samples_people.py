"""Rows of social insurance, housing fund and utilities that obey the contracts, made by hypothesis."""

import datetime as dt

from hypothesis import strategies as st
from samples import AS_OF, ENTERPRISES

from sources.contracts.people import UTILITY_KINDS

Row = dict[str, object]
MONTHS_BACK = 30


def month_back(months: int) -> dt.date:
    """First day of the month so many months before the one `AS_OF` is in."""
    number = 12 * AS_OF.year + AS_OF.month - 1 - months
    return dt.date(number // 12, number % 12 + 1, 1)


def later(day: dt.date, days: int) -> dt.date:
    return day + dt.timedelta(days=days)


@st.composite
def contribution(draw: st.DrawFn, *, has_rate: bool) -> Row:
    """One version of a month's contributions."""
    month = month_back(draw(st.integers(0, MONTHS_BACK)))
    declared_on = later(month, draw(st.integers(0, 50)))
    base = draw(st.none() | st.integers(0, 10**9))
    due = draw(st.sampled_from([0, 1, 40_000]) | st.integers(0, 10**8))
    paid_in = draw(st.none() | st.integers(0, 200))
    row: Row = {
        "enterprise_id": draw(st.sampled_from(ENTERPRISES)),
        "month": month,
        "headcount": draw(st.integers(0, 40)),
        "base_fen": base,
        "due_fen": due,
        "declared_on": declared_on,
        "paid_on": None if paid_in is None else later(month, paid_in),
        "paid_fen": draw(st.none() | st.integers(0, due + 1)),
        "known_on": later(declared_on, draw(st.integers(0, 10))),
    }
    return row | {"rate_bp": draw(st.none() | st.just(2_400))} if has_rate else row


@st.composite
def steady_contributions(draw: st.DrawFn, *, has_rate: bool) -> list[Row]:
    """The contributions of every month in turn, so that whole years can be compared."""
    rows = draw(st.lists(contribution(has_rate=has_rate), min_size=24, max_size=28))
    firm, newest = draw(st.sampled_from(ENTERPRISES)), draw(st.integers(0, 4))
    steady = []
    for back, row in enumerate(rows, start=newest):
        month = month_back(back)
        moved = {"enterprise_id": firm, "month": month, "declared_on": later(month, 10), "known_on": later(month, 15)}
        base = row["base_fen"] if back == newest else row["base_fen"] or 7_000
        steady.append(row | moved | {"paid_on": row["paid_on"] and later(month, 20), "base_fen": base})
    return steady


@st.composite
def bill(draw: st.DrawFn) -> Row:
    """One version of a month's utility bill."""
    month = month_back(draw(st.integers(0, MONTHS_BACK)))
    billed_on = later(month, draw(st.integers(0, 50)))
    paid_in = draw(st.none() | st.integers(-3, 120))
    return {
        "enterprise_id": draw(st.sampled_from(ENTERPRISES)),
        "month": month,
        "kind": draw(st.sampled_from(list(UTILITY_KINDS))),
        "usage": draw(st.none() | st.sampled_from([0, 1]) | st.integers(0, 10**7)),
        "billed_fen": draw(st.integers(0, 10**7)),
        "billed_on": billed_on,
        "paid_on": None if paid_in is None else later(billed_on, paid_in),
        "known_on": later(billed_on, draw(st.integers(0, 10))),
    }


@st.composite
def steady_bills(draw: st.DrawFn) -> list[Row]:
    """Electricity of every month in turn."""
    rows = draw(st.lists(bill(), min_size=24, max_size=28))
    firm, newest = draw(st.sampled_from(ENTERPRISES)), draw(st.integers(0, 4))
    steady = []
    for back, row in enumerate(rows, start=newest):
        month = month_back(back)
        moved = {"enterprise_id": firm, "month": month, "billed_on": later(month, 31), "known_on": later(month, 33)}
        usage = row["usage"] if back == newest else row["usage"] or 0
        paid_on = row["paid_on"] and later(month, 31 + back % 45)
        steady.append(row | moved | {"kind": "electricity", "paid_on": paid_on, "usage": usage})
    return steady


def _unique(rows: list[Row], *key: str) -> list[Row]:
    return list({tuple(row[name] for name in (*key, "known_on")): row for row in rows}.values())


def contribution_rows(*, has_rate: bool) -> st.SearchStrategy[list[Row]]:
    scattered = st.lists(contribution(has_rate=has_rate), max_size=12)
    rows = st.tuples(steady_contributions(has_rate=has_rate) | st.just([]), scattered)
    return rows.map(lambda both: _unique([*both[0], *both[1]], "enterprise_id", "month"))


def social_insurance_rows() -> st.SearchStrategy[list[Row]]:
    return contribution_rows(has_rate=False)


def housing_fund_rows() -> st.SearchStrategy[list[Row]]:
    return contribution_rows(has_rate=True)


def utilities_rows() -> st.SearchStrategy[list[Row]]:
    rows = st.tuples(steady_bills() | st.just([]), st.lists(bill(), max_size=12))
    return rows.map(lambda both: _unique([*both[0], *both[1]], "enterprise_id", "month", "kind"))


STRATEGIES: dict[str, st.SearchStrategy[list[Row]]] = {
    "social_insurance": social_insurance_rows(),
    "housing_fund": housing_fund_rows(),
    "utilities": utilities_rows(),
}
