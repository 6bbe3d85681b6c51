"""How true the probabilities of a model of fit are: overall and bank by bank, against outcomes or true chances."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from training.evaluation.calibration import BINS, bins_of, calibration_metrics, ece, ece_floor
from training.evaluation.ranking import auc_estimate
from training.evaluation.resampling import UNKNOWN, Draws, divided, estimate
from training.evaluation.types import Floats, Labels
from training.metrics import Estimate

BINS_OF_A_BANK = 10
FEWEST_OF_A_BANK = 30
"""Rows of a bank below which it is not told by itself."""


@dataclass(frozen=True)
class BankJudged:
    """One bank.

    Attributes:
        said, happened: mean probability said, and share that happened or mean true chance.
        ece: expected calibration error in 10 bins.
        floor: what a model would show whose probabilities were the truth; 0 against true chances.
    """

    bank_id: str
    rows: int
    said: float
    happened: float
    ece: Estimate
    floor: float


@dataclass(frozen=True)
class HeadJudged:
    """One probability on rows that it had not seen.

    Attributes:
        share: of the rows with the outcome.
        metrics: `auc`, `log_loss`, `brier`, `ece`, `ece_floor`, `calibration_slope`, `calibration_intercept`,
            `mean_said`; and over banks of at least 30 rows, weighted by rows: `bank_ece`, `bank_ece_floor`.
        banks: those with at least 30 rows, worst first.
    """

    rows: int
    enterprises: int
    share: float
    metrics: Mapping[str, Estimate]
    banks: tuple[BankJudged, ...]


def judge_head(happened: Labels, said: Floats, pairs: pl.DataFrame, *, seed: int) -> HeadJudged:
    """How true a probability is of outcomes.

    Args:
        happened: 1 or 0.
        said: probability of 1.
        pairs: `enterprise_id` and `bank_id` of each row.
        seed: of the draws.
    """
    draws = Draws.of_enterprises(pairs["enterprise_id"], seed=seed)
    metrics = calibration_metrics(happened, said, draws, seed=seed)
    metrics["mean_said"] = metrics.pop("mean_pd")
    share = metrics.pop("default_rate")
    banks = _banks(happened, said, pairs["bank_id"], draws, seed=seed)
    both = {"auc": auc_estimate(happened, said, draws), **metrics, **_over_banks(banks)}
    return HeadJudged(len(happened), draws.enterprises, share.value, both, banks)


def _banks(happened: Labels, said: Floats, banks: pl.Series, draws: Draws, *, seed: int) -> tuple[BankJudged, ...]:
    judged = []
    for bank in banks.unique().sort():
        rows = np.flatnonzero((banks == bank).to_numpy())
        if len(rows) < FEWEST_OF_A_BANK:
            continue
        seen, told = happened[rows], said[rows]
        error = ece(seen, told, draws.within(rows), count=BINS_OF_A_BANK)
        floor = ece_floor(told, seed=seed, count=BINS_OF_A_BANK).value
        judged.append(BankJudged(bank, len(rows), float(told.mean()), float(seen.mean()), error, floor))
    return tuple(sorted(judged, key=lambda one: -one.ece.value))


def _over_banks(banks: tuple[BankJudged, ...]) -> dict[str, Estimate]:
    """Means weighted by rows; the interval is that of independent banks, ± 1.96 standard errors."""
    if not banks:
        return {"bank_ece": UNKNOWN, "bank_ece_floor": UNKNOWN}
    rows = np.array([one.rows for one in banks], float)
    shares = rows / rows.sum()
    errors, floors = np.array([one.ece.value for one in banks]), np.array([one.floor for one in banks])
    return {"bank_ece": _weighted(errors, shares), "bank_ece_floor": _weighted(floors, shares)}


def _weighted(values: Floats, shares: Floats) -> Estimate:
    middle = float(values @ shares)
    error = float(np.sqrt((shares**2) @ (values - middle) ** 2))
    return Estimate(middle, max(middle - 1.96 * error, 0.0), middle + 1.96 * error)


def chance_ece(chance: Floats, said: Floats, draws: Draws, *, count: int = BINS) -> Estimate:
    """Σ rows in bin / rows × |mean probability said - mean true chance|, bins of equal rows by what was said."""
    inside = np.eye(count)[bins_of(said, count)]
    excess = inside * (said - chance)[:, None]
    value = float(np.abs(excess.sum(axis=0)).sum()) / len(said)
    drawn = draws.sums(np.concatenate([excess, np.ones((len(said), 1))], axis=1))
    return estimate(value, divided(np.abs(drawn[:, :-1]).sum(axis=1), drawn[:, -1]), least=0.0, most=1.0)
