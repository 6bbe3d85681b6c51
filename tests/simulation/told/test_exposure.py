"""Guarantees, enquiries and real estate of a community."""

import datetime as dt
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from simulation.community import Community
from simulation.firms import NEVER, SHELL
from simulation.told import exposure
from simulation.told.accounts import accounts, moves

TELLERS = {
    "guarantees": exposure.guarantees,
    "enquiries": exposure.enquiries,
    "real_estate": exposure.real_estate,
}


@pytest.fixture(scope="module")
def guarantees(community: Community) -> pl.DataFrame:
    return exposure.guarantees(community)


@pytest.fixture(scope="module")
def enquiries(community: Community) -> pl.DataFrame:
    return exposure.enquiries(community)


@pytest.fixture(scope="module")
def titles(community: Community) -> pl.DataFrame:
    return exposure.real_estate(community)


@pytest.fixture(scope="module")
def failing(community: Community) -> Community:
    """The same community, but all its firms default in the tenth told month."""
    lives, month = community.lives, community.calendar.first + 9
    overdue = np.maximum(np.arange(community.calendar.months) - (month - 3), 0)
    defaults = replace(
        lives,
        overdue=np.broadcast_to(overdue, lives.overdue.shape),
        default=np.full(len(lives.default), month),
    )
    return replace(community, lives=defaults)


def _inside(guarantees: pl.DataFrame, community: Community) -> pl.DataFrame:
    names = community.firms.pseudonyms
    debtors = pl.DataFrame({"guaranteed": names, "debtor": np.arange(len(names))})
    return guarantees.join(debtors, "guaranteed")


def test_firms_guarantee_loans_that_others_owe_on_a_guarantee(community: Community, guarantees: pl.DataFrame) -> None:
    book = accounts(community)
    owed = set(zip(book.firm.tolist(), book.amount.tolist(), book.granted_on.tolist(), book.mode.tolist(), strict=True))
    inside = _inside(guarantees, community)
    assert inside.height > 10
    for debtor, amount, day in inside.select("debtor", "amount_fen", "starts_on").iter_rows():
        assert {(debtor, amount, day, mode) for mode in ("guarantee", "combined")} & owed


def test_nobody_guarantees_for_itself(community: Community, guarantees: pl.DataFrame) -> None:
    inside = _inside(guarantees, community)
    assert (inside["firm"] != inside["debtor"]).all()


def test_firms_guarantee_within_circles(community: Community) -> None:
    guarantor = exposure.circle_mates(community)
    reached = {firm: {firm} for firm in range(len(guarantor))}
    for firm, mate in enumerate(guarantor.tolist()):
        together = reached[firm] | reached[mate]
        for one in together:
            reached[one] = together
    assert max(len(circle) for circle in reached.values()) <= 5


def test_guarantees_are_called_months_after_the_default_of_the_debtor(failing: Community) -> None:
    default = failing.calendar.starts[failing.calendar.first + 9].item()
    called = _inside(exposure.guarantees(failing), failing).drop_nulls("called_on")
    after = (called["called_on"] - default).dt.total_days()
    assert called.height > 3
    assert after.is_between(80, 300).all()
    assert called["released_on"].is_null().all()


def test_guarantees_for_outsiders_are_called_whatever_the_state_of_the_guarantor(
    community: Community, failing: Community
) -> None:
    told = [exposure.guarantees(one).filter(pl.col("guaranteed").str.starts_with("G")) for one in (community, failing)]
    columns = ("firm", "starts_on", "called_on")
    assert told[0].select(columns).equals(told[1].select(columns))


def test_the_bank_that_is_applied_to_enquires_on_that_day(community: Community, enquiries: pl.DataFrame) -> None:
    asked, on = community.lives.applications, moves(community)
    told = asked.month >= community.calendar.first
    expected = pl.DataFrame(
        {
            "firm": asked.firm[told],
            "on": on.applied_on[told],
            "lender": [community.offers.banks[bank] for bank in community.offers.bank[asked.offer[told]]],
        }
    )
    found = expected.join(enquiries.filter(reason="loan_approval"), ["firm", "on", "lender"], "semi")
    assert found.height == expected.height


