import numpy as np
import pytest

from training.bag import Settings
from training.crossvalidation import CANDIDATES, simplest_within_one_error

SIMPLE, COMPLEX = Settings(2, 75), Settings(3, 300)


@pytest.fixture
def noise():
    return np.random.default_rng(0).normal(0, 0.1, 400)


def test_a_simpler_candidate_that_cannot_be_told_from_the_best_is_chosen(noise):
    losses = {SIMPLE: 0.302 + noise, COMPLEX: 0.3 - noise}
    assert simplest_within_one_error(losses) == SIMPLE


def test_a_clearly_better_candidate_is_chosen_however_complex(noise):
    losses = {SIMPLE: 0.35 + noise, COMPLEX: 0.3 - noise}
    assert simplest_within_one_error(losses) == COMPLEX


def test_a_candidate_that_is_simplest_and_best_is_chosen(noise):
    assert simplest_within_one_error({SIMPLE: 0.2 + noise, COMPLEX: 0.3 + noise}) == SIMPLE


def test_candidates_come_simplest_first():
    assert CANDIDATES[0] == Settings(2, 75)
    assert CANDIDATES[-1] == Settings(3, 300)
