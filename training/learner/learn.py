"""The recipe: trees and a scorecard, each chosen by unseen rows, weighed by unseen rows, in one booster."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from training.calibrate import platt
from training.learner.additive import scorecards
from training.learner.boosting import LARGE, Settings, fit_members, with_gaps
from training.learner.folding import inner_folds
from training.learner.sample import Labels, Sample
from training.learner.search import Fold, choose, losses_of
from training.learner.trees import constant, merge, trees_of

Floats = NDArray[np.float64]

PENALTIES = (300.0, 100.0, 30.0, 10.0, 3.0, 1.0, 0.3)
"""Of the scorecard's steps, strongest first."""

WEIGHTS = tuple(np.linspace(0.0, 1.0, 21).tolist())
FEW_FOLDS = 3
"""Enough where rows are many."""

NATS_FOR_ALL = 2.0
"""To trust one of the two alone, unseen rows must have told it better by so many nats; even shares cost nothing. So a
few rows do not decide by luck, and many decide freely."""


@dataclass(frozen=True)
class Budget:
    """What may be spent on a choice.

    Attributes:
        trials: settings that Optuna may try, where defaults are many.
        folds: of the choice.
        most_rows: rows that the choice is made on; all are used for the fit.
    """

    trials: int = 8
    folds: int = 5
    most_rows: int = 30_000

    def __post_init__(self) -> None:
        if self.trials < 1 or self.folds < 2:  # noqa: PLR2004 - one part has no other
            raise ValueError(f"budget: got {self.trials} trials and {self.folds} folds, expected at least 1 and 2")


@dataclass(frozen=True)
class Learned:
    """A margin as one booster, and how it was come by.

    Attributes:
        intercept, slope: log odds of default = intercept + slope × margin, fitted on margins of unseen rows.
        judged: rows that some fold judged, by their place in the sample.
        out_of_fold: their margins, from models that had not seen their group.
        settings: of the trees.
        penalty: of the scorecard.
        weight: share of the trees in the margin; the rest is the scorecard's.
        losses: mean log loss of unseen rows: `trees`, `scorecard`, `both`.
    """

    booster: lgb.Booster
    intercept: float
    slope: float
    judged: NDArray[np.int64]
    out_of_fold: Floats
    settings: Settings
    penalty: float
    weight: float
    losses: dict[str, float]


class Grow(Protocol):
    """Grows the members of a bag on the whole sample."""

    def __call__(self, sample: Sample, settings: Settings, *, seed: int) -> list[lgb.Booster]: ...


def learn(sample: Sample, budget: Budget | None = None, *, seed: int, grow: Grow = fit_members) -> Learned:
    """Choose on folds, weigh on what they said of unseen rows, and fit on everybody.

    Args:
        sample: at least two groups with defaults and two without.
        budget: what may be spent.
        grow: how the members of the bag are grown at last.
        seed: of every draw; the same seed and data give the same trees on any number of threads.
    """
    budget = budget or Budget()
    places = thinned(sample, most=budget.most_rows, seed=seed)
    tried = sample if len(places) == len(sample) else sample.take(places)
    folds = inner_folds(tried, count=FEW_FOLDS if len(tried) > LARGE else budget.folds, seed=seed)
    chosen = choose(tried, folds, trials=budget.trials, seed=seed)
    penalty, additive = _choose_penalty(tried, folds, seed=seed)
    judged = np.flatnonzero(~np.isnan(chosen.out_of_fold))
    happened = tried.defaulted[judged]
    trees, card = (_as_log_odds(margins[judged], happened) for margins in (chosen.out_of_fold, additive))
    weight = _weigh(trees, card, happened)
    blended = weight * trees.margins + (1 - weight) * card.margins
    intercept, slope = platt(blended, happened)
    members = grow(sample, chosen.settings, seed=seed)
    shares = (weight * trees.slope, (1 - weight) * card.slope)
    booster = merge(members, [shares[0] / len(members)] * len(members), _steps(sample, penalty, shares[1], seed=seed))
    constants = weight * trees.intercept + (1 - weight) * card.intercept
    losses = {"trees": trees.margins, "scorecard": card.margins, "both": blended}
    return Learned(
        booster=booster,
        intercept=intercept + slope * constants,
        slope=slope,
        judged=places[judged],
        out_of_fold=blended - constants,
        settings=chosen.settings,
        penalty=penalty,
        weight=weight,
        losses={name: float(losses_of(margins, happened).mean()) for name, margins in losses.items()},
    )


@dataclass(frozen=True)
class _LogOdds:
    intercept: float
    slope: float
    margins: Floats


def _as_log_odds(margins: Floats, defaulted: Labels) -> _LogOdds:
    intercept, slope = platt(margins, defaulted)
    return _LogOdds(intercept, slope, intercept + slope * margins)


def _weigh(trees: _LogOdds, card: _LogOdds, defaulted: Labels) -> float:
    """The share of the trees: least log loss of the blend, shrunk towards even shares; none for who tells nothing."""
    if trees.slope == 0.0 or card.slope == 0.0:
        return float(card.slope == 0.0)

    def cost(weight: float) -> float:
        total = float(losses_of(weight * trees.margins + (1 - weight) * card.margins, defaulted).sum())
        return total + NATS_FOR_ALL * (2 * weight - 1) ** 2

    return float(min(WEIGHTS, key=cost))


def _choose_penalty(sample: Sample, folds: Sequence[Fold], *, seed: int) -> tuple[float, Floats]:
    margins = np.full((len(PENALTIES), len(sample)), np.nan)
    for number, (train, test) in enumerate(folds):
        seen = _gapped(sample.take(train), seed=seed + number)
        for place, card in enumerate(scorecards(seen, PENALTIES)):
            margins[place, test] = card.margins(sample.matrix[test])
    means = [float(losses_of(row, sample.defaulted).mean()) for row in margins]
    best = int(np.argmin(means))
    return PENALTIES[best], margins[best]


def _gapped(sample: Sample, *, seed: int) -> Sample:
    return replace(sample, matrix=with_gaps(sample.matrix, sample.blocks, np.random.default_rng(seed)))


def _steps(sample: Sample, penalty: float, weight: float, *, seed: int) -> list[str]:
    """The scorecard as trees: one of each column that tells anything, and one of its intercept."""
    if weight == 0.0:
        return []
    seen = _gapped(sample, seed=seed)
    *_, card = scorecards(seen, [one for one in PENALTIES if one >= penalty])
    counts = np.asarray(card.bins.one_hot(seen.matrix).sum(axis=0)).ravel()
    places = np.cumsum([0, *card.bins.widths])
    each = zip(card.bins.edges, card.effects, places, strict=False)
    steps = trees_of(
        (number, edges, weight * effects, np.maximum(counts[start : start + len(effects)], 1.0))
        for number, (edges, effects, start) in enumerate(each)
    )
    return [*steps, constant(weight * card.intercept)]


def thinned(sample: Sample, *, most: int, seed: int) -> NDArray[np.int64]:
    """Places of at most so many rows, whole groups drawn by luck; all of them where they are few enough."""
    if len(sample) <= most:
        return np.arange(len(sample))
    groups, sizes = np.unique(sample.groups, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(groups))
    kept = groups[order[np.cumsum(sizes[order]) <= most]]
    return np.flatnonzero(np.isin(sample.groups, kept))
