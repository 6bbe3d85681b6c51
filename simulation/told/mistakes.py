"""Mistakes of delivery: months that come late, wrong units, rows lost, rows sent twice.

A row that comes once keeps its contract, so a mistake is no reject; the second of two equal rows is one.
"""

import datetime as dt
from typing import Any

import numpy as np
import polars as pl

from simulation.assumed import mistakes as a
from sources.contracts import Table

MONTH_DAYS = 31
MOST_SCALED = 10**12
"""Values beyond the bound of any column stay in their unit."""


def mistakes(table: Table, frame: pl.DataFrame, random: np.random.Generator) -> pl.DataFrame:
    """The rows of one community as they arrive.

    Args:
        table: the contract of the rows.
        frame: all rows of the community under the contract.
        random: the stream of random numbers of the table's mistakes.
    """
    if frame.is_empty():
        return frame
    if table.name in a.DELIVERED:
        frame = _late(table, frame, random)
    if table.name in a.UNITS:
        frame = _in_another_unit(a.UNITS[table.name], frame, random)
    return _lost_and_sent_twice(frame, random) if table.name in a.DELIVERED else frame


def _some(rows: int, share: float, random: np.random.Generator) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Places of about a share of rows."""
    return random.integers(0, rows, random.binomial(rows, share))


def _late(table: Table, frame: pl.DataFrame, random: np.random.Generator) -> pl.DataFrame:
    """An outage: what should be known in one month is known some weeks later, the same for all its rows.

    Only things told once come late: a version told later must not be known before the one that it corrects.
    """
    low, high = a.OUTAGE_DAYS
    luck, place, days = random.random(), int(random.integers(frame.height)), int(random.integers(low, high))
    known_on = frame["known_on"]
    newest: dt.date = known_on.max()  # type: ignore[assignment]  # polars types the maximum of any column alike
    start = known_on[place].replace(day=1)
    end = (start + dt.timedelta(days=MONTH_DAYS)).replace(day=1) - dt.timedelta(days=1)
    if luck >= a.OUTAGE or end + dt.timedelta(days=days) > newest:
        return frame
    struck = known_on.is_between(start, end)
    if table.versions_of:
        struck &= _told_once(table, frame, struck)
    return frame.with_columns(
        known_on=pl.when(struck).then(pl.col("known_on") + pl.duration(days=days)).otherwise("known_on")
    )


def _told_once(table: Table, frame: pl.DataFrame, struck: pl.Series) -> pl.Series:
    """Whether a row is the only version of its thing, of the rows that an outage strikes."""
    things = frame.select(table.versions_of)
    concerned = things.join(things.filter(struck).unique(), on=table.versions_of, how="semi")
    several = concerned.filter(concerned.is_duplicated()).unique()
    if several.is_empty():
        return struck
    marked = things.join(several.with_columns(told_again=True), on=table.versions_of, how="left", maintain_order="left")
    return marked["told_again"].is_null()


def _in_another_unit(unit: a.Unit, frame: pl.DataFrame, random: np.random.Generator) -> pl.DataFrame:
    """Some rows as their sender counts: amounts in ten thousands or in yuan for fen, quantities without their point."""
    wrong = np.zeros(frame.height, dtype=bool)
    wrong[_some(frame.height, a.WRONG_UNIT, random)] = True
    if not wrong.any():
        return frame
    fits = pl.max_horizontal(unit.columns) * unit.times <= MOST_SCALED
    scaled = pl.col(unit.columns) * unit.times // unit.parts
    return frame.with_columns(pl.when(pl.Series(wrong) & fits).then(scaled).otherwise(pl.col(unit.columns)))


def _lost_and_sent_twice(frame: pl.DataFrame, random: np.random.Generator) -> pl.DataFrame:
    copies = np.ones(frame.height, dtype=np.int64)
    copies[_some(frame.height, a.LOST, random)] = 0
    copies[_some(frame.height, a.SENT_TWICE, random)] = 2
    return frame[np.repeat(np.arange(frame.height), copies)]
