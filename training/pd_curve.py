"""What points mean: a falling curve of the probability of default, fitted on rows that the points had not seen."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit
from sklearn.isotonic import IsotonicRegression

from scoring.pd import PdCurve
from training.calibrate import platt

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

LEVEL = 0.9
KNOTS, TRUTH_KNOTS = 13, 8
RESAMPLES = 200
FOLDS = 5
HALF_A_DEFAULT = 0.5
"""Added to the defaults and the sound rows of each level step, so that none says never or always."""

LEAST_CHANCE = 5e-4
"""True PDs come from a finite number of futures: they are kept this far off 0 and 1 before their logits are taken."""

FEWEST_TRUE = 50
"""True PDs that a quantile of 95 % on a side is taken of: of fewer it would be one of the two or three farthest."""

Curve = Callable[[Floats], Floats]
"""Log odds of default at some points."""


@dataclass(frozen=True)
class Unseen:
    """Rows that were scored by a model which had not seen their enterprise.

    Attributes:
        points: unclipped scores.
        defaulted: 1 for a default.
        groups: rows of one enterprise share a number.
        true_pd: of simulated rows, NaN where it is not known; None = nobody knows any.
    """

    points: Floats
    defaulted: Labels
    groups: NDArray[np.int64]
    true_pd: Floats | None = None


def fit_pd_curve(unseen: Unseen, *, seed: int) -> PdCurve:
    """A line in the log odds, or level steps where unseen rows tell by more than a standard error that these do better.

    The interval is for the very enterprise's PD where enough true PDs are known (quantiles of their distance from the
    curve, as in split conformal prediction, Lei and others 2018), else for the mean PD of enterprises alike (bootstrap
    by enterprise): outcomes alone cannot tell how far enterprises of one score differ.
    """
    kind, fit = ("isotonic", _isotonic) if _isotonic_is_better(unseen, seed=seed) else ("line", _line)
    knots = _knots(unseen.points, KNOTS)
    middle = np.minimum.accumulate(fit(unseen.points, unseen.defaulted)(knots))
    if unseen.true_pd is not None and np.isfinite(unseen.true_pd).sum() >= FEWEST_TRUE:
        below, above = _reach_of_truth(unseen, knots, middle)
        meant = "enterprise"
    else:
        below, above = _reach_of_luck(unseen, fit, knots, middle, seed=seed)
        meant = "alike"
    return PdCurve(
        points=tuple(knots.tolist()),
        log_odds=tuple(middle.tolist()),
        below=tuple(below.tolist()),
        above=tuple(above.tolist()),
        level=LEVEL,
        of=meant,
        kind=kind,
    )


def _knots(points: Floats, count: int) -> Floats:
    """Quantiles, both ends included; at least two."""
    found = np.unique(np.quantile(points, np.linspace(0.0, 1.0, count)))
    return found if len(found) > 1 else np.array([found[0] - 1.0, found[0] + 1.0])


def _line(points: Floats, defaulted: Labels) -> Curve:
    intercept, slope = platt(-points, defaulted)
    return lambda at: intercept - slope * at


def _isotonic(points: Floats, defaulted: Labels) -> Curve:
    """Level steps by pooling adjacent violators, joined at their middles."""
    level = IsotonicRegression(increasing=False).fit(points, defaulted).predict(points)
    steps, place = np.unique(-level, return_inverse=True)
    rows = np.bincount(place)
    bads = np.bincount(place, weights=defaulted)
    middles = np.bincount(place, weights=points) / rows
    odds = logit((bads + HALF_A_DEFAULT) / (rows + 2 * HALF_A_DEFAULT))
    order = np.argsort(middles)
    falling = np.minimum.accumulate(odds[order])
    if len(steps) == 1:
        return lambda at: np.full(len(at), falling[0])
    return lambda at: np.interp(at, middles[order], falling)


def _isotonic_is_better(unseen: Unseen, *, seed: int) -> bool:
    groups = np.unique(unseen.groups)
    part = np.random.default_rng(seed).permutation(len(groups)) % FOLDS
    fold = part[np.searchsorted(groups, unseen.groups)]
    gains = [_gain(unseen, fold == one) for one in range(FOLDS)]
    judged = np.concatenate([one for one in gains if one is not None] or [np.zeros(1)])
    return bool(judged.mean() > judged.std() / math.sqrt(len(judged)))


def _gain(unseen: Unseen, own: NDArray[np.bool_]) -> Floats | None:
    """Log loss of the line less that of the steps, for each row of a fold; None where one kind is missing."""
    others = unseen.defaulted[~own]
    if not 0 < others.sum() < len(others):
        return None
    line, steps = (fit(unseen.points[~own], others)(unseen.points[own]) for fit in (_line, _isotonic))
    signs = 1 - 2 * unseen.defaulted[own]
    return np.asarray(np.logaddexp(0.0, signs * line) - np.logaddexp(0.0, signs * steps))


def _reach_of_luck(
    unseen: Unseen, fit: Callable[[Floats, Labels], Curve], knots: Floats, middle: Floats, *, seed: int
) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    groups, place = np.unique(unseen.groups, return_inverse=True)
    drawn = []
    for _ in range(RESAMPLES):
        counts = np.bincount(rng.integers(0, len(groups), len(groups)), minlength=len(groups))[place]
        rows = np.repeat(np.arange(len(place)), counts)
        if 0 < unseen.defaulted[rows].sum() < len(rows):
            drawn.append(fit(unseen.points[rows], unseen.defaulted[rows])(knots))
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return np.maximum(middle - low, 0.0), np.maximum(high - middle, 0.0)


def _reach_of_truth(unseen: Unseen, knots: Floats, middle: Floats) -> tuple[Floats, Floats]:
    truth = unseen.true_pd if unseen.true_pd is not None else np.full(len(unseen.points), np.nan)
    known = np.isfinite(truth)
    points = unseen.points[known]
    away = logit(np.clip(truth[known], LEAST_CHANCE, 1 - LEAST_CHANCE)) - np.interp(points, knots, middle)
    parts = np.array_split(np.argsort(points, kind="stable"), min(TRUTH_KNOTS, max(1, len(points) // FEWEST_TRUE)))
    at = [float(points[part].mean()) for part in parts]
    below = [_conformal(-away[part]) for part in parts]
    above = [_conformal(away[part]) for part in parts]
    return np.interp(knots, at, below), np.interp(knots, at, above)


def _conformal(distances: Floats) -> float:
    """The distance that a new one stays within with the chance of one side, whatever the distribution."""
    side = (1 + LEVEL) / 2
    rank = min(1.0, math.ceil((len(distances) + 1) * side) / len(distances))
    return max(0.0, float(np.quantile(distances, rank, method="higher")))
