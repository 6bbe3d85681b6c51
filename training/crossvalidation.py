"""Nested cross-validation: settings are chosen inside each training part, so the outer folds judge the whole recipe."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.model_selection import RepeatedStratifiedKFold, StratifiedGroupKFold

from sources.contracts import BLOCKS
from training import baselines
from training.calibrate import probability
from training.cohort import Cohort
from training.learner.boosting import Settings
from training.learner.learn import Budget, Learned, learn
from training.learner.sample import Sample

FOLDS = 5
Rows = NDArray[np.int64]
Task = tuple[int, int, Rows, Rows]


@dataclass(frozen=True)
class FoldAnswers:
    """What each recipe said of the rows of one outer fold: probability of default, in the sample's mix."""

    repeat: int
    test: Rows
    settings: Settings
    probabilities: dict[str, NDArray[np.float64]]


OURS, LOGISTIC, DEFAULT_LIGHTGBM = "xinpei", "logistic_regression", "default_lightgbm"


def outer_tasks(cohort: Cohort, *, repeats: int, seed: int) -> list[Task]:
    """(repeat, seed, training rows, test rows) of every outer fold, 5 a repeat, defaults in equal shares.

    All rows of an enterprise are on one side.
    """
    parts = enumerate(_outer_folds(cohort, repeats=repeats, seed=seed))
    return [
        (number // FOLDS, seed + 1000 * (number // FOLDS) + int(test[0]), train, test)
        for number, (train, test) in parts
    ]


def _outer_folds(cohort: Cohort, *, repeats: int, seed: int) -> Iterator[tuple[Rows, Rows]]:
    if cohort.codes.is_unique().all():
        split = RepeatedStratifiedKFold(n_splits=FOLDS, n_repeats=repeats, random_state=seed)
        yield from split.split(cohort.matrix, cohort.defaulted)
        return
    for repeat in range(repeats):
        grouped = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed + repeat)
        yield from grouped.split(cohort.matrix, cohort.defaulted, cohort.enterprises)


def judge(
    cohort: Cohort, *, repeats: int, seed: int, with_peers: bool = True, budget: Budget | None = None
) -> Iterator[FoldAnswers]:
    """Answers of our recipe and of its peers on every outer fold, in order, as they are done; uses all cores."""
    tasks = outer_tasks(cohort, repeats=repeats, seed=seed)
    work = (delayed(_judge_fold)(sample_of(cohort), task, with_peers=with_peers, budget=budget) for task in tasks)
    yield from Parallel(n_jobs=-1, return_as="generator")(work)


def _judge_fold(sample: Sample, task: Task, *, with_peers: bool, budget: Budget | None) -> FoldAnswers:
    repeat, seed, train, test = task
    learned = learn(sample.take(train), budget, seed=seed)
    return FoldAnswers(
        repeat, test, learned.settings, answers(learned, sample, train, test, seed=seed, with_peers=with_peers)
    )


def answers(
    learned: Learned, sample: Sample, train: Rows, test: Rows, *, seed: int, with_peers: bool = True
) -> dict[str, NDArray[np.float64]]:
    """Probability of default of the test rows, by our recipe and by its peers fitted on the training rows."""
    margins = np.asarray(learned.booster.predict(sample.matrix[test], raw_score=True, num_threads=1))
    told = {OURS: probability(margins, learned.intercept, learned.slope)}
    if not with_peers:
        return told
    peers = {LOGISTIC: baselines.logistic_regression(seed=seed), DEFAULT_LIGHTGBM: baselines.default_lightgbm()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # LightGBM's scikit-learn wrapper warns on arrays without column names
        for name, peer in peers.items():
            told[name] = baselines.answers_of(peer, sample.matrix, sample.defaulted, train, test)
    return told


def _whole_history(cohort: Cohort) -> tuple[int, ...]:
    return tuple(place for place, one in enumerate(cohort.features) if one.sees_whole_history)


def sample_of(cohort: Cohort) -> Sample:
    """A cohort as the learner sees it: blocks go missing together, unless there is only one."""
    features = cohort.features
    blocks = [tuple(place for place, one in enumerate(features) if block in one.blocks) for block in BLOCKS]
    given = tuple(block for block in blocks if block)
    return Sample(
        matrix=cohort.matrix,
        defaulted=cohort.defaulted,
        names=tuple(one.name for one in features),
        monotone=tuple(one.monotone for one in features),
        groups=cohort.enterprises,
        days=cohort.days if cohort.first_as_of != cohort.as_of else np.empty(0, np.int64),
        blocks=given if len(given) > 1 else (),
        whole_history=() if cohort.is_dated else _whole_history(cohort),
    )
