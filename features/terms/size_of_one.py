"""The size class of one enterprise in plain Python: a hundred times quicker for one than a frame, and the same.

`features.standing.standing.trade_and_size` is the reference that tests hold this to.
"""

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from features.standing.dated_files import version_on
from features.standing.size_class import CLASSES, FEN_PER_UNIT, Standard

Bounds = tuple[tuple[tuple[str, int], ...], ...]
"""From large down to small, the bound of each indicator that counts, in persons and fen."""

INDUSTRIES_KEPT = 4096


def size_class_of(profile: Mapping[str, Any], entry: Mapping[str, Any], as_of: dt.date) -> str | None:
    """Micro, small, medium or large; None where what is known does not settle it, or there was no standard yet.

    Args:
        profile: its features, of which those of `features.standing.standing.SIZE_NEEDED` count.
        entry: `industry` and `employees` of its newest entry in the register.
        as_of: day on which the standard must be in force.
    """
    industry = entry.get("industry")
    if not industry:
        return None
    try:
        version: dt.date = version_on("size_classes.toml", as_of)["from"]
    except LookupError:
        return None
    told = {
        "employees": _people(profile, entry),
        "revenue": _revenue(profile),
        "assets": profile.get("statement_assets"),
    }
    ranks = {None if bounds is None else _rank(bounds, told) for bounds in _possible(industry, version)}
    rank = ranks.pop() if len(ranks) == 1 else None
    return None if rank is None else CLASSES[rank]


def _people(profile: Mapping[str, Any], entry: Mapping[str, Any]) -> float | None:
    """Nobody insured is no proof that nobody works there."""
    employees: float | None = entry.get("employees")
    return employees if employees is not None else (profile.get("headcount") or None)


def _revenue(profile: Mapping[str, Any]) -> float | None:
    """That of the newest yearly statement, else the larger of declared and invoiced sales, for both miss some."""
    stated: float | None = profile.get("statement_revenue")
    if stated is not None:
        return stated
    declared: float | None = profile.get("declared_sales_12m")
    invoiced: float | None = profile.get("sales_12m")
    if declared is None or (declared <= 0 and profile.get("zero_filing_months_12m") is None):
        return invoiced
    return declared if declared >= (invoiced or 0) else invoiced


@lru_cache(INDUSTRIES_KEPT)
def _possible(industry: str, version: dt.date) -> tuple[Bounds | None, ...]:
    """Bounds of the groups that an industry may belong to; None = the standard does not apply."""
    standard = Standard.on(version)
    rows = {row["group"]: row for row in standard.bounds.to_dicts()}
    return tuple(None if group is None else _bounds(rows[group]) for group in standard.candidates(industry))


def _bounds(row: Mapping[str, Any]) -> Bounds:
    found = (((name, row[f"{name}_{one}"]) for name in FEN_PER_UNIT) for one in reversed(CLASSES[1:]))
    return tuple(tuple((name, bound) for name, bound in of_class if bound is not None) for of_class in found)


def _rank(bounds: Bounds, told: Mapping[str, float | None]) -> int | None:
    """Place in CLASSES; None where a missing indicator decides, but one that is not reached is enough for a no."""
    for rank, of_class in zip(range(len(CLASSES) - 1, 0, -1), bounds, strict=True):
        values = [(told[name], bound) for name, bound in of_class]
        if any(value is not None and value < bound for value, bound in values):
            continue
        return None if any(value is None for value, _ in values) else rank
    return 0
