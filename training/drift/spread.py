"""How one number lay in the reference, month by month, and how far others lie from it."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from training.metrics import Floats

CUTS = (0.01, *(tenth / 10 for tenth in range(1, 10)), 0.99)
"""Quantiles where bins end: tenths, and the tails, where mistakes in units go."""

GRID = 41
"""Quantiles kept from the least to the greatest, to tell what a scaled number would look like."""

HALF_A_ROW = 0.5
FEWEST_OF_A_MONTH = 30
"""Rows of a month with fewer tell nothing of how months differ."""

Counts = NDArray[np.float64]


@dataclass(frozen=True)
class Move:
    """How far numbers moved.

    Attributes:
        index: population stability index (Lewis 1994).
        excess: the same less what chance alone gives on average, (bins - 1)(1/n + 1/m) (Yurdakul 2018).
        p: chance of so large an index without a move; its law is about that times chi-squared / (bins - 1).
        before, after: medians; NaN where nothing is known.
    """

    index: float
    excess: float
    p: float
    before: float = math.nan
    after: float = math.nan

    def milder(self, other: "Move") -> "Move":
        """Of two comparisons the one that shows less; its p is the greater of both (Berger 1982)."""
        least = self if self.excess <= other.excess else other
        return Move(least.index, least.excess, max(self.p, other.p), least.before, least.after)


@dataclass(frozen=True)
class Spread:
    """How a number lay in each month of the reference.

    Attributes:
        edges: where bins end, an edge belonging to the bin below.
        counts: rows by bin of each month, such as 2024-03; the last bin is null.
        grid: quantiles from the least to the greatest in even steps; empty where nothing was known.
        usual: the most that one of the months lies from the others, as `Move.excess`; 0 where there are too few months.
    """

    edges: tuple[float, ...]
    counts: Mapping[str, tuple[int, ...]]
    grid: tuple[float, ...]
    usual: float = 0.0

    @classmethod
    def of(cls, months: Mapping[str, Floats], *, repeats: float) -> "Spread":
        """From the values of each month; `repeats` = rows an enterprise, by which all months together count less."""
        known = np.concatenate([one[~np.isnan(one)] for one in months.values()])
        edges = np.unique(np.quantile(known, CUTS)) if len(known) else np.empty(0)
        grid = np.quantile(known, np.linspace(0, 1, GRID)) if len(known) else np.empty(0)
        counts = {month: tuple(int(n) for n in counted(one, edges)) for month, one in months.items()}
        made = cls(tuple(edges.tolist()), counts, tuple(grid.tolist()))
        return cls(made.edges, made.counts, made.grid, made.most_between_months(repeats))

    @classmethod
    def from_json(cls, parts: Mapping[str, Any]) -> "Spread":
        counts = {str(month): tuple(int(n) for n in rows) for month, rows in parts["counts"].items()}
        return cls(tuple(map(float, parts["edges"])), counts, tuple(map(float, parts["grid"])), float(parts["usual"]))

    def as_json(self) -> dict[str, Any]:
        counts = {month: list(rows) for month, rows in self.counts.items()}
        return {"edges": list(self.edges), "counts": counts, "grid": list(self.grid), "usual": self.usual}

    @property
    def median(self) -> float:
        return self.grid[len(self.grid) // 2] if self.grid else math.nan

    def move(self, seen: Floats, of_year: Collection[int], *, repeats: float, own_repeats: float = 1.0) -> Move:
        """How far values moved from the whole reference, or from its same months of the year if these are nearer.

        Args:
            seen: values of the window, NaN for null.
            of_year: months of the year (1 to 12) that the window lies in.
            repeats: rows an enterprise in the reference.
            own_repeats: rows an enterprise in the window.
        """
        counts = counted(seen, np.array(self.edges))
        known = seen[~np.isnan(seen)]
        after = float(np.median(known)) if len(known) else math.nan
        found = self._between(counts, of_year, self.counts, repeats=repeats, own_repeats=own_repeats)
        return Move(found.index, found.excess, found.p, self.median, after)

    def most_between_months(self, repeats: float) -> float:
        """The most that one month lies from the others, or from the same months of other years if that is nearer."""
        told = [month for month, rows in self.counts.items() if sum(rows) >= FEWEST_OF_A_MONTH]
        if len(told) < 3:  # noqa: PLR2004 - two months differ by one number, which says nothing of how they vary
            return 0.0
        most = 0.0
        for month in told:
            others = {other: rows for other, rows in self.counts.items() if other != month}
            counts = np.array(self.counts[month], dtype=float)
            found = self._between(counts, (_of_year(month),), others, repeats=repeats, own_repeats=1.0)
            most = max(most, found.excess)
        return most

    def _between(
        self,
        counts: Counts,
        of_year: Collection[int],
        others: Mapping[str, Sequence[int]],
        *,
        repeats: float,
        own_repeats: float,
    ) -> Move:
        whole = move_of(_sum(others.values(), len(counts)), counts, repeats=repeats, own_repeats=own_repeats)
        same = [rows for month, rows in others.items() if _of_year(month) in of_year]
        if sum(map(sum, same)) < FEWEST_OF_A_MONTH:
            return whole
        most = float(len(same))
        seasonal = move_of(_sum(same, len(counts)), counts, repeats=min(repeats, most), own_repeats=own_repeats)
        return whole.milder(seasonal)


def counted(seen: Floats, edges: Floats) -> Counts:
    """Rows by bin, an edge belonging to the bin below; the last bin is null."""
    place = np.where(np.isnan(seen), len(edges) + 1, np.searchsorted(edges, seen, side="left"))
    return np.bincount(place, minlength=len(edges) + 2).astype(np.float64)


def move_of(before: Counts, after: Counts, *, repeats: float = 1.0, own_repeats: float = 1.0) -> Move:
    """The index between two counts by bin, its excess over noise and its p.

    Each share is (rows + ½) / (all rows + ½ bins), the mean under Jeffreys' prior. Rows of one enterprise resemble each
    other, so that n and m are rows over rows an enterprise.
    """
    there = before + after > 0
    bins = int(there.sum())
    if bins <= 1 or not before.sum() or not after.sum():
        return Move(0.0, 0.0, 1.0)
    p, q = ((one[there] + HALF_A_ROW) / (one[there].sum() + HALF_A_ROW * bins) for one in (before, after))
    index = float(np.sum((q - p) * np.log(q / p)))
    noise = max(repeats, 1.0) / before.sum() + max(own_repeats, 1.0) / after.sum()
    return Move(index, index - (bins - 1) * float(noise), float(chi2.sf(index / noise, bins - 1)))


def holm(ps: Sequence[float]) -> Floats:
    """Adjusted p of each (Holm 1979): below a level, the family's chance of any false alarm stays below it."""
    given = np.asarray(ps, dtype=np.float64)
    order = np.argsort(given, kind="stable")
    raised = np.minimum(given[order] * np.arange(len(given), 0, -1), 1.0)
    adjusted = np.empty(len(given))
    adjusted[order] = np.maximum.accumulate(raised)
    return adjusted


def _sum(rows: Collection[Sequence[int]], bins: int) -> Counts:
    return np.sum([np.asarray(one, dtype=float) for one in rows], axis=0) if rows else np.zeros(bins)


def _of_year(month: str) -> int:
    return int(month[-2:])
