"""Rows that models were not fitted on, by what their cards say of how the rows were divided."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from training.split import out_of_time

SPLIT = "split"
"""What a card's training says of the division; null where a model has seen all rows."""

LONG_BEFORE = 366 * 2
"""Days before the test, more than a label covers."""

NOBODIES = 100


class SeenError(ValueError):
    """No row is left that a model has not seen."""


@dataclass(frozen=True)
class Division:
    """How the rows of a training run were divided, in the terms of `training.split.out_of_time`."""

    test_from: dt.date
    test_share: float
    seed: int

    @classmethod
    def of(cls, training: Mapping[str, Any]) -> "Division | None":
        """What the training of a card says; None = the model has seen all rows.

        Raises:
            SeenError: it cannot be understood.
        """
        told = training.get(SPLIT)
        if told is None:
            return None
        try:
            day, share, seed = dt.date.fromisoformat(told["test_from"]), float(told["test_share"]), int(told["seed"])
        except (KeyError, TypeError, ValueError) as error:
            raise SeenError(
                f"card: {SPLIT}: got {told!r}, expected test_from, test_share and seed; train again"
            ) from error
        return cls(day, share, seed)


def unseen(labels: pl.DataFrame, divisions: Sequence[Division]) -> pl.DataFrame:
    """The labels that no model was fitted on and no choice of settings looked at.

    These are of enterprises that every division puts on its test side, on days from the latest first day of a test.
    An enterprise's side follows from its code alone, so equal seeds agree on it; of unequal seeds the enterprises are
    kept that all of them test.

    Args:
        labels: with `enterprise_id` and `as_of`.
        divisions: one a model.

    Raises:
        SeenError: none is left.
    """
    begins = max(one.test_from for one in divisions)
    late = labels.filter(pl.col("as_of") >= begins)
    for one in dict.fromkeys((each.test_share, each.seed) for each in divisions):
        tested = _tested(late["enterprise_id"].unique(), begins, one)
        late = late.filter(pl.col("enterprise_id").is_in(tested.implode()))
    if late.is_empty():
        raise SeenError(
            f"labels: got {labels.height:,}, none from {begins} on of an enterprise that training kept apart, expected "
            "some; give later labels, or --all for data of another source"
        )
    return late


def _tested(codes: pl.Series, begins: dt.date, drawn: tuple[float, int]) -> pl.Series:
    """Those on the test side: each enterprise is put to `out_of_time` once long before the test and once in it.

    Enterprises that nobody has are put beside them, so that both sides have some.
    """
    share, seed = drawn
    everybody = pl.concat([codes, pl.Series([f"nobody-{number}" for number in range(NOBODIES)])])
    day = (begins - dt.date(1970, 1, 1)).days
    days = np.repeat([day - LONG_BEFORE, day], len(everybody))
    split = out_of_time(days, pl.concat([everybody, everybody]), test_share=share, seed=seed, test_from=begins)
    return codes.filter(pl.Series(split.test[len(everybody) :][: len(codes)]))
