"""The one learner behind all ways: boosted monotone trees on weighted rows, whose targets may be any numbers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
from scipy.special import expit, logit
from sklearn.model_selection import GroupKFold

from scoring.model import Matrix
from training.selection.sample import Floats, Whole

Says = Callable[[Matrix], Floats]
"""Gives a probability for each row of a matrix."""

LEAST_CHANCE = 1e-3
"""A mean target is kept so far from 0 and 1 before its log odds are taken."""

LEAST_CURVATURE = 1e-6


@dataclass(frozen=True)
class Rows:
    """Cases to learn from.

    Attributes:
        matrix: one row a case, NaN for null.
        target: what is to be said of the case: 0, 1, or any number that is right on average.
        weight: how much it counts.
    """

    matrix: Matrix
    target: Floats
    weight: Floats

    @classmethod
    def alike(cls, matrix: Matrix, target: Floats) -> "Rows":
        """Rows that all count 1."""
        return cls(matrix, target, np.ones(len(target)))

    def and_also(self, other: "Rows") -> "Rows":
        """These rows, then others."""
        pairs = ((self.matrix, other.matrix), (self.target, other.target), (self.weight, other.weight))
        return Rows(*(np.concatenate(pair) for pair in pairs))


@dataclass(frozen=True)
class Learner:
    """Settings of the trees, the same whatever they learn from: those with which the house's search begins."""

    rounds: int = 150
    num_leaves: int = 5
    learning_rate: float = 0.05
    min_data_in_leaf: int = 30
    lambda_l2: float = 10.0
    feature_fraction: float = 0.3
    folds: int = 3
    seed: int = 0

    def fit(self, rows: Rows, monotone: tuple[int, ...]) -> Says:
        """Probabilities of least log loss, -Σ weight × (target × ln p + (1 - target) × ln (1 - p)).

        The loss is convex in the log odds whatever the targets are, so those outside 0 to 1 are learned from too.
        """
        mean = float(np.average(rows.target, weights=rows.weight))
        start = float(logit(np.clip(mean, LEAST_CHANCE, 1 - LEAST_CHANCE)))

        def slopes(margins: Floats, _: lgb.Dataset) -> tuple[Floats, Floats]:
            chance = expit(start + margins)
            return rows.weight * (chance - rows.target), np.maximum(
                chance * (1 - chance), LEAST_CURVATURE
            ) * rows.weight

        data = lgb.Dataset(rows.matrix, rows.target, params={"verbose": -1})
        booster = lgb.train({**self._told(monotone), "objective": slopes}, data, num_boost_round=self.rounds)

        def says(matrix: Matrix) -> Floats:
            return np.asarray(expit(start + booster.predict(matrix, num_threads=1)))

        return says

    def unseen(self, matrix: Matrix, groups: Whole, learn: Callable[[Whole], Says]) -> Floats:
        """What models say of rows whose group they have not seen; `learn` gets the places to learn from."""
        said = np.empty(len(matrix))
        for train, test in self.splits(groups):
            said[test] = learn(train)(matrix[test])
        return said

    def splits(self, groups: Whole) -> Iterator[tuple[Whole, Whole]]:
        """Places to learn from and places to judge, whole groups, every row judged once."""
        dealt = GroupKFold(self.folds, shuffle=True, random_state=self.seed)
        yield from dealt.split(np.empty((len(groups), 1)), groups=groups)

    def _told(self, monotone: tuple[int, ...]) -> dict[str, object]:
        return {
            "num_leaves": self.num_leaves,
            "learning_rate": self.learning_rate,
            "min_data_in_leaf": self.min_data_in_leaf,
            "lambda_l2": self.lambda_l2,
            "feature_fraction": self.feature_fraction,
            "monotone_constraints": [*monotone],
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": 1,
            "seed": self.seed,
            "verbose": -1,
        }
