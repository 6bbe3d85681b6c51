"""POST /v1/screen: each item its answer or its error, in order."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from serving.problems import ProblemError
from serving.routes import SCREEN
from serving.screen_types import MOST_ENTERPRISES, ScreenAnswer, ScreenRequest
from serving.screening import screened

Ask = Callable[..., httpx.Response]
TODAY = dt.date(2026, 11, 22)
CODE = "Y1110108XP000001X5"
ENTRY = {
    "legal_form": "limited_company", "status": "active", "industry": "C3525", "district": "110108",
    "established_on": "2020-05-01", "premises_kind": "online", "known_on": "2020-05-01",
}  # fmt: skip


def item(city: Any, place: int = 0, **changes: Any) -> dict[str, Any]:
    body = {**city.body(place), **changes}
    return {name: body[name] for name in ("enterprise_id", "as_of", "records") if name in body}


def results(*items: dict[str, Any]) -> list[dict[str, Any]]:
    request = ScreenRequest.model_validate_json(json.dumps({"items": items}))
    answer = screened(request, today=TODAY, request_id="r-1")
    ScreenAnswer.model_validate_json(json.dumps(answer), strict=True)
    found: list[dict[str, Any]] = answer["results"]
    return found


def one(**records: Any) -> dict[str, Any]:
    [answer] = results({"enterprise_id": CODE, "as_of": "2026-10-31", "records": records})
    return answer


def test_enterprises_are_screened_in_order_over_http(ask: Ask, city: Any) -> None:
    items = [item(city, place) for place in (3, 0, 5)]
    response = ask("/v1/screen", {"items": items})
    assert response.status_code == 200
    ScreenAnswer.model_validate_json(response.content, strict=True)
    assert [one["enterprise_id"] for one in response.json()["results"]] == [one["enterprise_id"] for one in items]


def test_an_enterprise_among_others_is_answered_as_by_itself(city: Any) -> None:
    items = [item(city, place) for place in range(6)]
    assert results(*items) == [answer for each in items for answer in results(each)]


def test_tables_that_others_gave_are_not_given_by_who_left_them_out(city: Any) -> None:
    alone = {"enterprise_id": CODE, "as_of": "2026-10-31", "records": {"registry": [ENTRY]}}
    other = item(city, 1)
    other["records"]["loans"] = []
    first, second = results(alone, other)
    assert (first["never_lent"], second["never_lent"]) == (None, True)
    assert "credit" in first["missing_blocks"]


def test_work_that_nobody_waits_for_ends_before_its_next_pass(city: Any) -> None:
    asked: list[None] = []

    def gone() -> None:
        asked.append(None)
        if len(asked) == 2:
            raise ProblemError("timed_out", "gone")

    days = [item(city, place, as_of=f"2026-10-{10 + place}") for place in range(4)]
    request = ScreenRequest.model_validate_json(json.dumps({"items": days}))
    with pytest.raises(ProblemError, match="gone"):
        screened(request, today=TODAY, request_id="r-1", still_awaited=gone)
    assert len(asked) == 2


def test_the_same_enterprise_may_stand_twice(city: Any) -> None:
    first, second = results(item(city), item(city))
    assert first == second


def test_one_item_without_records_is_404_and_the_others_are_answered(city: Any) -> None:
    first, second = results({"enterprise_id": CODE}, item(city))
    assert first["error"]["code"] == "not_found"
    assert "expected its rows in `records`" in first["error"]["message"]
    assert second["standards"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"as_of": "2999-01-01"}, "items[0].as_of: got 2999-01-01"),
        ({"as_of": "2001-01-01"}, "items[0].as_of: got 2001-01-01"),
        ({"records": {}}, "items[0].records: got no table"),
    ],
)
def test_what_is_wrong_with_one_item_is_told_at_its_place(city: Any, changes: dict[str, Any], message: str) -> None:
    first, second = results(item(city, **changes), item(city, 1))
    assert first["error"]["code"] == "invalid_request"
    assert first["error"]["message"].startswith(message)
    assert second["standards"]


def test_a_row_that_breaks_a_rule_is_a_reject_of_its_item_and_asks_for_a_person(city: Any) -> None:
    bad = {**ENTRY, "established_on": "2021-01-01"}
    good = {"enterprise_id": CODE, "as_of": "2026-10-31", "records": {"registry": [ENTRY, bad]}}
    _, answer = results(item(city), good)
    assert [(line["table"], line["row"]) for line in answer["rejects"]] == [("registry", 1)]
    assert answer["review"]["required"]


def test_rows_known_later_are_counted_and_left_out() -> None:
    answer = one(registry=[ENTRY, {**ENTRY, "status": "cancelled", "known_on": "2026-11-05"}])
    assert answer["cut_off"] == {"registry": 1}
    assert answer["place"]["code"] == "visit"


def test_online_premises_are_lawful_and_the_rest_is_unknown() -> None:
    verdicts = {line["standard"]: line["verdict"] for line in one(registry=[ENTRY])["standards"]}
    assert verdicts["fixed_premises"] == "unknown"  # whether it is listed as unreachable was not given
    assert "fail" not in verdicts.values()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"items": []}, "items: got a list of 0"),
        ({"items": [{"enterprise_id": "Y1110108XP000001X6"}]}, "items[0].enterprise_id: got 'Y1110108XP000001X6'"),
        (
            {"items": [{"enterprise_id": CODE, "recrods": {}}]},
            "items[0].recrods: unknown field; did you mean 'records'?",
        ),
        ({"items": [{"enterprise_id": CODE}] * (MOST_ENTERPRISES + 1)}, "items: got a list of 1001"),
    ],
)
def test_a_wrong_shape_refuses_the_request(ask: Ask, body: dict[str, Any], message: str) -> None:
    response = ask("/v1/screen", body)
    assert response.status_code == 422
    assert message in response.json()["error"]["message"]


def test_a_wide_object_deep_in_an_item_is_refused_before_it_is_judged(ask: Ask) -> None:
    row = {f"unknown_{number}": 1 for number in range(40_000)}
    response = ask("/v1/screen", {"items": [{"enterprise_id": CODE, "records": {"registry": [row]}}]})
    assert response.status_code == 422
    assert "an object of 40000 fields" in response.json()["error"]["message"]


@pytest.mark.parametrize("role", ["platform", "officer", "task_force", "data", "admin"])
def test_only_some_roles_may_screen(service: Any, city: Any, role: str) -> None:
    key = service.new_key(role, bank_id="ccb") if role == "officer" else service.new_key(role)
    with service.client(key) as client:
        response = client.post("/v1/screen", json={"items": [item(city)]})
    assert response.status_code == (200 if role in SCREEN else 403)
