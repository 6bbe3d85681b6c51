"""What a score and public findings mean under the policy of the day: grade, policy stops, suggested limit, review."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from decisions.facts import Facts
from decisions.money.lending import Suggestion, suggest
from decisions.offered.products import RateBand
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
        suggestion: a pure credit loan without a product, as if nothing stopped it.
        is_lendable: whether what the money is for is a purpose that a loan may serve, as far as it is told.
        review_why: why a person must look; empty = nobody must.
    """

    grade: str
    policy_stops: tuple[PolicyStop, ...]
    suggestion: Suggestion
    is_lendable: bool
    review_why: tuple[Text, ...]

    @property
    def suggested_limit_fen(self) -> int | None:
        """0 under a policy stop or for a forbidden purpose beside any score; None while no turnover is known."""
        return 0 if self.policy_stops or not self.is_lendable else self.suggestion.limit_fen

    @property
    def rate(self) -> RateBand | None:
        """The band for a pure credit loan; None under a stop and where nothing would be lent."""
        return self.suggestion.rate if self.suggested_limit_fen != 0 else None


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
    """Grade, policy stops and suggested loan of an enterprise; a stop forces a review and a limit of 0."""
    stops, grade = stops_against(facts, policy), grade_of(score, policy.grades)
    return Standing(
        grade=grade,
        policy_stops=stops,
        suggestion=suggest(facts, grade, policy),
        is_lendable=facts.value("purpose") not in policy.purposes.forbidden,
        review_why=tuple(found.stop.text for found in stops),
    )
