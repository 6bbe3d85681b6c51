"""Labels in disguise: a feature of which some values, or null, all but decide the outcome."""

from dataclasses import dataclass

import numpy as np

from features.definition import Feature
from training.evaluation.looked import FEWEST, Looked
from training.evaluation.resampling import NORMAL, Rows
from training.evaluation.types import Finding, Floats, Labels

PURE, SURELY_PURE = 0.95, 0.8
"""Share of defaults among the rows that a rule picks, and the lower bound of that share."""

SHARE_FOUND = 0.2
"""Lower bound of the share of all defaults that a rule must pick."""

TELLS_MOST = 0.5
"""Share of the uncertainty about the outcome that a feature may not take away."""

MOST_VALUES = 20


@dataclass(frozen=True)
class Counts:
    """Rows and defaults by distinct value in rising order, those without a value apart."""

    values: Floats
    rows: Floats
    bads: Floats
    null_rows: float
    null_bads: float

    @classmethod
    def of(cls, values: Floats, defaulted: Labels) -> "Counts":
        known = ~np.isnan(values)
        distinct, place = np.unique(values[known], return_inverse=True)
        return cls(
            values=distinct,
            rows=np.bincount(place, minlength=len(distinct)).astype(np.float64),
            bads=np.bincount(place, defaulted[known], minlength=len(distinct)).astype(np.float64),
            null_rows=float((~known).sum()),
            null_bads=float(defaulted[~known].sum()),
        )


def disguise(seen: Looked, feature: Feature) -> Finding | None:
    """A rule that picks defaults almost only, or a feature that leaves little to guess; None where there is none.

    Rules: null; equal to a value; at most, at least a value.
    """
    counts = Counts.of(seen.values(feature), seen.defaulted)
    everything: Rows = np.arange(len(seen.defaulted))
    a_row = seen.enterprises(everything) / len(everything)
    rule = _pure_rule(counts, float(seen.defaulted.sum()), a_row)
    if rule is not None:
        said, purity = rule
        return Finding(
            probe="disguise",
            feature=feature.name,
            value=purity,
            zh=f"“{feature.zh}”取值{said}的行中{purity:.1%}违约，几乎就是标签本身。",
            en=f"Of the rows where “{feature.en}” is {said}, {purity:.1%} default: it all but is the label.",
        )
    told = _information(counts, a_row)
    if told <= TELLS_MOST or min(seen.of_a_kind(everything)) < FEWEST:
        return None
    return Finding(
        probe="disguise",
        feature=feature.name,
        value=told,
        zh=f"“{feature.zh}”单独消除了结果不确定性的{told:.0%}，几乎就是标签本身。",
        en=f"“{feature.en}” alone takes away {told:.0%} of the uncertainty about the outcome: it all but is the label.",
    )


def _pure_rule(counts: Counts, bads: float, a_row: float) -> tuple[str, float] | None:
    """The rule that finds most defaults among those that are pure, in words, and its purity."""
    upwards, downwards = np.cumsum(counts.bads), np.cumsum(counts.bads[::-1])[::-1]
    found = np.concatenate([counts.bads, upwards, downwards, [counts.null_bads]])
    picked = np.concatenate(
        [counts.rows, np.cumsum(counts.rows), np.cumsum(counts.rows[::-1])[::-1], [counts.null_rows]]
    )
    base = bads / (counts.rows.sum() + counts.null_rows)
    purity = np.divide(found, picked, out=np.zeros(len(found)), where=picked > 0)
    surely = _lower(purity, picked * a_row) > max(SURELY_PURE, 1 - (1 - base) / 2)
    is_pure = (purity >= PURE) & surely & (_lower(found / bads, np.full(len(found), bads * a_row)) > SHARE_FOUND)
    if not is_pure.any():
        return None
    best = int(np.argmax(np.where(is_pure, found, -1.0)))
    return _in_words(best, counts.values), float(purity[best])


def _in_words(rule: int, values: Floats) -> str:
    many = len(values)
    if rule == 3 * many:
        return "null"
    return f"{('=', '≤', '≥')[rule // many]} {values[rule % many]:g}"


def _lower(share: Floats, count: Floats) -> Floats:
    """Lower end of Wilson's interval (1927), element by element; 0 without cases."""
    safe = np.maximum(count, 1e-9)
    middle = share + NORMAL**2 / (2 * safe)
    half = NORMAL * np.sqrt(share * (1 - share) / safe + NORMAL**2 / (4 * safe**2))
    return np.asarray((middle - half) / (1 + NORMAL**2 / safe))


def _information(counts: Counts, a_row: float) -> float:
    """Mutual information of bins and outcome as a share of the outcome's entropy (Theil's U).

    Less its bias of (bins - 1) / 2n nats by chance (Miller 1955), n counted in enterprises. Bins: the distinct values,
    or twenty of as many rows as can be equal; null is one of its own.
    """
    many = len(counts.values)
    before = np.cumsum(counts.rows) - counts.rows
    total = max(float(counts.rows.sum()), 1.0)
    place = np.arange(many) if many <= MOST_VALUES else (before * MOST_VALUES // total).astype(np.int64)
    rows = np.append(np.bincount(place, counts.rows), counts.null_rows)
    bads = np.append(np.bincount(place, counts.bads), counts.null_bads)
    rows, bads = rows[rows > 0], bads[rows > 0]
    all_rows = float(rows.sum())
    entropy = float(_entropy(np.array([bads.sum() / all_rows]))[0])
    left = float(rows @ _entropy(bads / rows)) / all_rows
    bias = (len(rows) - 1) / (2 * all_rows * a_row)
    return (entropy - left - bias) / entropy if entropy > 0 else 0.0


def _entropy(share: Floats) -> Floats:
    """Of an outcome with this chance, in nats."""
    kept = np.clip(share, 1e-300, 1.0)
    other = np.clip(1 - share, 1e-300, 1.0)
    return np.asarray(-share * np.log(kept) - (1 - share) * np.log(other))
