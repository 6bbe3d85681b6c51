"""What lending.toml holds: the numbers behind a suggested limit and band for a pure credit loan without a product."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Annotated, Self

from pydantic import Field, model_validator

from decisions.dated import DatedNumber, Mark, NumberVersion, newest
from decisions.files import Frozen, Number, Whole
from decisions.text import Words


class GradeCaps(Frozen):
    """The highest pure credit loan of each grade; 0 = none."""

    from_day: dt.date = Field(alias="from")
    unit: Words
    mark: Mark
    source: Words
    fen: dict[Words, Whole]


class GradeSpreads(Frozen):
    """How far above the one-year loan prime rate the band of a grade begins and ends; a grade left out has no band."""

    from_day: dt.date = Field(alias="from")
    unit: Words
    mark: Mark
    source: Words
    low_and_high: dict[Words, tuple[Number, Number]]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        for grade, (low, high) in self.low_and_high.items():
            if low > high:
                raise ValueError(f"{grade}: got low {low} and high {high}, expected low <= high")
        return self


class LendingFile(Frozen):
    """All of it through time."""

    number: dict[str, DatedNumber]
    cap: Annotated[tuple[GradeCaps, ...], Field(min_length=1)]
    spread: Annotated[tuple[GradeSpreads, ...], Field(min_length=1)]

    def mistakes(self, grades: Iterable[str]) -> Iterator[str]:
        """What is wrong between the parts, a line each.

        Args:
            grades: every grade that a scale gives.
        """
        expected = set(NUMBERS)
        yield from (f"number.{name}: missing, expected this number" for name in sorted(expected - set(self.number)))
        for name in sorted(set(self.number) - expected):
            yield f"number.{name}: got an unknown number, expected some of {', '.join(sorted(expected))}"
        wanted = set(grades)
        for caps in self.cap:
            for grade in sorted(wanted - set(caps.fen)):
                yield f"cap of {caps.from_day}: fen.{grade}: missing, expected every grade of grades.toml"
        lent_to = {grade for caps in self.cap for grade, fen in caps.fen.items() if fen > 0}
        for spread in self.spread:
            told = f"spread of {spread.from_day}: low_and_high"
            for grade in sorted(lent_to - set(spread.low_and_high)):
                yield f"{told}.{grade}: missing, expected every grade with a cap above 0"

    def on(self, day: dt.date) -> "LendingTerms":
        """What is in force on a day.

        Raises:
            NotInForceError: the day lies before the first version of some part.
        """
        numbers = {name: newest(number.versions, day, name) for name, number in self.number.items()}
        caps = newest(self.cap, day, "cap of lending.toml")
        return LendingTerms(caps=caps, spreads=newest(self.spread, day, "spread of lending.toml"), **numbers)


@dataclass(frozen=True)
class LendingTerms:
    """The terms in force on one day; lending.toml says what each number is."""

    turnover_share: NumberVersion
    least_turnover_share: NumberVersion
    share_while_debt_unknown: NumberVersion
    cash_share: NumberVersion
    cash_term_months: NumberVersion
    cash_rate: NumberVersion
    rounding_fen: NumberVersion
    caps: GradeCaps
    spreads: GradeSpreads

    @property
    def parts(self) -> tuple[NumberVersion | GradeCaps | GradeSpreads, ...]:
        """Everything in it that has a first day."""
        return tuple(getattr(self, field.name) for field in fields(self))


NUMBERS = tuple(field.name for field in fields(LendingTerms) if field.name not in {"caps", "spreads"})
