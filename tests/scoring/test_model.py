import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapley import shapley_values
from small_trees import NAMES, trees

from features.peers import Group
from features.sets import FEATURES
from scoring.card import Card
from scoring.explained import Band
from scoring.model import FACTOR, Calibration, Model, NoPdError

ROWS = [[0.5, 2.0, -1.0, 0.1], [None, 0.0, 3.0, 0.9], [1e12, None, None, None], [None, None, None, None]]


@pytest.fixture
def profiles():
    codes = [f"e{n}" for n in range(len(ROWS))]
    frame = pl.DataFrame(ROWS, schema=dict.fromkeys(NAMES, pl.Float64), orient="row")
    return frame.with_columns(enterprise_id=pl.Series(codes))


@pytest.mark.parametrize("leaves", [2, 4, 8])
def test_contributions_equal_shapley_values_by_brute_force_missing_values_included(leaves):
    booster, x = trees(leaves=leaves, rounds=6)
    for row in [*x[:6], np.full(len(NAMES), np.nan), np.zeros(len(NAMES))]:
        contributions = booster.predict(row.reshape(1, -1), pred_contrib=True)[0]
        assert contributions == pytest.approx(shapley_values(booster, row), abs=1e-9)


def test_base_and_points_add_up_to_the_unclipped_score(model, profiles):
    for scored in model.score(profiles):
        assert scored.base_points + sum(scored.points) == pytest.approx(scored.unclipped_score, abs=1e-9)


def test_the_score_is_affine_in_the_margin(model, profiles):
    margins, scored = model.margins(profiles), model.score(profiles)
    calibration = model.calibration
    for margin, one in zip(margins, scored, strict=True):
        log_odds = calibration.intercept + calibration.slope * margin + calibration.prior_shift
        assert one.unclipped_score == pytest.approx(600 - FACTOR * (log_odds + math.log(30)), abs=1e-6)


def test_base_odds_give_base_score_and_double_odds_forty_points_more(model, profiles):
    flat = replace(model, calibration=Calibration(intercept=-math.log(30), slope=0.0, prior_shift=0.0))
    better = replace(model, calibration=Calibration(intercept=-math.log(60), slope=0.0, prior_shift=0.0))
    assert flat.score(profiles)[0].unclipped_score == pytest.approx(600)
    assert better.score(profiles)[0].unclipped_score == pytest.approx(640)


@given(st.floats(-60, 60))
def test_the_score_stays_within_its_bounds(intercept):
    booster, _ = trees(leaves=2, rounds=1)
    frame = pl.DataFrame({"enterprise_id": ["e"], **{name: [0.0] for name in NAMES}})

    features = tuple(FEATURES[name] for name in NAMES)
    extreme = Model(booster, features, Calibration(intercept, 1.0, 0.0), {}, Card("c", "1", {}, {}, ()))
    assert 300 <= extreme.score(frame)[0].score <= 850


def test_a_row_scores_the_same_alone_and_in_a_batch_to_the_last_digit(model, profiles):
    together = model.score(profiles)
    for place, scored in enumerate(together):
        assert model.score(profiles[place]) == [scored]


def test_missing_values_are_shown_as_missing(model, profiles):
    assert model.score(profiles)[1].values == (None, 0.0, 3.0, 0.9)


SHOP = Group("F", "micro")


def test_a_band_is_that_of_the_own_peers_where_there_are_any(model_with_peers):
    """A margin of 0.1 is (0.1 - 0.2) / 0.1 of the spread below the median, one of 0.4 twice as far above."""
    bands = model_with_peers.bands_of(SHOP)
    assert bands["sales_12m"] == Band(10.0, 50.0)
    assert bands["margin_12m_vs_peers"] == Band(pytest.approx(-1.0), pytest.approx(2.0))


def test_a_band_is_that_of_the_training_sample_where_there_are_no_peers(model, model_with_peers):
    assert model_with_peers.bands_of(Group()) == model.bands == model.bands_of(SHOP)


def test_a_model_reads_deviations_from_their_own_column(model_with_peers):
    row = pl.DataFrame({
        "enterprise_id": ["e"], "sales_12m": [1.0], "silent_months_12m": [2.0], "margin_12m": [0.3],
        "void_share_12m": [0.0], "industry_section": ["F"], "size_class": ["micro"],
    })  # fmt: skip
    deviations = model_with_peers.peers.deviations(row, [model_with_peers.features[2]])
    assert model_with_peers.matrix(row.hstack(deviations)).tolist() == [[1.0, 2.0, pytest.approx(1.0), 0.0]]


@pytest.fixture
def taxed(profiles):
    """The second and the fourth row gave no taxes."""
    return profiles.with_columns(has_tax=pl.Series([True, False, True, False]))


def test_a_missing_block_takes_its_points(model, whole_model, taxed):
    assert model.points(taxed) - whole_model.points(taxed) == pytest.approx([0.0, 30.0, 0.0, 30.0])


def test_an_answer_tells_what_a_missing_block_takes(whole_model, taxed):
    scored = whole_model.score(taxed)
    assert [dict(one.withheld) for one in scored] == [{}, {"tax": -30.0}, {}, {"tax": -30.0}]
    for one in scored:
        total = one.base_points + sum(one.points) + sum(one.withheld.values())
        assert one.unclipped_score == pytest.approx(total, abs=1e-9)


def test_scores_of_answers_are_the_points(whole_model, taxed):
    assert [one.unclipped_score for one in whole_model.score(taxed)] == pytest.approx(whole_model.points(taxed))


def test_a_pd_is_read_off_the_curve_at_the_points(whole_model, taxed):
    points = whole_model.points(taxed)
    assert (whole_model.probability(taxed) == whole_model.pd.probability(points)).all()
    assert np.array_equal(whole_model.interval(taxed), whole_model.pd.interval(points))
    for one, said in zip(whole_model.score(taxed), whole_model.probability(taxed), strict=True):
        assert one.pd.value == pytest.approx(said)
        assert one.pd.low <= one.pd.value <= one.pd.high
        assert one.pd.level == 0.9


def test_a_model_without_a_curve_claims_no_pd(model, profiles):
    for ask in (model.probability, model.interval):
        with pytest.raises(NoPdError, match="creditworthiness 1: claims no probability of default"):
            ask(profiles)
    assert {one.pd for one in model.score(profiles)} == {None}


def test_an_enterprise_far_outside_is_unusual(whole_model, taxed):
    """The third row's sales are 1e12, beyond 5."""
    assert whole_model.is_unusual(taxed).tolist() == [False, False, True, False]
    assert [one.is_unusual for one in whole_model.score(taxed)] == [False, False, True, False]


def test_a_model_that_knows_no_range_calls_nobody_unusual(model, profiles):
    assert not model.is_unusual(profiles).any()
    assert {one.is_unusual for one in model.score(profiles)} == {None}


def test_points_of_margins_are_those_of_the_models_own(whole_model, taxed):
    margins = whole_model.margins(taxed)
    assert (whole_model.points_of(margins, taxed) == whole_model.points(taxed)).all()
