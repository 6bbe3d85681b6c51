"""Rows as the probes look at them: values by feature, and how many enterprises stand behind a figure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.stats import norm

from features.definition import Feature
from scoring.model import as_matrix
from training.evaluation.resampling import Rows
from training.evaluation.types import Floats, Labels

FEWEST = 10
"""Enterprises of either kind with fewer of which nothing is told."""

ERROR = 0.05
"""Chance of any false alarm over all that is tried."""

TRIES_A_FEATURE = 3


@dataclass(frozen=True)
class Looked:
    """Rows, labels, and the number of each row's enterprise."""

    profiles: pl.DataFrame
    defaulted: Labels
    features: tuple[Feature, ...]
    columns: Mapping[str, Floats]
    enterprise: Rows

    @classmethod
    def at(cls, profiles: pl.DataFrame, defaulted: Labels, features: Sequence[Feature]) -> "Looked":
        matrix = np.asfortranarray(as_matrix(profiles, features)) if features else np.empty((profiles.height, 0))
        columns = {one.name: matrix[:, place] for place, one in enumerate(features)}
        codes = profiles["enterprise_id"].rank("dense").to_numpy().astype(np.int64)
        return cls(profiles, defaulted, tuple(features), columns, codes)

    def values(self, feature: Feature) -> Floats:
        return self.columns[feature.name]

    def enterprises(self, rows: Rows) -> int:
        return int(np.count_nonzero(np.bincount(self.enterprise[rows])))

    def of_a_kind(self, rows: Rows) -> tuple[int, int]:
        """Enterprises with a default among some rows, and with a sound row."""
        bad = self.defaulted[rows] == 1
        return self.enterprises(rows[bad]), self.enterprises(rows[~bad])

    def can_tell(self, rows: Rows) -> bool:
        return min(self.of_a_kind(rows)) >= FEWEST

    def is_beyond_chance(self, power: float, rows: Rows) -> bool:
        """Whether an AUC is further from ½ than chance brings over all features tried.

        The standard error of Mann and Whitney (1947), √((m + n + 1) / 12mn), is that without ties, the largest one, so
        that this errs towards silence.
        """
        bads, sounds = self.of_a_kind(rows)
        error = math.sqrt((bads + sounds + 1) / (12 * bads * sounds))
        tries = TRIES_A_FEATURE * len(self.features) + FEWEST
        return power - 0.5 > float(norm.isf(ERROR / 2 / tries)) * error
