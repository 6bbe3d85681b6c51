"""How much each product gives: the catalogue's formulas over what banks know."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from decisions.money.limit import SECURED_BY
from decisions.offered.products import Part, Product
from simulation.assumed import lending as a
from simulation.chance import Flags, Numbers
from simulation.lending.known import FEN, FIGURES, WORDS, Known


class ByCode(NamedTuple):
    """An amount that depends on the codes of a fact that is a word: by code, NaN where it is not listed."""

    fact: str
    by_code: Numbers


class Graded(NamedTuple):
    """A part whose multiple depends on codes: a basis, and the offer and ceiling that it belongs to."""

    basis: str
    multiple: ByCode
    offer: int
    ceiling: int


@dataclass(frozen=True)
class Ceilings:
    """The formulas; money in fen.

    Attributes:
        multiples: ceiling × offer × fact of `FIGURES`.
        less_debt, stated: ceiling × offer; what is not stated bounds nothing.
        graded: parts whose multiple depends on codes.
        cap, bare_cap: per offer, with and without security.
        caps_by: caps that depend on codes, by offer.
    """

    multiples: Numbers
    less_debt: Flags
    stated: Flags
    graded: tuple[Graded, ...]
    cap: Numbers
    bare_cap: Numbers
    caps_by: Mapping[int, ByCode]

    def limits(self, known: Known) -> Numbers:
        """The most that each offer gives each lane, yuan: lane × offer; below 0 where debts leave nothing."""
        figures = np.stack([known.figures[name] for name in FIGURES], axis=1)
        most = self._caps(known)
        for place in range(len(self.multiples)):
            amount = np.einsum("lf,of->lo", figures, self.multiples[place])
            for part in self.graded:
                if part.ceiling == place:
                    amount[:, part.offer] += known.figures[part.basis] * _of_codes(part.multiple, known, lowest=True)
            amount -= known.figures["debt_fen"][:, None] * self.less_debt[place]
            most = np.where(self.stated[place], np.minimum(most, amount), most)
        yuan: Numbers = most / FEN
        return yuan

    def _caps(self, known: Known) -> Numbers:
        offered = [code in SECURED_BY for code in WORDS["collateral"]]
        secured: Flags = np.any(known.sets["collateral"][:, offered], axis=1)
        caps = np.where(secured[:, None], self.cap, np.minimum(self.cap, self.bare_cap))
        for offer, by in self.caps_by.items():
            caps[:, offer] = np.minimum(caps[:, offer], _of_codes(by, known, lowest=False))
        return caps


def ceilings(products: Sequence[Product], *, usual_share: float) -> Ceilings:
    """The formulas of some products.

    Args:
        products: of the catalogue.
        usual_share: of a year's sales that all loans together reach where a product states no formula.
    """
    deepest = max(len(product.limit) for product in products)
    shape = (deepest, len(products))
    multiples, less_debt, stated = np.zeros((*shape, len(FIGURES))), np.zeros(shape, bool), np.zeros(shape, bool)
    for offer, product in enumerate(products):
        for place, ceiling in enumerate(product.limit):
            less_debt[place, offer], stated[place, offer] = ceiling.less_debt, True
            for part in ceiling.parts:
                multiples[place, offer, FIGURES.index(part.basis)] += float(part.multiple or 0)
        if not product.limit:
            less_debt[0, offer] = stated[0, offer] = True
            multiples[0, offer, FIGURES.index("sales_12m_fen")] = usual_share
    unstated = [np.inf if product.limit else FEN * a.DEFAULT_CAP for product in products]
    caps = [product.cap_fen or usual for product, usual in zip(products, unstated, strict=True)]
    bare = [product.cap_without_collateral_fen for product in products]
    return Ceilings(
        multiples=multiples,
        less_debt=less_debt,
        stated=stated,
        graded=tuple(_graded(products)),
        cap=np.array(caps, float),
        bare_cap=np.array([np.inf if fen is None else float(fen) for fen in bare]),
        caps_by={
            offer: _by_code(product.cap_by.fact, product.cap_by.fen)
            for offer, product in enumerate(products)
            if product.cap_by is not None
        },
    )


def _graded(products: Sequence[Product]) -> Iterator[Graded]:
    for offer, product in enumerate(products):
        for place, ceiling in enumerate(product.limit):
            yield from (Graded(part.basis, multiple, offer, place) for part, multiple in _varying(ceiling.parts))


def _varying(parts: Sequence[Part]) -> Iterator[tuple[Part, ByCode]]:
    for part in parts:
        if part.multiple_by is not None:
            yield part, _by_code(part.multiple_by.fact, part.multiple_by.multiple)


def _by_code(fact: str, amounts: Mapping[str, object]) -> ByCode:
    return ByCode(fact, np.array([float(str(amounts[code])) if code in amounts else np.nan for code in WORDS[fact]]))


def _of_codes(by: ByCode, known: Known, *, lowest: bool) -> Numbers:
    """The lowest, or highest, amount among the codes that a lane holds; 0 where none of them is listed."""
    nothing = np.inf if lowest else -np.inf
    held = known.held(by.fact) & ~np.isnan(by.by_code)
    amounts = np.where(held, np.nan_to_num(by.by_code), nothing)
    chosen = amounts.min(axis=1) if lowest else amounts.max(axis=1)
    found: Numbers = np.where(held.any(axis=1), chosen, 0.0)
    return found
