"""Inner folds: an enterprise is never on both sides, and where rows have days the judged come after the learned."""

import numpy as np

from training.learner.sample import Rows, Sample
from training.split import Split, SplitError, folds, forward_folds


def inner_folds(sample: Sample, *, count: int, seed: int) -> list[tuple[Rows, Rows]]:
    """Places of the rows to learn from and to judge, of each fold.

    Raises:
        SplitError: the rows do not make two folds with both kinds on both sides.
    """
    splits = _splits(sample, count=count, seed=seed)
    return [(np.flatnonzero(split.train), np.flatnonzero(split.test)) for split in splits]


def _splits(sample: Sample, *, count: int, seed: int) -> tuple[Split, ...]:
    if not sample.has_days:
        still = np.zeros(len(sample), np.int64)
        return folds(still, sample.groups, sample.defaulted, count=count, seed=seed)
    given = (sample.days, sample.groups, sample.defaulted)
    try:
        return forward_folds(*given, count=count, seed=seed, window_months=sample.window_months)
    except SplitError:  # days that do not reach over a window leave no past to learn from
        return folds(*given, count=count, seed=seed)
