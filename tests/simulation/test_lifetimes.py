"""Hidden lives: money adds up, trouble ends in default, nothing later changes anything earlier."""

import datetime as dt
from dataclasses import fields

import numpy as np
import pytest

from simulation.assumed import economy as a
from simulation.community import Community, draw_community
from simulation.firms import IDLE, NEVER, PAPER_BAD, PAPER_GOOD, SHELL, draw_firms
from simulation.lifetimes import live
from simulation.months import calendar
from simulation.weather import weather

UNTIL = dt.date(2026, 10, 31)


@pytest.fixture(scope="module")
def city() -> list[Community]:
    months = calendar(36, UNTIL)
    return [draw_community(number, months, weather(months, seed=2), seed=2) for number in range(12)]


def test_the_same_seed_lives_the_same_life(city):
    months = calendar(36, UNTIL)
    again = live(draw_firms(4, months, seed=2), months, weather(months, seed=2)).lives
    for field in fields(again):
        if field.name not in {"calendar", "credit", "applications"}:
            assert np.array_equal(getattr(again, field.name), getattr(city[4].lives, field.name)), field.name


def test_cash_moves_by_what_is_paid(city):
    """Of firms that pay all their bills: cash then + in - out = cash now, to the fen."""
    for community in city:
        lives, scale = community.lives, community.firms.sales[:, None]
        came = lives.receipts + lives.drawn + lives.owner_in
        went = lives.suppliers_paid + lives.payroll + lives.rent + lives.taxes + lives.interest + lives.principal
        change = np.diff(lives.cash, axis=1) - (came - went - lives.owner_out)[:, 1:]
        quiet = (lives.unpaid[:, 1:] == 0) & (lives.unpaid[:, :-1] == 0) & lives.trading[:, :-1] & lives.trading[:, 1:]
        borrowing = lives.private_debt[:, :-1] > 0
        assert np.abs((change / scale)[quiet & ~borrowing]).max() < 1e-9


def test_nothing_is_negative_and_strain_is_a_share(city):
    for community in city:
        lives = community.lives
        for name in (
            "sales",
            "purchases",
            "receipts",
            "payroll",
            "rent",
            "taxes",
            "cash",
            "receivables",
            "unpaid",
            "debt",
        ):
            assert (getattr(lives, name) >= -1e-6).all(), name
        assert ((lives.strain >= 0) & (lives.strain <= 1)).all()


def test_default_is_three_months_of_unpaid_bills(city):
    for community in city:
        lives = community.lives
        failed = np.flatnonzero(lives.default < NEVER)
        month = lives.default[failed]
        assert (lives.overdue[failed, month] == a.DEFAULT_MONTHS).all()
        late = month >= a.DEFAULT_MONTHS
        for back in range(a.DEFAULT_MONTHS):
            assert (lives.unpaid[failed[late], month[late] - back] > 0).all()
        never = lives.default == NEVER
        assert (lives.overdue[never] < a.DEFAULT_MONTHS).all()


def test_who_has_not_begun_or_has_closed_sells_nothing(city):
    for community in city:
        lives, month = community.lives, np.arange(community.calendar.months)
        outside = (month < community.firms.born[:, None]) | (month >= lives.closed[:, None])
        assert (lives.sales[outside] == 0).all()
        assert not lives.trading[outside].any()


def test_about_one_borrower_in_thirty_defaults_in_a_year(city):
    share = []
    for community in city:
        month = community.calendar.first + 12
        owes = (community.states[month + 1].left > 0).any(axis=1)
        judged = owes & community.lives.trading[:, month] & (community.lives.default > month)
        share.append(community.lives.default[judged] <= month + 12)
    assert 0.015 <= np.mean(np.concatenate(share)) <= 0.05


def test_papers_deceive_both_ways(city):
    """Who is only good on paper defaults more often than who is only bad on paper."""

    def failed(role: int) -> float:
        return float(np.mean(np.concatenate([(c.lives.default < NEVER)[c.firms.role == role] for c in city])))

    assert failed(PAPER_GOOD) > 2 * failed(PAPER_BAD)


def test_shells_and_idle_firms_have_no_real_business_and_no_loans(city):
    for community in city:
        fake = np.isin(community.firms.role, [SHELL, IDLE])
        told = community.lives.sales[:, community.calendar.first :]
        usual = told[~fake].mean(axis=1) / community.firms.sales[~fake]
        assert (told[fake].mean(axis=1) / community.firms.sales[fake]).max(initial=0) < 0.1 * np.median(usual)
        assert not np.isin(community.lives.applications.firm, np.flatnonzero(community.firms.role == SHELL)).any()


def test_every_loan_was_drawn_or_renews_another(city):
    for community in city:
        credit, asked = community.lives.credit, community.lives.applications
        new = (credit.month >= 0) & (credit.renews < 0)
        assert new.sum() == (asked.loan >= 0).sum() == (asked.drawn > 0).sum()
        drawn = {(f, n): d for f, n, d in zip(asked.firm, asked.loan, asked.drawn, strict=True) if n >= 0}
        for firm, number, amount in zip(credit.firm[new], credit.number[new], credit.amount[new], strict=True):
            assert drawn[firm, number] == amount
        renewed = credit.renews >= 0
        ended = {(f, n): e for f, n, e in zip(credit.firm, credit.number, credit.ended, strict=True)}
        for firm, old, month in zip(credit.firm[renewed], credit.renews[renewed], credit.month[renewed], strict=True):
            assert ended[firm, old] == month


def test_published_figures_come_out_about_right(city):
    """Drawn ÷ granted about 75 %, credit loans about 30 % of what is lent, new loans at 3 to 4 % a year."""
    asked = [community.lives.applications for community in city]
    told = [one.month >= community.calendar.first for one, community in zip(asked, city, strict=True)]
    granted = sum(one.limit[k].sum() for one, k in zip(asked, told, strict=True))
    drawn = sum(one.drawn[k].sum() for one, k in zip(asked, told, strict=True))
    assert 0.65 <= drawn / granted <= 0.85
    interest = sum((one.drawn * one.rate)[k].sum() for one, k in zip(asked, told, strict=True))
    assert 0.03 <= interest / drawn <= 0.04
    lent = [
        (c.lives.credit.mode, np.where(c.lives.credit.month >= c.calendar.first, c.lives.credit.amount, 0))
        for c in city
    ]
    credit = sum(amount[mode == "credit"].sum() for mode, amount in lent)
    assert 0.2 <= credit / sum(amount.sum() for _, amount in lent) <= 0.45
