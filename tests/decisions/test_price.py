"""The all-in rate: fees and subsidies on the monthly flows of a loan."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decisions.money.price import all_in_rate
from decisions.money.schedules import annuity, schedule
from decisions.money.subsidies import Subsidy
from decisions.money.subsidy_terms import Benefit, SubsidyTerms
from decisions.offered.products import Fee, RateBand
from decisions.text import Text

LOAN = 3_000_000_00
REPAYMENTS = ("revolving", "interest_then_principal", "equal_instalment", "mixed")


@pytest.fixture(scope="module")
def priced(everything):
    """A product at one rate."""
    bare = everything.find("spdb-puhuidai").product

    def make(rate, *fees, repayment="interest_then_principal"):
        band = None if rate is None else RateBand(low=rate, high=rate)
        return bare.model_copy(update={"rate": band, "fees": fees, "repayment": repayment})

    return make


def once(share):
    return Fee(kind="appraisal", share=share, every="once")


def yearly(share):
    return Fee(kind="guarantee", share=share, every="year")


def subsidy(amount_fen, *, months=12, paid="quarterly", is_counted=True):
    text, day = Text(zh="贴息", en="discount"), "2025-02-19"
    terms = SubsidyTerms.model_validate(
        {
            "code": "X",
            "name": text,
            "from": day,
            "unit": "share",
            "mark": "seen",
            "source": "a test",
            "fund": "municipal",
        }
        | {"exclusive": True, "application": "needed", "paid": paid, "benefit": Benefit(), "notes": text},
    )
    return Subsidy(terms, Benefit(), amount_fen, None, months, "needs_application", is_counted=is_counted)


@pytest.mark.parametrize("repayment", REPAYMENTS)
def test_without_fees_and_subsidies_it_is_exactly_the_middle_of_the_band(priced, repayment):
    """(3.45 % + 4.35 %) / 2 = 3.90 %."""
    product = priced(0.0, repayment=repayment).model_copy(update={"rate": RateBand(low=0.0345, high=0.0435)})
    found = all_in_rate(product, amount_fen=LOAN, months=12)
    assert (found.before, found.after) == (0.039, 0.039)


@pytest.mark.parametrize("rate", [None, RateBand(low=0.03)])
def test_without_a_rate_stated_in_full_there_is_none(priced, rate):
    product = priced(None).model_copy(update={"rate": rate})
    assert all_in_rate(product, amount_fen=LOAN, months=12) is None


def test_a_fee_at_the_start_is_taken_from_what_is_received(priced):
    """One month at 6 % a year and 1 % at the start: 1.005 / 0.99 - 1 = 1.515152 % a month, x 12 = 18.181818 %."""
    assert all_in_rate(priced(0.06, once(0.01)), amount_fen=LOAN, months=1).before == 0.181818


def test_a_fee_alone_is_a_cost_too(priced):
    """No interest, 2 % at the start, all back after 12 months: 12 x (0.98 ** (-1 / 12) - 1) = 2.022 %."""
    found = all_in_rate(priced(0.0, once(0.02)), amount_fen=LOAN, months=12).before
    assert found == pytest.approx(12 * (0.98 ** (-1 / 12) - 1), abs=1e-6)
    assert round(found, 5) == 0.02022


def test_a_yearly_fee_is_paid_at_the_start_of_each_year_and_not_at_the_end(priced):
    """No interest, 1 % at the start and after 12 of 24 months: 0.99 = 0.01 x + x^2 with x = v^12, so x = 0.99."""
    found = all_in_rate(priced(0.0, yearly(0.01)), amount_fen=LOAN, months=24).before
    assert found == pytest.approx(12 * (0.99 ** (-1 / 12) - 1), abs=1e-6)


def test_a_first_loan_discount_comes_back_by_the_quarter(priced):
    """3,000,000 at 3.45 %: interest 8,625 a month, 20 % of 25,875 = 5,175 back at months 3, 6, 9 and 12.

    At once that would be 3.45 % x 0.8 = 2.76 %; paid back up to two months later it is a little more.
    """
    found = all_in_rate(priced(0.0345), amount_fen=LOAN, months=12, subsidies=[subsidy(20_700_00)])
    flows = [3_000_000.0, *[-8_625.0] * 12]
    for month in (3, 6, 9, 12):
        flows[month] += 5_175.0
    flows[12] -= 3_000_000.0
    assert found.before == 0.0345
    assert 0.0276 < found.after < 0.0277
    assert worth(flows, found.after) == pytest.approx(0.0, abs=3)


def test_a_discount_after_settlement_comes_back_with_the_last_payment(priced):
    """One year's interest of 4.2 % and half of it back at the end: later than by the quarter, so a higher rate."""
    half = 63_000_00
    at_end, by_quarter = (
        all_in_rate(priced(0.042), amount_fen=LOAN, months=12, subsidies=[subsidy(half, paid=paid)]).after
        for paid in ("at_end", "quarterly")
    )
    assert 0.021 < by_quarter < at_end < 0.0217


