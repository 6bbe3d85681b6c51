import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score, roc_curve

from training.calibrate import platt, prior_shift, probability
from training.metrics import auc, brier, ks, mean_of_folds, pooled


@st.composite
def sample(draw):
    size = draw(st.integers(4, 60))
    defaulted = np.array([1, 0, *draw(st.lists(st.integers(0, 1), min_size=size, max_size=size))])
    risk = np.array(draw(st.lists(st.integers(0, 9), min_size=len(defaulted), max_size=len(defaulted))), dtype=float)
    return defaulted, risk


@given(sample())
def test_auc_and_ks_agree_with_scikit_learn(pair):
    defaulted, risk = pair
    false, true, _ = roc_curve(defaulted, risk, drop_intermediate=False)
    assert auc(defaulted, risk) == pytest.approx(roc_auc_score(defaulted, risk))
    assert ks(defaulted, risk) == pytest.approx(np.max(np.abs(true - false)))


def test_brier_by_hand():
    assert brier(np.array([1, 0]), np.array([0.8, 0.4])) == pytest.approx((0.04 + 0.16) / 2)


def test_the_interval_of_repeated_folds_by_hand():
    """s² = 0.01, k = 4, test/train = 1/4: error = sqrt((1/4 + 1/4) 0.01) = 0.0707; t(0.975, 3) = 3.182."""
    estimate = mean_of_folds([0.8, 0.9, 0.7, 0.8], folds=5)
    spread = np.var([0.8, 0.9, 0.7, 0.8], ddof=1)
    assert estimate.value == pytest.approx(0.8)
    assert estimate.high - estimate.value == pytest.approx(3.1824 * np.sqrt(0.5 * spread), rel=1e-4)


def test_pooled_metrics_are_averaged_over_repeats_and_lie_in_their_interval():
    rng = np.random.default_rng(0)
    defaulted = np.repeat([0, 1], [80, 20])
    repeats = [np.clip(0.2 * defaulted + rng.normal(0.3, 0.1, 100), 0, 1) for _ in range(3)]
    estimates = pooled(defaulted, repeats, seed=0)
    assert estimates["auc"].value == pytest.approx(np.mean([auc(defaulted, risk) for risk in repeats]))
    for estimate in estimates.values():
        assert estimate.low <= estimate.value <= estimate.high


def test_platt_recovers_a_known_line():
    rng = np.random.default_rng(1)
    margins = rng.normal(size=50_000)
    defaulted = (rng.random(50_000) < probability(margins, -1.0, 2.0)).astype(int)
    assert platt(margins, defaulted) == pytest.approx((-1.0, 2.0), abs=0.06)


def test_margins_that_rank_the_wrong_way_round_are_not_turned():
    margins = np.linspace(-1, 1, 100)
    intercept, slope = platt(margins, (margins < 0).astype(int))
    assert (intercept, slope) == (0.0, 0.0)


def test_the_prior_shift_moves_the_sample_rate_to_the_population_rate():
    shifted = np.log(0.22 / 0.78) + prior_shift(sample_rate=0.22, population_rate=0.015)
    assert 1 / (1 + np.exp(-shifted)) == pytest.approx(0.015)
