"""What keeps an enterprise from a product, and which actions bear on it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from decisions.changes.case import Case, Plan
from decisions.changes.options import Option, option_at
from decisions.facts import Facts
from decisions.match.refusals import LIMIT, conditions_on, refusals
from decisions.money.limit import limit_of
from decisions.offered.products import Product
from decisions.offered.rules import Rule


@dataclass(frozen=True)
class Opening:
    """A product and an enterprise that asks what would open it."""

    offered: Product
    case: Case

    @cached_property
    def refused(self) -> frozenset[str]:
        """The facts by which it is refused now: policy stops, failed conditions, and an amount of nothing."""
        return self._refusals(self.case.facts_now)

    @cached_property
    def is_out_of_reach(self) -> bool:
        """Whether some refusal rests on what no action changes."""
        changed = {name for _, facts in self.case.facts_of_each for name in self.refused if self._differs(name, facts)}
        return changed != self.refused

    @cached_property
    def actions(self) -> list[tuple[Option, ...]]:
        """The actions that change what refuses, with the shares that just meet a bound among their options."""
        each = zip(self.case.options, self.case.facts_of_each, strict=True)
        return [
            self._with_exact(options, facts)
            for options, (_, facts) in each
            if any(self._differs(name, facts) for name in self.refused)
        ]

    def works(self, plans: Sequence[Plan]) -> list[bool]:
        """Whether each plan opens the product and costs no grade."""
        opens = [self._opens(facts) for facts in self.case.facts_after(plans)]
        points = iter(self.case.points([plan for plan, does in zip(plans, opens, strict=True) if does]))
        return [does and self._keeps_grade(next(points)) for does in opens]

    def _opens(self, facts: Facts) -> bool:
        if self._refusals(facts):
            return False
        said = conditions_on(self.offered, facts, self.case.policy)
        return all(found.verdict == "pass" for found in said if found.rule in self.refused)

    def _refusals(self, facts: Facts) -> frozenset[str]:
        return frozenset(found.rule for found in refusals(self.offered, facts, self.case.policy))

    def _differs(self, name: str, facts: Facts) -> bool:
        now = self.case.facts_now
        if name == LIMIT:
            return limit_of(self.offered, facts).at_most_fen != limit_of(self.offered, now).at_most_fen
        return facts.value(name) != now.value(name)

    def _keeps_grade(self, points: float) -> bool:
        scale = self.case.policy.grades
        order = [*scale.thresholds, scale.below]
        return order.index(self.case.grade(points)) <= order.index(self.case.grade(self.case.points_now))

    def _with_exact(self, options: tuple[Option, ...], facts: Facts) -> tuple[Option, ...]:
        exact = (option_at(options[-1].action, share, self.case.start) for share in self._exact_shares(facts))
        every = {option.share: option for option in (*options, *exact) if option}
        return tuple(every[share] for share in sorted(every))

    def _exact_shares(self, facts: Facts) -> Iterator[float]:
        """The share of the way at which a number meets a bound, if it goes in step with the action."""
        for rule in self.offered.rules:
            before, after = self.case.facts_now.number(rule.fact), facts.number(rule.fact)
            if before is None or after is None or before == after or rule.admits(before):
                continue
            share = (before - _bound(rule, before)) / (before - after)
            if 0 < share < 1:
                yield share


def _bound(rule: Rule, value: float) -> float:
    """The bound that a refused number has to meet."""
    low, high = rule.between or (rule.at_least, rule.at_most)
    bound = low if low is not None and value < low else high
    assert bound is not None  # noqa: S101 - a value that a rule refuses lies beyond one of its bounds
    return bound
