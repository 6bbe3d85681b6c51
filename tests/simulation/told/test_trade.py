"""Contracts come before the sales they bring and are reported as real sales allow; foreign trade adds up."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from told_rows import under_contract

from simulation.firms import PAPER_BAD, SHELL, ZERO_FILER
from simulation.told.trade import customs, orders

TELLERS = {"orders": orders, "customs": customs}


def with_lives(community, **changed):
    return replace(community, lives=replace(community.lives, **changed))


@pytest.fixture(scope="module")
def contracts(community):
    """The newest version of every contract."""
    return orders(community).sort("known_on").group_by("firm", "order", maintain_order=True).last()


@pytest.mark.parametrize("name", TELLERS)
def test_what_is_known_on_a_day_does_not_hang_on_later_months(community, name):
    calendar_, lives = community.calendar, community.lives
    month = calendar_.first + 15
    later = np.arange(calendar_.months) >= month
    other = with_lives(
        community,
        sales=np.where(later, 0.3 * lives.sales, lives.sales),
        purchases=np.where(later, 0.3 * lives.purchases, lives.purchases),
        strain=np.where(later, 1.0, lives.strain),
    )
    day = calendar_.last_day_of(month - 1)
    assert_frame_equal(under_contract(other, name, day), under_contract(community, name, day))


def test_some_firms_work_by_contract_but_no_shell_and_no_zero_filer(community, contracts):
    firms = contracts["firm"].unique().to_numpy()
    assert 0.1 < len(firms) / len(community.firms) < 0.35
    assert not np.isin(community.firms.role[firms], [SHELL, ZERO_FILER]).any()


def test_progress_never_goes_back(community):
    rows = orders(community).sort("firm", "order", "known_on")
    for told in ("delivered_fen", "paid_fen"):
        steps = rows.select(pl.col(told).diff().over("firm", "order")).to_series()
        assert (steps.drop_nulls() >= 0).all()


def test_nothing_is_delivered_in_the_month_of_the_signature(community):
    rows = orders(community)
    fresh = rows.filter(pl.col("known_on") < pl.col("signed_on").dt.month_end())
    assert fresh.height
    assert fresh["delivered_fen"].fill_null(0).max() == 0


def test_less_is_delivered_in_time_when_sales_break_away(community):
    lives, last = community.lives, community.calendar.months
    broken = np.arange(last) >= last - 8
    fallen = with_lives(community, sales=np.where(broken, 0.2 * lives.sales, lives.sales))
    due = pl.col("due_on").is_between(community.calendar.starts[last - 4], community.calendar.ends[-1])
    before = pl.col("signed_on") < community.calendar.starts[last - 8]
    usual, less = (
        under_contract(one, "orders").filter(due, before, pl.col("cancelled_on").is_null())
        for one in (community, fallen)
    )
    both = usual.join(less, on=["enterprise_id", "order", "known_on"], suffix="_fallen")
    assert both["delivered_fen_fallen"].sum() < 0.9 * both["delivered_fen"].sum()


def test_strained_sellers_are_called_off_more_often(community):
    def called_off(strain):
        firms = replace(community.firms, openness=np.ones(len(community.firms)))
        hard = with_lives(community, strain=np.full_like(community.lives.strain, strain))
        return orders(replace(hard, firms=firms)).unique(["firm", "order"])["cancelled_on"].is_not_null().mean()

    assert called_off(1.0) > 2 * called_off(0.0) > 0


def test_no_version_is_told_after_the_contract_was_called_off(community):
    assert orders(community).filter(pl.col("known_on") > pl.col("cancelled_on")).is_empty()


def test_buyers_have_the_names_that_the_invoices_give_them(community, contracts):
    invoices = community.invoices.filter(pl.col("direction").cast(pl.String) == "issued")
    known = contracts["buyer"].is_in(invoices["counterparty"].unique().implode())
    assert known.mean() > 0.5


def test_a_buyer_is_of_one_kind(contracts):
    kinds = contracts.group_by("firm", "buyer").agg(pl.col("buyer_kind").n_unique())
    assert (kinds["buyer_kind"] == 1).all()


def test_behind_a_sound_firm_with_bad_papers_stands_a_safe_buyer(community):
    firms = community.firms
    everyone = replace(community, firms=replace(firms, role=np.full(len(firms), PAPER_BAD)))
    anchors = orders(everyone).filter(pl.col("buyer").str.ends_with("-0"), pl.col("buyer_kind").is_not_null())
    assert set(anchors["buyer_kind"]) <= {"government", "state_owned", "listed"}
    assert anchors.height


def test_exports_are_the_exported_share_of_sales(community):
    firms, lives, first = community.firms, community.lives, community.calendar.first
    told = customs(community).group_by("firm").agg(pl.col("exports_fen").sum() / 100)
    made = firms.export_share * lives.sales[:, first:].sum(axis=1)
    assert told["exports_fen"].sum() == pytest.approx(made.sum(), rel=0.1)


def test_only_exporters_export(community):
    exporters = customs(community).filter(pl.col("exports_fen") > 0)["firm"].unique().to_numpy()
    assert len(exporters)
    assert (community.firms.export_share[exporters] > 0).all()


def test_a_month_without_exports_has_no_largest_market(community):
    idle = customs(community).filter(pl.col("exports_fen") == 0)
    assert idle["largest_market_share_bp"].null_count() == idle.height > 0


def test_the_largest_of_several_markets_has_at_least_its_equal_share(community):
    rows = customs(community).filter(pl.col("exports_fen") > 0).drop_nulls("markets")
    assert (rows["largest_market_share_bp"] * rows["markets"] >= 9_950).all()
    assert (rows.filter(pl.col("markets") == 1)["largest_market_share_bp"] == 10_000).all()


def test_refunds_come_out_of_what_was_pending(community):
    rows = customs(community)
    assert rows["tax_refund_fen"].sum() > 0
    assert (rows["refund_pending_fen"] >= 0).all()
    none = community.firms.small_scale[rows["firm"].to_numpy()]
    assert rows.filter(pl.Series(none))["tax_refund_fen"].sum() == 0


def test_import_duty_and_vat_are_a_fifth_of_imports(community):
    # 5 % duty, then 13 % VAT on 1.05: 0.05 + 0.1365 = 0.1865, told as 19 %.
    rows = customs(community).filter(pl.col("imports_fen") > 0)
    assert ((rows["duty_fen"] - 0.19 * rows["imports_fen"]).abs() <= 1).all()
