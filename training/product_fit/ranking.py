"""How good an order of products is, held against what each product is truly worth to the enterprise.

NDCG after Järvelin and Kekäläinen (2002) with linear gains: DCG = Σ gain of place k ÷ log2(k + 1), over the first
places shown. The gain is the true expected value in yuan. An order stands between a random one and the oracle's.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.evaluation.resampling import Draws, divided, estimate, rate
from training.evaluation.types import Floats
from training.metrics import Estimate

SHOWN = 5
"""Places that count."""

TOP = 3
NOTHING = -1
"""Stands at a place where no product is shown."""

Orders = NDArray[np.int64]
"""Firm × place: the column of the product shown there, or `NOTHING`."""

Flags = NDArray[np.bool_]


def discounts(places: int = SHOWN) -> Floats:
    """What a gain counts with at each place: 1 ÷ log2(place + 1), places from 1."""
    return np.asarray(1 / np.log2(np.arange(places) + 2.0))


def by_value(value: Floats, candidates: Flags, *, tie: Floats | None = None, places: int = SHOWN) -> Orders:
    """Candidates by falling value, then by rising `tie`, then by column.

    Args:
        value: firm × product; what is no candidate may hold anything.
        candidates: firm × product.
        tie: firm × product; None = equal values go by column.
        places: how many to show.
    """
    key = np.where(candidates, -value, np.inf)
    behind = np.zeros_like(key) if tie is None else np.where(candidates, tie, np.inf)
    order = np.lexsort((behind, key), axis=1)[:, :places]
    shown = np.where(np.take_along_axis(candidates, order, axis=1), order, NOTHING).astype(np.int64)
    missing = places - shown.shape[1]
    return np.pad(shown, ((0, 0), (0, max(missing, 0))), constant_values=NOTHING)


def with_diversity(
    value: Floats, candidates: Flags, *, banks: Sequence[str], factor: float, tie: Floats | None = None
) -> Floats:
    """Values as the order shown counts them: the k-th best product of a bank × factor^(k - 1).

    Args:
        value: firm × product.
        candidates: firm × product; only these take a place of their bank.
        banks: of each product.
        factor: the policy's.
        tie: as for `by_value`.
    """
    counted = value.copy()
    for bank in dict.fromkeys(banks):
        own = np.flatnonzero([one == bank for one in banks])
        inside = by_value(value[:, own], candidates[:, own], tie=None if tie is None else tie[:, own], places=len(own))
        for place in range(1, len(own)):
            rows = np.flatnonzero(inside[:, place] != NOTHING)
            counted[rows, own[inside[rows, place]]] *= factor**place
    return counted


@dataclass(frozen=True)
class Truth:
    """What orders are held against.

    Attributes:
        gains: firm × product, true expected value in yuan, at least 0.
        candidates: firm × product; what may be shown. Gains of others count for nothing.
        draws: of the firms' enterprises, for the intervals.

    Firms without a candidate that is worth anything have no NDCG and are left out; `judged` flags the others.
    """

    gains: Floats
    candidates: Flags
    draws: Draws

    @property
    def own(self) -> Floats:
        """Gains of the candidates, 0 for others."""
        return np.where(self.candidates, self.gains, 0.0)

    @property
    def judged(self) -> Flags:
        """Firms with a candidate that is worth something."""
        return np.asarray((self.own > 0).any(axis=1))

    @property
    def oracle(self) -> Floats:
        """DCG of the best order of the candidates, yuan."""
        return self.dcg(by_value(self.gains, self.candidates))

    @property
    def random(self) -> Floats:
        """Expected DCG of a random order: mean gain of the candidates × sum of the discounts of the places filled."""
        count = self.candidates.sum(axis=1)
        filled = np.cumsum(np.insert(discounts(), 0, 0.0))[np.minimum(count, SHOWN)]
        return np.asarray(self.own.sum(axis=1) / np.maximum(count, 1) * filled)

    def dcg(self, order: Orders) -> Floats:
        """Of each firm, in yuan, over the first `SHOWN` places."""
        first = order[:, :SHOWN]
        gain = np.where(first == NOTHING, 0.0, np.take_along_axis(self.gains, np.maximum(first, 0), axis=1))
        return np.asarray(gain @ discounts(first.shape[1]))

    def ndcg(self, order: Orders) -> Floats:
        """DCG ÷ the oracle's; NaN for firms that are not judged."""
        return divided(self.dcg(order), self.oracle)

    def share(self, order: Orders) -> Estimate:
        """(Mean NDCG − random's) ÷ (1 − random's): 0 = a random order, 1 = the oracle's."""
        rows = np.flatnonzero(self.judged)
        return _share(self.ndcg(order)[rows], divided(self.random, self.oracle)[rows], self.draws.within(rows))

    def apart(self, order: Orders, other: Orders) -> Estimate:
        """`share` of one order less that of another, paired by firm."""
        rows = np.flatnonzero(self.judged)
        draws, random = self.draws.within(rows), divided(self.random, self.oracle)[rows]
        gap = self.ndcg(order)[rows] - self.ndcg(other)[rows]
        return _ratio(gap, 1 - random, draws)

    def share_of_yuan(self, order: Orders) -> Estimate:
        """The same over sums of yuan, so that large firms count more: (Σ DCG − random's) ÷ (Σ oracle's − random's)."""
        random = self.random
        return _ratio(self.dcg(order) - random, self.oracle - random, self.draws)

    def best_in_top(self, order: Orders, *, top: int = TOP) -> Estimate:
        """Share of the judged firms one of whose truly best candidates is among the first places."""
        rows = np.flatnonzero(self.judged)
        own = self.own[rows]
        first = order[rows, :top]
        gain = np.where(first == NOTHING, -1.0, np.take_along_axis(own, np.maximum(first, 0), axis=1))
        return rate((gain.max(axis=1) >= own.max(axis=1)).astype(np.float64), self.draws.within(rows))


def place_in(order: Orders, product: int) -> Floats:
    """Place of a product in an order shown whole, from 1, one number a firm; NaN where it is not shown."""
    at = order == product
    return np.where(at.any(axis=1), at.argmax(axis=1) + 1.0, math.nan)


def place_of(value: Floats, candidates: Flags, product: int) -> Floats:
    """Place of a product among the candidates, from 1; those of equal value share the middle of their places."""
    own = value[:, [product]]
    above = (candidates & (value > own)).sum(axis=1)
    equal = (candidates & (value == own)).sum(axis=1)
    return np.asarray(above + (equal + 1) / 2)


def _share(ndcg: Floats, random: Floats, draws: Draws) -> Estimate:
    return _ratio(ndcg - random, 1 - random, draws)


def _ratio(part: Floats, whole: Floats, draws: Draws) -> Estimate:
    """Sum of parts ÷ sum of wholes, with its interval over enterprises."""
    sums = draws.sums(np.stack([part, whole], axis=1))
    return estimate(float(part.sum() / whole.sum()), divided(sums[:, 0], sums[:, 1])) if len(part) else _unknown()


def _unknown() -> Estimate:
    return Estimate(math.nan, math.nan, math.nan)
