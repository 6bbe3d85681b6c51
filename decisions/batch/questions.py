"""What a chunk of enterprises is asked before any single product: every condition once, stops, and what each wants."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from decisions.batch.columns import FactColumns, Flags, Floats, Wholes
from decisions.batch.limits import UNBOUNDED
from decisions.fact_definitions import Value
from decisions.facts import Facts
from decisions.match.barriers import barrier_facts, barriers
from decisions.match.prepared import Condition, FactCondition, Prepared
from decisions.match.purpose_fit import PURPOSE, purpose_doubt
from decisions.match.ranking import RuleOfThumb
from decisions.match.worth import Borrower, lowers_the_rate_of, may_lower_a_rate, wanted_fen, wanted_months
from decisions.money.lending import affordable
from decisions.money.renewal import DAYS, LOANS, SIZE, renewal_verdict
from decisions.money.subsidy_terms import SubsidyTerms
from decisions.offered.eligibility import Outcome, district_verdict, rule_verdict
from decisions.offered.products import Product
from decisions.offered.rules import Rule
from decisions.policies import Policy

Grid = np.ndarray[Any, np.dtype[Any]]
"""A row a condition, a column an enterprise."""

OUTCOMES: tuple[Outcome, ...] = ("pass", "unknown", "fail")
OPEN, FAILED = 1, 2


@dataclass(frozen=True)
class Renewals:
    """What the policy's terms of renewal say of a chunk of enterprises.

    Attributes:
        fails: whom they rule out.
        opens: by fact that they ask about, where that is unknown.
    """

    fails: Flags
    opens: Mapping[str, Flags]


@dataclass(frozen=True)
class Questions:
    """Answers of a chunk of enterprises.

    Attributes:
        fails, opens: by condition and enterprise, whether it is failed, or unknown.
        stopped: whether something keeps it from every product.
        one_in: one over the chance of approval with nothing open.
    """

    columns: FactColumns
    ready: Prepared
    policy: Policy
    fails: Grid
    opens: Grid
    stopped: Flags
    one_in: Floats

    @cached_property
    def wanted_fen(self) -> Wholes:
        return self._each(lambda facts: wanted_fen(facts.need, self.policy))

    @cached_property
    def wanted_months(self) -> Wholes:
        return self._each(lambda facts: wanted_months(facts.need, self.policy))

    @cached_property
    def affordable_fen(self) -> Wholes:
        """`UNBOUNDED` where it is not known."""
        known = (affordable(facts, self.policy).fen for facts in self.columns.facts)
        return np.array([UNBOUNDED if fen is None else fen for fen in known], dtype=np.int64)

    @cached_property
    def urgency_days(self) -> Floats:
        """NaN where it is not known."""
        known = (facts.need.urgency_days for facts in self.columns.facts)
        return np.array([np.nan if days is None else days for days in known], dtype=np.float64)

    def purpose_says(self, product: Product, outcome: Outcome) -> Flags:
        """Of whom a product says this because of what the money is for."""

        def says(facts: Facts) -> bool:
            doubt = purpose_doubt(facts, self.policy)
            return doubt is not None and any(found.verdict == outcome for found in doubt.verdicts(product))

        return self.columns.cases((PURPOSE,)).each(says)

    def has_sure_subsidy(self, product: Product) -> Flags:
        """Who has a subsidy that lowers the rate of a product."""
        found = np.zeros(len(self.columns), dtype=bool)
        for terms, is_sure in self._sure_subsidies:
            if is_sure.any() and lowers_the_rate_of(product, terms, self.policy):
                found |= is_sure
        return found

    @cached_property
    def _sure_subsidies(self) -> tuple[tuple[SubsidyTerms, Flags], ...]:
        """The subsidies that may lower a rate, and whose conditions are all met by known facts."""
        able = (terms for terms in self.policy.subsidies if may_lower_a_rate(terms, self.policy))
        return tuple((terms, self._is_sure(terms)) for terms in able)

    def _is_sure(self, terms: SubsidyTerms) -> Flags:
        """Whether known facts meet every condition of a subsidy."""
        met = np.ones(len(self.columns), dtype=bool)
        for rule in terms.rules:
            fails, opens = _rule_answers(rule, self.columns)
            met &= ~(fails | opens)
        if terms.districts:
            areas = terms.districts
            fails, opens = _by_case(
                "district", lambda facts: district_verdict(areas, facts.value("district")).verdict, self.columns
            )
            met &= ~(fails | opens)
        return met

    @cached_property
    def _borrowers(self) -> dict[int, Borrower]:
        return {}

    def borrower(self, place: int) -> Borrower:
        """One enterprise, for what is worked out one by one."""
        if place not in self._borrowers:
            self._borrowers[place] = Borrower.of(self.columns.facts[place], self.policy)
        return self._borrowers[place]

    @cached_property
    def renewals(self) -> Renewals:
        """What the policy's terms say of renewing a loan."""
        answers = _renewals(self.columns.facts, self.policy)
        names = sorted(set[str]().union(*(open_facts for _, open_facts in answers)))
        return Renewals(
            fails=np.array([is_failed for is_failed, _ in answers], dtype=bool),
            opens={name: np.array([name in open_facts for _, open_facts in answers]) for name in names},
        )

    def _each(self, answer: Callable[[Facts], int]) -> Wholes:
        return np.array([answer(facts) for facts in self.columns.facts], dtype=np.int64)


