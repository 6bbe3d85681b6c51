"""What enterprises asked, what was answered, and what became of it: the rows that drift is looked for in."""

import calendar
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.definition import Feature
from features.peers import deviations_of
from features.sets import FEATURES
from sources.contracts import BLOCKS
from training.metrics import Floats

DEFAULT_DAYS = 90
"""Days past due from which a loan is in default, as in `training.outcomes`."""

ALWAYS = {"enterprise_id": pl.String, "day": pl.Date, "score": pl.Float64}
AT_TIMES = {
    "decision_id": pl.String,
    "pd": pl.Float64,
    "grade": pl.String,
    "eligible": pl.Float64,
    "model_version": pl.String,
    "policy_version": pl.String,
    "catalogue_version": pl.String,
}
OUTCOMES = {
    "decision_id": pl.String,
    "product_id": pl.String,
    "decided_on": pl.Date,
    "known_on": pl.Date,
    "approved": pl.Boolean,
    "days_past_due": pl.Int64,
}


class DriftError(ValueError):
    """Requests or a reference of which nothing can be said."""


@dataclass(frozen=True)
class Span:
    """Days from the first to the last, both included."""

    first: dt.date
    last: dt.date

    @classmethod
    def of_month(cls, day: dt.date, *, months: int = 1) -> "Span":
        """The month that a day is in, with those before it."""
        number = 12 * day.year + day.month - months
        last = calendar.monthrange(day.year, day.month)[1]
        return cls(dt.date(number // 12, number % 12 + 1, 1), day.replace(day=last))

    def __str__(self) -> str:
        return f"{self.first} – {self.last}"


@dataclass(frozen=True)
class Requests:
    """Requests, one row each, and reports of what became of them.

    Attributes:
        rows: `enterprise_id`, `day`, `score` (unclipped points), features as Float64 and `has_<block>`; where known
            `decision_id`, `pd`, `grade`, `eligible` (share of the products looked at that no rule excluded), and the
            versions that answered.
        outcomes: any number of reports a decision: `approved` is null where the enterprise withdrew, `days_past_due`
            where nothing was said of repayment.
    """

    rows: pl.DataFrame
    outcomes: pl.DataFrame

    @classmethod
    def of(cls, rows: pl.DataFrame, outcomes: pl.DataFrame | None = None) -> "Requests":
        """Requests with what may be absent filled in as null.

        Raises:
            DriftError: a column is missing.
        """
        missing = [name for name in ALWAYS if name not in rows.columns]
        if missing:
            raise DriftError(f"requests: got no column {missing[0]!r}, expected {', '.join(ALWAYS)}")
        reports = pl.DataFrame(schema=OUTCOMES) if outcomes is None else outcomes
        lacking = [name for name in OUTCOMES if name not in reports.columns]
        if lacking:
            raise DriftError(f"outcomes: got no column {lacking[0]!r}, expected {', '.join(OUTCOMES)}")
        absent = {name: dtype for name, dtype in AT_TIMES.items() if name not in rows.columns}
        flags = [f"has_{block}" for block in BLOCKS if f"has_{block}" not in rows.columns]
        told = rows.with_columns(
            *(pl.lit(None, dtype=dtype).alias(name) for name, dtype in absent.items()),
            *(pl.lit(value=True).alias(name) for name in flags),
        )
        return cls(told, reports.select(pl.col(name).cast(dtype) for name, dtype in OUTCOMES.items()))

    def __len__(self) -> int:
        return self.rows.height

    @property
    def enterprises(self) -> int:
        return self.rows["enterprise_id"].n_unique()

    @property
    def span(self) -> Span:
        """From the first to the last day.

        Raises:
            DriftError: there are no requests.
        """
        if self.rows.is_empty():
            raise DriftError("requests: got none, expected some")
        return Span(*self.rows.select(pl.col("day").min().alias("first"), pl.col("day").max().alias("last")).row(0))

    def within(self, span: Span) -> "Requests":
        """The requests of some days; reports stay."""
        return replace(self, rows=self.rows.filter(pl.col("day").is_between(span.first, span.last)))

    def known_by(self, day: dt.date) -> "Requests":
        """Requests up to a day, and reports that had come by then."""
        return Requests(self.rows.filter(pl.col("day") <= day), self.outcomes.filter(pl.col("known_on") <= day))

    def months(self) -> Mapping[str, "Requests"]:
        """By month, such as 2026-10, in order."""
        parts = self.rows.with_columns(month=pl.col("day").dt.strftime("%Y-%m")).partition_by("month", as_dict=True)
        return MappingProxyType(
            {str(month): replace(self, rows=parts[(month,)].drop("month")) for (month,) in sorted(parts)}
        )


def defined(names: Sequence[str]) -> tuple[Feature, ...]:
    """The features of these names, deviations from peers among them.

    Raises:
        DriftError: one of them is not defined.
    """
    known = {**FEATURES, **{one.name: one for one in deviations_of(FEATURES.values())}}
    if unknown := [name for name in names if name not in known]:
        raise DriftError(f"got feature {unknown[0]!r}, which the code does not define; make a new reference")
    return tuple(known[name] for name in names)


def permitted(rows: pl.DataFrame, feature: Feature) -> NDArray[np.bool_]:
    """The rows whose enterprises gave every block that a feature needs: in others it says nothing of the enterprise."""
    given = [rows[f"has_{block}"].to_numpy() for block in feature.blocks]
    return np.logical_and.reduce(given) if given else np.ones(rows.height, bool)


def values(rows: pl.DataFrame, feature: Feature) -> Floats:
    """A feature where it may be looked at, NaN for null."""
    seen = rows[feature.name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return np.asarray(seen[permitted(rows, feature)])
