"""The dictionaries have the fields of the HTTP contract, no more and no fewer, and are plain JSON."""

import datetime as dt
import json

import pytest

from decisions.answer_parts import catalogue_part, match_part, score_part
from decisions.facts import Facts, Need
from decisions.grades import standing
from decisions.match.matching import match
from decisions.reasons import explain
from features.sets import INVOICE_FLOW
from scoring.explained import Band, Scored

PRODUCT_FIELDS = {
    "rank", "product_id", "status", "bank", "name", "approval_probability", "fit", "expected_value_fen", "limit_fen",
    "limit_basis", "term_months", "rate", "all_in_rate", "subsidies", "verdicts", "needs", "documents", "decision_days",
    "contact", "reasons", "why_above_next",
}  # fmt: skip


@pytest.fixture
def facts():
    return Facts({"district": "110108", "firm_age_months": 36, "sales_12m_fen": 8_000_000_00}, Need(2_000_000_00, 12))


@pytest.fixture
def answer(facts, scored, catalogue, policy):
    return match_part(match(facts, scored(620), catalogue=catalogue, policy=policy), top=10)


def test_a_match_has_the_fields_of_the_contract(answer):
    assert set(answer) == {"products", "not_eligible", "considered", "catalogue_version"}
    assert [row["rank"] for row in answer["products"]] == list(range(1, 11))
    assert all(set(row) == PRODUCT_FIELDS for row in answer["products"])
    assert json.loads(json.dumps(answer)) == answer


def test_a_verdict_carries_its_need_only_while_it_is_unknown(answer):
    for row in (verdict for product in answer["products"] for verdict in product["verdicts"]):
        assert set(row) - {"need"} == {"rule", "verdict", "value", "threshold"}
        assert ("need" in row) == (row["verdict"] == "unknown")


def test_every_need_of_a_verdict_is_listed_once(answer):
    for product in answer["products"]:
        needs = [row["need"] for row in product["verdicts"] if "need" in row]
        assert set(needs) <= set(product["needs"])
        assert len(set(product["needs"])) == len(product["needs"])


def test_what_only_a_model_of_fit_can_say_is_null(answer):
    for product in answer["products"]:
        assert (product["approval_probability"], product["fit"]) == (None, None)
        assert all(reason["share"] is None for reason in product["reasons"])


def test_a_subsidy_has_the_fields_of_the_contract_and_says_whether_it_is_in_the_rate(answer):
    told = [subsidy for product in answer["products"] for subsidy in product["subsidies"]]
    assert told
    for subsidy in told:
        assert set(subsidy) == {"code", "amount_fen", "until", "state", "source", "is_counted", "text", "needs"}
        assert not (subsidy["is_counted"] and subsidy["needs"])


def test_a_contact_names_an_area_and_says_whom_to_ask(answer):
    contacts = [product["contact"] for product in answer["products"] if product["contact"]]
    assert contacts
    assert all(set(contact) == {"district", "text"} and contact["text"]["zh"] for contact in contacts)


def test_the_reasons_for_a_product_are_conditions_that_it_meets(answer):
    for product in answer["products"]:
        met = {row["rule"].upper() for row in product["verdicts"] if row["verdict"] == "pass"}
        reasons = [reason for reason in product["reasons"] if reason["direction"] == "for"]
        assert len(reasons) <= 4
        assert {reason["code"] for reason in reasons} <= met
        assert all(reason["text"]["zh"] != reason["text"]["en"] for reason in reasons)
    assert any(product["reasons"] for product in answer["products"])


def test_the_reasons_against_a_product_say_where_it_falls_short_of_the_wish(answer):
    short = [
        reason for product in answer["products"] for reason in product["reasons"] if reason["direction"] == "against"
    ]
    assert {reason["code"] for reason in short} == {"AMOUNT_LOWER", "LIMIT_IS_CAP"}


def test_only_the_last_of_all_products_has_nothing_below_it(facts, scored, catalogue, policy):
    rows = match_part(match(facts, scored(620), catalogue=catalogue, policy=policy), top=200)["products"]
    assert [row["why_above_next"] is None for row in rows] == [False] * (len(rows) - 1) + [True]


def test_a_refusal_says_what_failed_and_what_would_change_it(answer):
    for row in answer["not_eligible"]:
        assert set(row) == {"product_id", "failed", "what_would_change_it"}
        assert all(set(failed) == {"rule", "value", "threshold", "text"} for failed in row["failed"])
        assert all(failed["text"]["en"].endswith("not met") for failed in row["failed"])
        assert all(set(change) == {"rule", "needs", "actionable"} for change in row["what_would_change_it"])


def test_age_and_place_are_never_called_actionable(everything, scored, policy):
    facts = Facts({"district": "650100", "firm_age_months": 1})
    answer = match_part(match(facts, scored(620), catalogue=everything, policy=policy), top=1)
    changes = [change for row in answer["not_eligible"] for change in row["what_would_change_it"]]
    assert {change["rule"] for change in changes} >= {"district", "firm_age_months"}
    assert not any(change["actionable"] for change in changes if change["rule"] in {"district", "firm_age_months"})


def test_a_score_has_the_fields_of_the_contract_that_follow_from_it(policy):
    points = tuple(float(place % 5 - 2) for place in range(len(INVOICE_FLOW)))
    scored = Scored("Y1110108XP000001X5", 612, 612 + sum(points), 612.0, points, (None,) * len(points))
    facts = Facts({"registry_status": "revoked"})
    bands = {feature.name: Band(0.0, 1.0) for feature in INVOICE_FLOW}
    told = explain(scored, INVOICE_FLOW, bands, policy=policy, as_of=dt.date(2026, 11, 22))
    answer = score_part(scored, standing(scored.score, facts, policy), told)
    assert set(answer) == {
        "score", "unclipped_score", "grade", "probability_of_default", "suggested_limit_fen", "rate", "base_points",
        "other_points", "reasons", "policy_stops", "review",
    }  # fmt: skip
    assert set(answer["reasons"][0]) == {"code", "direction", "points", "text", "features", "as_of", "source"}
    assert set(answer["reasons"][0]["features"][0]) == {"name", "value", "unit", "peer_low", "peer_high"}
    assert set(answer["policy_stops"][0]) == {"code", "text", "since", "how_it_clears"}
    assert answer["review"]["required"] is True
    assert json.loads(json.dumps(answer)) == answer


def test_the_catalogue_is_listed_with_status_source_and_notes(catalogue):
    listed = {row["product_id"]: row for row in catalogue_part(catalogue)}
    row = listed["ccb-yunshuidai"]
    assert (row["status"], row["source"], row["from"]) == (
        "reference",
        "public web page of a broker or a bank",
        "2026-11-01",
    )
    assert {"rule": "firm_age_months", "threshold": ">= 24"} in row["rules"]
    assert json.loads(json.dumps(list(listed.values()))) == list(listed.values())
