"""Facts of many enterprises as columns, so that a condition is asked of all of them at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from decisions.fact_definitions import Value
from decisions.fact_definitions import facts as definitions
from decisions.facts import Facts

Floats = np.ndarray[Any, np.dtype[np.float64]]
Wholes = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

CHUNK = 1_024
"""Enterprises looked at together: some arrays of so many times the products are all that is held."""

MOST = 10**14
"""Whole numbers below it are exact as floats, and as 64-bit numbers also when multiplied."""


@dataclass(frozen=True)
class Words:
    """A column of codes or sets of codes: enterprise i has `values[places[i]]`; None = unknown."""

    values: tuple[Value | None, ...]
    places: Wholes


@dataclass(frozen=True)
class Cases:
    """Enterprises by some facts in words: enterprise i is of case `facts[places[i]]`, which holds no other fact."""

    facts: tuple[Facts, ...]
    places: Wholes

    def each(self, answer: Callable[[Facts], Any]) -> np.ndarray[Any, Any]:
        """An answer an enterprise, asked once for each case."""
        return np.array([answer(case) for case in self.facts])[self.places]


@dataclass(frozen=True)
class FactColumns:
    """Facts of a chunk of enterprises, a column a fact, each made when first asked for."""

    facts: Sequence[Facts]
    _numbers: dict[str, Floats] = field(default_factory=dict, init=False, repr=False)
    _words: dict[str, Words] = field(default_factory=dict, init=False, repr=False)
    _cases: dict[tuple[str, ...], Cases] = field(default_factory=dict, init=False, repr=False)

    def __len__(self) -> int:
        return len(self.facts)

    def numbers(self, name: str) -> Floats:
        """A fact that is a number; NaN = unknown.

        Raises:
            ValueError: a number too large to be exact.
        """
        if name not in self._numbers:
            known = [one.number(name) for one in self.facts]
            column = np.array([np.nan if value is None else value for value in known], dtype=np.float64)
            if (np.abs(column) >= MOST).any():
                raise ValueError(f"{name}: got {np.nanmax(np.abs(column)):.0f}, expected less than {MOST}")
            self._numbers[name] = column
        return self._numbers[name]

    def wholes(self, name: str) -> Wholes:
        """A fact in fen or pieces; 0 = nothing or unknown."""
        return np.nan_to_num(self.numbers(name)).astype(np.int64)

    def words(self, name: str) -> Words:
        """A fact that is a code or a set of codes."""
        if name not in self._words:
            index: dict[Value | None, int] = {}
            places = [index.setdefault(one.value(name), len(index)) for one in self.facts]
            self._words[name] = Words(tuple(index), np.array(places, dtype=np.int64))
        return self._words[name]

    def is_unknown(self, name: str) -> Flags:
        """Where a fact is unknown."""
        if definitions()[name].is_number:
            return np.isnan(self.numbers(name))
        words = self.words(name)
        return np.array([value is None for value in words.values])[words.places]

    def cases(self, names: Sequence[str]) -> Cases:
        """The cases that occur of some facts in words; one case when none is named."""
        key = tuple(names)
        if key not in self._cases:
            case = np.zeros(len(self), dtype=np.int64)
            for name in key:
                case = case * len(self.words(name).values) + self.words(name).places
            _, first, places = np.unique(case, return_index=True, return_inverse=True)
            self._cases[key] = Cases(tuple(_only(key, self.facts[one]) for one in first), places)
        return self._cases[key]


def _only(names: tuple[str, ...], facts: Facts) -> Facts:
    return Facts(MappingProxyType({name: facts.values[name] for name in names if name in facts.values}))
