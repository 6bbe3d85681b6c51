"""Dated business numbers and texts: which of them are in force on a day."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Self

from pydantic import Field, StrictBool, model_validator

from decisions.dated import POLICY_FOLDER, Dated, DatedNumber, Mark, NumberVersion, newest
from decisions.fact_definitions import facts
from decisions.files import FileMistakesError, Frozen, read
from decisions.money.lending_terms import LendingFile, LendingTerms
from decisions.money.renewal_terms import RenewalFile, RenewalTerms
from decisions.money.subsidy_terms import SubsidiesFile, SubsidyTerms
from decisions.purposes import Purposes, PurposesFile, purposes_file, purposes_on
from decisions.text import Text, Words
from features.sets import FEATURES


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
    """Groups of features that are told as one reason, because they say much the same.

    Attributes:
        members: the groups of features; none where what is told is no feature.
        actionable: whether lawful conduct of the enterprise can change what they see.
    """

    code: Words
    from_day: dt.date = Field(alias="from")
    members: tuple[Words, ...]
    actionable: StrictBool
    text: Text


class ReasonsFile(Frozen):
    """Reasons through time; on every day each group of features belongs to exactly one."""

    group: tuple[ReasonGroup, ...]

    def on(self, day: dt.date) -> tuple[ReasonGroup, ...]:
        """The newest version of each code that has begun by a day."""
        begun = sorted((group for group in self.group if group.from_day <= day), key=lambda group: group.from_day)
        return tuple({group.code: group for group in begun}.values())

    @model_validator(mode="after")
    def _each_group_of_features_once(self) -> Self:
        wanted = {feature.group for feature in FEATURES.values()}
        for day in sorted({group.from_day for group in self.group}):
            told = Counter(member for group in self.on(day) for member in group.members)
            wrong = [name for name in sorted(wanted | set(told)) if told[name] != (name in wanted)]
            if wrong:
                name, given = wrong[0], told[wrong[0]]
                expected = "exactly one" if name in wanted else "none, because no feature is of that group"
                raise ValueError(f"members: {name}: got it in {given} reasons on {day}, expected it in {expected}")
        return self


@dataclass(frozen=True)
class Numbers:
    """The numbers in force on one day; numbers.toml says what each is."""

    lpr_1y: NumberVersion
    outside_option_multiple: NumberVersion
    rate_where_unstated: NumberVersion
    term_where_unasked_months: NumberVersion
    term_where_unstated_months: NumberVersion
    amount_where_unasked_fen: NumberVersion
    share_of_unknown_limit: NumberVersion
    approval_even_points: NumberVersion
    approval_points_to_double: NumberVersion
    approval_per_open_question: NumberVersion
    approval_per_rare_question: NumberVersion
    diversity_factor: NumberVersion
    late_factor: NumberVersion
    papers_fen: NumberVersion

    @property
    def outside_rate(self) -> float:
        """Annual cost of the next best money: the multiple times the one-year loan prime rate."""
        return self.outside_option_multiple.value * self.lpr_1y.value


@dataclass(frozen=True)
class Policy:
    """What is in force on one day.

    Attributes:
        day: that day; loans are looked at as drawn on it.
        version: the newest first day among its parts, subsidies that have ended since included.
        groups: what a score's reasons are told by, by code.
        lending: the terms behind a suggested limit without a product.
        subsidies: those that have begun, ended ones included.
        renewal: when a loan may be renewed without repaying principal; None before the first rules on file.
        purposes: what a loan may be asked for.
    """

    day: dt.date
    version: str
    numbers: Numbers
    grades: GradeScale
    stops: tuple[Stop, ...]
    groups: Mapping[str, ReasonGroup]
    lending: LendingTerms
    subsidies: tuple[SubsidyTerms, ...]
    renewal: RenewalTerms | None
    purposes: Purposes


@dataclass(frozen=True)
class PolicyFiles:
    """Every version of everything."""

    numbers: Mapping[str, DatedNumber]
    grades: GradesFile
    stops: StopsFile
    reasons: ReasonsFile
    lending: LendingFile
    subsidies: SubsidiesFile
    renewal: RenewalFile
    purposes: PurposesFile


@cache
def policy_files(folder: Path = POLICY_FOLDER) -> PolicyFiles:
    """The policy of a folder, the packaged one unless another is named; read once.

    Raises:
        FileMistakesError: with a line for every mistake in the first wrong file.
    """
    files = PolicyFiles(
        numbers=_read_numbers(folder / "numbers.toml"),
        grades=read(folder / "grades.toml", GradesFile),
        stops=read(folder / "stops.toml", StopsFile),
        reasons=read(folder / "reasons.toml", ReasonsFile),
        lending=read(folder / "lending.toml", LendingFile),
        subsidies=read(folder / "subsidies.toml", SubsidiesFile),
        renewal=read(folder / "renewal.toml", RenewalFile),
        purposes=purposes_file(folder),
    )
    lines = list(_mistakes_between(files))
    if lines:
        raise FileMistakesError(lines)
    return files


def _mistakes_between(files: PolicyFiles) -> Iterator[str]:
    grades = {grade for scale in files.grades.version for grade in (*scale.thresholds, scale.below)}
    yield from (f"lending.toml: {line}" for line in files.lending.mistakes(grades))
    yield from (f"subsidies.toml: {line}" for line in files.subsidies.mistakes())


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
    numbers = {name: newest(number.versions, day, name) for name, number in files.numbers.items()}
    grades = newest(files.grades.version, day, "grades")
    stops = tuple(stop for stop in files.stops.stop if stop.is_in_force(day))
    groups = files.reasons.on(day)
    lending, subsidies, renewal = files.lending.on(day), files.subsidies.on(day), files.renewal.on(day)
    parts: list[Dated] = [*numbers.values(), grades, *stops, *groups, *lending.parts, *subsidies]
    parts += [] if renewal is None else [renewal]
    purposes = purposes_on(day, files.purposes)
    return Policy(
        day=day,
        version=max(*(part.from_day.isoformat() for part in parts), purposes.version),
        numbers=Numbers(**numbers),
        grades=grades,
        stops=stops,
        groups=MappingProxyType({group.code: group for group in groups}),
        lending=lending,
        subsidies=subsidies,
        renewal=renewal,
        purposes=purposes,
    )
