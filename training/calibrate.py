"""Platt scaling: from a margin to the log odds of default."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.linear_model import LogisticRegression


def platt(margins: NDArray[np.float64], defaulted: NDArray[np.int64]) -> tuple[float, float]:
    """Intercept and slope of ln(odds of default) on out-of-fold margins (Platt 1999).

    A slope below zero would turn the ranking round, so margins that do not rank get slope zero.
    """
    spread = float(margins.std())
    if spread == 0.0:
        return _log_odds(float(defaulted.mean())), 0.0
    standard = ((margins - margins.mean()) / spread).reshape(-1, 1)
    fitted = LogisticRegression(C=1e6, max_iter=1000).fit(standard, defaulted)
    slope = float(fitted.coef_[0, 0]) / spread
    if slope <= 0.0:
        return _log_odds(float(defaulted.mean())), 0.0
    return float(fitted.intercept_[0]) - slope * float(margins.mean()), slope


def probability(margins: NDArray[np.float64], intercept: float, slope: float) -> NDArray[np.float64]:
    """Probability of default in the sample's mix of good and bad."""
    return np.asarray(expit(intercept + slope * margins))


def prior_shift(*, sample_rate: float, population_rate: float) -> float:
    """What to add to the log odds when bads are more frequent in the sample than in life (King and Zeng 2001).

    Correct only if the sample holds goods and bads as they are in life, in other proportions.
    """
    return _log_odds(population_rate) - _log_odds(sample_rate)


def _log_odds(rate: float) -> float:
    return math.log(rate / (1 - rate))
