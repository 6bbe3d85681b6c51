"""Contributions and bills follow people and work; they come late or not at all where a firm is strained."""

import datetime as dt
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from told_rows import under_contract

from simulation.firms import IDLE, SHELL, ZERO_FILER
from simulation.told.lines import first_day
from simulation.told.people import housing_fund, social_insurance, utilities, who_is_insured

TELLERS = {"social_insurance": social_insurance, "housing_fund": housing_fund, "utilities": utilities}


def strained(community, strain, *, since=0):
    """The same firms, all of them under one strain from a month on."""
    lives = community.lives
    months = np.arange(community.calendar.months)
    return replace(community, lives=replace(lives, strain=np.where(months >= since, strain, lives.strain)))


def open_share(community, name):
    return TELLERS[name](community)["paid_on"].is_null().mean()


@pytest.mark.parametrize("name", TELLERS)
def test_what_is_known_on_a_day_does_not_hang_on_later_strain(community, name):
    month = community.calendar.first + 15
    day = community.calendar.last_day_of(month - 1)
    assert_frame_equal(
        under_contract(strained(community, 1.0, since=month), name, day),
        under_contract(strained(community, 0.0, since=month), name, day),
    )


@pytest.mark.parametrize("name", TELLERS)
def test_strained_firms_leave_more_open(community, name):
    assert open_share(strained(community, 1.0), name) > 0.1 > open_share(strained(community, 0.0), name)


@pytest.mark.parametrize("name", TELLERS)
def test_strain_that_a_firm_does_not_show_changes_nothing(community, name):
    closed = replace(community, firms=replace(community.firms, openness=np.zeros(len(community.firms))))
    assert_frame_equal(TELLERS[name](strained(closed, 1.0)), TELLERS[name](strained(closed, 0.0)))


@pytest.mark.parametrize("name", TELLERS)
def test_firms_that_stopped_long_ago_tell_nothing(community, name):
    idle = np.flatnonzero(community.firms.role == IDLE)
    assert len(idle)
    assert not TELLERS[name](community)["firm"].is_in(idle).any()


@pytest.mark.parametrize("name", TELLERS)
def test_a_firm_that_fell_silent_in_default_pays_no_more(community, name):
    lives, firm = community.lives, pl.col("firm").cast(pl.Int64)
    silent = first_day(community.calendar, np.where(lives.default < lives.closed, lives.closed, 2000))
    days = pl.DataFrame({"firm": np.arange(len(silent)), "silent_on": silent})
    paid = TELLERS[name](community).with_columns(firm).join(days, on="firm")
    assert paid.filter(pl.col("paid_on") >= pl.col("silent_on")).is_empty()


def test_nobody_is_insured_who_is_not_paid_but_the_one_whom_a_shell_shows(community):
    lives, shells = community.lives, (community.firms.role == SHELL)[:, None]
    assert (who_is_insured(community).people <= np.where(shells, 1, lives.staff))[lives.trading].all()


def test_shells_and_zero_filers_insure_one_person_at_most(community):
    tiny = np.isin(community.firms.role, [SHELL, ZERO_FILER])
    assert who_is_insured(community).people[tiny].max() <= 1


def test_bases_add_up_to_less_than_the_wage_bill(community):
    insured, told = who_is_insured(community), slice(community.calendar.first, None)
    assert 0 < (insured.people * insured.base)[:, told].sum() < community.lives.payroll[:, told].sum()


def test_strained_firms_drop_people_from_insurance(community):
    calm, hard = (who_is_insured(strained(community, strain)).people for strain in (0.0, 1.0))
    assert (hard <= calm).all()
    assert hard.sum() < 0.95 * calm.sum()


def test_bases_lie_within_the_bounds_of_their_year(community):
    rows = social_insurance(community).filter(pl.col("base_fen").is_not_null(), pl.col("headcount") > 0)
    of_2025 = rows.filter(pl.col("month").is_between(dt.date(2025, 7, 1), dt.date(2026, 6, 1)))
    base = of_2025["base_fen"] / of_2025["headcount"]
    assert (base.min(), base.max() <= 3_581_100) == (716_200, True)


def test_contributions_are_their_rate_of_the_base(community):
    # 37.2 % of both sides since 2021.
    rows = social_insurance(community).filter(pl.col("base_fen").is_not_null())
    assert ((rows["due_fen"] - 0.372 * rows["base_fen"]).abs() <= 0.5 + 1e-6).all()


def test_the_fund_covers_some_of_the_insured_of_some_firms(community):
    fund, insured = housing_fund(community), social_insurance(community)
    both = fund.join(insured, on=["firm", "month"], how="left", suffix="_insured")
    assert (both["headcount"] <= both["headcount_insured"]).all()
    assert fund["firm"].n_unique() < 0.6 * insured["firm"].n_unique()


def test_use_follows_real_sales(community):
    lives = community.lives
    busy = replace(community, lives=replace(lives, sales=2 * lives.sales))
    usual, more = (utilities(one)["usage"].sum() for one in (community, busy))
    # A third does not follow; the rest grows with the power 0.85: 0.35 + 0.65 * 1.8 against 1.
    assert 1.3 < more / usual < 1.8


def test_use_is_told_without_a_look_at_invoices(community):
    untouched = replace(community)
    utilities(untouched)
    assert "invoices" not in vars(untouched)


def test_a_firm_at_lawful_rest_still_gets_small_bills(community):
    firms, months = community.firms, np.arange(community.calendar.months)
    resting = replace(firms, pause=np.full(len(firms), 40), resume=np.full(len(firms), 46))
    trading = community.lives.trading & ~((months >= 40) & (months < 46))
    bills = utilities(replace(community, firms=resting, lives=replace(community.lives, trading=trading)))
    asleep = pl.col("month").is_in(pl.Series(first_day(community.calendar, np.arange(40, 46))).implode())
    small, usual = (bills.filter(rest)["usage"].mean() for rest in (asleep, ~asleep))
    assert 0 < small < 0.2 * usual


def test_shells_have_no_meter(community):
    shells = np.flatnonzero(community.firms.role == SHELL)
    assert not utilities(community)["firm"].is_in(shells).any()
