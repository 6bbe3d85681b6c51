"""What a score and the register mean under the policy of the day: grade, policy stops, suggested limit, review."""

from dataclasses import dataclass

from decisions.facts import Facts
from decisions.policies import GradeScale, Policy, Stop
from decisions.text import Text


@dataclass(frozen=True)
class PolicyStop:
    """A finding in force against an enterprise.

    Attributes:
        value: the finding, such as `revoked`.
    """

    stop: Stop
    value: str


@dataclass(frozen=True)
class Standing:
    """What follows from score and register before any product is looked at.

    Attributes:
        suggested_limit_fen: 0 under a policy stop, otherwise None: nothing suggests one yet.
        review_why: why a person must look; empty = nobody must.
    """

    grade: str
    policy_stops: tuple[PolicyStop, ...]
    suggested_limit_fen: int | None
    review_why: tuple[Text, ...]


def grade_of(score: int, scale: GradeScale) -> str:
    """The best grade whose lowest score is reached."""
    return next((grade for grade, lowest in scale.thresholds.items() if score >= lowest), scale.below)


def stops_against(facts: Facts, policy: Policy) -> tuple[PolicyStop, ...]:
    """The policy stops that known facts trigger."""
    found = ((stop, facts.value(stop.fact)) for stop in policy.stops)
    return tuple(PolicyStop(stop, value) for stop, value in found if isinstance(value, str) and value in stop.one_of)


def standing(score: int, facts: Facts, policy: Policy) -> Standing:
    """Grade and policy stops of an enterprise; a stop forces a review and a limit of 0 beside any score."""
    stops = stops_against(facts, policy)
    return Standing(
        grade=grade_of(score, policy.grades),
        policy_stops=stops,
        suggested_limit_fen=0 if stops else None,
        review_why=tuple(found.stop.text for found in stops),
    )
