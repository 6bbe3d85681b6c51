"""Boosters as text: several merged into one, and step functions of one column written as trees.

LightGBM's text form is a header, the trees one after the other with the length of each in the header's `tree_sizes`,
and a tail. What is written here is read back by LightGBM itself.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SCALED = ("leaf_value=", "internal_value=")
NULL_GOES_RIGHT = 8
"""LightGBM's decision type: numerical, missing = NaN, the default side is the right one."""

THREADS = "[num_threads:"
"""Line of the tail that says how many grew the members; left out, for the same trees are the same text."""

NO_GAIN = 0.0


def merge(boosters: Sequence[lgb.Booster], weights: Sequence[float], more: Sequence[str] = ()) -> lgb.Booster:
    """One booster whose margin is the weighted sum of theirs and of some trees more.

    Members must have the same columns. Trees of weight 0 are left out.
    """
    texts = [booster.model_to_string(num_iteration=-1) for booster in boosters]
    header, _, tail = _parts(texts[0])
    told = zip(texts, weights, strict=True)
    trees = [_scaled(tree, weight) for text, weight in told if weight != 0.0 for tree in _parts(text)[1]]
    trees += [*more] or ([] if trees else [constant()])
    numbered = [f"Tree={index}\n{tree.split(chr(10), 1)[1]}" for index, tree in enumerate(trees)]
    tail = "\n".join(line for line in tail.split("\n") if not line.startswith(THREADS))
    sizes = " ".join(str(len(tree.encode())) for tree in numbered)
    lines = [f"tree_sizes={sizes}" if line.startswith("tree_sizes=") else line for line in header.split("\n")]
    return lgb.Booster(model_str="\n".join(lines) + "".join(numbered) + tail)


def _parts(text: str) -> tuple[str, list[str], str]:
    start, end = text.index("Tree=0"), text.index("end of trees")
    body = text[start:end]
    starts = [0, *(i + 1 for i in range(len(body)) if body.startswith("\nTree=", i))]
    trees = [body[a:b] for a, b in zip(starts, [*starts[1:], len(body)], strict=True)]
    return text[:start], trees, text[end:]


def _scaled(tree: str, weight: float) -> str:
    return "\n".join(_scaled_line(line, weight) if line.startswith(SCALED) else line for line in tree.split("\n"))


def _scaled_line(line: str, weight: float) -> str:
    name, _, values = line.partition("=")
    return f"{name}={_numbers([weight * float(value) for value in values.split()])}"


def constant(value: float = 0.0) -> str:
    """A tree that says the same of everybody."""
    return f"Tree=0\nnum_leaves=1\nnum_cat=0\nleaf_value={value!r}\nis_linear=0\nshrinkage=1\n\n\n"


def step_function(column: int, edges: Floats, effects: Floats, counts: Floats) -> str:
    """A tree that asks one column only.

    Args:
        column: its place.
        edges: k rising values; bin b holds what lies above edge b - 1 and up to edge b.
        effects: k + 2 values: of the k + 1 bins, and of null.
        counts: rows in each, for the expectation that contributions are measured from; none may be 0.
    """
    tree = _Tree(column, edges, effects, counts)
    tree.grow_root()
    return tree.text()


@dataclass
class _Tree:
    """Nodes in the order in which they are made; a leaf is told by the complement of its number."""

    column: int
    edges: Floats
    effects: Floats
    counts: Floats
    thresholds: list[float] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    right: list[int] = field(default_factory=list)
    inner: list[tuple[float, float]] = field(default_factory=list)

    def grow_root(self) -> None:
        """Null goes right, whatever is known goes left."""
        node = self._node(sys.float_info.max, 0, len(self.effects))
        self.right[node] = ~(len(self.effects) - 1)
        self.left[node] = self._grow(0, len(self.edges) + 1)

    def _grow(self, low: int, high: int) -> int:
        """The balanced subtree of bins low … high - 1."""
        if high - low == 1:
            return ~low
        middle = (low + high) // 2
        node = self._node(float(self.edges[middle - 1]), low, high)
        self.left[node] = self._grow(low, middle)
        self.right[node] = self._grow(middle, high)
        return node

    def _node(self, threshold: float, low: int, high: int) -> int:
        rows = float(self.counts[low:high].sum())
        self.thresholds.append(threshold)
        self.inner.append((rows, float(self.effects[low:high] @ self.counts[low:high]) / rows))
        self.left.append(0)
        self.right.append(0)
        return len(self.thresholds) - 1

    def text(self) -> str:
        """As LightGBM writes a tree."""
        nodes = len(self.thresholds)
        lines = {
            "num_leaves": str(len(self.effects)),
            "num_cat": "0",
            "split_feature": _numbers([self.column] * nodes),
            "split_gain": _numbers([NO_GAIN] * nodes),
            "threshold": _numbers(self.thresholds),
            "decision_type": _numbers([NULL_GOES_RIGHT] * nodes),
            "left_child": _numbers(self.left),
            "right_child": _numbers(self.right),
            "leaf_value": _numbers(self.effects.tolist()),
            "leaf_weight": _numbers(self.counts.tolist()),
            "leaf_count": _numbers(self.counts.astype(int).tolist()),
            "internal_value": _numbers([value for _, value in self.inner]),
            "internal_weight": _numbers([rows for rows, _ in self.inner]),
            "internal_count": _numbers([int(rows) for rows, _ in self.inner]),
            "is_linear": "0",
            "shrinkage": "1",
        }
        return "Tree=0\n" + "".join(f"{name}={value}\n" for name, value in lines.items()) + "\n\n"


def _numbers(values: Sequence[float]) -> str:
    return " ".join(repr(value) for value in values)


def trees_of(columns: Iterator[tuple[int, Floats, Floats, Floats]]) -> list[str]:
    """The step functions that are not flat."""
    return [step_function(*one) for one in columns if np.ptp(one[2]) > 0.0]
