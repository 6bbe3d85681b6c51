import numpy as np
import pytest

from features.sets import FEATURES
from training.bag import Settings, fit_bag, fit_members, merge

NAMES = ("silent_months_12m", "sales_12m", "margin_12m")
SMALL = Settings(num_leaves=3, rounds=20, feature_fraction=0.7, bags=4)


@pytest.fixture(scope="module")
def sample():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(120, len(NAMES)))
    x[rng.random(x.shape) < 0.1] = np.nan
    return x, (np.nan_to_num(x[:, 0]) + rng.normal(size=120) > 0.7).astype(int)


FEATURES_USED = tuple(FEATURES[name] for name in NAMES)


def test_the_merged_booster_is_the_sum_of_its_members(sample):
    members = fit_members(*sample, FEATURES_USED, SMALL, seed=0)
    merged = merge(members)
    for options in ({"raw_score": True}, {"pred_contrib": True}):
        total = sum(member.predict(sample[0], **options) for member in members)
        assert merged.predict(sample[0], **options) == pytest.approx(total, abs=1e-12)
    assert merged.num_trees() == SMALL.bags * SMALL.rounds


def test_the_same_seed_gives_the_same_trees_and_another_seed_others(sample):
    first, again, other = (fit_bag(*sample, FEATURES_USED, SMALL, seed=seed).model_to_string() for seed in (0, 0, 1))
    assert first == again != other


def test_a_longer_member_starts_like_a_shorter_one(sample):
    long, short = (fit_members(*sample, FEATURES_USED, Settings(3, rounds, bags=1), seed=0)[0] for rounds in (20, 5))
    assert (long.predict(sample[0], num_iteration=5) == short.predict(sample[0])).all()


def test_the_margin_never_moves_against_a_features_direction(sample):
    booster = fit_bag(*sample, FEATURES_USED, SMALL, seed=0)
    grid = np.linspace(-3, 3, 61)
    for place, feature in enumerate(FEATURES_USED):
        for row in sample[0][:20]:
            rows = np.tile(row, (len(grid), 1))
            rows[:, place] = grid
            steps = np.diff(booster.predict(rows, raw_score=True))
            assert (steps * feature.monotone >= -1e-12).all(), feature.name


def test_every_other_member_asks_about_the_whole_history_only(sample):
    features = (FEATURES["silent_months_12m"], FEATURES["sales_variation_36m"], FEATURES["margin_36m"])
    members = fit_members(*sample, features, SMALL, seed=0)
    asked_about_last_year = [member.feature_importance("split")[0] > 0 for member in members]
    assert asked_about_last_year == [False, True, False, True]
