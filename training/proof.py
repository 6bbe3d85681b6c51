"""Proof that the margin moves with every constrained feature as promised: over every path of every tree, no sample."""

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from training.evaluation.types import Floats, Proof

Flags = NDArray[np.bool_]

CATEGORICAL, DEFAULT_LEFT, ZERO_MISSING, NAN_MISSING = 1, 2, 4, 8
"""Bits of LightGBM's `decision_type`; with neither of the last two a missing value counts as 0."""

BITS_OF_A_WORD = 32
DIRECTIONS = (-1, 0, 1)


@dataclass(frozen=True)
class Split:
    """One inner node; a child below zero is the leaf ~child.

    Attributes:
        threshold: values up to it go left; None where the split is by categories.
        categories: those that go left.
        null_left: whether a missing value goes left.
    """

    feature: int
    threshold: float | None
    categories: frozenset[int]
    null_left: bool
    left: int
    right: int


@dataclass(frozen=True)
class Tree:
    """A tree as LightGBM writes it."""

    splits: tuple[Split, ...]
    leaf_values: Floats


@dataclass(frozen=True)
class Values:
    """What a leaf admits of one feature: finite numbers from `least` to `greatest`, both included, and maybe null.

    No number where `least` exceeds `greatest`: a split at infinity, or at the largest number, asks about null only.
    """

    least: float = -sys.float_info.max
    greatest: float = sys.float_info.max
    null: bool = True


Box = Mapping[int, Values | frozenset[int]]
"""What a leaf admits of every feature that its tree asks about: numbers, or categories with `ELSE` among them."""

ELSE = -1
"""Stands for every category that the tree does not name and for null: they go right at each split by categories."""


def prove(booster: lgb.Booster, monotone: Sequence[int]) -> Proof:
    """Prove of every tree that it never moves against a direction.

    The promise for a feature of direction +1: of two rows equal in all else, nulls among it, the one with the larger
    value of this feature, both known and finite, has no smaller margin. A leaf is a box: of every feature it admits an
    interval and maybe null, or some categories. Two leaves can break the promise only if their boxes share a point in
    all other features and the first admits a smaller value than some value of the second; each such pair is compared.
    Sums of trees that keep it keep it too, and so does their rounding, for rounding never turns an order round.

    It is proved of each tree on its own: a sum of trees that each break it might still keep it, which is not claimed.
    All trees count, those after the best iteration too. What null of the constrained feature itself does is not judged.

    Args:
        booster: trees over numbers and categories; bags merged by hand are welcome.
        monotone: for each feature +1, -1, or 0 for no promise.

    Raises:
        ValueError: linear leaves, zeros taken for missing, a text that is none of LightGBM's, or another direction.
    """
    strange = [one for one in monotone if one not in DIRECTIONS]
    if strange:
        raise ValueError(f"got direction {strange[0]!r}, expected +1, -1 or 0 for each feature")
    trees = trees_of(booster)
    names = booster.feature_name()
    leaves = sum(len(tree.leaf_values) for tree in trees)
    directions = {index: one for index, one in enumerate(monotone) if one}
    if len(names) != len(monotone):
        fault = f"got {len(monotone)} directions, expected {len(names)}: one for each feature of the booster"
        return Proof(len(trees), leaves, len(directions), (fault,))
    faults = [
        f"tree {number}, {names[index]} ({directions[index]:+d}): {said}"
        for number, tree in enumerate(trees)
        for index, said in _broken(tree, directions)
    ]
    return Proof(len(trees), leaves, len(directions), tuple(faults))


def trees_of(booster: lgb.Booster) -> tuple[Tree, ...]:
    """Every tree of LightGBM's text form, which is much quicker to read than its JSON.

    Raises:
        ValueError: as `prove`.
    """
    text = booster.model_to_string(num_iteration=-1)
    body = text.partition("\nend of trees")[0]
    return tuple(_tree(number, part) for number, part in enumerate(body.split("\nTree=")[1:]))


def _tree(number: int, text: str) -> Tree:
    lines = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    if lines.get("is_linear", "0") != "0":
        raise ValueError(f"tree {number} has linear leaves, expected constant ones: train with linear_tree=false")
    try:
        values = np.array(lines["leaf_value"].split(), dtype=np.float64)
        splits = tuple(_splits(lines)) if len(values) > 1 else ()
    except (KeyError, IndexError) as error:
        raise ValueError(f"tree {number} of the booster's text lacks {error}, expected LightGBM's text form") from error
    if any(kind & ZERO_MISSING for kind in _whole(lines.get("decision_type", ""))):
        raise ValueError(f"tree {number} takes zeros for missing, expected null only: train with zero_as_missing=false")
    if not np.isfinite(values).all():
        raise ValueError(f"tree {number} has a leaf whose value is no number, expected finite values")
    return Tree(splits, values)


def _whole(text: str) -> list[int]:
    return [int(one) for one in text.split()]


