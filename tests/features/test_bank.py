"""What the bank block says, each case worked out by hand, and what must hold of it for all bookings.

Unless said otherwise all stand on 15 March 2026: the last complete month is February 2026, the last twelve begin on
1 March 2025 and have 365 days.
"""

import datetime as dt
import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from references.bank import reference
from samples import AS_OF, ENTERPRISES, TODAY
from samples_bank import bank_transactions_rows, booking

from features.bank import balances, conduct, flows
from features.definition import Feature
from features.profile import profiles
from sources.contracts import TABLES
from sources.records import Records
from sources.validation import validate

BANK = {
    feature.name: feature
    for module in (flows, balances, conduct)
    for feature in vars(module).values()
    if isinstance(feature, Feature)
}
TABLE = TABLES["bank_transactions"]
LATER = AS_OF + dt.timedelta(days=1)
BY_THRESHOLD = {"zero_balance_days_12m", "zero_balance_share_12m"}
"""Not free of scale: they compare a balance with one yuan."""


def frame(rows):
    return pl.DataFrame(rows, schema=TABLE.dtypes)


def profile(rows, as_of=AS_OF):
    records = Records.of({"bank_transactions": frame(rows)}, enterprises=pl.Series(ENTERPRISES))
    return profiles(records, list(BANK.values()), as_of).select("enterprise_id", *BANK)


def values(rows, as_of=AS_OF):
    return profile(rows, as_of).filter(enterprise_id=ENTERPRISES[0]).row(0, named=True)


def value_of(name, rows, as_of=AS_OF):
    return values(rows, as_of)[name]


def booked(day, amount=100, **other):
    row = {
        "enterprise_id": ENTERPRISES[0], "account": "a-1", "booking": f"{day}{amount}{sorted(other.items(), key=str)}",
        "booked_on": day, "sequence": None, "direction": "in", "amount_fen": amount, "balance_after_fen": None,
        "counterparty": None, "purpose": None, "known_on": day,
    }  # fmt: skip
    return row | other


def out(day, amount=100, **other):
    return booked(day, amount, direction="out", **other)


def balance(day, after, **other):
    return booked(day, other.pop("amount", 1), balance_after_fen=after, **other)


def day(month, of_month, year=2026):
    return dt.date(year, month, of_month)


def test_sums_hold_complete_months_and_recency_counts_to_the_day():
    rows = [booked(day(3, 10), 500), booked(day(2, 10), 70), booked(day(3, 1, 2025), 8), booked(day(2, 28, 2025), 9)]
    seen = values(rows)
    assert (seen["bank_inflow_12m"], seen["bank_inflow_3m"], seen["days_since_last_inflow"]) == (78, 70, 5)
    assert seen["bank_months_observed"] == 13
    assert seen["bank_inflow_months_12m"] == 2


def test_what_is_no_business_is_no_flow():
    left_out = ("internal", "investment", "loan_in", "loan_repayment", "refund")
    rows = [make(day(2, 10), 100 + i, purpose=name) for i, name in enumerate(left_out) for make in (booked, out)]
    rows += [booked(day(2, 11), 40, purpose="sales"), out(day(2, 12), 15, purpose="purchase"), booked(day(2, 13), 2)]
    seen = values(rows)
    assert (seen["bank_inflow_12m"], seen["bank_outflow_12m"], seen["bank_net_flow_12m"]) == (42, 15, 27)
    assert seen["bank_net_flow_ratio_12m"] == 27 / 42


def test_what_came_from_and_went_to_one_counterparty_on_one_day_is_no_flow():
    """To and fro 60 with c-1; the rest of 40 stays. With unknown ones and on another day nothing is matched."""
    rows = [booked(day(2, 10), 100, counterparty="c-1"), out(day(2, 10), 60, counterparty="c-1")]
    rows += [booked(day(2, 10), 7), out(day(2, 10), 5), out(day(2, 11), 30, counterparty="c-1")]
    seen = values(rows)
    assert (seen["bank_inflow_12m"], seen["bank_outflow_12m"]) == (47, 35)


