"""The register tells what firms do, what they let slide, and how they end."""

import datetime as dt
from dataclasses import replace

import numpy as np
import polars as pl

from simulation.community import Community
from simulation.firms import IDLE, NEVER, ORDINARY, RING, SHELL, SUSPENDED
from simulation.told.register import registry, registry_changes, related_parties

TELLERS = {"registry": registry, "registry_changes": registry_changes, "related_parties": related_parties}
CHANGES = ["legal_rep", "address", "shareholder", "capital"]


def in_trouble(community: Community, strain: float, *, since: int = 0) -> Community:
    """The same firms, all of them under one strain and with bills unpaid, or none, from a month on."""
    lives, later = community.lives, np.arange(community.calendar.months) >= since
    changed = replace(
        lives,
        strain=np.where(later, strain, lives.strain),
        overdue=np.where(later, int(strain > 0), lives.overdue),
    )
    return replace(community, lives=changed)


def going_on(community: Community) -> Community:
    """The same firms, none of which ever ends."""
    never = np.full(len(community.firms), NEVER)
    return replace(community, lives=replace(community.lives, default=never, closed=never, cancelled=never))


def ending(community: Community, month: int, *, cancelled: bool) -> Community:
    """The same firms, all of which stop in one month, struck off three months later or left as they are."""
    many = len(community.firms)
    closed, struck_off = np.full(many, month), np.full(many, month + 3 if cancelled else NEVER)
    lives = replace(community.lives, closed=closed, cancelled=struck_off, default=np.full(many, NEVER))
    return replace(community, lives=lives)


def with_role(community: Community, role: int) -> Community:
    return replace(community, firms=replace(community.firms, role=np.full(len(community.firms), role)))


def test_every_firm_is_known_from_the_day_it_was_founded(community: Community) -> None:
    first = registry(community).unique("firm", keep="first", maintain_order=True)
    assert first["firm"].to_list() == list(range(len(community.firms)))
    assert (first["known_on"] == first["established_on"]).all()
    assert (first["known_on"].to_numpy() == community.firms.established_on).all()


def test_what_happens_does_not_depend_on_what_comes_later(community: Community) -> None:
    month = community.calendar.months - 12
    day = community.calendar.ends[month - 1].item()
    kinds = [*CHANGES, "abnormal_in", "annual_report"]

    def seen(lived: Community) -> set[tuple[object, ...]]:
        rows = registry_changes(lived).filter(pl.col("kind").is_in(kinds), pl.col("on") <= day)
        return set(rows.select("firm", "kind", "on").iter_rows())

    assert seen(in_trouble(community, 1.0, since=month)) == seen(in_trouble(community, 0.0, since=month))


def test_owners_hide_when_it_gets_tight_and_firms_at_ease_change_hands_too(community: Community) -> None:
    alive = with_role(going_on(community), ORDINARY)
    since = community.calendar.starts[0].item()

    def handed_on(lived: Community) -> int:
        return registry_changes(lived).filter(pl.col("kind") == "legal_rep", pl.col("on") >= since).height

    at_ease, tight = handed_on(in_trouble(alive, 0.0)), handed_on(in_trouble(alive, 1.0))
    assert at_ease > 10
    assert tight > 3 * at_ease


def test_reports_come_late_or_not_at_all_under_strain(community: Community) -> None:
    alive = going_on(community)

    def late(lived: Community) -> float:
        reports = registry_changes(lived).filter(pl.col("kind") == "annual_report", pl.col("report_year") >= 2023)
        return 1 - reports.filter(pl.col("on") <= pl.date(pl.col("report_year") + 1, 6, 30)).height / (
            len(community.firms) * reports["report_year"].n_unique()
        )

    assert late(in_trouble(alive, 1.0)) > late(in_trouble(alive, 0.0)) + 0.1


