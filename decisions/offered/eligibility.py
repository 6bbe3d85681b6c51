"""May this enterprise have this product? Every condition answers pass, fail or unknown; unknown never refuses."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

from decisions.code_names import codes_text
from decisions.fact_definitions import FactDefinition, Value, documents
from decisions.fact_definitions import facts as definitions
from decisions.facts import Facts
from decisions.formatting import NOT_AVAILABLE, shown
from decisions.offered.areas import NATIONWIDE, covers, named, stem
from decisions.offered.products import Product
from decisions.offered.rules import Direction, Rule
from decisions.text import Text, joined

Outcome = Literal["pass", "fail", "unknown"]

SAID = {
    "pass": Text(zh="符合", en="met"),
    "fail": Text(zh="不符合", en="not met"),
    "unknown": Text(zh="待核实", en="to be settled"),
}

NO_CODE = Text(zh="无", en="none")

KEPT_VALUES = 4_096
"""Values put into words and kept: many conditions ask about the same ones."""


BANK_ANSWER = "bank_answer"
"""Code in documents.toml of what settles a condition whose source grants exceptions that no data can show."""


@dataclass(frozen=True)
class Verdict:
    """What one condition says.

    Attributes:
        rule: name of the fact it is about.
        value: the known value, None when unknown.
        threshold: the admitted values in signs; `bound` for people.
        nearest: after a fail, the nearest value that would pass.
        fact: definition of the fact.
        direction: which way the fact must move to do better by the condition; `either` = it has two sides, or none.
        said: the sentence for people where it is not the usual one.
        is_for_the_bank: while it is unknown, whether no paper settles it but the bank's answer.
    """

    rule: str
    verdict: Outcome
    value: Value | None
    threshold: str
    bound: Text
    nearest: str | None
    fact: FactDefinition
    direction: Direction = "either"
    said: Text | None = None
    is_for_the_bank: bool = False

    @property
    def need(self) -> Text | None:
        """What would settle it, while it is unknown: a paper, or the bank's answer."""
        if self.verdict != "unknown":
            return None
        return documents()[BANK_ANSWER] if self.is_for_the_bank else self.fact.need

    @property
    def is_met_anywhere(self) -> bool:
        """Whether every place meets the condition, so that it tells nothing."""
        return self.rule == "district" and NATIONWIDE in self.threshold.split(", ")

    @property
    def actionable(self) -> bool:
        """Whether the enterprise can change the fact by lawful conduct."""
        return self.fact.actionable

    @cached_property
    def text(self) -> Text:
        """The verdict as a sentence for people; written once, because one verdict serves many products."""
        if self.said is not None:
            return self.said
        value, outcome = _for_people(self.value, self.rule, self.fact.unit), SAID[self.verdict]
        return Text(
            zh=f"{self.fact.zh}：{value.zh}，要求 {self.bound.zh}，{outcome.zh}",
            en=f"{self.fact.en}: {value.en}, required {self.bound.en}: {outcome.en}",
        )


def verdicts(product: Product, facts: Facts) -> tuple[Verdict, ...]:
    """What each condition of a product says about an enterprise: its place first, then the rules in their order.

    What the policy of the day asks beside them of renewals is in `decisions.money.renewal_conditions`.
    """
    place = district_verdict(product.districts, facts.value("district"))
    return (place, *(rule_verdict(rule, facts.value(rule.fact)) for rule in product.rules))


def rule_verdict(rule: Rule, value: Value | None) -> Verdict:
    """What one rule says about a value; None = unknown."""
    if value is None:
        outcome: Outcome = "unknown"
    elif rule.admits(value):
        outcome = "pass"
    else:
        outcome = "unknown" if rule.on_breach == "ask" else "fail"
    return Verdict(
        rule=rule.fact,
        verdict=outcome,
        value=value,
        threshold=rule.threshold,
        bound=rule.bound,
        nearest=rule.nearest(value) if outcome == "fail" and value is not None else None,
        fact=rule.definition,
        direction=rule.direction,
        is_for_the_bank=value is not None and outcome == "unknown",
    )


def banned_verdict(fact: str, value: str, *, codes: tuple[str, ...], outcome: Outcome, nearest: str) -> Verdict:
    """A known code that is among banned ones: refused, or a question to the bank.

    Args:
        fact: name in facts.toml of a fact in words.
        value: its code.
        codes: the banned ones.
        outcome: fail, or unknown where the bank may allow it.
        nearest: what would pass after a fail; empty = any other code.
    """
    words, threshold = codes_text(fact, codes), f"not {', '.join(codes)}"
    return Verdict(
        rule=fact,
        verdict=outcome,
        value=value,
        threshold=threshold,
        bound=Text(zh=f"不为{words.zh}", en=f"not {words.en}"),
        nearest=(nearest or threshold) if outcome == "fail" else None,
        fact=definitions()[fact],
        is_for_the_bank=outcome == "unknown",
    )


def district_verdict(areas: tuple[str, ...], district: Value | None) -> Verdict:
    """Whether a place of registration lies in one of the areas where a product is offered.

    A place that is only known to the city or province (110000) is unknown to an area inside it, not outside it.
    """
    code = district if isinstance(district, str) else None
    found = {_within(area, code) for area in areas}
    outcome: Outcome = "pass" if "pass" in found else "unknown" if "unknown" in found else "fail"
    threshold = ", ".join(areas)
    return Verdict(
        rule="district",
        verdict=outcome,
        value=code,
        threshold=threshold,
        bound=joined(map(named, areas), zh="、", en=", "),
        nearest=threshold if outcome == "fail" else None,
        fact=definitions()["district"],
    )


def _within(area: str, code: str | None) -> Outcome:
    if covers(area, code):
        return "pass"
    return "unknown" if code is None or stem(area).startswith(stem(code)) else "fail"


@lru_cache(maxsize=KEPT_VALUES, typed=True)
def _for_people(value: Value | None, name: str, unit: str) -> Text:
    if value is None:
        return NOT_AVAILABLE
    if isinstance(value, int | float):
        return shown(value, unit)
    if name == "district" and isinstance(value, str):
        return named(value)
    codes = (value,) if isinstance(value, str) else value
    return codes_text(name, codes) if codes else NO_CODE
