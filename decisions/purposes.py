"""What a loan may be asked for, the bounds of a wish and the words about it: dated data of policy/purposes.toml."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import Annotated, Literal, TypeVar

from pydantic import Field, StrictBool

from decisions.dated import POLICY_FOLDER, Dated, DatedNumber, Mark, NotInForceError, NumberVersion, newest
from decisions.fact_definitions import facts
from decisions.files import FileMistakesError, Frozen, Whole, read
from decisions.offered.products import Category, Repayment
from decisions.text import Text, Words

PurposeKind = Literal["current", "fixed_assets", "renewal", "forbidden", "untold"]
FindingKind = Literal["forbidden", "inconsistent", "open"]

Row = TypeVar("Row", bound=Dated)

PLACES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "FORBIDDEN_PURPOSE": frozenset({"purpose"}),
        "PURPOSE_NOT_TOLD": frozenset(),
        "PURPOSE_UNCLEAR": frozenset({"purpose"}),
        "FIXED_ASSETS": frozenset({"purpose"}),
        "AMOUNT_NOT_TOLD": frozenset(),
        "TERM_NOT_TOLD": frozenset(),
        "AMOUNT_ABOVE_TURNOVER": frozenset({"asked", "sales", "share"}),
        "AMOUNT_ABOVE_AFFORDABLE": frozenset({"asked", "affordable", "basis"}),
        "AMOUNT_WITHIN_IDLE_LINES": frozenset({"asked", "idle"}),
        "TERM_BEYOND_PURPOSE": frozenset({"asked", "most", "purpose"}),
        "ORDERS_NOT_NAMED": frozenset(),
        "ORDERS_NOT_FOUND": frozenset({"ids"}),
        "ORDERS_DELIVERED": frozenset({"ids"}),
        "ORDERS_BELOW_AMOUNT": frozenset({"asked", "orders"}),
        "RIGHTS_NOT_FOUND": frozenset({"ids"}),
        "RIGHTS_NOT_USABLE": frozenset({"ids"}),
        "RIGHTS_PLEDGED": frozenset({"count"}),
        "RIGHTS_NOT_NAMED": frozenset(),
        "NO_RIGHTS_HELD": frozenset(),
        "NO_FREE_REAL_ESTATE": frozenset(),
        "COLLATERAL_CONTRADICTS": frozenset(),
        "NO_LOAN_FALLING_DUE": frozenset(),
        "RENEWAL_ABOVE_PRINCIPAL": frozenset({"asked", "due"}),
        "RENEWAL_AFTER_MATURITY": frozenset({"asked", "left"}),
        "RESEARCH_WITHOUT_SPENDING": frozenset(),
    }
)
"""Every finding, with the places that its words may fill in."""


class Purpose(Frozen):
    """What the money is for.

    Attributes:
        kind: forbidden = no loan may serve it; untold = it says too little to be judged.
        most_months: the longest term that suits it; None = no bound known.
    """

    code: Words
    from_day: dt.date = Field(alias="from")
    kind: PurposeKind
    most_months: Annotated[Whole, Field(gt=0)] | None = None
    mark: Mark
    source: Words
    name: Text

    @property
    def is_lawful(self) -> bool | None:
        """Whether loans may serve it; None = it says too little."""
        return None if self.kind == "untold" else self.kind != "forbidden"


class Unsuited(Frozen):
    """Products that do not suit a kind of purpose.

    Attributes:
        refused: categories that cannot serve it.
        asked_categories, asked_repayments: products of one of either may not; their bank must be asked.
    """

    kind: PurposeKind
    from_day: dt.date = Field(alias="from")
    refused: tuple[Category, ...] = ()
    asked_categories: tuple[Category, ...] = ()
    asked_repayments: tuple[Repayment, ...] = ()
    mark: Mark
    source: Words

    def is_asked(self, category: Category, repayment: Repayment) -> bool:
        """Whether the bank of such a product must be asked."""
        return category in self.asked_categories or repayment in self.asked_repayments


class FindingWords(Frozen):
    """How a finding about a wish is told, and what would settle it."""

    code: Words
    from_day: dt.date = Field(alias="from")
    kind: FindingKind
    forces_review: StrictBool = False
    text: Text
    settle: Text


class PurposesFile(Frozen):
    """All of it through time."""

    purpose: Annotated[tuple[Purpose, ...], Field(min_length=1)]
    unsuited: tuple[Unsuited, ...]
    finding: Annotated[tuple[FindingWords, ...], Field(min_length=1)]
    number: dict[str, DatedNumber]


@dataclass(frozen=True)
class Bounds:
    """The numbers of purposes.toml in force on one day; the file says what each is."""

    most_of_turnover: NumberVersion
    urgent_days: NumberVersion
    soon_days: NumberVersion


@dataclass(frozen=True)
class Purposes:
    """What holds on one day: purposes and words of findings by code, and the bounds of the checks."""

    version: str
    by_code: Mapping[str, Purpose]
    unsuited: Mapping[PurposeKind, Unsuited]
    findings: Mapping[str, FindingWords]
    bounds: Bounds

    @property
    def forbidden(self) -> tuple[str, ...]:
        """The purposes that no loan may serve."""
        return tuple(purpose.code for purpose in self.by_code.values() if purpose.kind == "forbidden")


@cache
def purposes_file(folder: Path = POLICY_FOLDER) -> PurposesFile:
    """Purposes of a policy folder, the packaged one unless another is named; read once.

    Raises:
        FileMistakesError: with a line for every mistake.
    """
    file = read(folder / "purposes.toml", PurposesFile)
    lines = [f"purposes.toml: {line}" for line in _mistakes(file)]
    if lines:
        raise FileMistakesError(lines)
    return file


def _mistakes(file: PurposesFile) -> Iterator[str]:
    yield from _unlike("purpose", {row.code for row in file.purpose}, set(facts()["purpose"].words))
    yield from _unlike("finding", {row.code for row in file.finding}, set(PLACES))
    yield from _unlike("number", set(file.number), {field.name for field in fields(Bounds)})
    for words in (row for row in file.finding if row.code in PLACES):
        for language, text in words.text.as_dict().items():
            foreign = {name for _, name, _, _ in Formatter().parse(text) if name is not None} - PLACES[words.code]
            if foreign:
                expected = ", ".join(sorted(PLACES[words.code])) or "none"
                yield f"{words.code}: text.{language}: got place {{{min(foreign)}}}, expected places: {expected}"


def _unlike(kind: str, given: set[str], expected: set[str]) -> Iterator[str]:
    for code in sorted(expected - given):
        yield f"{code}: missing, expected this {kind}"
    for code in sorted(given - expected):
        yield f"{code}: got an unknown {kind}, expected some of {', '.join(sorted(expected))}"


def purposes_on(day: dt.date, file: PurposesFile | None = None) -> Purposes:
    """What holds on a day: of each code its newest version that has begun.

    Raises:
        NotInForceError: the day lies before the first version of some number, or of everything.
    """
    file = file or purposes_file()
    purposes = {row.code: row for row in _begun(file.purpose, day)}
    unsuited = {row.kind: row for row in _begun(file.unsuited, day)}
    words = {row.code: row for row in _begun(file.finding, day)}
    numbers = {name: newest(number.versions, day, name) for name, number in file.number.items()}
    if not purposes or len(words) < len(PLACES):
        raise NotInForceError(f"got {day}, expected a later day: purposes.toml has no words so early")
    parts: list[Dated] = [*purposes.values(), *unsuited.values(), *words.values(), *numbers.values()]
    return Purposes(
        version=max(part.from_day for part in parts).isoformat(),
        by_code=MappingProxyType(purposes),
        unsuited=MappingProxyType(unsuited),
        findings=MappingProxyType(words),
        bounds=Bounds(**numbers),
    )


def _begun(rows: tuple[Row, ...], day: dt.date) -> list[Row]:
    """Those that have begun, the newest last, so that it wins in a mapping."""
    return sorted((row for row in rows if row.from_day <= day), key=lambda row: row.from_day)
