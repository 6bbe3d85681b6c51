"""A smooth scorecard: logistic regression on one step function of each column, as trees that ask one column only.

It is the weight-of-evidence scorecard with the binning and the regression fitted at once: steps between neighbouring
quantile bins are penalised, so that an effect is smooth unless the rows insist, and kept on the promised side of zero
where a direction is promised (Eilers and Marx 1996, with a difference penalty of order one and piecewise constants).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from scipy.special import expit
from threadpoolctl import threadpool_limits

from scoring.model import Matrix
from training.learner.sample import Labels, Sample

Floats = NDArray[np.float64]

MOST_BINS, FEWEST_IN_A_BIN = 20, 10
MOST_ROWS = 60_000
"""More rows tell a smooth effect little more; they are drawn without regard to anything."""

MOST_STEPS = 60
MOST_GAPS = 3.0
"""A step over a gap wider, or narrower, than the usual one counts at most as so many times as wide or narrow."""


@dataclass(frozen=True)
class Bins:
    """Quantile bins of every column: bin b holds values above edge b - 1 and up to edge b; the last holds nulls.

    Edges are quantiles of all rows and quantiles of the rarer kind, which may crowd where the others are few.
    """

    edges: tuple[Floats, ...]

    @classmethod
    def of(cls, matrix: Matrix, defaulted: Labels) -> "Bins":
        rarer = defaulted == int(2 * defaulted.sum() < len(defaulted))
        return cls(tuple(np.union1d(_edges(column), _edges(column[rarer])) for column in matrix.T))

    @property
    def widths(self) -> list[int]:
        """Bins of each column, that of nulls included."""
        return [len(edges) + 2 for edges in self.edges]

    def one_hot(self, matrix: Matrix) -> csr_matrix:
        """One 1 a row and column, in the column of its bin."""
        starts = np.concatenate([[0], np.cumsum(self.widths)])
        places = np.empty(matrix.shape, np.int32)
        for number, edges in enumerate(self.edges):
            column = matrix[:, number]
            found = np.searchsorted(edges, column, side="left")
            places[:, number] = starts[number] + np.where(np.isnan(column), len(edges) + 1, found)
        ones = np.ones(places.size, np.float64)
        rows = np.arange(0, places.size + 1, matrix.shape[1])
        return csr_matrix((ones, places.ravel(), rows), shape=(len(matrix), int(starts[-1])))


def _edges(column: Floats) -> Floats:
    known = column[~np.isnan(column)]
    count = min(MOST_BINS, len(known) // FEWEST_IN_A_BIN)
    if count < 2:  # noqa: PLR2004 - one bin needs no edge
        return np.empty(0)
    inner = np.quantile(known, np.arange(1, count) / count, method="lower")
    edges: Floats = np.unique(inner)
    return np.asarray(edges[edges < known.max()])


def _gaps(column: Floats, edges: Floats) -> Floats:
    """How far the mean of each bin lies from that of the one below, in mean gaps; long tails count as MOST_GAPS."""
    known = column[~np.isnan(column)]
    place = np.searchsorted(edges, known, side="left")
    counts = np.maximum(np.bincount(place, minlength=len(edges) + 1), 1)
    means = np.bincount(place, weights=known, minlength=len(edges) + 1) / counts
    found = np.diff(means)
    usual = float(np.median(found)) if len(found) else 1.0
    return np.asarray(np.clip(found / (usual or 1.0), 1 / MOST_GAPS, MOST_GAPS))


@dataclass(frozen=True)
class Scorecard:
    """A fitted one: margin = intercept + the effect of each column's bin."""

    bins: Bins
    intercept: float
    effects: tuple[Floats, ...]

    def margins(self, matrix: Matrix) -> Floats:
        """Log odds of default."""
        every = np.concatenate(self.effects) if self.effects else np.empty(0)
        return np.asarray(self.intercept + self.bins.one_hot(matrix) @ every)


def scorecards(sample: Sample, penalties: Sequence[float]) -> Iterator[Scorecard]:
    """One for each penalty; give the strongest first, each starts from the one before."""
    matrix, defaulted = _thinned(sample)
    bins = Bins.of(matrix, defaulted)
    problem = _Problem(bins, matrix, defaulted, sample.monotone)
    steps = problem.start()
    for penalty in penalties:
        steps = problem.solve(steps, penalty)
        yield Scorecard(bins, float(steps[0]), tuple(problem.effects(steps)))


