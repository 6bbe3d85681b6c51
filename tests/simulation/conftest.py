"""One small city for all tests of this folder."""

import datetime as dt

import pytest

from simulation.world import Simulated, simulate

UNTIL = dt.date(2026, 10, 31)


@pytest.fixture(scope="session")
def city() -> Simulated:
    return simulate(enterprises=120, months=36, seed=7, until=UNTIL)
