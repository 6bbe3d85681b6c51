"""What a product is worth, worked out by hand, and what is said about its place."""

import datetime as dt

import pytest
from taxed_products import product

from decisions.facts import Facts, Need
from decisions.match.comparison import why_above
from decisions.match.matching import match
from decisions.match.remarks import remarks
from decisions.offered.catalogue import Catalogue
from decisions.offered.eligibility import verdicts
from decisions.policies import policy_on

TAXPAYER = {"tax_paid_12m_fen": 100_000_00}
"""Ten times its tax is a million yuan."""

# 600 points: doublings (560 - 600) / 40 = -1, so that the chance is 1 / (1 + 1/2) = 2/3 with nothing open. The outside
# rate is 4 x 3 % = 12 %.


@pytest.fixture
def ranked(policy, scored):
    """The places of some products for an enterprise with 600 points."""

    def answer(facts, *entries, on=None):
        return match(facts, scored(600), catalogue=Catalogue(entries), policy=policy_on(on) if on else policy).products

    return answer


def test_worth_is_chance_times_amount_times_saving_times_years(ranked):
    [row] = ranked(Facts(TAXPAYER, Need(2_000_000_00, 6)), product("one-a"))
    # 2/3 x 1,000,000 x (12 % - 4 %) x 1/2 = 26,666.67
    assert (row.worth.fen, row.amount_fen, row.months) == (26_666_67, 1_000_000_00, 6)


def test_no_more_counts_than_is_asked_for(ranked):
    [row] = ranked(Facts(TAXPAYER, Need(300_000_00, 12)), product("one-a"))
    # 2/3 x 300,000 x 8 % = 16,000
    assert row.worth.fen == 16_000_00


def test_no_more_counts_than_can_be_afforded(ranked):
    [row] = ranked(Facts({**TAXPAYER, "sales_12m_fen": 2_000_000_00, "debt_fen": 100_000_00}), product("one-a"))
    # 30 % of 2,000,000 in sales less 100,000 of debt = 500,000 can be afforded, of the million that the product gives.
    assert row.amount_fen == row.borrower.affordable_fen == 500_000_00
    assert row.candidate.limit.fen == 1_000_000_00


def test_a_bare_cap_counts_by_a_set_share_but_never_above_what_can_be_afforded(ranked):
    bare = product("one-a", limit=(), cap_fen=1_000_000_00)
    alone, poor = (
        ranked(Facts(known, Need(3_000_000_00, 12)), bare)[0].amount_fen
        for known in ({}, {"sales_12m_fen": 1_000_000_00, "debt_fen": 0})
    )
    # half of 1,000,000; then 30 % of 1,000,000 in sales
    assert (alone, poor) == (500_000_00, 300_000_00)


@pytest.mark.parametrize(
    ("decision_days", "urgency_days", "speed"),
    [(10, 14, 1.0), (10, 13, 0.5), (None, 1, 1.0), (10, None, 1.0), (0, 0, 1.0)],
)
def test_a_decision_after_the_money_is_needed_halves_the_worth(ranked, decision_days, urgency_days, speed):
    # Ten working days are two weeks.
    [row] = ranked(Facts(TAXPAYER, Need(urgency_days=urgency_days)), product("one-a", decision_days=decision_days))
    assert row.worth.speed == speed
    assert row.worth.fen == round(2 / 3 * 1_000_000_00 * 0.08 * speed)


def test_a_subsidy_that_is_sure_lowers_the_rate_and_lifts_the_worth(ranked):
    first = {**TAXPAYER, "bank_loans_ever": 0, "size_class": "micro", "listings": ("none",), "district": "110108"}
    facts = Facts({**first, "industry_section": "C"})
    during, after = (ranked(facts, product("one-a"), on=day)[0] for day in (dt.date(2026, 2, 18), dt.date(2026, 2, 19)))
    assert [row.state for row in during.subsidies] == ["needs_application"]
    # 20 % of 40,000 in interest
    assert during.subsidies[0].amount_fen == 8_000_00
    assert during.all_in.after < during.all_in.before == after.all_in.after == 0.04
    assert during.worth.fen > after.worth.fen
    assert [row.state for row in after.subsidies] == ["ended_successor_unconfirmed"]


def test_a_subsidy_with_an_open_condition_is_shown_and_not_counted(ranked):
    known = {**TAXPAYER, "bank_loans_ever": 0, "size_class": "micro", "listings": ("none",), "district": "110108"}
    [row] = ranked(Facts(known), product("one-a"), on=dt.date(2026, 2, 18))
    assert [found.is_counted for found in row.subsidies] == [False]
    assert row.all_in.before == row.all_in.after


