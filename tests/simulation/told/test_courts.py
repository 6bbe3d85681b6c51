"""Cases rise with trouble, follow one another in the order of the law, and strike sound firms too."""

import datetime as dt
from dataclasses import replace

import numpy as np
import polars as pl

from simulation.community import Community
from simulation.firms import NEVER, ORDINARY, PAPER_BAD, PAPER_GOOD, SHELL
from simulation.told.courts import Times, legal_events

FIRST_OF_A_CASE = ["defendant", "plaintiff", "penalty", "environment_penalty", "safety_penalty", "wage_arrears"]
LATER_STEPS = ["enforcement", "terminated_enforcement", "consumption_limit", "dishonest_list", "account_freeze"]


def in_trouble(community: Community, strain: float, *, since: int = 0, owing: bool = False) -> Community:
    """The same firms under one strain from a month on, with bills unpaid or not, none of which ever ends."""
    lives, many = community.lives, len(community.firms)
    later, never = np.arange(community.calendar.months) >= since, np.full(many, NEVER)
    changed = replace(
        lives,
        strain=np.where(later, strain, lives.strain),
        overdue=np.where(later, int(owing), lives.overdue),
        default=never,
        closed=never,
        cancelled=never,
    )
    return replace(community, lives=changed)


def with_role(community: Community, role: int) -> Community:
    return replace(community, firms=replace(community.firms, role=np.full(len(community.firms), role)))


def stopped(community: Community, month: int, *, cancelled: bool) -> Community:
    """The same firms without debts, all of which stop in one month, struck off later or left as they are."""
    calm, many = in_trouble(community, 0.0), len(community.firms)
    struck_off = np.full(many, month + 3 if cancelled else NEVER)
    return replace(calm, lives=replace(calm.lives, closed=np.full(many, month), cancelled=struck_off))


def suits(community: Community) -> int:
    """Cases as defendant opened in the told months."""
    since = community.calendar.starts[community.calendar.first].item()
    return legal_events(community).filter(pl.col("kind") == "defendant", pl.col("opened_on") >= since).height


def test_suits_rise_with_strain_and_more_while_bills_stay_unpaid(community: Community) -> None:
    calm, strained = suits(in_trouble(community, 0.0)), suits(in_trouble(community, 0.8))
    owing = suits(in_trouble(community, 0.8, owing=True))
    assert calm > 10
    assert strained > 3 * calm
    assert owing > 1.3 * strained


def test_how_much_of_the_strain_courts_see_is_the_firms_own(community: Community) -> None:
    strained, many = in_trouble(community, 0.8), len(community.firms)
    closed, open_ = (
        suits(replace(strained, firms=replace(strained.firms, openness=np.full(many, openness))))
        for openness in (0.05, 1.0)
    )
    assert 0 < closed < 0.5 * open_


def test_papers_that_look_good_stay_clean_until_the_default(community: Community) -> None:
    strained = in_trouble(community, 0.8)
    assert suits(with_role(strained, PAPER_GOOD)) < 0.3 * suits(with_role(strained, ORDINARY))
    month = community.calendar.first
    failed = replace(strained, lives=replace(strained.lives, default=np.full(len(community.firms), month)))
    assert suits(with_role(failed, PAPER_GOOD)) > 3 * suits(with_role(strained, PAPER_GOOD))


def test_who_can_wait_for_a_court_sues_more(community: Community) -> None:
    calm = in_trouble(community, 0.0)
    bad, ordinary = (
        legal_events(with_role(calm, role)).filter(pl.col("kind") == "plaintiff").height
        for role in (PAPER_BAD, ORDINARY)
    )
    assert ordinary > 10
    assert bad > 2.5 * ordinary


def test_slow_buyers_are_sued_more(community: Community) -> None:
    calm = in_trouble(community, 0.0)
    quick, slow = (
        legal_events(replace(calm, firms=replace(calm.firms, receivable_months=np.full(len(calm.firms), months))))
        .filter(pl.col("kind") == "plaintiff")
        .height
        for months in (0.2, 4.0)
    )
    assert slow > 3 * quick


def test_what_is_opened_does_not_depend_on_what_comes_later(community: Community) -> None:
    month = community.calendar.months - 12
    day = community.calendar.ends[month - 1].item()

    def seen(lived: Community) -> set[tuple[object, ...]]:
        rows = legal_events(lived).filter(pl.col("kind").is_in(FIRST_OF_A_CASE), pl.col("opened_on") <= day)
        return set(rows.select("firm", "kind", "opened_on").iter_rows())

    worse, better = (in_trouble(community, s, since=month, owing=s > 0) for s in (1.0, 0.0))
    assert seen(worse) == seen(better)


