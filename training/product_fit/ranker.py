"""A challenger to the order by expected value: LightGBM's lambdarank, learned from lists that were shown.

A list shows what its reader was likely to look at, so that the upper places are chosen more often than they deserve.
The correction is LightGBM's own: an additive effect of the place, learned beside the trees and left out of the scores
(`lgb.Dataset(position=…)`; the idea is that of Wang and others, Position Bias Estimation for Unbiased Learning to
Rank in Personal Search, 2018).
"""

import io
import re
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import lightgbm as lgb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from scoring.product_fit import columns_seen, pair_matrix
from training.evaluation.types import Floats

PASSED_OVER, CHOSEN, GRANTED, KEPT = range(4)
"""Grades of what came of a product shown: nothing, an application, an approval, a loan that was drawn (and repaid)."""

DEBUG = 2
"""LightGBM tells what it learned of places only when it tells everything."""

EFFECT = re.compile(r"\[Debug\]\s+(\d+)\s+(-?[\d.]+(?:e-?\d+)?)\s*$")
NOTHING_TOLD: Mapping[int, float] = MappingProxyType({})
SETTINGS: Mapping[str, Any] = MappingProxyType(
    {
        "objective": "lambdarank",
        "learning_rate": 0.05,
        "num_leaves": 15,
        "min_data_in_leaf": 50,
        "lambda_l2": 5.0,
        "feature_fraction": 0.6,
        "lambdarank_norm": False,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbosity": DEBUG,
    }
)
ROUNDS = 300

Whole = NDArray[np.int64]


class ListsError(ValueError):
    """Lists that nothing can be learned from."""


@dataclass(frozen=True)
class Lists:
    """Lists of products as they were shown, one after the other, each from its first place on.

    Both a store of decisions and posted outcomes, and a simulated log, can fill it.

    Attributes:
        pairs: a row a place, as `features.pairs.cross.cross` makes them for the day the list was shown.
        lengths: products on each list.
        place: of each row on its list, from 0; places nobody filled are left out.
        grade: of each row, from `PASSED_OVER` to `KEPT`.
    """

    pairs: pl.DataFrame
    lengths: Whole
    place: Whole
    grade: Whole

    def __post_init__(self) -> None:
        rows = (self.pairs.height, int(self.lengths.sum()), len(self.place), len(self.grade))
        if len(set(rows)) > 1:
            raise ListsError(f"got {rows} pairs, places by lengths, places and grades, expected as many of each")

    def __len__(self) -> int:
        return len(self.lengths)


@dataclass(frozen=True)
class Ranker:
    """What was learned.

    Attributes:
        booster: its trees.
        effects: by place, log odds of being chosen against the first; empty where the correction was not asked for.
    """

    booster: lgb.Booster = field(repr=False)
    effects: Mapping[int, float] = field(default_factory=lambda: NOTHING_TOLD)

    def scores(self, pairs: pl.DataFrame) -> Floats:
        """One number a pair; among the products of one enterprise and day, the higher goes first."""
        return np.asarray(self.booster.predict(pair_matrix(pairs), raw_score=True), dtype=np.float64)


def grades(chosen: NDArray[np.bool_], granted: NDArray[np.bool_], kept: NDArray[np.bool_]) -> Whole:
    """`CHOSEN` where it was applied for, `GRANTED` where that was approved, `KEPT` where the loan was drawn, too."""
    one = chosen.astype(np.int64)
    return one + one * granted * (1 + kept.astype(np.int64))


def learn_ranker(
    lists: Lists, *, seed: int, corrected: bool, rounds: int = ROUNDS, settings: Mapping[str, Any] = SETTINGS
) -> Ranker:
    """Learn from lists, with the correction for places or without.

    Raises:
        ListsError: on no list was one product graded above another.
    """
    starts = np.cumsum(lists.lengths) - lists.lengths
    if not (np.maximum.reduceat(lists.grade, starts) > np.minimum.reduceat(lists.grade, starts)).any():
        raise ListsError(f"got {len(lists)} lists without a choice, expected some with one")
    data = lgb.Dataset(
        pair_matrix(lists.pairs),
        lists.grade,
        group=lists.lengths,
        position=lists.place if corrected else None,
        feature_name=list(columns_seen()),
    )
    told = io.StringIO()
    with redirect_stdout(told):
        booster = lgb.train({**settings, "seed": seed}, data, rounds)
    return Ranker(booster, _effects(told.getvalue()) if corrected else NOTHING_TOLD)


def _effects(log: str) -> Mapping[int, float]:
    """The last effects told, less the first place's."""
    found = (EFFECT.search(line) for line in re.split(r"(?=\[LightGBM\])|\n", log))
    last = {int(one[1]): float(one[2]) for one in found if one}
    first = last.get(0, 0.0)
    return MappingProxyType({place: last[place] - first for place in sorted(last)})
