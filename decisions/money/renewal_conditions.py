"""The policy's terms of renewal without repaying principal as conditions that every renewal product puts."""

from decisions.fact_definitions import facts as definitions
from decisions.facts import Facts
from decisions.money.renewal import DAYS, LOANS, SIZE, RenewalCheck, renewal_verdict
from decisions.money.renewal_terms import RenewalTerms
from decisions.offered.eligibility import Verdict
from decisions.offered.rules import Direction, Rule
from decisions.policies import Policy
from decisions.text import Text

NOT_ON_FILE = "not on file"


def renewal_conditions(facts: Facts, policy: Policy) -> tuple[Verdict, ...]:
    """A verdict for each condition that the terms of the day put on renewing the next loan to mature."""
    return tuple(_verdict(check, facts, policy.renewal) for check in renewal_verdict(facts, policy).checks)


def _verdict(check: RenewalCheck, facts: Facts, terms: RenewalTerms | None) -> Verdict:
    rule = _rule_about(check.fact, terms)
    threshold = rule.threshold if rule else _threshold(check.fact, terms)
    direction: Direction = rule.direction if rule else "either"
    return Verdict(
        rule=check.fact,
        verdict=check.outcome,
        value=facts.value(check.fact),
        threshold=threshold,
        bound=rule.bound if rule else Text(zh=threshold, en=threshold),
        nearest=threshold if check.outcome == "fail" else None,
        fact=definitions()[check.fact],
        direction=direction,
        said=check.text,
    )


def _rule_about(fact: str, terms: RenewalTerms | None) -> Rule | None:
    rules = terms.rules if terms else ()
    return next((rule for rule in rules if rule.fact == fact), None)


def _threshold(fact: str, terms: RenewalTerms | None) -> str:
    if terms is None:
        return NOT_ON_FILE
    sizes = ", ".join((*terms.sizes, *terms.due_before))
    return {DAYS: f"0-{terms.window_days}", SIZE: sizes, LOANS: ">= 1"}[fact]
