"""Beside the simulated truth: how far from the best ranking there can be, and whether intervals hold what they say."""

import numpy as np

from training.evaluation.ranking import auc_draws
from training.evaluation.resampling import UNKNOWN, divided, estimate, rate
from training.evaluation.rows import Judgeable, Judged
from training.evaluation.types import Truth
from training.metrics import Estimate

NOMINAL = 0.9
"""Share of true probabilities that `Judgeable.interval` promises to hold."""


def beside_truth(model: Judgeable, judged: Judged) -> Truth | None:
    """Over the rows of which the truth is known; None where there are none.

    Gini ratio: 2 AUC - 1 of the model by that of the true probabilities.
    """
    true = judged.held.true_pd
    if true is None:
        return None
    known = np.flatnonzero(np.isfinite(true))
    if not len(known):
        return None
    defaulted, draws = judged.defaulted[known], judged.draws.within(known)
    value, drawn = auc_draws(defaulted, -judged.said.points[known], draws)
    best, drawn_best = auc_draws(defaulted, true[known], draws)
    low, high = model.interval(judged.held.profiles)
    inside = ((low <= true) & (true <= high))[known]
    return Truth(
        auc_of_truth=estimate(best, drawn_best, least=0.0, most=1.0),
        gini_ratio=_ratio(2 * value - 1, 2 * best - 1, divided(2 * drawn - 1, 2 * drawn_best - 1)),
        covered=rate(inside.astype(np.float64), draws),
        nominal=NOMINAL,
    )


def _ratio(ours: float, best: float, drawn: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Estimate:
    return estimate(ours / best, drawn) if best > 0 else UNKNOWN