def test_a_list_is_joined_and_left_by_turns(community: Community) -> None:
    moves = registry_changes(community).filter(pl.col("kind").is_in(["abnormal_in", "abnormal_out"]))
    ordered = moves.sort("firm", "on", pl.col("kind") == "abnormal_in")
    turns = ordered.with_columns(before=pl.col("kind").shift(1).over("firm"))
    assert turns.height > 40
    assert turns.filter(pl.col("kind") == pl.col("before").fill_null("abnormal_out")).is_empty()


def test_missed_reports_lead_to_the_list_and_filing_leads_out(community: Community) -> None:
    told = registry_changes(community)
    reports = told.filter(pl.col("kind") == "annual_report")
    on_time = reports.filter(pl.col("on") <= pl.date(pl.col("report_year") + 1, 6, 30))
    listed = told.filter(pl.col("kind") == "abnormal_in", pl.col("on").dt.month().is_in([7, 8]))
    filed = on_time.select("firm", year=pl.col("report_year") + 1)
    missed = listed.with_columns(year=pl.col("on").dt.year().cast(pl.Int64)).join(
        filed, on=["firm", "year"], how="anti"
    )
    assert missed.height > 0.7 * listed.height


def test_idle_firms_stay_on_the_books_without_a_sign_of_life(community: Community) -> None:
    idle = np.flatnonzero((community.firms.role == IDLE) & (community.lives.closed <= community.calendar.first))
    lately = pl.col("on") >= community.calendar.starts[community.calendar.first].item()
    told = registry_changes(community).filter(pl.col("firm").is_in(idle.tolist()), lately)
    newest = registry(community).unique("firm", keep="last", maintain_order=True)
    statuses = newest.filter(pl.col("firm").is_in(idle.tolist()))["status"]
    assert len(idle) > 2
    assert told.filter(pl.col("kind").is_in(CHANGES)).is_empty()
    assert set(statuses) <= {"active", "revoked"}
    assert "active" in set(statuses)


def test_an_orderly_end_is_the_last_that_is_told(community: Community) -> None:
    ended = ending(community, community.calendar.months - 20, cancelled=True)
    entries = registry(ended).filter(pl.col("firm").is_in(np.flatnonzero(ended.firms.born < 20).tolist()))
    last = entries.unique("firm", keep="last", maintain_order=True)
    events = registry_changes(ended).join(last.select("firm", ended_on="known_on"), on="firm")
    assert set(last["status"]) == {"cancelled"}
    assert "in_liquidation" in set(entries["status"])
    assert events.filter(pl.col("on") > pl.col("ended_on")).is_empty()


def test_firms_that_just_stop_are_missed_and_some_lose_their_licence(community: Community) -> None:
    silent = ending(community, community.calendar.months - 55, cancelled=False)
    founded = silent.firms.born < 0
    entries, told = registry(silent), registry_changes(silent)
    newest = entries.unique("firm", keep="last", maintain_order=True).filter(pl.Series(founded))
    listed = told.filter(pl.col("kind") == "abnormal_in")["firm"].unique()
    assert newest["firm"].is_in(listed.implode()).mean() > 0.6
    assert 0.05 < (newest["status"] == "revoked").mean() < 0.6


def test_lawful_rest_is_told_as_such_and_ends(community: Community) -> None:
    firms, many = going_on(community).firms, len(community.firms)
    resting = replace(
        going_on(community),
        firms=replace(firms, role=np.full(many, SUSPENDED), pause=np.full(many, 40), resume=np.full(many, 48)),
    )
    entries = registry(resting).filter(pl.col("firm").is_in(np.flatnonzero(firms.born < 30).tolist()))
    months = resting.calendar.starts
    during, after = (pl.col("known_on") < months[place].item() for place in (44, 52))
    status = [
        entries.filter(known).unique("firm", keep="last")["status"].unique().to_list() for known in (during, after)
    ]
    assert status == [["suspended"], ["active"]]
    assert registry_changes(resting).filter(pl.col("kind") == "annual_report").height > many


