"""Small models of fit that can be saved, served and told apart."""

import lightgbm as lgb
import numpy as np

from scoring.card import Card
from scoring.product_fit import BankView, FitModel, Head, Ruler, columns_seen


def small_fit(*, version="1", intercept=0.0, training=None):
    """Approval and keeping of a model whose trees look at a few columns; `intercept` moves every log odds."""
    width = len(columns_seen())
    rulers = tuple(Ruler((0.0, 1.0), (-1.0, 1.0)) for _ in range(width))
    card = Card("product_fit", version, training or {"as_of": "2025-01-01/2025-06-01"}, {}, ())
    return FitModel(_head(width, 1, intercept), _head(width, 2, 1.0), rulers, card)


def _head(width, seed, intercept):
    source = np.random.default_rng(seed)
    x = source.normal(size=(300, width))
    y = (x[:, 0] + x[:, -1] + source.normal(size=300) > 0).astype(int)
    settings = {"objective": "binary", "num_leaves": 4, "verbose": -1, "num_threads": 1, "seed": seed}
    booster = lgb.train(settings, lgb.Dataset(x, y, feature_name=list(columns_seen())), 5)
    return Head(booster, BankView(intercept, 1.0, (0.0,) * width), {}, {})
