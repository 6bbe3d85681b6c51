"""What an enterprise can afford, and the limit and band suggested for it."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decisions.facts import Facts, Need
from decisions.money.lending import affordable, suggest
from decisions.policies import policy_on

FEN = st.integers(0, 10**11)
SIGNED = st.integers(-(10**11), 10**11)
SOLVENT = {"sales_12m_fen": 8_000_000_00, "debt_fen": 600_000_00}


def test_turnover_carries_its_share_less_debt(policy):
    """8,000,000 x 30 % - 600,000 = 1,800,000."""
    found = affordable(Facts(SOLVENT), policy)
    assert found.fen == 1_800_000_00
    assert found.basis.zh == "近12个月开票销售额800万元 × 30% − 现有经营性负债60万元 = 180万元"
    assert (
        found.basis.en == "Invoiced sales of 12 months CNY 8,000,000 × 30% − Business debt CNY 600,000 = CNY 1,800,000"
    )


def test_the_lowest_known_turnover_counts(policy):
    """min(8, 6, 7 million) x 30 % - 600,000 = 1,200,000."""
    told = {"declared_sales_12m_fen": 6_000_000_00, "settlement_inflow_12m_fen": 7_000_000_00}
    assert affordable(Facts({**SOLVENT, **told}), policy).fen == 1_200_000_00


@pytest.mark.parametrize("known", [{}, {"debt_fen": 0}, {"net_inflow_12m_fen": -1_000_00}])
def test_sales_taken_back_carry_nothing_whatever_else_is_known(policy, known):
    """More red-letter invoices than others in a year: a share of less than nothing is nothing."""
    facts = Facts({"sales_12m_fen": -5_000_000_00, **known})
    assert affordable(facts, policy).fen == 0
    assert suggest(facts, "A", policy).limit_fen == 0


def test_cash_carries_the_principal_that_it_pays_back(policy):
    """Net inflow 600,000 x 80 % = 480,000 a year, 40,000 a month.

    36 months at 6 % a year pay back 40,000 x (1 - 1.005^-36) / 0.005 = 40,000 x 32.8710162 = 1,314,840.65.
    """
    facts = Facts({"sales_12m_fen": 8_000_000_00, "debt_fen": 0, "net_inflow_12m_fen": 600_000_00})
    assert affordable(facts, policy).fen == pytest.approx(1_314_840_65, abs=1)


def test_debt_service_is_what_fell_due(policy):
    """480,000 - 120,000 = 360,000 a year = 30,000 a month x 32.8710162 = 986,130.49.

    The debt of 600,000 would take 600,000 / 32.8710162 x 12 = 219,038 a year, which is more than fell due.
    """
    known = {**SOLVENT, "net_inflow_12m_fen": 600_000_00, "debt_service_12m_fen": 120_000_00}
    assert affordable(Facts(known), policy).fen == pytest.approx(986_130_49, abs=1)


def test_a_loan_renewed_each_year_is_not_counted_as_repaid_from_income(policy):
    """620,000 fell due with the loan of 600,000; spread over 36 months it takes 219,038.17 a year.

    800,000 - 219,038.17 = 580,961.83, / 12 x 32.8710162 = 1,591,401.08 (as 2,191,401.08 less the debt of 600,000).
    """
    known = {**SOLVENT, "net_inflow_12m_fen": 1_000_000_00, "debt_service_12m_fen": 620_000_00}
    assert affordable(Facts(known), policy).fen == pytest.approx(1_591_401_08, abs=2)


@pytest.mark.parametrize("inflow", [0, -500_000_00])
def test_a_net_inflow_of_nothing_leaves_a_tenth_of_turnover(policy, inflow):
    """8,000,000 x 10 % = 800,000, within 8,000,000 x 30 % - 600,000 = 1,800,000."""
    found = affordable(Facts({**SOLVENT, "net_inflow_12m_fen": inflow}), policy)
    assert found.fen == 800_000_00
    assert "不低于80万元（营业额的10%，且不超过上一项）" in found.basis.zh


def test_a_tenth_of_turnover_stays_within_what_debt_leaves_of_it(policy):
    """8,000,000 x 30 % - 2,000,000 = 400,000, less than 8,000,000 x 10 %."""
    known = {**SOLVENT, "net_inflow_12m_fen": 0, "debt_fen": 2_000_000_00}
    assert affordable(Facts(known), policy).fen == 400_000_00


def test_debt_above_every_ceiling_leaves_nothing_and_not_less(policy):
    facts = Facts({"sales_12m_fen": 1_000_000_00, "debt_fen": 900_000_00, "net_inflow_12m_fen": 10_000_00})
    assert affordable(facts, policy).fen == 0
    assert "CNY 0 (not below 0)" in affordable(facts, policy).basis.en


def test_while_debts_are_unknown_half_counts_and_the_papers_are_named(policy):
    """8,000,000 x 30 % x 50 % = 1,200,000."""
    found = affordable(Facts({"sales_12m_fen": 8_000_000_00}), policy)
    assert (found.fen, found.open_facts) == (1_200_000_00, ("net_inflow_12m_fen", "debt_fen"))
    assert [need.en for need in found.needs] == [
        "bank and QR-code receipts of the last 12 months",
        "enterprise credit report",
    ]


def test_while_debts_are_unknown_half_of_the_cash_counts(policy):
    """600,000 x 80 % x 50 % = 240,000 a year = 20,000 a month x 32.8710162 = 657,420.32; turnover leaves 1,200,000."""
    facts = Facts({"sales_12m_fen": 8_000_000_00, "net_inflow_12m_fen": 600_000_00})
    assert affordable(facts, policy).fen == pytest.approx(657_420_32, abs=1)


def test_without_any_record_nothing_is_known(policy):
    found = affordable(Facts({}), policy)
    assert (found.fen, found.ceilings) == (None, ())
    assert found.basis.en == "neither turnover nor net inflow is known"


def test_cash_alone_is_a_bound_too(policy):
    """240,000 a year as above, and no turnover to compare with."""
    assert affordable(Facts({"net_inflow_12m_fen": 600_000_00}), policy).fen == pytest.approx(657_420_32, abs=1)


def test_the_suggestion_is_the_lowest_of_what_is_affordable_and_the_cap(policy):
    """Affordable 1,800,000; caps of A 5,000,000, C 1,000,000, D 300,000."""
    limits = {grade: suggest(Facts(SOLVENT), grade, policy).limit_fen for grade in "ACD"}
    assert limits == {"A": 1_800_000_00, "C": 1_000_000_00, "D": 300_000_00}


def test_the_need_bounds_the_suggestion_and_it_is_rounded_down(policy):
    found = suggest(Facts(SOLVENT, Need(amount_fen=1_238_500_00)), "A", policy)
    assert found.limit_fen == 1_230_000_00
    assert found.basis.zh.endswith("A级上限500万元；申请123.9万元。建议123万元")
    assert found.basis.en.endswith("asked for CNY 1,238,500. Suggested: CNY 1,230,000")


def test_the_lowest_grade_gets_no_pure_credit(policy):
    found = suggest(Facts(SOLVENT), "E", policy)
    assert (found.limit_fen, found.rate, found.needs) == (0, None, ())
    assert found.basis.en == "no pure credit is suggested for grade E"


def test_without_turnover_no_limit_is_suggested_and_the_papers_are_named(policy):
    found = suggest(Facts({"debt_fen": 0, "net_inflow_12m_fen": 600_000_00}), "A", policy)
    assert found.limit_fen is None
    assert [need.zh for need in found.needs] == [
        "近24个月增值税发票明细",
        "近24个月纳税申报表及完税证明",
        "近12个月银行对公及收款码流水",
    ]


def test_an_unknown_grade_is_refused(policy):
    with pytest.raises(ValueError, match="grade: got 'F', expected one of A, B, C, D, E"):
        suggest(Facts(SOLVENT), "F", policy)


@pytest.mark.parametrize(
    ("grade", "low", "high"), [("A", 0.027, 0.0345), ("B", 0.0345, 0.0435), ("C", 0.0435, 0.06), ("D", 0.06, 0.09)]
)
def test_the_band_is_the_prime_rate_of_the_day_plus_the_spreads_of_the_grade(policy, grade, low, high):
    """Prime rate 3.0 %; for B 3.0 + 0.45 and 3.0 + 1.35."""
    band = suggest(Facts(SOLVENT), grade, policy).rate
    assert (band.low, band.high) == (low, high)


def test_the_band_moves_with_the_prime_rate():
    """Prime rate 3.10 % on 2025-05-19, 3.00 % from 2025-05-20."""
    days = (dt.date(2025, 5, 19), dt.date(2025, 5, 20))
    assert [suggest(Facts({}), "B", policy_on(day)).rate.low for day in days] == [0.0355, 0.0345]


def test_no_better_grade_is_dearer_or_gets_less(policy):
    found = [suggest(Facts(SOLVENT), grade, policy) for grade in policy.lending.caps.fen]
    limits = [row.limit_fen for row in found]
    rates = [row.rate.low for row in found if row.rate]
    assert limits == sorted(limits, reverse=True)
    assert rates == sorted(rates)


KNOWN = st.fixed_dictionaries(
    {"sales_12m_fen": FEN, "debt_fen": FEN},
    optional={"declared_sales_12m_fen": FEN, "net_inflow_12m_fen": SIGNED, "debt_service_12m_fen": FEN},
)


@given(known=KNOWN, more=FEN)
def test_more_debt_never_raises_what_is_affordable(policy, known, more):
    base = affordable(Facts(known), policy).fen
    assert affordable(Facts({**known, "debt_fen": known["debt_fen"] + more}), policy).fen <= base
    due = known.get("debt_service_12m_fen")
    if due is not None:
        assert affordable(Facts({**known, "debt_service_12m_fen": due + more}), policy).fen <= base


@given(known=KNOWN, more=FEN, name=st.sampled_from(["sales_12m_fen", "net_inflow_12m_fen"]))
def test_more_turnover_and_more_inflow_never_lower_what_is_affordable(policy, known, more, name):
    if name in known:
        base = affordable(Facts(known), policy).fen
        assert affordable(Facts({**known, name: known[name] + more}), policy).fen >= base


@given(known=KNOWN, wanted=st.none() | FEN, grade=st.sampled_from("ABCDE"))
def test_a_suggestion_keeps_every_bound(policy, known, wanted, grade):
    facts = Facts(known, Need(amount_fen=wanted))
    limit = suggest(facts, grade, policy).limit_fen
    assert 0 <= limit <= min(policy.lending.caps.fen[grade], affordable(facts, policy).fen)
    assert wanted is None or limit <= wanted
    assert limit % 10_000_00 == 0
