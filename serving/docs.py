"""`/docs.json`: OpenAPI 3.1 of every route, its key, its bodies, its answers and its errors."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from serving.answer_types import (
    DecisionRecord,
    ErrorAnswer,
    FeaturesAnswer,
    MatchAnswer,
    ModelsAnswer,
    OutcomeAnswer,
    ProductsAnswer,
    ScoreAnswer,
)
from serving.api_types import MatchRequest, OutcomeRequest, ReloadRequest, ScoreRequest
from serving.problems import STATUSES
from serving.routes import ROUTES, Route
from serving.screen_types import ScreenAnswer, ScreenRequest

Json = dict[str, Any]
Shown = tuple[type[BaseModel], Literal["validation", "serialization"]]

SCHEMAS = "#/components/schemas/{model}"

ALWAYS = (500, 503, 504)
WITH_KEY = (401, 403)
WITH_BODY = (400, 413, 415, 422, 429)

CAUSES: Mapping[int, str] = {
    400: "Malformed JSON, an empty body or broken gzip",
    401: "No key, or an unknown or revoked one",
    403: "The key's role or bank may not do this",
    404: "Not there, or another tenant's",
    405: "Another method",
    409: "The Idempotency-Key stands for another request, or the model asked for cannot be loaded",
    413: "The body is longer than allowed, before or after decompression",
    415: "The body is not application/json, or encoded otherwise than gzip",
    422: "A field has a wrong shape or value, or is unknown",
    429: "Too many requests at a time; see Retry-After",
    500: "Something failed on our side",
    503: "Not ready, or the database is away; see Retry-After",
    504: "No answer in time",
}


@dataclass(frozen=True)
class Page:
    """What is said of one route beside what `ROUTES` knows."""

    summary: str
    takes: type[BaseModel] | None = None
    gives: type[BaseModel] | None = None
    parameters: tuple[Json, ...] = ()
    errors: tuple[int, ...] = ()


def _query(name: str, schema: Json, description: str) -> Json:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}


IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[\x21-\x7e]+$"},
    "description": "The same key with the same body gives the same answer; with another body it gives 409",
}
DECISION_ID: Json = {"name": "decision_id", "in": "path", "required": True, "schema": {"type": "string"}}
SHORT_TEXT: Json = {"type": "string", "maxLength": 64}

PAGES: Mapping[str, Page] = {
    "POST /v1/score": Page("Score one enterprise", ScoreRequest, ScoreAnswer, errors=(404,)),
    "POST /v1/match": Page("Score one enterprise and rank products for it", MatchRequest, MatchAnswer, errors=(404,)),
    "POST /v1/screen": Page(
        "Screen up to 1,000 enterprises: five standards, shells and zombies, promise, priority of a visit",
        ScreenRequest,
        ScreenAnswer,
    ),
    "POST /v1/outcomes": Page("Report what became of a decision", OutcomeRequest, OutcomeAnswer, errors=(404,)),
    "GET /v1/decisions/{decision_id}": Page(
        "A stored decision; an officer sees its own bank's products in it",
        gives=DecisionRecord,
        parameters=(DECISION_ID,),
        errors=(404,),
    ),
    "GET /v1/products": Page(
        "Products offered on a day; an officer sees its own bank's",
        gives=ProductsAnswer,
        parameters=(
            _query(
                "on", {"type": "string", "format": "date"}, "Day on which they are offered; default today in Beijing"
            ),
            _query("bank", SHORT_TEXT, "Only this bank's"),
            _query("category", SHORT_TEXT, "Only of this category"),
        ),
        errors=(422,),
    ),
    "GET /v1/features": Page("What every feature says, needs and means for the risk", gives=FeaturesAnswer),
    "GET /v1/models": Page("The models that answer, as the worker that was asked has loaded it", gives=ModelsAnswer),
    "POST /v1/models/reload": Page(
        "Load a model anew; every worker follows at its next request, and what cannot be loaded changes nothing",
        ReloadRequest,
        ModelsAnswer,
        errors=(409,),
    ),
    "GET /livez": Page("Whether the process runs"),
    "GET /readyz": Page("Whether database, model and catalogue are there"),
    "GET /docs.json": Page("This document"),
}


@cache
def documentation() -> Json:
    """The document; the same object every time."""
    taken: list[Shown] = [(page.takes, "validation") for page in PAGES.values() if page.takes]
    given: list[Shown] = [(page.gives, "serialization") for page in PAGES.values() if page.gives]
    names, schemas = models_json_schema([*taken, *given, (ErrorAnswer, "serialization")], ref_template=SCHEMAS)
    paths: dict[str, Json] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, PAGES[route.name], names)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Xinpei",
            "version": "1",
            "description": "Credit scores and ranked bank products for small and micro enterprises. "
            "Money in whole fen, dates in ISO 8601, rates as annual fractions, null = unknown.",
        },
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas["$defs"],
            "responses": {str(status): _error(status) for status in STATUSES.values()},
        },
    }


def _operation(route: Route, page: Page, names: Mapping[Any, Json]) -> Json:
    operation: Json = {
        "operationId": route.name.split("/")[-1].strip("{}").replace(".", "_"),
        "summary": page.summary,
        "parameters": [*page.parameters, *([IDEMPOTENCY_KEY] if route.remembers else [])],
        "responses": {"200": _success(page, names), **_errors(route, page)},
    }
    if page.takes:
        schema = names[page.takes, "validation"]
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    if route.roles:
        operation["description"] = f"Roles: {', '.join(sorted(route.roles))}."
    else:
        operation["security"] = []
    return operation


def _success(page: Page, names: Mapping[Any, Json]) -> Json:
    if page.gives is None:
        return {"description": page.summary}
    schema = names[page.gives, "serialization"]
    return {"description": page.summary, "content": {"application/json": {"schema": schema}}}


def _errors(route: Route, page: Page) -> Json:
    statuses = {*page.errors, *ALWAYS, *(WITH_KEY if route.roles else ()), *(WITH_BODY if route.takes_body else ())}
    statuses |= {409} if route.remembers else set()
    return {str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted(statuses)}


def _error(status: int) -> Json:
    schema = {"$ref": SCHEMAS.format(model=ErrorAnswer.__name__)}
    return {"description": CAUSES[status], "content": {"application/json": {"schema": schema}}}
