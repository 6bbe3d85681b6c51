"""`/docs.json` is valid OpenAPI and true of the running service."""

import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from serving.docs import PAGES, documentation
from serving.routes import ROUTES, Route

CODE = "Y1110108XP000001X5"

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]


def test_the_document_is_valid_openapi() -> None:
    OpenAPIV31SpecValidator(json.loads(json.dumps(documentation()))).validate()


def test_every_route_is_described_and_no_other() -> None:
    assert set(PAGES) == {route.name for route in ROUTES}


def test_every_route_with_a_key_says_so() -> None:
    paths = documentation()["paths"]
    for route in ROUTES:
        operation = paths[route.path][route.method.lower()]
        assert (operation.get("security") == []) == (not route.roles)
        assert ("401" in operation["responses"]) == bool(route.roles)


def test_the_service_gives_the_document(service: Any) -> None:
    with service.client(None) as client:
        assert client.get("/docs.json").json() == documentation()


@pytest.fixture(scope="module")
def described(service: Any) -> Any:
    return schemathesis.openapi.from_url(f"{service.url}/docs.json")


@pytest.fixture(scope="module")
def key(service: Any) -> str:
    made: str = service.new_key("admin")
    return made


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_the_service_does_what_the_document_says(described: Any, key: str, route: Route, mode: GenerationMode) -> None:
    operation = described[route.path][route.method]
    if mode is GenerationMode.NEGATIVE and not (operation.body or operation.query):
        pytest.skip("takes nothing that could be wrong")

    @given(operation.as_strategy(mode))
    @settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
    def holds(case: Any) -> None:
        if mode is GenerationMode.POSITIVE and isinstance(case.body, dict) and "enterprise_id" in case.body:
            # A schema cannot say what a check digit is, nor what today is; without this nothing would get past them.
            case.body.update(enterprise_id=CODE, as_of=None, rules_on=None)
            case.body["records"] = case.body.get("records") or {"vat_invoices": []}
        case.call_and_validate(headers={"Authorization": f"Bearer {key}"}, checks=CHECKS)

    holds()
