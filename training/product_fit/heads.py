"""How one probability of a model of fit is learned: the record of banks, trees on top, calibration bank by bank."""

import math
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from scoring.product_fit import BankView, Floats, Head, Matrix
from training.product_fit.effects import Answers, Record, record_of
from training.product_fit.growing import Case, Growth, chosen_growth, grow, unseen_margins
from training.split import Split, folds

Places = NDArray[np.int64]

PARTS = 5
"""Folds of enterprises, each told by what was learned of the others."""

LEAST_WEIGHT = 0.2
"""Slope of a bank's calibration below which its order would hardly count any more."""


@dataclass(frozen=True)
class Told:
    """Rows with an outcome, and what they are told by.

    Attributes:
        matrix: columns of `scoring.product_fit.columns_seen`, NaN = not known.
        scores: the same on their rulers.
        happened: 1 or 0.
        pairs: `bank_id` and `product_id` of each row.
        groups: rows of one enterprise share a number.
        days: of the applications, in days since 1970-01-01.
        signs: of each column, 1 where the chance must not fall with it, -1 where it must not rise.
        names: of the columns.
        window_months: from the day until the outcome is known.
    """

    matrix: Matrix
    scores: Matrix
    happened: Floats
    pairs: pl.DataFrame
    groups: Places
    days: Places
    signs: Places
    names: tuple[str, ...]
    window_months: int


@dataclass(frozen=True)
class LearnedHead:
    """A head, and how it was come by.

    Attributes:
        growth: of the trees.
        record: before calibration.
        losses: log loss of unseen rows, by what was tried.
        out_of_fold: calibrated log odds of each row, from a record and trees that had not seen its enterprise.
    """

    head: Head
    growth: Growth
    record: Record
    losses: dict[str, float]
    out_of_fold: Floats


def learn_head(told: Told, *, seed: int) -> LearnedHead:
    """Learn the record, grow trees on what it leaves, and calibrate each bank on rows that neither had seen.

    Raises:
        SplitError: not two enterprises with either outcome.
    """
    parts = folds(told.days, told.groups, told.happened.astype(np.int64), count=PARTS, seed=seed)
    answers = _answers(told, told.scores)
    record = record_of(answers)
    start = _unseen_record(answers, parts, record.spreads)
    case = Case(told.matrix, told.happened, start, told.groups, told.days, told.signs, told.names)
    growth, losses = chosen_growth(case, window_months=told.window_months, seed=seed)
    margins = start + unseen_margins(case, growth, parts, seed=seed)
    calibration = _calibrated(told, margins)
    booster = grow(case, np.arange(len(margins)), growth, seed=seed)
    head = Head(
        booster,
        usual=_view(record.usual, calibration.usual),
        banks={bank: _view(slopes, calibration.banks[bank]) for bank, slopes in record.banks.items()},
        products=record.products,
    )
    return LearnedHead(head, growth, record, losses, calibration.log_odds(_answers_of_margin(told, margins)))


def constant_head(share: float, names: tuple[str, ...]) -> LearnedHead:
    """A head that says the same of every pair, where outcomes are too few to tell one from another."""
    width, log_odds = len(names), math.log(share / (1 - share))
    none, signs = np.zeros(2, np.int64), np.zeros(width, np.int64)
    case = Case(np.zeros((2, width)), np.array([0.0, 1.0]), np.zeros(2), none, none, signs, names)
    booster = grow(case, np.arange(2), Growth(rounds=1), seed=0)
    record = Record(np.append(log_odds, np.zeros(width)), {}, {}, np.zeros(width + 2))
    usual = BankView(log_odds, 1.0, (0.0,) * width)
    return LearnedHead(Head(booster, usual, {}, {}), Growth(rounds=1), record, {}, np.empty(0))


def _answers(told: Told, columns: Matrix) -> Answers:
    return Answers(columns, told.happened, told.pairs["bank_id"], told.pairs["product_id"], told.signs)


def _unseen_record(answers: Answers, parts: tuple[Split, ...], spreads: Floats) -> Floats:
    """Log odds by records of the other parts; only how far banks spread is taken from all."""
    margins = np.zeros(len(answers.happened))
    for split in parts:
        test = np.flatnonzero(split.test)
        others = record_of(answers.take(np.flatnonzero(split.train)), spreads=spreads)
        margins[test] = others.log_odds(answers.take(test))
    return margins


def _calibrated(told: Told, margins: Floats) -> Record:
    """Intercept and slope of each bank on margins of unseen rows, drawn towards those of all.

    A slope below `LEAST_WEIGHT` becomes that, about the mean margin of the bank, so that its mean stays.
    """
    scale = float(margins.std()) or 1.0
    fitted = record_of(_answers_of_margin(told, margins / scale))
    middles = pl.DataFrame({"bank": told.pairs["bank_id"], "margin": margins}).group_by("bank").agg(pl.mean("margin"))
    middle = dict(middles.iter_rows())
    return replace(
        fitted,
        usual=_ranking(fitted.usual, scale, float(margins.mean())),
        banks={bank: _ranking(mine, scale, middle[bank]) for bank, mine in fitted.banks.items()},
    )


def _ranking(calibration: Floats, scale: float, middle: float) -> Floats:
    """Intercept and slope for margins as they are, the slope no less than `LEAST_WEIGHT`."""
    given = float(calibration[1]) / scale
    slope = max(given, LEAST_WEIGHT)
    return np.array([float(calibration[0]) + (given - slope) * middle, slope])


def _answers_of_margin(told: Told, margins: Floats) -> Answers:
    return Answers(margins[:, None], told.happened, told.pairs["bank_id"], None, np.ones(1, np.int64))


def _view(record: Floats, calibration: Floats) -> BankView:
    """The bank's record times the slope of its calibration, plus the intercept."""
    intercept, slope = map(float, calibration)
    return BankView(intercept + slope * float(record[0]), slope, tuple((slope * record[1:]).tolist()))
