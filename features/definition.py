"""What a feature is: one documented expression over the rows of a panel, or over other features."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from types import MappingProxyType
from typing import Literal

import polars as pl

from features.arithmetic import part_and_whole
from features.view import Panel
from sources.contracts import BLOCKS, TABLES

Risk = Literal["rises", "falls", "either"]
"""Whether the risk of default rises or falls with the value, as far as a credit officer would insist on it."""

Unit = Literal["fen", "count", "share", "ratio", "days", "months", "level", "flag"]
"""`share` and `ratio` are plain fractions; `level` is a rung of a ladder, higher is better; `flag` is 1 or 0."""

LONGEST_HISTORY = 36
"""Months that monthly panels reach back."""


@dataclass(frozen=True)
class Feature:
    """One named number of an enterprise.

    Attributes:
        name: its name everywhere.
        panel: whose rows of one enterprise the expression folds into one value; None = it combines other features.
        inputs: the features that it combines.
        expression: aggregates the panel's rows of one enterprise, or is arithmetic over the inputs.
        unit: unit of the value.
        risk: direction of risk; gives the monotone constraint and the sign that a reason may have.
        group: reason code that its contribution counts towards.
        en, zh: the phrase that people read, without a full stop.
        window: newest months that it looks at: 12 = the last twelve complete months; 0 = recency to the day, or the
            state of things on the day; None = the whole history.
    """

    name: str
    panel: Panel | None
    inputs: tuple["Feature", ...]
    expression: pl.Expr
    unit: Unit
    risk: Risk
    group: str
    en: str
    zh: str
    window: int | None

    @property
    def sources(self) -> tuple[str, ...]:
        """Tables without one of which the value is null, in the order of `TABLES`."""
        needed = set(self.panel.sources) if self.panel else {name for one in self.inputs for name in one.sources}
        return tuple(name for name in TABLES if name in needed)

    @property
    def blocks(self) -> tuple[str, ...]:
        """Blocks without one of which the value is null, in the order of `BLOCKS`."""
        needed = {TABLES[name].block for name in self.sources}
        return tuple(block for block in BLOCKS if block in needed)

    @cached_property
    def folds(self) -> Mapping[str, pl.Expr]:
        """What is folded from the rows of the panel: the value, or the part and the whole if that is a ratio of them.

        Each is Float64 and named after what it says, so that features share it and all ratios are divided at once.
        """
        value = self.expression.meta.undo_aliases()
        operands = part_and_whole(value.meta.pop()[0])
        folds = [one.cast(pl.Float64) for one in operands] if operands else [value]
        place = self.panel.name if self.panel else ""
        names = [f"{place} {sha256(one.meta.serialize()).hexdigest()}" for one in folds]
        return MappingProxyType({name: one.alias(name) for name, one in zip(names, folds, strict=True)})

    @property
    def monotone(self) -> int:
        """Sign of the constraint on the default margin: +1, -1 or 0."""
        return {"rises": 1, "falls": -1, "either": 0}[self.risk]

    @property
    def sees_whole_history(self) -> bool:
        """Whether it looks at all that is known, not at recency or at the last year or two as such."""
        return self.window is None or self.window >= LONGEST_HISTORY


def feature(
    panel: Panel, *, unit: Unit, risk: Risk, group: str, zh: str, window: int | None
) -> Callable[[Callable[[], pl.Expr]], Feature]:
    """Make a feature of a function that returns its expression; the function's name and docstring are the feature's.

    The expression must be null or finite for whatever rows, and must give the same for rows in any order: sum whole
    numbers, and divide once at the end.

    Raises:
        ValueError: the function has no docstring.
    """

    def define(expression: Callable[[], pl.Expr]) -> Feature:
        name, sentence = _name_and_sentence(expression)
        value = expression().cast(pl.Float64).alias(name)
        return Feature(name, panel, (), value, unit, risk, group, sentence, zh, window)

    return define


def combined(
    *inputs: Feature, unit: Unit, risk: Risk, group: str, zh: str
) -> Callable[[Callable[..., pl.Expr]], Feature]:
    """Make a feature of a function over the values of other features, which may come from several blocks.

    Raises:
        ValueError: the function has no docstring, or an input is itself a combination.
    """

    def define(expression: Callable[..., pl.Expr]) -> Feature:
        name, sentence = _name_and_sentence(expression)
        nested = [one.name for one in inputs if one.panel is None]
        if nested:
            raise ValueError(
                f"feature {name!r}: got the combination {nested[0]!r} as an input, expected plain features"
            )
        value = expression(*(pl.col(one.name) for one in inputs)).cast(pl.Float64).alias(name)
        return Feature(name, None, inputs, value, unit, risk, group, sentence, zh, _widest(inputs))

    return define


def _name_and_sentence(expression: Callable[..., pl.Expr]) -> tuple[str, str]:
    if not expression.__doc__:
        raise ValueError(f"feature {expression.__name__!r}: expected a docstring that says what it is")
    return expression.__name__, " ".join(expression.__doc__.split())


def _widest(inputs: tuple[Feature, ...]) -> int | None:
    windows = [one.window for one in inputs]
    return None if None in windows else max(window for window in windows if window is not None)
