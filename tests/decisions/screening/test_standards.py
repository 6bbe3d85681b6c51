"""The five standards: pass, fail, unknown, with the paper that settles it."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from screened_firms import SCHEMA, SOUND, UNKNOWN, row_of, screened

from decisions.screening.policy import STANDARDS
from decisions.screening.words import answer_of

NUMBERS = [
    name
    for name, kind in SCHEMA.items()
    if kind == pl.Float64 and name not in {"minimum_age_months", "fail_age_months"}
]


def verdicts(base, **changes):
    row = row_of(base, **changes)
    return {name: row[f"standard:{name}"] for name in STANDARDS}


def answer(base, **changes):
    found = screened({**base, **changes})
    return answer_of(found.firms.row(0, named=True), found)


def lines(base, standard, **changes):
    [found] = [one for one in answer(base, **changes)["standards"] if one["standard"] == standard]
    return found, {one["code"]: one for one in found["evidence"]}


def test_a_sound_firm_that_states_a_lawful_need_passes_all_five():
    assert verdicts(SOUND) == dict.fromkeys(STANDARDS, "pass")


def test_of_a_firm_without_any_data_every_standard_is_unknown_and_none_fails():
    assert verdicts(UNKNOWN) == dict.fromkeys(STANDARDS, "unknown")


@pytest.mark.parametrize(("months", "verdict"), [(5.0, "fail"), (6.0, "unknown"), (11.0, "unknown"), (12.0, "pass")])
def test_under_six_months_is_too_young_and_under_twelve_a_question_while_the_number_is_not_sure(months, verdict):
    assert verdicts(SOUND, age_months=months)["compliant_going_concern"] == verdict


def test_a_district_may_have_a_least_age_of_its_own():
    assert verdicts(SOUND, age_months=9.0, minimum_age_months=6.0)["compliant_going_concern"] == "pass"
    firm = {"age_months": 9.0, "minimum_age_months": 12.0, "fail_age_months": 12.0}
    assert verdicts(SOUND, **firm)["compliant_going_concern"] == "fail"


def test_the_age_is_told_with_its_bound_and_its_day():
    _, found = lines(SOUND, "compliant_going_concern", age_months=3.0, established_on=dt.date(2026, 7, 9))
    assert found["FIRM_AGE"] == {
        "code": "FIRM_AGE",
        "verdict": "fail",
        "value": 3.0,
        "since": "2026-07-09",
        "text": {
            "zh": "成立仅3个月，不足6个月（自2026-07-09）",
            "en": "established only 3 months ago, less than 6 months (since 2026-07-09)",
        },
    }


def test_losses_and_falling_sales_are_questions_and_no_failures():
    found, checks = lines(SOUND, "compliant_going_concern", statement_net_margin=-0.1, sales_growth_12m=-0.6)
    assert found["verdict"] == checks["PROFIT"]["verdict"] == checks["SALES_HOLD"]["verdict"] == "unknown"


@pytest.mark.parametrize("kind", ["owned", "leased", "provided", "online"])
def test_every_kind_of_premises_is_lawful_that_of_an_online_firm_too(kind):
    assert verdicts(SOUND, premises_kind=kind)["fixed_premises"] == "pass"


def test_a_crowded_address_is_a_question_and_no_failure():
    found, checks = lines(SOUND, "fixed_premises", firms_at_address=50.0)
    assert found["verdict"] == checks["CROWDED_ADDRESS"]["verdict"] == "unknown"
    assert found["need"] == [{"zh": "租赁合同；走访", "en": "lease; a visit"}]


def test_a_firm_listed_as_unreachable_fails_on_premises_since_that_day():
    found, checks = lines(SOUND, "fixed_premises", listed_unreachable=1.0, listed_since=dt.date(2026, 2, 1))
    assert found["verdict"] == "fail"
    assert checks["REACHABLE"]["since"] == "2026-02-01"


def test_a_firm_listed_for_a_missing_report_does_not_fail_on_premises():
    assert verdicts(SOUND, listed_unclear=1.0)["fixed_premises"] == "unknown"


@pytest.mark.parametrize(
    "finding",
    [
        "dishonest_now", "account_frozen_now", "consumption_limit_now", "environment_penalties_36m",
        "wage_arrears_now", "bad_loans",
    ],
)  # fmt: skip
def test_listed_negatives_fail_on_credit(finding):
    assert verdicts(SOUND, **{finding: 1.0})["good_credit"] == "fail"


@pytest.mark.parametrize("finding", ["enforcements_now", "adverse_parties"])
def test_other_findings_only_ask(finding):
    assert verdicts(SOUND, **{finding: 1.0})["good_credit"] == "unknown"


@pytest.mark.parametrize(("days", "verdict"), [(0.0, "pass"), (30.0, "unknown"), (31.0, "fail")])
def test_thirty_days_past_due_are_a_question_and_more_a_failure(days, verdict):
    assert verdicts(SOUND, worst_overdue_days=days)["good_credit"] == verdict


def test_a_missing_credit_report_is_a_soft_question():
    row = row_of(SOUND, bad_loans=None, worst_overdue_days=None)
    assert (row["standard:good_credit"], row["open:good_credit"]) == ("unknown", "soft")


def test_missing_court_data_is_a_hard_question():
    row = row_of(SOUND, dishonest_now=None)
    assert (row["standard:good_credit"], row["open:good_credit"]) == ("unknown", "hard")


@pytest.mark.parametrize(("lawful", "verdict"), [("yes", "pass"), ("no", "fail"), (None, "unknown")])
def test_a_forbidden_purpose_fails_and_one_not_told_is_a_question(lawful, verdict):
    assert verdicts(SOUND, purpose_lawful=lawful)["lawful_use"] == verdict


def test_an_amount_above_yearly_sales_asks_for_its_reason():
    _, checks = lines(SOUND, "genuine_need", wanted_to_sales=1.5)
    assert checks["AMOUNT_IN_PROPORTION"]["verdict"] == "unknown"
    assert checks["AMOUNT_IN_PROPORTION"]["text"]["zh"] == "申请额为年销售额的1.5倍，需说明依据"


def test_every_open_or_failed_check_names_what_settles_it():
    for standard in answer(UNKNOWN, dishonest_now=1.0)["standards"]:
        is_open = any(line["verdict"] != "pass" for line in standard["evidence"])
        assert bool(standard["need"]) == is_open


@pytest.mark.parametrize(
    "base", [SOUND, UNKNOWN, {**SOUND, **dict.fromkeys(NUMBERS, 5.0)}], ids=["sound", "unknown", "5"]
)
def test_every_text_stands_in_both_languages_without_a_place_left_open(base):
    for standard in answer(base)["standards"]:
        for line in standard["evidence"]:
            assert all(text and "{" not in text for text in line["text"].values())


NEGATIVES = (
    "dishonest_now", "account_frozen_now", "bad_loans", "worst_overdue_days", "tax_arrears_now", "enforcements_now",
    "environment_penalties_36m", "major_penalties_36m", "listed_unreachable", "firms_at_address",
)  # fmt: skip
RANK = {"fail": 0, "unknown": 1, "pass": 2}


@settings(max_examples=20, deadline=None)
@given(
    values=st.lists(st.sampled_from([0.0, 1.0, 40.0]), min_size=len(NEGATIVES), max_size=len(NEGATIVES)),
    better=st.sampled_from(NEGATIVES),
)
def test_one_negative_less_never_lowers_a_verdict(values, better):
    firm = {**SOUND, **dict(zip(NEGATIVES, values, strict=True))}
    before, after = verdicts(firm), verdicts(firm, **{better: 0.0})
    assert all(RANK[after[name]] >= RANK[before[name]] for name in STANDARDS)


@settings(max_examples=15, deadline=None)
@given(hidden=st.sets(st.sampled_from(NUMBERS), max_size=60))
def test_what_is_not_known_never_fails_a_sound_firm(hidden):
    assert "fail" not in verdicts(SOUND, **dict.fromkeys(hidden)).values()
