"""SHAP's pictures."""

import numpy as np
import polars as pl
import pytest
from small_trees import NAMES, trees

from features.sets import FEATURES
from scoring.card import Card
from scoring.model import Calibration, Model
from training.evaluation.explanations import explained, pictures

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def model():
    booster, _ = trees(leaves=6, rounds=20)
    features = tuple(FEATURES[name] for name in NAMES)
    return Model(booster, features, Calibration(-0.3, 0.8, -2.0), {}, Card("creditworthiness", "1", {}, {}, ()))


@pytest.fixture(scope="module")
def profiles():
    _, matrix = trees(leaves=4, rounds=1)
    columns = {name: pl.Series(matrix[:, place]).fill_nan(None) for place, name in enumerate(NAMES)}
    codes = [f"Y{place:017d}" for place in range(len(matrix))]
    return pl.DataFrame({"enterprise_id": codes, **columns})


def test_there_is_a_beeswarm_and_a_picture_of_each_strong_feature(model, profiles):
    drawn = pictures(model, profiles)
    assert set(drawn) == {"beeswarm", *(f"dependence_{name}" for name in NAMES)}
    assert all(png.startswith(PNG) for png in drawn.values())


def test_points_add_up_to_the_unclipped_score(model, profiles):
    explanation = explained(model, profiles)
    scores = [one.unclipped_score for one in model.score(profiles)]
    np.testing.assert_allclose(explanation.base_values + explanation.values.sum(axis=1), scores)


def test_the_same_rows_give_the_same_pictures(model, profiles):
    assert pictures(model, profiles) == pictures(model, profiles)


@pytest.mark.filterwarnings("ignore:All-NaN slice:RuntimeWarning")
def test_a_feature_that_nobody_has_gets_no_picture(model, profiles):
    empty = profiles.with_columns(pl.lit(None, dtype=pl.Float64).alias("margin_12m"))
    assert "dependence_margin_12m" not in pictures(model, empty)


def test_one_profile_can_be_drawn(model, profiles):
    assert pictures(model, profiles.head(1))["beeswarm"].startswith(PNG)


def test_no_profiles_are_refused_in_words(model, profiles):
    with pytest.raises(ValueError, match="got none, expected at least one row"):
        pictures(model, profiles.head(0))
