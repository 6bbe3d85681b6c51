"""The Model value: a booster, what it was trained to see, and how its margin becomes points."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.definition import Feature
from features.peers import Group, PeerReference
from scoring.card import Card
from scoring.explained import Band, Scored

BASE_SCORE, BASE_ODDS, POINTS_TO_DOUBLE = 600.0, 30.0, 40.0
"""600 points at odds of 30 good to 1 bad; 40 points double the odds."""

LOWEST_SCORE, HIGHEST_SCORE = 300, 850
FACTOR = POINTS_TO_DOUBLE / math.log(2.0)

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Calibration:
    """Platt scaling of the margin, and the shift from the sample's share of bads to the population's.

    ln(odds of default) = intercept + slope × margin + prior_shift
    """

    intercept: float
    slope: float
    prior_shift: float


@dataclass(frozen=True)
class Model:
    """A trained creditworthiness model.

    Attributes:
        booster: its raw margin rises with the risk of default.
        features: the columns it sees, in this order.
        bands: the range in which most enterprises of the training sample lie, by feature name.
        digest: `sha256:…` over the files of its folder; empty until it has been saved.
        peers: what its deviations deviate from; `features.peer_profiles` joins them to profiles. None = it sees none.
    """

    booster: lgb.Booster
    features: tuple[Feature, ...]
    calibration: Calibration
    bands: Mapping[str, Band]
    card: Card
    digest: str = ""
    peers: PeerReference | None = None

    def bands_of(self, group: Group) -> Mapping[str, Band]:
        """The range of each feature among the peers of a group; that of the training sample where they have none."""
        if self.peers is None:
            return self.bands
        edges = {feature.name: self.peers.band_of(feature, group) for feature in self.features}
        return {**self.bands, **{name: Band(*both) for name, both in edges.items() if both is not None}}

    def matrix(self, profiles: pl.DataFrame) -> Matrix:
        """Feature values as the booster reads them: one row an enterprise, NaN for null."""
        return as_matrix(profiles, self.features)

    def margins(self, profiles: pl.DataFrame) -> NDArray[np.float64]:
        """Raw margin of each profile, before calibration."""
        return np.asarray(self.booster.predict(self.matrix(profiles), raw_score=True, num_threads=1))

    def contributions(self, profiles: pl.DataFrame) -> Matrix:
        """Path-dependent Shapley values of the margin: one column a feature, the expected margin in the last column."""
        return np.asarray(self.booster.predict(self.matrix(profiles), pred_contrib=True, num_threads=1))

    def score(self, profiles: pl.DataFrame) -> list[Scored]:
        """Score each profile, in its order, with the points that every feature adds or takes."""
        contributions = self.contributions(profiles)
        points = -FACTOR * self.calibration.slope * contributions[:, :-1]
        base = self._points_of_margin(contributions[:, -1])
        values = profiles.select(pl.col([feature.name for feature in self.features])).iter_rows()
        codes = profiles["enterprise_id"]
        return [
            _scored(code, float(b), tuple(map(float, row)), seen)
            for code, b, row, seen in zip(codes, base, points, values, strict=True)
        ]

    def _points_of_margin(self, margin: NDArray[np.float64]) -> NDArray[np.float64]:
        log_odds_of_default = (
            self.calibration.intercept + self.calibration.slope * margin + self.calibration.prior_shift
        )
        points: NDArray[np.float64] = BASE_SCORE - FACTOR * (log_odds_of_default + math.log(BASE_ODDS))
        return points


def as_matrix(profiles: pl.DataFrame, features: Sequence[Feature]) -> Matrix:
    """The columns of some features as float64, NaN for null."""
    return profiles.select(pl.col([feature.name for feature in features]).cast(pl.Float64)).to_numpy(order="c")


def _scored(code: str, base: float, points: tuple[float, ...], values: tuple[float | None, ...]) -> Scored:
    unclipped = base + math.fsum(points)
    score = min(max(round(unclipped), LOWEST_SCORE), HIGHEST_SCORE)
    return Scored(code, score, unclipped, base, points, values)
