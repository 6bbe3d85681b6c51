"""What the credit report says, by hand at the edges, by properties, and beside plain Python.

All stand on 15 March 2026: the last complete month is February 2026, the last twelve begin on 1 March 2025.
"""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from references.credit import reference
from samples import AS_OF, ENTERPRISES, TODAY
from samples_credit import STRATEGIES

from features.credit import debt, exposure, repayment
from features.definition import Feature
from features.profile import profiles
from sources.contracts import TABLES
from sources.records import Records
from sources.validation import validate

FIRM = ENTERPRISES[0]
LATER = AS_OF + dt.timedelta(days=1)
FEATURES = [one for module in (debt, exposure, repayment) for one in vars(module).values() if isinstance(one, Feature)]


def values(**tables):
    """The features of the first firm; each table a list of rows, of which only what differs need be said."""
    frames = {
        name: TABLES[name].typed(
            pl.DataFrame([{"enterprise_id": FIRM, **row} for row in rows], infer_schema_length=None)
        )
        for name, rows in tables.items()
    }
    records = Records.of(frames, enterprises=pl.Series(ENTERPRISES))
    return profiles(records, FEATURES, AS_OF).filter(enterprise_id=FIRM).row(0, named=True)


def loan(name="l-1", balance_fen=100, **more):
    granted_on = more.get("granted_on", dt.date(2025, 9, 1))
    return {
        "loan": name, "lender": "b-1", "lender_kind": "bank", "kind": "working_capital", "granted_on": granted_on,
        "amount_fen": 10_000, "matures_on": dt.date(2027, 1, 1), "balance_fen": balance_fen, "known_on": granted_on,
    } | more  # fmt: skip


def instalment(number, due_on, paid_after=0, **more):
    """An instalment of 10 that is paid so many days after its due day, or never."""
    paid_on = None if paid_after is None else due_on + dt.timedelta(days=paid_after)
    return {
        "loan": "l-1", "instalment": number, "due_on": due_on, "due_fen": 10, "paid_on": paid_on, "known_on": due_on,
    } | more  # fmt: skip


