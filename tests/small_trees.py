"""Small boosters and models for tests."""

import datetime as dt

import lightgbm as lgb
import numpy as np

from features.profile import profiles
from features.sets import INVOICE_FLOW
from scoring.card import Card
from scoring.explained import Band
from scoring.model import Calibration, Model, as_matrix
from sources.records import Records

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


def small_model(records: Records, as_of: dt.date) -> Model:
    """A model that takes small sales for risk: enough to be loaded, served and explained."""
    matrix = as_matrix(profiles(records, INVOICE_FLOW, as_of), INVOICE_FLOW)
    sales = np.nan_to_num(matrix[:, 0])
    settings = {"objective": "binary", "verbose": -1, "num_threads": 1, "min_data_in_leaf": 3, "seed": 1}
    names = [feature.name for feature in INVOICE_FLOW]
    data = lgb.Dataset(matrix, (sales < np.median(sales)).astype(int), feature_name=names)
    bands = {name: Band(0.0, 1.0) for name in names}
    card = Card(name="creditworthiness", version="1", training={}, metrics={}, limits=())
    return Model(lgb.train(settings, data, 10), INVOICE_FLOW, Calibration(0.0, 1.0, 0.0), bands, card)
