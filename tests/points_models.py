"""Models whose score can be added up by hand: so many points for each unit of a feature."""

import math

import numpy as np
import polars as pl

from decisions.facts import Facts, Need
from decisions.offered.catalogue import Entry
from decisions.offered.products import Bank, Product
from features.peers import SUFFIX, deviation_of
from features.sets import FEATURES
from scoring.card import Card
from scoring.model import BASE_ODDS, BASE_SCORE, FACTOR, Calibration, Model
from sources.contracts import BLOCKS

CODE = "Y1110108XP000001X5"
CARD = Card("creditworthiness", "1", {}, {}, ())


class PointsBooster:
    """Speaks as a LightGBM booster does; a missing value has no points."""

    def __init__(self, start: float, per_unit) -> None:
        self.start, self.per_unit = start, np.array(list(per_unit), dtype=float)

    def predict(self, matrix, *, raw_score=False, pred_contrib=False, num_threads=1):
        assert raw_score or pred_contrib
        assert num_threads == 1
        each = -np.nan_to_num(matrix) * self.per_unit / FACTOR
        base = (BASE_SCORE - FACTOR * math.log(BASE_ODDS) - self.start) / FACTOR
        return np.column_stack([each, np.full(len(each), base)]) if pred_contrib else each.sum(axis=1) + base


def points_model(start, per_unit, *, bands=None, peers=None):
    """The score is start + the sum of points per unit × value, by name of feature or deviation."""
    features = tuple(FEATURES[one] if one in FEATURES else _deviation(one) for one in per_unit)
    booster = PointsBooster(start, per_unit.values())
    return Model(booster, features, Calibration(0.0, 1.0, 0.0), bands or {}, CARD, peers=peers)


def _deviation(name):
    return deviation_of(FEATURES[name.removesuffix(SUFFIX)])


def profile_of(values, **texts):
    """A profile of one enterprise that gave every block."""
    numbers = {name: None if value is None else float(value) for name, value in values.items()}
    schema = {"enterprise_id": pl.String, **dict.fromkeys(values, pl.Float64), **dict.fromkeys(texts, pl.String)}
    row = {"enterprise_id": CODE, **numbers, **texts} | {f"has_{block}": True for block in BLOCKS}
    return pl.DataFrame([row], schema=schema | {f"has_{block}": pl.Boolean for block in BLOCKS})


def facts_with(as_of, *, registry=None, listings=None, need=None):
    """Facts of a row, with what no feature tells."""
    return lambda row: Facts.of(row, registry, as_of=as_of, need=need or Need(), listings=listings or {})


def product(rules, **terms):
    """A product with some rules, offered anywhere."""
    return Entry(
        Bank(id="example", name={"zh": "示例银行", "en": "Example Bank"}, fictional=True),
        Product.model_validate(
            {
                "id": "example-loan",
                "name": {"zh": "示例贷", "en": "Example Loan"},
                "status": "illustrative",
                "category": "credit_loan",
                "guarantee_mode": "credit",
                "from": "2019-08-20",
                "source": "invented for a test",
                "districts": ["CN"],
                "repayment": "revolving",
                "documents": [],
                "rules": rules,
                **terms,
            }
        ),
    )
