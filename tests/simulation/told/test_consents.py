"""Who withholds its data is seldom chance: careful and open firms say yes, strained and dishonest ones less often."""

import datetime as dt
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from simulation.assumed import consents as a
from simulation.community import draw_community
from simulation.firms import IDLE, SHELL
from simulation.months import calendar
from simulation.tables import tables
from simulation.told.consents import consents
from simulation.told.lines import first_day
from simulation.weather import weather
from sources.contracts import BLOCKS_WITH_CONSENT
from sources.records import Records

EVERYONE = range(200)


@pytest.fixture(scope="module")
def several():
    """Four communities."""
    days = calendar(30, dt.date(2026, 10, 31))
    return [draw_community(number, days, weather(days, seed=5), seed=5) for number in range(10, 14)]


def under(community):
    return tables(community, keep=EVERYONE, tellers={"consents": consents})["consents"]


def everybody(community, *, strain=None, since=0, **traits):
    """The same firms with other traits or another strain from a month on."""
    n, months = len(community.firms), np.arange(community.calendar.months)
    firms = replace(community.firms, **{name: np.full(n, value) for name, value in traits.items()})
    felt = community.lives.strain if strain is None else np.where(months >= since, strain, community.lives.strain)
    return replace(community, firms=firms, lives=replace(community.lives, strain=felt))


def given(community, block="bank"):
    """How many firms ever authorised a block."""
    return consents(community).filter(pl.col("block") == block)["firm"].n_unique()


@pytest.mark.parametrize("block", BLOCKS_WITH_CONSENT)
def test_about_the_assumed_share_of_the_asked_authorises_a_block(several, block):
    asked = yes = 0
    for community in several:
        lives, firms = community.lives, community.firms
        old = (firms.role != IDLE) & (firms.born < community.calendar.months - 8) & (lives.closed > 48)
        rows = consents(community).filter(pl.col("block") == block)
        asked, yes = asked + old.sum(), yes + np.isin(np.flatnonzero(old), rows["firm"]).sum()
    assert yes / asked == pytest.approx(a.SHARES[block], abs=0.06)


def test_most_data_may_be_used_on_a_day_in_the_told_months(several):
    usable = []
    for community in several:
        day = community.calendar.last_day_of(community.calendar.first + 18)
        at_work = community.firms.codes.filter(pl.Series(community.lives.trading[:, community.calendar.first + 18]))
        lacks = Records.of({"consents": under(community)}, enterprises=at_work).lacking_consent("tax", day)
        usable.append(1 - lacks.mean())
    assert np.mean(usable) > 0.65


@pytest.mark.parametrize("block", ["tax", "bank"])
@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ({"strain": 0.0}, {"strain": 1.0}),
        ({"dishonest": False}, {"dishonest": True}),
        ({"conduct": 1.0}, {"conduct": -1.0}),
        ({"openness": 1.0}, {"openness": 0.1}),
        ({"sales": 2e6}, {"sales": 2e4}),
        ({"role": 0}, {"role": SHELL}),
    ],
)
def test_firms_with_something_to_hide_withhold_more(community, block, good, bad):
    assert given(everybody(community, **bad), block) < given(everybody(community, **good), block)


def test_what_hides_trouble_is_withheld_most(community):
    calm, hard = everybody(community, strain=0.0), everybody(community, strain=1.0)
    kept = {block: given(hard, block) / given(calm, block) for block in BLOCKS_WITH_CONSENT}
    assert kept["bank"] < kept["tax"] < kept["people"]


def test_later_strain_changes_no_earlier_answer(community):
    month = community.calendar.first + 10
    day = pl.lit(first_day(community.calendar, np.array(month)))

    def before(strain):
        rows = consents(everybody(community, strain=strain, since=month))
        revoked_on = pl.when(pl.col("revoked_on") < day).then("revoked_on").alias("revoked_on")
        return rows.filter(pl.col("granted_on") < day).with_columns(revoked_on)

    assert_frame_equal(before(1.0), before(0.0))


def test_strain_makes_firms_revoke(community):
    month = community.calendar.first

    def revoked(strain):
        return consents(everybody(community, strain=strain, since=month))["revoked_on"].is_not_null().sum()

    assert revoked(1.0) > 2 * revoked(0.0)


def test_an_authorisation_is_revoked_only_while_it_holds(several):
    rows = pl.concat(consents(community) for community in several).drop_nulls("revoked_on")
    assert rows.height
    assert (rows["revoked_on"] > rows["granted_on"]).all()
    assert (rows["revoked_on"] <= rows["ends_on"]).fill_null(value=True).all()


def test_no_term_begins_before_the_last_one_ended(community):
    rows = consents(community).sort("firm", "block", "granted_on")
    ended = pl.col("ends_on").shift().over("firm", "block")
    assert rows.filter(pl.col("granted_on") <= ended).is_empty()
    assert rows.select(pl.len().over("firm", "block").max()).item() > 1


def test_nobody_answers_after_its_end(community):
    rows = consents(community)
    closed = first_day(community.calendar, np.minimum(community.lives.closed, 2_000))[rows["firm"].to_numpy()]
    assert (rows["granted_on"] < pl.Series(closed) + dt.timedelta(days=a.LATE_DAYS[1])).all()


def test_answers_are_the_same_each_time(community):
    assert_frame_equal(consents(community), consents(community))
