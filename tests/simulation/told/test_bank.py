"""Bookings of a community: the balances follow the hidden cash, and trouble shows as it does in life."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.assumed import bank as assumed
from simulation.community import draw_community
from simulation.firms import IDLE, NEVER, PAPER_GOOD, RING, SHELL, ZERO_FILER
from simulation.told import people
from simulation.told.bank import bank_transactions
from simulation.told.bank_accounts import purses, settled
from simulation.told.bank_rows import KINDS, Bookings, split_by_weight
from simulation.told.bank_seen import TRAITS, Seen
from simulation.told.invoice_values import ring_values
from simulation.told.network import next_in_ring
from simulation.weather import weather
from sources.contracts import TABLES

TABLE = TABLES["bank_transactions"]
FEN = 100


@pytest.fixture(scope="module")
def told(community):
    return bank_transactions(community)


@pytest.fixture(scope="module")
def seen(community):
    random = community.random("bank_transactions")
    return Seen(community, random.random((len(TRAITS), len(community.firms))))


def month_of(days, seen):
    first = seen.community.calendar.starts[seen.month[0]].astype("M8[M]")
    return (days.to_numpy().astype("M8[M]") - first).astype(np.int64)


def by_month(rows, seen):
    """Number of bookings, firm × told month."""
    many = np.zeros(seen.exists.shape, np.int64)
    np.add.at(many, (rows["firm"].to_numpy(), month_of(rows["booked_on"], seen)), 1)
    return many


def stands(told, seen):
    """Fen on all accounts at the end of each month; NaN until each of the firm's accounts has had a booking."""
    rows = told.with_columns(month=month_of(told["booked_on"], seen))
    rows = rows.group_by("firm", "account", "month", maintain_order=True).last()
    held = np.full((*purses(seen).has.shape, len(seen.month)), np.nan)
    slot = rows["account"].str.slice(-1).cast(pl.Int64).to_numpy() - 1
    held[rows["firm"].to_numpy(), slot, rows["month"].to_numpy()] = rows["balance_after_fen"].to_numpy()
    for month in range(1, held.shape[2]):
        held[:, :, month] = np.where(np.isnan(held[:, :, month]), held[:, :, month - 1], held[:, :, month])
    never_used = np.isnan(held).all(axis=2, keepdims=True)
    return np.where(never_used, 0, held).sum(axis=1)


def test_the_same_community_tells_the_same(told, community):
    assert bank_transactions(replace(community)).equals(told)


def test_balances_run_on_from_booking_to_booking(told):
    signed = pl.when(pl.col("direction") == "in").then("amount_fen").otherwise(-pl.col("amount_fen"))
    before = pl.col("balance_after_fen").shift(1).over("account")
    assert told.select((pl.col("balance_after_fen") - before == signed).all()).item()


def test_bookings_are_numbered_within_account_and_day(told):
    place = pl.int_range(pl.len())
    assert told.select((pl.col("booking") == (place + 1).over("account").cast(pl.String)).all()).item()
    assert told.select((pl.col("sequence") == place.over("account", "booked_on")).all()).item()


def test_only_some_main_accounts_are_overdrawn_and_little(told, seen):
    limit = purses(seen).depth[told["firm"].to_numpy()] * told["account"].str.ends_with("-1").to_numpy()
    assert (told["balance_after_fen"].to_numpy() >= -limit).all()


def test_rows_are_known_up_to_three_days_later(told):
    delay = told.select((pl.col("known_on") - pl.col("booked_on")).dt.total_days()).to_series()
    assert set(delay.unique()) == {0, 1, 2, 3}


def test_month_ends_are_the_hidden_cash_of_firms_that_put_nothing_off_and_hide_nothing(told, seen, community):
    firms, held = community.firms, purses(seen)
    quarterly = firms.small_scale | seen.happens("quarterly", assumed.QUARTERLY_RENT)
    plain = ~quarterly & ~firms.dishonest & (firms.role != PAPER_GOOD) & (held.told == held.has).all(axis=1)
    balance = stands(told, seen)
    compared = plain[:, None] & seen.exists & ~np.isnan(balance)
    assert compared.sum() > 200
    np.testing.assert_allclose(balance[compared], FEN * seen.of("cash")[compared], atol=1)


def test_month_ends_are_near_the_hidden_cash_of_the_others_whose_accounts_are_all_told(told, seen, community):
    held, balance = purses(seen), stands(told, seen)
    compared = (held.told == held.has).all(axis=1)[:, None] & seen.exists & ~np.isnan(balance)
    months_of_sales = (balance / FEN - seen.of("cash")) / community.firms.sales[:, None]
    assert months_of_sales[compared].min() > -1e-6
    assert np.quantile(months_of_sales[compared], 0.95) < 0.5


