import math
from dataclasses import replace

import numpy as np
import pytest
from held_rows import SEEN, held_rows, judged

from training.evaluation.stability import drifting, index, months


def test_the_index_by_hand():
    """Halves 50:50 against 20:80, 100 rows each, ½ added to two bins: shares 50.5, 20.5, 80.5 of 101."""
    first = np.repeat([0.0, 1.0], 50)
    later = np.repeat([0.0, 1.0], [20, 80])
    p, q = np.array([50.5, 50.5]) / 101, np.array([20.5, 80.5]) / 101
    assert index(first, later) == pytest.approx(float(np.sum((q - p) * np.log(q / p))))


def test_the_index_of_a_sample_with_itself_is_0():
    values = np.random.default_rng(0).normal(size=500)
    assert index(values, values[::-1]) == 0.0


def test_the_index_of_two_samples_of_one_population_is_about_what_chance_gives():
    rng = np.random.default_rng(0)
    found = np.mean([index(rng.normal(size=1_000), rng.normal(size=1_000)) for _ in range(200)])
    assert found == pytest.approx(9 * (1 / 1_000 + 1 / 1_000), rel=0.2)


def test_null_is_a_bin_of_its_own():
    full = np.arange(100.0)
    half = np.where(full % 2 == 0, math.nan, full)
    assert index(full, half) > 0.5
    assert index(half, half) == 0.0
    assert index(np.full(50, math.nan), np.full(50, math.nan)) == 0.0


def test_a_bin_that_nobody_falls_into_stays_finite():
    assert math.isfinite(index(np.arange(100.0), np.full(100, 500.0)))


def test_months_in_order_start_at_no_drift():
    rows = months(judged(held_rows(days=3)))
    assert [one.as_of.month for one in rows] == [1, 2, 3]
    assert rows[0].psi == 0.0
    assert all(one.auc.low <= one.auc.value <= one.auc.high for one in rows)
    assert sum(one.rows for one in rows) == 1_200


def test_the_feature_that_moved_comes_first():
    held = held_rows(days=3)
    moved = SEEN[1].name
    is_last = held.profiles["as_of"] == held.profiles["as_of"].max()
    shifted = held.profiles.with_columns(held.profiles[moved] + 2.0 * is_last.cast(float))
    found = drifting(judged(replace(held, profiles=shifted)), SEEN)
    assert found[0].feature == moved
    assert found[0].csi > 1.0 > found[1].csi


def test_one_cohort_drifts_nowhere():
    one_day = judged(held_rows(days=1))
    assert drifting(one_day, SEEN) == ()
    assert len(months(one_day)) == 1
