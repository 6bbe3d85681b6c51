"""What a good match is, by hand: 1,000,000 yuan wanted for 24 months, 500,000 of them usable for 12, unless said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pairs_by_hand import OFFER, TIE, YUAN, pair

from features.pairs.good_match import FIRM, PAIRS, TURNOVER
from features.sets import FEATURES
from sources.contracts.offers import Offers, Quotes

SALES = {"sales_12m": 2_000_000.0 * YUAN}


def test_the_firm_is_told_by_features_of_the_house_each_once():
    assert len({one.name for one in FIRM}) == len(FIRM)
    assert all(FEATURES[one.name] is one for one in FIRM)
    assert all(not one.inputs for one in FIRM)


def test_no_two_columns_and_no_two_features_share_a_name():
    columns = [*Offers.columns(), *Quotes.columns(), *(one.name for one in FIRM), TURNOVER.meta.output_name()]
    assert {name for name in columns if columns.count(name) > 1} == {"product_id"}
    assert not {one.name for one in PAIRS} & set(FEATURES)


@pytest.mark.parametrize("feature", PAIRS, ids=[one.name for one in PAIRS])
def test_a_pair_feature_says_what_it_is_in_both_languages(feature):
    assert feature.en[0].isupper()
    assert not feature.en.endswith(".")
    assert any("\u4e00" <= sign <= "\u9fff" for sign in feature.zh)
    assert not set(feature.name) & set('"[]{}:,')


def test_ids_are_read_by_no_feature():
    read = {name for one in PAIRS for name in one.expression.meta.root_names()}
    assert not read & {"product_id", "bank_id", "enterprise_id", "as_of"}


def test_limit_and_amount_are_held_against_the_need():
    """500,000 of 1,000,000 both times."""
    found = pair()
    assert (found["limit_to_need"], found["usable_to_need"]) == (0.5, 0.5)
    assert (found["need_amount"], found["usable_amount"]) == (1_000_000 * YUAN, 500_000 * YUAN)
    assert pair(quote={"limit_fen": None})["limit_to_need"] is None
    assert pair(quote={"limit_fen": 0})["limit_to_need"] == 0.0


def test_amounts_are_held_against_a_years_turnover():
    """1,000,000 over 2,000,000; (300,000 + 500,000) over 2,000,000; a cap of 3,000,000 over 2,000,000."""
    firm = SALES | {"loan_balance": 300_000.0 * YUAN}
    found = pair(firm=firm, offer={"cap_fen": 3_000_000 * YUAN})
    assert (found["need_to_turnover"], found["debt_after_to_turnover"], found["cap_to_turnover"]) == (0.5, 0.4, 1.5)


def test_turnover_is_invoiced_else_declared_else_received():
    """1,000,000 wanted over 2, 4 and 5 million."""
    every = SALES | {"declared_sales_12m": 4_000_000.0 * YUAN, "bank_inflow_12m": 5_000_000.0 * YUAN}
    assert pair(firm=every)["need_to_turnover"] == 0.5
    assert pair(firm=every | {"sales_12m": None})["need_to_turnover"] == 0.25
    assert pair(firm=every | {"sales_12m": 0.0, "declared_sales_12m": -1.0})["need_to_turnover"] == 0.2
    assert pair()["need_to_turnover"] is None


def test_a_renewal_adds_no_debt_as_far_as_it_pays_a_loan_back():
    """200,000 of the 300,000 owed fall due: 300,000 + 500,000 - 200,000 over 2,000,000."""
    firm = SALES | {"loan_balance": 300_000.0 * YUAN, "maturing_90d": 200_000.0 * YUAN}
    assert pair(firm=firm, offer={"is_renewal": True})["debt_after_to_turnover"] == 0.3
    assert pair(firm=firm)["debt_after_to_turnover"] == 0.4


def test_a_renewal_is_held_against_what_falls_due():
    """200,000 that fall due over 1,000,000 wanted."""
    firm = {"maturing_90d": 200_000.0 * YUAN}
    assert pair(firm=firm, offer={"is_renewal": True})["renewal_strength"] == 0.2
    assert pair(firm=firm)["renewal_strength"] is None


def test_the_rate_is_held_against_what_the_firm_pays_now():
    assert pair(firm={"loan_rate": 0.06})["rate_saved"] == pytest.approx(0.02)
    assert pair()["rate_saved"] is None
    assert pair()["rate"] == 0.04


def test_the_term_is_held_against_the_term_needed():
    assert pair()["term_to_need"] == 0.5
    assert pair(offer={"term_months": 36})["longest_term"] == 36


STRONG = SALES | {
    "tax_paid_12m": 100_000.0 * YUAN, "tax_grade_level": 4.0, "bank_inflow_12m": 1_500_000.0 * YUAN,
    "bank_inflow_variation_12m": 0.3, "inventions_held": 2.0, "rights_held": 9.0, "order_backlog": 400_000.0 * YUAN,
    "exports_12m": 1_000_000.0 * YUAN, "srdi_level": 2.0, "hnte_valid": 1.0, "tech_sme_valid": 0.0,
    "real_estate_value": 1_000_000.0 * YUAN, "never_borrowed": 1.0,
}  # fmt: skip
"""An enterprise that is strong in everything."""

STRENGTHS = {
    "tax_strength": ({"rests_on_tax": True}, 0.05),
    "tax_grade_strength": ({"rests_on_tax": True}, 4),
    "flow_strength": ({"rests_on_flows": True}, 0.75),
    "flow_unsteadiness": ({"rests_on_flows": True}, 0.3),
    "invention_strength": ({"rests_on_ip": True}, 2),
    "rights_strength": ({"rests_on_ip": True}, 9),
    "order_strength": ({"rests_on_orders": True}, 0.2),
    "export_strength": ({"rests_on_exports": True}, 0.5),
    "title_strength": ({"category": "srdi_loan"}, 3),
    "property_strength": ({"rests_on_property": True}, 2.0),
    "first_loan_strength": ({"category": "first_loan"}, 1),
    "newcomer_welcome": ({"first_loan_friendly": True}, 1),
}


@pytest.mark.parametrize("name", STRENGTHS)
def test_a_strength_speaks_only_for_a_product_that_rests_on_it(name):
    offer, expected = STRENGTHS[name]
    assert pair(firm=STRONG, offer=offer)[name] == expected
    assert pair(firm=STRONG)[name] is None


@pytest.mark.parametrize("name", STRENGTHS)
def test_a_strength_that_is_unknown_stays_unknown(name):
    assert pair(offer=STRENGTHS[name][0])[name] is None


def test_a_strength_that_is_lacking_is_zero():
    firm = STRONG | {"inventions_held": 0.0, "order_backlog": 0.0, "never_borrowed": 0.0}
    offer = {"rests_on_ip": True, "rests_on_orders": True, "category": "first_loan", "first_loan_friendly": True}
    found = pair(firm=firm, offer=offer)
    assert (found["invention_strength"], found["order_strength"], found["first_loan_strength"]) == (0, 0, 0)
    assert found["newcomer_welcome"] is None, "who has borrowed before is no newcomer"


def test_every_strength_is_tested():
    suffixes = ("_strength", "_unsteadiness", "_welcome")
    named = {one.name for one in PAIRS if one.name.endswith(suffixes)}
    assert named - {"renewal_strength"} == set(STRENGTHS)


def test_steadiness_is_that_of_receipts_else_of_sales():
    offer = {"rests_on_flows": True}
    assert pair(firm={"sales_variation_12m": 0.7}, offer=offer)["flow_unsteadiness"] == 0.7


def test_conditions_are_counted_as_the_rules_found_them():
    """3 of 4 conditions met."""
    found = pair(quote={"open_usual": 2, "open_rare": 1, "failed": 1, "margin": None})
    assert (found["met_share"], found["threshold_margin"]) == (0.75, None)
    assert (found["usual_questions"], found["rare_questions"], found["conditions_failed"]) == (2, 1, 1)
    assert pair(offer={"conditions": 0}, quote={"met": 0})["met_share"] == 1


@pytest.mark.parametrize(
    ("mode", "rung"),
    [
        ("credit", 0), ("guarantee", 1), ("insurance", 1), ("pledge_ip", 2), ("pledge_receivable", 2), ("mortgage", 3),
        ("credit+mortgage", 3),
    ],
)  # fmt: skip
def test_security_is_a_ladder(mode, rung):
    assert pair(offer={"guarantee_mode": mode})["security_asked"] == rung


TIED = ("owes_bank", "bank_share", "overdue_at_bank", "months_since_bank", "lenders_with_this")
BORROWER = {"loans_ever": 8.0, "lenders_now": 2.0, "never_borrowed": 0.0}


def test_a_bank_that_lent_before_is_told_by_what_it_lent():
    """2 of 8 loans; it is one of the two lenders."""
    found = pair(firm=BORROWER, tie={"is_overdue": True})
    assert (found["owes_bank"], found["bank_share"], found["overdue_at_bank"]) == (1, 0.25, 1)
    assert (found["months_since_bank"], found["lenders_with_this"]) == (7, 2)


def test_a_bank_that_is_paid_back_would_be_one_lender_more():
    found = pair(firm=BORROWER, tie={"loans_open": 0, "balance_fen": 0})
    assert (found["owes_bank"], found["bank_share"], found["lenders_with_this"]) == (0, 0.25, 3)


def test_a_bank_that_never_lent_has_no_tie():
    for found in (pair(firm=BORROWER), pair(firm=BORROWER, tie={"bank_id": "other"})):
        assert (found["owes_bank"], found["bank_share"], found["overdue_at_bank"]) == (0, 0, 0)
        assert (found["months_since_bank"], found["lenders_with_this"]) == (None, 3)


def test_who_never_borrowed_has_no_tie():
    found = pair(firm={"loans_ever": 0.0, "lenders_now": 0.0})
    assert (found["owes_bank"], found["bank_share"], found["overdue_at_bank"], found["lenders_with_this"]) == (
        0,
        0,
        0,
        1,
    )


@pytest.mark.parametrize("tie", [None, {}], ids=["no rows", "rows of a day when they might be used"])
def test_where_loans_may_not_be_used_nothing_is_known_of_ties(tie):
    assert [pair(tie=tie)[name] for name in TIED] == [None] * len(TIED)


def test_where_loans_were_not_given_nothing_is_known_of_ties():
    assert [pair(loans_given=False)[name] for name in TIED] == [None] * len(TIED)


ANY = st.none() | st.sampled_from([0.0, 1.0, -1.0, 1e13, -1e13, 0.5])
AMOUNT = st.sampled_from([0, 1, 10**13])


@given(
    firm=st.fixed_dictionaries({one.name: ANY for one in FIRM}),
    quote=st.fixed_dictionaries(
        {
            "wanted_fen": st.just(10**13), "usable_fen": AMOUNT, "limit_fen": st.none() | AMOUNT,
            "months": st.sampled_from([0, 12, 600]), "wanted_months": st.sampled_from([0, 600]),
            "rate": st.sampled_from([0.0, 10.0]),
        }
    ),
    offer=st.fixed_dictionaries(
        {name: st.booleans() for name in OFFER if name.startswith(("rests", "is_"))} | {"conditions": st.integers(0, 2)}
    ),
    tie=st.none() | st.just(TIE),
)  # fmt: skip
def test_every_value_is_null_or_finite(firm, quote, offer, tie):
    found = pair(firm=firm, quote=quote, offer=offer, tie=tie)
    values = [found[one.name] for one in PAIRS]
    assert all(value is None or abs(value) < 1e30 for value in values)


def test_nothing_wanted_divides_by_nothing():
    found = pair(quote={"wanted_fen": 0, "usable_fen": 0, "wanted_months": 0, "months": 0}, offer={"is_renewal": True})
    assert [found[name] for name in ("limit_to_need", "usable_to_need", "term_to_need", "renewal_strength")] == [
        None
    ] * 4
