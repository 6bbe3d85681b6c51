import dataclasses
import datetime as dt
import json
import math
from dataclasses import replace

import lightgbm as lgb
import numpy as np
import polars as pl
import pytest
from held_rows import SEEN, Linear, held_rows

from scoring.card import Card
from scoring.model import FACTOR, Calibration, Model, NoPdError, as_matrix
from scoring.pd import PdCurve
from training.evaluation.as_json import from_json, to_json
from training.evaluation.evaluate import EvaluationError, evaluate
from training.evaluation.types import Evaluation, Held, Identity

ON = dt.date(2026, 7, 1)
CHALLENGER, CHAMPION = Identity("2", "sha256:22"), Identity("1", "sha256:11")
WEAKER = Linear(weights=(-0.2, 0.8, 0.5, 0.3))


def evaluated(held, model=None, **others) -> Evaluation:
    return evaluate(model or Linear(), held, identity=CHALLENGER, on=ON, **others)


def only(held, rows) -> Held:
    """Some of the rows."""
    return replace(
        held,
        profiles=held.profiles[rows],
        defaulted=held.defaulted[rows],
        segments=held.segments[rows],
        true_pd=held.true_pd[rows],
    )


@pytest.fixture(scope="module")
def held():
    return held_rows()


@pytest.fixture(scope="module")
def whole(held):
    return evaluated(held, champion=WEAKER, champion_identity=CHAMPION)


def test_every_field_is_filled(whole):
    empty = [
        field.name
        for field in dataclasses.fields(whole)
        if getattr(whole, field.name) in ((), None, "") and field.name != "findings"
    ]
    assert empty == []
    assert whole.findings == ()


def test_every_metric_has_an_interval_around_it(whole):
    expected = {
        "auc", "gini", "ks", "pr_auc", "brier", "log_loss", "ece", "ece_floor", "calibration_slope",
        "calibration_intercept", "mean_pd", "default_rate",
    }  # fmt: skip
    assert set(whole.metrics) == expected
    for name, estimate in whole.metrics.items():
        assert estimate.low < estimate.value < estimate.high, name


def test_rows_enterprises_and_days_are_counted(whole, held):
    assert (whole.rows, whole.enterprises, whole.defaults) == (1_600, 400, held.defaulted.sum())
    assert (whole.first_as_of, whole.last_as_of) == (dt.date(2024, 1, 1), dt.date(2024, 4, 1))
    assert (whole.model, whole.on, whole.data_digest) == (CHALLENGER, ON, held.digest)


def test_the_proof_is_of_the_models_own_booster(whole):
    assert whole.proof.trees == 2
    assert whole.proof.constrained == sum(one.monotone != 0 for one in SEEN)
    assert whole.proof.faults == ()


def test_a_seed_gives_the_same_again(held, whole):
    again = evaluated(held, champion=WEAKER, champion_identity=CHAMPION)
    assert repr(again) == repr(whole)


def test_the_order_of_rows_and_the_names_of_enterprises_do_not_matter_to_values(held, whole):
    rows = np.random.default_rng(0).permutation(held.profiles.height)
    shuffled = evaluated(only(held, rows))
    for name in whole.metrics:
        if name != "ece_floor":
            assert shuffled.metrics[name].value == pytest.approx(whole.metrics[name].value), name


def test_one_row_an_enterprise_adds_delongs_interval(held):
    one_each = only(held, np.arange(0, 1_600, 4))
    found = evaluated(one_each).metrics
    assert found["auc_delong"].value == pytest.approx(found["auc"].value)


@pytest.mark.parametrize("kind", [0, 1])
def test_one_kind_only_is_no_crash(held, kind):
    found = evaluated(
        replace(held, defaulted=np.full_like(held.defaulted, kind)), champion=WEAKER, champion_identity=CHAMPION
    )
    assert math.isnan(found.metrics["auc"].value)
    assert found.metrics["default_rate"].value == kind
    assert found.roc.x == ()
    assert math.isnan(found.comparison.p_auc)
    assert json.loads(json.dumps(to_json(found), allow_nan=False))


