"""Cases of one enterprise under a model whose points can be added up by hand."""

import datetime as dt

import pytest
from points_models import facts_with, points_model, profile_of

from decisions.changes.case import Case
from decisions.policies import policy_on

DAY = dt.date(2026, 11, 22)


@pytest.fixture(scope="session")
def case():
    """A case: start + points per unit × value, and values the model does not see."""
    policy = policy_on(DAY)

    def make(start, per_unit, values, **known):
        facts = facts_with(DAY, **{name: known.pop(name) for name in ("registry", "listings", "need") if name in known})
        texts = known.pop("texts", {})
        return Case(profile_of(values, **texts), points_model(start, per_unit, **known), facts, policy)

    return make
