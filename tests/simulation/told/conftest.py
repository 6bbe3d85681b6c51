"""One community for all tests of this folder."""

import datetime as dt

import pytest

from simulation.community import Community, draw_community
from simulation.months import calendar
from simulation.weather import weather

UNTIL = dt.date(2026, 10, 31)


@pytest.fixture(scope="session")
def community() -> Community:
    months = calendar(30, UNTIL)
    return draw_community(0, months, weather(months, seed=5), seed=5)
