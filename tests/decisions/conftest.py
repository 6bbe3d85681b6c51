"""The packaged catalogue and policy, and scores without a model."""

import datetime as dt
from collections.abc import Callable

import pytest

from decisions.offered.catalogue import Catalogue, load_catalogue
from decisions.policies import Policy, policy_on
from scoring.explained import Scored

TODAY = dt.date(2026, 11, 22)


@pytest.fixture(scope="session")
def everything() -> Catalogue:
    """Every product at whatever time, the illustrative ones included."""
    return load_catalogue(illustrative=True)


@pytest.fixture(scope="session")
def catalogue(everything: Catalogue) -> Catalogue:
    """What is offered today."""
    return everything.on(TODAY)


@pytest.fixture(scope="session")
def policy() -> Policy:
    return policy_on(TODAY)


@pytest.fixture(scope="session")
def scored() -> Callable[[float], Scored]:
    """A score of so many points that nothing contributed to."""
    return lambda points: Scored("Y1110108XP000001X5", round(points), points, points, (), ())
