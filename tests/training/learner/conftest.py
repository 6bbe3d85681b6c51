import pytest
from small_samples import few_trees, sample_of, smooth_rows


@pytest.fixture
def _few_trees():
    with few_trees():
        yield


@pytest.fixture(scope="session")
def smooth():
    """300 rows of which two columns tell smoothly; the risk rises with the first and falls with the second."""
    return sample_of(*smooth_rows(), monotone=(1, -1, 0))
