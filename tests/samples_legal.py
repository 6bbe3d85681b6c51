"""Cases, list entries and penalties that keep the contract, made by hypothesis."""

import datetime as dt

from hypothesis import strategies as st
from samples import AS_OF, ENTERPRISES, TODAY

from sources.contracts import LEGAL_EVENTS
from sources.contracts.legal import CAUSES, LEGAL_KINDS, SEVERITIES

Rows = list[dict[str, object]]


@st.composite
def _event(draw: st.DrawFn) -> dict[str, object]:
    opened_on = draw(st.dates(dt.date(2017, 1, 1), AS_OF + dt.timedelta(days=60)))

    def later(most_days: int) -> dt.date:
        return min(opened_on + dt.timedelta(days=draw(st.integers(0, most_days))), TODAY)

    return {
        "enterprise_id": draw(st.sampled_from(ENTERPRISES)),
        "case": draw(st.sampled_from(["x-1", "x-2", "x-3", "x-4", "x-5"])),
        "kind": draw(st.sampled_from(list(LEGAL_KINDS))),
        "cause": draw(st.none() | st.sampled_from(list(CAUSES))),
        "severity": draw(st.none() | st.sampled_from(list(SEVERITIES))),
        "opened_on": opened_on,
        "closed_on": draw(st.sampled_from([None, later(1_500)])),
        "repaired_on": draw(st.sampled_from([None, None, None, later(1_500)])),
        "amount_fen": draw(st.none() | st.integers(0, 10**9)),
        "known_on": later(40),
    }


def legal_events_rows() -> st.SearchStrategy[Rows]:
    """Up to 15 rows of legal_events, several versions of a case among them."""
    return st.lists(_event(), max_size=15, unique_by=lambda row: tuple(row[name] for name in LEGAL_EVENTS.key))


STRATEGIES: dict[str, st.SearchStrategy[Rows]] = {"legal_events": legal_events_rows()}
