"""Rows of a table as they were found, before its contract judges them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from sources.contracts import Table
from sources.validation import REJECT_SCHEMA, no_rejects


@dataclass(frozen=True)
class Found:
    """Rows that can be judged, and the rejects among all rows given.

    Attributes:
        frame: columns as given, or already those of the contract.
        places: of each row of `frame` its place among all rows given, from 0.
        rejects: rows that never came to be judged.
        merged: rows given that went into another one, as lines of one invoice do.
    """

    frame: pl.DataFrame
    places: pl.Series
    rejects: pl.DataFrame
    merged: int = 0

    @classmethod
    def whole(cls, frame: pl.DataFrame) -> "Found":
        """Every row of a frame."""
        return cls(frame, pl.int_range(frame.height, dtype=pl.UInt32, eager=True).alias("row"), no_rejects())

    @property
    def given(self) -> int:
        return self.frame.height + self.rejects.height + self.merged


def rejects_of(table: Table, rows: Sequence[int], rules: Sequence[str], values: Sequence[str]) -> pl.DataFrame:
    """One reject a row."""
    columns = {"table": [table.name] * len(rows), "row": rows, "rule": rules, "value": values}
    return pl.DataFrame(columns, schema=REJECT_SCHEMA)


def joined(parts: Iterable[Found]) -> Found:
    """The rows of several files, one after the other.

    Raises:
        polars.exceptions.PolarsError: their columns differ.
    """
    frames, places, rejects, merged, before = [], [], [no_rejects()], 0, 0
    for part in parts:
        frames.append(part.frame)
        places.append(part.places + before)
        rejects.append(part.rejects.with_columns(pl.col("row") + before))
        merged += part.merged
        before += part.given
    return Found(pl.concat(frames, how="vertical_relaxed"), pl.concat(places), pl.concat(rejects), merged)
