"""What was known on a day, table by table, and the panels that are made of it."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from sources.records import Records

FIRM = "firm"
"""Place of an enterprise among those in scope: panels are made by number, and never see a code."""


@dataclass(frozen=True)
class Panel:
    """Rows derived from one or several tables, some for each firm: its months, its counterparties, its loans.

    Attributes:
        sources: tables without one of which there is no panel.
        build: makes a frame with the column `firm`; firms without rows may be left out.
    """

    name: str
    sources: tuple[str, ...]
    build: Callable[["View"], pl.DataFrame]


def panel(*sources: str) -> Callable[[Callable[["View"], pl.DataFrame]], Panel]:
    """Make a panel of a function; it is named after its package and the function, such as `invoice.months`."""

    def define(build: Callable[["View"], pl.DataFrame]) -> Panel:
        package = build.__module__.removeprefix("features.").removesuffix(".panels")
        return Panel(f"{package}.{build.__name__}", sources, build)

    return define


@dataclass(frozen=True)
class View:
    """Records as they could be known at the end of `as_of`; each panel is made once, when it is first asked for."""

    records: Records
    as_of: dt.date
    _made: dict[str, pl.DataFrame] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, records: Records, as_of: dt.date) -> "View":
        """What of these records could be known by then."""
        return cls(records.known_by(as_of), as_of)

    @property
    def firms(self) -> int:
        return len(self.records.enterprises)

    @property
    def last_complete_month(self) -> int:
        """Number of the month before the one that `as_of` is in: 12 × year + month - 1."""
        return 12 * self.as_of.year + self.as_of.month - 2

    def months_ago(self, day: str) -> pl.Expr:
        """Calendar months back: 0 = the last complete month, 11 = the oldest of the last twelve, -1 = this one."""
        on = pl.col(day)
        return (self.last_complete_month - (on.dt.year() * 12 + on.dt.month() - 1)).cast(pl.Int32)

    def days_ago(self, day: str) -> pl.Expr:
        """Days from a day to `as_of`; negative for a planned day ahead."""
        return (pl.lit(self.as_of) - pl.col(day)).dt.total_days().cast(pl.Int32)

    def month_start(self, months_ago: int) -> dt.date:
        """First day of the month so many complete months back; -1 = the month that `as_of` is in."""
        number = self.last_complete_month - months_ago
        return dt.date(number // 12, number % 12 + 1, 1)

    def in_months(self, day: pl.Expr, *, newest: int = 0, months: int = 12) -> pl.Expr:
        """Whether a day lies in so many complete months, the newest of which is `newest` months back."""
        first, end = self.month_start(newest + months - 1), self.month_start(newest - 1)
        return day.is_between(first, end, closed="left")

    def months_since(self, day: str) -> pl.Expr:
        """Whole months from a day to `as_of`: 0 on the day itself, 1 from the same day of the next month."""
        same_day_reached = pl.col(day).dt.day() <= self.as_of.day
        return self.months_ago(day) + same_day_reached.cast(pl.Int32)

    def has(self, wanted: Panel) -> bool:
        """Whether every source of a panel was given."""
        return all(self.records.table(name) is not None for name in wanted.sources)

    def rows(self, table: str) -> pl.DataFrame:
        """A source's rows with `firm` in the place of the code.

        Raises:
            KeyError: the table was not given; panels are only made when their sources were.
        """
        return self._once(table, lambda: self._numbered(table))

    def panel(self, wanted: Panel) -> pl.DataFrame:
        """A panel, made now or before."""
        return self._once(f"panel {wanted.name}", lambda: wanted.build(self))

    def _once(self, name: str, make: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    def _numbered(self, table: str) -> pl.DataFrame:
        frame = self.records.table(table)
        if frame is None:
            raise KeyError(f"{table} was not given")
        firms = self.records.enterprises
        if self.firms == 1:
            codes = frame["enterprise_id"]
            if not frame.is_empty() and not codes.min() == codes.max() == firms[0]:
                frame = frame.filter(pl.col("enterprise_id") == firms[0])
            number = pl.Series(FIRM, [0], pl.UInt32).new_from_index(0, frame.height)
            return pl.DataFrame([number, *(one for one in frame.get_columns() if one.name != "enterprise_id")])
        numbers = frame["enterprise_id"].cast(pl.Enum(firms), strict=False).to_physical().cast(pl.UInt32)
        numbered = frame.select(numbers.alias(FIRM), pl.exclude("enterprise_id"))
        return numbered.filter(pl.col(FIRM).is_not_null()) if numbers.null_count() else numbered
