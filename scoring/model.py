"""The Model value: a booster, what it was trained to see, and how its margin becomes points."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import lightgbm as lgb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.definition import Feature
from features.peers import Group, PeerReference
from scoring.card import Card
from scoring.explained import Band, PdSaid, Scored
from scoring.pd import PdCurve
from scoring.usual import Usual

BASE_SCORE, BASE_ODDS, POINTS_TO_DOUBLE = 600.0, 30.0, 40.0
"""600 points at odds of 30 good to 1 bad; 40 points double the odds."""

FACTOR = POINTS_TO_DOUBLE / math.log(2.0)

Matrix = NDArray[np.float64]


class NoPdError(ValueError):
    """A probability of default asked of a model that claims none."""


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
        withheld: points that an enterprise loses for each block of which nothing was given, so that withholding what
            speaks against it does not pay; not negative.
        pd: what its points mean; None = it ranks and explains, and claims no probability of default.
        usual: what it has seen; None = it cannot tell what is unusual.
        requests: what requests were like that it learned from, as JSON that only `xinpei drift` reads; None = unknown.
    """

    booster: lgb.Booster
    features: tuple[Feature, ...]
    calibration: Calibration
    bands: Mapping[str, Band]
    card: Card
    digest: str = ""
    peers: PeerReference | None = None
    withheld: Mapping[str, float] = field(default_factory=dict)
    pd: PdCurve | None = None
    usual: Usual | None = None
    requests: str | None = field(default=None, repr=False)

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

    def points(self, profiles: pl.DataFrame) -> NDArray[np.float64]:
        """Unclipped score of each profile."""
        return self.points_of(self.margins(profiles), profiles)

    def points_of(self, margins: NDArray[np.float64], profiles: pl.DataFrame) -> NDArray[np.float64]:
        """Unclipped scores of margins that another booster of the same calibration gave the profiles."""
        points: NDArray[np.float64] = self._points_of_margin(margins) - self._lost(profiles).sum(axis=1)
        return points

    def probability(self, profiles: pl.DataFrame) -> NDArray[np.float64]:
        """Probability of default within 12 months of each profile.

        Raises:
            NoPdError: the model claims none.
        """
        return self._curve().probability(self.points(profiles))

    def interval(self, profiles: pl.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Lower and upper end of the interval of each profile's probability of default.

        Raises:
            NoPdError: the model claims none.
        """
        return self._curve().interval(self.points(profiles))

    def is_unusual(self, profiles: pl.DataFrame) -> NDArray[np.bool_]:
        """Whether a profile lies outside what the model has seen; never, where it cannot tell."""
        if self.usual is None:
            return np.zeros(profiles.height, bool)
        return self.usual.is_left_by(self.matrix(profiles))

    def score(self, profiles: pl.DataFrame) -> list[Scored]:
        """Score each profile, in its order, with the points that each feature and each missing block adds or takes."""
        contributions = self.contributions(profiles)
        each = -FACTOR * self.calibration.slope * contributions[:, :-1]
        base = self._points_of_margin(contributions[:, -1])
        lost = self._lost(profiles)
        values = profiles.select(pl.col([feature.name for feature in self.features])).iter_rows()
        told = zip(profiles["enterprise_id"], base, each, values, lost, strict=True)
        scored = [
            Scored.of(code, float(start), tuple(map(float, row)), seen, _without(self.withheld, gone))
            for code, start, row, seen, gone in told
        ]
        return self._with_pd(self._with_unusual(scored, profiles))

    def _with_unusual(self, scored: list[Scored], profiles: pl.DataFrame) -> list[Scored]:
        if self.usual is None:
            return scored
        return [replace(one, is_unusual=bool(odd)) for one, odd in zip(scored, self.is_unusual(profiles), strict=True)]

    def _with_pd(self, scored: list[Scored]) -> list[Scored]:
        if self.pd is None:
            return scored
        points = np.array([one.unclipped_score for one in scored])
        said = zip(self.pd.probability(points), *self.pd.interval(points), strict=True)
        return [
            replace(one, pd=PdSaid(float(value), float(low), float(high), self.pd.level))
            for one, (value, low, high) in zip(scored, said, strict=True)
        ]

    def _curve(self) -> PdCurve:
        if self.pd is None:
            raise NoPdError(f"model {self.card.name} {self.card.version}: claims no probability of default")
        return self.pd

    def _lost(self, profiles: pl.DataFrame) -> Matrix:
        """Points lost by each profile, one column a block of `withheld`."""
        missing = [~profiles[f"has_{block}"].to_numpy() for block in self.withheld]
        if not missing:
            return np.zeros((profiles.height, 0))
        return np.asarray(np.column_stack(missing) * np.array(list(self.withheld.values())))

    def _points_of_margin(self, margin: NDArray[np.float64]) -> NDArray[np.float64]:
        log_odds_of_default = (
            self.calibration.intercept + self.calibration.slope * margin + self.calibration.prior_shift
        )
        points: NDArray[np.float64] = BASE_SCORE - FACTOR * (log_odds_of_default + math.log(BASE_ODDS))
        return points


def as_matrix(profiles: pl.DataFrame, features: Sequence[Feature]) -> Matrix:
    """The columns of some features as float64, NaN for null."""
    return profiles.select(pl.col([feature.name for feature in features]).cast(pl.Float64)).to_numpy(order="c")


def _without(withheld: Mapping[str, float], lost: NDArray[np.float64]) -> Mapping[str, float]:
    """What each missing block takes, in points; negative."""
    return {block: -float(points) for block, points in zip(withheld, lost, strict=True) if points}
