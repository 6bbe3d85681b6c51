from dataclasses import replace

import numpy as np
import pytest

from training.selection.learner import Learner, Rows

FINE = replace(Learner(), min_data_in_leaf=1, lambda_l2=0.0, feature_fraction=1.0)


def two_kinds(target, weight=None):
    """Six rows of a column that is 0 in the first three and 1 in the others."""
    matrix = np.array([[0.0], [0.0], [0.0], [1.0], [1.0], [1.0]])
    return Rows(matrix, np.array(target), np.ones(6) if weight is None else np.array(weight))


def of_kinds(rows, learner=FINE, monotone=(0,)):
    return learner.fit(rows, monotone)(np.array([[0.0], [1.0]]))


def test_a_kind_gets_its_mean_target():
    assert of_kinds(two_kinds([1, 0, 0, 1, 1, 0])) == pytest.approx([1 / 3, 2 / 3], abs=0.01)


def test_a_kind_gets_its_weighted_mean():
    """(2 × 1 + 0 + 0) ÷ 4 = 1/2, and (1 + 1 + 0) ÷ 3."""
    assert of_kinds(two_kinds([1, 0, 0, 1, 1, 0], [2, 1, 1, 1, 1, 1])) == pytest.approx([1 / 2, 2 / 3], abs=0.01)


def test_a_default_with_weight_p_and_a_sound_row_with_the_rest_are_a_target_of_p():
    """A row of target 0.3 is the same as a default that counts 0.3 beside a sound row that counts 0.7."""
    split = Rows(np.repeat([[0.0], [1.0]], (20, 10), axis=0), np.repeat([1.0, 0.0], (10, 20)), np.ones(30))
    split = replace(split, weight=np.repeat([0.3, 0.7, 1.0], 10))
    whole = Rows.alike(np.repeat([[0.0], [1.0]], 10, axis=0), np.repeat([0.3, 0.0], 10))
    assert of_kinds(split) == pytest.approx(of_kinds(whole), abs=0.01)


def test_targets_outside_0_to_1_are_learned_by_their_mean():
    """(2.2 - 0.8 - 0.5) ÷ 3 = 0.3 and (1.6 - 0.4 + 0.9) ÷ 3 = 0.7."""
    assert of_kinds(two_kinds([2.2, -0.8, -0.5, 1.6, -0.4, 0.9])) == pytest.approx([0.3, 0.7], abs=0.01)


def test_a_promised_direction_is_kept():
    low, high = of_kinds(two_kinds([1, 1, 0, 0, 0, 1]), monotone=(1,))
    assert low <= high


def test_the_same_seed_says_the_same():
    rng = np.random.default_rng(0)
    rows = Rows.alike(rng.random((300, 5)), (rng.random(300) < 0.2).astype(float))
    first, again, other = (Learner(seed=seed).fit(rows, (0,) * 5)(rows.matrix) for seed in (0, 0, 1))
    assert (first == again).all()
    assert (first != other).any()


def test_no_row_is_judged_by_a_model_that_saw_its_enterprise():
    groups = np.repeat(np.arange(20), 3)
    judged = []
    for train, test in Learner().splits(groups):
        assert not set(groups[train]) & set(groups[test])
        judged.extend(test)
    assert sorted(judged) == list(range(60))
