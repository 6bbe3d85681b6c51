import datetime as dt

import pytest

from simulation.world import simulate
from sources.records import Records


@pytest.fixture(scope="session")
def city():
    """Records and labels of a small simulated city."""
    made = simulate(enterprises=250, months=42, seed=1, until=dt.date(2026, 10, 31))
    return Records.of({"registry": made.registry, "vat_invoices": made.vat_invoices}), made.labels