def test_fifty_rows_of_one_month_are_no_crash(held):
    found = evaluated(only(held, np.arange(0, 200, 4)), champion=WEAKER, champion_identity=CHAMPION)
    assert (found.rows, len(found.months)) == (50, 1)
    assert found.drifting == ()
    assert all(one.note for one in found.segments)


def test_one_row_is_no_crash(held):
    found = evaluated(only(held, np.array([0])))
    assert math.isnan(found.metrics["auc"].value)
    assert len(found.tenths) == 1


def test_constant_scores_rank_nothing(held):
    found = evaluated(held, Linear(weights=(0.0,) * 4))
    assert found.metrics["auc"].value == 0.5
    assert found.metrics["ks"].value == 0.0
    assert math.isnan(found.metrics["calibration_slope"].value)
    assert found.movers == ()


def test_without_segments_there_are_none(held):
    assert evaluated(replace(held, segments=pl.DataFrame())).segments == ()


def test_a_champion_without_identity_is_refused(held):
    with pytest.raises(EvaluationError, match="expected both"):
        evaluated(held, champion=WEAKER)


def test_labels_other_than_0_and_1_are_refused(held):
    with pytest.raises(EvaluationError, match="expected 0 and 1"):
        evaluated(replace(held, defaulted=held.defaulted + 1))


def test_columns_of_unequal_length_are_refused(held):
    with pytest.raises(EvaluationError, match="true_pd: got 3 rows, expected 1600"):
        evaluated(replace(held, true_pd=held.true_pd[:3]))


def test_no_rows_are_refused(held):
    with pytest.raises(EvaluationError, match="got no rows"):
        evaluated(only(held, np.array([], dtype=np.int64)))


class Mute(Linear):
    """Says nothing of some rows."""

    def probability(self, profiles):
        said = super().probability(profiles)
        said[:7] = math.nan
        return said


def test_a_model_that_says_nothing_of_some_rows_is_refused(held):
    with pytest.raises(EvaluationError, match=r"version 2: probability: got \(1600,\) with 7 that are no numbers"):
        evaluated(held, Mute())


def fitted(held, directions=(-1, 1, 1, 0), *, pd=True) -> Model:
    """A model of the same features, as it is served; without taxes it takes 20 points."""
    x, settings = as_matrix(held.profiles, SEEN), {"objective": "binary", "num_leaves": 4, "verbose": -1}
    booster = lgb.train(
        {**settings, "monotone_constraints": list(directions), "num_threads": 1}, lgb.Dataset(x, held.defaulted), 30
    )
    points = np.array([300.0, 800.0])
    log_odds = (600.0 - points) / FACTOR - math.log(30)
    curve = PdCurve(tuple(points), tuple(log_odds), (0.5, 0.5), (0.5, 0.5), 0.9, "alike", "line") if pd else None
    card = Card("creditworthiness", "2", {}, {}, ())
    return Model(booster, SEEN, Calibration(0.0, 1.0, 0.0), {}, card, withheld={"tax": 20.0}, pd=curve)


def test_a_served_model_is_judged_on_rows_it_has_not_seen(held):
    found = evaluated(held, fitted(held_rows(seed=7)))
    assert 0.6 < found.metrics["auc"].value < 0.9
    assert found.metrics["ece"].value < 0.1
    assert found.out_of_distribution.value == 0.0
    assert found.movers[0].points > found.movers[-1].points
    tax = next(one for one in found.withheld if one.block == "tax")
    assert tax.rows == held.profiles["has_tax"].sum()
    assert tax.mean_shift < 0


def test_contributions_of_movers_are_the_points_that_answers_show(held):
    model = fitted(held)
    shown = np.abs([one.points for one in model.score(held.profiles)]).mean(axis=0)
    told = {one.feature: one.points for one in evaluated(held, model).movers}
    for feature, points in zip(SEEN, shown, strict=True):
        assert told[feature.name] == pytest.approx(points)


def test_a_model_that_claims_no_pd_is_refused(held):
    with pytest.raises(NoPdError, match="claims no probability of default"):
        evaluated(held, fitted(held, pd=False))


def test_an_evaluation_is_the_same_after_json(whole):
    text = json.dumps(to_json(whole), allow_nan=False)
    assert repr(from_json(json.loads(text))) == repr(whole)
