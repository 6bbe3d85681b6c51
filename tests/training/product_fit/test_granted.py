from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from fit_samples import sample_of

from training.product_fit.granted import granted_rates, granted_shares


@pytest.fixture
def four():
    """Two grants of one product, of 0.8 and 1.0 at 4 % and 5 %, one of another without a limit open, one refusal."""
    sample = sample_of(4)
    ids = pl.Series("product_id", ["one", "one", "other", "one"])
    pairs = sample.pairs.with_columns(ids, limit_open=pl.Series([1.0, 1.0, 0.0, 1.0]))
    return pairs, sample


def given(four, **arrays):
    pairs, sample = four
    return replace(sample, pairs=pairs, **{name: np.array(values) for name, values in arrays.items()})


def test_a_share_is_drawn_towards_that_of_all_as_by_five_answers(four):
    sample = given(four, granted_share=[0.8, 1.0, 0.1, np.nan])
    shares, usual = granted_shares(sample, prior=0.5)
    # All open: (0.8 + 1.0 + 5 x 0.5) / 7 = 4.3 / 7; of the product: (1.8 + 5 x 4.3 / 7) / 7
    assert usual == pytest.approx(4.3 / 7)
    assert shares == {"one": pytest.approx((1.8 + 5 * 4.3 / 7) / 7)}


def test_a_rate_is_drawn_towards_the_stated_one_or_that_of_all_grants(four):
    sample = given(four, granted_rate=[0.04, 0.05, 0.03, np.nan], stated_rate=[0.06, 0.06, np.nan, 0.06])
    rates, usual = granted_rates(sample)
    assert usual == pytest.approx(0.04)
    # (0.09 + 5 x 0.06) / 7 and (0.03 + 5 x 0.04) / 6
    assert rates == {"one": pytest.approx(0.39 / 7), "other": pytest.approx(0.23 / 6)}


def test_without_a_grant_nothing_is_said_of_rates(four):
    sample = given(four, granted_rate=[np.nan] * 4)
    assert granted_rates(sample) == ({}, None)
