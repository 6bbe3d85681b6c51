"""What moves the score most: mean absolute Shapley contributions, in points."""

import numpy as np
import polars as pl
from scipy.stats import spearmanr

from features.definition import Feature
from scoring.model import FACTOR, as_matrix
from training.evaluation.rows import Judgeable
from training.evaluation.types import Floats, Mover

MOST_ROWS = 5_000
MOST_MOVERS = 30
CLEARLY = 0.3
"""Rank correlation of value and contribution from which a direction is told."""


def movers(model: Judgeable, profiles: pl.DataFrame, *, seed: int) -> tuple[Mover, ...]:
    """The features that move it, strongest first, over at most 5,000 rows drawn.

    `direction` is what the score does as the value rises: `rises`, `falls` or `mixed`.
    """
    seen = profiles.sample(min(MOST_ROWS, profiles.height), seed=seed)
    margins = np.asarray(model.contributions(seen), dtype=np.float64)
    points = -FACTOR * model.calibration.slope * margins[:, :-1]
    strength = np.abs(points).mean(axis=0)
    strongest = [place for place in np.argsort(-strength, kind="stable")[:MOST_MOVERS] if strength[place] > 0]
    values = as_matrix(seen, model.features)
    return tuple(
        _mover(model.features[place], float(strength[place]), _direction(values[:, place], points[:, place]))
        for place in strongest
    )


def _mover(feature: Feature, points: float, direction: str) -> Mover:
    return Mover(feature.name, feature.zh, feature.en, points, direction)


def _direction(values: Floats, points: Floats) -> str:
    known = ~np.isnan(values)
    if not known.any() or np.ptp(values[known]) == 0 or np.ptp(points[known]) == 0:
        return "mixed"
    together = float(spearmanr(values[known], points[known]).statistic)
    if abs(together) < CLEARLY:
        return "mixed"
    return "rises" if together > 0 else "falls"
