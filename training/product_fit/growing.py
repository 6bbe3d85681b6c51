"""Trees on top of the record: monotone LightGBM that begins from what the record says."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from scoring.product_fit import Floats, Matrix
from training.evaluation.calibration import losses
from training.split import Split, SplitError, folds, forward_folds

Places = NDArray[np.int64]


@dataclass(frozen=True)
class Growth:
    """How trees are grown: small ones and few, for every pair of a city passes through them."""

    num_leaves: int = 6
    rounds: int = 120
    learning_rate: float = 0.06
    feature_fraction: float = 0.5
    min_data_in_leaf: int = 60
    lambda_l2: float = 20.0
    sample_fraction: float = 0.8

    def describe(self) -> dict[str, float]:
        return asdict(self)


ROUNDS = (15, 30, 60, 90, 120, 160, 200)
LEAVES = (3, 6, 10)


@dataclass(frozen=True)
class Case:
    """Rows to grow on.

    Attributes:
        matrix: NaN = not known.
        happened: 1 or 0.
        start: log odds that the trees add to; from a record that had not seen the row.
        groups: rows of one enterprise share a number.
        days: days since 1970-01-01.
        signs: of each column, of the chance's direction.
        names: of the columns.
    """

    matrix: Matrix
    happened: Floats
    start: Floats
    groups: Places
    days: Places
    signs: Places
    names: tuple[str, ...]


def grow(case: Case, rows: Places, growth: Growth, *, seed: int) -> lgb.Booster:
    """Trees of some rows; the same whatever the number of threads."""
    told: dict[str, Any] = {
        "objective": "binary",
        "num_leaves": growth.num_leaves,
        "learning_rate": growth.learning_rate,
        "feature_fraction": growth.feature_fraction,
        "bagging_fraction": growth.sample_fraction,
        "bagging_freq": 1,
        "min_data_in_leaf": growth.min_data_in_leaf,
        "lambda_l2": growth.lambda_l2,
        "monotone_constraints": case.signs.tolist(),
        "boost_from_average": False,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "seed": seed,
        "verbose": -1,
    }
    data = lgb.Dataset(
        case.matrix[rows],
        case.happened[rows],
        init_score=case.start[rows],
        feature_name=list(case.names),
        params={"verbose": -1},
    )
    return lgb.train(told, data, num_boost_round=growth.rounds)


def chosen_growth(case: Case, *, window_months: int, seed: int) -> tuple[Growth, dict[str, float]]:
    """The growth of least log loss on later days of other enterprises, and the loss of each size tried.

    Where days do not reach over a window, other enterprises alone judge.
    """
    sides = _judging(case, window_months=window_months, seed=seed)
    tried: dict[Growth, list[Floats]] = {}
    for number, split in enumerate(sides):
        train, test = np.flatnonzero(split.train), np.flatnonzero(split.test)
        for leaves in LEAVES:
            growth = Growth(num_leaves=leaves, rounds=max(ROUNDS))
            booster = grow(case, train, growth, seed=seed + number)
            for rounds in ROUNDS:
                told = booster.predict(case.matrix[test], raw_score=True, num_iteration=rounds)
                lost = _losses(case.happened[test], case.start[test] + np.asarray(told))
                tried.setdefault(replace(growth, rounds=rounds), []).append(lost)
    means = {growth: float(np.concatenate(lost).mean()) for growth, lost in tried.items()}
    best = min(means, key=lambda growth: means[growth])
    said = np.concatenate([case.start[split.test] for split in sides])
    happened = np.concatenate([case.happened[split.test] for split in sides])
    told_losses = {"record_alone": float(_losses(happened, said).mean())}
    return best, told_losses | {f"{one.num_leaves} leaves, {one.rounds} rounds": means[one] for one in means}


def unseen_margins(case: Case, growth: Growth, parts: Sequence[Split], *, seed: int) -> Floats:
    """What trees that had not seen a row's enterprise add to its start."""
    margins = np.zeros(len(case.happened))
    for number, split in enumerate(parts):
        booster = grow(case, np.flatnonzero(split.train), growth, seed=seed + number)
        margins[split.test] = booster.predict(case.matrix[split.test], raw_score=True)
    return margins


def _judging(case: Case, *, window_months: int, seed: int) -> tuple[Split, ...]:
    given = (case.days, case.groups, case.happened.astype(np.int64))
    try:
        return forward_folds(*given, count=3, seed=seed, window_months=window_months)
    except SplitError:
        return folds(*given, count=3, seed=seed)


def _losses(happened: Floats, log_odds: Floats) -> Floats:
    return losses(happened.astype(np.int64), 1 / (1 + np.exp(-log_odds)))
