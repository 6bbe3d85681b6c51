"""How well a risk ranks: AUC, Kolmogorov-Smirnov, average precision, curves, tenths; DeLong's variance of an AUC."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm, rankdata

from training.evaluation.resampling import NORMAL, UNKNOWN, Counts, Draws, Rows, divided, estimate
from training.evaluation.types import Curve, Floats, Labels, Tenth
from training.metrics import Estimate

MOST_POINTS = 200
TENTHS = 10


@dataclass(frozen=True)
class Ranking:
    """Rows, riskiest first, those of equal risk in one group.

    Attributes:
        order: places of the rows.
        bad: 1.0 for a default, in that order.
        starts: where each group of equal risk starts in that order.
    """

    order: Rows
    bad: Floats
    starts: Rows

    @classmethod
    def of(cls, defaulted: Labels, risk: Floats) -> "Ranking":
        order = np.argsort(-risk, kind="stable")
        ordered = risk[order]
        starts = np.concatenate([[0], np.flatnonzero(np.diff(ordered)) + 1])
        return cls(order, defaulted[order].astype(np.float64), starts)

    @property
    def ends(self) -> Rows:
        """Where each group ends, inclusive."""
        return np.append(self.starts[1:] - 1, len(self.order) - 1)

    def auc(self, weights: Counts) -> Floats:
        """AUC of rows that count so many times, draws × rows in this order: one answer a draw, NaN without both kinds.

        A default counts the sound rows behind it fully and those of equal risk by half.
        """
        bads = np.flatnonzero(self.bad)
        group = np.searchsorted(self.starts, bads, side="right") - 1
        sound = np.zeros((len(weights), weights.shape[1] + 1), dtype=np.int32)
        np.cumsum(weights * (self.bad == 0), axis=1, dtype=np.int32, out=sound[:, 1:])
        ahead = (sound[:, self.starts[group]] + sound[:, self.ends[group] + 1]) / 2
        found = weights[:, bads].astype(np.float64)
        pairs = found.sum(axis=1) * sound[:, -1]
        return np.asarray(1 - divided(np.einsum("ij,ij->i", found, ahead), pairs))

    def ks_and_precision(self, weights: Counts) -> tuple[Floats, Floats]:
        """Kolmogorov-Smirnov distance and average precision of rows that count so many times, draw by draw."""
        total = np.cumsum(weights, axis=1, dtype=np.int32)[:, self.ends]
        bad = np.cumsum(weights * (self.bad == 1), axis=1, dtype=np.int32)[:, self.ends]
        bads, sounds = bad[:, -1].astype(np.float64), (total[:, -1] - bad[:, -1]).astype(np.float64)
        with_both = np.where((bads > 0) & (sounds > 0), 1.0, np.nan)
        gaps = np.abs(bad / np.maximum(bads, 1)[:, None] - (total - bad) / np.maximum(sounds, 1)[:, None])
        precision = bad / np.maximum(total, 1)
        gained = np.diff(bad, axis=1, prepend=0)
        return gaps.max(axis=1) * with_both, divided(np.einsum("ij,ij->i", gained, precision), bads)

    def once(self) -> Counts:
        """Counts of one draw that is the sample itself."""
        return np.ones((1, len(self.order)), dtype=np.uint8)


def auc_draws(defaulted: Labels, risk: Floats, draws: Draws) -> tuple[float, Floats]:
    """AUC of the sample and of every draw; NaN where only one kind is there."""
    ranking = Ranking.of(defaulted, risk)
    drawn = np.concatenate([ranking.auc(weights) for weights in draws.weights(ranking.order)])
    return float(ranking.auc(ranking.once())[0]), drawn


def auc_estimate(defaulted: Labels, risk: Floats, draws: Draws) -> Estimate:
    """AUC with its interval; unknown where only one kind is there."""
    value, drawn = auc_draws(defaulted, risk, draws)
    return estimate(value, drawn, least=0.0, most=1.0)


def ranking_metrics(defaulted: Labels, risk: Floats, draws: Draws) -> dict[str, Estimate]:
    """`auc`, `gini` = 2 AUC - 1, `ks`, `pr_auc` (average precision for the defaults)."""
    ranking = Ranking.of(defaulted, risk)
    parts = [(ranking.auc(w), *ranking.ks_and_precision(w)) for w in draws.weights(ranking.order)]
    auc, ks, precision = (np.concatenate(drawn) for drawn in zip(*parts, strict=True))
    once = ranking.once()
    said, (distance, average) = float(ranking.auc(once)[0]), ranking.ks_and_precision(once)
    return {
        "auc": estimate(said, auc, least=0.0, most=1.0),
        "gini": estimate(2 * said - 1, 2 * auc - 1, least=-1.0, most=1.0),
        "ks": estimate(float(distance[0]), ks, least=0.0, most=1.0),
        "pr_auc": estimate(float(average[0]), precision, least=0.0, most=1.0),
    }


def curves(defaulted: Labels, risk: Floats) -> tuple[Curve, Curve]:
    """ROC (share of sound rows, share of defaults) and precision over recall; empty where only one kind is there."""
    ranking = Ranking.of(defaulted, risk)
    bads = float(ranking.bad.sum())
    sounds = len(ranking.bad) - bads
    if not bads or not sounds:
        return Curve((), ()), Curve((), ())
    found = np.cumsum(ranking.bad)[ranking.ends]
    seen = ranking.ends + 1.0
    recall, false = found / bads, (seen - found) / sounds
    roc = _thinned(np.append(0.0, false), np.append(0.0, recall))
    return roc, _thinned(recall, found / seen)


def _thinned(x: Floats, y: Floats) -> Curve:
    """At most MOST_POINTS of the points, evenly along the line, the first and the last among them."""
    steps = np.abs(np.diff(x)) + np.abs(np.diff(y))
    along = np.append(0.0, np.cumsum(steps))
    wanted = np.linspace(0.0, along[-1], MOST_POINTS)
    chosen = np.unique(np.append(np.searchsorted(along, wanted[:-1]), len(x) - 1))
    return Curve(tuple(x[chosen].tolist()), tuple(y[chosen].tolist()))


def tenths(defaulted: Labels, points: Floats) -> tuple[Tenth, ...]:
    """Ten parts of as many rows as can be equal, lowest score first; fewer parts where there are fewer rows.

    Rows of equal score are split as they come, each with the mean share of defaults of its score.
    """
    order = np.argsort(points, kind="stable")
    ordered = points[order]
    _, group = np.unique(ordered, return_inverse=True)
    expected = np.bincount(group, defaulted[order])[group] / np.bincount(group)[group]
    total = float(defaulted.sum())
    parts = np.array_split(np.arange(len(points)), min(TENTHS, len(points)))
    gains = np.cumsum([expected[part].sum() for part in parts])
    made = []
    for number, (part, gain) in enumerate(zip(parts, gains, strict=True), 1):
        share, bads = float(expected[part].mean()), int(defaulted[order][part].sum())
        made.append(
            Tenth(
                tenth=number,
                rows=len(part),
                defaults=bads,
                lift=share * len(points) / total if total else math.nan,
                gain=min(float(gain) / total, 1.0) if total else math.nan,
                lowest_score=float(ordered[part[0]]),
                highest_score=float(ordered[part[-1]]),
            )
        )
    return tuple(made)


@dataclass(frozen=True)
class Placements:
    """DeLong's structural components: of each default the share of sound rows it outranks, and the other way round."""

    of_bad: Floats
    of_sound: Floats

    @property
    def auc(self) -> float:
        return float(self.of_bad.mean())


