"""The real service over HTTP: every kind of bad input has its answer, and the service stays up."""

import gzip
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from serving.answer_types import MatchAnswer, ScoreAnswer
from serving.api_types import ScoreRequest
from serving.engine import load_engine
from sources.clock import today_in_beijing

CODE = "Y1110108XP000001X5"
MEGABYTE = 2**20
Ask = Callable[..., httpx.Response]


def error_of(response: httpx.Response) -> dict[str, Any]:
    error: dict[str, Any] = response.json()["error"]
    assert set(error) == {"code", "message", "details", "request_id"}
    return error


def test_an_enterprise_is_scored(ask: Ask, city: Any) -> None:
    response = ask("/v1/score", city.body())
    assert response.status_code == 200
    ScoreAnswer.model_validate_json(response.content, strict=True)


def test_an_enterprise_is_matched(ask: Ask, city: Any) -> None:
    response = ask("/v1/match", city.body(top=3))
    assert response.status_code == 200
    answer = MatchAnswer.model_validate_json(response.content, strict=True)
    assert len(answer.products) == 3


def test_the_score_is_that_of_the_engine_to_the_last_digit(ask: Ask, city: Any, model_folder: Path) -> None:
    engine = load_engine(model_folder, illustrative=True)
    for place in range(5):
        body = city.body(place)
        answer = ask("/v1/score", body).json()
        request = ScoreRequest.model_validate_json(json.dumps(body))
        assert answer == {"decision_id": answer["decision_id"], **engine.score(request, today=today_in_beijing())}


BAD = {
    "wrong check digit": (
        b'{"enterprise_id": "Y1110108XP000001X6"}',
        422,
        "enterprise_id: got 'Y1110108XP000001X6', expected check character '5' at the end instead of '6'",
    ),
    "unknown field": (b'{"enterprise_id": "Y1110108XP000001X5", "recrods": {}}', 422, "did you mean 'records'?"),
    "text for a number": (
        b'{"enterprise_id": "Y1110108XP000001X5", "request": {"amount_fen": "100"}}',
        422,
        'request.amount_fen: got "100", expected a valid integer',
    ),
    "no table": (
        b'{"enterprise_id": "Y1110108XP000001X5", "records": {}}',
        422,
        "records: got no table, expected some of",
    ),
    "no records": (b'{"enterprise_id": "Y1110108XP000001X5"}', 404, "expected its rows in `records`"),
    "a day to come": (b'{"enterprise_id": "Y1110108XP000001X5", "as_of": "2999-01-01"}', 422, "as_of: got 2999-01-01"),
    "no object": (b"[]", 422, "body: got a list of 0, expected an object"),
    "no JSON": (b'{"enterprise_id": ', 400, "the body is not JSON in UTF-8"),
    "no UTF-8": (b'{"enterprise_id": "\xff"}', 400, "the body is not JSON in UTF-8"),
    "nothing": (b"", 400, "the body is empty"),
    "too deep": (b"[" * 100_000, 400, "recursion limit"),
    "20 MB": (b" " * (20 * MEGABYTE), 413, "longer than 16777216 bytes"),
    "thousands of empty rows": (
        b'{"enterprise_id": "Y1110108XP000001X5", "records": {"vat_invoices": [' + b"{}," * 20_000 + b"{}]}}",
        422,
        "records.vat_invoices[0].direction: missing, but required",
    ),
}


@pytest.mark.parametrize("path", ["/v1/score", "/v1/match"])
@pytest.mark.parametrize("kind", BAD)
def test_bad_input_gets_its_status_and_a_message_that_helps(ask: Ask, service: Any, path: str, kind: str) -> None:
    body, status, message = BAD[kind]
    response = ask(path, body)
    assert response.status_code == status
    assert message in error_of(response)["message"]
    with service.client(None) as client:
        assert client.get("/readyz").status_code == 200


def test_a_20_mb_body_of_unknown_length_is_refused(service: Any) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(20):
            yield b" " * MEGABYTE

    with service.client(service.new_key()) as client:
        response = client.post("/v1/score", content=chunks(), headers={"Content-Type": "application/json"})
    assert response.status_code == 413


def test_a_small_body_that_unpacks_to_a_long_one_is_refused(ask: Ask) -> None:
    assert ask("/v1/score", gzip.compress(b" " * (50 * MEGABYTE)), Content_Encoding="gzip").status_code == 413


def test_a_compressed_body_is_answered(ask: Ask, city: Any) -> None:
    packed = gzip.compress(json.dumps(city.body()).encode())
    assert ask("/v1/score", packed, Content_Encoding="gzip").status_code == 200


@pytest.mark.parametrize(
    "content_type", ["application/vnd.bentoml+pickle", "text/plain", "multipart/form-data; boundary=x", ""]
)
def test_anything_but_json_is_unsupported(ask: Ask, content_type: str) -> None:
    response = ask("/v1/score", b"\x80\x04K\x01.", Content_Type=content_type)
    assert response.status_code == 415
    assert error_of(response)["code"] == "unsupported_media_type"


