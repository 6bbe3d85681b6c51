"""Fixtures of all tests."""

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from samples import ENTERPRISES

settings.register_profile("xinpei", deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("xinpei")

REAL_DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "cumcm2020c"


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The contest's data, where it lies beside the project."""
    if not REAL_DATA.is_dir():
        pytest.skip("the contest's invoices (cumcm2020c) do not lie beside the project; they are not part of it")
    return REAL_DATA


@pytest.fixture
def simple_invoice() -> dict[str, object]:
    """One plain sale of 100.00 yuan with 13 % VAT."""
    return {
        "enterprise_id": ENTERPRISES[0],
        "direction": "issued",
        "code": None,
        "number": "1",
        "issued_on": dt.date(2026, 1, 10),
        "counterparty": "c-1",
        "net_fen": 10_000,
        "vat_fen": 1_300,
        "voided_on": None,
        "red_letter_of": None,
        "known_on": dt.date(2026, 1, 10),
    }
