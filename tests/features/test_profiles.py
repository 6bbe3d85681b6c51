import datetime as dt

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from samples import AS_OF, ENTERPRISES, TODAY, invoice, invoice_frame, records_of

from features.profile import profiles
from features.sets import INVOICE_FLOW
from sources.contracts import VAT_INVOICES
from sources.records import Records
from sources.validation import validate

LATER = AS_OF + dt.timedelta(days=1)


def profile(rows, as_of=AS_OF):
    return profiles(records_of(rows), INVOICE_FLOW, as_of)


def with_new_void(row):
    return row if row["voided_on"] else {**row, "voided_on": LATER}


@given(st.lists(invoice(), max_size=40))
def test_a_profile_is_the_same_alone_and_in_a_batch(rows):
    together = profile(rows)
    for code in ENTERPRISES:
        alone = profiles(records_of(rows).only(pl.Series([code])), INVOICE_FLOW, AS_OF)
        assert_frame_equal(alone, together.filter(enterprise_id=code), check_exact=True)


@given(st.lists(invoice(), max_size=40), st.lists(invoice(newest=LATER + dt.timedelta(days=300)), max_size=10))
def test_nothing_known_later_changes_a_profile(rows, more):
    future = [{**row, "known_on": max(row["known_on"], LATER)} for row in more]
    assert_frame_equal(profile(rows + future), profile(rows), check_exact=True)


@given(st.lists(invoice(), max_size=30), st.lists(invoice(), max_size=5), st.data())
def test_later_versions_of_invoices_change_nothing(rows, more, data):
    """Through validation, which settles what is right of several versions: a void that becomes known only later."""
    known = [row for row in rows if row["known_on"] <= AS_OF]
    later = [
        {**row, "voided_on": max(row["issued_on"], data.draw(st.dates(AS_OF, LATER))), "known_on": LATER}
        for row in [*known[::2], *more]
    ]

    def validated(some):
        checked = validate(VAT_INVOICES, invoice_frame(some), today=TODAY)
        records = Records.of({"vat_invoices": checked.rows}, enterprises=pl.Series(ENTERPRISES))
        return profiles(records, INVOICE_FLOW, AS_OF)

    assert_frame_equal(validated(known + later), validated(known), check_exact=True)


@given(st.lists(invoice(), max_size=40))
def test_a_later_void_changes_nothing(rows):
    assert_frame_equal(profile([with_new_void(row) for row in rows]), profile(rows), check_exact=True)


@given(st.lists(invoice(), max_size=40).flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))))
def test_the_order_of_rows_changes_nothing(orders):
    rows, shuffled = orders
    assert_frame_equal(profile(shuffled), profile(rows), check_exact=True)


@given(st.lists(invoice(), max_size=40))
def test_other_names_for_firms_and_counterparties_change_nothing(rows):
    swapped = dict(zip(ENTERPRISES, reversed(ENTERPRISES), strict=True))
    renamed = [
        {**row, "enterprise_id": swapped[row["enterprise_id"]], "counterparty": f"z{row['counterparty'][::-1]}"}
        for row in rows
    ]
    there = profile(renamed).with_columns(pl.col("enterprise_id").replace(swapped)).sort("enterprise_id")
    assert_frame_equal(there, profile(rows), check_exact=True)


@given(st.lists(invoice(), max_size=40))
def test_doubling_all_money_leaves_every_share_and_ratio_unchanged(rows):
    doubled = [{**row, "net_fen": 2 * row["net_fen"], "vat_fen": 2 * row["vat_fen"]} for row in rows]
    scale_free = [f.name for f in INVOICE_FLOW if f.unit != "fen" and f.name != "round_amount_share_12m"]
    assert_frame_equal(profile(doubled).select(scale_free), profile(rows).select(scale_free), rel_tol=1e-12)


def test_without_the_block_every_feature_is_null_and_the_flag_says_so():
    without = profiles(Records.of({}, enterprises=pl.Series(ENTERPRISES)), INVOICE_FLOW, AS_OF)
    assert without.height == 2
    names = [one.name for one in INVOICE_FLOW]
    assert without.select(names).null_count().sum_horizontal().item() == 2 * len(names)
    assert without["has_invoice"].to_list() == [False, False]


def test_an_empty_table_gives_observed_zeros_and_undefined_shares():
    row = profile([]).row(0, named=True)
    assert row["has_invoice"]
    assert (row["sales_12m"], row["buyers_12m"], row["active_months_12m"], row["months_observed"]) == (0, 0, 0, 0)
    assert row["silent_months_12m"] is None, "no month was observed that could have been silent"
    assert row["void_share_12m"] is None
    assert row["days_since_last_sale"] is None


