"""Cases that a credit officer can read: facts and a day in; verdicts, limits, values and order worked out by hand."""

import tomllib
from pathlib import Path

import pytest

from decisions.answer_parts import match_part
from decisions.catalogue_files import Catalogue
from decisions.facts import Facts, Need
from decisions.grades import standing
from decisions.matching import match
from decisions.policies import policy_on

CASES = sorted(Path(__file__).with_name("cases").glob("*.toml"))


@pytest.fixture(params=CASES, ids=lambda path: path.stem)
def case(request):
    return tomllib.loads(request.param.read_text("utf-8"))


@pytest.fixture
def facts(case):
    tuples = {name: tuple(value) if isinstance(value, list) else value for name, value in case["facts"].items()}
    asked = {name: tuple(value) if isinstance(value, list) else value for name, value in case.get("need", {}).items()}
    need = Need(**asked)
    stated = Facts.of({}, None, as_of=case["day"], need=need).values
    return Facts({**stated, **tuples}, need)


@pytest.fixture
def matched(case, facts, everything, scored):
    wanted = set(case["expect"]["product"])
    offered = Catalogue(tuple(entry for entry in everything.on(case["day"]).entries if entry.product.id in wanted))
    assert len(offered.entries) == len(wanted)
    return match(facts, scored(case["score"]), catalogue=offered, policy=policy_on(case["day"]))


def test_there_are_enough_cases_and_each_shows_its_arithmetic():
    assert len(CASES) >= 8
    assert all(tomllib.loads(path.read_text("utf-8"))["arithmetic"].strip() for path in CASES)


def test_grade_and_stops_are_as_worked_out(case, facts):
    expected = case["expect"]
    found = standing(case["score"], facts, policy_on(case["day"]))
    assert found.grade == expected["grade"]
    assert [stop.stop.code for stop in found.policy_stops] == expected.get("stops", [])
    assert found.suggested_limit_fen == expected.get("suggested_limit_fen")


def test_the_order_is_as_worked_out(case, matched):
    assert [row.candidate.entry.product.id for row in matched.products] == case["expect"]["order"]


def test_limits_values_and_rates_are_as_worked_out(case, matched):
    for row in matched.products:
        expected = case["expect"]["product"][row.candidate.entry.product.id]
        if "expected_value_fen" in expected:
            assert row.worth.fen == expected["expected_value_fen"]
        if "all_in" in expected:
            assert (row.all_in.before, row.all_in.after) == (expected["all_in"], expected["all_in"])
        if "limit_fen" in expected:
            assert row.candidate.limit.fen == expected["limit_fen"]


def test_verdicts_and_needs_are_as_worked_out(case, matched):
    answers = {row["product_id"]: row for row in match_part(matched, top=10)["products"]}
    for product_id, answer in answers.items():
        expected = case["expect"]["product"][product_id]
        verdicts = {row["rule"]: row["verdict"] for row in answer["verdicts"]}
        assert verdicts.items() >= expected.get("verdicts", {}).items()
        if "needs" in expected:
            assert [need.split(" / ")[1] for need in answer["needs"]] == expected["needs"]


def test_refusals_are_as_worked_out(case, matched):
    refused = {row["product_id"]: row for row in match_part(matched, top=10)["not_eligible"]}
    expected = {name: row for name, row in case["expect"]["product"].items() if "failed" in row}
    assert set(refused) == set(expected)
    for product_id, row in expected.items():
        assert [failed["rule"] for failed in refused[product_id]["failed"]] == row["failed"]
        assert refused[product_id]["what_would_change_it"] == row["what_would_change_it"]
