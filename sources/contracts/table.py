"""A contract, and what validation and time-travel must know about it beside its columns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import dataframely as dy
import polars as pl

NOTHING: Mapping[str, tuple[str, ...]] = MappingProxyType({})
YEARS_A_NEGATIVE_COUNTS = 5
"""征信业管理条例, article 16: bad information is kept five years from the end of the conduct, then deleted."""


@dataclass(frozen=True)
class Table:
    """One source.

    Attributes:
        known_on_default: columns whose first non-null value stands in for a missing `known_on`.
        key: columns that name one row; of several rows with one key the first in `key_order` is kept.
        versions_of: columns that name the thing a row is a version of; empty = rows are no versions.
        first_told: columns that keep, in the newest version, the smallest value that any version had in another column.
        changes_later: columns that carry the day of a later change and are unknown before that day, each with the
            columns that say more about the change.
        planned: columns of days that may lie after today.
        negative_until: the day on which a negative fact ended, one of the table's own days; null while it lasts and for
            rows that are not negative. Five years later the row counts no more.
        negative_changes: those of `changes_later` that are negative facts; five years later they count no more.
        repaired_on: column with the day from which the row counts no more, because the fault was mended.
        first_order: columns that decide first which of several rows with one key is kept.
    """

    name: str
    schema: type[dy.Schema]
    block: str
    zh: str
    known_on_default: tuple[str, ...]
    key: tuple[str, ...]
    versions_of: tuple[str, ...] = ()
    first_told: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    changes_later: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NOTHING)
    planned: tuple[str, ...] = ()
    negative_until: pl.Expr | None = None
    negative_changes: tuple[str, ...] = ()
    repaired_on: str | None = None
    first_order: tuple[str, ...] = ("known_on",)

    @cached_property
    def dtypes(self) -> dict[str, pl.DataType]:
        return {name: column.dtype for name, column in self.schema.columns().items()}

    @cached_property
    def optional(self) -> frozenset[str]:
        """Columns a source may leave out."""
        nullable = {name for name, column in self.schema.columns().items() if column.nullable}
        return frozenset(nullable | ({"known_on"} if self.known_on_default else set()))

    @cached_property
    def dates(self) -> tuple[str, ...]:
        """Columns of days that cannot lie after today."""
        return tuple(name for name, dtype in self.dtypes.items() if dtype == pl.Date and name not in self.planned)

    @cached_property
    def key_order(self) -> tuple[str, ...]:
        """The total order in which the first of several rows with one key is kept."""
        rest = (name for name in self.dtypes if name not in {*self.key, *self.first_order})
        return (*self.first_order, *rest)

    @cached_property
    def rules(self) -> Mapping[str, pl.Expr]:
        """What every row must keep: `column:check` for rules of one column, the rule's own name for others.

        A rule that is null for a row is kept by it.
        """
        rules = self.schema._validation_rules(with_cast=False)  # noqa: SLF001 - no public way to the rules themselves
        return MappingProxyType({_told(name): rule.expr for name, rule in rules.items()})

    def columns_of(self, rule: str) -> tuple[str, ...]:
        """The columns that explain why `rule` was broken."""
        column = rule.split(":", maxsplit=1)[0]
        if column in self.dtypes:
            return (column,)
        if rule == "after_today":
            return self.dates
        if rule in self.rules:
            compared = self.rules[rule].meta.root_names()
            return tuple(name for name in self.dtypes if name in compared)
        return self.key[:4]

    def typed(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The columns of the contract, in its order and types, from a frame that may lack those that may be null."""
        given = [pl.col(name) if name in frame.columns else pl.lit(None).alias(name) for name in self.dtypes]
        return frame.select(column.cast(dtype) for column, dtype in zip(given, self.dtypes.values(), strict=True))

    @cached_property
    def _nothing(self) -> pl.DataFrame:
        return pl.DataFrame(schema=self.dtypes)

    def empty(self) -> pl.DataFrame:
        """No row. Building a frame from a schema is slow, and answers ask for it table by table."""
        return self._nothing.clone()


def _told(name: str) -> str:
    """`net_fen|max` as `net_fen:max`."""
    return name.replace("|", ":").replace("check__", "")
