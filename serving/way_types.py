"""Shapes of what `explain: "full"` adds to an answer: what stands behind a limit, and ways to something better."""

from pydantic import Field

from serving.shapes import Shape, Words


class ChangedFeature(Shape):
    feature: str
    from_value: float | None = Field(alias="from")
    to: float | None
    unit: str


class StepOfWay(Shape):
    """One lawful thing to do.

    `months` until the records show it; `ends`: listings that it ends; `offers`: facts that are given by doing it.
    """

    action: str
    text: Words
    feature: str
    from_value: float | None = Field(alias="from")
    to: float | None
    unit: str
    months: int
    changes: list[ChangedFeature]
    ends: list[str]
    offers: list[str]


class WayUp(Shape):
    """Steps that together reach a better grade, verified by scoring the changed profile; they explain the model."""

    points: float
    grade: str
    months: int
    verified: bool
    steps: list[StepOfWay]


class Suggested(Shape):
    """The arithmetic behind `suggested_limit_fen`, and the papers that would settle what is open."""

    basis: Words
    needs: list[str]