def _renewals(each: Sequence[Facts], policy: Policy) -> list[tuple[bool, frozenset[str]]]:
    """Whether renewal is ruled out, and what is open; asked once of all who agree in the facts that it reads."""
    terms = policy.renewal
    read = (DAYS, SIZE, LOANS, *(rule.fact for rule in terms.rules)) if terms else ()
    answers: dict[tuple[Value | None, ...], tuple[bool, frozenset[str]]] = {}
    found: list[tuple[bool, frozenset[str]]] = []
    for facts in each:
        key = tuple([facts.values.get(name) for name in read])
        if key not in answers:
            verdict = renewal_verdict(facts, policy)
            open_facts = frozenset(check.fact for check in verdict.checks if check.outcome == "unknown")
            answers[key] = (verdict.verdict == "fail", open_facts)
        found.append(answers[key])
    return found


def questions(columns: FactColumns, points: Sequence[float], *, ready: Prepared, policy: Policy) -> Questions:
    """Asks a chunk of enterprises everything that does not depend on a product."""
    answers = [_answers(condition, columns) for condition in ready.conditions]
    stopped = np.zeros(len(columns), dtype=bool)
    for name in barrier_facts(policy):
        stopped |= columns.cases((name,)).each(lambda facts: bool(barriers(facts, policy)))
    thumb = RuleOfThumb(policy.numbers)
    return Questions(
        columns=columns,
        ready=ready,
        policy=policy,
        fails=np.array([fails for fails, _ in answers]),
        opens=np.array([opens for _, opens in answers]),
        stopped=stopped,
        one_in=np.array([thumb.one_in(score) for score in points]),
    )


def _answers(condition: Condition, columns: FactColumns) -> tuple[Flags, Flags]:
    """Where a condition is failed, and where it is unknown."""
    if isinstance(condition, FactCondition):
        return _rule_answers(condition.rule, columns)
    return _by_case(condition.fact, lambda facts: condition.verdict(facts).verdict, columns)


def _rule_answers(rule: Rule, columns: FactColumns) -> tuple[Flags, Flags]:
    if rule.definition.is_number:
        return _number_answers(rule, columns.numbers(rule.fact))
    return _by_case(rule.fact, lambda facts: rule_verdict(rule, facts.value(rule.fact)).verdict, columns)


def _by_case(fact: str, said: Callable[[Facts], Outcome], columns: FactColumns) -> tuple[Flags, Flags]:
    outcomes = columns.cases((fact,)).each(lambda facts: OUTCOMES.index(said(facts)))
    return outcomes == FAILED, outcomes == OPEN


def _number_answers(rule: Rule, values: Floats) -> tuple[Flags, Flags]:
    low, high = rule.between or (rule.at_least, rule.at_most)
    unknown = np.isnan(values)
    breached = np.zeros(len(values), dtype=bool)
    if low is not None:
        breached |= values < low
    if high is not None:
        breached |= values > high
    return (breached, unknown) if rule.on_breach == "fail" else (np.zeros_like(breached), unknown | breached)
