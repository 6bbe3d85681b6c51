"""What cross-validation found, in numbers that can be logged and shown."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.cohort import Cohort
from training.crossvalidation import FOLDS, OURS, FoldAnswers
from training.evaluation.calibration import calibration_metrics
from training.evaluation.ranking import auc_draws, ranking_metrics
from training.evaluation.resampling import Draws, estimate
from training.metrics import METRICS, Estimate, auc, mean_of_folds, pooled

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Judged:
    """One recipe on the outer folds.

    Attributes:
        fold_aucs: AUC of every outer fold, in order.
        repeats: out-of-fold probabilities of default, one array a repeat.
        auc_of_repeats: AUC over the pooled answers of each repeat, with a bootstrap interval.
        auc_of_folds: mean of `fold_aucs` with the corrected resampled t interval.
        pooled: each metric over the pooled answers of a repeat, averaged over repeats, with a bootstrap interval.
    """

    fold_aucs: tuple[float, ...]
    repeats: tuple[Floats, ...]
    auc_of_repeats: tuple[Estimate, ...]
    auc_of_folds: Estimate
    pooled: dict[str, Estimate]

    @property
    def spread_of_folds(self) -> float:
        """Standard deviation of the folds' AUCs."""
        return float(np.std(self.fold_aucs))

    def numbers(self, prefix: str) -> dict[str, float]:
        """Flat names and values for a tracker."""
        flat = {"auc_folds": self.auc_of_folds, **{f"{name}_pooled": e for name, e in self.pooled.items()}}
        return {
            f"{prefix}_{name}{suffix}": value
            for name, estimate in flat.items()
            for suffix, value in (("", estimate.value), ("_low", estimate.low), ("_high", estimate.high))
            if np.isfinite(value)
        }


def judged_by_recipe(cohort: Cohort, answers: Sequence[FoldAnswers], *, seed: int) -> dict[str, Judged]:
    """Every recipe that was run, judged on the same outer folds."""
    return {name: _judged(cohort, answers, name, seed) for name in answers[0].probabilities}


def _judged(cohort: Cohort, answers: Sequence[FoldAnswers], name: str, seed: int) -> Judged:
    repeats = tuple(np.empty(len(cohort.defaulted)) for _ in range(1 + max(fold.repeat for fold in answers)))
    for fold in answers:
        repeats[fold.repeat][fold.test] = fold.probabilities[name]
    aucs = tuple(auc(cohort.defaulted[fold.test], fold.probabilities[name]) for fold in answers)
    mean = mean_of_folds(aucs, folds=FOLDS)
    bounded = Estimate(mean.value, max(mean.low, 0.0), min(mean.high, 1.0))
    return Judged(
        fold_aucs=aucs,
        repeats=repeats,
        auc_of_repeats=tuple(
            pooled(cohort.defaulted, [answer], seed=seed, metrics={"auc": auc})["auc"] for answer in repeats
        ),
        auc_of_folds=bounded,
        pooled=pooled(cohort.defaulted, repeats, seed=seed),
    )


def difference(ours: Judged, theirs: Judged) -> Estimate:
    """Mean difference of the AUCs on the same outer folds."""
    return mean_of_folds([a - b for a, b in zip(ours.fold_aucs, theirs.fold_aucs, strict=True)], folds=FOLDS)


def judged_once(
    test: Cohort, said: Mapping[str, Floats], *, seed: int
) -> tuple[dict[str, Judged], dict[str, Estimate]]:
    """Every recipe on rows of later days and other enterprises, and the differences of its AUC from ours.

    Intervals are drawn by enterprise, with the same draws for all.
    """
    draws = Draws.of_enterprises(test.codes, seed=seed)
    judged = {name: _judged_once(test, risk, draws, seed=seed) for name, risk in said.items()}
    ours, drawn = auc_draws(test.defaulted, said[OURS], draws)
    differences = {}
    for name in (one for one in said if one != OURS):
        theirs, their_draws = auc_draws(test.defaulted, said[name], draws)
        differences[name] = estimate(ours - theirs, drawn - their_draws)
    return judged, differences


def _judged_once(test: Cohort, said: Floats, draws: Draws, *, seed: int) -> Judged:
    found = ranking_metrics(test.defaulted, said, draws) | calibration_metrics(test.defaulted, said, draws, seed=seed)
    return Judged(
        fold_aucs=(found["auc"].value,),
        repeats=(said,),
        auc_of_repeats=(found["auc"],),
        auc_of_folds=found["auc"],
        pooled={name: found[name] for name in (*METRICS, "log_loss", "ece")},
    )


def chosen_settings(answers: Sequence[FoldAnswers]) -> dict[str, int]:
    """How often the inner folds chose each candidate."""
    counts = Counter(f"{fold.settings.num_leaves} leaves x {fold.settings.rounds} rounds" for fold in answers)
    return dict(counts.most_common())
