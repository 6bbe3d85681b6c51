"""What a wish says, what is at hand for it, and where wish and data disagree."""

import datetime as dt
import json
import shutil
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decisions.dated import POLICY_FOLDER, NotInForceError
from decisions.fact_definitions import facts as definitions
from decisions.facts import Facts, Need
from decisions.files import FileMistakesError
from decisions.need_profile import need_profile
from decisions.policies import policy_on
from decisions.purposes import purposes_file, purposes_on

DAY = dt.date(2026, 11, 22)
WHOLE_WISH = {"amount_fen": 1_000_000_00, "term_months": 12, "purpose": "working_capital"}


def profile_of(values=None, *, not_found=(), not_usable=(), **wish):
    need = Need(**wish)
    facts = Facts(MappingProxyType(values or {}), need, not_found=not_found, not_usable=not_usable)
    return need_profile(facts, policy_on(DAY))


def codes(profile):
    return [finding.code for finding in profile.findings]


def test_a_whole_wish_that_nothing_contradicts_has_no_findings():
    assert codes(profile_of({"sales_12m_fen": 10_000_000_00, "debt_fen": 0}, **WHOLE_WISH)) == []


def test_what_is_left_out_is_asked_for():
    profile = profile_of()
    assert codes(profile) == ["PURPOSE_NOT_TOLD", "AMOUNT_NOT_TOLD", "TERM_NOT_TOLD"]
    assert {finding.kind for finding in profile.findings} == {"open"}


@pytest.mark.parametrize("purpose", ["securities", "property_investment", "onlending", "equity"])
def test_a_forbidden_purpose_forces_a_review_and_leaves_no_product(purpose):
    profile = profile_of(**{**WHOLE_WISH, "purpose": purpose})
    assert codes(profile) == ["FORBIDDEN_PURPOSE"]
    assert profile.purpose.is_lawful is False
    assert profile.review_why == (profile.findings[0].text,)
    assert profile.purpose.name.zh in profile.findings[0].text.zh


def test_a_lawful_purpose_forces_no_review_however_much_disagrees():
    profile = profile_of({"sales_12m_fen": 0}, **WHOLE_WISH)
    assert profile.findings
    assert profile.review_why == ()


def test_another_purpose_is_neither_lawful_nor_forbidden():
    profile = profile_of(**{**WHOLE_WISH, "purpose": "other"})
    assert codes(profile) == ["PURPOSE_UNCLEAR"]
    assert profile.purpose.is_lawful is None


@pytest.mark.parametrize("purpose", ["equipment", "premises"])
def test_fixed_assets_are_not_for_a_working_capital_loan(purpose):
    assert codes(profile_of(**{**WHOLE_WISH, "purpose": purpose})) == ["FIXED_ASSETS"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (300_000_00, []),
        (300_000_01, ["AMOUNT_ABOVE_AFFORDABLE"]),
        (900_000_00, ["AMOUNT_ABOVE_AFFORDABLE"]),
        (900_000_01, ["AMOUNT_ABOVE_TURNOVER"]),
    ],
)
def test_the_amount_is_held_against_what_can_be_carried_and_against_sales(asked, expected):
    """30 % of 1,000,000 without debt can be carried; 90 % is the highest ratio of loans to sales that is known."""
    wish = {**WHOLE_WISH, "amount_fen": asked}
    assert codes(profile_of({"sales_12m_fen": 1_000_000_00, "debt_fen": 0}, **wish)) == expected


def test_what_can_be_carried_is_told_with_its_arithmetic():
    profile = profile_of({"sales_12m_fen": 2_000_000_00, "debt_fen": 100_000_00}, **WHOLE_WISH)
    assert profile.affordable_fen == 500_000_00
    assert "CNY 2,000,000 × 30%" in profile.findings[0].text.en
    assert "200万元 × 30%" in profile.findings[0].text.zh


