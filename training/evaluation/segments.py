"""Every part of the rows on its own: ranking, calibration, fairness, and what a new model changes for it."""

import math
from collections.abc import Iterator

import numpy as np
import polars as pl

from training.evaluation.calibration import ece
from training.evaluation.comparison import aucs, loss_difference
from training.evaluation.ranking import auc_estimate
from training.evaluation.resampling import UNKNOWN, Draws, Rows, rate
from training.evaluation.rows import Judged, Said
from training.evaluation.types import Labels, Segment
from training.metrics import Estimate

CUT = 580.0
"""Lowest score of grade C on the scale of 2019-08-20."""

FEWEST_ROWS, FEWEST_DEFAULTS = 200, 10
ROWS_A_BIN, MOST_BINS = 100, 10
UNSAID = ""
"""Name of the rows of which the way of dividing is not known."""


def segments_of(judged: Judged, *, cut: float = CUT) -> tuple[Segment, ...]:
    """Each part by each way of dividing, in the order of its name; those of which nothing is known come last."""
    return tuple(
        _segment(judged, by, name, rows, cut=cut)
        for by in judged.held.segments.columns
        for name, rows in _parts(judged.held.segments[by])
    )


def _parts(column: pl.Series) -> Iterator[tuple[str, Rows]]:
    for name in column.unique().drop_nulls().sort():
        yield str(name), np.flatnonzero((column == name).fill_null(value=False).to_numpy())
    if column.null_count():
        yield UNSAID, np.flatnonzero(column.is_null().to_numpy())


def _segment(judged: Judged, by: str, name: str, rows: Rows, *, cut: float) -> Segment:
    defaulted, said, draws = judged.defaulted[rows], judged.said.at(rows), judged.draws.within(rows)
    note = _too_few(defaulted)
    champion = judged.champion.at(rows) if judged.champion else None
    sound = said.points[defaulted == 0]
    auc, difference = (UNKNOWN, UNKNOWN if champion else None) if note else _ranked(defaulted, said, champion, draws)
    return Segment(
        by=by,
        name=name,
        rows=len(rows),
        defaults=int(defaulted.sum()),
        auc=auc,
        ece=ece(defaulted, said.probability, draws, count=_bins(len(rows))),
        default_rate=rate(defaulted.astype(np.float64), draws),
        mean_pd=float(said.probability.mean()),
        approved=float((said.points >= cut).mean()),
        missed=float((sound < cut).mean()) if len(sound) else math.nan,
        auc_difference=difference,
        loss_difference=loss_difference(defaulted, said, champion, draws)[0] if champion else None,
        note=note,
    )


def _ranked(defaulted: Labels, said: Said, champion: Said | None, draws: Draws) -> tuple[Estimate, Estimate | None]:
    """AUC, and what it is more than the champion's."""
    if champion is None:
        return auc_estimate(defaulted, -said.points, draws), None
    both = aucs(defaulted, said, champion, draws)
    return both.ours, both.difference


def _bins(rows: int) -> int:
    """One bin for every hundred rows, from one to ten."""
    return int(np.clip(rows // ROWS_A_BIN, 1, MOST_BINS))


def _too_few(defaulted: Labels) -> str:
    """Why a part is not ranked; empty where it is."""
    bads = int(defaulted.sum())
    sounds = len(defaulted) - bads
    if len(defaulted) >= FEWEST_ROWS and min(bads, sounds) >= FEWEST_DEFAULTS:
        return ""
    return (
        f"样本{len(defaulted)}行、违约{bads}行，不足{FEWEST_ROWS}行或任一类不足{FEWEST_DEFAULTS}行，不评排序 / "
        f"{len(defaulted)} rows, {bads} defaults: ranking is judged from {FEWEST_ROWS} rows and "
        f"{FEWEST_DEFAULTS} of either kind"
    )