def test_nothing_is_booked_before_a_firm_begins_or_after_it_ends(told, seen, community):
    firm = told["firm"].to_numpy()
    assert seen.exists[firm, month_of(told["booked_on"], seen)].all()
    assert not np.isin(firm, np.flatnonzero(community.firms.role == IDLE)).any()


def test_what_buyers_pay_carries_vat(told, seen):
    held = purses(seen)
    operating = told.filter(pl.col("direction") == "in", pl.col("purpose").is_in(["sales", "qr", "cash"]))
    came = np.bincount(operating["firm"], operating["amount_fen"] / FEN, len(held.has))
    receipts = seen.of("receipts").sum(axis=1)
    role, honest = seen.community.firms.role, ~seen.community.firms.dishonest
    plain = honest & (held.told == held.has).all(axis=1) & ~np.isin(role, [SHELL, RING]) & (receipts > 0)
    grossed = came[plain] / receipts[plain]
    assert (grossed > 1.005).all()
    assert (grossed < 1.35).all()


def test_contributions_are_those_that_the_other_sources_saw_paid(told, seen, community):
    booked = told.filter(pl.col("purpose") == "social_insurance").group_by("firm").agg(pl.col("amount_fen").sum())
    paid = pl.concat(
        table.select("firm", "paid_on", "paid_fen")
        for table in (people.social_insurance(community), people.housing_fund(community))
    ).filter(pl.col("paid_on").is_between(*told_days(seen)))
    exists = seen.exists[paid["firm"].to_numpy(), month_of(paid["paid_on"], seen)]
    expected = paid.filter(pl.Series(exists)).group_by("firm").agg(amount_fen=pl.col("paid_fen").sum())
    assert booked.sort("firm").equals(expected.filter(pl.col("amount_fen") > 0).sort("firm"))


def told_days(seen):
    calendar = seen.community.calendar
    return calendar.starts[calendar.first].item(), calendar.until


def test_every_loan_drawn_arrives_once(told, community):
    asked = community.lives.applications
    drawn = (asked.drawn > 0) & (asked.month >= community.calendar.first)
    drawn &= asked.month < community.lives.closed[asked.firm]
    arrived = told.filter(pl.col("purpose") == "loan_in")
    assert sorted(arrived["amount_fen"]) == sorted(np.rint(FEN * asked.drawn[drawn]).astype(np.int64))
    assert arrived["counterparty"].is_in(list(community.offers.banks)).all()


def test_partners_are_those_of_the_invoices(told, community):
    invoiced = community.invoices.select("firm", "counterparty").unique()
    paid = told.filter(pl.col("purpose") == "purchase").select("firm", "counterparty", "amount_fen")
    known = paid.join(invoiced, on=["firm", "counterparty"])["amount_fen"].sum() / paid["amount_fen"].sum()
    assert known > 0.5


def test_strain_that_shows_brings_returned_payments_and_fees(told, seen):
    trouble = told.filter(pl.col("purpose").is_in(["refund", "fee"]))
    often = by_month(trouble, seen)
    strained, at_ease = seen.shown > 0.5, seen.exists & (seen.shown < 0.05)
    assert often[strained].mean() > 1.5 * often[at_ease].mean()
    assert by_month(trouble.filter(pl.col("purpose") == "refund"), seen)[at_ease].sum() > 0


def test_hidden_strain_leaves_behaviour_alone(told, seen):
    often = by_month(told.filter(pl.col("purpose").is_in(["refund", "fee"])), seen)
    hidden = (seen.of("strain") > 0.5) & (seen.shown < 0.1)
    at_ease = seen.exists & (seen.of("strain") < 0.05)
    assert often[hidden].mean() < 1.5 * often[at_ease].mean()


def test_zero_filers_have_few_bookings(told, seen, community):
    many = by_month(told, seen)
    tiny = (community.firms.role == ZERO_FILER)[:, None] & seen.exists
    assert many[tiny].mean() < 0.6 * many[~tiny & seen.exists].mean()


def test_payment_codes_belong_to_trades_that_sell_to_consumers(told, community):
    firms = told.filter(pl.col("purpose") == "qr")["firm"].unique()
    assert set(community.firms.division[firms.to_numpy()].astype("U1")) <= {"F", "H", "O", "R", "A", "G"}


@pytest.fixture(scope="module")
def ringed(community):
    """The first community of the same city whose rings turn in the told months."""
    months, seed = community.calendar, community.firms.seed
    sky = weather(months, seed=seed)
    drawn = (draw_community(number, months, sky, seed=seed) for number in range(100))
    return next(one for one in drawn if ring_values(one)[:, months.first :].any())