def test_enforcement_follows_a_judgement_and_the_lists_follow_enforcement(community: Community) -> None:
    told = legal_events(in_trouble(community, 0.9, owing=True))
    days = told.filter(pl.col("kind").is_in(["defendant", *LATER_STEPS]))
    case = days.select("firm", "case", "kind", "opened_on").pivot("kind", index=["firm", "case"], values="opened_on")
    judged = told.filter(pl.col("kind") == "defendant").select("firm", "case", judged="closed_on")
    case = case.join(judged, on=["firm", "case"])
    enforced = case.drop_nulls("enforcement")
    assert enforced.height > 50
    gap = (enforced["enforcement"] - enforced["judged"]).dt.total_days()
    assert gap.is_between(30, 150).all()
    for step in ("terminated_enforcement", "consumption_limit", "dishonest_list"):
        assert case.filter(pl.col(step).is_not_null())["enforcement"].null_count() == 0
        assert (case[step] > case["enforcement"]).drop_nulls().all()


def test_who_pays_again_leaves_the_lists(community: Community) -> None:
    month = community.calendar.months - 14
    owing = in_trouble(community, 0.9, owing=True)
    better = in_trouble(owing, 0.0, since=month)
    listed = pl.col("kind") == "dishonest_list", pl.col("opened_on") < community.calendar.starts[month].item()
    still, left = (legal_events(lived).filter(*listed)["closed_on"] for lived in (owing, better))
    assert still.is_null().all()
    assert len(left) > 3
    assert left.is_not_null().all()


def test_settled_is_the_first_day_without_unpaid_bills(community: Community) -> None:
    overdue = np.zeros_like(community.lives.overdue)
    overdue[:, 40:43] = 1
    calm = in_trouble(community, 0.0)
    times = Times(replace(calm, lives=replace(calm.lives, overdue=overdue)), before=12)
    firm = np.flatnonzero(community.firms.born < 30)[:3]
    starts = community.calendar.starts
    days = np.array([starts[39] + 7, starts[40] + 7, starts[42] + 7])
    assert times.settled(firm, days).tolist() == [(starts[place] + 7).item() for place in (39, 43, 43)]


def test_courts_tell_late_and_lists_at_once(community: Community) -> None:
    told = legal_events(community).with_columns(delay=(pl.col("known_on") - pl.col("opened_on")).dt.total_days())
    delays = told.group_by("kind").agg(pl.col("delay").min().alias("least"), pl.col("delay").max().alias("most"))
    suit, listed = (
        delays.row(by_predicate=pl.col("kind") == kind, named=True) for kind in ("defendant", "dishonest_list")
    )
    assert (suit["least"] >= 20, suit["most"] < 120) == (True, True)
    assert listed["most"] < 20


def test_silent_firms_become_abnormal_taxpayers_and_those_struck_off_do_not(community: Community) -> None:
    month = community.calendar.months - 20

    def abnormal(*, cancelled: bool) -> pl.DataFrame:
        told = legal_events(stopped(community, month, cancelled=cancelled))
        return told.filter(pl.col("kind") == "tax_abnormal", pl.col("closed_on").is_null())

    silent = abnormal(cancelled=False)
    assert 0.6 < silent["firm"].n_unique() / len(community.firms) < 0.9
    assert silent["opened_on"].min() > community.calendar.starts[month].item() + dt.timedelta(days=90)
    assert abnormal(cancelled=True).is_empty()


def test_nothing_happens_before_a_firm_is_founded_or_after_it_is_struck_off(community: Community) -> None:
    ended = stopped(community, community.calendar.months - 20, cancelled=True)
    told = legal_events(ended)
    founded = pl.Series(ended.firms.established_on).gather(told["firm"])
    assert (told["opened_on"] >= founded).all()
    assert told["opened_on"].max() < community.calendar.starts[-18].item()


def test_some_shells_are_found_out_and_many_are_not(community: Community) -> None:
    shells = with_role(stopped(community, community.calendar.months - 36, cancelled=False), SHELL)
    caught = legal_events(shells).filter(pl.col("kind") == "tax_violation_list")["firm"].n_unique()
    assert 0.15 < caught / len(shells.firms) < 0.6


def test_the_careful_have_small_penalties_repaired(community: Community) -> None:
    calm, many = in_trouble(community, 0.0), len(community.firms)

    def repaired(conduct: float) -> float:
        firms = replace(calm.firms, conduct=np.full(many, conduct))
        told = legal_events(replace(calm, firms=firms)).filter(
            pl.col("kind") == "penalty", pl.col("severity") == "minor"
        )
        return told["repaired_on"].is_not_null().mean()

    assert repaired(1.0) > repaired(-1.0) + 0.3


def test_a_number_belongs_to_one_case(community: Community) -> None:
    told = legal_events(in_trouble(community, 0.9, owing=True))
    kinds = told.group_by("firm", "case").agg(pl.col("kind").unique()).explode("kind")
    several = kinds.filter(pl.len().over("firm", "case") > 1)
    assert several.height > 50
    assert set(several["kind"]) <= {"defendant", *LATER_STEPS}
