"""From facts and a score to the products an enterprise can have, in order, and why not the others."""

from collections.abc import Collection
from dataclasses import dataclass

from decisions.catalogue_files import Catalogue, Entry
from decisions.eligibility import Verdict, verdicts
from decisions.fact_definitions import FactDefinition
from decisions.fact_definitions import facts as definitions
from decisions.facts import Facts
from decisions.grades import PolicyStop, stops_against
from decisions.limit import Limit, limit_of
from decisions.policies import Policy
from decisions.ranking import Candidate, FitEstimate, Ranked, RuleOfThumb, rank
from decisions.text import Text
from scoring.explained import Scored

AMOUNT_LEFT = FactDefinition(
    unit="fen", block="credit", document="credit_report", actionable=True, zh="可贷额度", en="Amount that can be lent"
)
"""A product whose limit works out as nothing cannot be had, whatever its conditions say."""


@dataclass(frozen=True)
class NotEligible:
    """A product that known facts rule out, and by which conditions."""

    entry: Entry
    failed: tuple[Verdict, ...]


@dataclass(frozen=True)
class Matched:
    """The answer for one enterprise.

    Attributes:
        products: what it can have, best first; an open question is not a refusal.
        not_eligible: what it cannot have, fewest obstacles first.
        considered: how many products were looked at.
        catalogue_version: first day of the newest terms in the catalogue.
    """

    products: tuple[Ranked, ...]
    not_eligible: tuple[NotEligible, ...]
    considered: int
    catalogue_version: str | None


def match(
    facts: Facts,
    scored: Scored,
    *,
    catalogue: Catalogue,
    policy: Policy,
    bank_ids: Collection[str] | None = None,
    estimate: FitEstimate | None = None,
) -> Matched:
    """The products of a catalogue for one enterprise.

    Args:
        facts: what is known of it and what it needs.
        scored: its score.
        catalogue: what is offered on the day (`Catalogue.on`).
        policy: what is in force on the day (`policy_on`).
        bank_ids: look at these banks only; None = all.
        estimate: says how likely a product works out; None = the policy's rule of thumb.
    """
    listed = catalogue if bank_ids is None else catalogue.of_banks(bank_ids)
    stopped = tuple(_stop_verdict(found) for found in stops_against(facts, policy))
    candidates: list[Candidate] = []
    ruled_out: list[NotEligible] = []
    for entry in listed.entries:
        found, limit = stopped + verdicts(entry.product, facts), limit_of(entry.product, facts)
        failed = tuple(verdict for verdict in found if verdict.verdict == "fail") + _nothing_left(limit)
        if failed:
            ruled_out.append(NotEligible(entry, failed))
        else:
            candidates.append(Candidate(entry, found, limit))
    return Matched(
        products=rank(
            candidates,
            scored.unclipped_score,
            need=facts.need,
            numbers=policy.numbers,
            estimate=estimate or RuleOfThumb(policy.numbers),
        ),
        not_eligible=tuple(sorted(ruled_out, key=lambda row: (len(row.failed), row.entry.product.id))),
        considered=len(listed.entries),
        catalogue_version=catalogue.version,
    )


def _stop_verdict(found: PolicyStop) -> Verdict:
    """A policy stop as the condition that every product puts."""
    stop, threshold = found.stop, f"not {', '.join(found.stop.one_of)}"
    return Verdict(
        rule=stop.fact,
        verdict="fail",
        value=found.value,
        threshold=threshold,
        bound=Text(zh=threshold, en=threshold),
        nearest=stop.clears_with,
        fact=definitions()[stop.fact],
    )


def _nothing_left(limit: Limit) -> tuple[Verdict, ...]:
    if limit.at_most_fen != 0:
        return ()
    more_than_nothing = Text(zh="> 0元", en="> CNY 0")
    return (Verdict("limit_fen", "fail", 0, "> 0", more_than_nothing, "> 0", AMOUNT_LEFT),)
