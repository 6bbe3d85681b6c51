import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_trees import NAMES, trees

from training.learner.trees import constant, merge, step_function, trees_of

WIDTH = len(NAMES)
EDGES, EFFECTS = np.array([-1.0, 0.5, 2.0]), np.array([-0.3, 0.1, 0.2, 0.9, -0.7])
"""Up to -1, up to 0.5, up to 2, beyond; and null."""

COUNTS = np.array([10.0, 20.0, 5.0, 1.0, 4.0])


@pytest.fixture(scope="module")
def members():
    return [trees(leaves=4, rounds=5, seed=seed)[0] for seed in (0, 1)]


@pytest.fixture(scope="module")
def rows():
    return trees(leaves=2, rounds=1, seed=7)[1]


def alone(tree):
    """A booster of one tree only."""
    member, _ = trees(leaves=2, rounds=1)
    return merge([member], [0.0], [tree])


def at(values, column=1):
    """Rows that know nothing but one column."""
    matrix = np.full((len(values), WIDTH), np.nan)
    matrix[:, column] = values
    return matrix


@pytest.mark.parametrize("options", [{"raw_score": True}, {"pred_contrib": True}])
def test_a_merged_booster_is_the_weighted_sum_of_its_members(members, rows, options):
    merged = merge(members, [0.25, 2.0])
    total = 0.25 * members[0].predict(rows, **options) + 2.0 * members[1].predict(rows, **options)
    assert merged.predict(rows, **options) == pytest.approx(total, abs=1e-12)


def test_contributions_of_trees_and_steps_together_add_up_to_the_margin(members, rows):
    merged = merge(members, [0.5, 0.5], [step_function(1, EDGES, EFFECTS, COUNTS), constant(-2.0)])
    margins = merged.predict(rows, raw_score=True)
    assert merged.predict(rows, pred_contrib=True).sum(axis=1) == pytest.approx(margins, abs=1e-12)
    plain = merge(members, [0.5, 0.5]).predict(rows, raw_score=True)
    steps = alone(step_function(1, EDGES, EFFECTS, COUNTS)).predict(rows, raw_score=True)
    assert margins == pytest.approx(plain + steps - 2.0, abs=1e-12)


def test_trees_of_weight_zero_are_left_out(members, rows):
    merged = merge(members, [0.0, 1.0])
    assert merged.num_trees() == members[1].num_trees()
    assert (merged.predict(rows, raw_score=True) == members[1].predict(rows, raw_score=True)).all()


def test_nothing_merged_says_the_same_of_everybody(members, rows):
    nothing = merge(members, [0.0, 0.0])
    assert nothing.num_trees() == 1
    assert (nothing.predict(rows, raw_score=True) == 0.0).all()


def test_a_merged_booster_survives_its_own_text(members, rows):
    merged = merge(members, [0.3, 0.7], [step_function(0, EDGES, EFFECTS, COUNTS)])
    again = lgb.Booster(model_str=merged.model_to_string())
    assert (again.predict(rows, raw_score=True) == merged.predict(rows, raw_score=True)).all()
    assert again.model_to_string() == merged.model_to_string()


def test_the_text_does_not_tell_how_many_threads_grew_the_trees(members):
    assert "[num_threads" in members[0].model_to_string()
    assert "[num_threads" not in merge(members, [1.0, 1.0]).model_to_string()


def test_a_constant_is_said_of_everybody(rows):
    assert (alone(constant(-1.25)).predict(rows, raw_score=True) == -1.25).all()


def test_a_bin_holds_its_upper_edge_and_null_has_its_own():
    values = [-1e300, -1.0, np.nextafter(-1.0, 0), 0.5, 0.50001, 2.0, 2.00001, 1e300, np.nan]
    told = alone(step_function(1, EDGES, EFFECTS, COUNTS)).predict(at(values), raw_score=True)
    assert told.tolist() == [-0.3, -0.3, 0.1, 0.1, 0.2, 0.2, 0.9, 0.9, -0.7]


def test_null_that_was_never_seen_has_its_effect_too():
    tree = step_function(1, np.empty(0), np.array([0.25, -0.5]), np.array([40.0, 1.0]))
    assert alone(tree).predict(at([-3.0, 3.0, np.nan]), raw_score=True).tolist() == [0.25, 0.25, -0.5]


def test_contributions_of_a_step_function_are_measured_from_the_mean_of_its_rows():
    """(10 × -0.3 + 20 × 0.1 + 5 × 0.2 + 1 × 0.9 + 4 × -0.7) ÷ 40 = -0.0475; of a value beyond 2, 0.9 + 0.0475."""
    told = alone(step_function(1, EDGES, EFFECTS, COUNTS)).predict(at([3.0]), pred_contrib=True)[0]
    assert told == pytest.approx([0.0, 0.9475, 0.0, 0.0, -0.0475], abs=1e-12)


@given(
    edges=st.lists(st.floats(-1e6, 1e6), max_size=12, unique=True),
    values=st.lists(st.floats(-1e6, 1e6) | st.just(np.nan), min_size=1, max_size=10),
    seed=st.integers(0, 99),
)
def test_a_tree_of_steps_is_the_step_function(edges, values, seed):
    sorted_edges = np.array(sorted(edges))
    sorted_edges = sorted_edges[np.diff(sorted_edges, prepend=-np.inf) > 1e-9]
    effects = np.random.default_rng(seed).normal(size=len(sorted_edges) + 2)
    asked = np.array([*values, *sorted_edges])
    asked[np.abs(asked) < 1e-30] = 0.0  # LightGBM takes values closer to zero than 1e-35 for zero
    kept = step_function(2, sorted_edges, effects, np.ones(len(effects)))
    bins = np.where(np.isnan(asked), len(effects) - 1, np.searchsorted(sorted_edges, asked, side="left"))
    assert alone(kept).predict(at(asked, 2), raw_score=True).tolist() == effects[bins].tolist()


def test_flat_step_functions_are_no_trees():
    flat = (0, EDGES, np.zeros(5), COUNTS)
    bent = (1, EDGES, EFFECTS, COUNTS)
    assert trees_of(iter([flat, bent])) == [step_function(*bent)]
