import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from held_rows import Linear, held_rows, judged

from training.evaluation.segments import segments_of
from training.metrics import auc

WEAKER = Linear(weights=(-0.2, 0.8, 0.5, 0.3))


@pytest.fixture(scope="module")
def held():
    return held_rows(enterprises=600)


def by_name(segments, by):
    return {one.name: one for one in segments if one.by == by}


def test_a_segment_is_judged_on_its_own_rows(held):
    found = by_name(segments_of(judged(held)), "size")["micro"]
    rows = (held.segments["size"] == "micro").to_numpy()
    said = Linear().points(held.profiles)[rows]
    assert found.rows == rows.sum()
    assert found.auc.value == pytest.approx(auc(held.defaulted[rows], -said))
    assert found.default_rate.value == pytest.approx(held.defaulted[rows].mean())
    assert found.note == ""


def test_approved_and_missed_by_hand(held):
    """Four rows at 590, 570, 580, 500, the last a default: half approved, one of three sound rows missed."""
    few = replace(
        held,
        profiles=held.profiles.head(4),
        defaulted=np.array([0, 0, 0, 1]),
        segments=pl.DataFrame({"size": ["micro"] * 4}),
    )
    said = judged(few)
    scored = replace(said, said=replace(said.said, points=np.array([590.0, 570.0, 580.0, 500.0])))
    found = segments_of(scored)[0]
    assert (found.approved, found.missed) == (0.5, pytest.approx(1 / 3))


def test_a_segment_of_few_rows_is_not_ranked_and_says_so(held):
    names = np.where(np.arange(held.profiles.height) < 150, "few", "many")
    found = by_name(
        segments_of(judged(replace(held, segments=pl.DataFrame({"district": names})), None, WEAKER)), "district"
    )
    assert math.isnan(found["few"].auc.value)
    assert "150" in found["few"].note
    assert math.isnan(found["few"].auc_difference.value)
    assert math.isfinite(found["few"].loss_difference.value)
    assert math.isfinite(found["few"].ece.value)
    assert math.isfinite(found["many"].auc.low)


def test_a_segment_without_default_has_an_upper_bound_and_no_ranking(held):
    sound = replace(held, defaulted=np.zeros_like(held.defaulted))
    found = by_name(segments_of(judged(sound)), "size")["micro"]
    assert math.isnan(found.auc.value)
    assert found.default_rate.value == 0.0 < found.default_rate.high


def test_rows_of_which_nothing_is_known_are_a_segment_without_a_name(held):
    unknown = held.segments.with_columns(pl.when(pl.col("size") == "micro").then("size").alias("size"))
    found = [one for one in segments_of(judged(replace(held, segments=unknown))) if one.by == "size"]
    assert [one.name for one in found] == ["micro", ""]
    assert sum(one.rows for one in found) == held.profiles.height


def test_a_better_challenger_shows_in_every_segment(held):
    for one in segments_of(judged(held, Linear(), WEAKER)):
        assert one.auc_difference.value > 0
        assert one.loss_difference.value < 0


def test_without_a_champion_there_are_no_differences(held):
    assert all(one.auc_difference is None and one.loss_difference is None for one in segments_of(judged(held)))
