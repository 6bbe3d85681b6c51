"""Rows of any table by its contract alone: quiet ones that keep every rule, and some with values past an edge."""

import datetime as dt

import dataframely as dy
from hypothesis import strategies as st
from samples import ENTERPRISES, TODAY

from sources.contracts import Table

DAY = dt.date(2020, 1, 1)
ONE_DAY = dt.timedelta(days=1)
TOLD_BY_SUMS = ("vat_returns", "vat_returns_small_scale")
"""Tables whose amounts must add up; quiet rows leave them out."""


def quiet(table: Table, number: int = 0) -> dict[str, object]:
    """A row that keeps every rule; rows of different numbers have different keys."""
    columns = table.schema.columns()
    return {name: _quiet(table, name, column, number) for name, column in columns.items()}


def _quiet(table: Table, name: str, column: dy.Column, number: int) -> object:
    match column:
        case dy.Enum():
            return column.dtype.categories[0]
        case dy.Date():
            return DAY + (31 + number) * ONE_DAY if name == "known_on" or name in table.planned else DAY
        case dy.Bool():
            return True
        case dy.Int64() if name.endswith("year"):
            return None if column.nullable and name != "report_year" else 2015 + number
        case dy.Int64():
            return None if column.nullable and table.name in TOLD_BY_SUMS else 1 + number
    return ENTERPRISES[0] if name == "enterprise_id" else None if column.regex else f"x{number}"


def _edges(column: dy.Column) -> list[object]:
    """Values of the column's type, some of which break its rules."""
    match column:
        case dy.Enum():
            return [*column.dtype.categories, None]
        case dy.Date():
            near = [day for bound in (column.min, column.max) if bound for day in (bound - ONE_DAY, bound)]
            return [*near, DAY - ONE_DAY, DAY, DAY + ONE_DAY, DAY + 31 * ONE_DAY, TODAY, TODAY + ONE_DAY, None]
        case dy.Bool():
            return [True, False, None]
        case dy.Int64():
            near = [bound + step for bound in (column.min, column.max) if bound is not None for step in (-1, 0, 1)]
            return [*near, -100, 0, 1, 2, 10**6, 2**62, None]
    longest = column.max_length or 20
    texts = ["", " ", "1", "110108", "I65", "１１０１０８", "é" * (longest // 2), "é" * longest, "1" * longest]
    return [*texts, "1" * (longest + 1), *ENTERPRISES, ENTERPRISES[0].lower(), None]


@st.composite
def rows_of(draw: st.DrawFn, table: Table, *, fixed: tuple[str, ...] = ()) -> list[dict[str, object]]:
    """Up to five rows, some broken, some with the key of another, some copies; `fixed` columns stay quiet."""
    free = {name: column for name, column in table.schema.columns().items() if name not in fixed}
    rows = []
    for place in range(draw(st.integers(0, 4))):
        row = quiet(table, draw(st.sampled_from([place, place, place, 0])))
        for name in draw(st.lists(st.sampled_from(sorted(free)), max_size=2)):
            row[name] = draw(st.sampled_from(_edges(free[name])))
        rows.append(row)
    return rows + [dict(rows[0])] * draw(st.sampled_from([0, 0, 0, 1])) if rows else rows


def at_every_edge(table: Table) -> list[dict[str, object]]:
    """For each column and each value at or past an edge, one row that is quiet but for it."""
    columns = table.schema.columns().items()
    changes = [(name, edge) for name, column in columns for edge in _edges(column)]
    return [quiet(table, number % 50) | {name: edge} for number, (name, edge) in enumerate(changes)]
