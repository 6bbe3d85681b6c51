"""Inventive firms apply, careful ones pay their fees, and titles come in the order of the ladder."""

import datetime as dt
from dataclasses import replace

import numpy as np
import polars as pl

from simulation.community import Community
from simulation.firms import NEVER
from simulation.told.rights import ip_rights, qualifications

TELLERS = {"ip_rights": ip_rights, "qualifications": qualifications}
PATENTS = ["invention", "utility_model", "design"]


def lasting(community: Community, strain: float = 0.0) -> Community:
    """The same firms under one strain, none of which ever ends."""
    lives, never = community.lives, np.full(len(community.firms), NEVER)
    calm = replace(lives, strain=np.full_like(lives.strain, strain), default=never, closed=never, cancelled=never)
    return replace(community, lives=calm)


def with_traits(community: Community, **traits: float) -> Community:
    """The same firms, all with the same value of some traits."""
    many = len(community.firms)
    return replace(community, firms=replace(community.firms, **{name: np.full(many, v) for name, v in traits.items()}))


def newest(rights: pl.DataFrame) -> pl.DataFrame:
    return rights.sort("known_on").unique(("firm", "right"), keep="last")


def test_inventive_firms_hold_more_and_every_trade_has_marks(community: Community) -> None:
    dull, inventive = (newest(ip_rights(with_traits(lasting(community), inventive=rate))) for rate in (0.05, 2.0))
    assert (
        inventive.filter(pl.col("kind") != "trademark").height > 10 * dull.filter(pl.col("kind") != "trademark").height
    )
    assert dull.filter(pl.col("kind") == "trademark").height > 20


def test_software_firms_write_and_factories_build(community: Community) -> None:
    def share(division: str, kind: str) -> float:
        firms = replace(community.firms, division=np.full(len(community.firms), division))
        told = newest(ip_rights(with_traits(lasting(replace(community, firms=firms)), inventive=1.0)))
        return (told.filter(pl.col("kind") != "trademark")["kind"] == kind).mean()

    assert share("I65", "software") > 0.5 > share("C34", "software")
    assert share("C34", "utility_model") > share("I65", "utility_model") + 0.2


def test_a_year_is_paid_for_at_a_time(community: Community) -> None:
    told = ip_rights(with_traits(lasting(community), inventive=1.0)).filter(pl.col("kind").is_in(PATENTS))
    steps = told.drop_nulls("fee_paid_until").with_columns(
        longer=pl.col("fee_paid_until").diff().over("firm", "right").dt.total_days()
    )
    years = steps["longer"].drop_nulls()
    assert len(years) > 200
    assert years.filter(years > 0).median() == 365


def test_fees_lapse_under_strain_and_now_and_then_anyway(community: Community) -> None:
    def lapsed(strain: float) -> float:
        lived = with_traits(lasting(community, strain), inventive=1.0, openness=1.0)
        rights = newest(ip_rights(lived)).filter(pl.col("kind").is_in(PATENTS), pl.col("granted_on").is_not_null())
        return (rights["fee_paid_until"] < community.calendar.until).mean()

    at_ease, strained = lapsed(0.0), lapsed(0.9)
    assert at_ease > 0.02
    assert strained > at_ease + 0.2


def test_rights_cease_only_months_after_the_last_paid_day(community: Community) -> None:
    rights = newest(ip_rights(community)).filter(pl.col("granted_on").is_not_null())
    told_since = community.calendar.starts[community.calendar.first].item()
    ceased = rights.filter(pl.col("ceased_on") >= told_since)
    grace = (ceased["ceased_on"] - ceased["fee_paid_until"]).dt.total_days()
    assert ceased.height > 10
    assert grace.is_between(210, 300).all()


def test_no_version_knows_a_fee_before_it_was_paid(community: Community) -> None:
    told = ip_rights(community).drop_nulls("fee_paid_until")
    ahead = (told["fee_paid_until"] - told["known_on"]).dt.total_days()
    assert ahead.max() <= 366 + 75


def test_nobody_pays_after_the_end(community: Community) -> None:
    lived, month = with_traits(lasting(community), inventive=1.0), community.calendar.months - 18
    many = len(community.firms)
    closed = replace(lived, lives=replace(lived.lives, closed=np.full(many, month)))
    told = ip_rights(closed).filter(pl.col("kind").is_in(PATENTS))
    assert told["applied_on"].max() < community.calendar.starts[month].item()
    assert told["fee_paid_until"].max() < community.calendar.starts[month].item() + dt.timedelta(days=366 + 75)


