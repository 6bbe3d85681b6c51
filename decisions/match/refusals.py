"""Why one enterprise cannot have one product: asked plainly, for a product by itself.

`decisions.match.matching.match` says the same of a whole catalogue at once; a property test holds the two equal.
"""

from collections.abc import Collection, Iterable

from decisions.fact_definitions import FactDefinition
from decisions.facts import Facts
from decisions.match.barriers import barriers
from decisions.match.purpose_fit import purpose_doubt
from decisions.money.limit import Limit, limit_of
from decisions.money.renewal_conditions import renewal_conditions
from decisions.offered.eligibility import Verdict, verdicts
from decisions.offered.products import Product
from decisions.policies import Policy
from decisions.text import Text

LIMIT = "limit_fen"
"""Stands for an amount of nothing among the facts that refuse."""

AMOUNT_LEFT = FactDefinition(
    unit="fen", block="credit", document="credit_report", actionable=True, zh="可贷额度", en="Amount that can be lent"
)

NOTHING_LEFT = Verdict(LIMIT, "fail", 0, "> 0", Text(zh="> 0元", en="> CNY 0"), "> 0", AMOUNT_LEFT)
"""A product whose limit works out as nothing cannot be had, whatever its conditions say."""


def conditions_on(product: Product, facts: Facts, policy: Policy) -> tuple[Verdict, ...]:
    """What a product's conditions say, and what the policy of the day says of renewing and of the purpose."""
    renewal = renewal_conditions(facts, policy) if product.is_renewal else ()
    return verdicts(product, facts) + renewal + _doubts(product, facts, policy)


def refusals(product: Product, facts: Facts, policy: Policy) -> tuple[Verdict, ...]:
    """Everything that refuses a product: what bars from every product, conditions that fail, an amount of nothing."""
    barred = barriers(facts, policy)
    renewal = renewal_conditions(facts, policy) if product.is_renewal else ()
    told = {verdict.rule for verdict in barred}
    return (
        *barred,
        *failed(verdicts(product, facts)),
        *failed(renewal, told=told),
        *failed(_doubts(product, facts, policy)),
        *nothing_left(limit_of(product, facts)),
    )


def _doubts(product: Product, facts: Facts, policy: Policy) -> tuple[Verdict, ...]:
    doubt = purpose_doubt(facts, policy)
    return doubt.verdicts(product) if doubt else ()


def failed(said: Iterable[Verdict], *, told: Collection[str] = ()) -> tuple[Verdict, ...]:
    """Those that fail and are about something else than what was told already."""
    return tuple(verdict for verdict in said if verdict.verdict == "fail" and verdict.rule not in told)


def nothing_left(limit: Limit) -> tuple[Verdict, ...]:
    """The failed condition of a product whose limit works out as nothing; empty when something is left."""
    return (NOTHING_LEFT,) if limit.at_most_fen == 0 else ()
