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
from decisions.match.worth import Borrower, lowers_the_rate_of, may_lower_a_rate, wanted_fen, wanted_months
from decisions.money.lending import affordable
from decisions.money.renewal import DAYS, LOANS, SIZE, RenewalCheck, renewal_verdict
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
        failed: by fact, how many of them are failed.
    """

    fails: Flags
    opens: Mapping[str, Flags]
    failed: Mapping[str, Wholes]


@dataclass(frozen=True)
class Questions:
    """Answers of a chunk of enterprises.

    Attributes:
        fails, opens: by condition and enterprise, whether it is failed, or unknown.
        barred: by fact, how many things about it keep an enterprise from every product.
    """

    columns: FactColumns
    ready: Prepared
    policy: Policy
    fails: Grid
    opens: Grid
    barred: Mapping[str, Wholes]

    @cached_property
    def stopped(self) -> Flags:
        """Whom something keeps from every product."""
        return np.asarray(np.any([count > 0 for count in self.barred.values()], axis=0))

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
        kinds, places = _renewals(self.columns.facts, self.policy)
        failed, opens = _counts(kinds, "fail"), _counts(kinds, "unknown")
        none = np.zeros(len(kinds), dtype=np.int64)
        return Renewals(
            fails=(sum(failed.values(), none) > 0)[places],
            opens={name: count[places] > 0 for name, count in opens.items()},
            failed={name: count[places] for name, count in failed.items()},
        )

    def _each(self, answer: Callable[[Facts], int]) -> Wholes:
        return np.array([answer(facts) for facts in self.columns.facts], dtype=np.int64)


def _renewals(each: Sequence[Facts], policy: Policy) -> tuple[list[tuple[RenewalCheck, ...]], Wholes]:
    """What the conditions of renewal say, once for all who agree in the facts that they read, and who has which."""
    terms = policy.renewal
    read = (DAYS, SIZE, LOANS, *(rule.fact for rule in terms.rules)) if terms else ()
    index: dict[tuple[Value | None, ...], int] = {}
    kinds: list[tuple[RenewalCheck, ...]] = []
    places: list[int] = []
    for facts in each:
        place = index.setdefault(tuple([facts.values.get(name) for name in read]), len(kinds))
        if place == len(kinds):
            kinds.append(renewal_verdict(facts, policy).checks)
        places.append(place)
    return kinds, np.array(places, dtype=np.int64)


def _counts(kinds: Sequence[tuple[RenewalCheck, ...]], outcome: Outcome) -> dict[str, Wholes]:
    """By fact, how many conditions of renewal have this outcome."""
    names = sorted({check.fact for checks in kinds for check in checks if check.outcome == outcome})
    return {
        name: np.array([sum(one.fact == name and one.outcome == outcome for one in checks) for checks in kinds])
        for name in names
    }


def questions(columns: FactColumns, *, ready: Prepared, policy: Policy) -> Questions:
    """Asks a chunk of enterprises everything that does not depend on a product."""
    answers = [_answers(condition, columns) for condition in ready.conditions]
    barred = {
        name: columns.cases((name,)).each(lambda facts: len(barriers(facts, policy)))
        for name in sorted(barrier_facts(policy))
    }
    return Questions(
        columns=columns,
        ready=ready,
        policy=policy,
        fails=np.array([fails for fails, _ in answers]),
        opens=np.array([opens for _, opens in answers]),
        barred=barred,
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
