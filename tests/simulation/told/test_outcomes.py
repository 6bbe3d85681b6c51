"""Applications and labels of a community."""

import datetime as dt
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from simulation.community import Community
from simulation.told import credit, outcomes

TELLERS = {"applications": outcomes.applications, "labels": outcomes.labels}


@pytest.fixture(scope="module")
def applications(community: Community) -> pl.DataFrame:
    return outcomes.applications(community)


@pytest.fixture(scope="module")
def labels(community: Community) -> pl.DataFrame:
    return outcomes.labels(community)


def test_all_applications_of_the_told_months_are_told(community: Community, applications: pl.DataFrame) -> None:
    asked = community.lives.applications
    told = asked.month >= community.calendar.first
    expected = pl.DataFrame({"firm": asked.firm[told], "month": community.calendar.starts[asked.month[told]]})
    found = applications.select("firm", month=pl.col("applied_on").dt.month_start())
    assert found.sort("firm", "month").equals(expected.sort("firm", "month"))


def test_a_drawn_loan_is_one_of_the_loans_that_are_told(community: Community, applications: pl.DataFrame) -> None:
    loans = credit.loans(community).select("firm", "amount_fen", "rate_bp", drawn_on="granted_on").unique()
    drawn = applications.drop_nulls("drawn_on").rename({"drawn_fen": "amount_fen"})
    assert drawn.height > 30
    assert drawn.join(loans, ["firm", "amount_fen", "rate_bp", "drawn_on"], "semi").height == drawn.height


def test_banks_decide_within_thirty_days_of_all_papers(applications: pl.DataFrame) -> None:
    days = (applications["decided_on"] - applications["docs_complete_on"]).dt.total_days()
    assert days.is_between(0, 30).all()


def test_nothing_tells_of_the_outcome_before_the_decision(applications: pl.DataFrame) -> None:
    days = (pl.col("decided_on") - pl.col("applied_on")).dt.total_days()
    waited = dict(applications.group_by("decision").agg(days.mean()).iter_rows())
    assert abs(waited["granted"] - waited["refused"]) < 2


def test_refusals_have_a_reason_and_no_terms(applications: pl.DataFrame) -> None:
    refused = applications.filter(decision="refused")
    assert (refused["refusal_codes"].str.len_chars() > 0).all()
    assert refused.select("limit_fen", "rate_bp", "drawn_on", "drawn_fen").null_count().row(0) == (refused.height,) * 4


def test_grants_have_terms_and_no_reason(applications: pl.DataFrame) -> None:
    granted = applications.filter(decision="granted")
    assert granted["refusal_codes"].is_null().all()
    assert granted.select("limit_fen", "rate_bp").null_count().row(0) == (0, 0)
    assert (granted["drawn_fen"] <= granted["limit_fen"]).all()


def test_every_application_tells_what_was_asked_for(community: Community, applications: pl.DataFrame) -> None:
    asked = community.lives.applications
    wanted = np.rint(100 * asked.wanted[asked.month >= community.calendar.first]).astype(np.int64)
    assert sorted(applications["wanted_fen"]) == sorted(wanted)
    granted = applications.filter(decision="granted")
    assert (granted["limit_fen"] <= granted["wanted_fen"]).all()


def test_a_few_are_withdrawn(applications: pl.DataFrame) -> None:
    withdrawn = applications.filter(decision="withdrawn")
    assert 0 < withdrawn.height < 0.15 * applications.height
    assert withdrawn["drawn_on"].is_null().all()


def test_labels_are_those_of_all_borrowers_not_yet_in_default(community: Community, labels: pl.DataFrame) -> None:
    calendar, lives = community.calendar, community.lives
    told = credit.loans(community).filter(pl.col("kind") != "acceptance", lender_kind="bank")
    known = set(labels.select("firm", "as_of", "defaulted").iter_rows())
    expected = set()
    for month in range(calendar.first, calendar.months - 13):
        if calendar.month_of_year[month] % 3:
            continue
        as_of = calendar.last_day_of(month)
        granted = told.filter(pl.col("granted_on") <= as_of)
        closed = granted.filter(pl.col("closed_on") <= as_of).select("firm", "loan")
        for firm in granted.join(closed, ["firm", "loan"], "anti")["firm"].unique().to_list():
            if lives.default[firm] > month:
                expected.add((firm, as_of + dt.timedelta(days=1), bool(lives.default[firm] <= month + 12)))
    assert known == expected


def test_labels_are_given_for_first_days_of_quarters_whose_year_is_over(
    community: Community, labels: pl.DataFrame
) -> None:
    # 30 months up to October 2026: from May 2024, and a whole year before November 2026.
    quarters = [dt.date(2024, 7, 1), dt.date(2024, 10, 1), dt.date(2025, 1, 1)]
    quarters += [dt.date(2025, 4, 1), dt.date(2025, 7, 1), dt.date(2025, 10, 1)]
    assert labels["as_of"].unique().sort().to_list() == quarters
    assert (labels["known_on"] == labels["as_of"].dt.offset_by("1y")).all()
    assert labels["known_on"].max() <= community.calendar.until


def test_a_default_counts_from_the_month_after_the_day_to_the_same_month_of_the_next_year(
    community: Community, labels: pl.DataFrame
) -> None:
    first = labels["as_of"].min()
    firm = labels.filter(as_of=first)["firm"][0]
    month = community.calendar.place_of(first) - 1

    def judged(default: int) -> list[bool]:
        defaults = community.lives.default.copy()
        defaults[firm] = default
        told = outcomes.labels(replace(community, lives=replace(community.lives, default=defaults)))
        return told.filter(firm=firm, as_of=first)["defaulted"].to_list()

    assert judged(month) == []
    assert judged(month + 1) == judged(month + 12) == [True]
    assert judged(month + 13) == [False]


def test_firms_that_stopped_trading_are_judged_while_they_owe(community: Community, labels: pl.DataFrame) -> None:
    lives = community.lives
    idle = replace(lives, trading=np.zeros_like(lives.trading))
    assert outcomes.labels(replace(community, lives=idle)).height > 0.7 * labels.height
