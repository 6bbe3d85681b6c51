"""Dated business numbers and texts: which of them are in force on a day."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal, Protocol, Self, TypeVar

from pydantic import Field, StrictBool, model_validator

from decisions.fact_definitions import facts
from decisions.files import FOLDER, FileMistakesError, Frozen, Number, read
from decisions.text import Text, Words

POLICY_FOLDER = FOLDER / "policy"

Mark = Literal["seen", "recalled", "derived", "assumed"]


class NotInForceError(LookupError):
    """Nothing of the kind was in force on the day asked for."""


class Dated(Protocol):
    """Anything with a first day."""

    @property
    def from_day(self) -> dt.date:
        """First day it is applied to."""


D = TypeVar("D", bound=Dated)


class NumberVersion(Frozen):
    """A value with its first day and its origin."""

    from_day: dt.date = Field(alias="from")
    value: Number
    mark: Mark
    source: Words


class DatedNumber(Frozen):
    """One number through time."""

    unit: Words
    zh: Words
    en: Words
    versions: tuple[NumberVersion, ...] = Field(min_length=1)


class GradeScale(Frozen):
    """Lowest score of each grade, best grade first."""

    from_day: dt.date = Field(alias="from")
    unit: Words
    thresholds: dict[Words, int] = Field(min_length=1)
    below: Words
    mark: Mark
    source: Words

    @model_validator(mode="after")
    def _best_first(self) -> Self:
        cuts = list(self.thresholds.values())
        if cuts != sorted(cuts, reverse=True):
            raise ValueError(f"thresholds: got {self.thresholds}, expected the best grade first and scores that fall")
        return self


class GradesFile(Frozen):
    """Grade scales through time."""

    version: tuple[GradeScale, ...] = Field(min_length=1)


class Stop(Frozen):
    """A finding that forces a review and a limit of 0.

    Attributes:
        fact, one_of: the finding: this fact is, or holds, one of these words. An unknown fact stops nobody.
        clears_with: value that ends it.
        actionable: whether the enterprise can bring that about by lawful conduct.
    """

    code: Words
    from_day: dt.date = Field(alias="from")
    until: dt.date | None = None
    fact: Words
    one_of: tuple[Words, ...] = Field(min_length=1)
    clears_with: Words
    actionable: StrictBool
    mark: Mark
    source: Words
    text: Text
    how_it_clears: Text

    @model_validator(mode="after")
    def _fact_is_a_word(self) -> Self:
        known = facts().get(self.fact)
        if known is None or known.is_number:
            raise ValueError(f"fact: got {self.fact!r}, expected a fact of facts.toml that is a word")
        foreign = known.foreign((*self.one_of, self.clears_with))
        if foreign:
            raise ValueError(f"{self.fact}: {foreign}")
        return self

    def is_in_force(self, day: dt.date) -> bool:
        return self.from_day <= day and (self.until is None or day <= self.until)


class StopsFile(Frozen):
    """Stops through time."""

    stop: tuple[Stop, ...]


class ReasonGroup(Frozen):
    """Words for a group of features."""

    code: Words
    from_day: dt.date = Field(alias="from")
    text: Text


class ReasonsFile(Frozen):
    """Words of reasons through time."""

    group: tuple[ReasonGroup, ...]


@dataclass(frozen=True)
class Numbers:
    """The numbers in force on one day; numbers.toml says what each is."""

    lpr_1y: NumberVersion
    outside_option_multiple: NumberVersion
    rate_where_unstated: NumberVersion
    term_where_unasked_months: NumberVersion
    amount_where_unasked_fen: NumberVersion
    share_of_unknown_limit: NumberVersion
    approval_even_points: NumberVersion
    approval_points_to_double: NumberVersion
    approval_per_open_question: NumberVersion
    approval_per_rare_question: NumberVersion
    diversity_factor: NumberVersion

    @property
    def outside_rate(self) -> float:
        """Annual cost of the next best money: the multiple times the one-year loan prime rate."""
        return self.outside_option_multiple.value * self.lpr_1y.value


@dataclass(frozen=True)
class Policy:
    """What is in force on one day.

    Attributes:
        version: the newest first day among its parts.
        groups: words for the groups of reasons by code.
    """

    version: str
    numbers: Numbers
    grades: GradeScale
    stops: tuple[Stop, ...]
    groups: Mapping[str, Text]


@dataclass(frozen=True)
class PolicyFiles:
    """Every version of everything."""

    numbers: Mapping[str, DatedNumber]
    grades: GradesFile
    stops: StopsFile
    reasons: ReasonsFile


@cache
def policy_files(folder: Path = POLICY_FOLDER) -> PolicyFiles:
    """The policy of a folder, the packaged one unless another is named; read once.

    Raises:
        FileMistakesError: with a line for every mistake in the first wrong file.
    """
    return PolicyFiles(
        numbers=_read_numbers(folder / "numbers.toml"),
        grades=read(folder / "grades.toml", GradesFile),
        stops=read(folder / "stops.toml", StopsFile),
        reasons=read(folder / "reasons.toml", ReasonsFile),
    )


def _read_numbers(path: Path) -> Mapping[str, DatedNumber]:
    numbers = read(path, dict[str, DatedNumber])
    expected = {field.name for field in fields(Numbers)}
    lines = [f"numbers.toml: {name}: missing, expected this number" for name in sorted(expected - set(numbers))]
    names = ", ".join(sorted(expected))
    foreign = sorted(set(numbers) - expected)
    lines += [f"numbers.toml: {name}: got an unknown number, expected some of {names}" for name in foreign]
    if lines:
        raise FileMistakesError(lines)
    return MappingProxyType(numbers)


def policy_on(day: dt.date, files: PolicyFiles | None = None) -> Policy:
    """What is in force on a day.

    Raises:
        NotInForceError: the day lies before the first version of some part.
    """
    files = files or policy_files()
    numbers = {name: _newest(number.versions, day, name) for name, number in files.numbers.items()}
    grades = _newest(files.grades.version, day, "grades")
    stops = tuple(stop for stop in files.stops.stop if stop.is_in_force(day))
    codes = dict.fromkeys(group.code for group in files.reasons.group)
    groups = [_newest([group for group in files.reasons.group if group.code == code], day, code) for code in codes]
    parts: list[Dated] = [*numbers.values(), grades, *stops, *groups]
    return Policy(
        version=max(part.from_day for part in parts).isoformat(),
        numbers=Numbers(**numbers),
        grades=grades,
        stops=stops,
        groups=MappingProxyType({group.code: group.text for group in groups}),
    )


def _newest(versions: Iterable[D], day: dt.date, name: str) -> D:
    begun = [version for version in versions if version.from_day <= day]
    if not begun:
        first = min(version.from_day for version in versions)
        raise NotInForceError(f"rules_on: got {day}, expected {first} or later: {name} has no earlier version")
    return max(begun, key=lambda version: version.from_day)
