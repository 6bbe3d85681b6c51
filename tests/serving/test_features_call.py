"""GET /v1/features: what every feature says, for any role, whether or not a model is loaded."""

import json
from typing import Any

import pytest

from features import catalogue
from serving.answer_types import FeaturesAnswer
from serving.keys import ROLES
from serving.resources import features_part


@pytest.fixture(scope="module")
def answer(service: Any) -> dict[str, Any]:
    with service.client(service.new_key()) as client:
        response = client.get("/v1/features")
    assert response.status_code == 200
    given: dict[str, Any] = response.json()
    return given


def test_the_answer_keeps_its_shape(answer: dict[str, Any]) -> None:
    FeaturesAnswer.model_validate_json(json.dumps(answer), strict=True)


def test_it_lists_the_whole_catalogue_in_its_order(answer: dict[str, Any]) -> None:
    assert [one["name"] for one in answer["features"]] == [entry.name for entry in catalogue.entries()]
    assert answer["count"] == len(answer["features"])
    assert answer["feature_digest"] == catalogue.digest()


def test_a_feature_is_told_in_both_languages_with_what_it_needs(answer: dict[str, Any]) -> None:
    assert {one["name"]: one for one in answer["features"]}["buyer_hhi_12m"] == {
        "name": "buyer_hhi_12m",
        "text": {
            "zh": "近12个月客户集中度（HHI）",
            "en": "Concentration of sales over buyers (Herfindahl index), last 12 months",
        },
        "unit": "ratio",
        "risk": "rises",
        "group": "BUYERS",
        "window": 12,
        "blocks": ["invoice"],
        "sources": ["vat_invoices"],
        "inputs": [],
    }


@pytest.mark.parametrize("role", ROLES)
def test_any_role_may_ask(service: Any, role: str) -> None:
    key = service.new_key(role, bank_id="ccb") if role == "officer" else service.new_key(role)
    with service.client(key) as client:
        assert client.get("/v1/features").status_code == 200


@pytest.mark.parametrize(("path", "status"), [("/v1/features?block=tax", 422), ("/v1/features/sales_12m", 404)])
def test_what_is_not_offered_is_refused(service: Any, path: str, status: int) -> None:
    with service.client(service.new_key()) as client:
        assert client.get(path).status_code == status


def test_without_a_key_nothing_is_told(service: Any) -> None:
    with service.client(None) as client:
        assert client.get("/v1/features").status_code == 401


def test_the_answer_needs_no_model() -> None:
    assert features_part()["count"] == len(catalogue.entries())
