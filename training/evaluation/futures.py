"""Columns copied from the future: on a day a feature stands at what another one is only later."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from features.definition import Feature
from scoring.model import as_matrix
from training.evaluation.resampling import wilson
from training.evaluation.types import Finding, Floats

COHORTS_AHEAD = (1, 2, 3, 4, 6, 12)
MOST_PAIRS = 1_000
FEWEST_MOVES = 30
FEWEST_VALUES = 20
"""Distinct later values: small counts meet by chance."""

NEAR = 0.05
"""Of the distance that a feature moved, and of where it came: how near the copy must stand to that."""

MOSTLY = 0.8
DAYS_A_MONTH = 30.44
SEED = 0


@dataclass(frozen=True)
class Pairs:
    """The same enterprises on a day and later: enterprises × features each."""

    now: Floats
    later: Floats
    months: float


def copied_from_later(profiles: pl.DataFrame, features: Sequence[Feature]) -> Iterator[Finding]:
    """One finding for each feature that foretells another; none where every enterprise has one day.

    Of the rows where x moves until a later cohort, and y moves too and not to 0, where much meets by chance: x is told
    of when it is already within a twentieth of the move from y's later value in most, with a lower bound of 80 %.
    A y that looks back further than x by at least that time may lawfully be an older x.
    """
    told: set[str] = set()
    for pairs in _pairs(profiles, features):
        for place, feature in enumerate(features):
            if feature.name in told:
                continue
            share, source = _foretold(pairs, features, place)
            if source is not None:
                told.add(feature.name)
                yield _finding(feature, source, share, pairs.months)


def _finding(feature: Feature, source: Feature, share: float, months: float) -> Finding:
    return Finding(
        probe="future",
        feature=feature.name,
        value=share,
        zh=f"“{feature.zh}”在{share:.0%}的行中已等于“{source.zh}”约{months:.0f}个月后的值，像是来自未来。",
        en=f"“{feature.en}” already is in {share:.0%} of rows what “{source.en}” becomes some {months:.0f} months "
        "later: it looks copied from the future.",
    )


def _pairs(profiles: pl.DataFrame, features: Sequence[Feature]) -> Iterator[Pairs]:
    """Pairs so many cohorts apart, one an enterprise, a thousand at most."""
    if "as_of" not in profiles.columns:
        return
    rows = profiles.select(
        "enterprise_id", "as_of", cohort=pl.col("as_of").rank("dense").cast(pl.Int64), row=pl.int_range(pl.len())
    ).sort("enterprise_id", "as_of")
    matrix = as_matrix(profiles, features)
    for ahead in COHORTS_AHEAD:
        then = rows.with_columns(pl.col("cohort") - ahead)
        both = (
            rows.join(then, on=["enterprise_id", "cohort"], suffix="_later", maintain_order="left")
            .sample(fraction=1.0, shuffle=True, seed=SEED)
            .unique("enterprise_id", keep="first", maintain_order=True)
            .head(MOST_PAIRS)
        )
        if both.height < FEWEST_MOVES:
            continue
        distance = (both["as_of_later"] - both["as_of"]).dt.total_days().median()
        now, later = (matrix[both[name].to_numpy()] for name in ("row", "row_later"))
        yield Pairs(now, later, float(str(distance)) / DAYS_A_MONTH)


def _foretold(pairs: Pairs, features: Sequence[Feature], place: int) -> tuple[float, Feature | None]:
    """The share of moves that a feature foretells best, and of which feature; None where that is not most of them."""
    mine = pairs.now[:, [place]]
    moved = np.abs(pairs.later - pairs.now)
    stays = np.abs(pairs.later[:, [place]] - mine) <= NEAR * np.abs(mine)
    counted = (moved > 0) & (pairs.later != 0) & ~np.isnan(mine) & ~stays
    near = counted & (np.abs(mine - pairs.later) <= NEAR * np.minimum(moved, np.abs(pairs.later)))
    moves, hits = counted.sum(axis=0), near.sum(axis=0)
    shares = np.where(moves >= FEWEST_MOVES, hits / np.maximum(moves, 1), 0.0)
    shares[place] = 0.0
    for other in np.argsort(-shares, kind="stable"):
        share = float(shares[other])
        if not wilson(share, float(moves[other])).low > MOSTLY:
            break
        varied = len(np.unique(pairs.later[counted[:, other], other])) >= FEWEST_VALUES
        if varied and not _looks_back_further(features[other], features[place], pairs.months):
            return share, features[other]
    return 0.0, None


def _looks_back_further(other: Feature, feature: Feature, months: float) -> bool:
    if other.window is None or feature.window is None:
        return False
    return other.window > feature.window and other.window + 1 >= months
