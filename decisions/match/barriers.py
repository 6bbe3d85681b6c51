"""What keeps an enterprise from every product: policy stops, and a purpose that no loan may serve."""

from decisions.code_names import codes_text
from decisions.fact_definitions import facts as definitions
from decisions.facts import Facts
from decisions.grades import PolicyStop, stops_against
from decisions.offered.eligibility import Verdict
from decisions.policies import Policy
from decisions.text import Text

PURPOSE = "purpose"


def barriers(facts: Facts, policy: Policy) -> tuple[Verdict, ...]:
    """The conditions that every product puts and that known facts fail."""
    stops = tuple(_stop_verdict(found) for found in stops_against(facts, policy))
    return stops + _purpose_verdict(facts, policy)


def barrier_facts(policy: Policy) -> frozenset[str]:
    """The facts that barriers ask about."""
    return frozenset({PURPOSE, *(stop.fact for stop in policy.stops)})


def _stop_verdict(found: PolicyStop) -> Verdict:
    return _refused(found.stop.fact, found.value, banned=found.stop.one_of, nearest=found.stop.clears_with)


def _purpose_verdict(facts: Facts, policy: Policy) -> tuple[Verdict, ...]:
    forbidden, asked = policy.purposes.forbidden, facts.value(PURPOSE)
    if not (isinstance(asked, str) and asked in forbidden):
        return ()
    return (_refused(PURPOSE, asked, banned=forbidden, nearest=None),)


def _refused(fact: str, value: str, *, banned: tuple[str, ...], nearest: str | None) -> Verdict:
    words, threshold = codes_text(fact, banned), f"not {', '.join(banned)}"
    return Verdict(
        rule=fact,
        verdict="fail",
        value=value,
        threshold=threshold,
        bound=Text(zh=f"不为{words.zh}", en=f"not {words.en}"),
        nearest=nearest or threshold,
        fact=definitions()[fact],
    )
