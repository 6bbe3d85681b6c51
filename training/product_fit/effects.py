"""What the record says of banks and products: logistic regressions of all banks, each drawn towards all together.

log odds = z · (usual + deviation of the bank) + shift of the product, with normal priors on deviations and shifts whose
spreads are learned from the record itself (empirical Bayes: penalised quasi-likelihood of Breslow and Clayton 1993, the
spreads by MacKay's fixed point, 1992). A bank with few answers stays near the usual one, and a bank or product without
any is the usual one; so ids are never features: what is learned are numbers of the record.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import expit
from threadpoolctl import threadpool_limits

Floats = NDArray[np.float64]
Matrix = NDArray[np.float64]
Places = NDArray[np.int64]

WEAK = 1.0
"""Precision of the prior on usual slopes of standardised columns: a standard deviation of 1 in log odds."""

FIRST_SPREAD, LEAST_SPREAD = 0.3, 1e-3
"""Standard deviations in log odds: where the search for a spread begins, and below which it is as good as none."""

PRIOR_SPREAD, PRIOR_BANKS = 0.05, 1.0
"""Little spread is expected, and that counts as so many banks: where few of them tell, luck looks like spread."""

FREE = 1e-6
"""Precision of the prior on the usual intercept."""

ROUNDS, ENOUGH = 30, 5e-3
LONGEST_STEP = 1.0


@dataclass(frozen=True)
class Answers:
    """Answers of banks to learn from.

    Attributes:
        columns: scores, a row an answer; the intercept is not among them.
        happened: 1 or 0.
        banks: id of each row.
        products: id of each row; None = products have no record of their own.
        signs: of each column, 1 where the chance must not fall with it, -1 where it must not rise, 0 = free.
    """

    columns: Matrix
    happened: Floats
    banks: pl.Series
    products: pl.Series | None
    signs: Places

    def take(self, rows: Places) -> "Answers":
        """Some of the rows."""
        products = None if self.products is None else self.products[rows]
        return Answers(self.columns[rows], self.happened[rows], self.banks[rows], products, self.signs)


@dataclass(frozen=True)
class Record:
    """What the record says, the intercept first in each row of coefficients.

    Attributes:
        usual: of all banks together.
        banks: coefficients by bank.
        products: shift of the log odds by product.
        spreads: standard deviations between banks by coefficient, and between products at the end.
    """

    usual: Floats
    banks: Mapping[str, Floats]
    products: Mapping[str, float]
    spreads: Floats

    def log_odds(self, answers: Answers) -> Floats:
        """Of other rows; who has no record is usual."""
        seen = np.array([*self.banks.values(), self.usual])
        mine = seen[_places(answers.banks, list(self.banks))]
        made: Floats = mine[:, 0] + np.einsum("ij,ij->i", answers.columns, mine[:, 1:])
        if answers.products is None:
            return made
        shifts = np.array([*self.products.values(), 0.0])
        return np.asarray(made + shifts[_places(answers.products, list(self.products))])


def record_of(answers: Answers, *, spreads: Floats | None = None) -> Record:
    """Learn usual slopes, what each bank deviates and each product shifts, and how far they spread.

    A usual slope against its sign is fixed at 0 and the others are learned anew; a bank's slope against its sign is 0.

    Args:
        answers: to learn from.
        spreads: as `Record` has them; None = learned too.
    """
    signs = answers.signs
    with threadpool_limits(1):  # many small matrices: threads would only wait for each other
        fitted = _Fit.of(answers, free=np.ones(len(signs), bool), spreads=spreads)
        wrong = signs * fitted.usual[1:] < 0
        if wrong.any():
            fitted = _Fit.of(answers, free=~wrong, spreads=spreads)
    promised = np.concatenate([[0], signs])
    usual = _kept_to(promised, fitted.usual)
    banks = {block.bank: _kept_to(promised, fitted.usual + block.own[: len(usual)]) for block in fitted.blocks}
    products = {
        product: float(shift)
        for block in fitted.blocks
        for product, shift in zip(block.products, block.own[len(usual) :], strict=True)
    }
    return Record(usual, banks, products, fitted.spreads)


def _kept_to(signs: Places, slopes: Floats) -> Floats:
    return np.where(signs * slopes < 0, 0.0, slopes)


def _places(ids: pl.Series, known: list[str]) -> Places:
    """Place of each id among the known, their number where it is not."""
    distinct = ids.unique()
    place = {one: number for number, one in enumerate(known)}
    numbers = pl.Series([place.get(one, len(known)) for one in distinct], dtype=pl.Int64)
    return ids.replace_strict(distinct, numbers, return_dtype=pl.Int64).to_numpy()


@dataclass
class _Block:
    """Rows of one bank, and what is its own: deviations of the coefficients, then shifts of its products."""

    bank: str
    products: list[str]
    design: Matrix
    happened: Floats
    own: Floats
    uncertainty: Floats


@dataclass
class _Fit:
    """The state of a fit: usual coefficients, blocks, and variances of deviations and shifts."""

    usual: Floats
    blocks: list[_Block]
    variances: Floats
    of_products: float

    @classmethod
    def of(cls, answers: Answers, *, free: NDArray[np.bool_], spreads: Floats | None) -> "_Fit":
        width = answers.columns.shape[1] + 1
        begun = np.full(width + 1, FIRST_SPREAD) if spreads is None else spreads
        state = cls(np.zeros(width), list(_blocks(answers, free)), begun[:-1] ** 2, float(begun[-1] ** 2))
        for _ in range(ROUNDS):
            before = state.spreads
            moved = state.stepped()
            if spreads is None:
                state.learn_spreads()
            if moved < ENOUGH and np.abs(state.spreads - before).max() < ENOUGH:
                break
        return state

    @property
    def spreads(self) -> Floats:
        return np.asarray(np.sqrt(np.append(self.variances, self.of_products)))

    def stepped(self) -> float:
        """One Newton step of everything at once, by the Schur complement of the banks' blocks; how far it went."""
        width = len(self.usual)
        whole = WEAK * np.eye(width)
        whole[0, 0] = FREE
        slope = -np.diag(whole) * self.usual
        solved = []
        for block in self.blocks:
            said = expit(block.design[:, :width] @ self.usual + block.design @ block.own)
            weighed = block.design * (said * (1 - said))[:, None]
            precision = self._precision(block)
            inner = np.linalg.inv(block.design.T @ weighed + np.diag(precision))
            across = block.design[:, :width].T @ weighed
            gradient = block.design.T @ (block.happened - said)
            own = gradient - precision * block.own
            whole += across[:, :width] - across @ inner @ across.T
            slope += gradient[:width] - across @ inner @ own
            solved.append((inner, across, own))
        step = np.linalg.solve(whole, slope)
        moves = [inner @ (own - across.T @ step) for inner, across, own in solved]
        longest = max(np.abs(step).max(), *(np.abs(move).max() for move in moves))
        damped = min(1.0, LONGEST_STEP / longest) if longest > 0 else 1.0
        self.usual = self.usual + damped * step
        for block, move, (inner, _, _) in zip(self.blocks, moves, solved, strict=True):
            block.own = block.own + damped * move
            block.uncertainty = np.diag(inner)
        return float(longest)

    def learn_spreads(self) -> None:
        """MacKay's fixed point: variance = sum of squares ÷ number of well-determined parameters."""
        width = len(self.usual)
        own = np.array([block.own[:width] for block in self.blocks])
        unsure = np.array([block.uncertainty[:width] for block in self.blocks])
        self.variances = _spread(own, unsure, self.variances)
        if not any(block.products for block in self.blocks):
            return
        shifts = np.concatenate([block.own[width:] for block in self.blocks])[:, None]
        doubts = np.concatenate([block.uncertainty[width:] for block in self.blocks])[:, None]
        self.of_products = float(_spread(shifts, doubts, np.array([self.of_products]))[0])

    def _precision(self, block: _Block) -> Floats:
        return 1 / np.append(self.variances, np.full(len(block.products), self.of_products))


def _spread(own: Matrix, unsure: Matrix, variances: Floats) -> Floats:
    determined = np.maximum((1 - unsure / variances).sum(axis=0), 0.0) + PRIOR_BANKS
    squares = (own**2).sum(axis=0) + PRIOR_BANKS * PRIOR_SPREAD**2
    return np.asarray(np.maximum(squares / determined, LEAST_SPREAD**2))


def _blocks(answers: Answers, free: NDArray[np.bool_]) -> Iterator[_Block]:
    ones = np.ones((len(answers.happened), 1))
    columns = np.concatenate([ones, answers.columns * free], axis=1)
    for bank in answers.banks.unique().sort():
        rows = np.flatnonzero((answers.banks == bank).to_numpy())
        theirs = answers.products[rows] if answers.products is not None else pl.Series([], dtype=pl.String)
        products = theirs.unique().sort().to_list()
        shifts = np.eye(len(products))[_places(theirs, products)] if products else np.empty((len(rows), 0))
        design = np.concatenate([columns[rows], shifts], axis=1)
        nothing = np.zeros(design.shape[1])
        yield _Block(bank, products, design, answers.happened[rows], nothing, nothing)
