"""The model of product fit: would the bank approve, and would the loan be drawn and repaid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import lightgbm as lgb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.pairs.good_match import FIRM, PAIRS
from scoring.card import Card

Floats = NDArray[np.float64]
Matrix = NDArray[np.float64]
Places = NDArray[np.int64]


def columns_seen() -> tuple[str, ...]:
    """The columns that models of fit see, in their order: those of the enterprise, then those of the pair."""
    return (*(one.name for one in FIRM), *(one.name for one in PAIRS))


@dataclass(frozen=True)
class Fits:
    """What a model of fit says of some pairs.

    Attributes:
        approval: probability that the bank approves, if asked on the day.
        kept: probability that an approved loan is drawn and repaid.
        share: expected share of the possible amount, the smaller of bound and wish, that an approval grants, 0 to 1;
            None = the model says nothing of amounts.
    """

    approval: Floats
    kept: Floats
    share: Floats | None = None


@dataclass(frozen=True)
class Ruler:
    """Normal scores of a column: straight between its knots, flat beyond, 0 where the value is not known.

    Attributes:
        at: values, rising.
        scores: at each of them, not falling.
    """

    at: tuple[float, ...]
    scores: tuple[float, ...]

    def __call__(self, values: Floats) -> Floats:
        """The score of each value; NaN = not known."""
        return np.nan_to_num(np.interp(values, self.at, self.scores), nan=0.0)


@dataclass(frozen=True)
class BankView:
    """What the record of past answers says of how one bank looks at applicants.

    Attributes:
        intercept: log odds for who scores 0 on every ruler, before the trees.
        weight: of the trees and of the product's own record; positive.
        slopes: log odds a score, by column.
    """

    intercept: float
    weight: float
    slopes: tuple[float, ...]


@dataclass(frozen=True)
class Head:
    """One probability: log odds = intercept + slopes · scores + weight × (trees + product's record).

    The numbers are those of the bank; `usual` stands for a bank without a record.

    Attributes:
        booster: its raw margin is the part that no bank's view tells.
        usual: of all banks together.
        banks: by bank id.
        products: shift by product id; a product without a record has 0.
    """

    booster: lgb.Booster
    usual: BankView
    banks: Mapping[str, BankView]
    products: Mapping[str, float]

    @cached_property
    def _views(self) -> tuple[BankView, ...]:
        return (*self.banks.values(), self.usual)

    @cached_property
    def _slopes(self) -> Matrix:
        return np.array([view.slopes for view in self._views])

    @cached_property
    def _numbers(self) -> Matrix:
        return np.array([(view.intercept, view.weight) for view in self._views])

    @cached_property
    def _bank_places(self) -> Mapping[str, int]:
        return {bank: place for place, bank in enumerate(self.banks)}

    def log_odds(self, seen: "Seen") -> Floats:
        """Of each pair."""
        trees = np.asarray(self.booster.predict(seen.matrix, raw_score=True, num_threads=1))
        banks = self._banks_of(seen)
        linear = np.einsum("ij,ij->i", seen.scores, self._slopes[banks])
        intercept, weight = self._numbers[banks].T
        made: Floats = intercept + linear + weight * (trees + self._products_of(seen))
        return made

    def contributions(self, seen: "Seen") -> Matrix:
        """What each column adds to the log odds, then what is left without any: rows add up to the log odds.

        Path-dependent Shapley values of the trees; the linear part is measured from score 0, the middle of the sample.
        """
        trees = np.asarray(self.booster.predict(seen.matrix, pred_contrib=True, num_threads=1))
        banks = self._banks_of(seen)
        intercept, weight = self._numbers[banks].T
        made = trees * weight[:, None]
        made[:, :-1] += seen.scores * self._slopes[banks]
        made[:, -1] += intercept + weight * self._products_of(seen)
        return np.asarray(made)

    def _banks_of(self, seen: "Seen") -> Places:
        return seen.places("bank_id", self._bank_places)

    def _products_of(self, seen: "Seen") -> Floats:
        shifts = np.array([*self.products.values(), 0.0])
        return shifts[seen.places("product_id", {product: place for place, product in enumerate(self.products)})]


@dataclass(frozen=True)
class Seen:
    """Pairs as the heads of a model read them.

    Attributes:
        matrix: columns of `columns_seen`, NaN for null.
        scores: the same on the rulers.
    """

    pairs: pl.DataFrame
    matrix: Matrix
    scores: Matrix

    @classmethod
    def of(cls, pairs: pl.DataFrame, rulers: Sequence[Ruler]) -> "Seen":
        """Pairs of `features.pairs.cross.cross`, by the ruler of each column."""
        matrix = pair_matrix(pairs)
        scores = [ruler(column) for ruler, column in zip(rulers, matrix.T, strict=True)]
        return cls(pairs, matrix, np.stack(scores, axis=1) if scores else np.empty((pairs.height, 0)))

    def places(self, column: str, known: Mapping[str, int]) -> Places:
        """Place of each pair's id among the known ones; their number for an id that is not."""
        ids = self.pairs[column]
        if self.pairs.height <= FEW:
            return np.array([known.get(one, len(known)) for one in ids], np.int64)
        distinct = ids.unique()
        place = pl.Series([known.get(one, len(known)) for one in distinct], dtype=pl.Int64)
        return ids.replace_strict(distinct, place, return_dtype=pl.Int64).to_numpy()


FEW = 1_000
"""Pairs up to which ids are looked up one by one."""


@dataclass(frozen=True)
class FitModel:
    """See the module.

    Attributes:
        approving: whether the bank approves, where no rule of it stands against the applicant.
        keeping: whether an approved loan is drawn and repaid.
        rulers: one a column of `columns_seen`.
        card: what it was made from, and how good it is.
        digest: `sha256:…` over the files of its folder; empty until it has been saved.
        granted_share: by product, the share of the possible amount that past approvals granted while no rule told it.
        usual_share: the same of a product without a record; None = nothing is known.
        granted_rate: by product, the annual rate that past approvals asked, a fraction.
        usual_rate: the same of a product without a record whose source states no rate; None = nothing is known.
        clearing: whether no rule of the bank stands against the applicant: approval is the product of both; None =
            past refusals do not say why, and `approving` tells all of it.
        sharing: tells `Fits.share`; None = the model says nothing of amounts.
        pass_share: by product and fact, the share of enterprises that pass what it asks of the fact over that of its
            own applicants, at most 1: by so much an open question lowers the chance of who did not choose it.
    """

    approving: Head
    keeping: Head
    rulers: tuple[Ruler, ...]
    card: Card
    digest: str = ""
    granted_share: Mapping[str, float] = field(default_factory=dict)
    usual_share: float | None = None
    granted_rate: Mapping[str, float] = field(default_factory=dict)
    usual_rate: float | None = None
    clearing: Head | None = None
    sharing: lgb.Booster | None = None
    pass_share: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def fits(self, pairs: pl.DataFrame) -> Fits:
        """Both probabilities of each pair of `features.pairs.cross.cross`, in its order."""
        seen = Seen.of(pairs, self.rulers)
        approval = _chance(self.approving.log_odds(seen))
        if self.clearing is not None:
            approval = approval * _chance(self.clearing.log_odds(seen))
        return Fits(approval, _chance(self.keeping.log_odds(seen)), self._share_of(seen.matrix))

    def _share_of(self, matrix: Matrix) -> Floats | None:
        if self.sharing is None:
            return None
        return np.asarray(np.clip(np.asarray(self.sharing.predict(matrix, num_threads=1)), 0.0, 1.0))

    def contributions(self, pairs: pl.DataFrame) -> Matrix:
        """Parts of the log odds of approval: a column a feature of FIRM and PAIRS, then what is left without any.

        Rows add up to the log odds of `fits(pairs).approval`. The last column holds what the record says of the bank
        and of the product as such.
        """
        seen = Seen.of(pairs, self.rulers)
        approving = self.approving.contributions(seen)
        if self.clearing is None:
            return approving
        return _of_both(approving, self.clearing.contributions(seen))


def _of_both(one: Matrix, other: Matrix) -> Matrix:
    """Contributions to the log odds of a product of two chances, from those to the log odds of each.

    What each chance moves is its Shapley value of the two, and is shared out among the columns as within that chance
    (the rescale rule of DeepLIFT, Shrikumar and others 2017; Chen, Lundberg and Lee 2022).
    """
    first, second = one[:, -1], other[:, -1]
    moved, moved_too = _moved(one), _moved(other)
    start, end = _joint(first, second), _joint(first + moved, second + moved_too)
    alone, alone_too = _joint(first + moved, second) - start, _joint(first, second + moved_too) - start
    share, share_too = (alone + end - start - alone_too) / 2, (alone_too + end - start - alone) / 2
    columns = one[:, :-1] * (share / moved)[:, None] + other[:, :-1] * (share_too / moved_too)[:, None]
    return np.concatenate([columns, start[:, None]], axis=1)


def _moved(contributions: Matrix) -> Floats:
    """How far all columns together move log odds; never 0."""
    move = contributions[:, :-1].sum(axis=1)
    return np.asarray(np.where(np.abs(move) < LEAST_MOVE, LEAST_MOVE, move))


LEAST_MOVE = 1e-7
"""Of log odds; less is taken for as much, so that nothing is divided by zero."""


def _joint(one: Floats, other: Floats) -> Floats:
    """Log odds of the product of two chances that are given as log odds."""
    log_chance = -np.logaddexp(0.0, -one) - np.logaddexp(0.0, -other)
    return np.asarray(log_chance - np.log(-np.expm1(log_chance)))


def pair_matrix(pairs: pl.DataFrame) -> Matrix:
    """The columns of `columns_seen` as float64, NaN for null."""
    return pairs.select(pl.col(list(columns_seen())).cast(pl.Float64)).to_numpy(order="c")


def _chance(log_odds: Floats) -> Floats:
    return np.asarray(np.exp(-np.logaddexp(0.0, -log_odds)))
