"""What `prove` says is what trying every cell of every tree says."""

from itertools import product

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from small_trees import trees

from training.learner.trees import constant, merge, step_function
from training.proof import prove, trees_of

NAMES = ("sales_12m", "silent_months_12m", "margin_12m")
PLAIN = {"objective": "binary", "num_leaves": 6, "min_data_in_leaf": 5, "verbose": -1, "num_threads": 1}


def noisy(*, seed, missing=0.2, rows=200):
    """Three features, of which the first helps up to a point and the second hurts; the labels are noise as well."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, len(NAMES))).round(1)
    y = np.abs(x[:, 0]) - x[:, 1] * x[:, 2] + rng.normal(size=rows) > 0.5
    x[rng.random(x.shape) < missing] = np.nan
    return x, y.astype(int)


def fitted(x, y, monotone=None, *, rounds=3, categories="auto", **more):
    directions = {} if monotone is None else {"monotone_constraints": list(monotone)}
    names = list(NAMES[: x.shape[1]])
    fine = {"min_data_in_bin": 1, "verbose": -1}
    data = lgb.Dataset(x, y, feature_name=names, categorical_feature=categories, params=fine)
    return lgb.train(PLAIN | directions | more, data, num_boost_round=rounds)


def points(booster, feature):
    """A number of every cell of a feature, and null: thresholds, what follows each, and categories with one beyond."""
    splits = [split for tree in trees_of(booster) for split in tree.splits if split.feature == feature]
    codes = {code for split in splits for code in split.categories}
    if codes:
        return np.array([*sorted(codes), max(codes) + 1, np.nan])
    edges = {split.threshold for split in splits if np.isfinite(split.threshold)}
    after = {float(np.nextafter(edge, np.inf)) for edge in edges}
    return np.array([*sorted(edges | after | {-1e300, 1e300}), np.nan])


def found_by_trying(booster, monotone):
    """Tree and feature of each broken promise, from LightGBM's own margins at every cell."""
    axes = [points(booster, feature) for feature in range(booster.num_feature())]
    rows = np.array(list(product(*axes)))
    broken = set()
    for tree in range(booster.num_trees()):
        margins = booster.predict(rows, raw_score=True, start_iteration=tree, num_iteration=1)
        cube = margins.reshape([len(axis) for axis in axes])
        for feature, direction in enumerate(monotone):
            known = np.delete(np.moveaxis(cube, feature, 0), -1, axis=0)
            if direction and (np.diff(known, axis=0) * direction < 0.0).any():
                broken.add((tree, booster.feature_name()[feature]))
    return broken


def found_by_proof(booster, monotone):
    heads = [fault.split(" (")[0].split(", ") for fault in prove(booster, monotone).faults]
    return {(int(tree.removeprefix("tree ")), name) for tree, name in heads}


DIRECTIONS = st.lists(st.sampled_from([-1, 0, 1]), min_size=len(NAMES), max_size=len(NAMES))


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    missing=st.sampled_from([0.0, 0.2, 0.6]),
    trained=st.none() | DIRECTIONS,
    promised=DIRECTIONS,
    method=st.sampled_from(["basic", "intermediate", "advanced"]),
)
def test_the_proof_says_what_trying_every_cell_says(seed, missing, trained, promised, method):
    booster = fitted(*noisy(seed=seed, missing=missing), trained, monotone_constraints_method=method)
    assert found_by_proof(booster, promised) == found_by_trying(booster, promised)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), promised=DIRECTIONS.map(lambda few: [*few[:2], 0]))
def test_it_does_so_with_categories_beside(seed, promised):
    x, y = noisy(seed=seed)
    x[:, 2] = np.where(np.isnan(x[:, 2]), np.nan, np.abs(x[:, 2] * 20).round() % 40)
    y = (y + (np.nan_to_num(x[:, 2]) % 3 == 0) > 1).astype(int)
    booster = fitted(x, y, categories=[2], min_data_per_group=5, cat_smooth=1.0)
    assume(booster.dump_model()["tree_info"][0]["num_cat"] > 0)
    assert found_by_proof(booster, promised) == found_by_trying(booster, promised)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_a_model_constrained_by_the_basic_method_is_proved(seed, missing):
    booster = fitted(*noisy(seed=seed, missing=missing), (1, -1, 1), rounds=30, num_leaves=15)
    proof = prove(booster, (1, -1, 1))
    leaves = sum(tree["num_leaves"] for tree in booster.dump_model()["tree_info"])
    assert (proof.trees, proof.leaves, proof.constrained, proof.faults) == (30, leaves, 3, ())


def test_an_unconstrained_model_of_noisy_data_is_not():
    assert prove(fitted(*noisy(seed=0)), (1, -1, 1)).faults


def test_no_promise_cannot_be_broken():
    assert prove(fitted(*noisy(seed=0)), (0, 0, 0)).faults == ()


@pytest.fixture(scope="module")
def rising():
    """Four trees of three leaves each over one feature without missing values."""
    x = np.arange(60.0).reshape(-1, 1)
    return fitted(x, ((x[:, 0] > 25) ^ (x[:, 0] % 7 == 0)).astype(int), (1,), rounds=4, num_leaves=3)


