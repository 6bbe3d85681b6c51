"""An evaluation that passes every gate of a promotion."""

import datetime as dt
import math

from training.evaluation.types import Comparison, Curve, Evaluation, Identity, Proof, Segment, Withheld
from training.metrics import Estimate

OLD, NEW = Identity("1", "sha256:old"), Identity("2", "sha256:new")
BETTER, EVEN = Estimate(0.02, 0.01, 0.03), Estimate(0.0, -0.01, 0.01)
UNKNOWN = Estimate(math.nan, math.nan, math.nan)


def segment(name, **changes):
    values = {"by": "size", "name": name, "rows": 600, "defaults": 30, "auc": Estimate(0.8, 0.75, 0.85)}
    rates = {"ece": Estimate(0.02, 0.01, 0.04), "default_rate": Estimate(0.05, 0.03, 0.07), "mean_pd": 0.05}
    fair = {"approved": 0.8, "missed": 0.1, "auc_difference": EVEN, "loss_difference": EVEN}
    return Segment(**(values | rates | fair | changes))


GOOD = Evaluation(
    model=NEW,
    data="city",
    data_digest="sha256:data",
    on=dt.date(2026, 11, 1),
    rows=1200,
    enterprises=400,
    defaults=60,
    first_as_of=dt.date(2026, 1, 1),
    last_as_of=dt.date(2026, 6, 1),
    metrics={"auc": Estimate(0.8, 0.75, 0.85), "ece": Estimate(0.01, 0.005, 0.02)},
    roc=Curve((0.0, 1.0), (0.0, 1.0)),
    precision_recall=Curve((0.0, 1.0), (1.0, 0.05)),
    reliability=(),
    tenths=(),
    months=(),
    drifting=(),
    segments=(segment("micro"), segment("small")),
    cuts=(),
    movers=(),
    findings=(),
    proof=Proof(trees=10, leaves=70, constrained=5, faults=()),
    withheld=(Withheld("tax", 1000, 0.004, -8.0), Withheld("bank", 0, math.nan, math.nan)),
    out_of_distribution=Estimate(0.01, 0.0, 0.02),
    comparison=Comparison(OLD, Estimate(0.78, 0.73, 0.83), BETTER, EVEN, p_auc=0.01, p_loss=0.9),
    truth=None,
)
