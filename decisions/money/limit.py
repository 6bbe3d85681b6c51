"""How much a product can give: structured ceilings over known facts, capped, in whole fen."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from decisions.fact_definitions import facts as definitions
from decisions.facts import Facts
from decisions.offered.limit_words import basis_text
from decisions.offered.products import Part, Product
from decisions.text import Text

SECURED_BY = frozenset({"real_estate", "ip", "receivables", "inventory", "equipment", "deposit"})
"""Collateral that lifts the cap for unsecured amounts."""

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Limit:
    """How much a product can give one enterprise.

    Attributes:
        fen: the amount; None while a fact it depends on is unknown or the source states none.
        at_most_fen: what the known ceilings and caps leave; None when nothing bounds it.
        open_facts: unknown facts it depends on.
        product: whose limit it is.
    """

    fen: int | None
    at_most_fen: int | None
    open_facts: tuple[str, ...]
    product: Product

    @property
    def is_worked_out(self) -> bool:
        """Whether a formula over known facts supports the amount; a bare cap does not."""
        return self.fen is not None and bool(self.product.limit)

    @property
    def basis(self) -> Text:
        """How it is worked out, for people."""
        return basis_text(self.product)

    @property
    def needs(self) -> tuple[Text, ...]:
        """The papers that would settle it."""
        return tuple(definitions()[name].need for name in self.open_facts)


def limit_of(product: Product, facts: Facts) -> Limit:
    """The limit of a product: the lowest of its ceilings and caps, never below zero. The need does not enter it.

    A ceiling is the sum of fact x multiple over its parts, less existing debt where the bank deducts it; fractions of a
    fen are dropped.
    """
    open_facts = tuple(dict.fromkeys(_open_facts(product, facts)))
    bounds = [bound for bound in (*_ceilings(product, facts), *_caps(product, facts)) if bound is not None]
    at_most = max(min(bounds), 0) if bounds else None
    return Limit(
        fen=None if open_facts else at_most,
        at_most_fen=at_most,
        open_facts=open_facts,
        product=product,
    )


def _open_facts(product: Product, facts: Facts) -> Iterator[str]:
    for ceiling in product.limit:
        asked = [part.basis for part in ceiling.parts] + (["debt_fen"] if ceiling.less_debt else [])
        yield from (name for name in asked if facts.number(name) is None)
        by = (part.multiple_by.fact for part in ceiling.parts if part.multiple_by is not None)
        yield from (name for name in by if facts.value(name) is None)
    if product.cap_by is not None and facts.value(product.cap_by.fact) is None:
        yield product.cap_by.fact


def _ceilings(product: Product, facts: Facts) -> Iterator[int | None]:
    """What each ceiling leaves, without any debt while only that is unknown; None while the rest is unknown."""
    for ceiling in product.limit:
        amounts = [_amount(part, facts) for part in ceiling.parts]
        if any(amount is None for amount in amounts):
            yield None
        else:
            debt = facts.number("debt_fen") if ceiling.less_debt else 0
            yield int(sum(amount for amount in amounts if amount is not None) - int(debt or 0))


def _amount(part: Part, facts: Facts) -> Decimal | None:
    known = facts.number(part.basis)
    return None if known is None else multiple_of(part, facts) * Decimal(str(known))


def multiple_of(part: Part, facts: Facts) -> Decimal:
    """The multiple that counts: the lowest of the codes held, 0 where none of them is listed.

    While the codes are unknown it is the highest that is possible, so that what is left is a bound.
    """
    by = part.multiple_by
    if by is None:
        return max(part.multiples)
    held = codes_held(by.fact, facts)
    if held is None:
        return max(part.multiples)
    return min((by.multiple[code] for code in held if code in by.multiple), default=NOTHING)


def codes_held(fact: str, facts: Facts) -> frozenset[str] | None:
    """The codes of a fact that is a word or a set of words; None while it is unknown."""
    held = facts.value(fact)
    if isinstance(held, str):
        return frozenset({held})
    return frozenset(held) if isinstance(held, tuple) else None


def _caps(product: Product, facts: Facts) -> Iterator[int | None]:
    yield product.cap_fen
    offered = facts.value("collateral")
    if not (isinstance(offered, tuple) and SECURED_BY.intersection(offered)):
        yield product.cap_without_collateral_fen
    if product.cap_by is not None:
        held = codes_held(product.cap_by.fact, facts)
        yield max((fen for code, fen in product.cap_by.fen.items() if held is None or code in held), default=0)
