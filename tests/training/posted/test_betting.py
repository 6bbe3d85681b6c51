"""The bet that a champion is worse: won when it is, hardly ever when it is not, whoever looks whenever."""

import numpy as np
import pytest

from training.posted.betting import RollbackPolicy, bet

POLICY = RollbackPolicy("2026-01-01", false_alarm=0.01, margin=0.0, boldest=0.5)


def everybody(count):
    return [f"e-{place}" for place in range(count)]


def test_without_an_answer_nothing_is_shown():
    made = bet(np.zeros(0), [], POLICY)
    assert (made.answers, made.wealth, made.needed, made.settled) == (0, 1.0, 100.0, None)


def test_the_first_answer_moves_nothing_and_the_second_is_bet_on():
    """After d = 1: mean 1/2 over spread (0.25 + 1)/2 = 0.625, so λ = min(0.8, 0.5); wealth 1, then 1 + 0.5 × 1."""
    made = bet(np.array([1.0, 1.0]), everybody(2), POLICY)
    assert made.wealth == pytest.approx(1.5)


def test_the_second_answer_about_one_enterprise_counts_half():
    made = bet(np.array([1.0, 1.0]), ["e-1", "e-1"], POLICY)
    assert made.wealth == pytest.approx(1.25)


def test_a_champion_that_always_does_worse_is_found():
    made = bet(np.full(60, 0.3), everybody(60), POLICY)
    assert made.settled is not None
    assert made.settled < 60


def test_a_champion_that_does_better_is_never_bet_against():
    made = bet(np.full(500, -0.3), everybody(500), POLICY)
    assert (made.wealth, made.settled) == (1.0, None)


def test_what_was_settled_stays_settled():
    worse, better = np.full(60, 0.3), np.full(500, -0.3)
    short, long = (bet(rows, everybody(len(rows)), POLICY) for rows in (worse, np.concatenate([worse, better])))
    assert short.settled == long.settled
    assert long.wealth >= long.needed


def test_looking_every_day_raises_no_more_false_alarms_than_promised():
    """600 champions no better and no worse, looked at after each of 400 answers.

    At most 1 % may ever be called worse; more than 15 of 600 (2.5 %) would have a chance below 0.1 %.
    """
    alarms = 0
    for seed in range(600):
        drawn = np.random.default_rng(seed).choice([-0.2, 0.2], 400)
        alarms += bet(drawn, everybody(400), POLICY).settled is not None
    assert alarms <= 15
