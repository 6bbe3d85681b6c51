"""What became of decisions, and how soon that was known: of the reference, and of decisions to be judged."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import chi2

from training.drift.requests import DEFAULT_DAYS, Requests
from training.metrics import Floats

OLDEST = 18
"""Months after a decision in which reports of it are looked at."""

WINDOW = 12
"""Months in which a default counts, as in the labels."""

DAYS_OF_A_MONTH = 30.4375
LUCK = 0.05
FEWEST_EXPECTED = 1.0
"""Defaults expected of a month of the reference that tells how months vary."""


@dataclass(frozen=True)
class Fates:
    """One row a decision, oldest first.

    Attributes:
        rows: `enterprise_id`, `day`, `score`, `pd`; `age` in months on the day that is stood on; `known_after`,
            `defaulted_after`: months to the first report and to the first report of a default, null = none yet;
            `approved`: of any product, null where nothing is known; `grade`, `policy_version`.
    """

    rows: pl.DataFrame

    @classmethod
    def of(cls, requests: Requests, *, on: dt.date) -> "Fates":
        """As far as it was known at the end of a day."""
        known = requests.known_by(on)
        after = (pl.col("known_on") - pl.col("decided_on")).dt.total_days() / DAYS_OF_A_MONTH
        defaulted = pl.col("days_past_due") >= DEFAULT_DAYS
        reports = (
            known.outcomes.with_columns(after=after)
            .group_by("decision_id")
            .agg(
                pl.col("after").min().alias("known_after"),
                pl.col("after").filter(defaulted).min().alias("defaulted_after"),
                pl.col("approved").max().alias("approved"),
            )
        )
        age = (pl.lit(on) - pl.col("day")).dt.total_days() / DAYS_OF_A_MONTH
        rows = known.rows.filter(pl.col("decision_id").is_not_null()).select(
            "decision_id", "enterprise_id", "day", "score", "pd", "grade", "policy_version", age=age
        )
        return cls(rows.join(reports, on="decision_id", how="left").sort("day", "decision_id"))

    @property
    def has_reports(self) -> bool:
        return self.rows["known_after"].null_count() < self.rows.height

    def granted(self) -> pl.DataFrame:
        """Decisions that are known to have been approved."""
        return self.rows.filter(pl.col("approved").fill_null(value=False))


@dataclass(frozen=True)
class FatesBefore:
    """What became of the decisions of the reference.

    Attributes:
        decisions: that the shares below rest on: those old enough.
        known_by: share of the decisions of which anything was known 0, 1, 2 … OLDEST months after them.
        default_known_by: share of the defaults within twelve months that were known by then; NaN without any.
        score_edges: where bins of the score end.
        decided, approved, granted, defaulted: decisions by bin of the score: with an answer of a bank, approved; and of
            those approved and old enough, all and in default.
        dispersion: by how much the counts of defaults of single months vary more than chance makes them; at least 1.
    """

    decisions: int
    known_by: tuple[float, ...]
    default_known_by: tuple[float, ...]
    score_edges: tuple[float, ...]
    decided: tuple[int, ...]
    approved: tuple[int, ...]
    granted: tuple[int, ...]
    defaulted: tuple[int, ...]
    dispersion: float

    @classmethod
    def of(cls, fates: Fates, score_edges: Floats) -> "FatesBefore":
        """From decisions and reports; younger ones than OLDEST months say nothing of how soon things were known."""
        old = fates.rows.filter(pl.col("age") >= OLDEST)
        after, defaulted_after = (_numbers(old, name) for name in ("known_after", "defaulted_after"))
        ages = np.arange(OLDEST + 1)
        many = float((~np.isnan(defaulted_after)).sum())
        answered = fates.rows.filter(pl.col("approved").is_not_null())
        granted = old.filter(pl.col("approved").fill_null(value=False))
        has_defaulted = (granted["defaulted_after"] <= OLDEST).fill_null(value=False)
        return cls(
            decisions=old.height,
            known_by=_tuple((after[:, None] <= ages).mean(axis=0)) if old.height else (),
            default_known_by=_tuple((defaulted_after[:, None] <= ages).sum(axis=0) / many) if many else (),
            score_edges=_tuple(score_edges),
            decided=_by_bin(answered, score_edges),
            approved=_by_bin(answered.filter("approved"), score_edges),
            granted=_by_bin(granted, score_edges),
            defaulted=_by_bin(granted.filter(has_defaulted), score_edges),
            dispersion=_dispersion(granted),
        )

    @classmethod
    def of_labels(cls, scores: Floats, defaulted: NDArray[np.int64], score_edges: Floats) -> "FatesBefore":
        """From a training sample: default rates by score, and nothing of banks' answers or of how soon things came."""
        place = np.searchsorted(score_edges, scores, side="left")
        many = len(score_edges) + 1
        rows = np.bincount(place, minlength=many)
        bad = np.bincount(place, weights=defaulted, minlength=many)
        whole, some = tuple(int(n) for n in rows), tuple(int(n) for n in bad)
        none = (0,) * many
        return cls(0, (), (), _tuple(score_edges), none, none, whole, some, 1.0)

    @classmethod
    def from_json(cls, parts: Mapping[str, Any]) -> "FatesBefore":
        lists: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in parts.items()}
        return cls(**lists)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def default_rates(self, scores: Floats) -> Floats:
        """Share of defaults among approved decisions of such scores, with ½ a default added to a bin's thousandth."""
        return self._rates(scores, self.defaulted, self.granted)

    def approval_rates(self, scores: Floats) -> Floats:
        """Share approved among answered decisions of such scores."""
        return self._rates(scores, self.approved, self.decided)

    @property
    def counts_through(self) -> int:
        """Months after a decision up to which a default counts: labels end with the window, reports come later."""
        return OLDEST if self.default_known_by else WINDOW

    def default_known(self, ages: Floats) -> Floats:
        """Share of the defaults within twelve months that are known at an age in months; linear between months.

        Labels do not say how soon: none before the window is over, and all from then on.
        """
        if not self.default_known_by:
            return np.where(ages >= WINDOW, 1.0, 0.0)
        return np.interp(ages, np.arange(len(self.default_known_by)), self.default_known_by, left=0.0)

    def _rates(self, scores: Floats, part: tuple[int, ...], whole: tuple[int, ...]) -> Floats:
        """By bin, drawn towards the rate of all as by one more row."""
        some, all_rows = np.asarray(part, dtype=float), np.asarray(whole, dtype=float)
        mean = some.sum() / max(all_rows.sum(), 1.0)
        rates = (some + mean) / (all_rows + 1.0)
        return np.asarray(rates[np.searchsorted(np.asarray(self.score_edges), scores, side="left")])


