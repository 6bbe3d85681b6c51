"""The hidden lives: why firms default, and what does not matter."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from simulation import assumptions as a
from simulation.economy import draw_firms, live
from simulation.seasons import calendar

MANY = 3000
DAYS = calendar(36, dt.date(2026, 10, 31))


@pytest.fixture(scope="module")
def firms():
    return draw_firms(MANY, 36, seed=11)


@pytest.fixture(scope="module")
def lives(firms):
    return live(firms, DAYS)


def judged(lives):
    return (lives.default > DAYS.label_month) & (lives.closed > DAYS.label_month)


def defaulted(lives):
    return lives.default < DAYS.months


def test_about_one_judged_firm_in_ten_defaults(lives):
    assert 0.08 <= defaulted(lives)[judged(lives)].mean() <= 0.12
    assert judged(lives).mean() > 0.85


def test_a_default_is_three_months_in_a_row_without_cash_and_nothing_else(lives):
    for firm, month in enumerate(lives.default):
        short = lives.cash[firm] < 0
        if month < DAYS.months:
            assert short[month - a.MONTHS_TO_DEFAULT + 1 : month + 1].all()
        elif lives.closed[firm] >= DAYS.months:
            assert not (short[:-2] & short[1:-1] & short[2:]).any()


def test_the_same_firms_with_ample_cash_and_profit_do_not_default(firms):
    rich = live(replace(firms, cash=firms.cash + 50, profit=firms.profit + 5), DAYS)
    assert defaulted(rich).mean() < 0.005


def test_cash_tells_a_default_and_the_number_of_the_firm_does_not(firms, lives):
    who = judged(lives)
    outcome = defaulted(lives)[who]
    cash_then = lives.cash[who, DAYS.label_month]
    assert roc_auc_score(outcome, -cash_then) > 0.75
    assert roc_auc_score(outcome, np.flatnonzero(who)) == pytest.approx(0.5, abs=0.06)
    assert roc_auc_score(outcome, firms.spare[who, 1]) == pytest.approx(0.5, abs=0.06)


def test_sales_fall_before_a_default_but_not_in_every_firm(firms, lives):
    failing = np.flatnonzero(judged(lives) & defaulted(lives))
    recent = lives.sales[failing, DAYS.label_month - 5 : DAYS.label_month + 1].sum(axis=1)
    a_year_before = lives.sales[failing, DAYS.label_month - 17 : DAYS.label_month - 11].sum(axis=1)
    old_enough = firms.age[failing] > 18
    change = recent[old_enough] / a_year_before[old_enough]
    assert np.median(change) < 0.85
    assert 0.05 < (change > 1).mean() < 0.45


def test_permuted_firms_live_the_same_lives(firms, lives):
    order = np.random.default_rng(0).permutation(MANY)
    shuffled = replace(firms, **{name: values[order] for name, values in vars(firms).items()})
    again = live(shuffled, DAYS)
    assert np.array_equal(again.default, lives.default[order])
    assert np.array_equal(again.sales, lives.sales[order])
