"""Promise and visiting priority: every point can be checked."""

import pytest
from screened_firms import SHELL, SOUND, UNKNOWN, policy, row_of, screened

from decisions.screening.promise import most_points
from decisions.screening.words import answer_of


def answer(base, **changes):
    found = screened({**base, **changes})
    return answer_of(found.firms.row(0, named=True), found)


def test_promise_is_the_share_of_its_points():
    told = answer(SOUND)["promise"]
    points = sum(part["points"] for group in told["groups"] for part in group["parts"])
    assert told["value"] == pytest.approx(round(100 * points / most_points(policy().parts), 1))
    assert [group["points"] for group in told["groups"]] == [
        sum(part["points"] for part in group["parts"]) for group in told["groups"]
    ]


def test_the_four_groups_are_told_in_both_languages():
    groups = answer(SOUND)["promise"]["groups"]
    assert [group["name"]["zh"] for group in groups] == ["经营情况", "企业类型", "财源贡献", "风险情况"]


@pytest.mark.parametrize(
    ("growth", "points"), [(-0.11, 0), (-0.1, 3), (0.0, 6), (0.01, 13), (0.2, 14), (0.5, 16), (None, 6)]
)
def test_each_step_of_a_part_begins_at_its_bound(growth, points):
    assert row_of(SOUND, headcount_growth_12m=growth)["points:STAFF_GROWTH"] == points


def test_a_part_that_cannot_be_seen_never_earns_the_most():
    rules = policy()
    assert all(part.unseen < part.most for part in rules.parts)


def test_of_an_unknown_firm_the_promise_says_that_nothing_was_given():
    parts = [part for group in answer(UNKNOWN)["promise"]["groups"] for part in group["parts"]]
    assert {part["value"] for part in parts} == {None}
    assert parts[0]["text"] == {"zh": "参保人数同比：未取得数据", "en": "growth of insured people: not given"}


def test_the_reasons_add_up_to_the_priority():
    told = answer(SOUND, never_lent=1.0, premises_kind=None)
    assert sum(reason["points"] for reason in told["reasons"]) == pytest.approx(told["visit_priority"], abs=0.5)
    assert [reason["code"] for reason in told["reasons"]] == [
        "PROMISE", "NEVER_LENT", "NEED_STATED", "SMALL_OR_MICRO", "OPEN_QUESTIONS",
    ]  # fmt: skip


def test_a_never_lent_firm_comes_before_its_twin():
    assert row_of(SOUND, never_lent=1.0)["visit_priority"] == row_of(SOUND)["visit_priority"] + 12


def test_a_possible_shell_has_no_priority_and_its_signs_for_reasons():
    told = answer(SHELL)
    assert (told["visit_priority"], told["place"]["code"], told["recommended"]) == (0, "check_first", False)
    assert [reason["code"] for reason in told["reasons"]][:2] == ["crowded_address", "shared_phone"]


def test_a_firm_that_fails_a_standard_is_helped_first_and_told_why():
    told = answer(SOUND, account_frozen_now=1.0)
    assert told["place"]["code"] == "help_first"
    assert [reason["code"] for reason in told["reasons"]] == ["ACCOUNT_FROZEN"]


def test_a_large_firm_is_outside_the_mechanism():
    assert row_of(SOUND, size_class="large")["place"] == "out_of_scope"


@pytest.mark.parametrize(
    ("changes", "recommended"),
    [
        ({}, True),
        ({"need": "seen"}, True),
        ({"need": None}, False),
        ({"statement_net_margin": -0.2}, True),
        ({"premises_kind": None}, False),
        ({"dishonest_now": 1.0}, False),
    ],
    ids=["sound", "need seen", "no need", "soft question", "hard question", "fails"],
)
def test_who_is_recommended(changes, recommended):
    assert row_of(SOUND, **changes)["is_recommended"] is recommended


def test_categories_are_those_whose_conditions_hold():
    found = screened({**SOUND, "rights_held": 2.0, "active_months_12m": 3.0}).categories()
    assert found["categories"][0].to_list() == ["tax_loan", "ip_pledge", "credit_loan"]
