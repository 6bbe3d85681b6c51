"""What renewal.toml holds: when a loan may be renewed without repaying its principal (无还本续贷)."""

import datetime as dt
from typing import Annotated, Self

from pydantic import Field, model_validator

from decisions.dated import Mark
from decisions.fact_definitions import facts
from decisions.files import Frozen, Whole
from decisions.offered.rules import Rule
from decisions.text import Words


class RenewalTerms(Frozen):
    """The terms from a day on.

    Attributes:
        window_days: one asks at most so many days before maturity.
        sizes: size classes served without end.
        due_before: further size classes, each served for loans that fall due before a day.
        rules: what else must hold.
    """

    from_day: dt.date = Field(alias="from")
    unit: Words
    mark: Mark
    source: Words
    window_days: Whole
    sizes: Annotated[tuple[Words, ...], Field(min_length=1)]
    due_before: dict[Words, dt.date] = Field(default_factory=dict)
    rules: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _sizes_are_known(self) -> Self:
        if foreign := facts()["size_class"].foreign((*self.sizes, *self.due_before)):
            raise ValueError(f"sizes: {foreign}")
        return self


class RenewalFile(Frozen):
    """The terms through time."""

    version: Annotated[tuple[RenewalTerms, ...], Field(min_length=1)]

    def on(self, day: dt.date) -> RenewalTerms | None:
        """The terms of a day; None before the first ones."""
        begun = [version for version in self.version if version.from_day <= day]
        return max(begun, key=lambda version: version.from_day, default=None)
