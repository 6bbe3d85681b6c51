"""Train the creditworthiness model: keep rows apart, learn from the others, say what the points mean, describe it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl

from scoring.card import Card
from scoring.explained import Band
from scoring.model import Calibration, Model
from scoring.usual import Usual
from sources.contracts import BLOCKS
from training.calibrate import prior_shift
from training.cohort import Cohort
from training.crossvalidation import OURS, FoldAnswers, answers, judge, sample_of
from training.drift.reference import Reference, text_of
from training.evaluation.withholding import TOLERATED_RISE, without
from training.learner.boosting import fit_members
from training.learner.learn import Budget, Grow, Learned, learn
from training.limits import limits_of
from training.metrics import Estimate
from training.pd_curve import Unseen, fit_pd_curve
from training.report import Judged, chosen_settings, difference, judged_by_recipe, judged_once
from training.split import Split, SplitError, out_of_time

NAME = "creditworthiness"

POPULATION_DEFAULT_RATE = 0.015
"""Order of magnitude of bad loans at Chinese commercial banks (NPL ratio 1.50 % at the end of 2025); an assumption for
the prior correction of a sample whose share of defaults is not that of life."""

VARIED = 2
"""Values that a feature must take at least to tell anything."""

AS_LEARNED = f"{OURS}_as_learned"
"""Ours before anything is taken for blocks that were not given: the price of that promise stands beside it."""

TEST_SHARE = 0.3
"""Of the enterprises; they are judged on later days than any that was learned from."""

BAND_PERCENTILES = (0.1, 0.9)
SHARE_THAT_MAY_RISE = 0.008
"""Of the enterprises learned from, by withholding a block; a little below the 1 % that is promised for others."""


@dataclass(frozen=True)
class Recipe:
    """What a training run was asked for.

    Attributes:
        repeats: of the 5-fold cross-validation, where rows cannot be kept apart in time.
        seed: of every draw.
        budget: what may be spent on choosing settings.
        may_rise: share of the enterprises learned from whose score may rise by over 10 points by withholding a block;
            1 = whatever they gain.
        grow: how the trees are grown at last; by default here, `training.distributed` grows them on a cluster.
    """

    repeats: int = 5
    seed: int = 0
    budget: Budget = field(default_factory=Budget)
    grow: Grow = fit_members
    may_rise: float = SHARE_THAT_MAY_RISE


@dataclass(frozen=True)
class Trained:
    """A fitted model, and how its recipe did on enterprises it had not seen.

    Attributes:
        learned_from: the rows the model was fitted on.
        judged_on: the rows that `judged` is about: kept apart, or the same ones by cross-validation.
        split: where rows were kept apart in time; None = cross-validation.
        differences: AUC of ours less that of each peer, on the same rows.
    """

    model: Model
    learned_from: Cohort
    judged_on: Cohort
    split: Split | None
    learned: Learned
    judged: dict[str, Judged]
    differences: dict[str, Estimate]
    settings_chosen: dict[str, int]


def split_of(cohort: Cohort, *, seed: int) -> Split | None:
    """Rows to learn from and rows kept apart, by time and enterprise; None where the sample is too small for that."""
    if not cohort.is_dated:
        return None
    try:
        split = out_of_time(cohort.days, cohort.codes, test_share=TEST_SHARE, seed=seed)
        return split.checked(cohort.enterprises, cohort.defaulted)
    except SplitError:
        return None


def train_credit(
    cohort: Cohort,
    recipe: Recipe,
    *,
    version: str,
    on_fold: Callable[[FoldAnswers], None],
    true_pd: pl.DataFrame | None = None,
) -> Trained:
    """Learn from early rows and judge on later ones of others; without enough of either, judge by cross-validation.

    Args:
        cohort: the sample.
        recipe: repeats, seed and budget.
        version: what the card calls this model.
        on_fold: told of every outer fold of a cross-validation as it is done, in order.
        true_pd: of simulated rows: `enterprise_id`, `as_of`, `pd`; gives the PD's interval its width.
    """
    split = split_of(cohort, seed=recipe.seed)
    if split is None:
        return _cross_validated(cohort, recipe, version=version, on_fold=on_fold)
    early, late = cohort.take(split.train), cohort.take(split.test)
    model, learned = train_on(early, recipe, true_pd=true_pd)
    both = sample_of(cohort)
    sides = (np.flatnonzero(split.train), np.flatnonzero(split.test))
    said = answers(learned, both, *sides, seed=recipe.seed)
    said = {OURS: model.probability(late.profiles), AS_LEARNED: said.pop(OURS), **said}
    judged, differences = judged_once(late, said, seed=recipe.seed)
    trained = Trained(model, early, late, split, learned, judged, differences, {})
    return _with_card(trained, recipe, version=version)


def _cross_validated(
    cohort: Cohort, recipe: Recipe, *, version: str, on_fold: Callable[[FoldAnswers], None]
) -> Trained:
    told = []
    for answer in judge(cohort, repeats=recipe.repeats, seed=recipe.seed, budget=recipe.budget):
        on_fold(answer)
        told.append(answer)
    judged = judged_by_recipe(cohort, told, seed=recipe.seed)
    differences = {name: difference(judged[OURS], theirs) for name, theirs in judged.items() if name != OURS}
    model, learned = train_on(cohort, recipe, true_pd=None)
    trained = Trained(model, cohort, cohort, None, learned, judged, differences, chosen_settings(told))
    return _with_card(trained, recipe, version=version)


def train_on(cohort: Cohort, recipe: Recipe, *, true_pd: pl.DataFrame | None) -> tuple[Model, Learned]:
    """A model of all rows of a cohort, judged on none, and what was learned."""
    learned = learn(sample_of(cohort), recipe.budget, seed=recipe.seed, grow=recipe.grow)
    return model_of(cohort, learned, recipe, true_pd=true_pd), learned


def model_of(cohort: Cohort, learned: Learned, recipe: Recipe, *, true_pd: pl.DataFrame | None) -> Model:
    """What was learned from a cohort as a model without a card: points, their meaning, and costs of withholding."""
    ranking = Model(
        booster=learned.booster,
        features=cohort.features,
        calibration=Calibration(learned.intercept, learned.slope, _shift(cohort)),
        bands=_bands(cohort),
        card=Card(NAME, "", {}, {}, ()),
        peers=cohort.peers,
        usual=Usual.of(cohort.matrix, [one.name for one in cohort.features]),
    )
    withholding = with_costs_of_withholding(ranking, cohort, may_rise=recipe.may_rise)
    if not cohort.is_dated:
        return withholding
    return replace(withholding, pd=fit_pd_curve(_unseen(withholding, cohort, learned, true_pd), seed=recipe.seed))


def with_costs_of_withholding(model: Model, cohort: Cohort, *, may_rise: float) -> Model:
    """The model with points that each missing block costs, so that hardly anybody gains by withholding one.

    For each block: what all but a few of the enterprises learned from would gain, less what is tolerated.
    """
    points = model.points(cohort.profiles)
    costs = {}
    for block in BLOCKS:
        has = cohort.profiles[f"has_{block}"].to_numpy()
        if not has.any():
            continue
        rises = model.points(without(cohort.profiles.filter(pl.Series(has)), model.features, block)) - points[has]
        cost = float(np.quantile(rises, 1 - may_rise, method="higher")) - TOLERATED_RISE
        if cost > 0.0:
            costs[block] = cost
    return replace(model, withheld=costs)


def _unseen(model: Model, cohort: Cohort, learned: Learned, true_pd: pl.DataFrame | None) -> Unseen:
    """Points of the rows that the folds judged, as models that had not seen them gave."""
    judged = cohort.take(learned.judged)
    truth = None
    if true_pd is not None:
        keys = ["enterprise_id", "as_of"]
        known = true_pd.select(*keys, "pd")
        beside = judged.profiles.select(keys).join(known, on=keys, how="left", maintain_order="left")
        truth = beside["pd"].fill_null(float("nan")).to_numpy()
    points = model.points_of(learned.out_of_fold, judged.profiles)
    return Unseen(points, judged.defaulted, judged.enterprises, truth)


def _shift(cohort: Cohort) -> float:
    """No correction where the label is a twelve-month default of a whole population."""
    if cohort.is_dated:
        return 0.0
    return prior_shift(sample_rate=cohort.default_rate, population_rate=POPULATION_DEFAULT_RATE)


def _bands(cohort: Cohort) -> dict[str, Band]:
    """Range of each feature among the enterprises that did not default; features that are never there have none."""
    sound = cohort.profiles.filter(pl.Series(cohort.defaulted == 0))
    bands = {}
    for feature in cohort.features:
        low, high = (sound[feature.name].quantile(p, interpolation="linear") for p in BAND_PERCENTILES)
        if low is not None and high is not None:
            bands[feature.name] = Band(low, high)
    return bands


def _with_card(trained: Trained, recipe: Recipe, *, version: str) -> Trained:
    cohort, judged = trained.learned_from, trained.judged
    metrics: dict[str, Any] = {name: result.numbers("test") for name, result in judged.items()}
    metrics["difference_of_auc"] = {name: vars(one) for name, one in trained.differences.items()}
    limits = tuple(limits_of(cohort, is_apart=trained.split is not None, curve=trained.model.pd))
    card = Card(name=NAME, version=version, training=_training(trained, recipe), metrics=metrics, limits=limits)
    known = text_of(Reference.of_cohort(trained.model, cohort, version=version))
    return replace(trained, model=replace(trained.model, card=card, requests=known))


def _training(trained: Trained, recipe: Recipe) -> dict[str, Any]:
    cohort, learned = trained.learned_from, trained.learned
    told: dict[str, Any] = {
        "enterprises": cohort.codes.n_unique(),
        "rows": len(cohort),
        "defaults": int(cohort.defaulted.sum()),
        "default_rate": cohort.default_rate,
        "as_of": cohort.judged_on,
        "label_window": cohort.window,
        "data_digest": cohort.digest,
        "features": len(cohort.features),
        "settings": learned.settings.describe(),
        "settings_chosen_by": "log loss of inner folds, later days and other enterprises where there are days",
        "scorecard": {"penalty": learned.penalty, "share_of_the_margin": 1 - learned.weight},
        "inner_log_loss": learned.losses,
        "withheld_points": dict(trained.model.withheld),
        "judged_by": _judged_by(trained, recipe),
        "prior_correction": {
            "shift_of_log_odds": _shift(cohort),
            "sample_default_rate": cohort.default_rate,
            "population_default_rate_assumed": None if cohort.is_dated else POPULATION_DEFAULT_RATE,
        },
        "split": _split_told(trained.split, recipe),
        "constant_features": [
            f.name for f in cohort.features if cohort.profiles[f.name].drop_nulls().n_unique() < VARIED
        ],
    }
    if cohort.peers is not None:
        told["peers"] = {"groups": len(cohort.peers.quantiles), "fewest_values": cohort.peers.minimum}
    return told


def _split_told(split: Split | None, recipe: Recipe) -> dict[str, Any] | None:
    """What another needs to keep the same rows apart; None where none were."""
    if split is None or split.test_from is None:
        return None
    return {"test_from": split.test_from.isoformat(), "test_share": TEST_SHARE, "seed": recipe.seed}


def _judged_by(trained: Trained, recipe: Recipe) -> str:
    if trained.split is None:
        return f"{recipe.repeats} × 5-fold stratified cross-validation over enterprises, seed {recipe.seed}"
    return f"rows from {trained.split.test_from} of other enterprises, embargo of 12 months, seed {recipe.seed}"
