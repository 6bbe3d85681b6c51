import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.product_fit.rulers import rulers_of


def test_scores_of_the_sample_have_mean_0_and_deviation_1():
    values = np.random.default_rng(0).lognormal(sigma=3.0, size=2_000)
    (ruler,) = rulers_of(values[:, None])
    assert ruler(values).mean() == pytest.approx(0.0, abs=1e-9)
    assert ruler(values).std() == pytest.approx(1.0)


@given(st.lists(st.floats(-1e12, 1e12), min_size=2, max_size=50))
def test_a_higher_value_never_scores_lower(values):
    (ruler,) = rulers_of(np.array(values)[:, None])
    assert (np.diff(ruler(np.sort(values))) >= 0).all()


@pytest.mark.parametrize("column", [[3.0, 3.0, 3.0], [np.nan, np.nan, np.nan], [np.nan, 1.0, np.nan]])
def test_a_column_that_never_varies_scores_nothing(column):
    (ruler,) = rulers_of(np.array(column)[:, None])
    assert ruler(np.array([1.0, 3.0, 99.0, np.nan])).tolist() == [0.0] * 4
