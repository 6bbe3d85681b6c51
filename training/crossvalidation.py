"""Nested cross-validation: settings are chosen inside each training part, so the outer folds judge the whole recipe."""

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.model_selection import RepeatedStratifiedKFold, StratifiedKFold

from features.definition import Feature
from scoring.model import Matrix
from training import baselines
from training.bag import Settings, fit_bag, fit_members
from training.calibrate import platt, probability
from training.cohort import Cohort

FOLDS = 5
ROUNDS = (75, 150, 300)
GROWTHS = tuple(Settings(num_leaves=leaves, rounds=max(ROUNDS)) for leaves in (2, 3))
CANDIDATES = tuple(replace(growth, rounds=rounds) for growth in GROWTHS for rounds in ROUNDS)
"""Settings to choose from, simplest first: trees of one or two questions, three lengths."""

Rows = NDArray[np.int64]
Task = tuple[int, int, Rows, Rows]


@dataclass(frozen=True)
class Chosen:
    """The settings chosen, and the out-of-fold margins they gave."""

    settings: Settings
    out_of_fold: NDArray[np.float64]


@dataclass(frozen=True)
class FoldAnswers:
    """What each recipe said of the rows of one outer fold: probability of default, in the sample's mix."""

    repeat: int
    test: Rows
    settings: Settings
    probabilities: dict[str, NDArray[np.float64]]


OURS, LOGISTIC, DEFAULT_LIGHTGBM = "xinpei", "logistic_regression", "default_lightgbm"


def choose(matrix: Matrix, defaulted: Rows, features: tuple[Feature, ...], *, seed: int) -> Chosen:
    """Choose among CANDIDATES by the log loss of Platt-scaled out-of-fold margins."""
    margins = {settings: np.empty(len(defaulted)) for settings in CANDIDATES}
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(matrix, defaulted)
    for number, (train, test) in enumerate(folds):
        for growth in GROWTHS:
            members = fit_members(matrix[train], defaulted[train], features, growth, seed=seed + number)
            for rounds in ROUNDS:
                answers = [
                    m.predict(matrix[test], raw_score=True, num_iteration=rounds, num_threads=1) for m in members
                ]
                margins[replace(growth, rounds=rounds)][test] = np.sum(answers, axis=0)

    losses = {settings: _losses(out_of_fold, defaulted) for settings, out_of_fold in margins.items()}
    best = simplest_within_one_error(losses)
    return Chosen(best, margins[best])


def simplest_within_one_error(losses: Mapping[Settings, NDArray[np.float64]]) -> Settings:
    """The first candidate whose mean loss exceeds the lowest one by at most one standard error of that difference.

    The one-standard-error rule of Breiman and others (1984), on paired losses: with few rows the lowest loss is mostly
    luck, so a simpler candidate that cannot be told from it is preferred. Candidates come simplest first.
    """
    lowest = min(losses.values(), key=lambda rows: float(rows.mean()))

    def cannot_be_told_from_the_best(rows: NDArray[np.float64]) -> bool:
        excess = rows - lowest
        return bool(excess.mean() <= excess.std() / np.sqrt(len(excess)))

    return next(settings for settings, rows in losses.items() if cannot_be_told_from_the_best(rows))


def _losses(margins: NDArray[np.float64], defaulted: Rows) -> NDArray[np.float64]:
    """Log loss of each row after Platt scaling."""
    said = probability(margins, *platt(margins, defaulted))
    return np.asarray(-np.log(np.where(defaulted == 1, said, 1 - said)))


def outer_tasks(cohort: Cohort, *, repeats: int, seed: int) -> list[Task]:
    """(repeat, seed, training rows, test rows) of every outer fold, 5 a repeat, defaults in equal shares."""
    split = RepeatedStratifiedKFold(n_splits=FOLDS, n_repeats=repeats, random_state=seed)
    parts = enumerate(split.split(cohort.matrix, cohort.defaulted))
    return [
        (number // FOLDS, seed + 1000 * (number // FOLDS) + int(test[0]), train, test)
        for number, (train, test) in parts
    ]


def judge(cohort: Cohort, *, repeats: int, seed: int, with_peers: bool = True) -> Iterator[FoldAnswers]:
    """Answers of our recipe and of its peers on every outer fold, in order, as they are done; uses all cores."""
    tasks = outer_tasks(cohort, repeats=repeats, seed=seed)
    sample = (cohort.matrix, cohort.defaulted, cohort.features)
    work = (delayed(_judge_fold)(*sample, task, with_peers=with_peers) for task in tasks)
    yield from Parallel(n_jobs=-1, return_as="generator")(work)


def _judge_fold(
    matrix: Matrix, defaulted: Rows, features: tuple[Feature, ...], task: Task, *, with_peers: bool
) -> FoldAnswers:
    repeat, seed, train, test = task
    chosen = choose(matrix[train], defaulted[train], features, seed=seed)
    booster = fit_bag(matrix[train], defaulted[train], features, chosen.settings, seed=seed)
    margins = np.asarray(booster.predict(matrix[test], raw_score=True, num_threads=1))
    answers = {OURS: probability(margins, *platt(chosen.out_of_fold, defaulted[train]))}
    if with_peers:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # LightGBM's scikit-learn wrapper warns on arrays without column names
            logistic = baselines.logistic_regression(seed=seed)
            answers[LOGISTIC] = baselines.answers_of(logistic, matrix, defaulted, train, test)
            answers[DEFAULT_LIGHTGBM] = baselines.answers_of(
                baselines.default_lightgbm(), matrix, defaulted, train, test
            )
    return FoldAnswers(repeat, test, chosen.settings, answers)
