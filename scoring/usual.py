"""What a model has seen: enterprises far from it get a score that rests on little."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
EDGES = (0.001, 0.999)
SHARE_CALLED_UNUSUAL = 0.01

REACH = frozenset({"months_observed", "bank_months_observed", "tax_history_months", "days_since_tax_grade"})
"""Features that tell how far records reach and what season it is: they leave their range as time goes by, whatever the
enterprise is like."""


@dataclass(frozen=True)
class Usual:
    """The range of each feature among the rows learned from, and how many values outside it are still usual.

    Attributes:
        low, high: 0.1 % and 99.9 % quantiles, in the model's feature order; NaN = not looked at: never known among the
            rows learned from, or of REACH.
        most_outside: values outside their range that all but 1 % of the rows learned from stay at or below.
    """

    low: tuple[float, ...]
    high: tuple[float, ...]
    most_outside: int

    @classmethod
    def of(cls, matrix: Matrix, names: Sequence[str]) -> "Usual":
        """From the rows learned from; `names` are those of the columns."""
        known = ~np.isnan(matrix).all(axis=0) & ~np.isin(names, list(REACH))
        edges = np.full((2, matrix.shape[1]), np.nan)
        edges[:, known] = np.nanquantile(matrix[:, known], EDGES, axis=0)
        outside = _outside(matrix, edges[0], edges[1])
        most = int(np.quantile(outside, 1 - SHARE_CALLED_UNUSUAL, method="higher"))
        return cls(tuple(edges[0].tolist()), tuple(edges[1].tolist()), most)

    @classmethod
    def from_json(cls, parts: Mapping[str, Any]) -> "Usual":
        low, high = (tuple(np.nan if one is None else float(one) for one in parts[name]) for name in ("low", "high"))
        return cls(low, high, int(parts["most_outside"]))

    def as_json(self) -> dict[str, Any]:
        low, high = ([None if np.isnan(one) else one for one in side] for side in (self.low, self.high))
        return {"low": low, "high": high, "most_outside": self.most_outside}

    def is_left_by(self, matrix: Matrix) -> NDArray[np.bool_]:
        """Whether a row has more values outside than is usual."""
        return _outside(matrix, np.array(self.low), np.array(self.high)) > self.most_outside


def _outside(matrix: Matrix, low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.asarray(((matrix < low) | (matrix > high)).sum(axis=1))
