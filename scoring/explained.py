"""The answer of a model for one enterprise."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

LOWEST_SCORE, HIGHEST_SCORE = 300, 850


def score_told(unclipped: float) -> int:
    """The whole score that is told of an unclipped one: rounded, and kept within the scale."""
    return min(max(round(unclipped), LOWEST_SCORE), HIGHEST_SCORE)


@dataclass(frozen=True)
class Band:
    """Range that most comparable enterprises lie in (10th to 90th percentile of the reference sample)."""

    low: float
    high: float


@dataclass(frozen=True)
class PdSaid:
    """Probability of default within 12 months, and the interval that holds the true one at `level`."""

    value: float
    low: float
    high: float
    level: float


@dataclass(frozen=True)
class Scored:
    """A score and how it came about.

    Attributes:
        unclipped_score: `base_points` plus the sum of `points` and of `withheld`.
        score: `unclipped_score` rounded and kept within 300 to 850.
        points: contribution of each feature in points, in the model's feature order; positive = in favour.
        values: the feature values that the model saw, same order; None = missing.
        withheld: what each block of which nothing was given takes, in points; negative.
        is_unusual: whether the enterprise lies outside what the model has seen; None = the model cannot tell.
        pd: None = the model claims none.
    """

    enterprise_id: str
    score: int
    unclipped_score: float
    base_points: float
    points: tuple[float, ...]
    values: tuple[float | None, ...]
    withheld: Mapping[str, float] = field(default_factory=dict)
    is_unusual: bool | None = None
    pd: PdSaid | None = None

    @classmethod
    def of(
        cls,
        enterprise_id: str,
        base_points: float,
        points: tuple[float, ...],
        values: tuple[float | None, ...],
        withheld: Mapping[str, float],
    ) -> "Scored":
        """Sum up what was added and taken."""
        unclipped = base_points + math.fsum((*points, *withheld.values()))
        return cls(enterprise_id, score_told(unclipped), unclipped, base_points, points, values, withheld)
