"""Dated rules of screening: what the files screening*.toml say, and what of it is in force on a day."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import Annotated, Literal, Self, TypeVar, get_args

import polars as pl
from pydantic import Field, StrictBool, model_validator

from decisions.dated import POLICY_FOLDER, Dated, DatedNumber, Mark, NotInForceError, NumberVersion, newest
from decisions.files import FileMistakesError, Frozen, Number, Whole, read
from decisions.offered.products import Category
from decisions.purposes import purposes_on
from decisions.screening.columns import SINCE, UNITS
from decisions.text import Text, Words

Standard = Literal["compliant_going_concern", "fixed_premises", "genuine_need", "good_credit", "lawful_use"]
STANDARDS: tuple[Standard, ...] = get_args(Standard)
"""合规持续经营, 固定经营场所, 真实融资需求, 信用状况良好, 贷款用途依法合规."""

SignKind = Literal["ended", "register", "silence", "zero", "life", "sharing", "conduct", "thin", "operation"]
Group = Literal["conditions", "type", "fiscal", "risk"]
GROUPS: tuple[Group, ...] = get_args(Group)
"""经营情况, 企业类型, 财源贡献, 风险情况."""

TESTS = ("at_least", "at_most", "at_least_column", "one_of", "none_of")
PLACES = frozenset({"value", "bound"})

Coded = TypeVar("Coded", bound="CodedRow")


class Condition(Frozen):
    """One test of one column: true, false, or unknown where the column is.

    Attributes:
        at_least, at_most: bounds, inclusive, in the column's unit; at_least_column names another column as the bound.
        one_of, none_of: words.
    """

    column: Words
    at_least: Number | None = None
    at_most: Number | None = None
    at_least_column: Words | None = None
    one_of: tuple[Words, ...] = ()
    none_of: tuple[Words, ...] = ()

    @model_validator(mode="after")
    def _one_test_of_a_known_column(self) -> Self:
        foreign = [name for name in (self.column, self.at_least_column) if name is not None and name not in UNITS]
        if foreign:
            raise ValueError(f"column: got {foreign[0]!r}, expected a column that screening knows")
        given = [name for name in TESTS if getattr(self, name) not in {None, ()}]
        if len(given) != 1:
            raise ValueError(f"{self.column}: got tests {given}, expected exactly one of {', '.join(TESTS)}")
        if (given[0] in {"one_of", "none_of"}) != (UNITS[self.column] == "word"):
            raise ValueError(f"{self.column}: got {given[0]} for a column in {UNITS[self.column]}")
        return self

    @property
    def holds(self) -> pl.Expr:
        """Null where the column is."""
        value = pl.col(self.column)
        if self.one_of or self.none_of:
            found = value.is_in(list(self.one_of or self.none_of))
            return found if self.one_of else ~found
        if self.at_least_column is not None:
            return value >= pl.col(self.at_least_column)
        return value >= self.at_least if self.at_least is not None else value <= self.at_most


class CodedRow(Frozen):
    """A rule with a code, its first day and its origin."""

    code: Words
    from_day: dt.date = Field(alias="from")
    mark: Mark
    source: Words


class Check(CodedRow):
    """One thing that a standard asks.

    Attributes:
        hard: a breach fails the standard; else it is an open question that a paper or a visit settles.
        unseen: what an unknown value is: a hard or a soft open question, or none at all (skip).
        since: column with the day from which a breach stands.
        label: what is looked at. passed, breached: sentences; {value} and {bound} are filled in.
        need: papers or visit that settle it.
    """

    standard: Standard
    hard: StrictBool
    unseen: Literal["hard", "soft", "skip"]
    condition: Condition
    since: Words | None = None
    label: Text
    passed: Text
    breached: Text
    need: Text

    @model_validator(mode="after")
    def _places_and_days_are_known(self) -> Self:
        if self.since is not None and self.since not in SINCE:
            raise ValueError(f"since: got {self.since!r}, expected one of {', '.join(sorted(SINCE))}")
        _check_places((self.passed, self.breached))
        return self


class Sign(CodedRow):
    """One sign of a zombie, of a shell, of life or of real operation; all its conditions must hold.

    Attributes:
        kind: ended, register, silence, zero and life speak of zombies; sharing, conduct, thin and operation of shells.
        text: sentence; {value} is that of the first condition.
    """

    kind: SignKind
    all: Annotated[tuple[Condition, ...], Field(min_length=1)]
    text: Text

    @model_validator(mode="after")
    def _places_are_known(self) -> Self:
        _check_places((self.text,))
        return self

    @property
    def holds(self) -> pl.Expr:
        """False as soon as one condition is, null where that cannot be said."""
        return pl.all_horizontal(one.holds for one in self.all)


class Step(Frozen):
    """Points from a value on."""

    at_least: Number
    points: Whole


class Part(CodedRow):
    """One line of the scorecard of promise.

    Attributes:
        below: points below the first step. steps: points from each bound on, bounds rising.
        unseen: points where the value is not known: less than most firms would earn by showing it.
    """

    group: Group
    column: Words
    below: Whole
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    unseen: Whole
    label: Text

    @model_validator(mode="after")
    def _steps_rise(self) -> Self:
        if UNITS.get(self.column, "word") == "word":
            raise ValueError(
                f"column: got {self.column!r}, expected a column that screening knows and that is a number"
            )
        bounds = [step.at_least for step in self.steps]
        if bounds != sorted(set(bounds)):
            raise ValueError(f"steps: got bounds {bounds}, expected bounds that rise")
        if self.unseen > self.most:
            raise ValueError(f"unseen: got {self.unseen}, expected at most {self.most}, the most that can be seen")
        return self

    @property
    def most(self) -> int:
        return max(self.below, *(step.points for step in self.steps))

    @property
    def points(self) -> pl.Expr:
        value, given = pl.col(self.column), pl.lit(self.below)
        for step in self.steps:
            given = pl.when(value >= step.at_least).then(step.points).otherwise(given)
        return pl.when(value.is_null()).then(self.unseen).otherwise(given).cast(pl.Int64)


class Boost(CodedRow):
    """Points of visiting priority that a condition adds."""

    points: Whole
    condition: Condition
    text: Text


class Speciality(CodedRow):
    """When a product of a category may suit an enterprise, for matching banks with towns; it grants nothing."""

    category: Category
    all: tuple[Condition, ...]


class MinimumAge(Frozen):
    """The least age of a firm.

    Attributes:
        district: GB/T 2260 code; None = everywhere else.
        months: the least age. fails_below: a younger firm surely fails; from there to `months` its age is an open
            question, because the number itself is not sure. Left out = it is, and both are the same.
    """

    from_day: dt.date = Field(alias="from")
    district: Annotated[str, Field(pattern="^[0-9]{6}$")] | None = None
    months: Whole
    fails_below: Whole | None = None
    mark: Mark
    source: Words

    @model_validator(mode="after")
    def _fails_below_the_least_age(self) -> Self:
        if self.sure > self.months:
            raise ValueError(f"fails_below: got {self.fails_below}, expected at most months, {self.months}")
        return self

    @property
    def sure(self) -> int:
        """The age below which a firm fails wherever it is."""
        return self.months if self.fails_below is None else self.fails_below


class NumbersFile(Frozen):
    """screening.toml."""

    minimum_age: Annotated[tuple[MinimumAge, ...], Field(min_length=1)]
    number: dict[str, DatedNumber]
    boost: tuple[Boost, ...]
    speciality: tuple[Speciality, ...]


class ChecksFile(Frozen):
    """screening_standards.toml."""

    check: tuple[Check, ...]


class SignsFile(Frozen):
    """screening_activity.toml."""

    sign: tuple[Sign, ...]


class PartsFile(Frozen):
    """screening_promise.toml."""

    part: tuple[Part, ...]


@dataclass(frozen=True)
class Numbers:
    """Numbers in force on one day; screening.toml says what each is."""

    zombie_from_months: NumberVersion
    shell_from_months: NumberVersion
    silences_of_a_zombie: NumberVersion
    signs_of_a_suspect: NumberVersion
    signs_of_a_shell: NumberVersion
    promise_weight: NumberVersion
    open_question_points: NumberVersion
    most_open_question_points: NumberVersion
    fewest_banks_of_a_town: NumberVersion
    most_banks_of_a_town: NumberVersion
    least_share_of_a_bank: NumberVersion


@dataclass(frozen=True)
class ScreeningFiles:
    """Every version of everything."""

    numbers: NumbersFile
    checks: ChecksFile
    signs: SignsFile
    parts: PartsFile


@dataclass(frozen=True)
class ScreeningPolicy:
    """What is in force on one day.

    Attributes:
        version: the newest first day among its parts, purposes of loans included.
        minimum_age_of: districts with a minimum age of their own.
        lawful: whether loans may serve a purpose, "yes" or "no"; a purpose that says too little is absent.
    """

    version: str
    minimum_age: MinimumAge
    minimum_age_of: Mapping[str, MinimumAge]
    numbers: Numbers
    checks: tuple[Check, ...]
    signs: tuple[Sign, ...]
    parts: tuple[Part, ...]
    boosts: tuple[Boost, ...]
    specialities: tuple[Speciality, ...]
    lawful: Mapping[str, str]

    def signs_of(self, *kinds: SignKind) -> tuple[Sign, ...]:
        """The signs of some kinds, in the order of the file."""
        return tuple(sign for sign in self.signs if sign.kind in kinds)


@cache
def screening_files(folder: Path = POLICY_FOLDER) -> ScreeningFiles:
    """The rules of a folder, the packaged ones unless another is named; read once.

    Raises:
        FileMistakesError: with a line for every mistake in the first wrong file.
    """
    numbers = read(folder / "screening.toml", NumbersFile)
    expected, given = {field.name for field in fields(Numbers)}, set(numbers.number)
    lines = [f"screening.toml: number.{name}: missing, expected this number" for name in sorted(expected - given)]
    lines += [f"screening.toml: number.{name}: got an unknown number" for name in sorted(given - expected)]
    if lines:
        raise FileMistakesError(lines)
    return ScreeningFiles(
        numbers=numbers,
        checks=read(folder / "screening_standards.toml", ChecksFile),
        signs=read(folder / "screening_activity.toml", SignsFile),
        parts=read(folder / "screening_promise.toml", PartsFile),
    )


def screening_on(day: dt.date, files: ScreeningFiles | None = None) -> ScreeningPolicy:
    """What is in force on a day.

    Raises:
        NotInForceError: the day lies before the first version of some part.
    """
    files = files or screening_files()
    ages = _ages(files.numbers.minimum_age, day)
    if None not in ages:
        raise NotInForceError(f"got {day}, expected a later day: screening.toml has no minimum age so early")
    numbers = {name: newest(one.versions, day, name) for name, one in files.numbers.number.items()}
    rows = {
        "checks": _in_force(files.checks.check, day),
        "signs": _in_force(files.signs.sign, day),
        "parts": _in_force(files.parts.part, day),
        "boosts": _in_force(files.numbers.boost, day),
        "specialities": _in_force(files.numbers.speciality, day),
    }
    dated: list[Dated] = [*ages.values(), *numbers.values(), *(row for some in rows.values() for row in some)]
    purposes = purposes_on(day)
    lawful = {code: one.is_lawful for code, one in purposes.by_code.items() if one.is_lawful is not None}
    return ScreeningPolicy(
        version=max(max(part.from_day for part in dated).isoformat(), purposes.version),
        minimum_age=ages[None],
        minimum_age_of=MappingProxyType({place: age for place, age in ages.items() if place is not None}),
        numbers=Numbers(**numbers),
        lawful=MappingProxyType({code: "yes" if may else "no" for code, may in lawful.items()}),
        **rows,  # type: ignore[arg-type]  # each name holds rows of its own kind
    )


def _ages(ages: Iterable[MinimumAge], day: dt.date) -> dict[str | None, MinimumAge]:
    begun = sorted((age for age in ages if age.from_day <= day), key=lambda age: age.from_day)
    return {age.district: age for age in begun}


def _in_force(rows: Iterable[Coded], day: dt.date) -> tuple[Coded, ...]:
    """Of each code its newest version that has begun, in the order of the file."""
    begun: dict[str, Coded] = {}
    for row in rows:
        earlier = begun.get(row.code)
        if row.from_day <= day and (earlier is None or row.from_day >= earlier.from_day):
            begun[row.code] = row
    return tuple(begun.values())


def _check_places(texts: Iterable[Text]) -> None:
    foreign = sorted(set(_places(texts)) - PLACES)
    if foreign:
        raise ValueError(f"got place {{{foreign[0]}}}, expected only {{value}} and {{bound}}")


def _places(texts: Iterable[Text]) -> Iterator[str]:
    for text in texts:
        for sentence in text.as_dict().values():
            yield from (name for _, name, _, _ in Formatter().parse(sentence) if name is not None)
