"""Screen the enterprises of a request: all that can go together go through one pass over frames."""

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from decisions.dated import NotInForceError
from decisions.screening.policy import screening_on
from decisions.screening.screening import screen
from decisions.screening.words import answer_of
from serving.evidence import Evidence, per_enterprise
from serving.problems import ProblemError, invalid_at
from serving.screen_types import ScreenItem, ScreenRequest
from sources.clock import explain_day
from sources.contracts import TABLES, Table
from sources.online import IMPLIED
from sources.records import Records
from sources.validation import Checked, no_rejects, validate

Json = dict[str, Any]


@dataclass(frozen=True)
class Together:
    """What items must agree in to be screened in one pass: the day, which tables were given, and no code twice."""

    as_of: dt.date
    tables: tuple[str, ...]
    time: int


def screened(
    request: ScreenRequest, *, today: dt.date, request_id: str, still_awaited: Callable[[], None] = lambda: None
) -> Json:
    """The answer to POST /v1/screen: for each item its answer or its error, in order.

    `still_awaited` is asked before every pass; what it raises ends work that nobody waits for any more.
    """
    found: dict[int, Json] = {}
    groups: dict[Together, list[int]] = {}
    seen: dict[tuple[str, dt.date, tuple[str, ...]], int] = {}
    for place, item in enumerate(request.items):
        try:
            as_of, tables = _day(item, place, today), _tables(item, place)
        except ProblemError as problem:
            found[place] = json.loads(problem.body(request_id))
            continue
        same = (item.enterprise_id, as_of, tables)
        seen[same] = seen.get(same, 0) + 1
        groups.setdefault(Together(as_of, tables, seen[same]), []).append(place)
    for together, places in groups.items():
        still_awaited()
        answers = _answers([request.items[place] for place in places], together, today)
        found |= {place: answers[request.items[place].enterprise_id] for place in places}
    return {"results": [found[place] for place in range(len(request.items))]}


def _day(item: ScreenItem, place: int, today: dt.date) -> dt.date:
    as_of = item.as_of or today
    if fault := explain_day(as_of, today=today):
        raise invalid_at(f"items[{place}].as_of", fault)
    try:
        screening_on(as_of)
    except NotInForceError as error:
        raise invalid_at(f"items[{place}].as_of", str(error)) from error
    return as_of


def _tables(item: ScreenItem, place: int) -> tuple[str, ...]:
    """The tables given, in the order of the contracts."""
    if item.records is None:
        message = f"nothing is stored of {item.enterprise_id} yet; expected its rows in `records`"
        raise ProblemError("not_found", message)
    if not item.records:
        raise invalid_at(f"items[{place}].records", f"got no table, expected some of {', '.join(TABLES)}")
    return tuple(name for name in TABLES if name in item.records)


def _answers(items: Sequence[ScreenItem], together: Together, today: dt.date) -> Mapping[str, Json]:
    """Answers by code."""
    ordered = sorted(items, key=lambda item: item.enterprise_id)
    checked = {name: _checked(TABLES[name], ordered, today) for name in together.tables}
    codes = pl.Series([item.enterprise_id for item in ordered])
    records = Records.of({name: one.rows for name, one in checked.items()}, enterprises=codes)
    found = screen(records, as_of=together.as_of, policy=screening_on(together.as_of))
    rejects = _rejects(checked, ordered)
    evidence = _evidence(ordered, records, rejects, together.as_of)
    each = zip(found.rows(), evidence, strict=True)
    return {str(row["enterprise_id"]): {**answer_of(row, found), **_beside(seen)} for row, seen in each}


def _checked(table: Table, items: Sequence[ScreenItem], today: dt.date) -> Checked:
    """The rows of one table of all enterprises, judged at once as each by itself would be."""
    rows = list(_rows(items, table.name))
    if not rows:
        return Checked(table.empty(), no_rejects())
    schema = {name: pl.String() if isinstance(dtype, pl.Enum) else dtype for name, dtype in table.dtypes.items()}
    return validate(table, pl.from_dicts(rows, schema=schema), today=today)


def _rows(items: Iterable[ScreenItem], table: str) -> Iterator[Mapping[str, Any]]:
    for item in items:
        for row in (item.records or {})[table]:
            yield {**row, IMPLIED: item.enterprise_id}


def _rejects(checked: Mapping[str, Checked], items: Sequence[ScreenItem]) -> Mapping[str, pl.DataFrame]:
    """Rejects by code; rows are counted anew within each item, as they were sent."""
    found: dict[str, list[pl.DataFrame]] = {item.enterprise_id: [] for item in items}
    for name, one in checked.items():
        start = 0
        for item in items if one.rejects.height else ():
            end = start + len((item.records or {})[name])
            own = one.rejects.filter(pl.col("row").is_between(start, end, closed="left"))
            found[item.enterprise_id].append(own.with_columns(row=(pl.col("row") - start).cast(pl.UInt32)))
            start = end
    return {code: pl.concat(frames) for code, frames in found.items() if frames}


def _evidence(
    items: Sequence[ScreenItem], records: Records, rejects: Mapping[str, pl.DataFrame], as_of: dt.date
) -> Iterator[Evidence]:
    """What each answer rests on, by code."""
    each = zip(items, per_enterprise(records, as_of), per_enterprise(records.known_by(as_of), as_of), strict=True)
    for item, own, known in each:
        given = {name: len(rows) for name, rows in (item.records or {}).items()}
        refused = rejects.get(item.enterprise_id, no_rejects())
        yield Evidence(known, given, refused, own.cut_off(as_of))


def _beside(evidence: Evidence) -> Json:
    whys = evidence.whys()
    return {
        "review": {"required": bool(whys), "why": [why.as_dict() for why in whys]},
        "missing_blocks": evidence.missing_blocks,
        "rejects": evidence.reject_lines(),
        "cut_off": dict(evidence.cut_off),
    }
