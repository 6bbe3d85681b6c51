"""Business data in TOML: read and checked, with a line for every mistake."""

import dataclasses
import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, StrictFloat, StrictInt, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

FOLDER = Path(__file__).parent


def _number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"got {value!r}, expected a number")  # noqa: TRY004 - pydantic collects value errors only
    if not -math.inf < value < math.inf:
        raise ValueError(f"got {value!r}, expected a finite number")
    return value


Number = Annotated[int | float, PlainValidator(_number)]
"""A whole or a decimal number as it stands in the file: pydantic's own union would report a mistake twice."""

Whole = Annotated[StrictInt, Field(ge=0)]
Fraction = Annotated[StrictFloat, Field(ge=0, le=1)]

Loc = tuple[int | str, ...]
Shape = TypeVar("Shape")


class Frozen(BaseModel):
    """A table of a file as a read-only value; a field it does not know is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class FileMistakesError(ValueError):
    """One line a mistake: file, entry, field, what was given, what was expected."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = tuple(lines)


def read(path: Path, shape: type[Shape]) -> Shape:
    """The checked content of one TOML file.

    Raises:
        FileMistakesError: it is no TOML, or does not have the shape.
    """
    try:
        raw = tomllib.loads(path.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileMistakesError([f"{path.name}: got text that is no TOML in UTF-8: {error}"]) from error
    try:
        return TypeAdapter(shape).validate_python(raw)
    except ValidationError as error:
        lines = [f"{path.name}: {_line(detail, raw, shape)}" for detail in _own(error.errors())]
        raise FileMistakesError(lines) from error


def _own(details: Sequence[ErrorDetails]) -> Iterator[ErrorDetails]:
    """Every mistake but the lists that only look too short because their items were refused."""
    for detail in details:
        loc, size = detail["loc"], len(detail["loc"])
        has_inner = any(len(other["loc"]) > size and other["loc"][:size] == loc for other in details)
        if detail["type"] != "too_short" or not has_inner:
            yield detail


def _line(detail: ErrorDetails, raw: Mapping[str, Any], shape: Any) -> str:
    where, message = _where(detail["loc"], raw), detail["msg"]
    if detail["type"] == "missing":
        return f"{where}: missing, expected this field"
    if detail["type"] in {"extra_forbidden", "unexpected_keyword_argument"}:
        return f"{where}: got an unknown field, expected some of {', '.join(_fields_at(detail['loc'][:-1], shape))}"
    if detail["type"] == "value_error":
        return f"{where}: {message.removeprefix('Value error, ')}"
    return f"{where}: got {detail['input']!r}, {message.replace('Input should be', 'expected')}"


def _where(loc: Loc, raw: Any) -> str:
    """`ccb-yunshuidai: rules[2].fact`: entries by their id or code, places in lists counted from 1."""
    entry, path = "", ""
    for part in loc:
        raw = _inside(raw, part)
        name = (raw.get("id") or raw.get("code")) if isinstance(raw, Mapping) else None
        if isinstance(part, int) and name:
            entry, path = f"{name}: ", ""
        else:
            path += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return f"{entry}{path.lstrip('.')}".removesuffix(": ")


def _inside(raw: Any, part: int | str) -> Any:
    try:
        return raw[part]
    except (KeyError, IndexError, TypeError):
        return None


def _fields_at(loc: Loc, shape: Any) -> tuple[str, ...]:
    """Names of the fields that the table at `loc` may have."""
    table = next(_tables_in(shape), None)
    for part in loc:
        inner = next(_tables_in(_fields(table).get(str(part))), None)
        table = inner or table
    return tuple(_fields(table))


def _tables_in(annotation: Any) -> Iterator[type[Any]]:
    if isinstance(annotation, type) and (issubclass(annotation, BaseModel) or dataclasses.is_dataclass(annotation)):
        yield annotation
    for inner in get_args(annotation):
        yield from _tables_in(inner)


def _fields(table: type[Any] | None) -> dict[str, Any]:
    """Annotation of each field of a table, by the name that stands in the file."""
    if table is None:
        return {}
    if issubclass(table, BaseModel):
        return {field.alias or name: field.annotation for name, field in table.model_fields.items()}
    return {field.name: get_type_hints(table)[field.name] for field in dataclasses.fields(table)}
