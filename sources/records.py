"""Everything known of some enterprises: one frame a table, and the only place where the future is cut off."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

import polars as pl

from sources.contracts import TABLES


@dataclass(frozen=True)
class Records:
    """Validated rows of some enterprises.

    Attributes:
        enterprises: the distinct codes in scope, sorted. A code without rows is still in scope.
        registry, vat_invoices: a frame of the table's contract; `None` = not given, empty = given and nothing there.
    """

    enterprises: pl.Series
    registry: pl.DataFrame | None = None
    vat_invoices: pl.DataFrame | None = None

    @classmethod
    def of(cls, frames: Mapping[str, pl.DataFrame], *, enterprises: pl.Series | None = None) -> "Records":
        """Records from validated frames by table name; without `enterprises`, all that occur in the frames."""
        unknown = set(frames) - set(TABLES)
        if unknown:
            raise ValueError(f"got table {min(unknown)!r}, expected some of {', '.join(TABLES)}")
        if enterprises is None:
            ids = [frame["enterprise_id"] for frame in frames.values()]
            enterprises = pl.concat(ids) if ids else pl.Series(dtype=pl.String)
        return cls(enterprises.unique().sort().alias("enterprise_id"), **frames)

    def tables(self) -> Iterator[tuple[str, pl.DataFrame]]:
        """Name and frame of every table that was given."""
        for field in fields(self):
            frame = getattr(self, field.name)
            if field.name in TABLES and frame is not None:
                yield field.name, frame

    def known_by(self, as_of: dt.date) -> "Records":
        """What could be known at the end of `as_of`: later facts are gone, later changes are undone."""
        cut: dict[str, pl.DataFrame] = {}
        for name, frame in self.tables():
            later_changes = [
                pl.when(pl.col(column) <= as_of).then(pl.col(column)).alias(column)
                for column in TABLES[name].changes_later
            ]
            cut[name] = frame.filter(pl.col("known_on") <= as_of).with_columns(later_changes)
        return Records.of(cut, enterprises=self.enterprises)

    def cut_off(self, as_of: dt.date) -> dict[str, int]:
        """How many rows of each table `known_by(as_of)` leaves out."""
        return {name: int((frame["known_on"] > as_of).sum()) for name, frame in self.tables()}

    def only(self, enterprises: pl.Series) -> "Records":
        """The same tables for fewer enterprises."""
        in_scope = pl.col("enterprise_id").is_in(enterprises.implode())
        return Records.of({name: frame.filter(in_scope) for name, frame in self.tables()}, enterprises=enterprises)

    def find(self, name: str) -> str:
        """The code of the enterprise with this code or alias.

        Raises:
            KeyError: no enterprise in scope has it.
        """
        if name in self.enterprises:
            return name
        if self.registry is not None:
            codes = self.registry.filter(pl.col("alias") == name)["enterprise_id"].unique()
            if len(codes) == 1:
                return str(codes[0])
        raise KeyError(
            f"got enterprise {name!r}, expected a code or an alias of one of {len(self.enterprises)} enterprises"
        )
