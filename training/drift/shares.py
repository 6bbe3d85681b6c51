"""Shares of rows, month by month, and how far another share lies from them."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from scipy.stats import norm

from training.drift.spread import FEWEST_OF_A_MONTH

FEWEST_MONTHS = 3
"""Two months differ by one number, which says nothing of how they vary."""


@dataclass(frozen=True)
class ShareMove:
    """How far a share moved, and the chance of so much without a move (two-sided, pooled variance)."""

    before: float
    after: float
    p: float

    @property
    def change(self) -> float:
        return self.after - self.before


@dataclass(frozen=True)
class Shares:
    """Of each month of the reference the rows that count, and all.

    Attributes:
        usual: the most that one of the months lies from the others beyond 2 standard errors.
    """

    counts: Mapping[str, tuple[int, int]]
    usual: float = 0.0

    @classmethod
    def of(cls, counts: Mapping[str, tuple[int, int]], *, repeats: float) -> "Shares":
        """From the rows of each month; `repeats` = rows an enterprise."""
        told = [month for month, (_, whole) in counts.items() if whole >= FEWEST_OF_A_MONTH]
        if len(told) < FEWEST_MONTHS:
            return cls(counts)
        made = cls(counts)
        return cls(counts, max(made._beyond_luck(month, repeats) for month in told))

    @classmethod
    def from_json(cls, parts: Mapping[str, Any]) -> "Shares":
        counts = {str(month): (int(part), int(whole)) for month, (part, whole) in parts["counts"].items()}
        return cls(counts, float(parts["usual"]))

    def as_json(self) -> dict[str, Any]:
        return {"counts": {month: list(both) for month, both in self.counts.items()}, "usual": self.usual}

    def move(self, part: int, whole: int, *, repeats: float, own_repeats: float = 1.0) -> ShareMove:
        """How far a share lies from that of the whole reference; rows an enterprise in both."""
        before, of = _total(self.counts.values())
        return share_move(before, of, part, whole, repeats=(repeats, own_repeats))

    def _beyond_luck(self, month: str, repeats: float) -> float:
        others = Shares({other: both for other, both in self.counts.items() if other != month})
        part, whole = self.counts[month]
        found = others.move(part, whole, repeats=repeats)
        pooled = max(found.before * (1 - found.before), 0.25 / whole)
        return max(0.0, abs(found.change) - 2 * math.sqrt(pooled / whole))


def share_move(before: int, of: int, part: int, whole: int, *, repeats: tuple[float, float]) -> ShareMove:
    """`part` of `whole` against `before` of `of`; rows of both count less by rows an enterprise."""
    if not of or not whole:
        return ShareMove(math.nan, math.nan, 1.0)
    first, then = of / max(repeats[0], 1.0), whole / max(repeats[1], 1.0)
    pooled = (before / of * first + part / whole * then) / (first + then)
    error = math.sqrt(max(pooled * (1 - pooled), 1e-12) * (1 / first + 1 / then))
    change = part / whole - before / of
    return ShareMove(before / of, part / whole, float(2 * norm.sf(abs(change) / error)))


def _total(counts: Collection[tuple[int, int]]) -> tuple[int, int]:
    return sum(part for part, _ in counts), sum(whole for _, whole in counts)
