"""What a feature is: one documented expression over one source or panel."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

Risk = Literal["rises", "falls", "either"]
"""Whether the risk of default rises or falls with the value, as far as a credit officer would insist on it."""

Unit = Literal["fen", "count", "share", "ratio", "days", "months"]


LONGEST_HISTORY = 36
"""Months that the monthly panel reaches back."""

PANEL_BLOCKS: Mapping[str, str] = dict.fromkeys(("invoices", "months", "periods", "partners"), "invoice")


@dataclass(frozen=True)
class Feature:
    """One named number of an enterprise.

    Attributes:
        name: its name everywhere.
        panel: the source table or derived panel whose rows of one enterprise the expression folds into one value.
        block: the block of data it needs; without it the value is null.
        expression: aggregates the panel's rows of one enterprise.
        unit: unit of the value; `share` and `ratio` are plain fractions.
        risk: direction of risk; gives the monotone constraint and the sign that a reason may have.
        group: reason code that its contribution counts towards.
        en, zh: the phrase that people read, without a full stop.
        window: newest months that it looks at: 12 = the last twelve complete months; 0 = recency to the day;
            None = the whole history.
    """

    name: str
    panel: str
    block: str
    expression: pl.Expr
    unit: Unit
    risk: Risk
    group: str
    en: str
    zh: str
    window: int | None

    @property
    def monotone(self) -> int:
        """Sign of the constraint on the default margin: +1, -1 or 0."""
        return {"rises": 1, "falls": -1, "either": 0}[self.risk]

    @property
    def sees_whole_history(self) -> bool:
        """Whether it looks at all that is known, not at recency or at the last year or two as such."""
        return self.window is None or self.window >= LONGEST_HISTORY


def feature(
    panel: str, *, unit: Unit, risk: Risk, group: str, zh: str, window: int | None
) -> Callable[[Callable[[], pl.Expr]], Feature]:
    """Make a feature of a function that returns its expression; the function's name and docstring are the feature's.

    Raises:
        ValueError: the function has no docstring.
    """

    def define(expression: Callable[[], pl.Expr]) -> Feature:
        name, sentence = expression.__name__, expression.__doc__
        if not sentence:
            raise ValueError(f"feature {name!r}: expected a docstring that says what it is")
        return Feature(
            name=name,
            panel=panel,
            block=PANEL_BLOCKS[panel],
            expression=expression().alias(name),
            unit=unit,
            risk=risk,
            group=group,
            en=" ".join(sentence.split()),
            zh=zh,
            window=window,
        )

    return define
