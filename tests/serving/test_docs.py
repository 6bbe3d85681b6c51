"""`/docs.json` is valid OpenAPI and true of the running service."""

import json
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from serving.docs import PAGES, documentation
from serving.routes import ROUTES

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
    assert httpx.get(f"{service.url}/docs.json").json() == documentation()


@pytest.fixture
def described(service: Any) -> Any:
    return schemathesis.openapi.from_url(f"{service.url}/docs.json")


schema = schemathesis.pytest.from_fixture("described")


@schema.parametrize()
@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_the_service_does_what_the_document_says(case: Any, service: Any) -> None:
    case.call_and_validate(headers={"Authorization": f"Bearer {service.new_key()}"}, checks=CHECKS)
