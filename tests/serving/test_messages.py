"""What a caller reads when a request has a wrong shape."""

import json
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from decisions.money.limit import SECURED_BY
from serving.api_types import Collateral, MatchRequest, OutcomeRequest, ScoreRequest
from serving.messages import MODELS, as_path, problem_of_validation
from serving.problems import ProblemError

CODE = "Y1110108XP000001X5"
INVOICE = {
    "direction": "issued",
    "number": "26110000000012345678",
    "issued_on": "2026-10-31",
    "counterparty": "c-19",
    "net_fen": 1200000,
    "vat_fen": 156000,
}


def problem(content: Any, route: str = "POST /v1/match") -> ProblemError:
    """The problem as it comes about behind BentoML, which passes on no values."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    with pytest.raises(ValidationError) as caught:
        MODELS[route].model_validate_json(body)
    faults = caught.value.errors(include_context=False, include_input=False)
    return problem_of_validation(faults, body=body, route=route)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"enterprise_id": "Y1110108XP000001X6"},
            "enterprise_id: got 'Y1110108XP000001X6', expected check character",
        ),
        ({"enterprise_id": "Y111"}, "enterprise_id: got 'Y111' (4 characters), expected 18 characters"),
        ({"enterprise_id": 5}, "enterprise_id: got 5, expected a valid string"),
        ({"recrods": {}}, "recrods: unknown field; did you mean 'records'?"),
        ({"zzz": 1}, "zzz: unknown field; expected some of enterprise_id, as_of"),
        ({"request": {"amount": 1}}, "request.amount: unknown field; did you mean 'amount_fen'?"),
        (
            {"request": {"amount_fen": "100"}},
            'request.amount_fen: got "100", expected a valid integer (Amount',
        ),
        ({"request": {"amount_fen": True}}, "request.amount_fen: got true, expected a valid integer"),
        ({"request": {"amount_fen": 1.5}}, "request.amount_fen: got 1.5, expected a valid integer"),
        ({"request": {"amount_fen": -5}}, "request.amount_fen: got -5, expected a value greater than 0"),
        (
            {"request": {"amount_fen": 10**30}},
            "request.amount_fen: got 1000000000000000000000000000000, expected a value less",
        ),
        ({"request": {"collateral": ["gold"]}}, "request.collateral[0]: got \"gold\", expected 'none', 'real_estate'"),
        ({"request": []}, "request: got a list of 0, expected an object"),
        ({"top": 201}, "top: got 201, expected a value less than or equal to 200"),
        ({"as_of": "2026-02-30"}, 'as_of: got "2026-02-30", expected a valid date in the format YYYY-MM-DD'),
        ({"as_of": 20260101}, "as_of: got 20260101, expected a valid date"),
        ({"explain": "all"}, "explain: got \"all\", expected 'none', 'top' or 'full'"),
        ({"records": {"invoices": []}}, "records.invoices: unknown field; did you mean 'vat_invoices'?"),
        ({"records": {"vat_invoices": {}}}, "records.vat_invoices: got an object of 0, expected a valid array"),
        (
            {"records": {"vat_invoices": [{**INVOICE, "net_fen": "12"}]}},
            'records.vat_invoices[0].net_fen: got "12", expected a valid integer',
        ),
        (
            {"records": {"vat_invoices": [{**INVOICE, "net": 1}]}},
            "records.vat_invoices[0].net: unknown field; did you mean 'net_fen'?",
        ),
    ],
)
def test_a_fault_is_told_with_its_place_what_was_got_and_what_was_expected(
    changes: dict[str, Any], message: str
) -> None:
    told = problem({"enterprise_id": CODE, **changes})
    assert told.status == 422
    assert told.message.startswith(message)


def test_a_missing_field_is_told() -> None:
    assert problem({}).message.startswith("enterprise_id: missing, but required (Unified social credit code")


def test_several_faults_are_all_listed() -> None:
    told = problem({"enterprise_id": CODE, "top": 0, "explain": 1})
    assert told.message.endswith("(and 1 more, see details)")
    assert [detail.path for detail in told.details] == ["explain", "top"]


def test_thousands_of_faults_are_cut() -> None:
    told = problem({"enterprise_id": CODE, **{f"x{n}": 1 for n in range(5000)}})
    assert len(told.details) == 20


def test_a_long_value_is_cut() -> None:
    told = problem({"enterprise_id": "x" * 5000, "explain": "y" * 5000})
    assert all(len(detail.message) < 6000 for detail in told.details)


@pytest.mark.parametrize("body", [b'{"a":', b"{'a': 1}", b"\xff", b'{"enterprise_id": "x"} more', b"[" * 100_000])
def test_what_is_no_json_is_malformed(body: bytes) -> None:
    told = problem(body)
    assert told.status == 400
    assert told.message.startswith("the body is not JSON in UTF-8")


def test_a_body_that_is_no_object_is_told() -> None:
    assert problem([]).message == "body: got a list of 0, expected an object"


def test_fastapi_places_are_left_out_of_the_path() -> None:
    fault = {"type": "date_parsing", "loc": ["query", "on"], "msg": "Input should be a valid date", "input": "x"}
    told = problem_of_validation([fault], body=b"", route="GET /v1/products")
    assert told.message == 'on: got "x", expected a valid date'


def test_an_outcome_is_judged_by_its_own_type() -> None:
    told = problem(
        {"decision_id": "d", "product_id": "p", "decision": "maybe", "on": "2026-01-01"}, "POST /v1/outcomes"
    )
    assert told.message.startswith("decision: got \"maybe\", expected 'approved', 'refused' or 'withdrawn'")


def test_a_path_reads_like_code() -> None:
    assert as_path(["records", "vat_invoices", 3, "net_fen"]) == "records.vat_invoices[3].net_fen"


def test_the_contracts_example_is_accepted() -> None:
    request = {
        "amount_fen": 200000000,
        "term_months": 12,
        "purpose": "working_capital",
        "urgency_days": 10,
        "collateral": ["none"],
        "ip_to_pledge": ["right-7"],
        "orders_at_hand": ["contract-3"],
    }
    rows = {"vat_invoices": [{**INVOICE, "known_on": "2026-10-31"}]}
    content = {
        "enterprise_id": CODE,
        "as_of": "2026-11-22",
        "rules_on": "2026-11-22",
        "request": request,
        "records": rows,
    }
    asked = ScoreRequest.model_validate_json(json.dumps(content | {"explain": "top"}))
    assert asked.request is not None
    assert asked.request.amount_fen == 200000000


def test_what_is_left_out_has_its_default() -> None:
    asked = MatchRequest.model_validate_json(json.dumps({"enterprise_id": CODE}))
    assert (asked.explain, asked.top, asked.records, asked.as_of) == ("top", 10, None, None)


@pytest.mark.parametrize("rate", ["1e999", "NaN", '"0.03"', "1.5", "-0.1"])
def test_a_rate_is_a_fraction(rate: str) -> None:
    body = f'{{"decision_id":"d","product_id":"p","decision":"approved","on":"2026-01-01","rate":{rate}}}'
    with pytest.raises(ValidationError):
        OutcomeRequest.model_validate_json(body)


def test_whatever_collateral_lifts_a_limit_can_be_offered() -> None:
    assert set(get_args(Collateral)) > SECURED_BY