def _thinned(sample: Sample) -> tuple[Matrix, Labels]:
    if len(sample) <= MOST_ROWS:
        return sample.matrix, sample.defaulted
    rows = np.sort(np.random.default_rng(0).choice(len(sample), MOST_ROWS, replace=False))
    return sample.matrix[rows], sample.defaulted[rows]


class _Problem:
    """Penalised likelihood in the steps between bins, which bounds can keep on one side of zero.

    The unknowns are the intercept and for each column its steps, from 0 in the lowest bin, and how far null lies from
    the mean of what is known.
    """

    def __init__(self, bins: Bins, matrix: Matrix, defaulted: Labels, monotone: Sequence[int]) -> None:
        self.widths = bins.widths
        self.hot = bins.one_hot(matrix)
        self.cold = self.hot.T.tocsr()
        self.defaulted = defaulted
        self.starts = np.concatenate([[0], np.cumsum(self.widths)])
        self.above = np.concatenate(list(self._above()) or [np.empty(0)])
        gaps = [_gaps(column, edges) for column, edges in zip(matrix.T, bins.edges, strict=True)]
        self.weights = np.concatenate([self._weights(one) for one in gaps] or [np.empty(0)])
        bounds = [self._bounds(width, sign) for width, sign in zip(self.widths, monotone, strict=True)]
        self.bounds = [(None, None), *(pair for column in bounds for pair in column)]

    @staticmethod
    def _weights(gaps: Floats) -> Floats:
        """Of the lowest bin, of each step, of null: the square of the slope, summed over the way, as far as it goes.

        So the same straight line costs the same through few bins and through many, and a wide gap may be a large step.
        """
        return np.concatenate([[1.0], len(gaps) / gaps, [1.0]])

    @staticmethod
    def _bounds(width: int, sign: int) -> list[tuple[float | None, float | None]]:
        side = {1: (0.0, None), -1: (None, 0.0), 0: (None, None)}[sign]
        return [(0.0, 0.0), *([side] * (width - 2)), (None, None)]

    def _above(self) -> Iterator[Floats]:
        """For each step the share of known rows above it; 0 in the place of null."""
        counts = np.asarray(self.hot.sum(axis=0)).ravel()
        for start, width in zip(self.starts, self.widths, strict=False):
            known = counts[start : start + width - 1]
            above = np.cumsum(known[::-1])[::-1] / max(known.sum(), 1.0)
            yield np.append(above, 0.0)

    def start(self) -> Floats:
        rate = self.defaulted.mean()
        return np.concatenate([[np.log(rate / (1 - rate))], np.zeros(len(self.weights))])

    def effects(self, steps: Floats) -> Iterator[Floats]:
        for start, width in zip(self.starts, self.widths, strict=False):
            own = steps[1 + start : 1 + start + width]
            mean = float(own @ self.above[start : start + width])
            yield np.append(np.cumsum(own[:-1]), own[-1] + mean)

    def solve(self, steps: Floats, penalty: float) -> Floats:
        with threadpool_limits(1):  # its matrices are small: more threads of BLAS made it several times slower
            found = minimize(
                self._loss,
                steps,
                args=(penalty,),
                jac=True,
                method="L-BFGS-B",
                bounds=self.bounds,
                options={"maxiter": MOST_STEPS, "ftol": 1e-6},
            )
        return np.asarray(found.x)

    def _loss(self, steps: Floats, penalty: float) -> tuple[float, Floats]:
        effects = np.concatenate(list(self.effects(steps)) or [np.empty(0)])
        margins = steps[0] + self.hot @ effects
        residual = expit(margins) - self.defaulted
        loss = float(np.logaddexp(0.0, margins).sum() - margins[self.defaulted == 1].sum())
        slopes = self._slopes(self.cold @ residual)
        shrunk = penalty * self.weights * steps[1:]
        gradient = np.concatenate([[residual.sum()], slopes + shrunk])
        return loss + 0.5 * float(shrunk @ steps[1:]), gradient

    def _slopes(self, of_bins: Floats) -> Floats:
        """A step moves its own bin and all above it, and null with the mean."""
        slopes = of_bins.copy()
        for start, width in zip(self.starts, self.widths, strict=False):
            last = start + width - 1
            slopes[start:last] = np.cumsum(of_bins[start:last][::-1])[::-1]
            slopes[start:last] += of_bins[last] * self.above[start:last]
        return slopes
