"""Applicants, of whom only those who were lent to show whether they default."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scoring.model import Matrix

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

UNTOLD = np.nan
"""Nobody has seen whether this applicant defaults."""


@dataclass(frozen=True, eq=False)
class Applicants:
    """One row an application; all arrays in the same order. A sample equals only itself.

    Attributes:
        matrix: what was known of the applicant on the day, NaN for null.
        accepted: whether it was lent to.
        defaulted: 1 or 0 where accepted, else NaN.
        monotone: for each column, 1 where risk rises with the value, -1 where it falls, 0 where nothing is promised.
        groups: rows of one enterprise share a number, so that no model judges an enterprise that it has seen.
        banks: number of the bank that was asked.
        elsewhere: 1 or 0 where the credit bureau tells how a refused applicant did with its other lenders, else NaN.

    Raises:
        ValueError: arrays of different lengths, or an outcome where there can be none, or none where there must be one.
    """

    matrix: Matrix
    accepted: Flags
    defaulted: Floats
    monotone: tuple[int, ...]
    groups: Whole
    banks: Whole
    elsewhere: Floats

    def __post_init__(self) -> None:
        many = len(self.matrix)
        for name in ("accepted", "defaulted", "groups", "banks", "elsewhere"):
            if len(getattr(self, name)) != many:
                raise ValueError(f"{name}: got {len(getattr(self, name))} values, expected {many}, one a row of matrix")
        if len(self.monotone) != self.matrix.shape[1]:
            raise ValueError(f"monotone: got {len(self.monotone)} signs, expected {self.matrix.shape[1]}, one a column")
        if wrong := int((np.isnan(self.defaulted) == self.accepted).sum()):
            raise ValueError(
                f"defaulted: got {wrong} rows that are neither accepted with an outcome nor refused without"
            )
        if wrong := int((self.accepted & ~np.isnan(self.elsewhere)).sum()):
            raise ValueError(f"elsewhere: got {wrong} outcomes of accepted rows, expected them in `defaulted`")

    def __len__(self) -> int:
        return len(self.accepted)

    def take(self, rows: Flags | Whole) -> "Applicants":
        """Some of the rows: those flagged, or those at these places."""
        per_row = ("matrix", "accepted", "defaulted", "groups", "banks", "elsewhere")
        return replace(self, **{name: getattr(self, name)[rows] for name in per_row})
