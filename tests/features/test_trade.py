"""What orders and foreign trade say, by hand at the edges, by properties, and beside plain Python.

All stand on 15 March 2026: the last complete month is February 2026, the last twelve begin on 1 March 2025.
"""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from references.trade import reference
from samples import AS_OF, ENTERPRISES, TODAY
from samples_trade import STRATEGIES

from features.definition import Feature
from features.profile import profiles
from features.trade import exports, orders
from sources.contracts import TABLES
from sources.records import Records
from sources.validation import validate

FIRM = ENTERPRISES[0]
LATER = AS_OF + dt.timedelta(days=1)
FEATURES = [one for module in (exports, orders) for one in vars(module).values() if isinstance(one, Feature)]


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


def order(name="o-1", signed_on=dt.date(2026, 1, 10), amount_fen=1_000, **more):
    return {
        "order": name, "buyer": "b-1", "signed_on": signed_on, "amount_fen": amount_fen, "delivered_fen": 0,
        "due_on": dt.date(2026, 6, 1), "known_on": signed_on,
    } | more  # fmt: skip


def month(first, exports_fen=100, **more):
    return {
        "month": first, "exports_fen": exports_fen, "imports_fen": 0, "declared_on": first, "known_on": first,
    } | more  # fmt: skip


def of_orders(*orders):
    return values(orders=orders)


def of_customs(*months):
    return values(customs=months)


def test_without_orders_and_trade_sums_are_zero_and_shares_unknown():
    nothing = values(orders=[], customs=[])
    zeros = (
        "order_backlog",
        "orders_open",
        "orders_signed_12m",
        "exports_12m",
        "markets_max_12m",
        "tax_refund_pending",
    )
    assert [nothing[name] for name in zeros] == [0] * 6
    shares = ("backlog_secure_share", "orders_growth_12m", "orders_cancelled_share_24m", "largest_market_share_12m")
    assert [nothing[name] for name in shares] == [None] * 4


def test_the_backlog_is_what_is_still_to_be_delivered():
    """700 of 1,000, and 50 of 50 whose delivery is unknown; the third is delivered, the fourth called off."""
    row = of_orders(
        order("o-1", delivered_fen=300),
        order("o-2", amount_fen=50, delivered_fen=None),
        order("o-3", delivered_fen=1_000),
        order("o-4", cancelled_on=AS_OF),
    )
    assert (row["order_backlog"], row["orders_open"]) == (750, 2)


def test_an_order_called_off_tomorrow_is_still_at_hand():
    assert of_orders(order(cancelled_on=LATER))["order_backlog"] == 1_000


@pytest.mark.parametrize(("days", "at_hand"), [(90, True), (91, False)])
def test_an_order_is_at_hand_until_ninety_days_after_its_due_date(days, at_hand):
    late = order(signed_on=dt.date(2025, 6, 1), due_on=AS_OF - dt.timedelta(days=days))
    assert (of_orders(late)["order_backlog"] > 0) == at_hand


@pytest.mark.parametrize(("signed_on", "at_hand"), [(dt.date(2024, 3, 1), True), (dt.date(2024, 2, 29), False)])
def test_an_order_without_a_due_date_is_at_hand_for_two_years(signed_on, at_hand):
    assert (of_orders(order(signed_on=signed_on, due_on=None))["order_backlog"] > 0) == at_hand


def test_an_order_called_off_long_ago_does_not_come_back_when_that_is_forgotten():
    old = dt.date(2020, 1, 10)
    for due_on in (None, dt.date(2020, 6, 1)):
        assert of_orders(order(signed_on=old, due_on=due_on, cancelled_on=old))["order_backlog"] == 0


def test_shares_of_the_backlog_by_buyer():
    """By buyer 700 + 100, 200 and 1,000 of 2,000; known kinds hold 1,800, of which 800 are state-owned or listed."""
    row = of_orders(
        order("o-1", amount_fen=700, buyer_kind="state_owned"),
        order("o-2", amount_fen=100, buyer_kind="listed"),
        order("o-3", amount_fen=200, buyer="b-2"),
        order("o-4", amount_fen=1_000, buyer="b-3", buyer_kind="small"),
    )
    assert row["backlog_top_buyer_share"] == 1_000 / 2_000
    assert row["backlog_secure_share"] == 800 / 1_800