def test_declared_sales_count_where_they_are_larger_than_invoiced_ones():
    values = {"sales_12m_fen": 100_000_00, "declared_sales_12m_fen": 2_000_000_00}
    assert "AMOUNT_ABOVE_TURNOVER" not in codes(profile_of(values, **WHOLE_WISH))


def test_the_values_stand_in_the_sentences():
    (finding,) = profile_of({"sales_12m_fen": 500_000_00}, **WHOLE_WISH).findings
    assert finding.text.en == "CNY 1,000,000 is asked for, more than 90% of 12 months' sales of CNY 500,000"
    assert finding.text.zh == "申请金额100万元，高于近12个月销售额50万元的90%"


@pytest.mark.parametrize(("months", "expected"), [(36, []), (37, ["TERM_BEYOND_PURPOSE"])])
def test_working_capital_is_for_three_years_at_most(months, expected):
    assert codes(profile_of(**{**WHOLE_WISH, "term_months": months})) == expected


def test_a_purpose_for_orders_wants_orders():
    assert codes(profile_of(**{**WHOLE_WISH, "purpose": "order", "orders_at_hand": ()})) == ["ORDERS_NOT_NAMED"]


def test_orders_that_the_data_do_not_show_are_named():
    wish = {**WHOLE_WISH, "purpose": "order", "orders_at_hand": ("contract-1", "contract-2")}
    profile = profile_of({"orders_at_hand_fen": 1_000_000_00}, not_found=("contract-2",), **wish)
    assert codes(profile) == ["ORDERS_NOT_FOUND"]
    assert profile.at_hand.orders_not_found == ("contract-2",)
    assert "contract-2" in profile.findings[0].text.zh


@pytest.mark.parametrize(("undelivered", "expected"), [(1_000_000_00, []), (999_999_99, ["ORDERS_BELOW_AMOUNT"])])
def test_orders_smaller_than_the_amount_are_told(undelivered, expected):
    wish = {**WHOLE_WISH, "purpose": "order", "orders_at_hand": ("contract-1",)}
    assert codes(profile_of({"orders_at_hand_fen": undelivered}, **wish)) == expected


def test_orders_smaller_than_the_amount_say_nothing_about_another_purpose():
    assert codes(profile_of({"orders_at_hand_fen": 0}, **WHOLE_WISH, orders_at_hand=("contract-1",))) == []


def test_rights_pledged_already_and_rights_not_found_are_told():
    wish = {**WHOLE_WISH, "ip_to_pledge": ("right-1", "right-2", "right-3")}
    profile = profile_of({"ip_to_pledge_encumbered": 1, "ip_rights_held": 2}, not_found=("right-3",), **wish)
    assert codes(profile) == ["RIGHTS_NOT_FOUND", "RIGHTS_PLEDGED"]
    assert (profile.at_hand.rights_named, profile.at_hand.rights_pledged) == (3, 1)


def test_rights_and_orders_that_are_of_no_use_any_more_are_told():
    wish = {**WHOLE_WISH, "ip_to_pledge": ("right-1",), "orders_at_hand": ("contract-1", "contract-2")}
    profile = profile_of(not_usable=("right-1", "contract-2"), **wish)
    assert codes(profile) == ["ORDERS_DELIVERED", "RIGHTS_NOT_USABLE"]
    assert profile.at_hand.rights_not_usable == ("right-1",)
    assert profile.at_hand.orders_delivered == ("contract-2",)


def test_rights_offered_by_a_firm_that_holds_none_are_told():
    wish = {**WHOLE_WISH, "collateral": ("ip",)}
    assert codes(profile_of({"ip_rights_held": 0}, **wish)) == ["NO_RIGHTS_HELD"]
    assert codes(profile_of({"ip_rights_held": 2}, **wish)) == ["RIGHTS_NOT_NAMED"]


