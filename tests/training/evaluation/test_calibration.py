import math

import numpy as np
import polars as pl
import pytest
from scipy.special import expit, logit

from training.evaluation.calibration import bins_of, calibration_metrics, ece, ece_floor, line, reliability
from training.evaluation.resampling import Draws


def each_alone(rows, seed=0):
    return Draws.of_enterprises(pl.Series(range(rows)), seed=seed)


@pytest.fixture(scope="module")
def true_rows():
    """20,000 rows whose probabilities are the truth."""
    rng = np.random.default_rng(3)
    said = expit(rng.normal(-3, 1, 20_000))
    return (rng.random(20_000) < said).astype(np.int64), said


def test_calibration_error_by_hand():
    """Two bins of two rows: |0.15 - 0.5| / 2 + |0.75 - 0.5| / 2 = 0.3."""
    defaulted, said = np.array([0, 1, 1, 0]), np.array([0.1, 0.2, 0.7, 0.8])
    assert ece(defaulted, said, each_alone(4), count=2).value == pytest.approx(0.3)


def test_rows_of_equal_probability_share_a_bin_whatever_their_order():
    said = np.array([0.1] * 5 + [0.2] * 15)
    assert len(np.unique(bins_of(said, 4))) == 2
    assert np.unique(bins_of(np.full(50, 0.3), 20)).size == 1


def test_true_probabilities_have_the_error_of_the_floor(true_rows):
    defaulted, said = true_rows
    error, floor = ece(defaulted, said, each_alone(len(said))), ece_floor(said, seed=0)
    assert floor.low <= error.value <= floor.high
    assert error.low <= error.value <= error.high


def test_doubled_probabilities_have_an_error_far_above_the_floor(true_rows):
    defaulted, said = true_rows
    doubled = np.minimum(2 * said, 1.0)
    assert ece(defaulted, doubled, each_alone(len(said))).low > ece_floor(doubled, seed=0).high


def test_slope_and_intercept_find_what_was_done_to_true_probabilities(true_rows):
    """Said log odds are half the true ones less 0.4: true = 2 × said + 0.8, so the slope is 2."""
    defaulted, said = true_rows
    draws = each_alone(len(said))
    slope, _ = line(defaulted, expit(logit(said) / 2 - 0.4), draws)
    assert slope.low <= 2.0 <= slope.high
    _, intercept = line(defaulted, expit(logit(said) - 0.7), draws)
    assert intercept.low <= 0.7 <= intercept.high
    assert intercept.high - intercept.low < 0.3


def test_one_step_draws_spread_as_new_fits_do(true_rows):
    defaulted, said = (part[:1_500] for part in true_rows)
    draws = each_alone(1_500)
    weights = np.concatenate(list(draws.weights(np.arange(1_500))))[:60]
    fitted = []
    for drawn in weights:
        again = np.repeat(np.arange(1_500), drawn.astype(int))
        fitted.append(line(defaulted[again], said[again], each_alone(len(again)))[0].value)
    slope, _ = line(defaulted, said, draws)
    assert (slope.high - slope.low) / 3.92 == pytest.approx(np.std(fitted), rel=0.3)


def test_metrics_by_hand():
    """Brier (0.04 + 0.09) / 2; log loss -(ln 0.8 + ln 0.7) / 2."""
    found = calibration_metrics(np.array([1, 0]), np.array([0.8, 0.3]), each_alone(2), seed=0)
    assert found["brier"].value == pytest.approx(0.065)
    assert found["log_loss"].value == pytest.approx(-(math.log(0.8) + math.log(0.7)) / 2)
    assert found["mean_pd"].value == pytest.approx(0.55)
    assert found["default_rate"].value == 0.5


def test_probabilities_of_0_and_1_have_a_finite_loss():
    found = calibration_metrics(np.array([1, 0, 1]), np.array([0.0, 1.0, 1.0]), each_alone(3), seed=0)
    assert math.isfinite(found["log_loss"].value)


def test_rows_that_a_line_separates_have_no_slope():
    slope, _ = line(np.array([0] * 20 + [1] * 20), np.linspace(0.1, 0.9, 40), each_alone(40))
    assert math.isnan(slope.value)


def test_reliability_bins_hold_all_rows_and_rise(true_rows):
    defaulted, said = true_rows
    bins = reliability(defaulted, said, each_alone(len(said)))
    assert sum(one.rows for one in bins) == len(said)
    assert [one.said for one in bins] == sorted(one.said for one in bins)
    assert all(one.seen.low <= one.seen.value <= one.seen.high for one in bins)