def test_growth_needs_the_whole_year_before():
    now, then = booked(day(1, 5), 150), booked(day(1, 5, 2025), 100)
    assert value_of("bank_inflow_growth_12m", [now, then]) is None
    assert value_of("bank_inflow_growth_12m", [now, then, out(day(3, 5, 2024))]) == 0.5
    assert value_of("bank_inflow_growth_12m", [now, then, out(day(4, 1, 2024))]) is None


def test_months_without_bookings_count_in_the_variation_from_the_first_on():
    """December to February: 60, 0, 60; mean 40, variance (400 + 1600 + 400) / 3 = 800."""
    rows = [booked(day(12, 5, 2025), 60), booked(day(2, 5), 60)]
    assert value_of("bank_inflow_variation_12m", rows) == pytest.approx(math.sqrt(800) / 40)


def test_months_of_net_outflow_and_their_longest_run():
    """Losses in June, July; a month without bookings; losses in September: 3 of 9 months, 2 in a row."""
    rows = [booked(day(6, 5, 2025), 10), out(day(6, 6, 2025), 11), out(day(7, 6, 2025), 1), out(day(9, 6, 2025), 1)]
    rows += [booked(day(1, 5), 10), out(day(1, 6), 10)]
    assert value_of("net_outflow_months_share_12m", rows) == 3 / 9
    assert value_of("longest_net_outflow_12m", rows) == 2


def test_three_weeks_of_net_outflow():
    """The weeks end on 15, 8 and 1 March; the oldest day of the three is 23 February."""
    rows = [out(day(3, 15), 2), booked(day(3, 9), 1), out(day(3, 8), 1), out(day(2, 23), 1)]
    assert value_of("net_outflow_three_weeks", rows) == 1
    assert value_of("net_outflow_three_weeks", [*rows[:3], out(day(2, 22), 1)]) == 0
    assert value_of("net_outflow_three_weeks", [*rows, booked(day(3, 3), 1)]) == 0


def test_a_balance_stands_until_the_next_and_is_unknown_before_the_first():
    """From 1 February 7 days of 400, then 21 of 1,600: (2,800 + 33,600) / 28."""
    rows = [balance(day(2, 1), 400), balance(day(2, 8), 1_600), balance(day(3, 2), 9)]
    seen = values(rows)
    assert seen["balance_mean_12m"] == seen["balance_mean_3m"] == 1_300
    assert seen["balance_lowest_12m"] == 400


def test_a_balance_from_before_the_window_reaches_into_it():
    """10 since January 2025, 30 from 1 December 2025, which is the first day of the last three months."""
    rows = [balance(day(1, 20, 2025), 10), balance(day(12, 1, 2025), 30)]
    seen = values(rows)
    assert seen["balance_mean_3m"] == 30
    assert seen["balance_mean_12m"] == (10 * 275 + 30 * 90) / 365


def test_balances_of_several_accounts_add_up():
    """From 1 February 100; from 15 February, half of the month, 50 more on another account."""
    rows = [balance(day(2, 1), 100), balance(day(2, 15), 50, account="a-2")]
    seen = values(rows)
    assert (seen["balance_mean_12m"], seen["balance_lowest_12m"]) == (125, 100)


def test_the_last_in_sequence_closes_the_day():
    rows = [balance(day(2, 1), after, sequence=place) for after, place in ((500, 2), (70, 3), (900, 1), (10, None))]
    assert value_of("balance_lowest_12m", rows) == 70
    assert value_of("balance_mean_12m", rows) == 70


