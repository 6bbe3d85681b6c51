"""Subsidies: who, how much, until when, and whether they lower the rate."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decisions.facts import Facts
from decisions.money.schedules import schedule
from decisions.money.subsidies import grounds_for
from decisions.offered.products import Fee, RateBand
from decisions.policies import policy_on

FIRST, IP, DISTRICT = "FIRST_LOAN_DISCOUNT", "IP_PLEDGE_DISCOUNT", "SHIJINGSHAN_IP_ADDITION"
NATIONAL, STARTUP, FEE = "NATIONAL_SME_DISCOUNT_2026", "STARTUP_GUARANTEE_DISCOUNT", "GUARANTEE_FEE_TARGET"

SPRING_2025, AUTUMN_2026 = dt.date(2025, 3, 1), dt.date(2026, 11, 22)

FIRST_TIMER = {
    "bank_loans_ever": 0,
    "size_class": "small",
    "listings": ("none",),
    "industry_section": "C",
    "district": "110108",
    "titles": (),
}
BUILDER = {
    "purpose": "equipment",
    "ownership": "private",
    "size_class": "small",
    "industry_division": "C34",
    "bank_loans_ever": 3,
}
OWNER_OF_PATENTS = {"district": "110107", "listings": ("none",), "bank_loans_ever": 2}
HIRER = {"size_class": "micro", "new_hires_share": 0.15, "bank_loans_ever": 1, "purpose": "working_capital"}


@pytest.fixture(scope="module")
def loan(everything):
    """A product at one rate."""
    bare = everything.find("spdb-puhuidai").product

    def make(rate, **changes):
        band = RateBand(low=rate, high=rate) if isinstance(rate, float) else rate
        plain = {"rate": band, "category": "credit_loan", "guarantee_mode": "credit"}
        return bare.model_copy(update=plain | {"repayment": "interest_then_principal", "fees": (), **changes})

    return make


def found(product, known, day, *, fen=3_000_000_00, months=12):
    rows = grounds_for(Facts(known), policy_on(day)).subsidies(product, amount_fen=fen, months=months)
    return {row.code: row for row in rows}


@pytest.mark.parametrize(
    ("rate", "titles", "fen"),
    [
        (0.0345, (), 20_700_00),  # 103,500 x 20 %
        (0.0345, ("innovative",), 41_400_00),  # 103,500 x 40 %
        (0.0345, ("hnte", "srdi"), 41_400_00),
        (0.05, (), 30_000_00),  # 150,000 x 20 % = 1 % of 3,000,000: here the cap begins to bind
        (0.06, (), 30_000_00),  # 180,000 x 20 % = 36,000, cap 30,000
        (0.06, ("innovative",), 60_000_00),  # 180,000 x 40 % = 72,000, cap 2 % = 60,000
    ],
)
def test_a_first_loan_gets_a_share_of_a_years_interest_under_its_cap(loan, rate, titles, fen):
    row = found(loan(rate), {**FIRST_TIMER, "titles": titles}, SPRING_2025)[FIRST]
    assert (row.amount_fen, row.state, row.is_counted) == (fen, "needs_application", True)


def test_of_a_longer_first_loan_only_the_first_year_counts(loan):
    row = found(loan(0.0345), FIRST_TIMER, SPRING_2025, months=24)[FIRST]
    assert (row.amount_fen, row.interest_fen, row.months) == (20_700_00, 103_500_00, 12)


def test_the_sentence_shows_the_arithmetic(loan):
    text = found(loan(0.0345), FIRST_TIMER, SPRING_2025)[FIRST].text
    assert text.zh.startswith("首贷贴息：约2.1万元，12个月利息10.4万元的20%，不超过本金的1%；须申请；")
    assert "about CNY 20,700, 20% of the interest of 12 months (CNY 103,500), at most 1% of the principal" in text.en


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (dt.date(2025, 2, 18), None),
        (dt.date(2025, 2, 19), "needs_application"),
        (dt.date(2026, 2, 18), "needs_application"),
        (dt.date(2026, 2, 19), "ended_successor_unconfirmed"),
    ],
)
def test_the_first_loan_discount_has_a_first_and_a_last_day(loan, day, state):
    row = found(loan(0.0345), FIRST_TIMER, day).get(FIRST)
    assert (row.state if row else None) == state


def test_the_source_stands_on_one_line(loan):
    source = found(loan(0.0345), FIRST_TIMER, SPRING_2025)[FIRST].source
    assert "京经信发〔2025〕4号" in source
    assert "\n" not in source


def test_what_has_ended_is_shown_with_nothing_and_not_counted(loan):
    row = found(loan(0.0345), FIRST_TIMER, AUTUMN_2026)[FIRST]
    assert (row.amount_fen, row.is_counted, row.until, row.needs) == (0, False, dt.date(2026, 2, 18), ())
    assert row.text.zh == "首贷贴息：限2026-02-18（含）前提款的贷款，后续政策未确认，金额计为0，不计入成本"


@pytest.mark.parametrize(
    "change",
    [
        {"bank_loans_ever": 1},
        {"size_class": "large"},
        {"district": "310115"},
        {"listings": ("dishonest_list",)},
        {"industry_section": "K"},
    ],
)
def test_who_is_ruled_out_is_not_shown_a_first_loan_discount(loan, change):
    assert FIRST not in found(loan(0.0345), {**FIRST_TIMER, **change}, SPRING_2025)
    assert FIRST not in found(loan(0.0345), {**FIRST_TIMER, **change}, AUTUMN_2026)


@pytest.mark.parametrize("name", ["bank_loans_ever", "size_class", "district", "listings", "industry_section"])
def test_an_unknown_condition_is_named_with_its_paper_and_not_counted(loan, name):
    known = {key: value for key, value in FIRST_TIMER.items() if key != name}
    row = found(loan(0.0345), known, SPRING_2025)[FIRST]
    assert (row.state, row.is_counted, row.open_facts) == ("needs_application", False, (name,))
    assert len(row.needs) == 1
    assert "核实前不计入成本" in row.text.zh


def test_without_a_rate_in_full_the_amount_is_open(loan):
    row = found(loan(RateBand(low=0.03)), FIRST_TIMER, SPRING_2025)[FIRST]
    assert (row.amount_fen, row.is_counted) == (None, False)


@pytest.fixture(scope="module")
def pledge(loan):
    return lambda rate: loan(rate, category="ip_pledge", guarantee_mode="pledge_ip")


def test_a_pledge_gets_half_of_a_rate_counted_up_to_its_multiple_of_the_prime_rate(pledge):
    """Prime rate 3.0 % x 1.4 = 4.2 % counted of 5 %, half of it 2.1 %: 5,400,000 x 2.1 % x 11 / 12 = 103,950."""
    grounds = replace(grounds_for(Facts(OWNER_OF_PATENTS), policy_on(dt.date(2024, 1, 2))), prime_rate=0.03)
    rows = {row.code: row for row in grounds.subsidies(pledge(0.05), amount_fen=5_400_000_00, months=11)}
    assert rows[IP].amount_fen == 103_950_00


def test_a_pledge_below_that_rate_gets_half_of_its_interest(pledge):
    """Prime rate 3.45 % x 1.4 = 4.83 %, so 4.0 % counts in full: 5,400,000 x 2 % x 11 / 12 = 99,000."""
    row = found(pledge(0.04), OWNER_OF_PATENTS, dt.date(2024, 1, 2), fen=5_400_000_00, months=11)[IP]
    assert (row.amount_fen, row.is_counted, row.terms.paid) == (99_000_00, True, "at_end")


def test_a_pledge_gets_no_more_than_its_cap(pledge):
    """20,000,000 x 2 % x 11 / 12 = 366,667, cap 300,000."""
    row = found(pledge(0.04), OWNER_OF_PATENTS, dt.date(2024, 1, 2), fen=20_000_000_00, months=11)[IP]
    assert row.amount_fen == 300_000_00


@pytest.mark.parametrize(
    ("day", "months", "state"),
    [
        (dt.date(2023, 12, 31), 6, None),
        (dt.date(2024, 1, 1), 11, "needs_application"),
        (dt.date(2024, 1, 31), 11, "needs_application"),  # repaid on 2024-12-31
        (dt.date(2024, 2, 1), 11, "ended_successor_unconfirmed"),  # repaid on 2025-01-01
        (dt.date(2024, 1, 1), 12, "ended_successor_unconfirmed"),
        (dt.date(2025, 1, 1), 6, "ended_successor_unconfirmed"),
    ],
)
def test_a_pledged_loan_must_be_settled_in_the_year_of_the_call(pledge, day, months, state):
    row = found(pledge(0.04), OWNER_OF_PATENTS, day, months=months).get(IP)
    assert (row.state if row else None) == state


def test_a_loan_on_credit_gets_no_discount_of_a_pledge(loan):
    assert IP not in found(loan(0.04), OWNER_OF_PATENTS, dt.date(2024, 1, 2), months=6)


def test_a_district_that_pays_without_application_and_does_not_say_how_much(pledge):
    row = found(pledge(0.04), OWNER_OF_PATENTS, AUTUMN_2026)[DISTRICT]
    assert (row.state, row.amount_fen, row.is_counted, row.until) == ("applies", None, False, None)
    assert "金额未公布；免申即享，无需申请" in row.text.zh


@pytest.mark.parametrize(
    ("district", "open_facts"), [("110108", None), ("110000", ("district",)), (None, ("district",))]
)
def test_the_addition_of_a_district_is_for_those_registered_there(pledge, district, open_facts):
    known = {"listings": ("none",)} | ({"district": district} if district else {})
    row = found(pledge(0.04), known, AUTUMN_2026).get(DISTRICT)
    assert (row.open_facts if row else None) == open_facts
    assert row is None or row.state == "needs_application"


@pytest.mark.parametrize(
    ("fen", "months", "rate", "paid"),
    [
        (10_000_000_00, 24, 0.04, 300_000_00),  # 10,000,000 x 1.5 % x 2
        (10_000_000_00, 36, 0.04, 300_000_00),  # two years at most
        (60_000_000_00, 24, 0.04, 1_500_000_00),  # 50,000,000 x 1.5 % x 2
        (10_000_000_00, 12, 0.01, 100_000_00),  # no more than the interest
    ],
)
def test_the_national_discount_is_one_and_a_half_points_for_two_years(loan, fen, months, rate, paid):
    row = found(loan(rate), BUILDER, AUTUMN_2026, fen=fen, months=months)[NATIONAL]
    assert (row.amount_fen, row.is_counted) == (paid, True)


def test_of_a_loan_in_instalments_the_points_go_by_what_is_still_owed(loan):
    """Points are to the rate as the discount is to the interest: 1.5 / 4.0 of it."""
    row = found(loan(0.04, repayment="equal_instalment"), BUILDER, AUTUMN_2026, months=24)[NATIONAL]
    assert row.amount_fen == pytest.approx(row.interest_fen * 0.375, abs=1)


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (dt.date(2025, 12, 31), None),
        (dt.date(2026, 1, 1), "needs_application"),
        (dt.date(2026, 12, 31), "needs_application"),
        (dt.date(2027, 1, 1), "ended_successor_unconfirmed"),
    ],
)
def test_the_national_discount_has_a_first_and_a_last_day(loan, day, state):
    row = found(loan(0.04), BUILDER, day).get(NATIONAL)
    assert (row.state if row else None) == state


@pytest.mark.parametrize("change", [{"purpose": "working_capital"}, {"ownership": "state"}, {"size_class": "large"}])
def test_who_is_ruled_out_is_not_shown_the_national_discount(loan, change):
    assert NATIONAL not in found(loan(0.04), {**BUILDER, **change}, AUTUMN_2026)


@pytest.mark.parametrize(
    ("change", "open_fact"), [({"purpose": "premises"}, "purpose"), ({"industry_division": "C17"}, "industry_division")]
)
def test_what_the_bank_must_judge_is_open_and_not_counted(loan, change, open_fact):
    row = found(loan(0.04), {**BUILDER, **change}, AUTUMN_2026)[NATIONAL]
    assert (row.open_facts, row.is_counted) == ((open_fact,), False)


@pytest.mark.parametrize("change", [{"repayment": "revolving"}, {"category": "tax_loan"}])
def test_a_line_for_working_capital_is_no_loan_on_fixed_assets(loan, change):
    assert NATIONAL not in found(loan(0.04, **change), BUILDER, AUTUMN_2026)


@pytest.fixture(scope="module")
def startup(loan):
    return lambda rate, **changes: loan(rate, category="policy_loan", guarantee_mode="guarantee", **changes)


@pytest.mark.parametrize(
    ("fen", "months", "rate", "paid"),
    [
        (3_000_000_00, 24, 0.035, 120_000_00),  # (3.5 - (3.0 - 1.5)) = 2.0 %: 3,000,000 x 2 % x 2
        (4_000_000_00, 24, 0.035, 120_000_00),  # 3,000,000 at most
        (3_000_000_00, 36, 0.035, 120_000_00),  # two years at most
    ],
)
def test_a_start_up_bears_interest_up_to_the_prime_rate_less_one_and_a_half_points(startup, fen, months, rate, paid):
    row = found(startup(rate), HIRER, AUTUMN_2026, fen=fen, months=months)[STARTUP]
    assert (row.amount_fen, row.is_counted) == (paid, True)


def test_a_start_up_loan_below_that_rate_gets_nothing(startup):
    assert STARTUP not in found(startup(0.015), HIRER, AUTUMN_2026)


@pytest.mark.parametrize(("share", "is_counted"), [(0.15, True), (0.10, False), (0.07, None)])
def test_few_new_hires_are_an_open_question_and_fewer_rule_it_out(startup, share, is_counted):
    row = found(startup(0.035), {**HIRER, "new_hires_share": share}, AUTUMN_2026).get(STARTUP)
    assert (row.is_counted if row else None) == is_counted


def test_a_rate_stated_after_the_discount_is_not_lowered_again(everything):
    row = found(everything.find("bob-chuangyedanbaodai").product, HIRER, AUTUMN_2026)[STARTUP]
    assert (row.amount_fen, row.is_counted) == (None, False)
    assert "所示利率已是贴息后水平" in row.text.zh


@pytest.mark.parametrize(("fee", "paid"), [(0.02, 30_000_00), (0.01, None)])
def test_a_guarantee_fee_above_the_target_is_shown_and_not_counted(loan, fee, paid):
    """(2 % - 1 %) x 3,000,000 = 30,000 for one year."""
    fees = (Fee(kind="guarantee", share=fee, every="year"),)
    product = loan(0.04, category="guarantee_loan", guarantee_mode="guarantee", fees=fees)
    row = found(product, HIRER, AUTUMN_2026).get(FEE)
    assert (row.amount_fen if row else None) == paid
    assert row is None or not row.is_counted


def test_of_two_exclusive_discounts_of_one_fund_the_larger_counts(startup):
    """Central money both: 1.5 points against 3.5 - 1.5 = 2.0 points of 3,000,000 a year."""
    rows = found(startup(0.035), BUILDER | HIRER | {"purpose": "equipment"}, AUTUMN_2026)
    assert {code: (row.amount_fen, row.is_counted) for code, row in rows.items() if row.amount_fen} == {
        NATIONAL: (45_000_00, False),
        STARTUP: (60_000_00, True),
    }
    assert "不与创业担保贷款贴息同享，未计入成本" in rows[NATIONAL].text.zh


def test_discounts_of_different_funds_go_together_up_to_the_interest(loan):
    """1.6 % of 3,000,000 = 48,000 of interest: first loan 9,600 (20 %), national 45,000 (1.5 %), cut to 38,400."""
    rows = found(loan(0.016), BUILDER | FIRST_TIMER, dt.date(2026, 1, 15))
    assert [(row.code, row.amount_fen, row.is_counted) for row in rows.values()] == [
        (FIRST, 9_600_00, True),
        (NATIONAL, 38_400_00, True),
    ]


KNOWN = st.fixed_dictionaries(
    {},
    optional={
        "bank_loans_ever": st.integers(0, 1),
        "size_class": st.sampled_from(["micro", "small", "medium", "large"]),
        "listings": st.sampled_from([("none",), ("dishonest_list",)]),
        "industry_section": st.sampled_from(["C", "K"]),
        "industry_division": st.sampled_from(["C34", "C17"]),
        "district": st.sampled_from(["110107", "110108", "310115"]),
        "titles": st.sampled_from([(), ("innovative",)]),
        "purpose": st.sampled_from(["equipment", "premises", "working_capital"]),
        "ownership": st.sampled_from(["private", "state"]),
        "new_hires_share": st.sampled_from([0.05, 0.1, 0.2]),
    },
)
KINDS = st.sampled_from(
    [
        ("credit_loan", "credit"),
        ("ip_pledge", "pledge_ip"),
        ("policy_loan", "guarantee"),
        ("guarantee_loan", "guarantee"),
    ]
)


@settings(max_examples=150)
@given(data=st.data(), known=KNOWN, kind=KINDS)
def test_subsidies_never_exceed_their_caps_nor_the_interest(loan, data, known, kind):
    rate = data.draw(st.integers(1, 200)) / 1000
    repayment = data.draw(st.sampled_from(["revolving", "interest_then_principal", "equal_instalment", "mixed"]))
    product = loan(rate, category=kind[0], guarantee_mode=kind[1], repayment=repayment)
    day = data.draw(st.dates(dt.date(2023, 1, 1), dt.date(2027, 6, 30)))
    fen, months = data.draw(st.integers(1, 10**11)), data.draw(st.integers(1, 60))
    rows = found(product, known, day, fen=fen, months=months)
    for row in rows.values():
        benefit, amount = row.benefit, row.amount_fen or 0
        assert amount <= fen * (1.0 if benefit.cap_share_of_principal is None else benefit.cap_share_of_principal)
        assert benefit.cap_fen is None or amount <= benefit.cap_fen
        assert amount >= 0
        if row.is_counted:
            assert not row.open_facts
            assert amount > 0
            assert row.until is None or day <= row.until
    counted = [row for row in rows.values() if row.is_counted]
    interest = fen * sum(owed for owed, _ in schedule(rate, months, repayment))
    assert sum(row.amount_fen for row in counted) <= interest + 1
    funds = [row.terms.fund for row in counted if row.terms.exclusive]
    assert len(funds) == len(set(funds))


@settings(max_examples=60)
@given(known=KNOWN, name=st.sampled_from(["bank_loans_ever", "size_class", "district", "listings", "purpose"]))
def test_not_telling_never_earns_a_subsidy(loan, known, name):
    told = found(loan(0.04), known, dt.date(2026, 1, 15))
    untold = found(loan(0.04), {key: value for key, value in known.items() if key != name}, dt.date(2026, 1, 15))
    assert {code for code, row in untold.items() if row.is_counted} <= {
        code for code, row in told.items() if row.is_counted or row.beside
    }
