"""A bag of monotone LightGBM models, each on its own draw of the rows and with its own blocks missing."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
from joblib import cpu_count
from numpy.typing import NDArray

from scoring.model import Matrix
from training.learner.sample import Rows, Sample

LARGEST_SEED = 2**31 - 1
SHARE_WITH_GAPS, CHANCE_OF_A_GAP = 0.4, 0.25
"""So many of a member's rows lose blocks, each of them with this chance, so that a missing block is nothing new."""

FEWEST_COLUMNS = 2
"""That a tree may ask about, so that columns can cross in a narrow table too."""

PATIENCE = 60
"""Rounds without a gain, after which no more trees are grown for a choice."""

LARGE = 20_000
"""Rows from which LightGBM's own threads pay; below, folds are grown side by side instead."""


@dataclass(frozen=True)
class Settings:
    """How each member of the bag is grown."""

    num_leaves: int
    rounds: int
    feature_fraction: float = 0.5
    learning_rate: float = 0.1
    min_data_in_leaf: int = 5
    lambda_l2: float = 1.0
    bags: int = 10
    sample_fraction: float = 0.7

    def describe(self) -> dict[str, float]:
        return asdict(self)


def fit_members(sample: Sample, settings: Settings, *, seed: int, judge: Sample | None = None) -> list[lgb.Booster]:
    """Grow every member; every other one asks about the whole history only, where columns say which that are.

    On a small sample the many windows of the last year are mostly noise, and where labels carry no day they may show
    what followed the default; on a larger one they tell most. A bag of both came close to the better of the two on
    every sample tried.
    Each draw keeps the share of defaults. The first k rounds of a member are what a member of k rounds would be. With
    rows to `judge` on, it stops when PATIENCE more rounds tell them no better.
    """
    scopes = _scopes(sample)
    seeds = np.random.default_rng(seed).integers(LARGEST_SEED, size=settings.bags).tolist()
    work = [(scopes[number % len(scopes)], own) for number, own in enumerate(seeds)]
    return [_fit_one(sample, settings, scope, own, judge) for scope, own in work]


def _scopes(sample: Sample) -> list[list[float]]:
    """Weights of the columns' gains for one member after the other; a column of weight 0 is never asked about."""
    seen = set(sample.whole_history)
    whole = [float(number in seen) for number in range(len(sample.names))]
    every = [1.0] * len(sample.names)
    return [whole, every] if any(whole) else [every]


def _fit_one(sample: Sample, settings: Settings, scope: list[float], seed: int, judge: Sample | None) -> lgb.Booster:
    rng = np.random.default_rng(seed)
    kinds = [np.flatnonzero(sample.defaulted == kind) for kind in (0, 1)]
    rows = np.sort(np.concatenate([_draw(kind, settings, rng) for kind in kinds]))
    seen = with_gaps(sample.matrix[rows], sample.blocks, rng)
    fine = {"verbose": -1, "min_data_in_bin": 1 if len(rows) < LARGE else 3}
    data = lgb.Dataset(seen, sample.defaulted[rows], feature_name=list(sample.names), params=fine)
    told = parameters(sample, settings, scope=scope, seed=seed)
    if judge is None:
        return lgb.train(told, data, num_boost_round=settings.rounds)
    watched = [lgb.Dataset(judge.matrix, judge.defaulted, reference=data, params=fine)]
    patience = [lgb.early_stopping(PATIENCE, verbose=False)]
    return lgb.train(
        told,
        data,
        num_boost_round=settings.rounds,
        valid_sets=watched,
        callbacks=patience,
        keep_training_booster=True,  # else the trees after the best round for the judged rows would be dropped
    )


def parameters(sample: Sample, settings: Settings, *, scope: Sequence[float], seed: int) -> dict[str, Any]:
    """What LightGBM is told. Any number of threads grows the same trees."""
    return {
        "objective": "binary",
        "num_leaves": settings.num_leaves,
        "learning_rate": settings.learning_rate,
        "feature_fraction": max(settings.feature_fraction, min(1.0, FEWEST_COLUMNS / len(sample.names))),
        "min_data_in_leaf": settings.min_data_in_leaf,
        "lambda_l2": settings.lambda_l2,
        "monotone_constraints": [*sample.monotone],
        "feature_contri": list(scope),
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": cpu_count() if len(sample) > LARGE else 1,
        "seed": seed,
        "verbose": -1,
    }


def with_gaps(matrix: Matrix, blocks: Sequence[Sequence[int]], rng: np.random.Generator) -> Matrix:
    """The matrix with whole blocks missing from some rows; itself where there are no blocks."""
    if not blocks:
        return matrix
    gapped = matrix.copy()
    some = rng.random(len(matrix)) < SHARE_WITH_GAPS
    for columns in blocks:
        rows = np.flatnonzero(some & (rng.random(len(matrix)) < CHANCE_OF_A_GAP))
        gapped[np.ix_(rows, np.array(columns))] = np.nan
    return gapped


def _draw(rows: Rows, settings: Settings, rng: np.random.Generator) -> NDArray[np.int64]:
    count = max(2, round(settings.sample_fraction * len(rows)))
    return rng.choice(rows, size=min(count, len(rows)), replace=False)
