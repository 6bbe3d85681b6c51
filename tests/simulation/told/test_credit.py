"""Loans, instalments and summaries of a community."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from simulation.community import Community
from simulation.firms import NEVER
from simulation.told import credit
from simulation.told.accounts import Accounts, accounts

TELLERS = {"loans": credit.loans, "repayments": credit.repayments, "credit_reports": credit.credit_reports}


@pytest.fixture(scope="module")
def book(community: Community) -> Accounts:
    return accounts(community)


@pytest.fixture(scope="module")
def loans(community: Community) -> pl.DataFrame:
    return credit.loans(community)


@pytest.fixture(scope="module")
def repayments(community: Community) -> pl.DataFrame:
    return credit.repayments(community)


def test_every_loan_of_the_hidden_lives_is_told_with_its_amount_and_rate(
    community: Community, loans: pl.DataFrame
) -> None:
    lent = community.lives.credit
    expected = {
        (firm, round(100 * amount), round(10_000 * rate))
        for firm, amount, rate in zip(lent.firm.tolist(), lent.amount.tolist(), lent.rate.tolist(), strict=True)
    }
    told = set(loans.select("firm", "amount_fen", "rate_bp").iter_rows())
    assert expected <= told


def test_private_debt_makes_no_account(community: Community, loans: pl.DataFrame) -> None:
    lives = community.lives
    only_private = set(np.flatnonzero(lives.private_debt.any(axis=1)).tolist()) - set(lives.credit.firm.tolist())
    assert only_private
    assert not only_private & set(loans["firm"].to_list())


def test_a_version_knows_nothing_that_comes_later(loans: pl.DataFrame) -> None:
    for day in ("closed_on", "restructured_on", "written_off_on"):
        assert loans.filter(pl.col(day) > pl.col("known_on")).is_empty()


def test_few_versions_tell_of_a_loan(loans: pl.DataFrame) -> None:
    assert loans.height / loans.select("firm", "loan").n_unique() <= 8


def test_what_was_replaced_before_the_told_months_is_left_out(community: Community, loans: pl.DataFrame) -> None:
    begins = community.calendar.starts[community.calendar.first].item()
    old = loans.filter(pl.col("known_on") < begins)
    assert not old.is_empty()
    assert old.select("firm", "loan").is_unique().all()


def test_loans_are_in_arrears_when_bills_of_the_firm_stay_unpaid(community: Community, book: Accounts) -> None:
    run, overdue = credit.course(book, community), community.lives.overdue
    lent = np.flatnonzero(book.is_bank_loan)
    for month in range(community.calendar.first, community.calendar.months):
        still = lent[run.is_open[lent, month]]
        assert ((run.owed[still, month] > 0) == (overdue[book.firm[still], month] > 0)).all()


def test_days_past_due_follow_the_months_in_arrears(loans: pl.DataFrame) -> None:
    in_arrears = loans.filter(pl.col("days_past_due") > 0)
    assert not in_arrears.is_empty()
    first, second, third = (
        in_arrears.filter(pl.col("days_past_due").is_between(31 * k - 12, 31 * k))["five_class"].unique().to_list()
        for k in (1, 2, 3)
    )
    assert first == second == ["special_mention"]
    assert third == ["substandard"]


def test_loans_in_default_are_never_paid_down(community: Community, book: Accounts) -> None:
    default = community.lives.default[book.firm]
    lost = (book.began < default) & (book.ends >= default - 2) & (default < NEVER) & book.is_bank_loan
    renewed_before = book.closes < default
    assert (lost & ~renewed_before).any()
    assert (book.closes[lost & ~renewed_before] == NEVER).all()


@pytest.fixture(scope="module")
def failing(community: Community) -> Community:
    """The same community, but all its firms leave their bills unpaid from the third told month on."""
    lives, first = community.lives, community.calendar.first
    overdue = np.maximum(np.arange(community.calendar.months) - (first + 1), 0)
    defaults = replace(
        lives,
        overdue=np.broadcast_to(overdue, lives.overdue.shape),
        default=np.full(len(lives.default), first + 4),
    )
    return replace(community, lives=defaults)


def test_loans_are_written_off_half_a_year_to_one_and_a_half_after_default(failing: Community) -> None:
    book = accounts(failing)
    run = credit.course(book, failing)
    waited = run.written_off[run.written_off < NEVER] - (failing.calendar.first + 4)
    assert len(set(waited.tolist())) > 5
    assert waited.min() >= 6
    assert waited.max() <= 18


def test_some_loans_are_restructured_two_months_in_arrears_or_soon_after_default(failing: Community) -> None:
    book = accounts(failing)
    run = credit.course(book, failing)
    then_open = (run.restructured < NEVER) & (book.began < failing.calendar.first) & book.is_loan
    waited = set((run.restructured[then_open] - (failing.calendar.first + 4)).tolist())
    assert -1 in waited
    assert {-1} < waited <= {-1, *range(2, 9)}


def test_neither_happens_to_most_loans_in_default(failing: Community) -> None:
    book = accounts(failing)
    run = credit.course(book, failing)
    lost = (book.began < failing.calendar.first) & (book.closes == NEVER)
    spared = (run.written_off == NEVER) & (run.restructured == NEVER)
    assert 0.3 < spared[lost].mean() < 0.6


def test_nothing_falls_due_of_what_was_written_off(failing: Community) -> None:
    written_off = credit.loans(failing).group_by("firm", "loan").agg(pl.col("written_off_on").max()).drop_nulls()
    due = credit.repayments(failing).join(written_off, ["firm", "loan"])
    assert not due.is_empty()
    assert (due["due_on"] <= due["written_off_on"]).all()


def test_classes_worsen_from_month_to_month(failing: Community) -> None:
    begins = failing.calendar.starts[failing.calendar.first].item()
    told = credit.loans(failing).filter(
        pl.col("days_past_due") > 0, pl.col("granted_on") < begins, lender_kind="bank", kind="working_capital"
    )
    # Banks report a month within five days of its end; bills are unpaid from the third told month on.
    reported = 12 * (pl.col("known_on").dt.year() - begins.year) + pl.col("known_on").dt.month() - begins.month - 1
    classes = told.group_by(months=reported - 1).agg(pl.col("five_class").unique())
    assert dict(classes.filter(pl.col("months") <= 6).iter_rows()) == {
        **{months: ["special_mention"] for months in (1, 2)},
        **{months: ["substandard"] for months in (3, 4, 5)},
        6: ["doubtful"],
    }


def test_the_hidden_lives_renew_on_the_day_on_which_the_old_loan_ends(loans: pl.DataFrame) -> None:
    new = loans.drop_nulls("renewal_of").select("firm", "granted_on", loan="renewal_of").unique()
    closed = loans.drop_nulls("closed_on").select("firm", "loan", "closed_on")
    linked = new.join(closed, ["firm", "loan"])
    assert linked.height == new.height > 0
    assert (linked["granted_on"] == linked["closed_on"]).all()


def test_instalments_are_paid_in_months_in_which_all_bills_are(
    community: Community, loans: pl.DataFrame, repayments: pl.DataFrame
) -> None:
    renewed = loans.select("firm", loan="renewal_of").drop_nulls()
    month = pl.Series(community.calendar.starts[:-1]).alias("month")
    overdue = pl.DataFrame({"month": month}).with_row_index("place")
    due = repayments.join(renewed, ["firm", "loan"], "anti")
    due = due.with_columns(month=pl.col("due_on").dt.month_start()).join(overdue, "month")
    in_arrears = community.lives.overdue[due["firm"].to_numpy(), due["place"].to_numpy()] > 0
    in_month = (due["paid_on"].dt.month_start() == due["month"]).fill_null(value=False).to_numpy()
    assert in_arrears.any()
    assert (in_month == ~in_arrears).all()


def test_instalments_add_up_to_the_amount_and_the_interest(repayments: pl.DataFrame, loans: pl.DataFrame) -> None:
    terms = (
        loans.filter(pl.col("lender_kind") == "bank")
        .unique(("firm", "loan"))
        .select("firm", "loan", "amount_fen", "rate_bp", "matures_on")
    )
    whole = repayments.group_by("firm", "loan").agg(
        pl.col("due_fen").sum(),
        pl.len(),
        pl.col("due_on").max(),
        first=pl.col("instalment").min(),
        largest=pl.col("due_fen").max(),
    )
    whole = whole.join(terms, ["firm", "loan"]).filter(
        (pl.col("due_on") == pl.col("matures_on")) & (pl.col("first") == 1)
    )
    # Paid at the end, the whole amount bears interest every month; in n equal parts, (n + 1) / 2n of it on average.
    bullet = pl.col("largest") >= pl.col("amount_fen")
    months = whole.select(pl.when(bullet).then("len").otherwise((pl.col("len") + 1) / 2)).to_series()
    interest = whole["amount_fen"] * whole["rate_bp"] * months / 120_000
    assert whole.filter(bullet).height > 20
    assert whole.filter(~bullet).height > 0
    # A rate of 4.117 % is told as 412 basis points.
    rounded = whole["amount_fen"] * whole["len"] / 240_000 + whole["len"]
    assert ((whole["due_fen"] - whole["amount_fen"] - interest).abs() <= rounded).all()


def test_leases_are_paid_down_quarter_by_quarter(loans: pl.DataFrame) -> None:
    leases = loans.filter(pl.col("kind") == "leasing", pl.len().over("firm", "loan") > 4)
    falls = leases.group_by("firm", "loan").agg(pl.col("balance_fen").is_sorted(descending=True))
    assert falls.height > 1
    assert falls["balance_fen"].all()


def test_careless_firms_forget_instalments_more_often(community: Community, book: Accounts) -> None:
    careful = community.firms.conduct[book.firm] > 0
    assert (book.late[~careful] > 0).mean() > 1.5 * (book.late[careful] > 0).mean()


def test_careful_firms_forget_instalments_too(community: Community, book: Accounts) -> None:
    careful = community.firms.conduct[book.firm] > 0
    assert (book.late[careful] > 0).any()


def test_a_report_sums_up_the_loans_known_on_its_day(community: Community, loans: pl.DataFrame) -> None:
    for report in credit.credit_reports(community).sample(40, seed=1).iter_rows(named=True):
        newest: dict[str, dict[str, object]] = {}
        for row in loans.filter(firm=report["firm"]).sort("known_on").iter_rows(named=True):
            if row["known_on"] <= report["reported_on"]:
                newest[row["loan"]] = row
        lent = [row for row in newest.values() if row["kind"] != "acceptance"]
        bad = {"substandard", "doubtful", "loss"}
        assert report["loan_balance_fen"] == sum(row["balance_fen"] for row in lent)
        assert report["bad_balance_fen"] == sum(row["balance_fen"] for row in lent if row["five_class"] in bad)
        assert report["institutions_ever"] == len({row["lender"] for row in newest.values()})
        assert report["institutions_open"] == len({row["lender"] for row in newest.values() if not row["closed_on"]})
        assert report["fixed_used_fen"] + report["revolving_used_fen"] == report["loan_balance_fen"]


def test_a_firm_before_its_first_loan_has_a_report_without_loans(community: Community) -> None:
    reports = credit.credit_reports(community)
    fresh = reports.filter(pl.col("first_credit_year").is_null())
    assert not fresh.is_empty()
    assert fresh.select("short_term_loans", "mid_long_term_loans", "loan_balance_fen").sum().row(0) == (0, 0, 0)
