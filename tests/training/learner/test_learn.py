from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from small_samples import QUICK, crossed_rows, sample_of, smooth_rows

from training.learner import learn as learning
from training.learner.boosting import fit_members
from training.learner.learn import Budget, learn, thinned
from training.learner.search import losses_of
from training.proof import prove


@pytest.fixture(scope="module")
def learned(smooth):
    return learn(smooth, Budget(folds=3), seed=0)


@pytest.fixture(scope="module")
def of_crossed():
    return learn(sample_of(*crossed_rows(1_200)), Budget(trials=1, folds=2), seed=0)


def log_odds(learned, matrix):
    return learned.intercept + learned.slope * learned.booster.predict(matrix, raw_score=True)


@pytest.mark.usefixtures("_few_trees")
def test_the_same_seed_gives_the_same_model_and_another_seed_another(smooth):
    first, again, other = (learn(smooth, QUICK, seed=seed) for seed in (0, 0, 1))
    assert first.booster.model_to_string() == again.booster.model_to_string()
    assert (first.intercept, first.slope, first.weight) == (again.intercept, again.slope, again.weight)
    assert first.booster.model_to_string() != other.booster.model_to_string()


@pytest.mark.usefixtures("_few_trees")
@pytest.mark.parametrize("large", [20_000, 100])
def test_any_number_of_threads_gives_the_same_model(smooth, monkeypatch, large):
    made = []
    for threads in (1, 2):
        for module in ("learn", "search", "boosting"):
            monkeypatch.setattr(f"training.learner.{module}.LARGE", large)
        for module in ("search", "boosting"):
            monkeypatch.setattr(f"training.learner.{module}.cpu_count", lambda threads=threads: threads)
        made.append(learn(smooth, QUICK, seed=0))
    assert made[0].booster.model_to_string() == made[1].booster.model_to_string()
    assert (made[0].intercept, made[0].slope) == (made[1].intercept, made[1].slope)


def test_a_smooth_table_is_ranked_as_well_as_by_logistic_regression(learned, smooth):
    matrix, defaulted = smooth_rows(4_000, seed=1)
    plain = LogisticRegression().fit(np.nan_to_num(smooth.matrix), smooth.defaulted)
    theirs = roc_auc_score(defaulted, plain.decision_function(np.nan_to_num(matrix)))
    assert roc_auc_score(defaulted, log_odds(learned, matrix)) > theirs - 0.015
    assert learned.losses["scorecard"] < learned.losses["trees"] + 0.01


def test_where_columns_cross_the_trees_carry_the_weight(of_crossed):
    matrix, defaulted = crossed_rows(2_000, seed=1)
    assert of_crossed.weight > 0.5
    assert of_crossed.losses["both"] < of_crossed.losses["scorecard"] - 0.15
    assert roc_auc_score(defaulted, log_odds(of_crossed, matrix)) > 0.85


def test_what_is_said_of_fresh_rows_is_calibrated(learned):
    matrix, defaulted = smooth_rows(4_000, seed=1)
    assert expit(log_odds(learned, matrix)).mean() == pytest.approx(defaulted.mean(), abs=0.05)


def test_the_blend_told_unseen_rows_hardly_worse_than_the_better_of_the_two(learned, of_crossed):
    for one in (learned, of_crossed):
        assert one.losses["both"] <= min(one.losses["trees"], one.losses["scorecard"]) + 0.01


def test_losses_are_those_of_the_margins_out_of_fold(learned, smooth):
    """Platt scaling forgets any shift of the margins."""
    again = losses_of(learned.out_of_fold, smooth.defaulted[learned.judged]).mean()
    assert again == pytest.approx(learned.losses["both"], abs=1e-6)


def test_margins_out_of_fold_are_on_the_scale_of_the_booster(learned, smooth):
    """Calibrated alike: what unseen rows were told stands beside what the booster tells them now that it saw them."""
    now = learned.booster.predict(smooth.matrix[learned.judged], raw_score=True)
    assert np.corrcoef(now, learned.out_of_fold)[0, 1] > 0.9
    assert now.mean() == pytest.approx(learned.out_of_fold.mean(), abs=0.3)


def test_directions_are_kept_by_trees_and_scorecard_together(learned, smooth):
    assert 0.0 < learned.weight < 1.0
    proof = prove(learned.booster, smooth.monotone)
    assert (proof.constrained, proof.faults) == (2, ())


@pytest.mark.usefixtures("_few_trees")
def test_trees_are_grown_at_last_by_whom_one_asks(smooth):
    asked = []

    def grow(sample, settings, *, seed):
        asked.append((len(sample), seed))
        return fit_members(sample, settings, seed=seed)

    learn(smooth, QUICK, seed=5, grow=grow)
    assert asked == [(len(smooth), 5)]


@pytest.mark.usefixtures("_few_trees")
def test_columns_of_noise_say_the_same_of_everybody_nearly():
    rng = np.random.default_rng(4)
    noise = sample_of(rng.normal(size=(200, 2)), rng.random(200) < 0.3)
    told = expit(log_odds(learn(noise, QUICK, seed=0), noise.matrix))
    assert told.std() < 0.12


@pytest.mark.usefixtures("_few_trees")
def test_with_blocks_and_a_budget_of_rows_every_place_is_of_the_sample(smooth):
    learned = learn(replace(smooth, blocks=((0,), (1, 2))), Budget(trials=1, folds=3, most_rows=150), seed=0)
    assert len(learned.judged) <= 150 == len(learned.out_of_fold)
    assert learned.judged.max() >= 150


def test_thinning_takes_whole_enterprises():
    groups = np.repeat(np.arange(50), 4)
    sample = sample_of(np.zeros((200, 1)), np.zeros(200), groups=groups)
    kept = thinned(sample, most=90, seed=0)
    assert 80 <= len(kept) <= 90
    assert (np.bincount(groups[kept], minlength=50) % 4 == 0).all()
    assert thinned(sample, most=200, seed=0).tolist() == list(range(200))


def test_a_few_nats_tip_the_scales_only_where_rows_are_many():
    """Alike on few rows, the shares stay even; a much better one gets nearly all."""
    rng = np.random.default_rng(0)
    truth = rng.normal(size=400)
    defaulted = (rng.random(400) < expit(2 * truth)).astype(int)
    told, luck = (learning._LogOdds(0.0, 1.0, margins) for margins in (2 * truth, rng.normal(size=400)))
    assert learning._weigh(told, told, defaulted) == pytest.approx(0.5)
    assert learning._weigh(told, luck, defaulted) > 0.8


def test_who_tells_nothing_gets_no_share():
    defaulted = np.array([0, 1] * 20)
    told, nothing = learning._LogOdds(0.0, 1.0, defaulted * 1.0), learning._LogOdds(0.0, 0.0, np.zeros(40))
    assert learning._weigh(told, nothing, defaulted) == 1.0
    assert learning._weigh(nothing, told, defaulted) == 0.0
