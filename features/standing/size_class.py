"""Micro, small, medium or large by 中小企业划型标准规定, from what is known of an enterprise."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import polars as pl

from features.standing.dated_files import version_on

CLASSES = ("micro", "small", "medium", "large")
FEN_PER_UNIT: Mapping[str, int] = MappingProxyType({"employees": 1, "revenue": 1_000_000, "assets": 1_000_000})
"""Indicators, and what one unit of the standard is in ours: persons, and 10,000 yuan in fen."""


@dataclass(frozen=True)
class Standard:
    """The lower bounds of one version of the standard.

    Attributes:
        groups: group by the first characters of an industry code; None where the standard does not apply.
        bounds: one row a group: `group`, and `<indicator>_<class>` in persons and fen, null where it does not count.
    """

    groups: Mapping[str, str | None]
    bounds: pl.DataFrame

    @classmethod
    def on(cls, day: dt.date) -> "Standard":
        """The standard in force on a day.

        Raises:
            LookupError: there was none yet.
        """
        return _standard(version_on("size_classes.toml", day)["from"])

    def candidates(self, industry: str) -> set[str | None]:
        """The groups that an industry may belong to: several when its code is too short to tell."""
        for length in range(len(industry), 0, -1):
            if industry[:length] in self.groups:
                return {self.groups[industry[:length]]}
        return {group for prefix, group in self.groups.items() if prefix.startswith(industry)}


@cache
def _standard(day: dt.date) -> Standard:
    version = version_on("size_classes.toml", day)
    groups = dict.fromkeys(version["not_covered"]) | {
        prefix: group["code"] for group in version["group"] for prefix in group["industries"]
    }
    bounds = [
        {"group": group["code"]}
        | {f"{name}_{one}": _bound(group, name, one) for name in FEN_PER_UNIT for one in CLASSES[1:]}
        for group in version["group"]
    ]
    return Standard(MappingProxyType(groups), pl.DataFrame(bounds, infer_schema_length=None))


def _bound(group: Mapping[str, Mapping[str, int]], indicator: str, one: str) -> int | None:
    return group[indicator][one] * FEN_PER_UNIT[indicator] if indicator in group else None


def size_classes(firms: pl.DataFrame, as_of: dt.date) -> pl.Series:
    """The size class of each enterprise, in their order; null where what is known does not settle it.

    A class counts when the lower bound of every indicator of the group is reached; nobody falls between classes. With
    an indicator missing, or with an industry code too short to tell the group, the class is given when it is the same
    whatever is missing.

    Args:
        firms: `industry` (GB/T 4754), `employees` (persons), `revenue` and `assets` (fen), each may be null.
        as_of: day on which the standard must be in force.

    Raises:
        LookupError: there was no standard on that day.
    """
    standard = Standard.on(as_of)
    industries = firms["industry"].drop_nulls().unique().to_list()
    possible = [(code, group) for code in industries for group in standard.candidates(code)]
    table = pl.DataFrame(possible, schema={"industry": pl.String, "group": pl.String}, orient="row")
    bounds = table.join(standard.bounds, on="group", how="left")
    ranked = firms.with_row_index("row").join(bounds, on="industry", how="left").with_columns(rank=_rank())
    rank = pl.col("rank")
    settled = (rank.null_count() == 0) & (rank.min() == rank.max())
    by_row = ranked.group_by("row").agg(rank=pl.when(settled).then(rank.min())).sort("row")
    return by_row["rank"].replace_strict(range(len(CLASSES)), CLASSES, return_dtype=pl.String).alias("size_class")


def _rank() -> pl.Expr:
    """Place in CLASSES of a firm in one group; null where a missing indicator decides."""
    large, medium, small = (_reaches(one) for one in reversed(CLASSES[1:]))
    rank = pl.when(pl.col("group").is_null() | large.is_null()).then(None).when(large).then(3)
    rank = rank.when(medium.is_null()).then(None).when(medium).then(2)
    return rank.when(small.is_null()).then(None).when(small).then(1).otherwise(0)


def _reaches(one: str) -> pl.Expr:
    """Whether every indicator reaches its bound: false as soon as one does not, whatever is missing beside it."""
    bounds = ((name, pl.col(f"{name}_{one}")) for name in FEN_PER_UNIT)
    return pl.all_horizontal(bound.is_null() | (pl.col(name) >= bound) for name, bound in bounds)
