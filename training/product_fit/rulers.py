"""Rulers of a sample: normal scores, so that one slope fits amounts over many powers of ten as well as shares."""

import numpy as np
from scipy.stats import norm

from scoring.product_fit import Floats, Matrix, Ruler

KNOTS = 33
VARIED = 2
"""Values that a column must take at least to tell anything."""


def rulers_of(matrix: Matrix) -> tuple[Ruler, ...]:
    """A ruler for each column; one that never varies scores 0 everywhere."""
    return tuple(_ruler(column[~np.isnan(column)]) for column in matrix.T)


def _ruler(known: Floats) -> Ruler:
    """Knots at quantiles, each scored Φ⁻¹(middle rank) as in van der Waerden (1952), with mean 0 and deviation 1."""
    at = np.unique(np.quantile(known, np.linspace(0, 1, KNOTS), method="nearest")) if len(known) else np.zeros(1)
    if len(at) < VARIED:
        return Ruler((float(at[0]),), (0.0,))
    ordered = np.sort(known)
    below, through = (np.searchsorted(ordered, at, side=side) for side in ("left", "right"))
    score = norm.ppf((below + through + 1) / 2 / (len(known) + 1))
    each = np.interp(known, at, score)
    scores = (score - each.mean()) / each.std()
    return Ruler(tuple(at.tolist()), tuple(scores.tolist()))