@pytest.mark.parametrize("key", [None, "xp_wrong"])
def test_without_a_good_key_nothing_is_answered(service: Any, key: str | None) -> None:
    with service.client(key) as client:
        for response in (client.post("/v1/score", json={}), client.get("/v1/products")):
            assert response.status_code == 401
            assert response.headers["www-authenticate"] == "Bearer"
            assert error_of(response)["code"] == "unauthenticated"


def test_an_invoice_dated_in_the_future_is_a_reject(ask: Ask, city: Any) -> None:
    body = city.body()
    rows = body["records"]["vat_invoices"]
    rows.append({**rows[0], "number": "99", "issued_on": "2999-01-01", "known_on": None, "voided_on": None})
    answer = ask("/v1/score", body).json()
    assert [(line["row"], line["rule"]) for line in answer["rejects"]] == [(len(rows) - 1, "after_today")]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/schema.json", 404),
        ("GET", "/healthz", 404),
        ("GET", "/v1/scores", 404),
        ("GET", "/v1/score", 405),
        ("DELETE", "/v1/products", 405),
        ("GET", "/v1/decisions/d-unknown", 404),
        ("GET", "/v1/products?on=yesterday", 422),
        ("GET", "/v1/products?on=2026-02-30", 422),
        ("GET", "/v1/products?bnak=ccb", 422),
    ],
)
def test_a_call_that_is_not_there_has_the_same_form(service: Any, method: str, path: str, status: int) -> None:
    with service.client(service.new_key()) as client:
        response = client.request(method, path)
    assert response.status_code == status
    error_of(response)


def test_the_same_idempotency_key_gives_the_same_bytes(ask: Ask, city: Any) -> None:
    first, second = (ask("/v1/match", city.body(), Idempotency_Key="once-1") for _ in range(2))
    assert first.content == second.content
    other = ask("/v1/match", city.body(1), Idempotency_Key="once-1")
    assert other.status_code == 409


def test_a_decision_and_its_outcome_are_found_again(service: Any, ask: Ask, city: Any) -> None:
    answer = ask("/v1/match", city.body()).json()
    outcome = {
        "decision_id": answer["decision_id"],
        "product_id": answer["products"][0]["product_id"],
        "decision": "approved",
        "limit_fen": 5_000_000,
        "rate": 0.0385,
        "on": "2026-11-01",
    }
    stored = ask("/v1/outcomes", outcome)
    assert stored.status_code == 200
    with service.client(service.new_key()) as client:
        record = client.get(f"/v1/decisions/{answer['decision_id']}").json()
    assert record["answer"] == answer
    assert record["outcomes"] == [stored.json()]


def test_another_tenants_decision_is_not_found(service: Any, ask: Ask, city: Any) -> None:
    decision_id = ask("/v1/score", city.body()).json()["decision_id"]
    with service.client(service.new_key("admin", tenant="chaoyang")) as client:
        assert client.get(f"/v1/decisions/{decision_id}").status_code == 404


def test_an_officer_sees_only_its_own_bank(service: Any, city: Any) -> None:
    with service.client(service.new_key("officer", bank_id="ccb")) as client:
        listed = client.get("/v1/products").json()["products"]
        matched = client.post("/v1/match", json=city.body(top=200)).json()
        assert client.get("/v1/products?bank=icbc").status_code == 403
    assert {line["bank"]["id"] for line in listed} == {"ccb"}
    assert all(line["product_id"].startswith("ccb-") for line in [*matched["products"], *matched["not_eligible"]])


def test_a_role_that_may_not_is_told(service: Any) -> None:
    with service.client(service.new_key("task_force")) as client:
        assert client.post("/v1/score", json={}).status_code == 403
        assert client.get("/v1/products").status_code == 200


def test_several_callers_at_a_time_all_get_their_own_answer(ask: Ask, city: Any) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda place: ask("/v1/score", city.body(place)).json(), range(16)))
    assert [answer["enterprise_id"] for answer in answers] == city.records.enterprises.to_list()[:16]
    assert len({answer["decision_id"] for answer in answers}) == 16


def test_the_log_has_one_json_line_a_request_and_nothing_of_its_body(service: Any, city: Any) -> None:
    key = service.new_key()
    with service.client(key) as client:
        body = city.body()
        body["records"]["vat_invoices"][0]["counterparty"] = "SECRET-NAME"
        body["records"]["vat_invoices"][0]["net_fen"] = "SECRET-VALUE"
        request_id = client.post("/v1/score", json=body).headers["x-request-id"]
    log = service.log.read_text()
    [line] = [json.loads(line) for line in log.splitlines() if request_id in line]
    assert (line["event"], line["route"], line["status"]) == ("request", "POST /v1/score", 422)
    assert "SECRET" not in log
    assert key not in log


def test_the_service_is_still_up(service: Any) -> None:
    assert service.process.poll() is None
    with service.client(None) as client:
        assert client.get("/livez").status_code == 200