def monthly(first, months, paid_after=0):
    """One instalment on the 10th of each of some months from `first` (year, month)."""
    start = 12 * first[0] + first[1] - 1
    days = [dt.date(number // 12, number % 12 + 1, 10) for number in range(start, start + months)]
    return [instalment(number, day, paid_after) for number, day in enumerate(days, start=1)]


def of_loans(*loans):
    return values(loans=loans)


def of_instalments(*instalments):
    return values(repayments=instalments)


def test_without_any_credit_counts_are_zero_and_shares_unknown():
    nothing = values(**{name: [] for name in STRATEGIES})
    zeros = ("loan_balance", "lenders_now", "days_past_due_now", "late_months_24m", "longest_late_run_24m",
             "guarantees_amount", "enquiring_lenders_3m", "real_estate_held", "credit_history_months")  # fmt: skip
    assert [nothing[name] for name in zeros] == [0] * 9
    shares = ("credit_mode_share", "loan_rate", "late_share_12m", "days_since_late", "revolving_use",
              "real_estate_mortgaged_share", "never_borrowed_reported")  # fmt: skip
    assert [nothing[name] for name in shares] == [None] * 7
    assert nothing["never_borrowed"] == 1


def test_what_is_owed_and_to_whom():
    """Two banks and a leasing firm; one loan is closed, one paid down, and an acceptance is no loan."""
    row = of_loans(
        loan("l-1", 100), loan("l-2", 50), loan("l-3", 30, lender="b-2"),
        loan("l-4", 20, lender="c-1", lender_kind="leasing"),
        loan("l-5", 900, lender="b-3", closed_on=AS_OF), loan("l-6", 0, lender="b-4"),
        loan("l-7", 70, lender="b-5", kind="acceptance"),
    )  # fmt: skip
    assert (row["loan_balance"], row["off_balance_amount"], row["loans_open"]) == (200, 70, 4)
    assert (row["lenders_now"], row["non_bank_lenders_now"]) == (3, 1)


def test_a_loan_is_owed_until_the_day_it_is_closed():
    assert of_loans(loan(closed_on=LATER))["loan_balance"] == 100


def test_a_written_off_loan_is_still_owed():
    row = of_loans(loan(written_off_on=dt.date(2026, 1, 1)))
    assert (row["loan_balance"], row["loans_written_off_60m"]) == (100, 1)


def test_security_of_the_balance():
    """On credit 100 of the 400 whose security is known; without a pledged asset 100 + 60."""
    row = of_loans(
        loan("l-1", 100, guarantee_mode="credit"), loan("l-2", 60, guarantee_mode="guarantee"),
        loan("l-3", 240, guarantee_mode="mortgage"), loan("l-4", 999),
    )  # fmt: skip
    assert (row["credit_mode_share"], row["unsecured_balance"]) == (100 / 400, 160)


def test_the_rate_weighs_by_balance():
    """(300 x 4 % + 100 x 8 %) / 400 = 5 %."""
    row = of_loans(loan("l-1", 300, rate_bp=400), loan("l-2", 100, rate_bp=800), loan("l-3", 999))
    assert row["loan_rate"] == 0.05


def test_rates_of_the_largest_loans_do_not_overflow():
    big = [loan(f"l-{number}", 10**13, amount_fen=10**13, rate_bp=3_600) for number in range(1_000)]
    assert of_loans(*big)["loan_rate"] == 0.36


@pytest.mark.parametrize(("days", "share"), [(-1, 0), (0, 0.25), (90, 0.25), (91, 0)])
def test_the_window_for_renewal_is_ninety_days_before_maturity(days, share):
    row = of_loans(loan("l-1", 100, matures_on=AS_OF + dt.timedelta(days=days)), loan("l-2", 300))
    assert (row["maturing_share_90d"], row["maturing_90d"]) == (share, 400 * share)


def test_renewals_of_three_years():
    row = of_loans(
        loan("l-1", renewal_of="l-0", granted_on=dt.date(2023, 3, 16)),
        loan("l-2", renewal_of="l-0", granted_on=dt.date(2023, 3, 15)),
        loan("l-3"),
    )
    assert row["renewals_36m"] == 1


def test_classes_share_the_balance_that_is_classed():
    row = of_loans(
        loan("l-1", 700, five_class="normal"), loan("l-2", 200, five_class="special_mention"),
        loan("l-3", 100, five_class="loss"), loan("l-4", 999),
    )  # fmt: skip
    assert (row["bad_balance_share"], row["weak_balance_share"]) == (0.1, 0.3)


def test_days_past_due_are_those_of_open_loans():
    assert (
        of_loans(loan(days_past_due=12), loan("l-2", days_past_due=99, closed_on=AS_OF))["loan_days_past_due_now"] == 12
    )
    assert of_loans(loan())["loan_days_past_due_now"] is None, "nobody told"
    assert of_loans(loan(closed_on=AS_OF))["loan_days_past_due_now"] == 0


@pytest.mark.parametrize("kind", ["acceptance", "letter_of_credit", "discount"])
def test_bills_and_letters_of_credit_are_no_first_loan(kind):
    row = of_loans(loan(kind=kind))
    assert (row["never_borrowed"], row["loans_ever"], row["credit_history_months"]) == (1, 0, 6)


def test_a_loan_closed_long_ago_was_a_first_loan():
    row = of_loans(loan(granted_on=dt.date(2010, 3, 15), closed_on=dt.date(2011, 1, 1)))
    assert (row["never_borrowed"], row["loans_ever"], row["credit_history_months"]) == (0, 1, 192)


def test_an_unpaid_instalment_is_late_from_the_day_after_its_due_day():
    assert of_instalments(instalment(1, AS_OF, None))["days_past_due_now"] == 0
    assert of_instalments(instalment(1, AS_OF - dt.timedelta(days=40), None))["days_past_due_now"] == 40


def test_a_payment_of_tomorrow_is_none_yet():
    assert of_instalments(instalment(1, dt.date(2026, 3, 10), 6))["days_past_due_now"] == 5
    assert of_instalments(instalment(1, dt.date(2026, 3, 10), 5))["days_past_due_now"] == 0


def test_an_instalment_ahead_is_neither_due_nor_late():
    row = of_instalments(instalment(1, dt.date(2026, 4, 10), None, known_on=AS_OF), instalment(2, dt.date(2026, 2, 10)))
    assert (row["days_past_due_now"], row["late_share_12m"], row["instalments_due_12m"]) == (0, 0, 1)


def test_lateness_counts_in_the_windows_in_which_it_lasted():
    """Due on 1 February 2025 and paid 42 days late, on 15 March 2025: a year ago to the day is outside."""
    due = dt.date(2025, 2, 1)
    outside, inside = of_instalments(instalment(1, due, 42)), of_instalments(instalment(1, due, 43))
    assert (outside["worst_days_past_due_12m"], outside["worst_days_past_due_24m"]) == (0, 42)
    assert (inside["worst_days_past_due_12m"], inside["worst_days_past_due_24m"]) == (43, 43)
    assert (outside["days_since_late"], inside["days_since_late"]) == (365, 364)


def test_the_worst_of_five_years():
    row = of_instalments(instalment(1, dt.date(2021, 3, 1), 20), instalment(2, dt.date(2023, 6, 1), 9))
    assert (row["worst_days_past_due_24m"], row["worst_days_past_due_60m"]) == (0, 20)


def test_shares_and_sums_of_the_year():
    """Twelve complete months hold eleven instalments from April on and, late, the one of 10 March 2025."""
    rows = monthly((2025, 4), 11)
    row = of_instalments(*rows, instalment(20, dt.date(2025, 3, 10), 3), instalment(21, dt.date(2026, 3, 10), 3))
    assert (row["instalments_due_12m"], row["debt_service_12m"]) == (12, 120)
    assert row["late_share_12m"] == 1 / 12, "to the day: not 10 March of last year, but that of this one"


@pytest.mark.parametrize(("days", "counted"), [(29, 0), (30, 1)])
def test_thirty_days_are_seriously_late(days, counted):
    assert of_instalments(instalment(1, dt.date(2025, 6, 1), days))["seriously_late_24m"] == counted


def test_three_late_instalments_in_a_row_and_six_in_all():
    """Late by a day in May, June, July and, apart, in October, December 2025 and February 2026."""
    late = [(2025, 5), (2025, 6), (2025, 7), (2025, 10), (2025, 12), (2026, 2)]
    rows = monthly((2025, 1), 14)
    for year, month in late:
        number = 12 * (year - 2025) + month
        rows[number - 1] = instalment(number, dt.date(year, month, 10), 1)
    row = of_instalments(*rows)
    assert (row["longest_late_run_24m"], row["late_months_24m"]) == (3, 6)


@pytest.mark.parametrize(("paid_on", "months"), [((2025, 2, 10), 1), ((2025, 2, 11), 2), ((2025, 3, 11), 3)])
def test_one_instalment_is_late_a_month_more_with_each_month_that_passes(paid_on, months):
    due = dt.date(2025, 1, 10)
    row = of_instalments(instalment(1, due, (dt.date(*paid_on) - due).days))
    assert (row["longest_late_run_24m"], row["late_months_24m"]) == (months, months)


def test_two_loans_late_in_a_month_are_one_late_month():
    day = dt.date(2025, 5, 10)
    row = of_instalments(instalment(1, day, 5), instalment(1, day, 8, loan="l-2"))
    assert (row["late_months_24m"], row["longest_late_run_24m"]) == (1, 1)


def test_late_months_are_those_of_twenty_four_calendar_months():
    """The running month and 23 before it, from April 2024; unpaid since 2020, every one of them is late."""
    assert of_instalments(instalment(1, dt.date(2024, 3, 10), 21))["late_months_24m"] == 0
    assert of_instalments(instalment(1, dt.date(2024, 4, 10), 1))["late_months_24m"] == 1
    assert of_instalments(instalment(1, dt.date(2020, 1, 10), None))["longest_late_run_24m"] == 24


def report(reported_on=dt.date(2026, 1, 10), **more):
    return {"report": "r-1", "reported_on": reported_on, "known_on": reported_on} | more


def of_reports(*reports):
    return values(credit_reports=reports)


def test_only_the_newest_report_speaks_and_only_for_a_year():
    old = report(dt.date(2025, 3, 16), revolving_limit_fen=100, revolving_used_fen=90)
    new = report(report="r-2", revolving_limit_fen=100, revolving_used_fen=20)
    assert of_reports(old)["revolving_use"] == 0.9
    assert of_reports(new, old)["revolving_use"] == 0.2
    assert of_reports({**old, "reported_on": dt.date(2025, 3, 15)})["revolving_use"] is None


def test_a_first_loan_by_the_report():
    assert of_reports(report(short_term_loans=0, mid_long_term_loans=0))["never_borrowed_reported"] == 1
    assert of_reports(report(short_term_loans=0, mid_long_term_loans=2))["never_borrowed_reported"] == 0
    assert of_reports(report(short_term_loans=0))["never_borrowed_reported"] is None


def test_weak_and_recovered_balances_by_the_report():
    row = of_reports(
        report(
            loan_balance_fen=1_000, special_mention_balance_fen=150, bad_balance_fen=50, recovered_balance_fen=1
        )
    )  # fmt: skip
    assert (row["weak_balance_reported"], row["recovery_reported"]) == (0.2, 1)


def guarantee(name="g-1", **more):
    starts_on = dt.date(2024, 1, 1)
    return {
        "guarantee": name, "guaranteed": "f-1", "amount_fen": 100, "starts_on": starts_on, "known_on": starts_on,
    } | more  # fmt: skip


def test_guarantees_stand_until_released_or_past_their_last_day():
    row = values(
        guarantees=[
            guarantee("g-1"), guarantee("g-2", ends_on=AS_OF), guarantee("g-3", ends_on=AS_OF - dt.timedelta(days=1)),
            guarantee("g-4", released_on=AS_OF), guarantee("g-5", released_on=LATER, called_on=dt.date(2025, 1, 1)),
        ]
    )  # fmt: skip
    assert (row["guarantees_amount"], row["guarantees_open"], row["guarantees_called_60m"]) == (300, 3, 1)


def enquiry(on, lender="b-1", reason="loan_approval"):
    return {"on": on, "lender": lender, "reason": reason, "known_on": on}


def test_each_enquiring_lender_counts_once_to_the_day():
    row = values(
        enquiries=[
            enquiry(dt.date(2025, 12, 16)), enquiry(dt.date(2026, 3, 1)), enquiry(AS_OF, "b-2"),
            enquiry(dt.date(2025, 12, 15), "b-3"), enquiry(dt.date(2025, 9, 15), "b-4"),
            enquiry(dt.date(2026, 3, 1), "b-5", "post_loan"),
        ]
    )  # fmt: skip
    assert (row["enquiring_lenders_3m"], row["enquiring_lenders_6m"]) == (2, 3)


def title(name="t-1", **more):
    acquired_on = dt.date(2015, 1, 1)
    return {
        "title": name, "kind": "office", "appraised_fen": 100, "acquired_on": acquired_on, "known_on": acquired_on,
    } | more  # fmt: skip


def test_real_estate_held_mortgaged_and_seized():
    """Held: 100 mortgaged, 300 released again, one of unknown value that is seized; the fourth is sold."""
    began, ended = dt.date(2020, 1, 1), dt.date(2025, 1, 1)
    titles = [
        title("t-1", mortgaged_on=began),
        title("t-2", appraised_fen=300, mortgaged_on=began, mortgage_released_on=ended, seized_on=began,
              seizure_lifted_on=ended),
        title("t-3", appraised_fen=None, seized_on=began),
        title("t-4", sold_on=ended, seized_on=began),
    ]  # fmt: skip
    row = values(real_estate=titles)
    assert (row["real_estate_held"], row["real_estate_value"], row["real_estate_mortgaged_share"]) == (3, 400, 0.25)
    assert (row["real_estate_seized"], values(real_estate=titles[:2])["real_estate_seized"]) == (1, 0)


def tables_of_both():
    return st.fixed_dictionaries(STRATEGIES)


def profile(tables, enterprises=ENTERPRISES):
    frames = {name: pl.DataFrame(rows, schema=TABLES[name].dtypes) for name, rows in tables.items()}
    return profiles(
        Records.of(frames, enterprises=pl.Series(ENTERPRISES)).only(pl.Series(enterprises)), FEATURES, AS_OF
    )


def with_rows(tables, change):
    """Every row of every table as `change(table, row)` makes it."""
    return {name: [change(TABLES[name], row) for row in rows] for name, rows in tables.items()}


@given(tables_of_both())
def test_samples_keep_the_contract(tables):
    for name, rows in tables.items():
        checked = validate(TABLES[name], pl.DataFrame(rows, schema=TABLES[name].dtypes), today=TODAY)
        assert checked.rejects.is_empty()


@given(tables_of_both())
def test_a_profile_is_the_same_alone_and_in_a_batch_and_finite(tables):
    together = profile(tables)
    for code in ENTERPRISES:
        assert_frame_equal(profile(tables, [code]), together.filter(enterprise_id=code), check_exact=True)
    values = together.select(one.name for one in FEATURES)
    assert all(values.select(pl.all().is_finite().all()).row(0))


@given(tables_of_both(), tables_of_both())
def test_nothing_known_later_changes_a_profile(tables, more):
    future = with_rows(more, lambda _, row: {**row, "known_on": max(row["known_on"], LATER)})
    with_future = {name: rows + future[name] for name, rows in tables.items()}
    assert_frame_equal(profile(with_future), profile(tables), check_exact=True)


@given(tables_of_both())
def test_a_change_of_tomorrow_changes_nothing_today(tables):
    def changed(table, row):
        return row | {change: LATER for change in table.changes_later if row[change] is None}

    assert_frame_equal(profile(with_rows(tables, changed)), profile(tables), check_exact=True)


@given(tables_of_both(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(tables, random):
    shuffled = {name: random.sample(rows, len(rows)) for name, rows in tables.items()}
    assert_frame_equal(profile(shuffled), profile(tables), check_exact=True)


@given(tables_of_both())
def test_doubling_all_money_changes_amounts_only(tables):
    def doubled(_, row):
        return row | {name: 2 * row[name] for name in row if name.endswith("_fen") and row[name] is not None}

    scale_free = [one.name for one in FEATURES if one.unit != "fen"]
    assert_frame_equal(
        profile(with_rows(tables, doubled)).select(scale_free), profile(tables).select(scale_free), rel_tol=1e-12
    )


@given(tables_of_both())
def test_panels_agree_with_plain_python(tables):
    seen = profile(tables)
    for code in ENTERPRISES:
        own = {name: [row for row in rows if row["enterprise_id"] == code] for name, rows in tables.items()}
        expected = reference(own, AS_OF)
        by_hand = pl.DataFrame([expected], schema=dict.fromkeys(expected, pl.Float64))
        assert_frame_equal(seen.filter(enterprise_id=code).select(*expected), by_hand, rel_tol=1e-12, abs_tol=0)
