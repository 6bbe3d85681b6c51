"""Limit rules worked out as far as a product and codes allow, so that amounts only meet whole-number arithmetic.

`decisions.money.limit.limit_of` says what a limit is; property tests hold the two equal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from decisions.fact_definitions import Value
from decisions.facts import Facts
from decisions.money.limit import Limit, limit_of, multiple_of
from decisions.offered.products import Ceiling, Product

DEBT, COLLATERAL = "debt_fen", "collateral"


@dataclass(frozen=True)
class CompiledCeiling:
    """Facts times whole numbers, divided by `scale`, less debt where the bank deducts it.

    Attributes:
        open_words: unknown facts in words that the multiples depend on.
    """

    scale: int
    parts: tuple[tuple[str, int], ...]
    less_debt: bool
    open_words: tuple[str, ...]

    def left(self, values: Mapping[str, Any], unknown: list[str]) -> int | None:
        """What it leaves of whole amounts; None while one is unknown. Adds the unknown facts to `unknown`."""
        total, is_told = 0, True
        for basis, times in self.parts:
            amount = values.get(basis)
            if amount is None:
                is_told = False
                unknown.append(basis)
            else:
                total += amount * times
        if self.less_debt and DEBT not in values:
            unknown.append(DEBT)
        unknown += self.open_words
        if not is_told:
            return None
        left = int(total // self.scale)
        return left - values.get(DEBT, 0) if self.less_debt else left


@dataclass(frozen=True)
class CompiledLimit:
    """The limit of a product for given codes: the lowest of what the caps leave and of the ceilings."""

    product: Product
    capped: Limit
    ceilings: tuple[CompiledCeiling, ...]

    def of(self, facts: Facts) -> Limit:
        """As `limit_of`, for amounts that are whole."""
        if not self.ceilings:
            return self.capped
        at_most, unknown = self.capped.at_most_fen, list[str]()
        for ceiling in self.ceilings:
            left = ceiling.left(facts.values, unknown)
            if left is not None and (at_most is None or left < at_most):
                at_most = max(left, 0)
        open_facts = tuple(dict.fromkeys((*unknown, *self.capped.open_facts))) if unknown else self.capped.open_facts
        return Limit(None if open_facts else at_most, at_most, open_facts, self.product)


def words_asked(product: Product) -> tuple[str, ...]:
    """The facts in words without which a product's limit stays open."""
    parts = [part for ceiling in product.limit for part in ceiling.parts]
    given = (*(part.multiple_by for part in parts), product.cap_by)
    return tuple(dict.fromkeys(by.fact for by in given if by is not None))


def words_read(product: Product) -> tuple[str, ...]:
    """The facts in words that it reads: without collateral, not knowing it leaves nothing open."""
    asked = words_asked(product)
    return asked if product.cap_without_collateral_fen is None else tuple(dict.fromkeys((COLLATERAL, *asked)))


def compiled(product: Product, words: Mapping[str, Value | None]) -> CompiledLimit:
    """The limit rule of a product for the values of the facts in words that it reads."""
    known = Facts(MappingProxyType({name: value for name, value in words.items() if value is not None}))
    capped = limit_of(product.model_copy(update={"limit": ()}), known)
    capped = Limit(capped.fen, capped.at_most_fen, capped.open_facts, product)
    return CompiledLimit(product, capped, tuple(_compiled(ceiling, known) for ceiling in product.limit))


def _compiled(ceiling: Ceiling, known: Facts) -> CompiledCeiling:
    """Multiples are scaled to whole numbers, so that their sum is as exact as that of decimal numbers."""
    decimals = [-int(multiple.as_tuple().exponent) for part in ceiling.parts for multiple in part.multiples]
    scale = 10 ** max(0, *decimals)
    by = [part.multiple_by.fact for part in ceiling.parts if part.multiple_by is not None]
    return CompiledCeiling(
        scale=scale,
        parts=tuple((part.basis, int(multiple_of(part, known) * scale)) for part in ceiling.parts),
        less_debt=ceiling.less_debt,
        open_words=tuple(name for name in by if known.value(name) is None),
    )
