"""True probabilities of default."""

import datetime as dt

import numpy as np
import pytest

from simulation.community import Community, draw_community
from simulation.firms import IDLE, SHELL
from simulation.futures import default_probability
from simulation.months import calendar
from simulation.weather import weather

UNTIL = dt.date(2026, 10, 31)
BRANCHES = 200


@pytest.fixture(scope="module")
def city() -> list[Community]:
    months = calendar(26, UNTIL)
    return [draw_community(number, months, weather(months, seed=9), seed=9) for number in range(10)]


def judged(community: Community, month: int) -> np.ndarray:
    lives = community.lives
    real = ~np.isin(community.firms.role, [SHELL, IDLE])
    return np.flatnonzero(lives.trading[:, month] & (lives.default > month) & real)


def test_they_agree_with_what_happened_and_tell_who(city):
    told, happened = [], []
    for community in city:
        month = community.calendar.first + 13
        places = judged(community, month)
        told.append(default_probability(community, places, month, branches=BRANCHES)[0])
        happened.append(community.lives.default[places] <= month + 12)
    chance, defaulted = np.concatenate(told), np.concatenate(happened)
    error = np.sqrt((chance * (1 - chance)).sum()) / len(chance)
    assert abs(chance.mean() - defaulted.mean()) < 4 * error
    assert chance[defaulted].mean() > 3 * chance[~defaulted].mean()


def test_the_error_is_that_of_a_share(city):
    places = judged(city[0], city[0].calendar.first)[:5]
    chance, error = default_probability(city[0], places, city[0].calendar.first, branches=BRANCHES)
    assert error == pytest.approx(np.sqrt(chance * (1 - chance) / BRANCHES))


def test_the_same_question_has_the_same_answer(city):
    places = judged(city[1], city[1].calendar.first)[:8]
    first, second = (default_probability(city[1], places, city[1].calendar.first, branches=50) for _ in range(2))
    assert np.array_equal(first, second)


def test_nobody_asked_about_gives_nothing(city):
    chance, error = default_probability(city[0], np.zeros(0, np.int64), city[0].calendar.first, branches=50)
    assert len(chance) == len(error) == 0