def test_an_application_for_an_invention_is_published_after_eighteen_months(community: Community) -> None:
    told = ip_rights(with_traits(lasting(community), inventive=1.0)).filter(pl.col("kind") == "invention")
    first = told.sort("known_on").unique(("firm", "right"), keep="first")
    delay = (first["known_on"] - first["applied_on"]).dt.total_days()
    pending = first.filter(pl.col("granted_on").is_null() | (pl.col("granted_on") > pl.col("known_on")))
    assert (delay == 550).any()
    assert (delay < 60).any()
    assert ((pending["known_on"] - pending["applied_on"]).dt.total_days() <= 550).all()


def test_weak_firms_buy_rights_on_the_way_to_a_title_and_strong_ones_do_not(community: Community) -> None:
    def bought(quality: float) -> pl.DataFrame:
        return newest(ip_rights(with_traits(lasting(community), title=2, quality=quality))).drop_nulls("acquired_on")

    weak, strong = bought(-1.5), bought(2.0)
    assert weak["firm"].n_unique() > 5 * strong["firm"].n_unique()
    assert (weak["origin"] == "bought").all()
    assert (weak["granted_on"] < weak["acquired_on"]).all()


def test_rights_are_pledged_while_a_loan_on_them_lasts(community: Community) -> None:
    lived = with_traits(lasting(community), inventive=1.5)
    credit = replace(lived.lives.credit, mode=np.full(len(lived.lives.credit.firm), "credit"))
    unpledged = replace(lived, lives=replace(lived.lives, credit=credit))
    modes = np.where(np.arange(len(credit.firm)) % 2, "pledge_ip", "credit")
    pledging = replace(lived, lives=replace(lived.lives, credit=replace(credit, mode=modes)))
    rights = newest(ip_rights(pledging)).drop_nulls("pledged_on")
    borrowers = set(credit.firm[modes == "pledge_ip"].tolist())
    assert rights.height > 50
    assert set(rights["firm"]) <= borrowers
    assert (rights["pledged_on"] >= rights["granted_on"]).all()
    assert rights["released_on"].null_count() < rights.height
    assert rights.group_by("firm", "pledged_on").len()["len"].max() <= 5
    assert newest(ip_rights(unpledged))["pledged_on"].null_count() == newest(ip_rights(unpledged)).height


def test_titles_follow_the_ladder(community: Community) -> None:
    old = with_traits(lasting(community), title=4, quality=1.0, born=-60)
    firms = replace(old.firms, established_on=np.full(len(old.firms), np.datetime64("2016-03-10")))
    told = qualifications(replace(old, firms=firms))
    first = told.group_by("kind").agg(pl.col("valid_from").min(), pl.col("firm").n_unique())
    days = dict(first.select("kind", "valid_from").iter_rows())
    firms_with = dict(first.select("kind", "firm").iter_rows())
    many = len(community.firms)
    assert firms_with["hnte"] == firms_with["srdi"] == firms_with["little_giant"] == many
    assert days["hnte"] < days["srdi"] < days["little_giant"]
    assert days["little_giant"] >= dt.date(2019, 6, 1)


def test_firms_without_a_title_have_hardly_any(community: Community) -> None:
    told = qualifications(with_traits(lasting(community), title=0))
    titles = told.filter(pl.col("kind").is_in(["hnte", "srdi", "little_giant", "innovative", "tech_sme"]))
    assert titles["firm"].n_unique() < 0.05 * len(community.firms)
    assert not set(titles["kind"]) & {"hnte", "srdi", "little_giant"}


def test_one_term_of_a_certificate_follows_the_other(community: Community) -> None:
    told = qualifications(with_traits(lasting(community), title=2)).sort("firm", "kind", "valid_from")
    gap = told.select(gap=(pl.col("valid_from") - pl.col("valid_to").shift(1)).dt.total_days().over("firm", "kind"))
    assert gap["gap"].drop_nulls().is_between(1, 70).all()
    assert (told["kind"] == "hnte").sum() > 200


def test_renewals_fail_under_strain(community: Community) -> None:
    held = with_traits(community, title=2, openness=1.0, dishonest=False)
    calm, strained = (
        qualifications(lasting(held, strain))
        .filter(pl.col("kind") == "hnte", pl.col("valid_to") > community.calendar.until)["firm"]
        .n_unique()
        for strain in (0.0, 0.9)
    )
    assert strained < 0.8 * calm


def test_builders_have_the_licence_of_their_trade(community: Community) -> None:
    firms = replace(community.firms, division=np.full(len(community.firms), "E50"))
    told = qualifications(lasting(replace(community, firms=firms)))
    assert told.filter(pl.col("kind") == "construction")["firm"].n_unique() > 0.5 * len(community.firms)
