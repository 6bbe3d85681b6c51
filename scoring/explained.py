"""The answer of a model for one enterprise."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Band:
    """Range that most comparable enterprises lie in (10th to 90th percentile of the reference sample)."""

    low: float
    high: float


@dataclass(frozen=True)
class Scored:
    """A score and how it came about.

    Attributes:
        unclipped_score: `base_points` plus the sum of `points`.
        score: `unclipped_score` rounded and kept within 300 to 850.
        points: contribution of each feature in points, in the model's feature order; positive = in favour.
        values: the feature values that the model saw, same order; None = missing.
    """

    enterprise_id: str
    score: int
    unclipped_score: float
    base_points: float
    points: tuple[float, ...]
    values: tuple[float | None, ...]
