"""How much of the possible amount an approval grants: a small LightGBM on past grants, worked-out limits included."""

from typing import Any

import lightgbm as lgb
import numpy as np

from scoring.product_fit import columns_seen
from training.product_fit.sample import PairSample

FEWEST = 300
"""Grants below which the mean of each product says as much."""

ROUNDS = 120
SETTINGS: dict[str, Any] = {
    "objective": "regression",
    "num_leaves": 8,
    "learning_rate": 0.06,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "min_data_in_leaf": 40,
    "lambda_l2": 10.0,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbose": -1,
}


def learn_shares(sample: PairSample, *, seed: int) -> lgb.Booster | None:
    """Trees that tell the mean of `granted_share`; None where grants are too few."""
    granted = np.flatnonzero(np.isfinite(sample.granted_share))
    if len(granted) < FEWEST:
        return None
    data = lgb.Dataset(
        sample.matrix[granted],
        sample.granted_share[granted],
        feature_name=list(columns_seen()),
        params={"verbose": -1},
    )
    return lgb.train(SETTINGS | {"seed": seed}, data, num_boost_round=ROUNDS)
