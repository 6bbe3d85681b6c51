"""Rows of rights and certificates that obey the contracts, made by hypothesis."""

import datetime as dt
from operator import itemgetter

from hypothesis import strategies as st
from samples import AS_OF, ENTERPRISES

from sources.contracts.ip import IP_KINDS, IP_ORIGINS, QUALIFICATION_KINDS

Row = dict[str, object]
NEWEST = AS_OF + dt.timedelta(days=60)
FIRMS = st.sampled_from(ENTERPRISES)


def days(oldest: dt.date, newest: dt.date = NEWEST) -> st.SearchStrategy[dt.date]:
    return st.dates(max(oldest, newest - dt.timedelta(days=500)), newest) | st.dates(oldest, newest)


def day_or_none(oldest: dt.date, newest: dt.date = NEWEST) -> st.SearchStrategy[dt.date | None]:
    return st.none() | days(oldest, newest)


@st.composite
def ip_right(draw: st.DrawFn) -> Row:
    """One version of a right."""
    applied_on = draw(days(dt.date(2004, 1, 1), AS_OF + dt.timedelta(days=20)))
    pledged_on = draw(day_or_none(applied_on))
    return {
        "enterprise_id": draw(FIRMS),
        "right": draw(st.sampled_from([f"r-{number}" for number in range(15)])),
        "kind": draw(st.sampled_from(["invention", *IP_KINDS])),
        "origin": draw(st.sampled_from([None, "own", *IP_ORIGINS])),
        "applied_on": applied_on,
        "granted_on": draw(days(applied_on) | day_or_none(applied_on)),
        "acquired_on": draw(day_or_none(applied_on)),
        "expires_on": draw(st.none() | days(applied_on + dt.timedelta(days=1), dt.date(2040, 1, 1))),
        "ceased_on": draw(st.sampled_from([None, None, None, max(AS_OF, applied_on), NEWEST]) | st.none()),
        "pledged_on": pledged_on,
        "released_on": draw(day_or_none(pledged_on)) if pledged_on else None,
        "citations": draw(st.none() | st.integers(0, 90)),
        "fee_paid_until": draw(st.none() | st.none() | days(dt.date(2025, 1, 1), dt.date(2027, 6, 30))),
        "known_on": draw(days(applied_on)),
    }


@st.composite
def qualification(draw: st.DrawFn) -> Row:
    """One version of a certificate."""
    valid_from = draw(days(dt.date(2018, 1, 1)))
    lasts = draw(st.none() | st.just(1_095) | st.integers(0, 2_000))
    return {
        "enterprise_id": draw(FIRMS),
        "certificate": draw(st.sampled_from([f"q-{number}" for number in range(12)])),
        "kind": draw(st.sampled_from(list(QUALIFICATION_KINDS))),
        "valid_from": valid_from,
        "valid_to": None if lasts is None else valid_from + dt.timedelta(days=lasts),
        "revoked_on": draw(st.none() | st.none() | days(valid_from)),
        "known_on": draw(days(min(valid_from, AS_OF) - dt.timedelta(days=30))),
    }


def some(row: st.SearchStrategy[Row], key: tuple[str, ...], *, most: int) -> st.SearchStrategy[list[Row]]:
    """No rows, or enough that some of them hold."""
    return st.just([]) | st.lists(row, min_size=3, max_size=most, unique_by=itemgetter(*key))


def ip_rights_rows() -> st.SearchStrategy[list[Row]]:
    return some(ip_right(), ("enterprise_id", "right", "known_on"), most=16)


def qualifications_rows() -> st.SearchStrategy[list[Row]]:
    return some(qualification(), ("enterprise_id", "certificate", "known_on"), most=8)


STRATEGIES: dict[str, st.SearchStrategy[list[Row]]] = {
    "ip_rights": ip_rights_rows(),
    "qualifications": qualifications_rows(),
}
