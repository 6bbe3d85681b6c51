"""What happens to scores when a block of data is withheld: nobody may gain by it."""

import math
from collections.abc import Iterator

import numpy as np
import polars as pl

from features.definition import Feature
from sources.contracts import BLOCKS
from training.evaluation.rows import Judgeable, Judged
from training.evaluation.types import Withheld

TOLERATED_RISE = 10.0
"""Points that a score may rise by."""


def withheld(model: Judgeable, judged: Judged) -> tuple[Withheld, ...]:
    """Every block, taken from the rows that have it; NaN where no row has it."""
    return tuple(_withheld(model, judged, block) for block in BLOCKS)


def _withheld(model: Judgeable, judged: Judged, block: str) -> Withheld:
    has = judged.held.profiles.select(_has(block, judged.held.profiles, model.features)).to_series().to_numpy()
    if not has.any():
        return Withheld(block, 0, math.nan, math.nan)
    less = without(judged.held.profiles.filter(pl.Series(has)), model.features, block)
    shift = np.asarray(model.points(less)) - judged.said.points[has]
    return Withheld(block, int(has.sum()), float((shift > TOLERATED_RISE).mean()), float(shift.mean()))


def without(profiles: pl.DataFrame, features: tuple[Feature, ...], block: str) -> pl.DataFrame:
    """Profiles as they would be had nobody given a block: its features null, those that deviate with it too."""
    lost = [pl.lit(None, dtype=pl.Float64).alias(one.name) for one in features if block in one.blocks]
    flag = [pl.lit(value=False).alias(f"has_{block}")] if f"has_{block}" in profiles.columns else []
    return profiles.with_columns(*lost, *flag)


def _has(block: str, profiles: pl.DataFrame, features: tuple[Feature, ...]) -> pl.Expr:
    """The flag; where profiles carry none, whether any feature of the block is known."""
    if f"has_{block}" in profiles.columns:
        return pl.col(f"has_{block}").fill_null(value=False)
    known = list(_known(block, features))
    return pl.any_horizontal(known) if known else pl.repeat(value=False, n=pl.len(), dtype=pl.Boolean)


def _known(block: str, features: tuple[Feature, ...]) -> Iterator[pl.Expr]:
    yield from (pl.col(one.name).is_not_null() for one in features if block in one.blocks)
