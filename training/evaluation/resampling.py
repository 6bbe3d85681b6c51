"""Draws of enterprises with replacement, the same for everything that is estimated, so that differences are paired.

All rows of an enterprise are drawn together (cluster bootstrap, Field and Welsh 2007): its days resemble each other.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import norm

from training.evaluation.types import Floats
from training.metrics import LEVEL, Estimate

DRAWS = 500
UNKNOWN = Estimate(math.nan, math.nan, math.nan)
LEAST_VALID = 0.5
"""Share of the draws that must give a number at all; with fewer there is no interval."""

CELLS_AT_ONCE = 1_000_000
TAILS = (50 * (1 - LEVEL), 50 * (1 + LEVEL))
NORMAL = float(norm.ppf(0.5 + LEVEL / 2))

Rows = NDArray[np.int64]
Counts = NDArray[np.uint8]


@dataclass(frozen=True)
class Draws:
    """How often each enterprise was drawn.

    Attributes:
        counts: draws × enterprises.
        of: place of each row's enterprise among them.
    """

    counts: Counts
    of: Rows

    @classmethod
    def of_enterprises(cls, codes: pl.Series, *, seed: int, draws: int = DRAWS) -> "Draws":
        """As many enterprises as there are, drawn with replacement, so many times; codes in order do not matter."""
        place = codes.rank("dense").to_numpy().astype(np.int64) - 1
        many = int(place.max()) + 1
        rng = np.random.default_rng(seed)
        counts = np.empty((draws, many), dtype=np.uint8)
        for one in counts:
            one[:] = np.minimum(np.bincount(rng.integers(0, many, many), minlength=many), np.iinfo(np.uint8).max)
        return cls(counts, place)

    @property
    def enterprises(self) -> int:
        return int(self.counts.shape[1])

    def within(self, rows: Rows) -> "Draws":
        """The same draws as they fall on some rows, given by their places."""
        present, place = np.unique(self.of[rows], return_inverse=True)
        return Draws(self.counts[:, present], place.astype(np.int64))

    def weights(self, order: Rows) -> Iterator[Counts]:
        """How often each row was drawn, rows in the order given: some draws × rows at a time, all draws in the end."""
        step = max(1, CELLS_AT_ONCE // max(len(order), 1))
        place = self.of[order]
        for start in range(0, len(self.counts), step):
            yield np.take(self.counts[start : start + step], place, axis=1)

    def sums(self, values: Floats) -> Floats:
        """Sum of each column of `values` (rows × columns) over the rows of every draw: draws × columns."""
        table = np.stack([np.bincount(self.of, column, self.enterprises) for column in values.T], axis=1)
        step = max(1, CELLS_AT_ONCE // self.enterprises)
        starts = range(0, len(self.counts), step)
        parts = [self.counts[start : start + step].astype(np.float64) @ table for start in starts]
        return np.concatenate(parts)

    def means(self, values: Floats) -> Floats:
        """Mean of one value a row over the rows of every draw; NaN where a draw holds no row."""
        both = self.sums(np.stack([values, np.ones(len(values))], axis=1))
        return divided(both[:, 0], both[:, 1])


def divided(part: Floats, whole: Floats) -> Floats:
    """Part by whole, NaN where the whole is not above 0."""
    safe = np.where(whole > 0, whole, 1.0)
    return np.asarray(np.where(whole > 0, part / safe, np.nan))


def estimate(value: float, drawn: Floats, *, least: float = -math.inf, most: float = math.inf) -> Estimate:
    """A value with its percentile interval (Efron 1979), kept within bounds.

    The draws are moved so that their median is the value: a bootstrap repeats the bias of an estimator such as ECE or
    average precision, and an interval that leaves out its own value says nothing.
    """
    valid = drawn[np.isfinite(drawn)]
    if not math.isfinite(value):
        return UNKNOWN
    if len(valid) < LEAST_VALID * len(drawn) or not len(valid):
        return Estimate(value, math.nan, math.nan)
    low, high = np.percentile(valid - np.median(valid) + value, TAILS)
    return Estimate(value, float(np.clip(low, least, value)), float(np.clip(high, value, most)))


def mean(values: Floats, draws: Draws, *, least: float = -math.inf, most: float = math.inf) -> Estimate:
    """The mean of one value a row."""
    return estimate(float(values.mean()), draws.means(values), least=least, most=most) if len(values) else UNKNOWN


def rate(happened: Floats, draws: Draws) -> Estimate:
    """A share; where it is 0 or 1, so that all draws agree, with the interval of Wilson (1927) over enterprises."""
    if not len(happened):
        return UNKNOWN
    share = float(happened.mean())
    if 0 < share < 1:
        return mean(happened, draws, least=0.0, most=1.0)
    return wilson(share, draws.enterprises)


def wilson(share: float, count: float, *, width: float = NORMAL) -> Estimate:
    """A share of `count` independent cases with the score interval of Wilson (1927), `width` standard errors wide."""
    if count <= 0:
        return UNKNOWN
    middle = (share + width**2 / (2 * count)) / (1 + width**2 / count)
    half = width / (1 + width**2 / count) * math.sqrt(share * (1 - share) / count + width**2 / (4 * count**2))
    return Estimate(share, min(max(middle - half, 0.0), share), max(min(middle + half, 1.0), share))


def two_sided_p(drawn: Floats) -> float:
    """Twice the smaller share of draws on one side of 0, each with one added (Davison and Hinkley 1997, §4.4).

    p = min(1, 2 (1 + min(#{d ≤ 0}, #{d ≥ 0})) / (1 + draws)); NaN where no draw gives a number.
    """
    valid = drawn[np.isfinite(drawn)]
    if not len(valid):
        return math.nan
    fewest = min(int((valid <= 0).sum()), int((valid >= 0).sum()))
    return min(1.0, 2 * (1 + fewest) / (1 + len(valid)))