def test_a_refund_of_a_quarter_that_the_loan_cuts_short_comes_with_its_end(priced):
    """1,000 for two months at 12 %: 10 after one month, 1,010 less 4 after two."""
    found = all_in_rate(priced(0.12), amount_fen=1_000_00, months=2, subsidies=[subsidy(4_00, months=2)])
    assert worth([1000.0, -10.0, -1006.0], found.after) == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize("row", [subsidy(20_700_00, is_counted=False), subsidy(None), subsidy(0)])
def test_a_subsidy_that_is_not_counted_lowers_nothing(priced, row):
    found = all_in_rate(priced(0.0345), amount_fen=LOAN, months=12, subsidies=[row])
    assert found.after == found.before


def test_all_interest_paid_by_others_leaves_a_cost_of_nothing(priced):
    interest = 103_500_00
    assert all_in_rate(priced(0.0345), amount_fen=LOAN, months=12, subsidies=[subsidy(interest)]).after == 0.0


def test_a_refund_of_fees_without_interest_comes_back_with_the_last_payment(priced):
    """No interest, 2 % at the start, 1 % back with the loan after 12 months: 12 x ((0.99 / 0.98) ** (1 / 12) - 1)."""
    found = all_in_rate(priced(0.0, once(0.02)), amount_fen=LOAN, months=12, subsidies=[subsidy(LOAN // 100)])
    assert found.after == round(12 * ((0.99 / 0.98) ** (1 / 12) - 1), 6)


def test_fees_that_eat_the_loan_have_no_rate(priced):
    assert all_in_rate(priced(0.04, once(1.0)), amount_fen=LOAN, months=12) is None


def test_a_term_of_no_month_is_refused(priced):
    with pytest.raises(ValueError, match="months: got 0, expected a term of at least one month"):
        all_in_rate(priced(0.04, once(0.01)), amount_fen=LOAN, months=0)


def test_mixed_repayment_is_six_months_of_interest_and_then_equal_parts():
    rows = schedule(0.12, 12, "mixed")
    assert [round(principal, 6) for _, principal in rows] == [0.0] * 6 + [round(1 / 6, 6)] * 6
    assert [round(interest, 6) for interest, _ in rows[5:8]] == [0.01, 0.01, round(0.01 * 5 / 6, 6)]


def test_equal_instalments_are_equal_and_pay_everything_back():
    rows = schedule(0.06, 36, "equal_instalment")
    payments = {round(interest + principal, 9) for interest, principal in rows}
    assert payments == {round(1 / annuity(0.005, 36), 9)}
    assert sum(principal for _, principal in rows) == pytest.approx(1.0)


RATES = st.integers(1, 300).map(lambda points: points / 1000)
MONTHS = st.integers(1, 60)


@settings(max_examples=60)
@given(
    rate=RATES, months=MONTHS, repayment=st.sampled_from(REPAYMENTS), fee=st.integers(0, 50), each=st.integers(0, 30)
)
def test_at_the_rate_found_the_flows_are_worth_nothing(priced, rate, months, repayment, fee, each):
    product = priced(rate, once(fee / 1000), yearly(each / 1000), repayment=repayment)
    found = all_in_rate(product, amount_fen=LOAN, months=months)
    rows = schedule(rate, months, repayment)
    flows = [1 - fee / 1000, *(-interest - principal for interest, principal in rows)]
    for month in range(0, months, 12):
        flows[month] -= each / 1000
    assert worth(flows, found.before) == pytest.approx(0.0, abs=1e-5)
    assert found.before >= rate - 1e-6


@settings(max_examples=60)
@given(
    rate=RATES,
    months=MONTHS,
    repayment=st.sampled_from(REPAYMENTS),
    share=st.integers(1, 100),
    paid=st.sampled_from(["quarterly", "at_end"]),
)
def test_a_subsidy_never_makes_a_loan_dearer_and_never_costs_less_than_nothing(
    priced, rate, months, repayment, share, paid
):
    interest = sum(owed for owed, _ in schedule(rate, months, repayment)) * LOAN
    row = subsidy(int(interest * share / 100), months=months, paid=paid)
    found = all_in_rate(priced(rate, repayment=repayment), amount_fen=LOAN, months=months, subsidies=[row])
    assert 0.0 <= found.after <= found.before + 1e-6


def test_the_size_of_the_loan_does_not_matter(priced):
    rates = {
        all_in_rate(priced(0.0345), amount_fen=LOAN * times, months=12, subsidies=[subsidy(20_700_00 * times)]).after
        for times in (1, 3, 10)
    }
    assert len(rates) == 1


def worth(flows, annual):
    """What monthly flows are worth today."""
    return sum(flow / (1 + annual / 12) ** month for month, flow in enumerate(flows))
