"""How good a ranking and its probabilities are, each with an interval."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata, t
from sklearn.metrics import average_precision_score

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

LEVEL = 0.95
RESAMPLES = 1000


@dataclass(frozen=True)
class Estimate:
    """A value and its interval at `LEVEL`."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def auc(defaulted: Labels, risk: Floats) -> float:
    """Area under the ROC curve: chance that a default ranks above a sound enterprise, ties counting half."""
    bads = int(defaulted.sum())
    goods = len(defaulted) - bads
    return float((rankdata(risk)[defaulted == 1].sum() - bads * (bads + 1) / 2) / (bads * goods))


def ks(defaulted: Labels, risk: Floats) -> float:
    """Kolmogorov-Smirnov: largest gap between the cumulative shares of defaults and of sound enterprises."""
    order = np.argsort(-risk, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(risk[order])), len(risk) - 1)
    bads = np.cumsum(defaulted[order])[ends] / defaulted.sum()
    goods = np.cumsum(1 - defaulted[order])[ends] / (1 - defaulted).sum()
    return float(np.max(np.abs(bads - goods)))


def pr_auc(defaulted: Labels, risk: Floats) -> float:
    """Average precision for the defaults."""
    return float(average_precision_score(defaulted, risk))


def brier(defaulted: Labels, probability: Floats) -> float:
    """Mean squared error of the probability of default."""
    return float(np.mean((probability - defaulted) ** 2))


METRICS: Mapping[str, Callable[[Labels, Floats], float]] = MappingProxyType(
    {"auc": auc, "pr_auc": pr_auc, "brier": brier, "ks": ks}
)
"""All take the out-of-fold probability of default."""


def mean_of_folds(values: Sequence[float], *, folds: int) -> Estimate:
    """Mean over repeated cross-validation with the corrected resampled t interval (Nadeau and Bengio 2003).

    The folds share their training rows, so the variance of the mean is (1/k + test/train) s², not s²/k.
    """
    sample = np.asarray(values)
    count = len(sample)
    mean = float(sample.mean())
    if count == 1:
        return Estimate(mean, math.nan, math.nan)
    error = math.sqrt((1 / count + 1 / (folds - 1)) * float(sample.var(ddof=1)))
    half = float(t.ppf(0.5 + LEVEL / 2, count - 1)) * error
    return Estimate(mean, mean - half, mean + half)


def pooled(
    defaulted: Labels,
    repeats: Sequence[Floats],
    *,
    seed: int,
    metrics: Mapping[str, Callable[[Labels, Floats], float]] = METRICS,
) -> dict[str, Estimate]:
    """Each metric over the pooled out-of-fold answers of a repeat, averaged over the repeats.

    The interval is a percentile bootstrap over enterprises, drawn within defaults and within sound ones.
    """
    rng = np.random.default_rng(seed)
    kinds = [np.flatnonzero(defaulted == kind) for kind in (0, 1)]
    draws = [np.concatenate([rng.choice(rows, len(rows)) for rows in kinds]) for _ in range(RESAMPLES)]

    def averaged(metric: Callable[[Labels, Floats], float], rows: NDArray[np.int64]) -> float:
        return float(np.mean([metric(defaulted[rows], probability[rows]) for probability in repeats]))

    everyone = np.arange(len(defaulted))
    tails = [50 * (1 - LEVEL), 50 * (1 + LEVEL)]
    estimates = {}
    for name, metric in metrics.items():
        low, high = np.percentile([averaged(metric, rows) for rows in draws], tails)
        estimates[name] = Estimate(averaged(metric, everyone), float(low), float(high))
    return estimates
