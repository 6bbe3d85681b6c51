import pytest
from small_trees import NAMES, trees

from features.sets import FEATURES
from scoring.card import Card
from scoring.explained import Band
from scoring.model import Calibration, Model


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
