"""Rows of the register that obey the contracts, made by hypothesis."""

import datetime as dt

import polars as pl
from hypothesis import strategies as st
from samples import AS_OF, ENTERPRISES, TODAY

from sources.contracts import TABLES
from sources.contracts.registry import CHANGE_KINDS, LEGAL_FORMS, PARTY_KINDS, PREMISES_KINDS, REGISTRY_STATUSES
from sources.records import Records

Row = dict[str, object]
NEWEST = AS_OF + dt.timedelta(days=60)
FIRMS = st.sampled_from(ENTERPRISES)
MONEY = st.none() | st.integers(0, 10**10)
INDUSTRIES = (None, "A0111", "C3525", "F51", "F5211", "G", "I6513", "K7010", "M7310", "R8830")


def days(oldest: dt.date, newest: dt.date = NEWEST) -> st.SearchStrategy[dt.date]:
    """Days up to `newest`, more often than not close to `AS_OF`."""
    recent = st.dates(max(oldest, min(newest, AS_OF) - dt.timedelta(days=70)), newest)
    return recent | st.dates(oldest, newest)


@st.composite
def registry_row(draw: st.DrawFn) -> Row:
    """One version of the entry of an enterprise."""
    known_on = draw(days(dt.date(2020, 1, 1)))
    return {
        "enterprise_id": draw(FIRMS),
        "alias": None,
        "legal_form": draw(st.sampled_from([None, *LEGAL_FORMS])),
        "status": draw(st.sampled_from([None, *REGISTRY_STATUSES])),
        "established_on": draw(st.none() | st.dates(dt.date(1995, 1, 1), known_on)),
        "industry": draw(st.sampled_from(INDUSTRIES)),
        "district": draw(st.sampled_from([None, "110108", "110115"])),
        "registered_capital_fen": draw(MONEY),
        "paid_in_capital_fen": draw(MONEY),
        "employees": draw(st.none() | st.integers(0, 500)),
        "taxpayer_kind": draw(st.sampled_from([None, "general", "small_scale"])),
        "premises_kind": draw(st.sampled_from([None, *PREMISES_KINDS])),
        "premises_since": draw(st.none() | days(dt.date(2010, 1, 1))),
        "legal_rep": None,
        "legal_rep_birth_year": draw(st.none() | st.integers(1950, 2000)),
        "legal_rep_firms": draw(st.none() | st.integers(1, 15)),
        "address_firms": draw(st.none() | st.integers(1, 40)),
        "phone_firms": draw(st.none() | st.integers(1, 9)),
        "known_on": known_on,
    }


@st.composite
def registry_change(draw: st.DrawFn) -> Row:
    """One event in the register."""
    on = draw(days(dt.date(2019, 1, 1)))
    kind = draw(st.sampled_from(list(CHANGE_KINDS)))
    year = draw(st.integers(2022, 2025)) if kind == "annual_report" else None
    repaired_in = draw(st.none() | st.integers(0, 900)) if kind.endswith("_in") else None
    return {
        "enterprise_id": draw(FIRMS),
        "kind": kind,
        "on": on,
        "report_year": year,
        "repaired_on": None if repaired_in is None else min(on + dt.timedelta(days=repaired_in), TODAY),
        "known_on": on + dt.timedelta(days=draw(st.integers(0, 20))),
    }


@st.composite
def related_party(draw: st.DrawFn) -> Row:
    """One relation to another firm or a person."""
    since = draw(days(dt.date(2015, 1, 1)))
    lasts = draw(st.none() | st.integers(0, 3_000))
    return {
        "enterprise_id": draw(FIRMS),
        "party": draw(st.sampled_from(["p-1", "p-2", "p-3", "c-1"])),
        "kind": draw(st.sampled_from(list(PARTY_KINDS))),
        "share_bp": draw(st.none() | st.integers(0, 10_000)),
        "since": since,
        "until": None if lasts is None else since + dt.timedelta(days=lasts),
        "adverse_on": draw(st.none() | days(dt.date(2018, 1, 1))),
        "known_on": since + dt.timedelta(days=draw(st.integers(0, 20))),
    }


def registry_rows() -> st.SearchStrategy[list[Row]]:
    return st.lists(registry_row(), max_size=6, unique_by=lambda row: (row["enterprise_id"], row["known_on"]))


def registry_changes_rows() -> st.SearchStrategy[list[Row]]:
    key = ("enterprise_id", "kind", "on", "report_year")
    return st.lists(registry_change(), max_size=25, unique_by=lambda row: tuple(row[name] for name in key))


def related_parties_rows() -> st.SearchStrategy[list[Row]]:
    key = ("enterprise_id", "party", "kind", "since")
    return st.lists(related_party(), max_size=12, unique_by=lambda row: tuple(row[name] for name in key))


STRATEGIES: dict[str, st.SearchStrategy[list[Row]]] = {
    "registry": registry_rows(),
    "registry_changes": registry_changes_rows(),
    "related_parties": related_parties_rows(),
}


def framed(name: str, rows: list[Row]) -> pl.DataFrame:
    """Rows of one table as a frame of its contract."""
    return pl.DataFrame(rows, schema=TABLES[name].dtypes)


def records_of_tables(tables: dict[str, list[Row]]) -> Records:
    """Records of both enterprises from the rows of some tables, whether they have rows or not."""
    return Records.of({name: framed(name, rows) for name, rows in tables.items()}, enterprises=pl.Series(ENTERPRISES))
