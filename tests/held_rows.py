"""Invented rows whose chance of default is known, and a linear model of them."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import lightgbm as lgb
import numpy as np
import polars as pl
from scipy.special import expit

from features.sets import FEATURES
from scoring.model import FACTOR, Calibration
from training.evaluation.resampling import Draws
from training.evaluation.rows import Judged, Said
from training.evaluation.types import Held

SEEN = (
    FEATURES["sales_12m"],
    FEATURES["silent_months_12m"],
    next(one for one in FEATURES.values() if one.blocks == ("tax",)),
    next(one for one in FEATURES.values() if len(one.blocks) > 1),
)
WEIGHTS = (-1.0, 0.8, 0.5, 0.3)
INTERCEPT = -2.2
POINTS_A_MARGIN = 57.7


@dataclass(frozen=True)
class Linear:
    """ln(odds of default) is a weighted sum of the features; null weighs nothing."""

    weights: tuple[float, ...] = WEIGHTS
    features: tuple = SEEN
    unusual_above: float = 3.0

    @cached_property
    def booster(self):
        """Two stumps that keep the first features' directions; only the proof looks at them."""
        rng = np.random.default_rng(0)
        x = rng.normal(size=(200, len(self.features)))
        y = (x[:, 1] > x[:, 0]).astype(int)
        directions = [one.monotone for one in self.features]
        settings = {"objective": "binary", "num_leaves": 2, "verbose": -1, "num_threads": 1}
        return lgb.train({**settings, "monotone_constraints": directions}, lgb.Dataset(x, y), 2)

    @property
    def calibration(self):
        return Calibration(intercept=0.0, slope=POINTS_A_MARGIN / FACTOR, prior_shift=0.0)

    def contributions(self, profiles):
        x = profiles.select(one.name for one in self.features).fill_null(0.0).to_numpy()
        return np.column_stack([x * np.array(self.weights), np.full(len(x), INTERCEPT)])

    def points(self, profiles):
        return 400.0 - POINTS_A_MARGIN * self.contributions(profiles).sum(axis=1)

    def probability(self, profiles):
        return expit(self.contributions(profiles).sum(axis=1))

    def interval(self, profiles):
        margin = self.contributions(profiles).sum(axis=1)
        return expit(margin - 0.2), expit(margin + 0.2)

    def is_unusual(self, profiles):
        return (profiles[self.features[0].name].fill_null(0.0) > self.unusual_above).to_numpy()


def held_rows(*, enterprises=400, days=4, seed=0, name="invented"):
    """Several monthly days an enterprise; a tenth of the rows withholds its taxes. Defaults follow `Linear()`."""
    rng = np.random.default_rng(seed)
    many = enterprises * days
    lasting = np.repeat(rng.normal(size=(enterprises, len(SEEN))), days, axis=0)
    values = 0.8 * lasting + 0.6 * rng.normal(size=(many, len(SEEN)))
    has_tax = rng.random(many) > 0.1
    columns = {one.name: values[:, place] for place, one in enumerate(SEEN)}
    profiles = pl.DataFrame(
        {
            "enterprise_id": [f"Y{number:05}" for number in np.repeat(np.arange(enterprises), days)],
            "as_of": [dt.date(2024, 1 + month % 12, 1) for month in np.tile(np.arange(days), enterprises)],
            **columns,
            "has_tax": has_tax,
            "has_invoice": [True] * many,
        }
    ).with_columns(pl.when("has_tax").then(one.name).alias(one.name) for one in SEEN if "tax" in one.blocks)
    true_pd = Linear().probability(profiles)
    defaulted = (rng.random(many) < true_pd).astype(np.int64)
    sizes = np.repeat(rng.choice(["micro", "small"], enterprises), days)
    segments = pl.DataFrame({"size": sizes, "missing_tax": np.where(has_tax, "given", "not given")})
    return Held(name, "sha256:00", profiles, defaulted, segments, true_pd)


def judged(held, model=None, champion=None, *, seed=0):
    """What evaluate() computes with."""
    model = model or Linear()
    other = Said.of(champion, held.profiles) if champion else None
    draws = Draws.of_enterprises(held.profiles["enterprise_id"], seed=seed)
    return Judged(held, Said.of(model, held.profiles), other, draws)
