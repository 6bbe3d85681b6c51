"""Limits of a product for many enterprises at once: the same whole fen as `limit_of`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from decisions.batch.columns import Cases, FactColumns, Flags, Wholes
from decisions.match.prepared import Offer
from decisions.money.compiled_limits import DEBT, CompiledCeiling, CompiledLimit

UNBOUNDED = 2**62
"""Stands for an amount that nothing bounds."""


@dataclass(frozen=True)
class Limits:
    """Limits of one product.

    Attributes:
        at_most_fen: what the known ceilings and caps leave; `UNBOUNDED` where nothing does.
        open_facts: by fact that it depends on, where that is unknown.
    """

    at_most_fen: Wholes
    open_facts: Mapping[str, Flags]

    @cached_property
    def is_open(self) -> Flags:
        """Where some fact that it depends on is unknown."""
        closed = np.zeros(len(self.at_most_fen), dtype=bool)
        return np.asarray(np.logical_or.reduce([closed, *self.open_facts.values()]))


def limits_of(offer: Offer, columns: FactColumns) -> Limits:
    """The limits of a product for a chunk of enterprises.

    Raises:
        ValueError: an amount too large to be exact.
    """
    cases = columns.cases(offer.words_read)
    rules = [offer.compiled_limit(case) for case in cases.facts]
    at_most = np.array([_or_unbounded(rule.capped.at_most_fen) for rule in rules])[cases.places]
    for versions in zip(*(rule.ceilings for rule in rules), strict=True):
        missing = np.logical_or.reduce([columns.is_unknown(basis) for basis, _ in versions[0].parts])
        at_most = np.where(missing, at_most, np.minimum(at_most, _left(versions, cases, columns)))
    open_facts = {name: columns.is_unknown(name) for name in _asked(rules[0], offer)}
    return Limits(np.maximum(at_most, 0), open_facts)


def _or_unbounded(fen: int | None) -> int:
    return UNBOUNDED if fen is None else fen


def _asked(rule: CompiledLimit, offer: Offer) -> set[str]:
    """The facts without which the limit stays open; collateral alone never leaves it open."""
    bases = {basis for ceiling in rule.ceilings for basis, _ in ceiling.parts}
    debt = {DEBT} if any(ceiling.less_debt for ceiling in rule.ceilings) else set()
    return bases | debt | set(offer.words_asked)


def _left(versions: Sequence[CompiledCeiling], cases: Cases, columns: FactColumns) -> Wholes:
    """What a ceiling, told for each case, leaves; anything where an amount is unknown."""
    total = np.zeros(len(columns), dtype=np.int64)
    for part in zip(*(version.parts for version in versions), strict=True):
        total += columns.wholes(part[0][0]) * np.array([times for _, times in part])[cases.places]
    debt = columns.wholes(DEBT) if versions[0].less_debt else 0
    return total // versions[0].scale - debt
