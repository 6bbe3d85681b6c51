"""The engine: the answer's shape, its days, and one score however it is asked for."""

import datetime as dt
import json
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import polars as pl
import pytest

from cli.score import Standpoint, request_body
from decisions.policies import policy_on
from serving.answer_types import MatchAnswer, ProductsAnswer, ScoreAnswer
from serving.api_types import MatchRequest, ScoreRequest
from serving.engine import Engine, Products, Terms, load_engine
from serving.problems import ProblemError
from serving.store import to_json
from sources.contracts import BLOCKS
from sources.contracts.aside import CONSENTS
from sources.records import Records

TODAY = dt.date(2026, 11, 22)
AS_OF = dt.date(2026, 10, 31)


class City(Protocol):
    records: Records

    def body(self, place: int = 0, **changes: Any) -> dict[str, Any]: ...


@pytest.fixture(scope="module")
def engine(model_folder: Path) -> Engine:
    return load_engine(model_folder, illustrative=True)


def score(engine: Engine, body: Mapping[str, Any]) -> dict[str, Any]:
    return engine.score(ScoreRequest.model_validate_json(json.dumps(body)), today=TODAY)


def match(engine: Engine, body: Mapping[str, Any], bank_ids: frozenset[str] | None = None) -> dict[str, Any]:
    return engine.match(MatchRequest.model_validate_json(json.dumps(body)), bank_ids=bank_ids, today=TODAY)


def refused(engine: Engine, body: Mapping[str, Any]) -> ProblemError:
    with pytest.raises(ProblemError) as caught:
        score(engine, body)
    return caught.value


def test_a_score_has_the_shape_that_is_documented(engine: Engine, city: City) -> None:
    answer = to_json({"decision_id": "d-1", **score(engine, city.body())})
    ScoreAnswer.model_validate_json(answer, strict=True)


def test_a_match_has_the_shape_that_is_documented(engine: Engine, city: City) -> None:
    answer = match(engine, city.body(top=200))
    MatchAnswer.model_validate_json(to_json({"decision_id": "d-1", **answer}), strict=True)
    assert answer["products"]
    assert answer["considered"] == len(answer["products"]) + len(answer["not_eligible"])


TOLD_IN_FULL = ("suggestion", "need_profile", "ways_to_next_grade")


def test_the_fields_come_in_the_order_of_the_contract(engine: Engine, city: City) -> None:
    fields = [name for name in MatchAnswer.model_fields if name not in TOLD_IN_FULL]
    assert list(match(engine, city.body())) == fields[1:]


def test_what_would_change_it_is_verified_when_everything_is_explained(engine: Engine, city: City) -> None:
    answer = match(engine, city.body(explain="full", top=200))
    MatchAnswer.model_validate_json(to_json({"decision_id": "d-1", **answer}), strict=True)
    assert set(TOLD_IN_FULL) <= set(answer)
    changes = [change for row in answer["not_eligible"] for change in row["what_would_change_it"]]
    assert changes
    assert all(change["verified"] == bool(change["steps"]) for change in changes)


def test_a_purpose_that_no_loan_may_serve_forces_a_review_and_rules_out_every_product(
    engine: Engine, city: City
) -> None:
    answer = match(engine, city.body(request={"amount_fen": 50_000_000, "purpose": "securities"}))
    assert answer["review"]["required"]
    assert answer["products"] == []
    assert all("purpose" in {failed["rule"] for failed in row["failed"]} for row in answer["not_eligible"])


@pytest.mark.parametrize("explain", ["none", "top", "full"])
def test_points_add_up_whatever_is_explained(engine: Engine, city: City, explain: str) -> None:
    for place in range(10):
        answer = score(engine, city.body(place, explain=explain))
        told = [answer["base_points"], answer["other_points"], *(reason["points"] for reason in answer["reasons"])]
        assert math.fsum(told) == pytest.approx(answer["unclipped_score"], abs=1e-6)
        assert answer["score"] == min(max(round(answer["unclipped_score"]), 300), 850)


def test_an_enterprise_alone_gets_the_answer_it_gets_in_the_city(engine: Engine, city: City) -> None:
    terms = Terms(AS_OF, TODAY, policy_on(TODAY), products=Products(10))
    together = list(engine.answer_all(city.records, terms))
    assert [answer["enterprise_id"] for answer in together] == city.records.enterprises.to_list()
    for place in range(8):
        assert match(engine, city.body(place)) == together[place]


