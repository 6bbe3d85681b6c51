"""From facts and a score to the products an enterprise can have, in order, and why not the others."""

from collections.abc import Collection
from dataclasses import dataclass, field

from decisions.facts import Facts
from decisions.match.barriers import barriers
from decisions.match.prepared import Prepared, contacts_in, prepared
from decisions.match.purpose_fit import purpose_doubt
from decisions.match.ranking import Candidate, FitEstimate, Ranked, RuleOfThumb, rank
from decisions.match.refusals import failed, nothing_left
from decisions.match.worth import Borrower
from decisions.money.renewal_conditions import renewal_conditions
from decisions.offered.catalogue import Catalogue, Entry
from decisions.offered.eligibility import Verdict
from decisions.policies import Policy
from scoring.explained import Scored


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
        estimate: what said how likely the products are to work out.
    """

    products: tuple[Ranked, ...]
    not_eligible: tuple[NotEligible, ...]
    considered: int
    catalogue_version: str | None
    estimate: FitEstimate | None = field(default=None, repr=False, compare=False)


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
    whole = prepared(catalogue)
    ready = whole if bank_ids is None else prepared(catalogue.of_banks(bank_ids))
    candidates, ruled_out = _sorted_out(ready, facts, policy)
    estimate = estimate or RuleOfThumb(policy.numbers)
    return Matched(
        products=rank(
            candidates,
            scored.unclipped_score,
            borrower=Borrower.of(facts, policy),
            estimate=estimate,
        ),
        not_eligible=tuple(sorted(ruled_out, key=lambda row: (len(row.failed), row.entry.product.id))),
        considered=len(ready.offers),
        catalogue_version=whole.version,
        estimate=estimate,
    )


def _sorted_out(ready: Prepared, facts: Facts, policy: Policy) -> tuple[list[Candidate], list[NotEligible]]:
    """The products that nothing refuses, and the others; each condition is asked once for all products."""
    barred, doubt = barriers(facts, policy), purpose_doubt(facts, policy)
    found = [condition.verdict(facts) for condition in ready.conditions]
    failing = frozenset(place for place, verdict in enumerate(found) if verdict.verdict == "fail")
    renewal = renewal_conditions(facts, policy) if ready.has_renewals else ()
    cannot_renew = failed(renewal, told={verdict.rule for verdict in barred})
    candidates: list[Candidate] = []
    ruled_out: list[NotEligible] = []
    for offer, contact in zip(ready.offers, contacts_in(ready, facts.value("district")), strict=True):
        limit = offer.limit(facts)
        refused = barred
        if not failing.isdisjoint(offer.places):
            refused += tuple([found[place] for place in offer.asks if place in failing])
        if offer.is_renewal:
            refused += cannot_renew
        doubts = doubt.verdicts(offer.entry.product) if doubt else ()
        if doubts:
            refused += failed(doubts)
        refused += nothing_left(limit)
        if refused:
            ruled_out.append(NotEligible(offer.entry, refused))
        else:
            verdicts = tuple([found[place] for place in offer.asks]) + (renewal if offer.is_renewal else ())
            candidates.append(Candidate(offer.entry, verdicts + doubts, limit, offer.basis, contact))
    return candidates, ruled_out
