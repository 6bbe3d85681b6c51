"""Small boosters for tests."""

import lightgbm as lgb
import numpy as np

NAMES = ("sales_12m", "silent_months_12m", "margin_12m", "void_share_12m")


def trees(*, leaves, rounds, seed=0):
    """A small booster on four features with missing values."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(300, len(NAMES)))
    x[rng.random(x.shape) < 0.2] = np.nan
    y = (np.nan_to_num(x[:, 0]) - np.nan_to_num(x[:, 1]) * np.nan_to_num(x[:, 2]) + rng.normal(size=300) > 0).astype(
        int
    )
    parameters = {"objective": "binary", "num_leaves": leaves, "min_data_in_leaf": 5, "verbose": -1, "num_threads": 1}
    return lgb.train(parameters, lgb.Dataset(x, y), num_boost_round=rounds), x
