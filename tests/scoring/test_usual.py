import json
import math

import numpy as np
import pytest

from scoring.usual import Usual


@pytest.fixture(scope="module")
def learned_from():
    """2,000 rows: two columns spread evenly between 0 and 1, the third never known."""
    matrix = np.random.default_rng(0).random((2_000, 3))
    matrix[:, 2] = np.nan
    return matrix


@pytest.fixture(scope="module")
def usual(learned_from):
    return Usual.of(learned_from, ["one", "two", "three"])


def test_hardly_any_row_learned_from_is_unusual(usual, learned_from):
    assert usual.is_left_by(learned_from).mean() <= 0.01


def test_values_far_outside_are_unusual(usual):
    outside = np.array([[9.0, -9.0, np.nan]])
    assert usual.most_outside < 2
    assert usual.is_left_by(outside).tolist() == [True]


def test_nulls_are_not_outside(usual):
    assert usual.is_left_by(np.full((1, 3), np.nan)).tolist() == [False]


def test_what_was_never_known_before_is_not_looked_at():
    """Records that reach further back than those learned from are no news about an enterprise."""
    never = Usual(low=(0.0, math.nan), high=(1.0, math.nan), most_outside=0)
    assert never.is_left_by(np.array([[0.5, np.nan], [0.5, 7.0]])).tolist() == [False, False]


def test_how_far_records_reach_is_not_looked_at(learned_from):
    usual = Usual.of(learned_from, ["months_observed", "two", "three"])
    assert np.isnan(usual.low[0])
    assert usual.is_left_by(np.array([[99.0, 0.5, np.nan]])).tolist() == [False]


def test_as_many_outside_as_is_usual_are_no_alarm():
    usual = Usual(low=(0.0, 0.0), high=(1.0, 1.0), most_outside=1)
    assert usual.is_left_by(np.array([[2.0, 0.5], [2.0, -1.0], [1.0, 0.0]])).tolist() == [False, True, False]


def test_it_survives_json_nulls_included(usual):
    again = Usual.from_json(json.loads(json.dumps(usual.as_json())))
    assert again.most_outside == usual.most_outside
    assert again.low == pytest.approx(usual.low, nan_ok=True, abs=0)
    assert again.high == pytest.approx(usual.high, nan_ok=True, abs=0)