def test_refused_firms_are_enquired_about_by_more_banks(community: Community, enquiries: pl.DataFrame) -> None:
    asked, on = community.lives.applications, moves(community)
    answers = pl.DataFrame({"firm": asked.firm, "applied_on": on.applied_on, "granted": asked.granted})
    soon = (pl.col("on") - pl.col("applied_on")).dt.total_days().is_between(1, 40)
    near = answers.join(enquiries.filter(reason="loan_approval"), "firm").filter(soon)
    after = dict(near.group_by("granted").len().iter_rows())
    assert after[False] / (~asked.granted).sum() > 2 * after[True] / asked.granted.sum()


def test_lenders_look_again_every_quarter_while_their_loan_is_open(
    community: Community, enquiries: pl.DataFrame
) -> None:
    book = accounts(community)
    place = int(np.flatnonzero(book.is_bank_loan & (book.began == community.calendar.first) & (book.term == 12))[0])
    looks = enquiries.filter(
        pl.col("on").is_between(book.granted_on[place].item(), book.granted_on[place].item() + dt.timedelta(days=364)),
        firm=int(book.firm[place]),
        lender=community.offers.banks[book.lender[place]],
        reason="post_loan",
    )
    assert looks.height >= 3


def test_nobody_lends_to_shells_or_asks_about_them(community: Community, enquiries: pl.DataFrame) -> None:
    shells = np.flatnonzero(community.firms.role == SHELL).tolist()
    assert shells
    assert enquiries.filter(pl.col("firm").is_in(shells), reason="loan_approval").is_empty()


def test_only_owners_have_titles(community: Community, titles: pl.DataFrame) -> None:
    owners = set(np.flatnonzero(community.firms.property).tolist())
    assert set(titles["firm"].to_list()) == owners


def test_a_title_is_mortgaged_from_before_a_loan_on_a_mortgage_until_after_its_end(
    community: Community, titles: pl.DataFrame
) -> None:
    book = accounts(community)
    on_property = np.flatnonzero(
        np.isin(book.mode, ("mortgage", "combined")) & book.is_bank_loan & community.firms.property[book.firm]
    )
    mortgages = titles.drop_nulls("mortgaged_on")
    assert len(on_property) > 0
    for place in on_property.tolist():
        day, closed = book.granted_on[place].item(), book.closed_on[place].item()
        held = mortgages.filter(
            pl.col("mortgaged_on") < day,
            pl.col("mortgage_released_on").is_null() | (pl.col("mortgage_released_on") > (closed or dt.date.max)),
            firm=int(book.firm[place]),
        )
        assert held.height == 1


def test_courts_seize_titles_after_a_default(community: Community, failing: Community) -> None:
    default = failing.calendar.starts[failing.calendar.first + 9].item()
    sound, seized = exposure.real_estate(community), exposure.real_estate(failing).drop_nulls("seized_on")
    assert seized.filter(pl.col("seized_on") > default).height > 0.3 * sound.height


def test_titles_of_sound_firms_are_seized_for_a_while_at_most(community: Community, titles: pl.DataFrame) -> None:
    sound = np.flatnonzero(community.lives.default == NEVER).tolist()
    seized = titles.filter(pl.col("firm").is_in(sound)).drop_nulls("seized_on")
    assert seized["seizure_lifted_on"].is_not_null().all()


def test_what_is_owned_fits_the_size_of_the_owner(community: Community, titles: pl.DataFrame) -> None:
    worth = titles.filter(pl.col("appraised_fen") > 200_000_000)
    months = worth["appraised_fen"].to_numpy() / 100 / community.firms.sales[worth["firm"].to_numpy()]
    assert 2 < np.median(months) < 40
