import math

import numpy as np
import polars as pl
import pytest

from training.evaluation.resampling import Draws, estimate, mean, rate, two_sided_p, wilson

CODES = pl.Series(["Ya", "Yb", "Ya", "Yc", "Yb"])


def test_every_draw_holds_as_many_enterprises_as_there_are():
    assert set(Draws.of_enterprises(CODES, seed=0, draws=50).counts.sum(axis=1)) == {3}


def test_rows_of_one_enterprise_are_drawn_together():
    draws = Draws.of_enterprises(CODES, seed=0, draws=50)
    weights = np.concatenate(list(draws.weights(np.arange(5))))
    assert (weights[:, 0] == weights[:, 2]).all()
    assert (weights[:, 1] == weights[:, 4]).all()


def test_sums_over_draws_are_weighted_sums_over_rows():
    draws = Draws.of_enterprises(CODES, seed=1, draws=20)
    values = np.arange(10.0).reshape(5, 2)
    weights = np.concatenate(list(draws.weights(np.arange(5))))
    assert draws.sums(values) == pytest.approx(weights @ values)


def test_draws_within_some_rows_are_the_same_draws():
    draws = Draws.of_enterprises(CODES, seed=2, draws=20)
    some = np.array([3, 1])
    every = np.concatenate(list(draws.weights(np.arange(5))))
    assert np.concatenate(list(draws.within(some).weights(np.arange(2)))).tolist() == every[:, some].tolist()


def test_a_seed_gives_the_same_draws_again():
    first, again, other = (Draws.of_enterprises(CODES, seed=seed).counts.tolist() for seed in (5, 5, 6))
    assert first == again != other


def test_the_interval_of_a_mean_covers_it_about_as_often_as_it_says():
    rng = np.random.default_rng(0)
    held = 0
    for trial in range(200):
        values = np.repeat(rng.normal(size=80), 3)
        found = mean(values, Draws.of_enterprises(pl.Series(np.repeat(range(80), 3)), seed=trial, draws=200))
        held += found.low <= 0 <= found.high
    assert 178 <= held <= 198


def test_a_share_of_nothing_seen_has_the_interval_of_wilson():
    """z² = 3.8415, 10 enterprises: the upper end is z² / (n + z²) = 0.2775."""
    found = rate(np.zeros(30), Draws.of_enterprises(pl.Series(np.repeat(range(10), 3)), seed=0))
    assert (found.value, found.low) == (0.0, 0.0)
    assert found.high == pytest.approx(3.8415 / 13.8415, abs=1e-4)
    assert wilson(1.0, 10).low == pytest.approx(10 / 13.8415, abs=1e-4)


def test_an_estimate_lies_in_its_interval_even_if_the_draws_lie_above_it():
    found = estimate(1.0, np.linspace(2.0, 4.0, 101), least=0.0)
    assert (found.low, found.high) == (pytest.approx(0.05), pytest.approx(1.95))


def test_no_interval_where_most_draws_give_nothing():
    found = estimate(0.7, np.array([0.7, math.nan, math.nan]))
    assert found.value == 0.7
    assert math.isnan(found.low)
    assert math.isnan(estimate(math.nan, np.ones(5)).value)


def test_p_by_hand():
    """Of 99 draws 2 are not above 0: p = 2 (1 + 2) / 100."""
    drawn = np.concatenate([[-0.1, 0.0], np.full(97, 0.3)])
    assert two_sided_p(drawn) == pytest.approx(0.06)
    assert two_sided_p(np.zeros(10)) == 1.0
    assert math.isnan(two_sided_p(np.array([math.nan])))
