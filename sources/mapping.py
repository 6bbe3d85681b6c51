"""Mapping files: how the files of a source, with their own names, units and words, become tables under contract.

A mapping is TOML; `docs/mapping.md` describes it. Mappings that ship with the project lie in `sources/mappings/` and
are called by their name.
"""

import datetime as dt
import difflib
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from sources.codes import explain_code
from sources.contracts import ASIDE, TABLES, Table
from sources.validation import UnusableTableError

SHIPPED = Path(__file__).parent / "mappings"
MONEY: Mapping[str, int] = MappingProxyType({"fen": 0, "yuan": 2, "wan": 6})
"""Places by which the decimal point moves until an amount is in fen."""

RATES: Mapping[str, int] = MappingProxyType({"bp": 0, "percent": 2, "share": 4})
"""The same for shares and rates until they are in basis points."""

ANY_OTHER = "*"
"""Among the texts of a value map: every text that it and the contract do not name."""

ENCODINGS = {"utf8": "utf-8", "utf-8-sig": "utf-8", "gbk": "gb18030", "gb2312": "gb18030"}
ALL_TABLES: Mapping[str, Table] = MappingProxyType({**TABLES, **ASIDE})


class MappingMistakesError(UnusableTableError):
    """One line a mistake of a mapping file: file, where, what was given, what was expected."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = tuple(lines)


def header_key(header: str) -> str:
    """What two spellings of one header share: no spaces, plain characters, small letters."""
    return re.sub(r"[\s\ufeff\u200b]", "", unicodedata.normalize("NFKC", header)).lower()


def _one_or_many(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _encoding(value: object) -> object:
    return ENCODINGS.get(value.lower(), value.lower()) if isinstance(value, str) else value


def _short_column(value: object) -> object:
    """A header or several, in short for `{ from = … }`."""
    return {"from": value} if isinstance(value, str | list) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_one_or_many)]
Conditions = dict[str, Texts]
MoneyUnit = Literal["fen", "yuan", "wan"]
RateUnit = Literal["bp", "percent", "share"]
Encoding = Annotated[Literal["utf-8", "gb18030"], BeforeValidator(_encoding)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class ColumnMapping(_Part):
    """Where the values of one column come from.

    Attributes:
        headers: the source's names of the column; of several the first that is not empty in a row counts.
        constant: one value for all rows, instead of headers.
        unit: unit of an amount or a rate, where it differs from the table's.
        values: text of the source → value of the contract; an empty value means unknown, the text `*` any other.
        dates: formats of days, tried before `2024-01-31`.
        pseudonym: replace the text by a pseudonym.
        when: header → texts; elsewhere the value is unknown.
        negative_when: header → texts; there the amount is negative, however it is written.
    """

    headers: Texts = Field(default=(), alias="from")
    constant: str | int | bool | dt.date | None = None
    unit: MoneyUnit | RateUnit | None = None
    values: dict[str, str] = Field(default_factory=dict)
    dates: Texts = ()
    pseudonym: bool = False
    when: Conditions = Field(default_factory=dict)
    negative_when: Conditions = Field(default_factory=dict)

    def read_headers(self) -> Iterator[str]:
        """Every header of the source that this column looks at."""
        yield from (*self.headers, *self.when, *self.negative_when)


class Header(_Part):
    """A column of the source."""

    headers: Texts = Field(alias="from")


class Sides(_Part):
    """Direction and counterparty of an invoice that names its seller and its buyer.

    Attributes:
        enterprise: whose invoices these are: a code, or the column that says it.
        seller: headers of the seller's code and of what stands in for it, such as the name.
        buyer: the same of the buyer.
    """

    enterprise: str | Header | None = None
    seller: Texts
    buyer: Texts

    def read_headers(self) -> Iterator[str]:
        """Every header of the source that tells the sides."""
        yield from (*self.seller, *self.buyer)
        if isinstance(self.enterprise, Header):
            yield from self.enterprise.headers


class Defaults(_Part):
    """What holds for every table that does not say otherwise."""

    encoding: Encoding = "utf-8"
    unit: MoneyUnit = "fen"
    rate_unit: RateUnit = "bp"
    dates: Texts = ()
    empty: Texts = ()
    ignore_others: bool = False


class TableMapping(Defaults):
    """How the files of one table become rows of its contract.

    Attributes:
        files: patterns of file names beside the usual `<table>.csv`.
        sheet: sheet of a workbook; without it the first.
        ignore: headers that are known and not wanted.
        ignore_others: whether any other header is not wanted either.
        columns: column of the contract → where it comes from; a column not named here comes from the header of its own
            name.
        sides: tells `enterprise_id`, `direction` and `counterparty`.
        lines_of: columns that tell one invoice; rows that agree in them are its lines, and their amounts are summed.
    """

    files: Texts = ()
    sheet: str | None = None
    ignore: Texts = ()
    columns: dict[str, Annotated[ColumnMapping, BeforeValidator(_short_column)]] = Field(default_factory=dict)
    sides: Sides | None = None
    lines_of: Texts = ()


class SourceMapping(_Part):
    """A whole mapping file; `extends` names another one, of which this one says what differs."""

    extends: str | None = None
    defaults: Defaults = Defaults()
    tables: dict[str, TableMapping] = Field(default_factory=dict)

    def table(self, name: str) -> TableMapping:
        """The mapping of a table, be it named in the file or not."""
        return self.tables.get(name) or TableMapping(**self.defaults.model_dump())


def load_mapping(mapping: str | Path) -> SourceMapping:
    """A mapping file, or one that ships with the project, by its name.

    Raises:
        MappingMistakesError: it is not there, is no TOML, or says what no contract knows.
    """
    path = _path_of(str(mapping), beside=Path())
    raw = _with_inherited(path, ())
    try:
        defaults = Defaults.model_validate(raw.get("defaults", {})).model_dump(exclude_unset=True)
        tables = raw.get("tables", {})
        if isinstance(tables, dict):
            raw = {**raw, "tables": {name: _over(defaults, one) for name, one in tables.items()}}
        loaded = SourceMapping.model_validate(raw)
    except ValidationError as error:
        raise MappingMistakesError([f"{path.name}: {_line(one)}" for one in error.errors()]) from error
    if mistakes := [f"{path.name}: {line}" for name, one in loaded.tables.items() for line in _mistakes(name, one)]:
        raise MappingMistakesError(mistakes)
    return loaded


def shipped() -> tuple[str, ...]:
    """Names of the mappings that ship with the project."""
    return tuple(path.stem for path in sorted(SHIPPED.glob("*.toml")))


def _path_of(name: str, *, beside: Path) -> Path:
    for path in (beside / name, SHIPPED / f"{name}.toml"):
        if path.is_file():
            return path
    raise MappingMistakesError([f"{name}: not found; expected a TOML file, or one of {', '.join(shipped())}"])


def _with_inherited(path: Path, seen: tuple[Path, ...]) -> dict[str, Any]:
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingMistakesError([f"{path.name}: got text that is no TOML in UTF-8: {error}"]) from error
    base = raw.get("extends")
    if not isinstance(base, str):
        return raw
    if path in seen:
        raise MappingMistakesError([f"{path.name}: extends: got {base!r}, which extends this file again"])
    inherited = _with_inherited(_path_of(base, beside=path.parent), (*seen, path))
    return {key: _over(inherited.get(key), raw[key]) if key in raw else inherited[key] for key in {**inherited, **raw}}


def _over(base: Any, own: Any) -> Any:
    """Tables joined key by key, everything else replaced."""
    if not (isinstance(base, dict) and isinstance(own, dict)):
        return own
    return {**base, **{key: _over(base.get(key), value) for key, value in own.items()}}


def _line(detail: ErrorDetails) -> str:
    names = {"Header", "str", "ColumnMapping"}
    where = ".".join(str(part) for part in detail["loc"] if part not in names) or "the file"
    match detail["type"]:
        case "extra_forbidden":
            return f"{where}: got an unknown field"
        case "missing":
            return f"{where}: missing, expected this field"
    return f"{where}: got {detail['input']!r}, {detail['msg'].replace('Input should be', 'expected')}"


def _mistakes(name: str, spec: TableMapping) -> Iterator[str]:
    """What is wrong with the mapping of one table, seen beside its contract."""
    table = ALL_TABLES.get(name)
    if table is None:
        yield f"tables.{name}: unknown table{_hint(name, ALL_TABLES)}"
        return
    where = f"tables.{name}"
    for column, one in spec.columns.items():
        yield from (f"{where}.columns.{column}: {line}" for line in _column_mistakes(table, column, one))
    yield from (
        f"{where}.lines_of: unknown column {column!r}{_hint(column, table.dtypes)}"
        for column in spec.lines_of
        if column not in table.dtypes
    )
    if spec.sides:
        yield from _sides_mistakes(table, spec.sides)


def _sides_mistakes(table: Table, sides: Sides) -> Iterator[str]:
    where = f"tables.{table.name}.sides"
    if not {"direction", "counterparty"} <= set(table.dtypes):
        yield f"{where}: a table without direction and counterparty has no sides"
    if isinstance(sides.enterprise, str) and (fault := explain_code(sides.enterprise)):
        yield f"{where}.enterprise: {fault}"


def _column_mistakes(table: Table, column: str, spec: ColumnMapping) -> Iterator[str]:
    dtype = table.dtypes.get(column)
    if dtype is None:
        yield f"unknown column{_hint(column, table.dtypes)}"
        return
    if bool(spec.headers) == (spec.constant is not None):
        yield "expected either `from` or `constant`"
    if spec.unit and spec.unit not in (allowed := units_of(column)):
        yield f"got unit {spec.unit!r}, expected {' or '.join(allowed) if allowed else 'none: it is no amount'}"
    if spec.negative_when and not column.endswith("_fen"):
        yield "got negative_when, expected it for an amount only"
    if isinstance(dtype, pl.Enum):
        meant = set(spec.values.values()) | ({str(spec.constant)} if spec.constant is not None else set())
        for value in sorted(meant - {"", *dtype.categories}):
            yield f"got value {value!r}, expected one of {', '.join(dtype.categories)}"
    if spec.dates and dtype != pl.Date:
        yield "got dates, expected them for a day only"


def units_of(column: str) -> tuple[str, ...]:
    """The units that a source may give a column in; none for what is neither amount nor rate."""
    if column.endswith("_fen"):
        return tuple(MONEY)
    return tuple(RATES) if column.endswith("_bp") else ()


def _hint(given: str, expected: Mapping[str, object]) -> str:
    close = difflib.get_close_matches(given, list(expected), n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; expected one of {', '.join(expected)}"
