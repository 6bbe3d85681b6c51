"""How rankings, scores and features move from cohort to cohort."""

import numpy as np
import polars as pl

from features.definition import Feature
from training.evaluation.ranking import auc_estimate
from training.evaluation.rows import Judged
from training.evaluation.types import Drifting, Floats, Month

BINS = 10
HALF_A_ROW = 0.5
MOST_DRIFTING = 20


def index(first: Floats, later: Floats) -> float:
    """Population stability index: Σ (q - p) ln(q / p) over bins, symmetric Kullback-Leibler divergence (Lewis 1994).

    Bins end at the tenths of the first sample's known values; null (NaN) is a bin of its own where it occurs. Each
    share is (rows + ½) / (all rows + ½ bins), the mean under Jeffreys' prior, so that an empty bin stays finite. By
    chance alone it is about (bins - 1) (1 / rows of the first + 1 / rows of the later), Yurdakul (2018). NaN where
    a sample is empty.
    """
    if not len(first) or not len(later):
        return float("nan")
    known = first[~np.isnan(first)]
    edges = np.unique(np.quantile(known, np.arange(1, BINS) / BINS)) if len(known) else np.empty(0)
    before, after = _counts(first, edges), _counts(later, edges)
    there = before + after > 0
    p, q = (_shares(counts[there]) for counts in (before, after))
    return float(np.sum((q - p) * np.log(q / p)))


def _counts(values: Floats, edges: Floats) -> Floats:
    """Rows by bin, an edge belonging to the bin below; the last bin is null."""
    place = np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values, side="left"))
    return np.bincount(place, minlength=len(edges) + 2).astype(np.float64)


def _shares(counts: Floats) -> Floats:
    return np.asarray((counts + HALF_A_ROW) / (counts.sum() + HALF_A_ROW * len(counts)))


def months(judged: Judged) -> tuple[Month, ...]:
    """Each cohort in order; the first one's index is 0, an AUC is unknown where only one kind is there."""
    first = judged.said.points[judged.rows_on(judged.days[0])]
    made = []
    for day in judged.days:
        rows = judged.rows_on(day)
        defaulted = judged.defaulted[rows]
        made.append(
            Month(
                as_of=day,
                rows=len(rows),
                defaults=int(defaulted.sum()),
                auc=auc_estimate(defaulted, -judged.said.points[rows], judged.draws.within(rows)),
                psi=index(first, judged.said.points[rows]),
            )
        )
    return tuple(made)


def drifting(judged: Judged, features: tuple[Feature, ...]) -> tuple[Drifting, ...]:
    """The features that moved most from the first to the last cohort; none where there is one cohort."""
    if len(judged.days) == 1:
        return ()
    first, last = (judged.held.profiles[judged.rows_on(day)] for day in (judged.days[0], judged.days[-1]))
    moved = [Drifting(one.name, index(_column(first, one), _column(last, one))) for one in features]
    return tuple(sorted(moved, key=lambda one: -one.csi)[:MOST_DRIFTING])


def _column(profiles: pl.DataFrame, feature: Feature) -> Floats:
    return profiles[feature.name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