def test_people_told_are_those_of_the_annual_report(community: Community) -> None:
    year, firms = 2025, np.flatnonzero(community.lives.trading[:, -11])
    december = community.calendar.place_of(dt.date(year, 12, 31))
    filed = registry_changes(community).filter(pl.col("report_year") == year)
    newest = registry(community).join(filed.select("firm", "known_on"), on=["firm", "known_on"])
    told = newest.filter(pl.col("firm").is_in(firms.tolist())).drop_nulls("employees")
    real = community.lives.staff[told["firm"].to_numpy(), december]
    error = np.abs(np.log((told["employees"].to_numpy() + 1) / (real + 1)))
    assert told.height > 80
    assert np.median(error) < 0.15


def test_capital_and_representative_change_only_with_an_event(community: Community) -> None:
    events = registry_changes(community)
    entries = registry(community).with_columns(
        pl.col("registered_capital_fen", "legal_rep").shift(1).over("firm").name.prefix("old_")
    )
    for column, kind in (("registered_capital_fen", "capital"), ("legal_rep", "legal_rep")):
        changed = entries.filter(pl.col(column) != pl.col(f"old_{column}"))
        known = events.filter(pl.col("kind") == kind).select("firm", "known_on")
        assert changed.height > 10
        assert changed.join(known, on=["firm", "known_on"], how="anti").is_empty()


def test_no_more_is_paid_in_than_was_registered(community: Community) -> None:
    entries = registry(community).drop_nulls(["registered_capital_fen", "paid_in_capital_fen"])
    assert (entries["paid_in_capital_fen"] <= entries["registered_capital_fen"]).all()
    assert entries["paid_in_capital_fen"].min() == 0


def test_shells_crowd_and_young_technology_firms_do_too(community: Community) -> None:
    young = np.full(len(community.firms), community.calendar.months - 20)
    shells = registry(with_role(community, SHELL)).unique("firm", keep="first")
    firms = replace(with_role(community, ORDINARY).firms, tech=np.ones(len(young), bool), born=young)
    incubated = registry(replace(community, firms=firms)).unique("firm", keep="first")
    ordinary = registry(with_role(community, ORDINARY)).unique("firm", keep="first")
    shares = [(entries["address_firms"] >= 20).mean() for entries in (shells, incubated, ordinary)]
    assert min(shares[:2]) > 0.4
    assert shares[2] < 0.2
    assert (shells["address_firms"] == 1).any()


def test_firms_of_a_ring_name_each_other(community: Community) -> None:
    many = len(community.firms)
    ring = np.where(np.arange(many) < 20, np.arange(many) // 4, -1)
    firms = replace(community.firms, ring=ring, role=np.where(ring >= 0, RING, ORDINARY))
    told = related_parties(replace(going_on(community), firms=firms))
    names = dict(zip(firms.pseudonyms.to_list(), range(many), strict=True))
    pairs = {
        (firm, names[party])
        for firm, party, kind in told.select("firm", "party", "kind").iter_rows()
        if party in names and firm < 20 and kind != "subsidiary"
    }
    same = {(one, other) for one, other in pairs if ring[one] == ring[other]}
    assert 10 < len(same) < 60
    assert {(other, one) for one, other in same} == same


def test_a_party_in_the_city_is_adverse_only_after_its_default(community: Community) -> None:
    names = dict(zip(community.firms.pseudonyms.to_list(), range(len(community.firms)), strict=True))
    told = related_parties(community).filter(pl.col("party").is_in(list(names))).drop_nulls("adverse_on")
    for party, adverse_on in told.select("party", "adverse_on").iter_rows():
        assert adverse_on > community.calendar.ends[community.lives.default[names[party]]].item()


def test_shares_of_holders_stay_within_the_whole(community: Community) -> None:
    held = related_parties(community).filter(pl.col("kind") == "shareholder", ~pl.col("party").str.starts_with("E"))
    founders = held.filter(pl.col("since") == pl.col("since").min().over("firm"))
    assert founders.group_by("firm").agg(pl.col("share_bp").sum())["share_bp"].is_between(9_900, 10_000).all()
