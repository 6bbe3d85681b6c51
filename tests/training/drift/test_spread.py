import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.drift.spread import Spread, counted, holm, move_of


def test_the_index_by_hand():
    """50:50 against 20:80, 100 rows each; ½ added to both bins: shares 50.5, 20.5 and 80.5 of 101."""
    p, q = np.array([50.5, 50.5]) / 101, np.array([20.5, 80.5]) / 101
    move = move_of(np.array([50.0, 50.0]), np.array([20.0, 80.0]))
    assert move.index == pytest.approx(float(np.sum((q - p) * np.log(q / p))))
    assert move.excess == pytest.approx(move.index - 1 * (1 / 100 + 1 / 100))


def test_rows_of_one_enterprise_count_as_one():
    """1,000 rows at 10 an enterprise are 100: the noise is 1/100 + 1/100."""
    before, after = np.array([500.0, 500.0]), np.array([40.0, 60.0])
    move = move_of(before, after, repeats=10)
    assert move.index - move.excess == pytest.approx(0.02)


def test_p_is_rarely_small_where_nothing_moved():
    rng = np.random.default_rng(0)
    found = [move_of(_drawn(rng, 1_000), _drawn(rng, 300)).p for _ in range(500)]
    assert np.mean(np.array(found) < 0.05) == pytest.approx(0.05, abs=0.03)


def _drawn(rng, rows):
    return rng.multinomial(rows, np.full(11, 1 / 11)).astype(float)


def test_nothing_is_said_of_nothing():
    assert move_of(np.zeros(3), np.array([1.0, 2.0, 3.0])).p == 1.0
    assert move_of(np.array([5.0, 0.0]), np.array([7.0, 0.0])).excess == 0.0


def test_null_is_the_last_bin_and_an_edge_belongs_below():
    assert counted(np.array([1.0, 2.0, 3.0, math.nan]), np.array([1.0, 2.0])).tolist() == [1, 1, 1, 1]


def test_holm_by_hand():
    """Sorted 0.01, 0.02, 0.03, 0.5 times 4, 3, 2, 1, never falling: 0.04, 0.06, 0.06, 0.5."""
    assert holm([0.5, 0.02, 0.01, 0.03]).tolist() == pytest.approx([0.5, 0.06, 0.04, 0.06])


@given(st.lists(st.floats(0, 1), max_size=20))
def test_adjusted_p_are_no_smaller_and_keep_the_order(ps):
    adjusted = holm(ps)
    assert all(after >= before for before, after in zip(ps, adjusted, strict=True))
    assert np.all(np.diff(adjusted[np.argsort(ps, kind="stable")]) >= 0)


def months(years=2, *, peak=0.0):
    rng = np.random.default_rng(0)
    return {
        f"{2021 + year}-{month:02}": rng.normal(peak if month == 2 else 0.0, size=400)
        for year in range(years)
        for month in range(1, 13)
    }


def test_a_month_is_compared_with_the_year_or_with_its_like_whichever_is_nearer():
    spread = Spread.of(months(peak=2.0), repeats=1.0)
    seen = np.random.default_rng(1).normal(2.0, size=400)
    assert spread.move(seen, (2,), repeats=1.0).excess < 0.1
    assert spread.move(seen, (3,), repeats=1.0).excess > 1.0


def test_what_months_differ_by_is_kept():
    assert Spread.of(months(), repeats=1.0).usual < 0.03
    uneven = months()
    uneven["2021-07"] = uneven["2021-07"] + 1.0
    assert Spread.of(uneven, repeats=1.0).usual > 0.5


def test_of_two_months_nothing_usual_is_known():
    two = {"2021-01": np.zeros(100), "2021-02": np.ones(100)}
    assert Spread.of(two, repeats=1.0).usual == 0.0


def test_a_number_that_is_never_known_does_not_move():
    empty = {month: np.full(50, math.nan) for month in ("2021-01", "2021-02", "2021-03")}
    spread = Spread.of(empty, repeats=1.0)
    assert spread.move(np.full(50, math.nan), (1,), repeats=1.0).excess == 0.0
    assert spread.move(np.ones(50), (1,), repeats=1.0).excess > 1.0


def test_it_survives_json():
    spread = Spread.of(months(), repeats=3.0)
    assert Spread.from_json(spread.as_json()) == spread