def _splits(lines: Mapping[str, str]) -> Iterator[Split]:
    thresholds = [float(one) for one in lines["threshold"].split()]
    columns = (_whole(lines[name]) for name in ("split_feature", "decision_type", "left_child", "right_child"))
    for threshold, feature, kind, left, right in zip(thresholds, *columns, strict=True):
        if kind & CATEGORICAL:
            yield Split(feature, None, _categories(lines, int(threshold)), null_left=False, left=left, right=right)
        else:
            null_left = bool(kind & DEFAULT_LEFT) if kind & NAN_MISSING else threshold >= 0.0
            yield Split(feature, threshold, frozenset(), null_left=null_left, left=left, right=right)


def _categories(lines: Mapping[str, str], index: int) -> frozenset[int]:
    """Categories of one split: LightGBM keeps each set as bits of 32-bit words."""
    bounds, words = _whole(lines["cat_boundaries"]), _whole(lines["cat_threshold"])
    mine = words[bounds[index] : bounds[index + 1]]
    bits = range(BITS_OF_A_WORD)
    return frozenset(BITS_OF_A_WORD * place + bit for place, word in enumerate(mine) for bit in bits if word >> bit & 1)


def boxes(tree: Tree) -> list[Box]:
    """What each leaf admits, in the order of the leaves."""
    found: dict[int, Box] = {}
    waiting: list[tuple[int, Box]] = [(0 if tree.splits else ~0, _everything(tree))]
    while waiting:
        node, box = waiting.pop()
        if node < 0:
            found[~node] = box
            continue
        split = tree.splits[node]
        waiting.append((split.left, {**box, split.feature: _narrowed(box[split.feature], split, left=True)}))
        waiting.append((split.right, {**box, split.feature: _narrowed(box[split.feature], split, left=False)}))
    return [found[leaf] for leaf in range(len(tree.leaf_values))]


def _everything(tree: Tree) -> Box:
    named: dict[int, frozenset[int]] = {}
    for split in tree.splits:
        if split.threshold is None:
            named[split.feature] = named.get(split.feature, frozenset({ELSE})) | split.categories
    return {split.feature: named.get(split.feature, Values()) for split in tree.splits}


def _narrowed(before: Values | frozenset[int], split: Split, *, left: bool) -> Values | frozenset[int]:
    if isinstance(before, Values) and split.threshold is not None:
        null = before.null and split.null_left == left
        if left:
            return Values(before.least, min(before.greatest, split.threshold), null)
        return Values(max(before.least, math.nextafter(split.threshold, math.inf)), before.greatest, null)
    if isinstance(before, Values) or split.threshold is not None:
        raise ValueError(
            f"feature {split.feature} is split by numbers and by categories in one tree, expected one kind"
        )
    return before & split.categories if left else before - split.categories


def _broken(tree: Tree, directions: Mapping[int, int]) -> Iterator[tuple[int, str]]:
    """Each constrained feature that the tree breaks the promise of, with the pair of leaves that breaks it most."""
    promised = {split.feature for split in tree.splits} & directions.keys()
    if not promised:
        return
    leaves = boxes(tree)
    apart = {index: ~_meet([box[index] for box in leaves]) for index in leaves[0]}
    kept_apart = np.sum(list(apart.values()), axis=0)
    rise = tree.leaf_values[None, :] - tree.leaf_values[:, None]
    for index in sorted(promised):
        numbers = [values for box in leaves if isinstance(values := box[index], Values)]
        if not numbers:
            yield index, "split by categories, which have no order; expected numbers"
            continue
        below = np.array([one.least for one in numbers])[:, None] < np.array([one.greatest for one in numbers])
        held = np.array([one.least <= one.greatest for one in numbers])
        in_question = below & held[:, None] & held & (kept_apart == apart[index])
        against = np.where(in_question, -directions[index] * rise, 0.0)
        lower, upper = np.unravel_index(int(np.argmax(against)), against.shape)
        if against[lower, upper] > 0.0:
            first, second = float(tree.leaf_values[lower]), float(tree.leaf_values[upper])
            said = f"leaf {lower} gives {first!r}, leaf {upper} gives {second!r} to a row equal but for a larger value"
            yield index, said


def _meet(admitted: Sequence[Values | frozenset[int]]) -> Flags:
    """For each pair of leaves, whether they admit a common value of one feature, null counted as a value."""
    numbers = [one for one in admitted if isinstance(one, Values)]
    if not numbers:
        sets = [one for one in admitted if isinstance(one, frozenset)]
        return np.array([[not one.isdisjoint(other) for other in sets] for one in sets])
    least, greatest = (np.array([getattr(one, name) for one in numbers]) for name in ("least", "greatest"))
    null = np.array([one.null for one in numbers])
    common = np.maximum(least[:, None], least) <= np.minimum(greatest[:, None], greatest)
    return np.asarray(common | (null[:, None] & null))