def test_real_estate_offered_is_held_against_the_titles():
    wish = {**WHOLE_WISH, "collateral": ("real_estate",)}
    assert codes(profile_of({"property_value_fen": 0}, **wish)) == ["NO_FREE_REAL_ESTATE"]
    assert codes(profile_of({"property_value_fen": 5_000_000_00}, **wish)) == []
    assert [finding.kind for finding in profile_of(**wish).findings] == ["open"]


def test_none_and_something_at_once_contradict():
    assert codes(profile_of(**WHOLE_WISH, collateral=("none", "equipment"))) == ["COLLATERAL_CONTRADICTS"]


def test_a_renewal_wants_a_loan_that_falls_due():
    wish = {**WHOLE_WISH, "purpose": "refinancing"}
    assert codes(profile_of({"principal_due_fen": 0}, **wish)) == ["NO_LOAN_FALLING_DUE"]
    assert codes(profile_of({"principal_due_fen": 1_000_000_00}, **wish)) == []
    assert codes(profile_of(**wish)) == []


def test_a_renewal_is_no_new_debt():
    values = {"principal_due_fen": 1_000_000_00, "sales_12m_fen": 2_000_000_00, "debt_fen": 1_000_000_00}
    assert codes(profile_of(values, **WHOLE_WISH)) == ["AMOUNT_ABOVE_AFFORDABLE"]
    assert codes(profile_of(values, **{**WHOLE_WISH, "purpose": "refinancing"})) == []


def test_a_renewal_is_for_what_falls_due():
    profile = profile_of({"principal_due_fen": 800_000_00}, **{**WHOLE_WISH, "purpose": "refinancing"})
    assert codes(profile) == ["RENEWAL_ABOVE_PRINCIPAL"]


def test_a_renewal_after_maturity_comes_too_late():
    values = {"principal_due_fen": 1_000_000_00, "days_to_maturity": 20}
    wish = {**WHOLE_WISH, "purpose": "refinancing"}
    assert codes(profile_of(values, **wish, urgency_days=20)) == []
    assert codes(profile_of(values, **wish, urgency_days=21)) == ["RENEWAL_AFTER_MATURITY"]


def test_research_without_spending_is_asked_about():
    wish = {**WHOLE_WISH, "purpose": "research"}
    assert codes(profile_of({"rd_12m_fen": 0}, **wish)) == ["RESEARCH_WITHOUT_SPENDING"]
    assert codes(profile_of(**wish)) == []


@pytest.mark.parametrize(
    ("days", "urgency"), [(0, "at_once"), (3, "at_once"), (4, "soon"), (30, "soon"), (31, "planned"), (None, None)]
)
def test_urgency_has_three_classes(days, urgency):
    assert profile_of(urgency_days=days).urgency == urgency


def test_the_dictionary_is_json_and_says_what_the_profile_says():
    profile = profile_of(
        {"property_value_fen": 5_000_000_00}, **WHOLE_WISH, collateral=("real_estate",), urgency_days=2
    )
    told = json.loads(json.dumps(profile.as_dict()))
    assert told["amount_fen"] == 1_000_000_00
    assert told["purpose"]["code"] == "working_capital"
    assert told["urgency"] == {"days": 2, "code": "at_once", "name": {"zh": "急需", "en": "needed at once"}}
    assert told["collateral"] == {"offered": ["real_estate"], "free_real_estate_fen": 5_000_000_00}
    assert told["review"] == {"required": False, "why": []}


def test_an_empty_wish_is_all_unknown():
    told = profile_of().as_dict()
    assert (told["amount_fen"], told["purpose"], told["urgency"]) == (None, None, None)
    assert told["collateral"]["offered"] is None


def test_every_purpose_of_the_facts_is_classed_and_has_its_source():
    purposes = purposes_on(DAY)
    assert set(purposes.by_code) == set(definitions()["purpose"].words)
    assert all(purpose.source and purpose.mark for purpose in purposes.by_code.values())


@given(st.dates(min_value=dt.date(2019, 8, 20), max_value=dt.date(2030, 1, 1)))
def test_every_word_has_a_version_on_every_day_from_the_first(day):
    assert set(purposes_on(day).by_code) == set(definitions()["purpose"].words)
    assert purposes_on(day).version <= day.isoformat()


