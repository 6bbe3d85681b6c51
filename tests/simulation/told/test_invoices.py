"""Invoices of a community: their contract, two sides of one invoice, what strain, rings and shells change."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from simulation.assumed import calendar as days
from simulation.assumed import invoices as assumed
from simulation.assumed.city import SHELL_LIFE
from simulation.community import Community
from simulation.firms import IDLE, NEVER, RING, SHELL
from simulation.partners import inside_names
from simulation.told.invoice_values import ring_values, sales_flow
from simulation.told.invoices import vat_invoices
from simulation.told.network import inside_buyer, partners, scattered, ties, zipf

SAME = ["code", "number", "issued_on", "net_fen", "vat_fen", "voided_on", "red_letter_of", "kind", "goods_code", "risk"]
MUTUAL = [*SAME, "known_on"]


def told(community: Community) -> pl.DataFrame:
    return community.invoices.with_columns(
        month=pl.col("issued_on").dt.year() * 12 + pl.col("issued_on").dt.month() - 1 - first_month(community)
    )


def first_month(community: Community) -> int:
    return int(community.calendar.starts[0].astype("M8[M]").astype(np.int64)) + 1970 * 12


def strained(community: Community, level: float) -> Community:
    lives = replace(community.lives, strain=np.full_like(community.lives.strain, level))
    return replace(community, lives=lives, firms=replace(community.firms, openness=np.ones(len(community.firms))))


@pytest.fixture(scope="module")
def ringed(community: Community) -> Community:
    """The community with its first three firms that always trade made a ring."""
    firms, lives = community.firms, community.lives
    always = lives.trading[:, community.calendar.first :].all(axis=1) & (firms.role != SHELL)
    ring, role = np.full(len(firms), -1), firms.role.copy()
    members = np.flatnonzero(always)[:3]
    ring[members], role[members] = 0, RING
    return replace(community, firms=replace(firms, ring=ring, role=role))


def test_the_same_community_tells_the_same(community: Community) -> None:
    assert vat_invoices(community).equals(community.invoices)


def test_nothing_is_told_before_the_told_months_or_after_a_firm_has_closed(community: Community) -> None:
    rows = told(community)
    closed = pl.Series(community.lives.closed).gather(rows["firm"])
    assert rows["month"].min() == community.calendar.first
    assert rows.filter((pl.col("direction") == "issued") & (pl.col("month") >= closed)).is_empty()
    idle = pl.Series(community.firms.role == IDLE).gather(rows["firm"])
    assert rows.filter(idle).is_empty()


def test_an_invoice_inside_the_community_is_told_alike_to_both_sides(community: Community) -> None:
    rows, names = community.invoices, community.firms.pseudonyms
    sold = rows.filter(pl.col("direction") == "issued", pl.col("counterparty").is_in(names.implode()))
    bought = rows.filter(pl.col("direction") == "received", pl.col("counterparty").is_in(names.implode()))
    by_seller = sold.with_columns(seller=names.gather(sold["firm"]), buyer="counterparty")
    by_buyer = bought.with_columns(seller="counterparty", buyer=names.gather(bought["firm"]))
    sides = [
        side.select("seller", "buyer", *MUTUAL).sort("seller", "buyer", "issued_on", "number")
        for side in (by_seller, by_buyer)
    ]
    assert sold.height > 100
    assert sides[0].equals(sides[1])


def test_firms_inside_buy_only_while_they_trade(community: Community) -> None:
    rows = told(community).filter(pl.col("direction") == "received", pl.col("net_fen") > 0)
    inside = rows.filter(pl.col("counterparty").is_in(community.firms.pseudonyms.implode()))
    assert community.lives.trading[inside["firm"].to_numpy(), inside["month"].to_numpy()].all()


def test_valid_invoices_add_up_to_the_books(community: Community) -> None:
    rows = told(community).filter(pl.col("voided_on").is_null(), pl.col("direction") == "issued")
    firm, month = rows.row(rows.height // 2, named=True)["firm"], rows["month"][rows.height // 2]
    cell = rows.filter(pl.col("firm") == firm, pl.col("month") == month)
    assert community.books.issued_net[firm, month] == cell["net_fen"].sum()
    assert community.books.issued_vat[firm, month] == cell["vat_fen"].sum()


def test_most_sales_are_invoiced_and_never_much_more_than_there_were(community: Community) -> None:
    firms, lives = community.firms, community.lives
    usual = ~np.isin(firms.role, [SHELL, RING])
    first = community.calendar.first
    share = community.books.issued_net[usual].sum() / (100 * lives.sales[usual, first:].sum())
    assert 0.75 < share < 1.05


def test_paper_invoices_are_voided_in_their_month_and_digital_ones_never(community: Community) -> None:
    void = community.invoices.filter(pl.col("voided_on").is_not_null())
    assert void["issued_on"].max() <= days.LAST_PAPER_DAY
    assert (void["voided_on"].dt.month_start() == void["issued_on"].dt.month_start()).all()


def test_a_red_letter_names_a_blue_invoice_between_the_same_two_and_reverses_no_more(community: Community) -> None:
    rows = community.invoices.filter(pl.col("voided_on").is_null())
    red = rows.filter(pl.col("net_fen") < 0)
    both = ["firm", "direction", "counterparty"]
    blue = rows.filter(pl.col("net_fen") > 0).select(*both, pl.col("number", "issued_on", "net_fen"))
    matched = red.join(blue, left_on=[*both, "red_letter_of"], right_on=[*both, "number"], suffix="_blue")
    assert red["red_letter_of"].null_count() == 0
    assert red.height > 100
    assert (
        red.height
        == matched.filter(
            pl.col("issued_on") > pl.col("issued_on_blue"), pl.col("net_fen_blue") + pl.col("net_fen") >= 0
        ).height
    )


def test_digital_numbers_have_twenty_digits_and_no_code(community: Community) -> None:
    digital = pl.col("issued_on") > days.LAST_PAPER_DAY
    lengths = community.invoices.group_by(digital.alias("digital")).agg(
        pl.col("number").str.len_chars().unique(), pl.col("code").null_count(), pl.len()
    )
    by_era = {row["digital"]: row for row in lengths.to_dicts()}
    assert by_era[True]["number"] == [20]
    assert by_era[True]["code"] == by_era[True]["len"]
    assert by_era[False]["number"] == [8]
    assert by_era[False]["code"] == 0


def test_a_small_scale_taxpayer_charges_no_rate_above_five_percent(community: Community) -> None:
    rows = community.invoices.filter(pl.col("direction") == "issued", pl.col("net_fen") > 100_000)
    small = pl.Series(community.firms.small_scale).gather(rows["firm"])
    rate = rows.select(pl.col("vat_fen") / pl.col("net_fen")).to_series()
    assert rate.filter(small).max() < 0.051
    assert rate.filter(~small).max() > 0.12


def test_a_ring_invoices_as_much_to_each_member_as_the_member_invoices_on(ringed: Community) -> None:
    values, firms = ring_values(ringed), ringed.firms
    members = np.flatnonzero(firms.ring == 0)
    assert values[members].sum() > 0
    assert (values[members] == values[members[0]]).all()
    assert (values[firms.ring < 0] == 0).all()


def test_more_goes_round_a_ring_under_strain(ringed: Community) -> None:
    calm, poor = (ring_values(strained(ringed, level)).sum() for level in (0.0, 1.0))
    assert poor > 2 * calm


def test_ring_invoices_go_round(ringed: Community) -> None:
    firms = ringed.firms
    members = np.flatnonzero(firms.ring == 0)
    sold = ringed.invoices.filter(pl.col("direction") == "issued")
    for seller, buyer in zip(members.tolist(), np.roll(members, -1).tolist(), strict=True):
        name = inside_names(firms, np.array([buyer]))[0]
        assert not sold.filter(pl.col("firm") == seller, pl.col("counterparty") == name).is_empty()


def test_a_shell_sells_papers_without_buying_and_only_in_its_last_months(community: Community) -> None:
    firms = community.firms
    flow = sales_flow(community)
    shells = np.flatnonzero((firms.role == SHELL) & (firms.stopped < NEVER))
    busy = flow.value[shells].sum(axis=1) > 0
    months = np.arange(flow.value.shape[1])
    stopped = np.minimum(firms.stopped, community.lives.closed)[shells, None]
    last = (months >= stopped - SHELL_LIFE[1]) & (months < stopped)
    assert busy.any()
    assert ((flow.value[shells] == 0) | last).all()
    papers = community.invoices.filter(pl.col("firm").is_in(shells)).group_by("direction").agg(pl.col("net_fen").sum())
    by_side = dict(papers.iter_rows())
    assert by_side.get("received", 0) < 0.1 * by_side["issued"]


def test_strain_makes_fewer_and_more_wrong_invoices(community: Community) -> None:
    calm, poor = (vat_invoices(strained(community, level)) for level in (0.0, 1.0))
    calm, poor = (rows.filter(pl.col("direction") == "issued") for rows in (calm, poor))
    paper = pl.col("issued_on") <= days.LAST_PAPER_DAY
    void = [rows.filter(paper).select(pl.col("voided_on").is_not_null().mean()).item() for rows in (calm, poor)]
    assert poor.height < 0.9 * calm.height
    assert void[1] > 1.5 * void[0]


def test_strain_that_does_not_show_changes_no_invoice(community: Community) -> None:
    hidden = replace(community, firms=replace(community.firms, openness=np.zeros(len(community.firms))))
    at_ease = replace(hidden, lives=replace(hidden.lives, strain=np.zeros_like(hidden.lives.strain)))
    ring = community.firms.ring >= 0
    rows = [vat_invoices(one) for one in (hidden, at_ease)]
    rows = [one.filter(~pl.Series(ring).gather(one["firm"])) for one in rows]
    assert rows[0].height == pytest.approx(rows[1].height, rel=0.02)


def test_partners_leave_sooner_under_strain(community: Community) -> None:
    calm, poor = (partners(strained(community, level), "buyer") for level in (0.0, 1.0))
    firm, luck = np.arange(200).repeat(50), np.tile(np.linspace(0.01, 0.99, 50), 200)
    first, last = np.full(len(firm), community.calendar.first), np.full(len(firm), community.calendar.months - 1)
    stayed = [(one.pick(firm, first, luck) == one.pick(firm, last, luck)).mean() for one in (calm, poor)]
    assert stayed[1] < stayed[0] - 0.1


def test_the_anchor_stays_the_same_buyer(community: Community) -> None:
    buyers = partners(community, "buyer")
    firm = np.flatnonzero(community.firms.anchor > 0.1)
    for month in (0, community.calendar.months - 1):
        assert (buyers.pick(firm, np.full(len(firm), month), np.full(len(firm), 0.05)) == 0).all()


def test_places_follow_zipf() -> None:
    luck = (np.arange(100_000) + 0.5) / 100_000
    place = zipf(luck, np.full(len(luck), 4), np.full(len(luck), 1.0))
    # The power law between 1 and 5: log 2 / log 5 of it lies below 2.
    assert (place == 0).mean() == pytest.approx(np.log(2) / np.log(5), abs=0.001)
    assert set(place.tolist()) == {0, 1, 2, 3}


def test_scattered_numbers_are_uniform_and_do_not_depend_on_the_order_they_are_asked_in() -> None:
    firm, place = np.divmod(np.arange(40_000), 200)
    numbers = scattered(7, firm, place)
    assert np.histogram(numbers, bins=4, range=(0, 1))[0] == pytest.approx(10_000, rel=0.05)
    assert (scattered(7, firm[::-1], place[::-1]) == numbers[::-1]).all()
    assert (scattered(8, firm, place) != numbers).mean() > 0.99


def test_ties_stay_small_for_the_buyer_and_join_no_firm_to_itself(community: Community) -> None:
    firms, found = community.firms, ties(community)
    there = found.buyer >= 0
    bought = (firms.sales * (1 - firms.margin))[found.buyer]
    assert (found.buyer != np.arange(200)[:, None]).all()
    assert (found.share * firms.sales[:, None] <= assumed.TIE_MOST * bought + 1e-6)[there].all()
    assert (found.share[~there] == 0).all()


def test_a_buyer_that_does_not_trade_buys_nothing(community: Community) -> None:
    found = ties(community)
    firm = np.arange(200)
    nobody = np.zeros(found.buyer.shape, dtype=bool)
    assert (inside_buyer(found, firm, np.zeros(200), nobody) == -1).all()
    some = inside_buyer(found, firm, np.zeros(200), ~nobody)
    assert (some[found.share[:, 0] > 0] == found.buyer[found.share[:, 0] > 0, 0]).all()
