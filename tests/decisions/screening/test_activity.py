"""Shells and zombies: which signs count, and what excuses a firm."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from screened_firms import SHELL, SILENT, SOUND, UNKNOWN, row_of


def zombie(base, **changes):
    return row_of(base, **changes)["zombie"]


def shell(base, **changes):
    return row_of(base, **changes)["shell"]


def test_a_sound_firm_is_neither():
    row = row_of(SOUND)
    assert (row["zombie"], row["shell"], row["zombie_evidence"], row["shell_evidence"]) == ("no", "no", [], [])


def test_of_a_firm_without_any_data_nothing_is_said():
    row = row_of(UNKNOWN)
    assert (row["zombie"], row["shell"], row["place"]) == (None, None, "visit")


def test_a_silent_firm_with_a_sign_in_the_register_is_a_zombie():
    row = row_of(SILENT, last_annual_report_missing=1.0)
    assert row["zombie"] == "hard"
    assert row["zombie_evidence"] == [
        "annual_report_missing", "no_vat_return", "no_invoice", "nobody_insured", "no_inflow", "no_bills",
    ]  # fmt: skip


def test_silence_without_a_sign_in_the_register_makes_a_suspect():
    assert zombie(SILENT) == "suspect"


@pytest.mark.parametrize(
    "life",
    [{"headcount": 1.0}, {"silent_days": 180.0}, {"declared_sales_12m": 1.0}, {"days_without_inflow": 180.0}],
)
def test_one_sign_of_life_outweighs_silence(life):
    row = row_of(SILENT, last_annual_report_missing=1.0, **life)
    assert row["zombie"] == "no"
    assert "signs_of_life" in row["excuses"]


def test_lawful_rest_is_no_zombie_but_an_open_question():
    row = row_of(SILENT, status="suspended")
    assert (row["zombie"], row["place"], row["standard:compliant_going_concern"]) == ("no", "visit", "unknown")
    assert "lawful_rest" in row["excuses"]


@pytest.mark.parametrize(("months", "flag"), [(11.0, "no"), (12.0, "suspect")])
def test_silence_counts_from_twelve_months_on(months, flag):
    assert zombie(SILENT, age_months=months) == flag


def test_half_a_year_of_zero_returns_makes_a_suspect_unless_the_season_says_why():
    quiet = {"zero_filing_months_12m": 6.0, "vat_returns_365d": 12.0}
    assert zombie(SILENT, **quiet) == "suspect"
    assert "seasonal" in row_of(SOUND, zero_filing_months_12m=8.0, dormant_seasonal=1.0)["excuses"]


def test_a_lawful_zero_payer_with_sales_is_at_work():
    row = row_of(SOUND, taxpayer_kind="small_scale", tax_paid_12m=0.0, headcount=0.0)
    assert row["zombie"] == "no"
    assert "lawful_zero_vat" in row["excuses"]


@pytest.mark.parametrize("status", ["revoked", "cancelled"])
def test_who_lost_the_registration_is_a_zombie_whatever_else_is_seen(status):
    assert zombie(SOUND, status=status) == "hard"


def test_with_the_register_alone_two_signs_make_a_suspect_and_one_makes_none():
    assert zombie(UNKNOWN, last_annual_report_missing=1.0, on_abnormal_list=1.0) == "suspect"
    assert zombie(UNKNOWN, last_annual_report_missing=1.0) is None


def test_a_firm_that_sells_without_buying_at_a_crowded_address_is_a_suspected_shell():
    row = row_of(SHELL)
    assert (row["shell"], row["place"]) == ("suspect", "check_first")
    assert row["shell_evidence"] == [
        "crowded_address", "shared_phone", "sells_without_buying", "hardly_anybody_insured", "capital_unpaid",
    ]  # fmt: skip


@pytest.mark.parametrize("operation", [{"headcount": 3.0}, {"bank_salary_months_12m": 6.0}, {"purchases_share": 0.1}])
def test_real_operation_outweighs_the_signs_of_a_shell(operation):
    row = row_of(SHELL, **operation)
    assert row["shell"] == "no"
    assert "real_operation" in row["excuses"]


def test_an_address_shared_with_many_is_no_shell_by_itself():
    assert shell(SHELL, firms_with_phone=1.0, purchases_share=0.05) == "no"


def test_thin_papers_alone_make_no_shell():
    assert shell(SHELL, firms_at_address=1.0, firms_with_phone=1.0, purchases_share=0.05) == "no"


def test_a_firm_of_two_months_is_no_shell_yet():
    assert shell(SHELL, age_months=2.0) == "no"
    assert shell(SHELL, age_months=3.0) == "suspect"


def test_where_all_else_is_withheld_sharing_twice_makes_a_suspect():
    assert shell(UNKNOWN, firms_at_address=90.0, firms_with_phone=12.0) == "suspect"
    assert shell(UNKNOWN, firms_at_address=90.0, firms_with_phone=4.0) is None


@settings(max_examples=20, deadline=None)
@given(
    base=st.sampled_from([SILENT, SHELL, UNKNOWN]),
    headcount=st.sampled_from([None, 0.0, 2.0, 9.0]),
    silent=st.sampled_from([None, 3.0, 200.0, 400.0]),
    more=st.sampled_from(["headcount", "utility_months_12m", "bank_salary_months_12m"]),
)
def test_one_more_sign_of_life_never_raises_a_flag(base, headcount, silent, more):
    firm = {**base, "headcount": headcount, "silent_days": silent}
    before, after = row_of(firm), row_of(firm, **{more: 12.0})
    rank = {"hard": 2, "suspect": 1}
    for flag in ("zombie", "shell"):
        assert rank.get(after[flag], 0) <= rank.get(before[flag], 0)
