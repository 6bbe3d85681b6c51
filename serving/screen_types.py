"""POST /v1/screen as pydantic types: what it takes, and the shapes of what it gives."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from decisions.screening.policy import Group, Standard
from serving.answer_types import ErrorAnswer, Reject, Review
from serving.api_types import EnterpriseId
from serving.shapes import Day, Shape, Value, Words
from sources.online import RequestRecords

MOST_ENTERPRISES = 1_000

Verdict = Literal["pass", "fail", "unknown"]


class ScreenItem(BaseModel):
    """One enterprise to screen."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    enterprise_id: EnterpriseId
    as_of: dt.date | None = Field(None, description="Day to stand on; default today in Beijing, never later")
    records: RequestRecords | None = Field(
        None, description="Rows by table. A table left out was not given; an empty one was given and is empty"
    )


class ScreenRequest(BaseModel):
    """Enterprises to screen; each is answered by itself, in order.

    Those that stand on one day and give the same tables go together: 1,000 of them take seconds. Each other set of
    tables or other day takes as long as one enterprise by itself, so send many different ones in smaller requests.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    items: list[ScreenItem] = Field(min_length=1, max_length=MOST_ENTERPRISES, description="Enterprises to screen")


class CheckLine(Shape):
    """One thing that a standard looks at; value null = not known."""

    code: str
    verdict: Verdict
    value: Value
    since: Day | None
    text: Words


class StandardLine(Shape):
    """One of the five standards; `need` names the papers and visits that would settle it."""

    standard: Standard
    name: Words
    verdict: Verdict
    evidence: list[CheckLine]
    need: list[Words]


class Coded(Shape):
    code: str
    text: Words


class Flag(Shape):
    """`no`, `suspect`, `hard` (certain by the register or by silence), null = cannot be told; the signs that hold."""

    flag: Literal["no", "suspect", "hard"] | None
    evidence: list[Coded]


class PromisePart(Shape):
    """Points of one line of the scorecard; value null = not known, which earns cautious points."""

    code: str
    value: float | None
    unit: str
    points: int
    most: int
    text: Words


class PromiseGroup(Shape):
    group: Group
    name: Words
    points: int
    most: int
    parts: list[PromisePart]


class Promise(Shape):
    """100 × points ÷ most points."""

    value: float
    most: int
    groups: list[PromiseGroup]


class PlaceReason(Shape):
    """Points of visiting priority, null for a firm that is not to be visited yet."""

    code: str
    points: float | None
    text: Words


class ScreenedEnterprise(Shape):
    """What screening says of one enterprise; it is evidence for a task force, never a decision on a loan."""

    enterprise_id: str
    as_of: Day
    place: Coded
    recommended: bool
    standards: list[StandardLine]
    shell: Flag
    zombie: Flag
    excuses: list[Coded]
    never_lent: bool | None
    promise: Promise
    visit_priority: Annotated[int, Field(ge=0, le=100)]
    reasons: list[PlaceReason]
    policy_version: str
    review: Review
    missing_blocks: list[str]
    rejects: list[Reject]
    cut_off: dict[str, int]


class ScreenAnswer(Shape):
    """An answer or an error for each item, in order."""

    results: list[ScreenedEnterprise | ErrorAnswer]