def test_shuffled_rows_change_nothing(engine: Engine, city: City) -> None:
    body = city.body(2)
    turned = {**body, "records": {name: rows[::-1] for name, rows in body["records"].items()}}
    assert score(engine, turned) == score(engine, body)


def test_what_was_used_is_told(engine: Engine, city: City) -> None:
    body = city.body()
    answer = score(engine, body)
    days = sorted(row["issued_on"] for row in body["records"]["vat_invoices"])
    invoices = next(block for block in answer["data"] if block["block"] == "invoice")
    assert (invoices["rows"], invoices["from"], invoices["to"]) == (len(days), days[0], days[-1])
    assert answer["missing_blocks"] == [block for block in BLOCKS if block not in {"registry", "invoice"}]


def test_a_block_that_was_not_given_is_missing(engine: Engine, city: City) -> None:
    body = city.body()
    del body["records"]["registry"]
    answer = score(engine, body)
    assert answer["missing_blocks"] == [block for block in BLOCKS if block != "invoice"]
    assert [block["block"] for block in answer["data"]] == ["invoice"]


def test_days_default_to_today(engine: Engine, city: City) -> None:
    answer = score(engine, city.body(as_of=None, rules_on=None))
    assert (answer["as_of"], answer["rules_on"]) == (str(TODAY), str(TODAY))


def test_rules_default_to_the_day_stood_on(engine: Engine, city: City) -> None:
    assert score(engine, city.body(rules_on=None))["rules_on"] == str(AS_OF)


@pytest.mark.parametrize("as_of", ["2026-11-23", "9999-12-31", "0001-01-01"])
def test_a_day_that_cannot_be_is_refused(engine: Engine, city: City, as_of: str) -> None:
    problem = refused(engine, city.body(as_of=as_of))
    assert problem.status == 422
    assert problem.message.startswith(
        f"as_of: got {as_of}, expected a day from 1949-10-01 to today in Beijing, 2026-11-22"
    )


def test_a_day_before_any_rules_is_refused_with_a_way_out(engine: Engine, city: City) -> None:
    problem = refused(engine, city.body(rules_on="1990-01-01"))
    assert problem.status == 422
    assert problem.message.startswith("rules_on: got 1990-01-01, expected ")
    assert "give `rules_on`" in problem.message


def test_without_records_there_is_nothing_to_judge(engine: Engine, city: City) -> None:
    problem = refused(engine, city.body(records=None))
    assert problem.status == 404
    assert "expected its rows in `records`" in problem.message


def test_records_without_a_table_are_refused(engine: Engine, city: City) -> None:
    assert refused(engine, city.body(records={})).message.startswith("records: got no table, expected some of registry")


def test_given_and_empty_is_answered_for_a_person_to_look_at(engine: Engine, city: City) -> None:
    answer = score(engine, city.body(records={"vat_invoices": []}))
    assert answer["review"]["required"]
    assert answer["review"]["why"][0]["zh"].startswith("截至评估日没有可用的经营数据")
    assert answer["data"] == [{"block": "invoice", "rows": 0, "from": None, "to": None, "newest_known_on": None}]


def test_a_row_dated_after_today_is_a_reject(engine: Engine, city: City) -> None:
    body = city.body()
    rows = body["records"]["vat_invoices"]
    rows.append({**rows[0], "number": "99", "issued_on": "2026-11-23", "known_on": "2026-11-23"})
    answer = score(engine, body)
    [reject] = answer["rejects"]
    assert (reject["table"], reject["row"], reject["rule"]) == ("vat_invoices", len(rows) - 1, "after_today")
    assert {**answer, "rejects": []} == score(engine, city.body())


def test_a_row_known_after_the_day_stood_on_is_cut_off(engine: Engine, city: City) -> None:
    body = city.body()
    rows = body["records"]["vat_invoices"]
    rows.append({**rows[0], "number": "99", "issued_on": "2026-11-01", "known_on": "2026-11-01", "voided_on": None})
    answer = score(engine, body)
    assert answer["cut_off"] == {"registry": 0, "vat_invoices": 1}
    assert {**answer, "cut_off": {}} == {**score(engine, city.body()), "cut_off": {}}


