"""What keeps an enterprise from every product: policy stops, and a purpose that no loan may serve."""

from decisions.facts import Facts
from decisions.grades import PolicyStop, stops_against
from decisions.match.purpose_fit import PURPOSE
from decisions.offered.eligibility import Verdict, banned_verdict
from decisions.policies import Policy


def barriers(facts: Facts, policy: Policy) -> tuple[Verdict, ...]:
    """The conditions that every product puts and that known facts fail."""
    stops = tuple(_stop_verdict(found) for found in stops_against(facts, policy))
    return stops + _purpose_verdict(facts, policy)


def barrier_facts(policy: Policy) -> frozenset[str]:
    """The facts that barriers ask about."""
    return frozenset({PURPOSE, *(stop.fact for stop in policy.stops)})


def _stop_verdict(found: PolicyStop) -> Verdict:
    stop = found.stop
    return banned_verdict(stop.fact, found.value, codes=stop.one_of, outcome="fail", nearest=stop.clears_with)


def _purpose_verdict(facts: Facts, policy: Policy) -> tuple[Verdict, ...]:
    forbidden, asked = policy.purposes.forbidden, facts.value(PURPOSE)
    if not (isinstance(asked, str) and asked in forbidden):
        return ()
    return (banned_verdict(PURPOSE, asked, codes=forbidden, outcome="fail", nearest=""),)
