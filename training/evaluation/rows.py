"""What is computed once of the rows judged: what the model said of each, and the draws of enterprises."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import lightgbm as lgb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.definition import Feature
from scoring.model import Calibration
from training.evaluation.resampling import Draws, Rows
from training.evaluation.types import Floats, Held, Labels


class Judgeable(Protocol):
    """What a model must tell to be judged; `scoring.model.Model` does where it claims a probability of default."""

    @property
    def features(self) -> tuple[Feature, ...]: ...

    @property
    def booster(self) -> lgb.Booster: ...

    @property
    def calibration(self) -> Calibration:
        """Its slope turns contributions into points."""
        ...

    def points(self, profiles: pl.DataFrame, /) -> Floats:
        """Score before it is rounded and clipped, one a row."""
        ...

    def probability(self, profiles: pl.DataFrame, /) -> Floats:
        """Probability of default within the window, one a row."""
        ...

    def interval(self, profiles: pl.DataFrame, /) -> tuple[Floats, Floats]:
        """Where the probability lies with 90 % confidence."""
        ...

    def is_unusual(self, profiles: pl.DataFrame, /) -> NDArray[np.bool_]:
        """Whether a row is unlike those the model was fitted on."""
        ...

    def contributions(self, profiles: pl.DataFrame, /) -> Floats:
        """One column a feature, then the base; each row adds up to its margin."""
        ...


@dataclass(frozen=True)
class Said:
    """What one model said of every row: score in points, probability of default."""

    points: Floats
    probability: Floats

    @classmethod
    def of(cls, model: Judgeable, profiles: pl.DataFrame) -> "Said":
        points = np.asarray(model.points(profiles), dtype=np.float64)
        return cls(points, np.asarray(model.probability(profiles), dtype=np.float64))

    def at(self, rows: Rows) -> "Said":
        return Said(self.points[rows], self.probability[rows])


@dataclass(frozen=True)
class Judged:
    """Rows with labels, answers and draws.

    Attributes:
        champion: what the other model said of the same rows; None without one.
    """

    held: Held
    said: Said
    champion: Said | None
    draws: Draws

    @property
    def defaulted(self) -> Labels:
        return self.held.defaulted

    @cached_property
    def days(self) -> tuple[dt.date, ...]:
        """The days that rows stand on, in order."""
        return tuple(self.held.profiles["as_of"].unique().sort())

    @property
    def one_row_an_enterprise(self) -> bool:
        return self.draws.enterprises == len(self.defaulted)

    def rows_on(self, day: dt.date) -> Rows:
        return np.flatnonzero((self.held.profiles["as_of"] == day).to_numpy())
