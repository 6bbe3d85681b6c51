import pytest
from cities import labelled_city


@pytest.fixture(scope="session")
def city():
    """Records and labels of a small simulated city."""
    return labelled_city(2_400, months=40)