def placements(defaulted: Labels, risk: Floats) -> Placements:
    """By midranks in n log n (Sun and Xu 2014); needs both kinds."""
    bad, sound = risk[defaulted == 1], risk[defaulted == 0]
    ranks = rankdata(np.concatenate([bad, sound]))
    of_bad = (ranks[: len(bad)] - rankdata(bad)) / len(sound)
    of_sound = 1 - (ranks[len(bad) :] - rankdata(sound)) / len(bad)
    return Placements(of_bad, of_sound)


def delong(defaulted: Labels, risk: Floats) -> Estimate:
    """AUC with the interval of DeLong, DeLong and Clarke-Pearson (1988); for rows that are independent.

    var = var(shares of defaults) / defaults + var(shares of sound rows) / sound rows. Unknown with fewer than two of
    a kind.
    """
    if min(int(defaulted.sum()), int((1 - defaulted).sum())) <= 1:
        return UNKNOWN
    placed = placements(defaulted, risk)
    half = NORMAL * math.sqrt(_variance(placed.of_bad) + _variance(placed.of_sound))
    return Estimate(placed.auc, max(placed.auc - half, 0.0), min(placed.auc + half, 1.0))


def paired_delong(defaulted: Labels, risk: Floats, other: Floats) -> tuple[Estimate, float]:
    """AUC of `risk` less that of `other` on the same independent rows, and the two-sided p that they are equal."""
    if min(int(defaulted.sum()), int((1 - defaulted).sum())) <= 1:
        return UNKNOWN, math.nan
    ours, theirs = placements(defaulted, risk), placements(defaulted, other)
    difference = ours.auc - theirs.auc
    error = math.sqrt(_variance(ours.of_bad - theirs.of_bad) + _variance(ours.of_sound - theirs.of_sound))
    p = 2 * float(norm.sf(abs(difference) / error)) if error > 0 else float(difference == 0)
    return Estimate(difference, difference - NORMAL * error, difference + NORMAL * error), p


def _variance(shares: Floats) -> float:
    """Variance of the mean of some shares."""
    return float(shares.var(ddof=1)) / len(shares)
