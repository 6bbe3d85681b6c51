import numpy as np
import pytest
from small_samples import FEW, crossed_rows, sample_of

from training.calibrate import platt, probability
from training.learner import search
from training.learner.boosting import Settings, fit_members
from training.learner.folding import inner_folds
from training.learner.search import CANDIDATES, choose, losses_of, margins_by_rounds, simplest_within_one_error

SIMPLE, COMPLEX = Settings(2, 75), Settings(3, 300)


@pytest.fixture
def noise():
    return np.random.default_rng(0).normal(0, 0.1, 400)


def test_a_simpler_candidate_that_cannot_be_told_from_the_best_is_chosen(noise):
    assert simplest_within_one_error({SIMPLE: 0.302 + noise, COMPLEX: 0.3 - noise}) == SIMPLE


def test_a_clearly_better_candidate_is_chosen_however_complex(noise):
    assert simplest_within_one_error({SIMPLE: 0.35 + noise, COMPLEX: 0.3 - noise}) == COMPLEX


def test_a_candidate_that_is_simplest_and_best_is_chosen(noise):
    assert simplest_within_one_error({SIMPLE: 0.2 + noise, COMPLEX: 0.3 + noise}) == SIMPLE


def test_candidates_come_simplest_first():
    assert CANDIDATES[0] == Settings(2, 75)
    assert CANDIDATES[-1] == Settings(3, 300)
    assert list(CANDIDATES) == sorted(CANDIDATES, key=lambda one: (one.num_leaves, one.rounds))


def test_losses_are_those_of_judged_rows_after_platt_scaling():
    margins = np.array([-1.0, np.nan, 0.5, 2.0, 1.0, -0.5])
    defaulted = np.array([0, 1, 1, 1, 0, 0])
    known, happened = margins[[0, 2, 3, 4, 5]], defaulted[[0, 2, 3, 4, 5]]
    said = probability(known, *platt(known, happened))
    assert losses_of(margins, defaulted) == pytest.approx(-np.log(np.where(happened == 1, said, 1 - said)))


def test_margins_after_fewer_rounds_are_those_of_shorter_members(smooth):
    [fold, *_] = folds = inner_folds(smooth, count=3, seed=0)
    by_rounds = margins_by_rounds(smooth, folds, FEW, rounds=(5, 20), seed=3)
    train, test = fold
    for settings, margins in by_rounds.items():
        members = fit_members(smooth.take(train), settings, seed=3)
        alone = np.mean([one.predict(smooth.matrix[test], raw_score=True) for one in members], axis=0)
        assert margins[test] == pytest.approx(alone, abs=1e-12)


def test_rows_that_no_fold_judges_have_no_margin(smooth):
    folds = inner_folds(smooth, count=3, seed=0)[:2]
    [margins] = margins_by_rounds(smooth, folds, FEW, rounds=(5,), seed=0).values()
    judged = np.concatenate([test for _, test in folds])
    assert (np.flatnonzero(~np.isnan(margins)) == np.sort(judged)).all()


@pytest.mark.parametrize("large", [20_000, 100])
def test_any_number_of_threads_gives_the_same_choice_of_many(monkeypatch, large):
    """On at least 200 defaults, so that Optuna searches."""
    sample = sample_of(*crossed_rows(500))
    folds = inner_folds(sample, count=2, seed=0)
    monkeypatch.setattr(search, "MANY_ROUNDS", (10, 20))
    chosen = []
    for threads in (1, 2):
        for module in ("search", "boosting"):
            monkeypatch.setattr(f"training.learner.{module}.cpu_count", lambda threads=threads: threads)
            monkeypatch.setattr(f"training.learner.{module}.LARGE", large)
        chosen.append(choose(sample, folds, trials=2, seed=0))
    assert chosen[0].settings == chosen[1].settings
    assert (chosen[0].out_of_fold == chosen[1].out_of_fold).all()
    assert chosen[0].settings.bags == search.BAGS
