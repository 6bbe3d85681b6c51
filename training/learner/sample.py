"""What a learner sees: numbers, outcomes, and what may not be torn apart."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from scoring.model import Matrix

Labels = NDArray[np.int64]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Sample:
    """Rows to learn from.

    Attributes:
        matrix: one row a case, NaN for null.
        defaulted: 1 for a default, same order.
        names: of the columns.
        monotone: for each column, 1 where risk rises with the value, -1 where it falls, 0 where nothing is promised.
        groups: rows of one enterprise share a number; folds keep them together.
        days: days since 1970-01-01; empty = no time, folds are across groups only.
        window_months: months after its day that a row's outcome covers; 0 = known on the day.
        blocks: columns that go missing together, by block; a column may belong to several.
        whole_history: columns that see all that is known rather than the newest months; empty = no such difference.
    """

    matrix: Matrix
    defaulted: Labels
    names: tuple[str, ...]
    monotone: tuple[int, ...]
    groups: Rows
    days: Rows = field(default_factory=lambda: np.empty(0, np.int64))
    window_months: int = 12
    blocks: tuple[tuple[int, ...], ...] = ()
    whole_history: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.defaulted)

    @property
    def has_days(self) -> bool:
        """Whether rows have days, so that what is learned can be tried on later ones."""
        return len(self.days) == len(self.defaulted)

    def take(self, rows: Rows) -> "Sample":
        """Some of the rows, in that order."""
        days = self.days[rows] if self.has_days else self.days
        return replace(
            self, matrix=self.matrix[rows], defaulted=self.defaulted[rows], groups=self.groups[rows], days=days
        )
