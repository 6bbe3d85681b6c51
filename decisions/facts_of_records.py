"""Facts from a profile and the records behind it: of one enterprise with all it asks for, and of a whole city."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import polars as pl

from decisions.fact_definitions import Value, facts
from decisions.fact_sources import NONE
from decisions.facts import Facts, Need
from features.ip.panels import TERM_MONTHS
from features.terms.named import is_held, is_pledged, months_left, undelivered_fen
from sources.records import Records

Row = Mapping[str, Any]

MONTHS_LEFT: Mapping[str, str] = MappingProxyType(
    {
        "inventions_to_pledge_months_left": "invention",
        "utility_models_to_pledge_months_left": "utility_model",
    }
)
"""Facts about the shortest remaining life of rights to pledge, each with its kind of right."""


NO_NEEDS: Mapping[str, Need] = MappingProxyType({})


@dataclass(frozen=True)
class _Named:
    """What the records say of the ids that a need names.

    Attributes:
        rows: of those that are not `not_usable`.
        not_found, not_usable: as in `Facts`.
    """

    rows: tuple[Row, ...] = ()
    not_found: tuple[str, ...] = ()
    not_usable: tuple[str, ...] = ()


def facts_of(profile: Mapping[str, Any], known: Records, *, as_of: dt.date, need: Need) -> Facts:
    """Facts of one enterprise.

    Args:
        profile: its row of profiles with the features of `decisions.fact_sources.READ`.
        known: its records as `known_by(as_of)` left them.
        as_of: the day stood on.
        need: what it asks for.

    Returns:
        Facts of the rights and contracts that `need` names are unknown while one of them is `not_found`. Those that
        are `not_usable` count in no such fact. Where none of the rights is an invention (a utility model), its
        shortest remaining life is the full term, so that a lower bound refuses nobody for what is not pledged.
    """
    listings = None if known.legal_events is None else _listings(_standing_events(known.legal_events))
    entry = None if known.registry is None or known.registry.is_empty() else known.registry.row(-1, named=True)
    found = Facts.of(profile, entry, as_of=as_of, need=need, listings=listings)
    all_rights = known.ip_rights if profile.get("has_ip", True) else None
    all_orders = known.orders if profile.get("has_trade", True) else None
    rights = _named(all_rights, need.ip_to_pledge, by="right", usable=lambda row: is_held(row, as_of))
    orders = _named(all_orders, need.orders_at_hand, by="order", usable=lambda row: undelivered_fen(row, as_of) > 0)
    named = [one for one in (rights, orders) if one]
    if not named:
        return found
    told = {**found.values, **_of_rights(rights, as_of), **_of_orders(orders, as_of)}
    return replace(
        found,
        values=MappingProxyType(told),
        not_found=tuple(one for some in named for one in some.not_found),
        not_usable=tuple(one for some in named for one in some.not_usable),
    )


def facts_of_all(
    profile: pl.DataFrame, known: Records, *, as_of: dt.date, needs: Mapping[str, Need] = NO_NEEDS
) -> Iterator[Facts]:
    """Facts of every enterprise of a profile, in its order.

    Args:
        profile: with the features of `decisions.fact_sources.READ`.
        known: their records as `known_by(as_of)` left them.
        as_of: the day stood on.
        needs: what an enterprise asks for, by code; rights and contracts that they name are not looked up. Who is
            not there asks for nothing.
    """
    entries = {} if known.registry is None else {row["enterprise_id"]: row for row in _rows(known.registry)}
    standing: dict[str, list[tuple[dt.date, str]]] = {}
    if known.legal_events is not None:
        codes = known.legal_events["enterprise_id"].to_list()
        for code, event in zip(codes, _events(known.legal_events), strict=True):
            if event is not None:
                standing.setdefault(code, []).append(event)
    for row in _rows(profile):
        code = row["enterprise_id"]
        listings = None if known.legal_events is None else _listings(standing.get(code, ()))
        yield Facts.of(row, entries.get(code), as_of=as_of, need=needs.get(code), listings=listings)


def _rows(frame: pl.DataFrame) -> Iterator[Row]:
    return frame.iter_rows(named=True)


def _standing_events(events: pl.DataFrame) -> list[tuple[dt.date, str]]:
    return [event for event in _events(events) if event is not None]


def _events(events: pl.DataFrame) -> Iterator[tuple[dt.date, str] | None]:
    """Of each event its first day and kind; None where it is closed, or no listing."""
    words = facts()["listings"].words
    columns = (events[name].to_list() for name in ("kind", "opened_on", "closed_on"))
    for kind, opened_on, closed_on in zip(*columns, strict=True):
        yield (opened_on, kind) if closed_on is None and kind in words else None


def _listings(standing: Iterable[tuple[dt.date, str]]) -> dict[str, dt.date]:
    """Lists and freezes that stand, the newest first, with the first day of each."""
    return {kind: opened_on for opened_on, kind in sorted(standing, reverse=True)}


def _named(
    rows: pl.DataFrame | None, ids: tuple[str, ...] | None, *, by: str, usable: Callable[[Row], bool]
) -> _Named | None:
    """What the records say of some rights or contracts; None where the need is silent, or they were not given."""
    if not ids:
        return None if ids is None else _Named()
    if rows is None:
        return None
    places = {one: place for place, one in enumerate(rows[by].to_list())}
    wanted = tuple(dict.fromkeys(ids))
    found = {one: rows.row(places[one], named=True) for one in wanted if one in places}
    can_be_used = {one: usable(row) for one, row in found.items()}
    return _Named(
        tuple(row for one, row in found.items() if can_be_used[one]),
        tuple(one for one in wanted if one not in found),
        tuple(one for one in found if not can_be_used[one]),
    )


def _of_rights(named: _Named | None, as_of: dt.date) -> dict[str, Value]:
    """Facts of the rights to pledge that are known."""
    if named is None or named.not_found:
        return {}
    kinds = tuple(dict.fromkeys(row["kind"] for row in named.rows))
    found: dict[str, Value] = {"ip_to_pledge_kinds": kinds or (NONE,)}
    found["ip_to_pledge_encumbered"] = sum(map(is_pledged, named.rows))
    for fact, kind in MONTHS_LEFT.items():
        left = (months_left(row, as_of) for row in named.rows if row["kind"] == kind)
        found[fact] = min((months for months in left if months is not None), default=TERM_MONTHS[kind])
    return found


def _of_orders(named: _Named | None, as_of: dt.date) -> dict[str, Value]:
    """The undelivered amount of the contracts at hand."""
    if named is None or named.not_found:
        return {}
    return {"orders_at_hand_fen": sum(undelivered_fen(row, as_of) for row in named.rows)}