def test_orders_signed_and_their_growth_over_complete_months():
    """Signed 300 and 200 in the year, 400 in the year before; March 2026 and what was called off are no part of it."""
    rows = [
        order("o-1", dt.date(2025, 3, 1), 300),
        order("o-2", dt.date(2026, 2, 28), 200),
        order("o-3", dt.date(2024, 3, 1), 400),
        order("o-4", dt.date(2026, 3, 1), 9_999),
        order("o-5", dt.date(2025, 5, 1), 9_999, cancelled_on=dt.date(2025, 6, 1)),
    ]
    row = of_orders(*rows)
    assert (row["orders_signed_12m"], row["order_mean_12m"], row["orders_growth_12m"]) == (500, 250, 0.25)
    rows[2] = order("o-3", dt.date(2024, 4, 1), 400)
    assert of_orders(*rows)["orders_growth_12m"] is None, "one month of the year before was not seen"


def test_undelivered_is_a_share_of_what_fell_due_in_the_year():
    row = of_orders(
        order("o-1", dt.date(2025, 1, 1), 400, due_on=dt.date(2025, 3, 1), delivered_fen=300),
        order("o-2", dt.date(2025, 1, 1), 600, due_on=dt.date(2026, 2, 28), delivered_fen=600),
        order("o-3", dt.date(2025, 1, 1), 999, due_on=dt.date(2026, 3, 1)),
        order("o-4", dt.date(2025, 1, 1), 999, due_on=dt.date(2025, 4, 1), delivered_fen=None),
    )
    assert row["undelivered_share_12m"] == 100 / 1_000


def test_what_is_delivered_and_not_paid_needs_both_numbers():
    row = of_orders(
        order("o-1", delivered_fen=800, paid_fen=500),
        order("o-2", delivered_fen=100, paid_fen=400),
        order("o-3", delivered_fen=800, paid_fen=None),
    )
    assert row["delivered_unpaid_36m"] == 300


def test_the_share_called_off_is_of_orders_signed_in_two_years():
    row = of_orders(
        order("o-1", dt.date(2024, 3, 1), cancelled_on=dt.date(2026, 3, 1)),
        order("o-2"),
        order("o-3"),
        order("o-4", dt.date(2024, 2, 28), cancelled_on=dt.date(2024, 3, 1)),
    )
    assert row["orders_cancelled_share_24m"] == 1 / 3


def test_the_next_delivery_is_of_an_order_at_hand():
    row = of_orders(
        order("o-1", due_on=AS_OF + dt.timedelta(days=30)),
        order("o-2", due_on=AS_OF + dt.timedelta(days=5), delivered_fen=1_000),
        order("o-3", due_on=AS_OF - dt.timedelta(days=5)),
    )
    assert row["days_to_next_delivery"] == 30


def test_exports_of_complete_months_and_their_growth():
    """120 and 30 in the year, 100 in the year before."""
    row = of_customs(
        month(dt.date(2026, 2, 1), 120, markets=3, imports_fen=7, duty_fen=5),
        month(dt.date(2025, 3, 1), 30, markets=9, duty_fen=11),
        month(dt.date(2024, 3, 1), 100, markets=20),
        month(dt.date(2026, 3, 1), 9_999),
    )
    assert (row["exports_12m"], row["exports_growth_12m"], row["export_months_12m"]) == (150, 0.5, 2)
    assert (row["markets_max_12m"], row["imports_12m"], row["duty_3m"]) == (9, 7, 5)


def test_a_month_counts_by_its_newest_version():
    first = dt.date(2026, 1, 1)
    assert of_customs(month(first, 100), month(first, 60, known_on=dt.date(2026, 2, 20)))["exports_12m"] == 60


def test_the_largest_market_weighs_by_exports():
    """(0.5 x 300 + 1 x 100) / 400; a month whose share is unknown has no weight."""
    row = of_customs(
        month(dt.date(2026, 1, 1), 300, largest_market_share_bp=5_000),
        month(dt.date(2026, 2, 1), 100, largest_market_share_bp=10_000),
        month(dt.date(2025, 12, 1), 900),
    )
    assert row["largest_market_share_12m"] == 250 / 400


def test_the_refund_is_the_newest_that_is_told():
    row = of_customs(
        month(dt.date(2025, 12, 1), refund_pending_fen=40),
        month(dt.date(2026, 1, 1), refund_pending_fen=25),
        month(dt.date(2026, 2, 1)),
    )
    assert row["tax_refund_pending"] == 25


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
