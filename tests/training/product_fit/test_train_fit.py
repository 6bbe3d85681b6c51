import datetime as dt
import json

import numpy as np
import pytest
from fit_samples import sample_of

from decisions.policies import policy_on
from training.product_fit.evaluate import from_json, to_json
from training.product_fit.train import known_by, split_of, train_fit
from training.unseen import Division

DAY = dt.date(2026, 11, 23)


@pytest.fixture(scope="module")
def trained():
    return train_fit(sample_of(2_000), policy_on(DAY).numbers, data="invented", on=DAY, seed=0)


def test_judged_are_later_applications_of_other_enterprises(trained):
    sample = sample_of(2_000)
    learned, judged = sample.pairs.filter(trained.split.train), sample.pairs.filter(trained.split.test)
    assert learned["day"].max() < trained.split.test_from <= judged["day"].min()
    assert not set(learned["enterprise_id"]) & set(judged["enterprise_id"])


def test_the_card_says_how_to_keep_the_same_rows_apart(trained):
    division = Division.of(trained.model.card.training)
    assert division == Division(trained.split.test_from, 0.2, 0)


def test_what_became_known_in_the_time_of_the_test_is_not_learned():
    """A month until a bank has answered, and twelve from the answer or the drawing."""
    sample = sample_of(2_000)
    cut = known_by(sample, dt.date(2024, 6, 1))
    late = sample.days > (dt.date(2023, 5, 1) - dt.date(1970, 1, 1)).days
    assert np.isnan(cut.kept[late]).all()
    assert np.array_equal(cut.kept[~late], sample.kept[~late], equal_nan=True)


def test_peers_are_judged_on_the_same_rows(trained):
    ours = trained.evaluation.approval.metrics["log_loss"].value
    names = [one.name for one in trained.evaluation.peers]
    assert names == ["rule_of_thumb", "share_of_bank", "lightgbm_without_record"]
    for one in trained.evaluation.peers:
        assert ours - one.log_loss.value == pytest.approx(one.log_loss_difference.value)


def test_an_evaluation_is_plain_json_and_comes_back(trained):
    content = json.loads(json.dumps(to_json(trained.evaluation), allow_nan=False))
    assert to_json(from_json(content)) == content


def test_a_short_time_keeps_enterprises_apart_only():
    sample = sample_of(1_200)
    short = sample.take(sample.days > sample.days.max() - 200)
    split = split_of(short, seed=0)
    assert split.test_from is None
    assert not set(short.enterprises[split.train]) & set(short.enterprises[split.test])
