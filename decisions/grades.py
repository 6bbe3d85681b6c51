"""What a score and public findings mean under the policy of the day: grade, policy stops, suggested limit, review."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from decisions.facts import Facts
from decisions.policies import GradeScale, Policy, Stop
from decisions.text import Text


@dataclass(frozen=True)
class PolicyStop:
    """A finding in force against an enterprise.

    Attributes:
        value: the finding, such as `revoked`.
        since: the day it began; None = not told.
    """

    stop: Stop
    value: str
    since: dt.date | None = None


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
    return tuple(found for stop in policy.stops for found in _found(stop, facts))


def _found(stop: Stop, facts: Facts) -> Iterator[PolicyStop]:
    value = facts.value(stop.fact)
    words = value if isinstance(value, tuple) else (value,)
    for word in words:
        if isinstance(word, str) and word in stop.one_of:
            yield PolicyStop(stop, word, facts.since.get(word))


def standing(score: int, facts: Facts, policy: Policy) -> Standing:
    """Grade and policy stops of an enterprise; a stop forces a review and a limit of 0 beside any score."""
    stops = stops_against(facts, policy)
    return Standing(
        grade=grade_of(score, policy.grades),
        policy_stops=stops,
        suggested_limit_fen=0 if stops else None,
        review_why=tuple(found.stop.text for found in stops),
    )