def _dispersion(granted: pl.DataFrame) -> float:
    """Pearson: mean (O - E)² / E over months of decision, E from the rate of all; 1 where that may be luck."""
    if granted.is_empty():
        return 1.0
    by_month = granted.group_by(pl.col("day").dt.strftime("%Y-%m").alias("month")).agg(
        pl.col("defaulted_after").count().alias("defaults"), pl.len().alias("rows")
    )
    rows, defaults = (by_month[name].to_numpy() for name in ("rows", "defaults"))
    expected = rows * (defaults.sum() / rows.sum())
    told = expected >= FEWEST_EXPECTED
    if told.sum() <= 1:
        return 1.0
    pearson, free = float(((defaults[told] - expected[told]) ** 2 / expected[told]).sum()), int(told.sum()) - 1
    return pearson / free if chi2.sf(pearson, free) < LUCK else 1.0


def _by_bin(rows: pl.DataFrame, edges: Floats) -> tuple[int, ...]:
    place = np.searchsorted(edges, rows["score"].to_numpy(), side="left")
    return tuple(int(n) for n in np.bincount(place, minlength=len(edges) + 1))


def _numbers(rows: pl.DataFrame, name: str) -> Floats:
    return np.asarray(rows[name].cast(pl.Float64).fill_null(float("nan")).to_numpy())


def _tuple(numbers: Floats) -> tuple[float, ...]:
    return tuple(float(one) for one in numbers)
