"""Evaluations of either model as plain JSON and back, the same to the last bit; what is not known (NaN) is null."""

import dataclasses
import datetime as dt
import math
import types
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin, get_type_hints

from training.evaluation.types import Evaluation

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")


class EvaluationJsonError(ValueError):
    """Something that is no evaluation."""


def to_json(evaluation: "DataclassInstance") -> dict[str, Any]:
    """Dictionaries, lists, strings, numbers, booleans and null only.

    Raises:
        EvaluationJsonError: a number is infinite, or a value of a kind that types.py does not use.
    """
    written: dict[str, Any] = _written(evaluation, "evaluation")
    return written


def from_json(content: Mapping[str, Any]) -> Evaluation:
    """The evaluation of a credit model that `to_json` wrote; sequences are tuples.

    Raises:
        EvaluationJsonError: a field is missing, unknown or of another kind; the message says where.
    """
    return from_json_as(Evaluation, content)


def from_json_as(kind: type[T], content: Mapping[str, Any]) -> T:
    """The same for a value of another kind, made of the same parts."""
    read: T = _read(content, kind, "evaluation")
    return read


def _written(value: Any, where: str) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        return {name: _written(getattr(value, name), f"{where}.{name}") for name in names}
    if isinstance(value, Mapping):
        return {key: _written(one, f"{where}.{key}") for key, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_written(one, f"{where}[{place}]") for place, one in enumerate(value)]
    return _plain(value, where)


def _plain(value: Any, where: str) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float):
        if math.isinf(value):
            raise EvaluationJsonError(f"{where}: got {value}, expected a finite number or NaN")
        return None if math.isnan(value) else float(value)
    if value is None or type(value) in {str, int, bool}:
        return value
    raise EvaluationJsonError(f"{where}: got {value!r}, expected text, a number or a date")


def _read(value: Any, kind: Any, where: str) -> Any:
    if isinstance(kind, types.UnionType):
        inner = next(one for one in get_args(kind) if one is not types.NoneType)
        return None if value is None else _read(value, inner, where)
    origin = get_origin(kind)
    if origin is Mapping:
        given = _checked(value, Mapping, where)
        return {key: _read(one, get_args(kind)[1], f"{where}.{key}") for key, one in given.items()}
    if origin in {Sequence, tuple}:
        items = _checked(value, list, where)
        return tuple(_read(one, get_args(kind)[0], f"{where}[{place}]") for place, one in enumerate(items))
    if dataclasses.is_dataclass(kind):
        return _dataclass(value, kind, where)
    return _scalar(value, kind, where)


def _dataclass(value: Any, kind: Any, where: str) -> Any:
    given, expected = _checked(value, Mapping, where), _hints(kind)
    if given.keys() != expected.keys():
        strange = sorted(given.keys() ^ expected.keys())
        raise EvaluationJsonError(f"{where}: missing or unknown {strange}, expected {', '.join(expected)}")
    return kind(**{name: _read(given[name], inner, f"{where}.{name}") for name, inner in expected.items()})


@cache
def _hints(kind: Any) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _scalar(value: Any, kind: Any, where: str) -> Any:
    if kind is float and value is None:
        return math.nan
    if kind is float and type(value) in {int, float} and math.isfinite(value):
        return float(value)
    if kind is dt.date:
        return _day(_checked(value, str, where), where)
    if type(value) is not kind:
        raise EvaluationJsonError(f"{where}: got {value!r}, expected {kind.__name__}")
    return value


def _day(text: str, where: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise EvaluationJsonError(f"{where}: got {text!r}, expected a day such as 2026-07-01") from error


def _checked(value: Any, kind: Any, where: str) -> Any:
    if not isinstance(value, kind):
        raise EvaluationJsonError(f"{where}: got {type(value).__name__}, expected {kind.__name__}")
    return value
