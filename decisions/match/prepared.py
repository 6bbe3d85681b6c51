"""A catalogue made ready to be asked for one enterprise after another: equal conditions of its products stand once."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Protocol

from decisions.fact_definitions import Value
from decisions.facts import Facts
from decisions.money.compiled_limits import CompiledLimit, compiled, words_asked, words_read
from decisions.money.limit import Limit
from decisions.offered.catalogue import Catalogue, Entry
from decisions.offered.eligibility import Verdict, district_verdict, rule_verdict
from decisions.offered.limit_words import basis_text
from decisions.offered.products import Contact, Product
from decisions.offered.rules import Rule
from decisions.text import Text

KEPT_CATALOGUES = 64
"""One a day and a set of banks asked about; each holds references only."""

KEPT_DISTRICTS = 1_024
"""One a district, for each of the catalogues most asked about."""

KEPT_VERDICTS = 8_192
"""One a condition and a value that recurs."""

KEPT_LIMITS = 8_192
"""One a product and the codes that its limit reads: two for most products that read any."""


class Condition(Protocol):
    """What a product asks of an enterprise."""

    @property
    def fact(self) -> str:
        """The one fact that it reads."""

    @property
    def key(self) -> Hashable:
        """Equal for conditions that are one, whoever puts them."""

    def verdict(self, facts: Facts) -> Verdict:
        """What it says of an enterprise."""


@dataclass(frozen=True, eq=False)
class PlaceCondition:
    """The areas where a product is offered."""

    areas: tuple[str, ...]

    @property
    def fact(self) -> str:
        return "district"

    @property
    def key(self) -> Hashable:
        return self.areas

    def verdict(self, facts: Facts) -> Verdict:
        return _place_verdict(self, facts.value("district"))


@dataclass(frozen=True, eq=False)
class FactCondition:
    """A rule about a fact."""

    rule: Rule

    @property
    def fact(self) -> str:
        return self.rule.fact

    @property
    def key(self) -> Hashable:
        """The threshold tells 24 from 24.0, which are equal and read differently."""
        return self.rule, self.rule.threshold

    @cached_property
    def _values_recur(self) -> bool:
        return self.rule.definition.unit not in {"fen", "share"}

    @cached_property
    def _unknown(self) -> Verdict:
        return rule_verdict(self.rule, None)

    def verdict(self, facts: Facts) -> Verdict:
        value = facts.values.get(self.rule.fact)
        if value is None:
            return self._unknown
        return _fact_verdict(self, value) if self._values_recur else rule_verdict(self.rule, value)


@lru_cache(maxsize=KEPT_VERDICTS)
def _place_verdict(condition: PlaceCondition, district: Value | None) -> Verdict:
    return district_verdict(condition.areas, district)


@lru_cache(maxsize=KEPT_VERDICTS, typed=True)
def _fact_verdict(condition: FactCondition, value: Value) -> Verdict:
    """Kept with its sentence, because many enterprises have the same grade, title or number of lenders."""
    return rule_verdict(condition.rule, value)


@dataclass(frozen=True, eq=False)
class Offer:
    """A product, and where its conditions stand.

    Attributes:
        asks: places in `Prepared.conditions`, in the order in which people read them.
        places: the same as a set.
        words_read, words_asked: the facts in words that its limit reads, and those that it stays open without.
        is_renewal: whether the policy's terms of renewal are conditions too.
    """

    entry: Entry
    asks: tuple[int, ...]
    places: frozenset[int]
    words_read: tuple[str, ...]
    words_asked: tuple[str, ...]
    is_renewal: bool

    def limit(self, facts: Facts) -> Limit:
        """As `limit_of`, for amounts that are whole."""
        return self.compiled_limit(facts).of(facts)

    def compiled_limit(self, facts: Facts) -> CompiledLimit:
        """Its limit rule for the codes of an enterprise."""
        if not self.words_read:
            return self._one_limit
        return _compiled_limit(self, tuple([facts.values.get(name) for name in self.words_read]))

    @cached_property
    def basis(self) -> Text:
        """How its limit is worked out, for people."""
        return basis_text(self.entry.product)

    @cached_property
    def _one_limit(self) -> CompiledLimit:
        return compiled(self.entry.product, {})


@lru_cache(maxsize=KEPT_LIMITS)
def _compiled_limit(offer: Offer, codes: tuple[Value | None, ...]) -> CompiledLimit:
    return compiled(offer.entry.product, dict(zip(offer.words_read, codes, strict=True)))


@dataclass(frozen=True, eq=False)
class Prepared:
    """A catalogue with every condition once.

    Attributes:
        catalogue: what it was made of.
        conditions: those of all products, none twice.
        offers: the products in the order of the catalogue.
    """

    catalogue: Catalogue
    conditions: tuple[Condition, ...]
    offers: tuple[Offer, ...]

    @cached_property
    def version(self) -> str | None:
        """That of the catalogue."""
        return self.catalogue.version

    @cached_property
    def has_renewals(self) -> bool:
        """Whether some product asks what the policy asks of renewals."""
        return any(offer.is_renewal for offer in self.offers)


def prepared(catalogue: Catalogue) -> Prepared:
    """The catalogue made ready; once for all catalogues of the very same entries."""
    return _prepared(_SameEntries(catalogue))


def prepared_by_id(catalogue: Catalogue) -> Prepared:
    """The catalogue made ready, its products in the order of their ids."""
    return prepared(Catalogue(tuple(sorted(catalogue.entries, key=lambda entry: entry.product.id))))


def conditions_of(product: Product) -> Iterator[Condition]:
    """What a product asks: its place first, then the rules in their order."""
    yield PlaceCondition(product.districts)
    for rule in product.rules:
        yield FactCondition(rule)


@lru_cache(maxsize=KEPT_DISTRICTS)
def contacts_in(ready: Prepared, district: Value | None) -> tuple[Contact | None, ...]:
    """Whom an enterprise of a district asks about each product, in the order of the offers; None = nobody is named."""
    code = district if isinstance(district, str) else None
    return tuple(ready.catalogue.contact(offer.entry, code) for offer in ready.offers)


class _SameEntries:
    """A catalogue as a key: equal when the entries are the very same, for comparing their terms takes longer."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._ids = tuple(map(id, catalogue.entries))

    def __hash__(self) -> int:
        return hash(self._ids)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _SameEntries) and self._ids == other._ids


@lru_cache(maxsize=KEPT_CATALOGUES)
def _prepared(key: _SameEntries) -> Prepared:
    conditions: dict[Hashable, tuple[int, Condition]] = {}
    offers = tuple(_offer(entry, conditions) for entry in key.catalogue.entries)
    return Prepared(key.catalogue, tuple(condition for _, condition in conditions.values()), offers)


def _offer(entry: Entry, conditions: dict[Hashable, tuple[int, Condition]]) -> Offer:
    asked = conditions_of(entry.product)
    asks = tuple(conditions.setdefault(one.key, (len(conditions), one))[0] for one in asked)
    product = entry.product
    return Offer(
        entry=entry,
        asks=asks,
        places=frozenset(asks),
        words_read=words_read(product),
        words_asked=words_asked(product),
        is_renewal=product.is_renewal,
    )
