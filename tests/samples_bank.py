"""Bank bookings that obey the contract, made by hypothesis."""

import datetime as dt

from hypothesis import strategies as st
from samples import AS_OF, ENTERPRISES

from sources.contracts.bank import PURPOSES

Row = dict[str, object]
FIRST = dt.date(2023, 11, 1)
PARTIES = ("c-1", "c-2", "c-3", "c-4", "c-5", "c-6", "c-7")
BALANCES = st.sampled_from([0, 100, 101, -1]) | st.integers(-(10**7), 10**9)


@st.composite
def booking(draw: st.DrawFn, *, newest: dt.date = AS_OF) -> Row:
    """One row of bank_transactions; often on one of the same few days, so that bookings of a day meet."""
    near = st.integers(0, 45).map(lambda days: newest - dt.timedelta(days=days))
    booked_on = draw(near | st.dates(FIRST, newest) | st.sampled_from([dt.date(2025, 2, 28), dt.date(2025, 3, 1)]))
    return {
        "enterprise_id": draw(st.sampled_from(ENTERPRISES)),
        "account": draw(st.sampled_from(["a-1", "a-2"])),
        "booking": str(draw(st.integers(1, 10**9))),
        "booked_on": booked_on,
        "sequence": draw(st.none() | st.integers(0, 5)),
        "direction": draw(st.sampled_from(["in", "out"])),
        "amount_fen": draw(st.sampled_from([1, 50_000]) | st.integers(1, 10**8)),
        "balance_after_fen": draw(st.none() | BALANCES),
        "counterparty": draw(st.none() | st.sampled_from(PARTIES)),
        "purpose": draw(st.none() | st.sampled_from(list(PURPOSES))),
        "known_on": booked_on + dt.timedelta(days=draw(st.integers(0, 6))),
    }


def bank_transactions_rows(*, most: int = 40) -> st.SearchStrategy[list[Row]]:
    """Bookings of both sample enterprises, each with a number of its own."""
    return st.lists(
        booking(), max_size=most, unique_by=lambda row: (row["enterprise_id"], row["account"], row["booking"])
    )


STRATEGIES: dict[str, st.SearchStrategy[list[Row]]] = {"bank_transactions": bank_transactions_rows()}