def test_money_in_a_ring_goes_on_to_the_next_member(ringed):
    told, firms = bank_transactions(ringed), ringed.firms
    ahead = next_in_ring(firms)
    names = dict(enumerate(firms.pseudonyms))
    for member in np.flatnonzero(ring_values(ringed)[:, ringed.calendar.first :].any(axis=1)):
        mine = told.filter(pl.col("firm") == member)
        behind = int(np.flatnonzero(ahead == member)[0])
        came = mine.filter(pl.col("direction") == "in", pl.col("counterparty") == names[behind])
        went = mine.filter(pl.col("direction") == "out", pl.col("counterparty") == names[ahead[member]])
        assert came.height > 0
        assert sorted(came["amount_fen"]) == sorted(went["amount_fen"])


def test_what_a_shell_gets_leaves_it_within_days(told, seen, community):
    shells = np.flatnonzero((community.firms.role == SHELL) & (community.lives.closed > seen.month[0]))
    mine = told.filter(pl.col("firm").is_in(shells), pl.col("purpose").is_in(["sales", "other"]))
    flows = mine.group_by("firm", "direction").agg(pl.col("amount_fen").sum())
    came, went = (flows.filter(pl.col("direction") == side)["amount_fen"].sum() for side in ("in", "out"))
    assert came > 0
    assert went > 0.8 * came


def test_a_shell_has_no_staff_to_pay(told, community):
    shells = np.flatnonzero(community.firms.role == SHELL)
    assert told.filter(pl.col("firm").is_in(shells), pl.col("purpose") == "salary").is_empty()


def test_some_second_accounts_are_at_a_bank_that_tells_nothing(told, seen):
    held = purses(seen)
    untold = np.flatnonzero((held.has & ~held.told).any(axis=1))
    rows = told.filter(pl.col("firm").is_in(untold))
    assert not rows["account"].str.ends_with("-2").any()
    assert rows.filter(pl.col("purpose") == "internal", pl.col("counterparty") == "own-1").height > 0


def test_transfers_between_told_accounts_are_booked_on_both(told, seen):
    held = purses(seen)
    whole = np.flatnonzero((held.told == held.has).all(axis=1))
    moved = told.filter(pl.col("purpose") == "internal", pl.col("firm").is_in(whole))
    sides = [moved.filter(pl.col("direction") == side) for side in ("in", "out")]
    assert sides[0].height > 0
    assert sorted(sides[0].select("firm", "booked_on", "amount_fen").rows()) == sorted(
        sides[1].select("firm", "booked_on", "amount_fen").rows()
    )


def test_how_many_rows_a_firm_has(told, community):
    assert 500 < told.height / len(community.firms) < 1_000
    ordinary = told.group_by("firm", pl.col("booked_on").dt.truncate("1mo")).len()["len"]
    assert 20 < ordinary.median() < 45
    assert ordinary.quantile(0.99) < 130


def bookings(*rows):
    """Bookings of one account from (kind, fen, second)."""
    kind, amount, time = zip(*rows, strict=True)
    zero = np.zeros(len(rows), np.int64)
    kinds = np.array([KINDS.index(one) for one in kind])
    names = pl.Series("name", [None] * len(rows), dtype=pl.String)
    return Bookings(zero, zero, kinds, np.array(amount), np.array(time), names)


def test_a_payment_waits_until_money_covers_it_and_those_before_it():
    rows = bookings(("purchase", 60, 1), ("rent", 50, 2), ("sales", 40, 5), ("sales", 30, 9))
    # 50 are there. 60 need the 40 of second 5; 60 + 50 need 110 = 50 + 40 + 30, all of it at second 9.
    assert settled(rows, np.array([[50, 0, 0]])).time.tolist() == [5, 9, 5, 9]


def test_a_payment_that_is_covered_is_made_when_it_is_wanted():
    rows = bookings(("purchase", 50, 1), ("sales", 40, 5), ("rent", 40, 7))
    assert settled(rows, np.array([[50, 0, 0]])).time.tolist() == [1, 5, 7]


def test_an_overdraft_lets_a_payment_go_ahead():
    rows = bookings(("purchase", 60, 1), ("sales", 40, 5))
    assert settled(rows, np.array([[50, 0, 0]]), depth=np.array([10])).time.tolist() == [1, 5]


@given(
    totals=st.lists(st.integers(1, 10**12), min_size=1, max_size=5),
    counts=st.lists(st.integers(1, 6), min_size=5, max_size=5),
    seed=st.integers(0, 2**32),
)
def test_parts_add_up_to_the_fen(totals, counts, seed):
    cell = np.repeat(np.arange(len(totals)), counts[: len(totals)])
    parts = split_by_weight(cell, np.array(totals), np.random.default_rng(seed).lognormal(size=len(cell)))
    assert (parts >= 0).all()
    assert np.bincount(cell, parts).astype(np.int64).tolist() == totals


def test_a_firm_that_never_ends_has_bookings_in_the_last_month(told, seen, community):
    lasting = (community.lives.closed == NEVER) & community.lives.trading[:, -1]
    assert (by_month(told, seen)[lasting, -1] > 0).all()