def test_without_sequence_what_came_in_was_booked_before_what_went_out():
    """100 at first, then 900 in, 50 and 30 out; on the day after two more come in."""
    rows = [balance(day(2, 1), 1_000, amount=900), out(day(2, 1), 50, balance_after_fen=950)]
    rows += [out(day(2, 1), 30, balance_after_fen=920)]
    assert value_of("balance_mean_12m", rows) == 920
    rows += [balance(day(2, 2), 990, amount=70), balance(day(2, 2), 1_000, amount=10)]
    assert value_of("balance_mean_12m", rows) == (920 + 27 * 1_000) / 28


@given(st.lists(st.integers(-50, 50).filter(bool), min_size=1, max_size=6), st.integers(0, 100))
def test_an_unordered_day_never_ends_above_the_truth_nor_below_it_by_more_than_came_in(signed, opening):
    rows, after = [], opening
    for number, step in enumerate(signed):
        after += step
        make = booked if step > 0 else out
        rows.append(make(day(2, 1), abs(step), booking=str(number), balance_after_fen=after))
    came = sum(x for x in signed if x > 0)
    assert 0 <= after - value_of("balance_lowest_12m", rows) <= came


def test_empty_and_overdrawn_days():
    """February: 10 days at 1 yuan, 8 at -1 fen, 10 at 1.01 yuan."""
    rows = [balance(day(2, 1), 100), balance(day(2, 11), -1), balance(day(2, 19), 101)]
    seen = values(rows)
    assert (seen["zero_balance_days_12m"], seen["overdrawn_days_12m"]) == (18, 8)
    assert seen["zero_balance_share_12m"] == 18 / 28


def test_days_of_cash():
    """A mean balance of 1,300 over 28 days, 260 left in these days: 1,300 / (260 / 28)."""
    rows = [balance(day(2, 1), 400), balance(day(2, 8), 1_600), out(day(2, 9), 260), out(day(3, 9), 5)]
    assert value_of("cash_days_12m", rows) == 140
    assert value_of("cash_days_12m", rows[:2]) is None
    assert value_of("cash_days_12m", [*rows, out(day(1, 9), 999)]) == 140, "no balance is known of that day"


def test_month_ends_dressed_up():
    """1 on all 59 days since 1 January, but 60 on 31 January and 28 February: 60 / ((57 + 120) / 59)."""
    rows = [balance(day(1, 1), 1), balance(day(1, 31), 60), balance(day(2, 1), 1), balance(day(2, 28), 60)]
    assert value_of("month_end_balance_ratio_12m", rows) == pytest.approx(60 / (177 / 59))


def test_one_balance_covers_the_ends_of_many_months():
    assert value_of("month_end_balance_ratio_12m", [balance(day(5, 5, 2024), 7), booked(AS_OF)]) == 1
    assert value_of("month_end_balance_ratio_12m", [balance(day(2, 28), 7)], day(2, 28)) is None


def test_money_that_leaves_by_the_next_day():
    """100 came, 30 left the same day and 50 the next; on the 20th 10 came and left two days later: 80 of 110."""
    rows = [booked(day(2, 10), 100), out(day(2, 10), 30), out(day(2, 11), 50)]
    rows += [booked(day(2, 20), 10), out(day(2, 22), 10)]
    assert value_of("quick_turn_share_12m", rows) == 80 / 110


def test_the_day_after_the_last_month_still_counts_as_the_next():
    assert value_of("quick_turn_share_12m", [booked(day(2, 28), 100), out(day(3, 1), 100)]) == 1


def test_money_that_goes_back_to_where_it_came_from():
    """c-1 paid 100 and got 30; c-2 paid 20 and got 90: 30 + 20 of 160."""
    rows = [booked(day(2, 1), 100, counterparty="c-1"), out(day(1, 1), 30, counterparty="c-1"), booked(day(2, 1), 40)]
    rows += [booked(day(2, 1), 20, counterparty="c-2"), out(day(2, 1), 90, counterparty="c-2"), out(day(2, 1), 40)]
    assert value_of("same_party_share_12m", rows) == 50 / 160


