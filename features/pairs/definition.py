"""What a pair feature is: one documented expression over the crossed row of an enterprise and a product."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import polars as pl

from features.definition import Unit

Direction = Literal["rises", "falls", "either"]
"""Whether the chance of approval rises or falls with the value, as far as a credit officer would insist on it."""


@dataclass(frozen=True)
class PairFeature:
    """One named number of an enterprise and a product.

    Attributes:
        name: its name everywhere.
        expression: Float64 over columns of the crossed row; null = not known.
        unit: unit of the value.
        approval: direction of the chance of approval; gives the monotone constraint.
        group: reason code that its contribution counts towards.
        en, zh: the phrase that people read, without a full stop.
    """

    name: str
    expression: pl.Expr
    unit: Unit
    approval: Direction
    group: str
    en: str
    zh: str

    @property
    def monotone(self) -> int:
        """Sign of the constraint on the log odds of approval: +1, -1 or 0."""
        return {"rises": 1, "falls": -1, "either": 0}[self.approval]


def pair_feature(
    *, unit: Unit, approval: Direction, group: str, zh: str
) -> Callable[[Callable[[], pl.Expr]], PairFeature]:
    """Make a pair feature of a function that returns its expression; name and docstring are the feature's.

    Raises:
        ValueError: the function has no docstring.
    """

    def define(expression: Callable[[], pl.Expr]) -> PairFeature:
        name = expression.__name__
        if not expression.__doc__:
            raise ValueError(f"pair feature {name!r}: expected a docstring that says what it is")
        sentence = " ".join(expression.__doc__.split())
        return PairFeature(name, expression().cast(pl.Float64).alias(name), unit, approval, group, sentence, zh)

    return define