def test_many_rejects_ask_for_a_person(engine: Engine, city: City) -> None:
    body = city.body()
    rows = body["records"]["vat_invoices"]
    bad = max(len(rows) // 19, 1)
    few = [{**rows[n], "number": f"bad-{n}", "net_fen": 100, "vat_fen": -100} for n in range(bad)]
    assert not score(engine, city.body())["review"]["required"]
    body["records"]["vat_invoices"] = rows + few
    review = score(engine, body)["review"]
    assert review["required"] is (bad > 0.05 * (len(rows) + bad))
    body["records"]["vat_invoices"] = rows + few + [{**row, "number": f"{row['number']}-2"} for row in few]
    assert score(engine, body)["review"]["required"]


def test_a_policy_stop_forces_a_review_and_a_limit_of_nothing(engine: Engine, city: City) -> None:
    body = city.body()
    body["records"]["registry"] = [{**row, "status": "revoked"} for row in body["records"]["registry"]]
    answer = match(engine, body)
    assert answer["policy_stops"]
    assert (answer["suggested_limit_fen"], answer["review"]["required"]) == (0, True)
    assert answer["products"] == []


def test_only_the_banks_asked_for_are_matched(engine: Engine, city: City) -> None:
    answer = match(engine, city.body(top=200), frozenset({"ccb"}))
    lines = [*answer["products"], *answer["not_eligible"]]
    assert lines
    assert all(line["product_id"].startswith("ccb-") for line in lines)


def test_the_catalogue_is_listed_as_documented(engine: Engine) -> None:
    listed = engine.products(on=TODAY, bank_id=None, category=None)
    ProductsAnswer.model_validate_json(to_json(listed), strict=True)
    assert listed["products"]


def test_the_catalogue_is_filtered(engine: Engine) -> None:
    of_bank = engine.products(on=TODAY, bank_id="ccb", category="tax_loan")["products"]
    assert of_bank
    assert all(line["bank"]["id"] == "ccb" and line["category"] == "tax_loan" for line in of_bank)
    assert engine.products(on=dt.date(1990, 1, 1), bank_id=None, category=None)["products"] == []


def test_invented_products_belong_to_a_demonstration_only(model_folder: Path) -> None:
    real = load_engine(model_folder, illustrative=False).products(on=TODAY, bank_id=None, category=None)
    assert {line["status"] for line in real["products"]} <= {"confirmed", "reference"}


def test_a_missing_model_is_told_without_its_place(tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as caught:
        load_engine(tmp_path / "nowhere", illustrative=False)
    assert caught.value.status == 503
    assert "xinpei train credit" in caught.value.message
    assert str(tmp_path) not in caught.value.message


def test_a_bank_or_a_category_that_is_not_there_is_refused(engine: Engine, city: City) -> None:
    with pytest.raises(ProblemError, match=r"bank_ids\[1\]: got 'cbc', expected a bank of /v1/products"):
        match(engine, city.body(bank_ids=["ccb", "cbc"]))
    with pytest.raises(ProblemError, match="category: got 'taxes', expected one of first_loan, tax_loan"):
        engine.products(on=TODAY, bank_id=None, category="taxes")


def test_rows_of_a_block_without_consent_are_neither_sent_nor_used(engine: Engine, city: City) -> None:
    granted, place = dt.date(2020, 1, 1), 3
    codes = city.records.enterprises
    consents = CONSENTS.typed(
        pl.DataFrame({"enterprise_id": codes.filter(codes != codes[place])}).with_columns(
            block=pl.lit("invoice"), granted_on=pl.lit(granted), known_on=pl.lit(granted)
        )
    )
    records = replace(city.records, consents=consents)
    together = list(engine.answer_all(records, Terms(AS_OF, TODAY, policy_on(TODAY), products=Products(10))))
    assert together[place]["missing_blocks"] == [block for block in BLOCKS if block != "registry"]
    one = records.only(codes[place : place + 1])
    body = json.loads(request_body(one, Standpoint(AS_OF, TODAY, None, 10)))
    assert set(body["records"]) == {"registry"}
    assert match(engine, body) == together[place]
    assert "invoice" not in together[0]["missing_blocks"]