def test_a_day_before_the_first_version_is_refused_in_words():
    with pytest.raises(NotInForceError, match="got 2019-08-19"):
        purposes_on(dt.date(2019, 8, 19))


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('code = "equity"', 'code = "equities"', "equities: got an unknown purpose"),
        ('code = "equity"', 'code = "equities"', "equity: missing, expected this purpose"),
        ("{ids}", "{names}", "ORDERS_NOT_FOUND: text.zh: got place {names}, expected places: ids"),
        ('kind = "renewal"', 'kind = "renew"', "kind: got 'renew'"),
        ("most_months = 120", "most_months = 0", "most_months: got 0"),
        ("number.soon_days", "number.later_days", "soon_days: missing, expected this number"),
    ],
)
def test_a_mistake_in_the_file_gets_a_line(tmp_path, old, new, line):
    shutil.copytree(POLICY_FOLDER, tmp_path / "policy")
    path = tmp_path / "policy" / "purposes.toml"
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(FileMistakesError) as mistakes:
        purposes_file(tmp_path / "policy")
    assert any(line in found for found in mistakes.value.lines)


AMOUNTS = st.none() | st.integers(1, 10**11)
WISHES = st.fixed_dictionaries(
    {
        "amount_fen": AMOUNTS,
        "term_months": st.none() | st.integers(1, 600),
        "purpose": st.none() | st.sampled_from(definitions()["purpose"].words),
        "urgency_days": st.none() | st.integers(0, 400),
        "collateral": st.none() | st.lists(st.sampled_from(definitions()["collateral"].words), unique=True).map(tuple),
        "ip_to_pledge": st.none() | st.lists(st.sampled_from(["right-1", "right-2"]), unique=True).map(tuple),
        "orders_at_hand": st.none() | st.lists(st.sampled_from(["contract-1"]), unique=True).map(tuple),
    }
)
KNOWN = st.dictionaries(
    st.sampled_from(
        [
            "sales_12m_fen", "declared_sales_12m_fen", "net_inflow_12m_fen", "debt_fen", "orders_at_hand_fen",
            "ip_to_pledge_encumbered", "ip_rights_held", "property_value_fen", "principal_due_fen",
            "days_to_maturity", "rd_12m_fen",
        ]
    ),
    st.integers(0, 10**11),
)  # fmt: skip


@given(values=KNOWN, wish=WISHES, gone=st.sampled_from([(), ("right-1", "contract-1")]))
def test_whatever_is_wished_and_known_every_sentence_is_whole_and_only_a_forbidden_purpose_forces_a_review(
    values, wish, gone
):
    profile = profile_of(values, not_found=gone, not_usable=gone, **wish)
    assert len(set(codes(profile))) == len(profile.findings)
    assert not any("{" in text for finding in profile.findings for text in finding.text.as_dict().values())
    is_forbidden = profile.purpose is not None and profile.purpose.kind == "forbidden"
    assert bool(profile.review_why) == is_forbidden
    json.dumps(profile.as_dict())


@given(wish=WISHES)
def test_what_is_not_known_contradicts_nothing(wish):
    """Without data only the wish can be at odds with itself: term with purpose, collateral that is none and some."""
    of_the_wish = {"TERM_BEYOND_PURPOSE", "COLLATERAL_CONTRADICTS"}
    inconsistent = {finding.code for finding in profile_of(**wish).findings if finding.kind == "inconsistent"}
    assert inconsistent <= of_the_wish


@pytest.mark.parametrize(("idle", "expected"), [(1_000_000_00, ["AMOUNT_WITHIN_IDLE_LINES"]), (999_999_99, [])])
def test_lines_that_are_not_used_are_held_against_the_amount(idle, expected):
    assert codes(profile_of({"idle_lines_fen": idle}, **WHOLE_WISH)) == expected