def test_a_lead_by_subsidies_says_so(ranked):
    known = {**TAXPAYER, "new_hires_share": 0.2, "size_class": "micro"}
    guaranteed = product("one-a", category="policy_loan", guarantee_mode="guarantee")
    rows = ranked(Facts(known, Need(500_000_00, 12)), guaranteed, product("two-a"))
    assert rows[0].candidate.entry.product.id == "one-a"
    assert "after subsidies, 4% before" in why_above(*rows).en
    assert "贴息前4%" in why_above(*rows).zh


def test_a_lead_by_speed_says_so(ranked):
    quick, slow = product("one-a", decision_days=1), product("two-a", decision_days=10)
    rows = ranked(Facts(TAXPAYER, Need(urgency_days=5)), slow, quick)
    assert "quicker decision (1 working days against 10 working days" in why_above(*rows).en


@pytest.mark.parametrize(
    ("need", "codes"),
    [
        (Need(term_months=24), ["TERM_SHORTER"]),
        (Need(amount_fen=1_000_000_01), ["AMOUNT_LOWER"]),
        (Need(urgency_days=2), ["DECISION_LATE"]),
        (Need(1_000_000_00, 12, urgency_days=14), []),
        (Need(), []),
    ],
)
def test_what_falls_short_of_the_wish_is_remarked_and_refuses_nothing(ranked, need, codes):
    [row] = ranked(Facts(TAXPAYER, need), product("one-a", decision_days=10))
    assert [remark.code for remark in remarks(row)] == codes


def test_a_longer_term_than_is_offered_counts_as_the_one_offered(ranked):
    [row] = ranked(Facts(TAXPAYER, Need(term_months=36)), product("one-a"))
    assert (row.months, row.worth.years) == (12, 1.0)
    assert remarks(row)[0].text.en == (
        "the term is 12 months at most, shorter than the 36 months asked for: 12 months are counted"
    )


def test_a_source_that_is_silent_on_the_term_counts_with_the_usual_one(ranked):
    [row] = ranked(Facts(TAXPAYER, Need(term_months=36)), product("one-a", term_months=None))
    # silence earns no better place: the policy's 12 months, and no remark, for nothing is known to fall short
    assert (row.months, row.worth.years, remarks(row)) == (12, 1.0, ())


def test_papers_beyond_a_signature_are_taken_off_the_gain(ranked):
    [row] = ranked(Facts(TAXPAYER, Need(2_000_000_00, 6)), product("one-a", guarantee_mode="insurance"))
    # 2/3 x (1,000,000 x 8 % x 1/2 - 3,000) = 2/3 x 37,000 = 24,666.67
    assert (row.worth.papers_fen, row.worth.fen) == (3_000_00, 24_666_67)


def test_papers_that_cost_more_than_the_gain_leave_nothing_and_not_less(ranked):
    [row] = ranked(Facts(TAXPAYER, Need(10_000_00, 12)), product("one-a", guarantee_mode="mortgage"))
    # 10,000 x 8 % = 800 < 3,000
    assert (row.worth.fen, row.worth.left) == (0, 0.0)


def test_a_renewal_asks_what_the_policy_asks_of_renewals(ranked):
    renewal = product("one-a", category="renewal")
    assert {found.rule for found in verdicts(renewal.product, Facts({}))} == {"district"}
    [row] = ranked(Facts({"days_to_maturity": 30, "size_class": "small"}), renewal)
    said = {found.rule: found.verdict for found in row.candidate.verdicts}
    assert (said["days_to_maturity"], said["size_class"], said["bad_balance_share"]) == ("pass", "pass", "unknown")


def test_a_renewal_outside_the_window_is_refused_with_its_reason(policy, scored):
    facts = Facts({"days_to_maturity": 200, "size_class": "small"})
    found = match(facts, scored(600), catalogue=Catalogue((product("one-a", category="renewal"),)), policy=policy)
    [failed] = found.not_eligible[0].failed
    assert (failed.rule, failed.value, failed.threshold, failed.actionable) == ("days_to_maturity", 200, "0-90", False)
    assert "one may ask from" in failed.text.en


def test_the_contact_for_the_district_comes_with_the_product(ranked):
    contacts = ({"district": "110108", "text": {"zh": "海淀窗口", "en": "Haidian desk"}},)
    here, elsewhere = (
        ranked(Facts({**TAXPAYER, "district": code}), product("one-a", contacts=contacts))[0].candidate.contact
        for code in ("110108", "110105")
    )
    assert (here.text.en, elsewhere) == ("Haidian desk", None)


@pytest.mark.parametrize(("asked", "verdict"), [(99_999_99, "fail"), (100_000_00, "pass"), (None, "unknown")])
def test_a_product_can_ask_for_a_least_amount(asked, verdict):
    least = product("one-a", rules=({"fact": "wanted_fen", "at_least": 100_000_00},))
    facts = Facts.of({}, None, as_of=dt.date(2026, 11, 22), need=Need(amount_fen=asked))
    assert {found.rule: found.verdict for found in verdicts(least.product, facts)}["wanted_fen"] == verdict