def test_payers_are_customers_with_a_name():
    rows = [booked(day(2, 1), 75, counterparty="c-1"), booked(day(2, 2), 25, counterparty="c-2"), booked(day(2, 3))]
    rows += [booked(day(2, 4), 999, counterparty="c-3", purpose=name) for name in ("cash", "qr", "interest", "refund")]
    seen = values(rows)
    assert seen["payers_12m"] == 2
    assert (seen["top1_payer_share_12m"], seen["top5_payer_share_12m"]) == (0.75, 1)
    assert seen["payer_hhi_12m"] == 0.75**2 + 0.25**2


def test_payers_that_are_all_unknown_are_not_none():
    assert value_of("payers_12m", [booked(day(2, 1))]) is None
    assert value_of("payers_12m", [booked(day(2, 1), purpose="cash")]) == 0


PAID = {
    "bank_salary_months_12m": "salary",
    "bank_tax_months_12m": "tax",
    "bank_social_insurance_months_12m": "social_insurance",
    "bank_rent_months_12m": "rent",
    "bank_utilities_months_12m": "utilities",
}


@pytest.mark.parametrize("name", PAID)
def test_months_with_a_payment(name):
    days = [day(3, 1), day(2, 1), day(2, 5), day(1, 7), day(3, 1, 2025), day(2, 28, 2025)]
    rows = [out(on, purpose=PAID[name]) for on in days] + [booked(day(12, 1, 2025), purpose=PAID[name])]
    assert value_of(name, rows) == 3


def test_without_any_purpose_nothing_is_said_of_what_was_paid():
    of_purpose = [*PAID, "cash_share_12m", "qr_share_12m", "qr_inflow_12m", "bank_debt_service_ratio_12m"]
    seen = values([booked(day(2, 1)), out(day(2, 1))])
    assert [seen[name] for name in of_purpose] == [None] * len(of_purpose)
    assert values([])["bank_salary_months_12m"] == 0


def test_cash_payment_codes_and_debts():
    rows = [booked(day(2, 1), 50, purpose="cash"), booked(day(2, 1), 30, purpose="qr"), booked(day(2, 1), 20)]
    rows += [booked(day(2, 1), 500, purpose="loan_in"), out(day(2, 3), 9, purpose="cash")]
    rows += [out(day(2, 2), 40, purpose="loan_repayment"), out(day(2, 2), 5, purpose="interest")]
    seen = values(rows)
    assert (seen["cash_share_12m"], seen["qr_share_12m"], seen["qr_inflow_12m"]) == (0.5, 0.3, 30)
    assert (seen["bank_debt_service_ratio_12m"], seen["bank_loans_received_12m"]) == (0.45, 1)


def test_an_empty_table_gives_observed_zeros_and_undefined_shares():
    seen = values([])
    assert {seen[name] for name in ("bank_inflow_12m", "payers_12m", "bank_months_observed", "qr_inflow_12m")} == {0}
    undefined = ("balance_mean_12m", "zero_balance_days_12m", "days_since_last_inflow", "longest_net_outflow_12m")
    assert {seen[name] for name in undefined} == {None}


def test_no_feature_looks_further_back_than_its_window():
    base = [booked(day(1, 2, 2021), 50, balance_after_fen=50), balance(day(2, 20, 2025), 70)]
    base += [make(on, 100 + i) for i, on in enumerate((day(2, 9, 2024), day(7, 9, 2025))) for make in (booked, out)]
    for back, on in ((12, day(2, 2, 2025)), (24, day(2, 2, 2024)), (36, day(2, 2, 2023))):
        more = [booked(on, 7_000, counterparty="c-9", purpose="qr"), out(on, 9_000, purpose="salary")]
        earlier, now = values(base), values(base + more)
        changed = [name for name in BANK if earlier[name] != now[name]]
        assert all(BANK[name].window is None or BANK[name].window > back for name in changed), (on, changed)
        assert bool(changed) == (back < 24)


