"""Renewal without repaying principal: the window, who is served, and until when."""

import datetime as dt

import pytest

from decisions.facts import Facts
from decisions.money.renewal import renewal_verdict
from decisions.policies import policy_on

SOUND = {
    "days_to_maturity": 60,
    "size_class": "small",
    "bad_balance_share": 0.0,
    "days_past_due_now": 0,
    "listings": ("none",),
    "registry_status": "active",
}


def told(found):
    """Texts of the conditions that decide it."""
    return [check.text for check in found.checks if check.outcome == found.verdict]


@pytest.mark.parametrize(("days", "verdict"), [(91, "fail"), (90, "pass"), (45, "pass"), (0, "pass"), (-1, "fail")])
def test_one_asks_before_maturity_and_within_the_window(policy, days, verdict):
    assert renewal_verdict(Facts({**SOUND, "days_to_maturity": days}), policy).verdict == verdict


def test_before_the_window_it_says_when_it_opens(policy):
    """2026-11-22 + 100 days = 2027-03-02; 90 days before that = 2026-12-02."""
    found = renewal_verdict(Facts({**SOUND, "days_to_maturity": 100}), policy)
    assert (found.matures_on, found.opens_on) == (dt.date(2027, 3, 2), dt.date(2026, 12, 2))
    assert [text.zh for text in told(found)] == ["贷款2027-03-02到期，2026-12-02起可申请续贷"]


@pytest.mark.parametrize(
    ("day", "days", "verdict"),
    [
        (dt.date(2027, 7, 31), 60, "pass"),  # due on 2027-09-29
        (dt.date(2027, 8, 1), 60, "fail"),  # due on 2027-09-30
        (dt.date(2027, 10, 1), 10, "fail"),
    ],
)
def test_medium_firms_are_served_for_loans_due_before_the_last_day(day, days, verdict):
    facts = Facts({**SOUND, "size_class": "medium", "days_to_maturity": days})
    assert renewal_verdict(facts, policy_on(day)).verdict == verdict


@pytest.mark.parametrize("size", ["micro", "small"])
def test_small_and_micro_firms_are_served_without_end(size):
    facts = Facts({**SOUND, "size_class": size})
    assert renewal_verdict(facts, policy_on(dt.date(2031, 1, 1))).verdict == "pass"


def test_large_firms_are_not_served(policy):
    assert renewal_verdict(Facts({**SOUND, "size_class": "large"}), policy).verdict == "fail"


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({"bad_balance_share": 0.01}, "fail"),
        ({"listings": ("account_freeze",)}, "fail"),
        ({"days_past_due_now": 3}, "unknown"),
        ({"registry_status": "suspended"}, "unknown"),
    ],
)
def test_the_old_loan_must_be_normal_and_the_firm_in_good_standing(policy, change, verdict):
    assert renewal_verdict(Facts({**SOUND, **change}), policy).verdict == verdict


@pytest.mark.parametrize("name", list(SOUND))
def test_an_unknown_fact_refuses_nothing_and_is_the_only_open_one(policy, name):
    found = renewal_verdict(Facts({key: value for key, value in SOUND.items() if key != name}), policy)
    assert found.verdict == "unknown"
    assert len([check for check in found.checks if check.outcome == "unknown"]) == 1


def test_without_a_loan_there_is_nothing_to_renew(policy):
    found = renewal_verdict(Facts({"business_loans": 0, "size_class": "small"}), policy)
    assert found.verdict == "fail"
    assert [text.en for text in told(found)] == ["there is no business loan outstanding"]


def test_before_the_notice_nothing_is_known():
    days = (dt.date(2024, 9, 23), dt.date(2024, 9, 24))
    assert [renewal_verdict(Facts(SOUND), policy_on(day)).verdict for day in days] == ["unknown", "pass"]