def test_two_leaves_that_changed_places_are_named(rising):
    parts = rising.model_to_string().split("\nTree=")
    line = next(line for line in parts[3].splitlines() if line.startswith("leaf_value="))
    low, high = sorted(line.removeprefix("leaf_value=").split(), key=float)[::2]
    swapped = line.replace(low, "LOW").replace(high, low).replace("LOW", high)
    parts[3] = parts[3].replace(line, swapped)
    text = "\nTree=".join(parts)
    header = next(line for line in text.splitlines() if line.startswith("tree_sizes="))
    sizes = [len(f"Tree={part}\n".encode()) for part in text.partition("\nend of trees")[0].split("\nTree=")[1:]]
    broken = lgb.Booster(model_str=text.replace(header, "tree_sizes=" + " ".join(map(str, sizes))))
    (fault,) = prove(broken, (1,)).faults
    assert fault.startswith("tree 2, sales_12m (+1): ")
    assert repr(float(low)) in fault
    assert repr(float(high)) in fault


def test_the_other_direction_breaks_in_every_tree(rising):
    faults = prove(rising, (-1,)).faults
    assert [fault.split(":")[0] for fault in faults] == [f"tree {number}, sales_12m (-1)" for number in range(4)]


def test_what_null_itself_does_is_not_judged():
    x = np.where(np.arange(90.0) < 30, np.nan, np.arange(90.0)).reshape(-1, 1)
    y = (np.isnan(x[:, 0]) | (x[:, 0] > 60)).astype(int)
    booster = fitted(x, y, rounds=1, num_leaves=3)
    unknown, small, large = booster.predict(np.array([[np.nan], [40.0], [80.0]]))
    assert small < min(unknown, large)
    assert prove(booster, (1,)).faults == ()


def test_trees_of_a_single_leaf_promise_everything():
    booster = fitted(np.zeros((50, 1)), np.arange(50) % 2, rounds=2)
    proof = prove(booster, (1,))
    assert proof.leaves == proof.trees == booster.num_trees()
    assert proof.faults == ()


@pytest.fixture(scope="module")
def members():
    return [fitted(*noisy(seed=seed), (-1, 1, -1), rounds=10, seed=seed) for seed in range(4)]


def test_a_merged_bag_is_proved_with_all_its_trees(members):
    proof = prove(merge(members, [0.25] * 4), (-1, 1, -1))
    assert (proof.trees, proof.faults) == (40, ())


def test_one_member_without_constraints_spoils_the_bag(members):
    spoilt = merge([*members, fitted(*noisy(seed=0), rounds=1)], [0.2] * 5)
    assert {fault.split(",")[0] for fault in prove(spoilt, (-1, 1, -1)).faults} == {"tree 40"}


@pytest.mark.parametrize(("effects", "broken"), [((0.3, 0.2, 0.2, 9.0), False), ((0.3, 0.1, 0.2, 9.0), True)])
def test_step_functions_written_as_trees_are_judged_like_any(members, effects, broken):
    steps = step_function(0, np.array([1.0, 2.0]), np.array(effects), np.ones(4))
    faults = prove(merge(members[:1], [1.0], [steps, constant(0.5)]), (-1, 1, -1)).faults
    assert faults == (
        ("tree 10, sales_12m (-1): leaf 1 gives 0.1, leaf 2 gives 0.2 to a row equal but for a larger value",)
        if broken
        else ()
    )


def test_trees_after_the_best_iteration_count():
    booster = fitted(*noisy(seed=0), rounds=7)
    booster.best_iteration = 2
    assert prove(booster, (1, 1, 1)).trees == 7


def test_directions_must_be_as_many_as_features():
    booster, _ = trees(leaves=3, rounds=2)
    assert prove(booster, (1, 1)).faults == ("got 2 directions, expected 4: one for each feature of the booster",)


def test_a_direction_for_a_feature_split_by_categories_is_a_fault():
    x = (np.arange(200.0) % 7).reshape(-1, 1)
    booster = fitted(x, np.isin(x[:, 0], (1, 4)).astype(int), rounds=1, categories=[0], min_data_per_group=5)
    assert prove(booster, (1,)).faults == (
        "tree 0, sales_12m (+1): split by categories, which have no order; expected numbers",
    )


@pytest.mark.parametrize(
    ("more", "said"), [({"linear_tree": True}, "linear leaves"), ({"zero_as_missing": True}, "zeros for missing")]
)
def test_other_kinds_of_trees_are_refused(more, said):
    x, y = noisy(seed=0)
    data = lgb.Dataset(x, y, params={**more, "verbose": -1})
    booster = lgb.train(PLAIN | more, data, num_boost_round=2)
    with pytest.raises(ValueError, match=said):
        prove(booster, (1, 1, 1))


def test_a_direction_is_plus_one_minus_one_or_zero():
    with pytest.raises(ValueError, match="got direction 2"):
        prove(trees(leaves=3, rounds=2)[0], (2, 0, 0, 0))
