"""Probes for leaks: what a model may see of a row when it is judged, but not when it is used.

Each probe asks for more than chance gives over all features tried (Bonferroni), counting enterprises, not rows.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from features.definition import Feature
from features.peers import Deviation
from sources.contracts import BLOCKS
from training.evaluation.disguises import disguise
from training.evaluation.futures import copied_from_later
from training.evaluation.looked import Looked
from training.evaluation.rows import Judgeable
from training.evaluation.types import Finding, Floats, Labels
from training.metrics import auc

TOO_GOOD = 0.95
GOOD, AHEAD_OF_MODEL = 0.9, 0.1
MISSING_TELLS = 0.75
ORDER_TELLS = 0.65
CODE, ROW = "enterprise_id", "row_number"


def probes(
    profiles: pl.DataFrame, defaulted: Labels, features: Sequence[Feature], *, model: Judgeable | None = None
) -> tuple[Finding, ...]:
    """Everything that looks like a leak; nothing where a kind has too few enterprises to tell.

    Probes: `alone` one feature ranks better than anything honest does; `disguise` a value, a split or null all but
    decides the outcome; `future` a feature stands on a day at what another is later; `missingness` null, or absence of
    a block, tells; `order` enterprise codes, or the order of rows, tell.

    Args:
        profiles: one row an enterprise and day: `enterprise_id`, `as_of`, the features, and maybe `has_<block>`.
        defaulted: 1 for a default, same order.
        features: those to look at.
        model: what a single feature is held against; None = only against the fixed threshold.
    """
    seen = Looked.at(profiles, defaulted, features)
    if not seen.can_tell(np.arange(len(defaulted))):
        return ()
    best = auc(defaulted, -np.asarray(model.points(profiles))) if model else None
    return (
        *_alone(seen, best),
        *(found for one in features if (found := disguise(seen, one)) is not None),
        *copied_from_later(profiles, features),
        *_missingness(seen),
        *_order(seen),
    )


def _alone(seen: Looked, best: float | None) -> Iterator[Finding]:
    for feature in seen.features:
        values = seen.values(feature)
        known = np.flatnonzero(~np.isnan(values))
        if not seen.can_tell(known):
            continue
        power = _power(seen.defaulted[known], values[known])
        far_ahead = best is not None and power > max(GOOD, best + AHEAD_OF_MODEL)
        if (power > TOO_GOOD or far_ahead) and seen.is_beyond_chance(power, known):
            yield Finding(
                probe="alone",
                feature=feature.name,
                value=power,
                zh=f"“{feature.zh}”单独一个特征的AUC为{power:.3f}，好得不像事前能知道的信息。",
                en=f"“{feature.en}” alone has an AUC of {power:.3f}, better than what can be known beforehand.",
            )


def _power(defaulted: Labels, values: Floats) -> float:
    """AUC in whichever direction is the better one."""
    found = auc(defaulted, values)
    return max(found, 1 - found)


def _missingness(seen: Looked) -> Iterator[Finding]:
    """Once for each pattern of nulls; a block's absence speaks for all features that lack it."""
    everything = np.arange(len(seen.defaulted))
    told: set[bytes] = set()
    for name, zh, en, absent in _patterns(seen):
        pattern = np.packbits(absent).tobytes()
        if pattern in told or absent.all() or not absent.any():
            continue
        told.add(pattern)
        power = _power(seen.defaulted, absent.astype(np.float64))
        if power > MISSING_TELLS and seen.is_beyond_chance(power, everything):
            yield Finding(
                probe="missingness",
                feature=name,
                value=power,
                zh=f"{zh}缺失与否单独的AUC为{power:.3f}，请核查数据为何缺失。",
                en=f"Whether {en} is missing has an AUC of {power:.3f} by itself; find out why it is missing.",
            )


def _patterns(seen: Looked) -> Iterator[tuple[str, str, str, np.ndarray[tuple[int], np.dtype[np.bool_]]]]:
    for block in BLOCKS:
        if f"has_{block}" in seen.profiles.columns:
            has = seen.profiles[f"has_{block}"].fill_null(value=False).to_numpy()
            yield f"has_{block}", f"数据块{block}", f"the block {block}", ~has
    plain = [one for one in seen.features if not isinstance(one, Deviation)]
    for one in (*plain, *(one for one in seen.features if isinstance(one, Deviation))):
        yield one.name, f"“{one.zh}”", f"“{one.en}”", np.isnan(seen.values(one))


def _order(seen: Looked) -> Iterator[Finding]:
    """Codes as text and by the number in them; rows unless a column explains their order."""
    fates = (
        seen.profiles.select("enterprise_id")
        .with_columns(defaulted=pl.Series(seen.defaulted))
        .group_by("enterprise_id")
        .agg(pl.col("defaulted").max())
        .with_columns(
            text=pl.col("enterprise_id").rank("dense"),
            number=pl.col("enterprise_id").str.extract(r"(\d{1,15})\D*$").cast(pl.Float64),
        )
    )
    ever = fates["defaulted"].to_numpy()
    powers = [_power(ever, fates["text"].to_numpy().astype(np.float64))]
    if not fates["number"].null_count():
        powers.append(_power(ever, fates["number"].to_numpy()))
    if max(powers) > ORDER_TELLS and seen.is_beyond_chance(max(powers), np.arange(len(seen.defaulted))):
        yield Finding(
            probe="order",
            feature=CODE,
            value=max(powers),
            zh=f"企业代码的先后即可区分违约，AUC为{max(powers):.3f}。",
            en=f"The order of enterprise codes tells defaults, with an AUC of {max(powers):.3f}.",
        )
    everything = np.arange(len(seen.defaulted))
    power = _power(seen.defaulted, everything.astype(np.float64))
    if power > ORDER_TELLS and seen.is_beyond_chance(power, everything) and not _is_sorted_by_a_column(seen):
        yield Finding(
            probe="order",
            feature=ROW,
            value=power,
            zh=f"数据行的先后即可区分违约，AUC为{power:.3f}。",
            en=f"The order of rows tells defaults, with an AUC of {power:.3f}.",
        )


def _is_sorted_by_a_column(seen: Looked) -> bool:
    """Whether rows stand in the order of a column, which is then what tells and is judged by itself."""
    names = [CODE, "as_of", *(one.name for one in seen.features)]
    return any(
        column.n_unique() > 1 and (column.is_sorted() or column.is_sorted(descending=True))
        for column in (seen.profiles[name].drop_nulls() for name in names if name in seen.profiles.columns)
    )