@given(bank_transactions_rows())
def test_sampled_rows_keep_the_contract(rows):
    assert validate(TABLE, frame(rows), today=TODAY).rows.height == len(rows)


def strays(rows, as_of):
    """What profile and reference say of a feature where they differ."""
    expected = reference({"bank_transactions": [row for row in rows if row["enterprise_id"] == ENTERPRISES[0]]}, as_of)
    seen = values(rows, as_of)

    def agree(left, right):
        return left == right if None in {left, right} else math.isclose(left, right, rel_tol=1e-12)

    return {name: (seen[name], told) for name, told in expected.items() if not agree(seen[name], told)}


@pytest.mark.parametrize("as_of", [AS_OF, day(2, 28), day(3, 1), day(12, 31, 2025), day(2, 29, 2024)])
@given(rows=bank_transactions_rows())
def test_features_equal_the_slow_reference(as_of, rows):
    assert strays(rows, as_of) == {}


@given(bank_transactions_rows())
def test_a_profile_is_the_same_alone_and_in_a_batch_and_finite(rows):
    together = profile(rows)
    for code in ENTERPRISES:
        own = Records.of({"bank_transactions": frame(rows)}, enterprises=pl.Series([code]))
        alone = profiles(own, list(BANK.values()), AS_OF).select("enterprise_id", *BANK)
        assert_frame_equal(alone, together.filter(enterprise_id=code), check_exact=True)
    assert all(value is None or math.isfinite(value) for row in together.drop("enterprise_id").rows() for value in row)


@given(bank_transactions_rows(), st.lists(booking(newest=LATER + dt.timedelta(days=300)), max_size=10))
def test_nothing_known_later_changes_a_profile(rows, more):
    future = [{**row, "known_on": max(row["known_on"], LATER)} for row in more]
    assert_frame_equal(profile(rows + future), profile(rows), check_exact=True)


@given(bank_transactions_rows().flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))))
def test_the_order_of_rows_changes_nothing(orders):
    rows, shuffled = orders
    assert_frame_equal(profile(shuffled), profile(rows), check_exact=True)


@given(bank_transactions_rows())
def test_other_names_of_counterparties_and_accounts_change_nothing(rows):
    renamed = [
        {
            **row,
            "account": row["account"][::-1],
            "counterparty": row["counterparty"] and f"z{row['counterparty'][::-1]}",
        }
        for row in rows
    ]
    assert_frame_equal(profile(renamed), profile(rows), check_exact=True)


@given(bank_transactions_rows())
def test_doubling_all_money_leaves_every_share_and_ratio_unchanged(rows):
    doubled = [
        {
            **row,
            "amount_fen": 2 * row["amount_fen"],
            "balance_after_fen": None if row["balance_after_fen"] is None else 2 * row["balance_after_fen"],
        }
        for row in rows
    ]
    free = [name for name, feature in BANK.items() if feature.unit != "fen" and name not in BY_THRESHOLD]
    assert_frame_equal(profile(doubled).select(free), profile(rows).select(free), rel_tol=1e-12)


def test_every_feature_has_both_sentences_and_reads_no_identifier():
    for feature in BANK.values():
        assert feature.en
        assert any("一" <= character <= "鿿" for character in feature.zh), feature.name
        assert not set(feature.expression.meta.root_names()) & {"enterprise_id", "account", "booking", "counterparty"}


def test_amounts_at_the_bound_of_the_contract_do_not_overflow():
    rows = [
        booked(day(1, 1 + i % 28), 10**13, booking=str(i), balance_after_fen=10**13, account=f"a-{i % 50}")
        for i in range(2_000)
    ]
    seen = values(rows)
    assert seen["bank_inflow_12m"] == 2_000 * 10**13
    assert seen["balance_mean_12m"] > 10**14
    assert all(value is None or math.isfinite(value) for name, value in seen.items() if name in BANK)
