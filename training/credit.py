"""Train the creditworthiness model: judge the recipe, fit it on everybody, describe it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

from scoring.card import Card
from scoring.explained import Band
from scoring.model import Calibration, Model
from training.bag import fit_bag
from training.calibrate import platt, prior_shift
from training.cohort import Cohort
from training.crossvalidation import OURS, Chosen, FoldAnswers, choose, judge
from training.report import Judged, chosen_settings, difference, judged_by_recipe

NAME = "creditworthiness"

POPULATION_DEFAULT_RATE = 0.015
"""Order of magnitude of bad loans at Chinese commercial banks (NPL ratio 1.50 % at the end of 2025); an assumption for
the prior correction of a sample whose share of defaults is not that of life."""

DATED = "next_12_months"
"""Label window of a sample that holds goods and bads as they are in its population."""

VARIED = 2
"""Values that a feature must take at least to tell anything."""

BAND_PERCENTILES = (0.1, 0.9)


@dataclass(frozen=True)
class Recipe:
    """What a training run was asked for."""

    repeats: int = 5
    seed: int = 0


@dataclass(frozen=True)
class Trained:
    """A fitted model, and how its recipe did on enterprises it had not seen."""

    model: Model
    cohort: Cohort
    chosen: Chosen
    judged: dict[str, Judged]
    settings_chosen: dict[str, int]


def train_credit(cohort: Cohort, recipe: Recipe, *, version: str, on_fold: Callable[[FoldAnswers], None]) -> Trained:
    """Judge by nested cross-validation, then choose settings on the whole sample and fit.

    Args:
        cohort: the sample.
        recipe: repeats and seed.
        version: what the card calls this model.
        on_fold: told of every outer fold as it is done, in order.
    """
    answers = []
    for answer in judge(cohort, repeats=recipe.repeats, seed=recipe.seed):
        on_fold(answer)
        answers.append(answer)
    judged = judged_by_recipe(cohort, answers, seed=recipe.seed)
    chosen = choose(cohort.matrix, cohort.defaulted, cohort.features, seed=recipe.seed)
    counts = chosen_settings(answers)
    card = _card(cohort, recipe, chosen, judged, version=version)
    return Trained(fit(cohort, chosen, recipe, card), cohort, chosen, judged, counts)


def fit(cohort: Cohort, chosen: Chosen, recipe: Recipe, card: Card) -> Model:
    """The bag on the whole sample, calibrated on out-of-fold margins."""
    intercept, slope = platt(chosen.out_of_fold, cohort.defaulted)
    return Model(
        booster=fit_bag(cohort.matrix, cohort.defaulted, cohort.features, chosen.settings, seed=recipe.seed),
        features=cohort.features,
        calibration=Calibration(intercept, slope, _shift(cohort)),
        bands=_bands(cohort),
        card=card,
        peers=cohort.peers,
    )


def _shift(cohort: Cohort) -> float:
    """No correction where the label is a twelve-month default of a whole population."""
    if cohort.window == DATED:
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


def _card(cohort: Cohort, recipe: Recipe, chosen: Chosen, judged: dict[str, Judged], *, version: str) -> Card:
    is_population = cohort.window == DATED
    training: dict[str, Any] = {
        "enterprises": len(cohort.defaulted),
        "defaults": int(cohort.defaulted.sum()),
        "default_rate": cohort.default_rate,
        "as_of": cohort.judged_on,
        "label_window": cohort.window,
        "data_digest": cohort.digest,
        "features": len(cohort.features),
        "settings": chosen.settings.describe(),
        "settings_chosen_by": "log loss of inner 5-fold cross-validation, one-standard-error rule",
        "judged_by": f"{recipe.repeats} × 5-fold stratified cross-validation over enterprises, seed {recipe.seed}",
        "prior_correction": {
            "shift_of_log_odds": _shift(cohort),
            "sample_default_rate": cohort.default_rate,
            "population_default_rate_assumed": None if is_population else POPULATION_DEFAULT_RATE,
        },
        "split_by_time": False,
        "constant_features": [
            f.name for f in cohort.features if cohort.profiles[f.name].drop_nulls().n_unique() < VARIED
        ],
    }
    if cohort.peers is not None:
        training["peers"] = {"groups": len(cohort.peers.quantiles), "fewest_values": cohort.peers.minimum}
    metrics: dict[str, Any] = {name: result.numbers("test") for name, result in judged.items()}
    metrics["difference_of_auc_folds"] = {
        name: vars(difference(judged[OURS], result)) for name, result in judged.items() if name != OURS
    }
    return Card(name=NAME, version=version, training=training, metrics=metrics, limits=tuple(_limits(cohort)))


def _limits(cohort: Cohort) -> list[dict[str, str]]:
    enterprises, defaults = len(cohort.defaulted), int(cohort.defaulted.sum())
    limits = [
        {
            "zh": f"样本{enterprises}户、违约{defaults}户，未按时间切分检验，仅做企业间交叉验证。",
            "en": f"{enterprises} enterprises, {defaults} defaults: too few for a split by time; "
            "the model was judged across enterprises only.",
        },
        {
            "zh": "分数用于排序和说明，不给出12个月违约概率（PD）。",
            "en": "The score ranks and explains; no probability of default within 12 months (PD) is claimed.",
        },
    ]
    if cohort.window != DATED:
        limits.append(
            {
                "zh": "标签未注明违约日期，特征窗口可能包含违约之后的行为；"
                f"样本违约率{cohort.default_rate:.0%}不是12个月违约率，分数按假定的总体违约率做了先验校正。",
                "en": "The labels carry no day, so the windows of the features may contain behaviour after the "
                f"default; the sample's {cohort.default_rate:.0%} is no 12-month default rate, and the score is "
                "prior-corrected to an assumed rate.",
            }
        )
    return limits
