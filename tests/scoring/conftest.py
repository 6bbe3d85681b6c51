from dataclasses import replace

import pytest
from small_trees import NAMES, trees

from features.peers import Group, PeerReference, Quantiles, deviation_of
from features.sets import FEATURES
from scoring.card import Card
from scoring.explained import Band
from scoring.model import Calibration, Model
from scoring.pd import PdCurve
from scoring.usual import Usual


@pytest.fixture
def model():
    booster, _ = trees(leaves=4, rounds=10)
    return Model(
        booster=booster,
        features=tuple(FEATURES[name] for name in NAMES),
        calibration=Calibration(intercept=-0.3, slope=0.8, prior_shift=-2.0),
        bands={"sales_12m": Band(0.0, 1.0)},
        card=Card("creditworthiness", "1", {}, {}, ()),
    )


@pytest.fixture
def model_with_peers(model):
    """The same, but its third feature is told beside peers: shops with a median margin of 0.2, a spread of 0.1."""
    margin = FEATURES["margin_12m"]
    features = tuple(deviation_of(margin) if feature == margin else feature for feature in model.features)
    shops = {
        "margin_12m": Quantiles(40, 0.1, 0.15, 0.2, 0.25, 0.4),
        "sales_12m": Quantiles(40, 10.0, 20.0, 30.0, 40.0, 50.0),
    }
    return replace(model, features=features, peers=PeerReference(30, {Group("F", "micro"): shops}))


@pytest.fixture
def whole_model(model):
    """The same with all that a model may have: a cost of missing taxes, a curve of PDs, and what is usual."""
    curve = PdCurve((400.0, 700.0), (0.0, -4.0), (0.5, 0.5), (0.5, 1.0), 0.9, "alike", "line")
    usual = Usual((-5.0,) * len(NAMES), (5.0,) * len(NAMES), most_outside=0)
    return replace(model, withheld={"tax": 30.0}, pd=curve, usual=usual)
