"""Turn the validation errors of pydantic, as BentoML and FastAPI pass them on, into messages that help."""

import difflib
import json
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from serving.api_types import MatchRequest, OutcomeRequest, ReloadRequest, ScoreRequest
from serving.problems import MOST_DETAILS, Detail, ProblemError, invalid
from serving.screen_types import ScreenRequest
from sources.contracts import TABLES
from sources.online import IMPLIED

MODELS: Mapping[str, type[BaseModel]] = {
    "POST /v1/score": ScoreRequest,
    "POST /v1/match": MatchRequest,
    "POST /v1/screen": ScreenRequest,
    "POST /v1/outcomes": OutcomeRequest,
    "POST /v1/models/reload": ReloadRequest,
}
PLACES = ("body", "query", "path", "root")
"""First steps of a location that FastAPI adds and that a caller does not see."""

LONGEST_VALUE = 80
NOWHERE = object()

Location = Sequence[str | int]


def problem_of_validation(errors: Sequence[Mapping[str, Any]], *, body: bytes, route: str) -> ProblemError:
    """The error for a request that pydantic refused.

    Args:
        errors: pydantic's errors with `type`, `loc` and `msg`.
        body: the request as it came, to show what was got.
        route: name of the route, which tells what fields it knows.
    """
    broken = [error for error in errors if error["type"] == "json_invalid"]
    if broken:
        why = str(broken[0]["msg"]).removeprefix("Invalid JSON: ")
        return ProblemError("malformed_request", f"the body is not JSON in UTF-8: {why}")
    try:
        sent = json.loads(body) if body else None
    except ValueError:  # pydantic reads some bodies that Python does not; the messages then go without values
        sent = NOWHERE
    details = [_detail(error, sent, MODELS.get(route)) for error in errors[:MOST_DETAILS]]
    return invalid(details)


def _detail(error: Mapping[str, Any], sent: Any, model: type[BaseModel] | None) -> Detail:
    location = list(error["loc"])
    if location and location[0] in PLACES:
        location = location[1:]
    path = as_path(location) or "body"
    got = error["input"] if "input" in error and sent is None else value_at(sent, location)
    kind, message = str(error["type"]), str(error["msg"])
    if kind == "missing":
        return Detail(path, f"{path}: missing, but required{_meaning(model, location)}")
    if kind == "extra_forbidden":
        return Detail(path, f"{path}: unknown field{_hint(model, location)}")
    if kind == "value_error":
        return Detail(path, f"{path}: {message.removeprefix('Value error, ')}")
    shown = "" if got is NOWHERE else f"got {_shown(got)}, "
    return Detail(path, f"{path}: {shown}expected {_expected(message)}{_meaning(model, location)}")


def as_path(location: Location) -> str:
    """`records.vat_invoices[3].net_fen`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in location).lstrip(".")


def value_at(sent: Any, location: Location) -> Any:
    """What was sent at a location, or NOWHERE."""
    value = sent
    for step in location:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return NOWHERE
    return value


def _shown(value: Any) -> str:
    if isinstance(value, dict | list):
        kind = "an object" if isinstance(value, dict) else "a list"
        return f"{kind} of {len(value)}"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def _expected(message: str) -> str:
    """Pydantic's own words, in a sentence that goes on after `expected`."""
    text = message[:1].lower() + message[1:]
    text = text.removeprefix("input should be ").removeprefix("input should ")
    return f"a value {text}" if text.startswith(("greater", "less")) else text


def _field(model: type[BaseModel] | None, location: Location) -> tuple[type[BaseModel] | None, FieldInfo | None]:
    """The model that a location's last step belongs to, and its field there."""
    field: FieldInfo | None = None
    for place, step in enumerate(location):
        if model is None:
            return None, None
        if isinstance(step, int):
            continue
        field = model.model_fields.get(str(step))
        if place < len(location) - 1:
            model = _model_in(field.annotation) if field else None
    return model, field


def _model_in(annotation: Any) -> type[BaseModel] | None:
    candidates = (annotation, *get_args(annotation))
    return next((one for one in candidates if isinstance(one, type) and issubclass(one, BaseModel)), None)


def _meaning(model: type[BaseModel] | None, location: Location) -> str:
    _, field = _field(model, location)
    return f" ({field.description})" if field and field.description else ""


def _hint(model: type[BaseModel] | None, location: Location) -> str:
    known = _names_beside(model, location)
    close = difflib.get_close_matches(str(location[-1]), known, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; expected some of {', '.join(known)}" if known else ""


def _names_beside(model: type[BaseModel] | None, location: Location) -> list[str]:
    """The names that are known where the last step of a location is not."""
    owner, _ = _field(model, location)
    if owner is not None:
        return list(owner.model_fields)
    match list(location):
        case ["items", int(), *inner] if model is not None and inner:
            return _names_beside(_model_in(model.model_fields["items"].annotation), inner)
        case ["records", str()]:
            return list(TABLES)
        case ["records", str(table), int(), str()] if table in TABLES:
            return [name for name in TABLES[table].dtypes if name != IMPLIED]
        case _:
            return []
