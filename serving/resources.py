"""Decisions, outcomes, products, features and models: a FastAPI application beside the model calls."""

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any, TypeVar

from fastapi import FastAPI, Query, Response
from pydantic import BaseModel, ValidationError

from features import catalogue
from serving.api_types import OutcomeRequest, ReloadRequest
from serving.calls import CURRENT
from serving.desk import Desk
from serving.docs import documentation
from serving.messages import problem_of_validation
from serving.models import Models
from serving.problems import invalid_at
from serving.store import to_json

JSON = "application/json"
ISO_DAY = r"^\d{4}-\d{2}-\d{2}$"

Request = TypeVar("Request", bound=BaseModel)


def make_app(desk: Callable[[], Desk], models: Callable[[], Models]) -> FastAPI:
    """The application; its own pages of documentation are off, because `/docs.json` is ours."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @app.get("/v1/products")
    def products(
        on: Annotated[str | None, Query(pattern=ISO_DAY)] = None,
        bank: Annotated[str | None, Query(max_length=64)] = None,
        category: Annotated[str | None, Query(max_length=64)] = None,
    ) -> Response:
        return _json(desk().products(on=_day(on) if on else None, bank_id=bank, category=category))

    @app.get("/v1/features")
    def features() -> Response:
        return _json(features_part())

    @app.get("/v1/decisions/{decision_id}")
    def decision(decision_id: str) -> Response:
        return _json(desk().decision(decision_id))

    @app.post("/v1/outcomes")
    def outcomes() -> Response:
        return Response(desk().report(_read(OutcomeRequest)), media_type=JSON)

    @app.get("/v1/models")
    def described() -> Response:
        return _json(models().described())

    @app.post("/v1/models/reload")
    def reload() -> Response:
        asked = _read(ReloadRequest)
        return _json(models().reload(asked.version, name=asked.name))

    @app.get("/docs.json")
    def docs() -> Response:
        return _json(documentation())

    return app


def features_part() -> dict[str, Any]:
    """The catalogue of features as the contract gives it; it rests on the code alone, so that it needs no model."""
    listed = [_feature_part(entry) for entry in catalogue.entries()]
    return {"features": listed, "count": len(listed), "feature_digest": catalogue.digest()}


def _feature_part(entry: catalogue.Entry) -> dict[str, Any]:
    part = asdict(entry)
    return {"name": part.pop("name"), "text": {"zh": part.pop("zh"), "en": part.pop("en")}, **part}


def _day(text: str) -> dt.date:
    """A day as the contract writes it; pydantic would take a number of seconds for one too."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise invalid_at("on", f"got {text!r}, expected a day such as 2026-11-22 ({error})") from error


def _json(content: dict[str, Any]) -> Response:
    return Response(to_json(content), media_type=JSON)


def _read(shape: type[Request]) -> Request:
    """Read from the bytes, because strict types know dates in JSON but not in what FastAPI makes of it."""
    call = CURRENT.get()
    try:
        return shape.model_validate_json(call.body)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        raise problem_of_validation(faults, body=call.body, route=call.route) from error
