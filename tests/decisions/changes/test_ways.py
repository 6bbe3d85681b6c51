"""Grades from 700 (A), 640 (B), 580 (C) and 500 (D) points; every sum is worked out beside its case."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from points_models import product

from decisions.changes.actions import GOOD_WAY, UNTOUCHABLE
from decisions.changes.ways import ways_to, ways_up
from decisions.facts import Need
from features.peers import Group, PeerReference, Quantiles
from features.sets import FEATURES
from scoring.explained import Band

WAN = 10_000_00
"""Ten thousand yuan in fen."""


def codes(ways):
    return [[step.action for step in way.steps] for way in ways]


def test_one_action_that_reaches_the_next_grade_is_found_with_what_it_comes_to(case):
    # 650 - 30 × 1 = 620, grade C; off the list 650, grade B.
    found = ways_up(case(650, {"on_abnormal_list": -30}, {"on_abnormal_list": 1}))
    assert codes(found) == [["LEAVE_ABNORMAL_LIST"]]
    [way] = found
    assert (way.points, way.grade, way.months) == (pytest.approx(650), "B", 1)
    [step] = way.steps
    assert (step.feature, step.from_value, step.to_value, step.unit) == ("on_abnormal_list", 1, 0, "flag")
    assert step.text.zh.endswith("（目前在经营异常名录内：是 → 否）")


def test_two_actions_are_told_only_where_no_single_one_is_enough(case):
    # 645 - 15 - 0.5 × 30 = 615; either alone gives 630, both 645.
    points = {"on_abnormal_list": -15, "days_past_due_now": -0.5}
    values = {"on_abnormal_list": 1, "days_past_due_now": 30}
    assert codes(ways_up(case(645, points, values))) == [["PAY_OVERDUE_INSTALMENTS", "LEAVE_ABNORMAL_LIST"]]
    assert codes(ways_up(case(655, points, values))) == [["PAY_OVERDUE_INSTALMENTS"], ["LEAVE_ABNORMAL_LIST"]]


def test_more_than_three_actions_are_never_told(case):
    # Four things of 10 points each, 31 points below B: all four would do, no three.
    points = dict.fromkeys(
        ["on_abnormal_list", "wage_arrears_now", "rights_with_fees_lapsed", "fund_unpaid_months_12m"], -10
    )
    values = dict.fromkeys(points, 1)
    assert ways_up(case(649, points, values)) == ()
    assert {len(way.steps) for way in ways_up(case(651, points, values))} == {3}


def test_of_equally_many_actions_the_cheapest_come_first_and_at_most_three(case):
    # Costs: patent fees 1, fund arrears 2 at once, abnormal list 2 in a month, wages 3. Each is worth 20 of 15 missing.
    points = dict.fromkeys(
        ["on_abnormal_list", "wage_arrears_now", "rights_with_fees_lapsed", "fund_unpaid_months_12m"], -20
    )
    found = ways_up(case(705, points, dict.fromkeys(points, 1)))
    assert codes(found) == [["PAY_PATENT_FEES"], ["PAY_FUND_ARREARS"], ["LEAVE_ABNORMAL_LIST"]]


def test_an_action_goes_only_as_far_as_it_must(case):
    # 690 - 100 × 100/200 = 640 - 5 = 635. A quarter of the way repays 12.5 of the 100: ratio 0.4375, 641.25 points.
    points = {"debt_to_sales_12m": -100, "loan_balance": 0}
    values = {"debt_to_sales_12m": 0.5, "loan_balance": 100 * WAN, "sales_12m": 200 * WAN}
    [way] = ways_up(case(685, points, values))
    assert way.points == pytest.approx(641.25)
    [step] = way.steps
    assert (step.action, step.from_value, step.to_value) == ("REDUCE_DEBT", 100 * WAN, 87.5 * WAN)


def test_what_an_action_costs_elsewhere_counts_at_its_worst(case):
    # Paying 1,000 yuan of arrears adds 182.50 yuan of late fees: 20 points won, 0.001 × 18,250 = 18.25 lost.
    values = {"tax_arrears_now": 1_000_00, "tax_late_fees_12m": 0}
    points = {"tax_arrears_now": -20 / 1_000_00, "tax_late_fees_12m": -0.001}
    now = 639
    assert ways_up(case(now + 20 - 1, points, values)) == ()
    [way] = ways_up(case(now + 20, points, values))
    assert way.points == pytest.approx(659 - 18.25)
    assert {change.feature.name for change in way.steps[0].changes} == {"tax_arrears_now", "tax_late_fees_12m"}


def test_a_cost_elsewhere_counts_where_it_was_unknown_too(case):
    # Three missing months filed late: 3 × 0.0417 of the returns are late then, 3 × 5 points won and 12.51 lost.
    values = {"missing_vat_months_24m": 3, "late_filings_share_24m": None}
    points = {"missing_vat_months_24m": -5, "late_filings_share_24m": -100}
    way = ways_up(case(653, points, values))[0]
    assert (way.steps[0].action, way.points) == ("FILE_MISSING_RETURNS", pytest.approx(653 - 12.51))
    # With 0.51 points less only 24 months of filing on time are left, which leave no late return.
    assert codes(ways_up(case(652, points, values))) == [["FILE_AND_PAY_TAX_ON_TIME"]]


def test_at_the_best_grade_and_where_nothing_helps_there_is_no_way(case):
    assert ways_up(case(720, {"on_abnormal_list": -10}, {"on_abnormal_list": 1})) == ()
    assert ways_up(case(620, {"on_abnormal_list": -10}, {"on_abnormal_list": 1})) == ()


def test_what_is_unknown_is_not_acted_on(case):
    assert ways_up(case(635, {"on_abnormal_list": -10}, {"on_abnormal_list": None})) == ()


def test_a_deviation_from_peers_follows_what_deviates_to_their_median(case):
    # (80 - 60) / (80 - 40) = 0.5 deviations of 30 points: 651 - 15 = 636. At the median of 60 days 651.
    days, deviation = "statement_receivable_days", "statement_receivable_days_vs_peers"
    peers = PeerReference(30, {Group("C", "small"): {days: Quantiles(50, 10, 40, 60, 80, 200)}})
    made = case(
        651,
        {days: 0, deviation: -30},
        {days: 80, deviation: 0.5},
        peers=peers,
        texts={"industry_section": "C", "size_class": "small"},
    )
    assert made.points_now == pytest.approx(636)
    [way] = ways_up(made)
    assert (way.steps[0].action, way.steps[0].to_value) == ("COLLECT_RECEIVABLES", 70)
    # Half of the way, 70 days, is a quarter of a deviation: 651 - 7.5.
    assert way.points == pytest.approx(643.5)


def test_without_peers_the_middle_of_the_usual_range_is_aimed_at(case):
    # 650 - 50 × 0.8 = 610; concentrated half as much, at (0.1 + 0.3) / 2 = 0.2: 640.
    share = "top1_buyer_share_12m"
    [way] = ways_up(case(650, {share: -50}, {share: 0.8}, bands={share: Band(0.1, 0.3)}))
    assert (way.steps[0].action, way.steps[0].to_value, way.points) == ("SPREAD_BUYERS", 0.2, pytest.approx(640))


VALUES = st.fixed_dictionaries(
    {
        "on_abnormal_list": st.integers(0, 1),
        "days_past_due_now": st.integers(0, 90),
        "loan_balance": st.integers(0, 500 * WAN),
        "sales_12m": st.integers(WAN, 900 * WAN),
        "lenders_now": st.integers(0, 6),
        "loans_open": st.integers(0, 8),
        "enquiring_lenders_3m": st.integers(0, 5),
        "tax_arrears_now": st.integers(0, WAN),
        "tax_late_fees_12m": st.integers(0, WAN),
        "tax_grade_level": st.sampled_from([None, 1, 2, 3, 4, 5]),
        "paid_in_share": st.none() | st.floats(0, 1),
    }
)
POINTS = {
    "on_abnormal_list": -12,
    "days_past_due_now": -0.3,
    "loan_balance": -20 / (500 * WAN),
    "debt_to_sales_12m": -8,
    "lenders_now": -3,
    "enquiring_lenders_3m": -4,
    "tax_arrears_now": -5 / WAN,
    "tax_late_fees_12m": -9 / WAN,
    "tax_grade_level": 6,
    "paid_in_share": 15,
}


@given(values=VALUES, start=st.integers(480, 720))
@settings(max_examples=150, deadline=None)
def test_every_way_reaches_the_grade_when_scored_anew_and_goes_the_good_way_by_at_most_three_steps(case, values, start):
    ratio = values["loan_balance"] / values["sales_12m"]
    made = case(start, POINTS, values | {"debt_to_sales_12m": ratio})
    for way in ways_up(made):
        moved = {change.feature.name: change.after for step in way.steps for change in step.changes}
        after = values | moved
        after["debt_to_sales_12m"] = after["loan_balance"] / after["sales_12m"]
        by_hand = start + sum(points * (after[name] or 0) for name, points in POINTS.items())
        assert way.points == pytest.approx(by_hand)
        assert made.grade(by_hand) == way.grade
        assert by_hand > made.points_now
        assert 1 <= len(way.steps) <= 3
        leads = [(FEATURES[step.feature], step) for step in way.steps]
        assert all(feature.group not in UNTOUCHABLE for feature, _ in leads)
        assert all(
            ("down" if step.to_value < step.from_value else "up") in GOOD_WAY[feature.risk] for feature, step in leads
        )


def test_a_product_with_too_many_lenders_for_it_is_opened_by_settling_some(case):
    made = case(620, {"lenders_now": -2}, {"lenders_now": 3, "loans_open": 4, "loan_balance": 50 * WAN})
    [way] = ways_to(made, product([{"fact": "lenders", "at_most": 2}]))
    # One lender fewer is half of the way to at most two fewer: 620 - 2 × 2.
    assert (way.steps[0].action, way.steps[0].to_value, way.points) == ("FEWER_LENDERS", 2, pytest.approx(616))
    assert way.grade == "C"


def test_a_debt_above_a_products_bound_is_repaid_to_the_bound_and_no_further(case):
    # From 100 to at most 90: a tenth, although the steps of the action are eighths.
    made = case(620, {"loan_balance": 0}, {"loan_balance": 100 * WAN})
    [way] = ways_to(made, product([{"fact": "debt_fen", "at_most": 90 * WAN}]))
    assert (way.steps[0].action, way.steps[0].to_value) == ("REDUCE_DEBT", 90 * WAN)
    assert ways_to(made, product([{"fact": "debt_fen", "at_most": 49 * WAN}])) == ()


def test_what_nobody_can_change_has_no_way_whatever_else_is_done(case):
    entry = product([{"fact": "firm_age_months", "at_least": 24}, {"fact": "tax_arrears_fen", "at_most": 0}])
    made = case(620, {"tax_arrears_now": 0}, {"tax_arrears_now": WAN, "months_observed": 3})
    aged = case(
        620,
        {"tax_arrears_now": 0},
        {"tax_arrears_now": WAN},
        registry={"established_on": made.policy.day.replace(year=2026)},
    )
    assert ways_to(aged, entry) == ()
    assert codes(ways_to(made, entry)) == [["PAY_TAX_ARREARS"]]


def test_nobody_is_told_to_sell_more(case):
    made = case(620, {"sales_12m": 0}, {"sales_12m": WAN})
    assert ways_to(made, product([{"fact": "sales_12m_fen", "at_least": 2 * WAN}])) == ()


def test_suits_and_enforcements_that_count_together_are_both_ended(case):
    made = case(620, {"suits_against_now": -5}, {"suits_against_now": 1, "enforcements_now": 1})
    [way] = ways_to(made, product([{"fact": "open_lawsuits", "at_most": 0}]))
    assert [step.action for step in way.steps] == ["SETTLE_SUITS", "PERFORM_JUDGMENTS"]


def test_a_listing_that_stops_every_product_is_ended(case):
    day = case(620, {"dishonest_now": -9}, {"dishonest_now": 1}).policy.day
    made = case(620, {"dishonest_now": -9}, {"dishonest_now": 1}, listings={"dishonest_list": day})
    [way] = ways_to(made, product([{"fact": "bank_loans_ever", "at_most": 9}]))
    assert (way.steps[0].action, way.steps[0].lifts[0].words[0]) == ("PERFORM_JUDGMENTS", "dishonest_list")
    both = case(620, {"dishonest_now": -9}, {"dishonest_now": 1}, listings={"dishonest_list": day, "serious_list": day})
    [way] = ways_to(both, product([]))
    assert {step.action for step in way.steps} == {"PERFORM_JUDGMENTS", "LEAVE_SERIOUS_LIST"}


def test_an_amount_of_nothing_is_made_one_by_repaying_what_is_deducted(case):
    # 10 × 5 of tax less 60 of debt leaves nothing; 50 - 52.5 does not either, 50 - 45 does.
    made = case(620, {"loan_balance": 0}, {"loan_balance": 60 * WAN, "tax_paid_12m": 5 * WAN})
    limit = [{"parts": [{"basis": "tax_paid_12m_fen", "multiple": 10}], "less_debt": True}]
    [way] = ways_to(made, product([], limit=limit))
    assert way.steps[0].to_value == 45 * WAN


def test_a_product_it_can_have_needs_no_way_and_what_is_unknown_refuses_nobody(case):
    made = case(620, {"lenders_now": 0}, {"lenders_now": 2})
    assert ways_to(made, product([{"fact": "lenders", "at_most": 2}, {"fact": "tax_arrears_fen", "at_most": 0}])) == ()


def test_a_product_is_not_opened_at_the_price_of_a_grade(case):
    # 590 points; 1,000 yuan of arrears paid leave 182.50 yuan of late fees, 18.25 points: 571.75 is grade D, not C.
    values = {"tax_arrears_now": 1_000_00, "tax_late_fees_12m": 0}
    entry = product([{"fact": "tax_arrears_fen", "at_most": 0}])
    assert ways_to(case(590, {"tax_late_fees_12m": -0.001}, values), entry) == ()
    assert codes(ways_to(case(599, {"tax_late_fees_12m": -0.001}, values), entry)) == [["PAY_TAX_ARREARS"]]


def test_a_case_is_of_one_enterprise(case):
    made = case(620, {"lenders_now": 0}, {"lenders_now": 2})
    with pytest.raises(ValueError, match="got a profile of 2 rows, expected that of one enterprise"):
        type(made)(made.profile[[0, 0]], made.model, made.facts, made.policy)


def test_what_is_held_and_not_offered_yet_is_offered(case):
    need = Need(collateral=("none",), ip_to_pledge=(), orders_at_hand=())
    values = {"inventions_held": 2, "rights_pledged": 0, "real_estate_free_value": WAN, "orders_open": 1}
    made = case(620, {"inventions_held": 1}, values, need=need)
    assert codes(ways_to(made, product([{"fact": "ip_to_pledge", "at_least": 1}]))) == [["OFFER_INVENTIONS"]]
    assert codes(ways_to(made, product([{"fact": "collateral", "one_of": ["real_estate"]}]))) == [["OFFER_REAL_ESTATE"]]
    assert codes(ways_to(made, product([{"fact": "orders_at_hand", "at_least": 1}]))) == [["OFFER_ORDERS"]]


def test_a_right_that_is_pledged_already_is_not_offered_again(case):
    values = {"inventions_held": 2, "rights_pledged": 1}
    made = case(620, {"inventions_held": 1}, values, need=Need(ip_to_pledge=()))
    assert ways_to(made, product([{"fact": "ip_to_pledge", "at_least": 1}])) == ()
