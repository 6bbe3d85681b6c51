"""The most that the evidence tells of true values: an order learned from the truth itself, of other enterprises.

No platform can have it. Between it and the oracle lies what no evidence given shows.
"""

from typing import TYPE_CHECKING

import lightgbm as lgb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.fit_rows import Scene, drawn, records_of, scene
from scoring.product_fit import pair_matrix

if TYPE_CHECKING:
    from benchmarks.fit import Judged

Floats = NDArray[np.float64]
MOST, ROUNDS = 2_400, 350
PARAMETERS = {
    "objective": "regression_l2", "learning_rate": 0.06, "num_leaves": 31, "min_data_in_leaf": 60, "lambda_l2": 5.0,
    "feature_fraction": 0.5, "bagging_fraction": 0.7, "bagging_freq": 1, "cat_smooth": 20.0, "verbosity": -1,
    "seed": 0, "num_threads": 1, "deterministic": True, "force_row_wise": True,
}  # fmt: skip


def ceiling(judged: "Judged") -> Floats:
    """Expected true value over the amount wanted, by boosted trees on pairs, product and bank: row × product."""
    mine = judged.scene.who["enterprise_id"].unique()
    others = drawn(judged.city).filter(~pl.col("enterprise_id").is_in(mine.implode()))
    taken = others.sample(min(MOST, others.height), seed=judged.seed)
    records = judged.as_given(records_of(judged.city, taken["enterprise_id"]))
    seen = scene(records, taken, judged.scene.rules)
    inside = seen.candidates.ravel()
    value = (seen.truth(judged.told, "utility_fen") / seen.who["wanted_fen"].to_numpy()[:, None]).ravel()
    matrix = _matrix(seen)
    data = lgb.Dataset(matrix[inside], value[inside], categorical_feature=[0, 1])
    said = lgb.train(PARAMETERS, data, ROUNDS).predict(_matrix(judged.scene))
    return np.asarray(said).reshape(len(judged.scene), -1)


def _matrix(seen: Scene) -> Floats:
    """Product, bank, amounts by rule, then what models of fit see."""
    banks = {bank: place for place, bank in enumerate(dict.fromkeys(seen.rules.banks))}
    of_product = np.array([(place, banks[bank]) for place, bank in enumerate(seen.rules.banks)], dtype=np.float64)
    amounts = seen.quotes.select(
        pl.col("limit_fen").cast(pl.Float64).log1p(), pl.col("wanted_fen").cast(pl.Float64).log(), "is_limit_open"
    )
    told = amounts.cast(pl.Float64).to_numpy()
    return np.concatenate([np.tile(of_product, (len(seen), 1)), told, pair_matrix(seen.pairs)], axis=1)
