"""One condition of a product, as structured data: a fact, and the values that are admitted."""

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Literal, Self

from pydantic import Field, model_validator

from decisions.code_names import codes_text
from decisions.fact_definitions import FactDefinition, Value, facts
from decisions.files import Frozen, Number
from decisions.formatting import shown
from decisions.text import Text, Words

Test = Literal["at_least", "at_most", "between", "one_of", "none_of"]
TESTS: tuple[Test, ...] = ("at_least", "at_most", "between", "one_of", "none_of")
NUMBER_TESTS = frozenset({"at_least", "at_most", "between"})

Direction = Literal["rises", "falls", "either"]
"""Which way a fact must move so that it can only do better by a rule: up, down, or neither is always better."""

SHAPES: Mapping[str, tuple[re.Pattern[str], str]] = MappingProxyType(
    {"industry_division": (re.compile(r"[A-T]\d{2}"), "a letter from A to T and two digits, such as C31")}
)
"""How the codes of a fact look where they are too many to list."""


class Rule(Frozen):
    """A condition on one fact.

    Attributes:
        fact: name in facts.toml.
        at_least, at_most, between: bounds, inclusive, in the fact's unit.
        one_of, none_of: codes; a set of codes is admitted when one of them is listed, or none is.
        on_breach: `ask` where the source grants exceptions that the fact cannot show, or calls the bound a suggestion:
            a breach is then an open question, not a refusal.
    """

    fact: Words
    at_least: Number | None = None
    at_most: Number | None = None
    between: tuple[Number, Number] | None = None
    one_of: tuple[Words, ...] = Field(default=(), min_length=1)
    none_of: tuple[Words, ...] = Field(default=(), min_length=1)
    on_breach: Literal["fail", "ask"] = "fail"

    @model_validator(mode="after")
    def _one_test_that_suits(self) -> Self:
        if self.fact not in facts():
            raise ValueError(f"fact: got {self.fact!r}, expected a name of facts.toml")
        given = self._given
        if len(given) != 1:
            raise ValueError(f"{self.fact}: got tests {given}, expected exactly one of {', '.join(TESTS)}")
        if (given[0] in NUMBER_TESTS) != self.definition.is_number:
            expected = "at_least, at_most or between" if self.definition.is_number else "one_of or none_of"
            raise ValueError(f"{self.fact}: got {given[0]}, expected {expected} for a fact in {self.definition.unit}")
        foreign = self.definition.foreign(self.one_of + self.none_of)
        foreign = foreign or self._misshapen()
        if foreign:
            raise ValueError(f"{self.fact}: {foreign}")
        if self.between and self.between[0] > self.between[1]:
            raise ValueError(f"{self.fact}: got between {list(self.between)}, expected the lower bound first")
        return self

    @cached_property
    def definition(self) -> FactDefinition:
        return facts()[self.fact]

    @cached_property
    def test(self) -> Test:
        """Which of the tests it puts."""
        return self._given[0]

    @property
    def _given(self) -> list[Test]:
        return [name for name in TESTS if getattr(self, name) not in {None, ()}]

    def _misshapen(self) -> str | None:
        """What is wrong with a code that does not look like one of its fact, or None."""
        shape, expected = SHAPES.get(self.fact, (None, ""))
        bad = [code for code in self.one_of + self.none_of if shape and not shape.fullmatch(code)]
        return f"got {bad[0]!r}, expected {expected}" if bad else None

    @cached_property
    def direction(self) -> Direction:
        """Which way the fact does better by this rule: a one-sided rule never turns worse when it moves that way.

        A list of grades rises when it admits every rung above its lowest; any other list, and a range, has two sides.
        """
        if self.test == "at_least":
            return "rises"
        if self.test == "at_most":
            return "falls"
        rungs = [rung in self.one_of for rung in self.definition.ladder]
        return "rises" if any(rungs) and rungs == sorted(rungs) else "either"

    def admits(self, value: Value) -> bool:
        """Whether a known value keeps the rule."""
        if isinstance(value, str):
            return (value in self._codes) == bool(self.one_of)
        if isinstance(value, tuple):
            return self._codes.isdisjoint(value) != bool(self.one_of)
        low, high = self._bounds
        return (low is None or value >= low) and (high is None or value <= high)

    @cached_property
    def _codes(self) -> frozenset[str]:
        return frozenset(self.one_of or self.none_of)

    @cached_property
    def _bounds(self) -> tuple[Number | None, Number | None]:
        return self.between or (self.at_least, self.at_most)

    @cached_property
    def threshold(self) -> str:
        """The admitted values in signs, in the fact's unit: `>= 24`, `18-65`, `A, B, M`."""
        return self._signs(str)

    @cached_property
    def bound(self) -> Text:
        """The same for people: amounts in 万元 and CNY, shares in per cent, codes by their names."""
        unit = self.definition.unit
        if not self.definition.is_number:
            codes = codes_text(self.fact, self.one_of or self.none_of)
            return codes if self.one_of else Text(zh=f"不为{codes.zh}", en=f"not {codes.en}")
        if self.between is not None:
            low, high = (shown(number, unit) for number in self.between)
            return Text(zh=f"{low.zh} 至 {high.zh}", en=f"{low.en} to {high.en}")
        return Text(
            zh=self._signs(lambda number: shown(number, unit).zh), en=self._signs(lambda number: shown(number, unit).en)
        )

    def _signs(self, write: Callable[[Number], str]) -> str:
        if self.one_of or self.none_of:
            return ", ".join(self.one_of) or f"not {', '.join(self.none_of)}"
        if self.between is not None:
            low, high = self.between
            return f"{write(low)}{'-' if low >= 0 else ' to '}{write(high)}"
        return f">= {write(self.at_least)}" if self.at_least is not None else f"<= {write(self.at_most or 0)}"

    def nearest(self, value: Value) -> str:
        """The smallest change of a value that breaks the rule: the bound, or the next rung that is admitted."""
        ladder = self.definition.ladder
        if isinstance(value, str) and value in ladder:
            rungs = [rung for rung in ladder[ladder.index(value) + 1 :] if self.admits(rung)]
            return rungs[0] if rungs else self.threshold
        if self.between is not None and isinstance(value, int | float):
            return f">= {self.between[0]}" if value < self.between[0] else f"<= {self.between[1]}"
        return self.threshold
