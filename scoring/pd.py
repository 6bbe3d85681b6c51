"""From points to the probability of default: a falling curve, and how far the truth may lie from it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FEWEST_KNOTS = 2
LEAST_TOLD = 0.001
"""A lower end below this is told as 0: nobody can tell such chances from none."""


class PdCurveError(ValueError):
    """Knots that are no falling curve."""


@dataclass(frozen=True)
class PdCurve:
    """Log odds of default at some scores, straight between them and flat beyond; more points are never a higher PD.

    Attributes:
        points: rising.
        log_odds: of default within 12 months, falling or level.
        below, above: how far the interval reaches under and over the log odds, at each of `points`; not negative.
        level: share of true PDs that the interval is meant to hold.
        of: `enterprise` where the interval is meant for the very enterprise's PD, `alike` where it is meant for the
            mean PD of enterprises of this score.
        kind: `line` or `isotonic`.
    """

    points: tuple[float, ...]
    log_odds: tuple[float, ...]
    below: tuple[float, ...]
    above: tuple[float, ...]
    level: float
    of: str
    kind: str

    def __post_init__(self) -> None:
        lengths = {len(one) for one in (self.points, self.log_odds, self.below, self.above)}
        if len(lengths) != 1 or len(self.points) < FEWEST_KNOTS:
            raise PdCurveError(f"PD curve: got knots of lengths {sorted(lengths)}, expected one length of at least 2")
        if not all(map(math.isfinite, (*self.points, *self.log_odds, *self.below, *self.above))):
            raise PdCurveError("PD curve: got a number that is not finite")
        if _falls_somewhere(self.points) or _falls_somewhere([-value for value in self.log_odds]):
            raise PdCurveError("PD curve: expected points that rise and log odds of default that do not")
        if min(*self.below, *self.above) < 0.0:
            raise PdCurveError("PD curve: got a negative reach, expected intervals that hold the PD itself")

    @classmethod
    def from_json(cls, parts: Mapping[str, Any]) -> "PdCurve":
        knots = {name: tuple(map(float, parts[name])) for name in ("points", "log_odds", "below", "above")}
        return cls(**knots, level=float(parts["level"]), of=str(parts["of"]), kind=str(parts["kind"]))

    def probability(self, points: Floats) -> Floats:
        """PD at some scores."""
        return _expit(self._at(points, self.log_odds))

    def interval(self, points: Floats) -> tuple[Floats, Floats]:
        """Lower and upper end at some scores."""
        middle = self._at(points, self.log_odds)
        low, high = self._at(points, self.below), self._at(points, self.above)
        lowest = _expit(middle - low)
        return np.where(lowest < LEAST_TOLD, 0.0, lowest), _expit(middle + high)

    def _at(self, points: Floats, values: Sequence[float]) -> Floats:
        return np.asarray(np.interp(points, self.points, values))


def _falls_somewhere(values: Sequence[float]) -> bool:
    return any(later < earlier for earlier, later in pairwise(values))


def _expit(log_odds: Floats) -> Floats:
    return np.asarray(np.exp(-np.logaddexp(0.0, -log_odds)))
