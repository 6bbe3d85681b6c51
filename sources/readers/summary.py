"""What a source held, in numbers: rows by table and rule, enterprises, days, coverage of the blocks."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from sources.contracts import BLOCKS, TABLES, Table
from sources.readers.folder import ALL_TABLES, Folder

Days = tuple[dt.date, dt.date]
"""First and last."""


@dataclass(frozen=True)
class TableSummary:
    """Numbers of one table; given = accepted + merged + the sum of rejected.

    Attributes:
        rejected: rows by the rule that they broke, most frequent first.
        enterprises: distinct enterprises with an accepted row.
        happened: first and last day of the facts themselves, such as the day of issue; None without rows.
        known: first and last day on which the facts could be known.
    """

    name: str
    zh: str
    block: str
    given: int
    accepted: int
    merged: int
    rejected: Mapping[str, int]
    enterprises: int
    happened: Days | None
    known: Days | None


@dataclass(frozen=True)
class BlockSummary:
    """Coverage of one block: how many enterprises have a row in any of its tables, and which tables were not given."""

    name: str
    enterprises: int
    share: float | None
    tables_missing: tuple[str, ...]
    tables: int

    @property
    def is_missing(self) -> bool:
        return len(self.tables_missing) == self.tables


@dataclass(frozen=True)
class Summary:
    """Numbers of a whole source."""

    enterprises: int
    tables: tuple[TableSummary, ...]
    blocks: tuple[BlockSummary, ...]


def summarise(folder: Folder) -> Summary:
    """Count what a source held."""
    rejected = _rejected(folder.rejects)
    frames = folder.tables()
    tables = tuple(
        _table(table, frames[name], folder, rejected.get(name, {}))
        for name, table in ALL_TABLES.items()
        if name in frames and name in folder.given
    )
    in_scope = len(folder.records.enterprises)
    return Summary(in_scope, tables, tuple(_block(block, folder, in_scope) for block in BLOCKS))


def _rejected(rejects: pl.DataFrame) -> dict[str, dict[str, int]]:
    counted = rejects.group_by("table", "rule").len().sort(["table", "len", "rule"], descending=[False, True, False])
    by_table: dict[str, dict[str, int]] = {}
    for table, rule, rows in counted.iter_rows():
        by_table.setdefault(table, {})[rule] = rows
    return by_table


def _table(table: Table, frame: pl.DataFrame, folder: Folder, rejected: Mapping[str, int]) -> TableSummary:
    happened = table.known_on_default or table.dates[:1]
    return TableSummary(
        name=table.name,
        zh=table.zh,
        block=table.block,
        given=folder.given[table.name],
        accepted=frame.height,
        merged=folder.merged.get(table.name, 0),
        rejected=rejected,
        enterprises=frame["enterprise_id"].n_unique(),
        happened=_days(frame.select(pl.coalesce(happened)).to_series()),
        known=_days(frame["known_on"]),
    )


def _days(days: pl.Series) -> Days | None:
    first, last = days.min(), days.max()
    return (first, last) if isinstance(first, dt.date) and isinstance(last, dt.date) else None


def _block(block: str, folder: Folder, in_scope: int) -> BlockSummary:
    names = [name for name, table in TABLES.items() if table.block == block]
    given = {name: frame for name in names if (frame := folder.records.table(name)) is not None}
    codes = pl.concat([pl.Series(dtype=pl.String), *(frame["enterprise_id"] for frame in given.values())])
    covered = codes.n_unique()
    return BlockSummary(
        name=block,
        enterprises=covered,
        share=covered / in_scope if in_scope else None,
        tables_missing=tuple(name for name in names if name not in given),
        tables=len(names),
    )
