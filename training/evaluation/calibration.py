"""Whether probabilities are true: Brier score, log loss, calibration error, slope and intercept, reliability."""

import math

import numpy as np
from scipy.special import expit, logit

from training.evaluation.resampling import TAILS, UNKNOWN, Draws, Rows, divided, estimate, mean, rate
from training.evaluation.types import Bin, Floats, Labels
from training.metrics import Estimate

BINS = 20
OUTCOMES = 200
"""How often outcomes are drawn for the floor of the calibration error."""

SMALLEST = 1e-9
"""Probabilities are kept this far from 0 and 1 where their logarithm is taken."""

STEPS = 50
STEP_ENOUGH = 1e-10
SEPARATED = 100.0
"""A slope or shift beyond this is that of rows which a line separates: there is no estimate."""


def losses(defaulted: Labels, probability: Floats) -> Floats:
    """Log loss of each row, in nats."""
    kept = np.clip(probability, SMALLEST, 1 - SMALLEST)
    return np.asarray(-np.log(np.where(defaulted == 1, kept, 1 - kept)))


def calibration_metrics(defaulted: Labels, probability: Floats, draws: Draws, *, seed: int) -> dict[str, Estimate]:
    """Brier score, log loss, calibration error and its floor, slope, intercept, mean PD said, share of defaults."""
    slope, intercept = line(defaulted, probability, draws)
    return {
        "brier": mean((probability - defaulted) ** 2, draws, least=0.0, most=1.0),
        "log_loss": mean(losses(defaulted, probability), draws, least=0.0),
        "ece": ece(defaulted, probability, draws),
        "ece_floor": ece_floor(probability, seed=seed),
        "calibration_slope": slope,
        "calibration_intercept": intercept,
        "mean_pd": mean(probability, draws, least=0.0, most=1.0),
        "default_rate": rate(defaulted.astype(np.float64), draws),
    }


def bins_of(probability: Floats, count: int) -> Rows:
    """Bin of each row: as many rows in each as can be equal; rows of equal probability share one."""
    _, group, sizes = np.unique(probability, return_inverse=True, return_counts=True)
    before = np.cumsum(sizes) - sizes
    middle = (before + (sizes - 1) / 2) * count // len(probability)
    return np.asarray(middle.astype(np.int64)[group])


def ece(defaulted: Labels, probability: Floats, draws: Draws, *, count: int = BINS) -> Estimate:
    """Expected calibration error (Naeini, Cooper and Hauskrecht 2015) over equal-count bins of the probability said.

    ECE = Σ rows in bin / rows × |mean probability said - share of defaults|. It is above 0 even for the true
    probabilities, by chance alone: see `ece_floor`. Bins are those of the whole sample in every draw.
    """
    if not len(defaulted):
        return UNKNOWN
    inside = np.eye(count)[bins_of(probability, count)]
    excess = inside * (probability - defaulted)[:, None]
    columns = np.concatenate([excess, np.ones((len(defaulted), 1))], axis=1)
    drawn = draws.sums(columns)
    value = float(np.abs(excess.sum(axis=0)).sum()) / len(defaulted)
    return estimate(value, divided(np.abs(drawn[:, :-1]).sum(axis=1), drawn[:, -1]), least=0.0, most=1.0)


def ece_floor(probability: Floats, *, seed: int, count: int = BINS) -> Estimate:
    """Mean calibration error of outcomes drawn from the very probabilities said, with the middle 95 % of the draws.

    What a perfectly calibrated model of so many independent rows would show. Outcomes of one enterprise on several
    days go together, so that the true floor lies somewhat higher.
    """
    if not len(probability):
        return UNKNOWN
    rng = np.random.default_rng(seed)
    place = bins_of(probability, count)
    errors = []
    for _ in range(OUTCOMES):
        drawn = rng.random(len(probability)) < probability
        errors.append(float(np.abs(np.bincount(place, probability - drawn)).sum()) / len(probability))
    low, high = np.percentile(errors, TAILS)
    return Estimate(float(np.mean(errors)), float(low), float(high))


def line(defaulted: Labels, probability: Floats, draws: Draws) -> tuple[Estimate, Estimate]:
    """Slope of ln(odds of default) on the log odds said (Cox 1958), and calibration in the large.

    1 and 0 are right. The intercept is that with the slope held at 1 (Van Calster and others 2016): above 0, more
    default than was said. In each draw one Newton step is made from the estimate of the sample, which differs from a
    new fit by less than the interval's own error. Unknown where only one kind is there.
    """
    if not 0 < defaulted.sum() < len(defaulted):
        return UNKNOWN, UNKNOWN
    said = np.asarray(logit(np.clip(probability, SMALLEST, 1 - SMALLEST)))
    shift = _newton(np.ones((len(said), 1)), said, defaulted, draws)[0]
    if np.ptp(said) == 0:
        return UNKNOWN, shift
    centre = said.mean()
    both = np.stack([np.ones(len(said)), said - centre], axis=1)
    return _newton(both, np.zeros(len(said)), defaulted, draws)[1], shift


def _newton(columns: Floats, offset: Floats, defaulted: Labels, draws: Draws) -> list[Estimate]:
    """Coefficients of a logistic regression; unknown where it does not settle."""
    found = np.zeros(columns.shape[1])
    width = columns.shape[1]
    for _ in range(STEPS):
        step = _solved(_pieces(columns, offset, defaulted, found).sum(axis=0, keepdims=True), width)[0]
        found = found + np.clip(step, -1.0, 1.0)
        if not np.isfinite(found).all() or np.abs(found).max() > SEPARATED:
            return [UNKNOWN] * width
        if np.abs(step).max() < STEP_ENOUGH:
            break
    else:
        return [UNKNOWN] * width
    drawn = found + _solved(draws.sums(_pieces(columns, offset, defaulted, found)), width)
    return [estimate(float(value), one) for value, one in zip(found, drawn.T, strict=True)]


def _pieces(columns: Floats, offset: Floats, defaulted: Labels, found: Floats) -> Floats:
    """Each row's part of the gradient, then of the information matrix, row by row of it."""
    said = np.asarray(expit(offset + columns @ found))
    gradient = columns * (defaulted - said)[:, None]
    information = columns[:, :, None] * columns[:, None, :] * (said * (1 - said))[:, None, None]
    return np.concatenate([gradient, information.reshape(len(columns), -1)], axis=1)


def _solved(sums: Floats, width: int) -> Floats:
    """Newton step of every draw; NaN where the information is singular."""
    gradient, information = sums[:, :width], sums[:, width:].reshape(-1, width, width)
    size = np.abs(np.linalg.det(information))
    good = size > np.finfo(float).tiny
    steps = np.full(gradient.shape, np.nan)
    if good.any():
        steps[good] = np.linalg.solve(information[good], gradient[good][:, :, None])[:, :, 0]
    return steps


def reliability(defaulted: Labels, probability: Floats, draws: Draws, *, count: int = BINS) -> tuple[Bin, ...]:
    """Mean probability said and share of defaults seen in each equal-count bin, lowest first, no empty ones."""
    place = bins_of(probability, count)
    made = []
    for one in np.unique(place):
        rows = np.flatnonzero(place == one)
        seen = rate(defaulted[rows].astype(np.float64), draws.within(rows))
        made.append(Bin(math.fsum(probability[rows]) / len(rows), seen, len(rows)))
    return tuple(made)
