"""Invented rows for the learner, and a learner that grows few trees."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy.special import expit

from training.learner import search
from training.learner.boosting import Settings
from training.learner.learn import Budget
from training.learner.sample import Sample

QUICK = Budget(trials=1, folds=3)
FEW = Settings(num_leaves=2, rounds=20, bags=2)


@contextmanager
def few_trees() -> Iterator[None]:
    """Bags of two with at most twenty rounds, where defaults are few."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(search, "ROUNDS", (10, 20))
        patched.setattr(search, "GROWTHS", (FEW,))
        patched.setattr(search, "CANDIDATES", (replace(FEW, rounds=10), FEW))
        yield


def sample_of(matrix, defaulted, *, monotone=None, groups=None, **more) -> Sample:
    """Every row an enterprise of its own, and nothing promised, unless said."""
    matrix, defaulted = np.asarray(matrix, float), np.asarray(defaulted, np.int64)
    rows, columns = matrix.shape
    return Sample(
        matrix=matrix,
        defaulted=defaulted,
        names=tuple(f"column_{place}" for place in range(columns)),
        monotone=tuple(monotone or (0,) * columns),
        groups=np.arange(rows) if groups is None else np.asarray(groups),
        **more,
    )


def smooth_rows(rows=300, *, columns=3, seed=0):
    """Log odds of default rise by 1.5 with the first column, fall by 0.8 with the second; a tenth is not known."""
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(rows, columns))
    defaulted = rng.random(rows) < expit(-1.0 + 1.5 * matrix[:, 0] - 0.8 * matrix[:, 1])
    matrix[rng.random(matrix.shape) < 0.1] = np.nan
    return matrix, defaulted.astype(np.int64)


def crossed_rows(rows=600, *, columns=6, seed=0):
    """Bad where exactly one of two columns is above zero, nine times in ten: neither tells anything alone."""
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(rows, columns))
    crossed = (matrix[:, 0] > 0) != (matrix[:, 1] > 0)
    return matrix, np.where(rng.random(rows) < 0.9, crossed, ~crossed).astype(np.int64)


def table_of(rows=160, *, seed=0) -> pl.DataFrame:
    """`x` tells of `bad`, `z` does not."""
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=(2, rows))
    return pl.DataFrame({"x": x, "z": z, "bad": (rng.random(rows) < expit(1.5 * x - 1.0)).astype(np.int64)})
