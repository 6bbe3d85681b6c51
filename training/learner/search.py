"""Which trees to grow: a short list where defaults are few, Optuna with a budget where they are not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import optuna
from joblib import Parallel, cpu_count, delayed
from joblib.parallel import get_active_backend
from numpy.typing import NDArray

from training.calibrate import platt, probability
from training.learner.boosting import LARGE, Settings, fit_members
from training.learner.sample import Labels, Rows, Sample

Floats = NDArray[np.float64]
Fold = tuple[Rows, Rows]

FEW_DEFAULTS = 200
"""With fewer, what tells one setting from another is mostly luck: the simplest of a few that does as well is taken."""

ROUNDS = (75, 150, 300)
GROWTHS = tuple(Settings(num_leaves=leaves, rounds=max(ROUNDS)) for leaves in (2, 3))
CANDIDATES = tuple(replace(growth, rounds=rounds) for growth in GROWTHS for rounds in ROUNDS)
"""Settings to choose from where defaults are few, simplest first: trees of one or two questions, three lengths."""

BAGS = 4
"""Members of a bag where defaults are many; more brought little."""

MANY_ROUNDS = tuple(range(50, 651, 50))
SLOW = 0.05
FIRST_TRIALS: tuple[dict[str, float], ...] = (
    {"num_leaves": 12, "min_data_in_leaf": 40, "lambda_l2": 10.0, "feature_fraction": 0.4},
    {"num_leaves": 5, "min_data_in_leaf": 30, "lambda_l2": 10.0, "feature_fraction": 0.3},
)
"""Where the search begins: what did well on many tables."""


@dataclass(frozen=True)
class Chosen:
    """Settings, and the margins that rows got from models that had not seen their group; NaN = nobody judged them."""

    settings: Settings
    out_of_fold: Floats


def choose(sample: Sample, folds: Sequence[Fold], *, trials: int, seed: int) -> Chosen:
    """The settings of lowest out-of-fold log loss after Platt scaling; with few defaults the simplest that does so."""
    if min(sample.defaulted.sum(), (1 - sample.defaulted).sum()) < FEW_DEFAULTS:
        return _of_few(sample, folds, seed=seed)
    return _searched(sample, folds, trials=trials, seed=seed)


def _of_few(sample: Sample, folds: Sequence[Fold], *, seed: int) -> Chosen:
    margins: dict[Settings, Floats] = {}
    for growth in GROWTHS:
        margins |= margins_by_rounds(sample, folds, growth, rounds=ROUNDS, seed=seed)
    ordered = {settings: losses_of(margins[settings], sample.defaulted) for settings in CANDIDATES}
    best = simplest_within_one_error(ordered)
    return Chosen(best, margins[best])


def _searched(sample: Sample, folds: Sequence[Fold], *, trials: int, seed: int) -> Chosen:
    found: dict[Settings, float] = {}

    def tried(trial: optuna.Trial) -> float:
        growth = Settings(
            num_leaves=trial.suggest_int("num_leaves", 3, 48, log=True),
            min_data_in_leaf=trial.suggest_int("min_data_in_leaf", 10, 200, log=True),
            lambda_l2=trial.suggest_float("lambda_l2", 0.3, 30.0, log=True),
            feature_fraction=trial.suggest_float("feature_fraction", 0.15, 0.9),
            learning_rate=SLOW,
            rounds=max(MANY_ROUNDS),
            bags=1,
        )
        by_rounds = margins_by_rounds(sample, folds, growth, rounds=MANY_ROUNDS, seed=seed)
        losses = _mean_losses(by_rounds, sample.defaulted)
        found.update(losses)
        return min(losses.values())

    _study(tried, trials=trials, seed=seed)
    best = min(found, key=lambda settings: found[settings])
    bagged = replace(best, bags=BAGS, rounds=max(MANY_ROUNDS))
    margins = margins_by_rounds(sample, folds, bagged, rounds=MANY_ROUNDS, seed=seed + 1)
    means = _mean_losses(margins, sample.defaulted)
    settled = min(means, key=lambda settings: means[settings])
    return Chosen(settled, margins[settled])


def _study(objective: Callable[[optuna.Trial], float], *, trials: int, seed: int) -> None:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed, n_startup_trials=max(trials // 2, 1)))
    for known in FIRST_TRIALS[:trials]:
        study.enqueue_trial(dict(known))
    study.optimize(objective, n_trials=trials)


def margins_by_rounds(
    sample: Sample, folds: Sequence[Fold], growth: Settings, *, rounds: Sequence[int], seed: int
) -> Mapping[Settings, Floats]:
    """Out-of-fold margins after so many rounds and so many, from one growing."""
    answers = Parallel(n_jobs=_side_by_side(sample), backend="loky")(
        delayed(_fold_margins)(sample, fold, growth, rounds=rounds, seed=seed + number)
        for number, fold in enumerate(folds)
    )
    margins = np.full((len(rounds), len(sample)), np.nan)
    for (_, test), of_fold in zip(folds, answers, strict=True):
        margins[:, test] = of_fold
    return {replace(growth, rounds=count): row for count, row in zip(rounds, margins, strict=True)}


def _side_by_side(sample: Sample) -> int:
    """Processes to grow folds in: never threads, for LightGBM keeps their number for the whole process.

    Measured: two trainings in two threads of one process ended it by SIGFPE.
    """
    is_nested = get_active_backend()[0].nesting_level > 0
    return 1 if len(sample) > LARGE or is_nested else cpu_count()


def _fold_margins(sample: Sample, fold: Fold, growth: Settings, *, rounds: Sequence[int], seed: int) -> Floats:
    train, test = fold
    members = fit_members(sample.take(train), growth, seed=seed, judge=sample.take(test))
    grown, parts = 0, []
    for count in rounds:
        added = [
            member.predict(sample.matrix[test], raw_score=True, start_iteration=grown, num_iteration=count - grown)
            if member.num_trees() > grown
            else np.zeros(len(test))
            for member in members
        ]
        parts.append(np.mean(added, axis=0))
        grown = count
    return np.asarray(np.cumsum(parts, axis=0))


def _mean_losses(margins: Mapping[Settings, Floats], defaulted: Labels) -> dict[Settings, float]:
    return {settings: float(losses_of(one, defaulted).mean()) for settings, one in margins.items()}


def losses_of(margins: Floats, defaulted: Labels) -> Floats:
    """Log loss of each judged row after Platt scaling."""
    judged = ~np.isnan(margins)
    known, happened = margins[judged], defaulted[judged]
    said = probability(known, *platt(known, happened))
    return np.asarray(-np.log(np.where(happened == 1, said, 1 - said)))


def simplest_within_one_error(losses: Mapping[Settings, Floats]) -> Settings:
    """The first candidate whose mean loss exceeds the lowest one by at most one standard error of that difference.

    The one-standard-error rule of Breiman and others (1984), on paired losses: with few rows the lowest loss is mostly
    luck, so a simpler candidate that cannot be told from it is preferred. Candidates come simplest first.
    """
    lowest = min(losses.values(), key=lambda rows: float(rows.mean()))

    def cannot_be_told_from_the_best(rows: Floats) -> bool:
        excess = rows - lowest
        return bool(excess.mean() <= excess.std() / np.sqrt(len(excess)))

    return next(settings for settings, rows in losses.items() if cannot_be_told_from_the_best(rows))
