"""How an order is held against the truth; the arithmetic is by hand, log2(3) = 1.585."""

import math
from itertools import permutations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.evaluation.resampling import Draws
from training.product_fit.ranking import NOTHING, Truth, by_value, place_in, place_of, with_diversity

LOG3 = math.log2(3)


def truth(gains, candidates=None):
    gains = np.array(gains, dtype=float)
    inside = np.ones(gains.shape, dtype=bool) if candidates is None else np.array(candidates, dtype=bool)
    codes = pl.Series([f"Y{number}" for number in range(len(gains))])
    return Truth(gains, inside, Draws.of_enterprises(codes, seed=0, draws=20))


def order(*rows):
    return np.array(rows, dtype=np.int64)


def test_candidates_go_by_falling_value_then_by_tie_then_by_column():
    value = np.array([[1.0, 3.0, 3.0, 3.0]])
    tie = np.array([[0.0, 0.5, 0.4, 0.4]])
    found = by_value(value, np.ones((1, 4), dtype=bool), tie=tie, places=4)
    assert found.tolist() == [[2, 3, 1, 0]]


def test_what_is_no_candidate_is_not_shown_whatever_its_value():
    found = by_value(np.array([[np.nan, 2.0, 9.0]]), np.array([[False, True, False]]), places=2)
    assert found.tolist() == [[1, NOTHING]]


def test_fewer_products_than_places_leave_places_empty():
    assert by_value(np.array([[1.0]]), np.array([[True]]), places=3).tolist() == [[0, NOTHING, NOTHING]]


def test_the_second_product_of_a_bank_counts_with_the_factor_and_the_third_with_its_square():
    value = np.array([[10.0, 8.0, 6.0, 7.0]])
    inside = np.ones((1, 4), dtype=bool)
    found = with_diversity(value, inside, banks=["a", "a", "a", "b"], factor=0.5)
    assert found.tolist() == [[10.0, 4.0, 1.5, 7.0]]


def test_what_is_not_shown_takes_no_place_of_its_bank():
    value = np.array([[10.0, 8.0]])
    found = with_diversity(value, np.array([[False, True]]), banks=["a", "a"], factor=0.5)
    assert found.tolist() == [[10.0, 8.0]]


def test_dcg_discounts_by_the_logarithm_of_the_place():
    assert truth([[6.0, 3.0, 1.0]]).dcg(order([1, 0, 2])).tolist() == pytest.approx([3 + 6 / LOG3 + 1 / 2])


def test_only_five_places_count():
    gains = [[0.0, 0.0, 0.0, 0.0, 0.0, 9.0]]
    assert truth(gains).dcg(order([0, 1, 2, 3, 4, 5])).tolist() == [0.0]


def test_an_empty_place_gains_nothing():
    assert truth([[6.0, 3.0]]).dcg(order([1, NOTHING])).tolist() == [3.0]


def test_ndcg_is_the_share_of_the_best_order_of_the_candidates():
    of_two = truth([[6.0, 3.0, 99.0]], [[True, True, False]])
    best = 6 + 3 / LOG3
    assert of_two.ndcg(order([1, 0])).tolist() == pytest.approx([(3 + 6 / LOG3) / best])


def test_a_firm_for_which_nothing_is_worth_anything_is_not_judged():
    of_both = truth([[0.0, 0.0], [1.0, 0.0]])
    assert of_both.judged.tolist() == [False, True]
    assert of_both.share(order([0, 1], [0, 1])).value == pytest.approx(1.0)


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=4))
def test_the_expectation_of_random_is_the_mean_over_all_orders(gains):
    one = truth([gains])
    every = [one.dcg(order(row))[0] for row in permutations(range(len(gains)))]
    assert one.random[0] == pytest.approx(np.mean(every))


def test_the_expectation_of_random_over_more_products_than_places():
    gains = [6.0, 5.0, 4.0, 3.0, 2.0, 1.0]
    discounts = 1 + 1 / LOG3 + 1 / 2 + 1 / math.log2(5) + 1 / math.log2(6)
    assert truth([gains]).random.tolist() == pytest.approx([3.5 * discounts])


def test_the_share_of_the_oracle_is_one_for_its_own_order_and_below_zero_for_the_worst():
    one = truth([[4.0, 0.0]])
    assert one.share(order([0, 1])).value == pytest.approx(1.0)
    ndcg, random = 1 / LOG3, (1 + 1 / LOG3) / 2
    assert one.share(order([1, 0])).value == pytest.approx((ndcg - random) / (1 - random))


def test_a_share_of_yuan_weighs_firms_by_what_is_at_stake():
    both = truth([[400.0, 0.0], [1.0, 0.0]])
    assert both.share(order([0, 1], [1, 0])).value == pytest.approx(0.0, abs=1e-12)
    assert both.share_of_yuan(order([0, 1], [1, 0])).value == pytest.approx((400 - 1) / (400 + 1))


def test_two_orders_are_held_apart_firm_by_firm():
    one = truth([[4.0, 0.0], [2.0, 0.0]])
    good, bad = order([0, 1], [0, 1]), order([1, 0], [1, 0])
    assert one.apart(good, bad).value == pytest.approx(one.share(good).value - one.share(bad).value)


def test_a_best_product_near_the_top_is_any_of_those_worth_most():
    gains = [[5.0, 5.0, 1.0, 2.0]] * 2
    found = truth(gains).best_in_top(order([2, 3, 1, 0], [2, 3, NOTHING, NOTHING]))
    assert found.value == pytest.approx(0.5)


def test_equal_values_share_the_middle_of_their_places():
    value, inside = np.array([[3.0, 2.0, 2.0, 9.0]]), np.array([[True, True, True, False]])
    assert place_of(value, inside, 0).tolist() == [1.0]
    assert place_of(value, inside, 2).tolist() == [2.5]


def test_the_place_of_a_product_that_is_not_shown_is_unknown():
    found = place_in(order([2, 0], [1, NOTHING]), 0)
    assert found[0] == 2.0
    assert math.isnan(found[1])