def sale(day, net, **other):
    return {
        "enterprise_id": ENTERPRISES[0], "direction": "issued", "code": None, "number": f"{day}{net}", "issued_on": day,
        "counterparty": "c-1", "net_fen": net, "vat_fen": 0, "voided_on": None, "red_letter_of": None, "known_on": day,
    } | other  # fmt: skip


def value_of(name, rows, as_of=AS_OF):
    return profiles(records_of(rows), INVOICE_FLOW, as_of).filter(enterprise_id=ENTERPRISES[0])[name].item()


def test_sums_use_complete_months_only_and_recency_counts_days_to_the_day():
    rows = [sale(dt.date(2026, 3, 10), 500), sale(dt.date(2026, 2, 10), 70), sale(dt.date(2025, 3, 1), 8),
            sale(dt.date(2025, 2, 28), 9)]  # fmt: skip
    assert value_of("sales_12m", rows) == 78
    assert value_of("days_since_last_sale", rows) == 5


def test_a_moving_spring_festival_does_not_look_like_growth():
    """2025: festival on 29 January, 2026: on 17 February; the two months together sold the same."""
    year = {1: (20, 80), 2: (80, 20)}
    rows = [sale(dt.date(2025 + i, month, 5), amounts[i]) for month, amounts in year.items() for i in (0, 1)]
    rows += [sale(dt.date(2024, 1, 5), 1)]
    assert value_of("sales_growth_2m_yoy", rows, dt.date(2026, 3, 1)) == 0
    assert value_of("sales_growth_2m_yoy", rows, dt.date(2026, 3, 31)) == 0


def test_the_two_month_growth_waits_for_the_second_month():
    rows = [sale(dt.date(2025, 11, 5), 150), sale(dt.date(2024, 11, 5), 100), sale(dt.date(2026, 1, 5), 9_999)]
    assert value_of("sales_growth_2m_yoy", rows, dt.date(2026, 2, 1)) == 0.5


def test_february_silence_is_no_break():
    rows = [sale(dt.date(2025, month, 5), 10) for month in range(3, 13)]
    assert value_of("silent_months_12m", rows) == 0
    assert value_of("active_months_12m", rows) == 10


def test_voided_invoices_are_no_sales_but_count_as_voided():
    day = dt.date(2024, 1, 5)
    rows = [sale(day, 100), sale(day, 300, voided_on=day)]
    assert value_of("sales_12m", rows, dt.date(2024, 3, 15)) == 100
    assert value_of("void_share_12m", rows, dt.date(2024, 3, 15)) == 0.5
    assert value_of("void_amount_share_12m", rows, dt.date(2024, 3, 15)) == 0.75


def test_trade_in_a_circle_is_the_matched_part():
    day = dt.date(2026, 1, 5)
    rows = [sale(day, 100), sale(day, 60, direction="received"), sale(day, 300, counterparty="c-2")]
    assert value_of("circular_share_12m", rows) == 60 / 400
    assert value_of("circular_partners_12m", rows) == 1


def test_a_red_letter_lowers_sales_and_shows_in_its_share():
    day = dt.date(2026, 1, 5)
    rows = [sale(day, 100), sale(day, -40, red_letter_of="x")]
    assert value_of("sales_12m", rows) == 60
    assert value_of("red_amount_share_12m", rows) == 0.4


def test_concentration_and_retention_by_hand():
    now, then = dt.date(2026, 1, 5), dt.date(2025, 1, 5)
    rows = [sale(now, 75), sale(now, 25, counterparty="c-2"), sale(then, 50), sale(then, 30, counterparty="c-3")]
    rows += [sale(dt.date(2024, 2, 29), 1, counterparty="c-4")]
    assert value_of("top1_buyer_share_12m", rows) == 0.75
    assert value_of("buyer_hhi_12m", rows) == 0.75**2 + 0.25**2
    assert value_of("buyer_retention_12m", rows) == 0.5
    assert value_of("lost_buyer_sales_share_12m", rows) == 30 / 80
    assert value_of("new_buyer_sales_share_12m", rows) == 0.25


def test_many_rows_sum_without_overflow():
    big = invoice_frame([sale(dt.date(2026, 1, 5), 10**13)]).select(pl.all().repeat_by(1000).explode())
    big = big.with_columns(number=pl.int_range(pl.len()).cast(pl.String))
    profile = profiles(Records.of({"vat_invoices": big}), INVOICE_FLOW, AS_OF)
    assert profile["sales_12m"].item() == 10**16
    assert profile["buyer_hhi_12m"].item() == 1.0
    assert profile["sales_variation_12m"].item() > 0
