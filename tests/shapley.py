"""Path-dependent Shapley values by their definition, in plain Python: slow, obvious, and no code of LightGBM's."""

import math
from itertools import combinations
from math import factorial

ZERO = 1e-35
"""LightGBM takes values closer to zero than this for zero."""


def expected(node, row, known):
    """Mean output of a tree when only the features in `known` are known: other splits are averaged by their rows."""
    if "leaf_value" in node:
        return node["leaf_value"]
    left, right = node["left_child"], node["right_child"]
    if node["split_feature"] in known:
        return expected(left if goes_left(node, row[node["split_feature"]]) else right, row, known)
    weights = [child.get("internal_count", child.get("leaf_count")) for child in (left, right)]
    return sum(w * expected(child, row, known) for w, child in zip(weights, (left, right), strict=True)) / sum(weights)


def goes_left(node, value):
    if node["missing_type"] == "NaN" and math.isnan(value):
        return node["default_left"]
    if node["missing_type"] == "None" and math.isnan(value):
        value = 0.0
    if node["missing_type"] == "Zero" and (math.isnan(value) or abs(value) <= ZERO):
        return node["default_left"]
    return value <= node["threshold"]


def shapley_values(booster, row):
    """One value a feature, and the expected margin last."""
    count = booster.num_feature()
    trees = [tree["tree_structure"] for tree in booster.dump_model()["tree_info"]]

    def worth(known):
        return sum(expected(tree, row, known) for tree in trees)

    values = []
    for feature in range(count):
        others = [other for other in range(count) if other != feature]
        total = 0.0
        for size in range(count):
            weight = factorial(size) * factorial(count - size - 1) / factorial(count)
            for known in combinations(others, size):
                total += weight * (worth({*known, feature}) - worth(set(known)))
        values.append(total)
    return [*values, worth(set())]
