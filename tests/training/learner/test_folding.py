import numpy as np
import pytest
from small_samples import sample_of

from training.learner.folding import inner_folds
from training.split import SplitError

ENTERPRISES, TIMES = 60, 4


@pytest.fixture(scope="module")
def repeated():
    """60 enterprises, each judged on four days half a year apart."""
    rng = np.random.default_rng(0)
    many = ENTERPRISES * TIMES
    days = np.tile(np.arange(TIMES) * 183 + 18_000, ENTERPRISES)
    groups = np.repeat(np.arange(ENTERPRISES), TIMES)
    return sample_of(rng.normal(size=(many, 2)), rng.random(many) < 0.3, groups=groups, days=days)


def without_days(sample):
    return sample_of(sample.matrix, sample.defaulted, groups=sample.groups)


@pytest.mark.parametrize("dated", [True, False])
def test_an_enterprise_is_never_on_both_sides(repeated, dated):
    sample = repeated if dated else without_days(repeated)
    for train, test in inner_folds(sample, count=3, seed=0):
        assert not set(sample.groups[train]) & set(sample.groups[test])
        assert all(0 < sample.defaulted[rows].sum() < len(rows) for rows in (train, test))


def test_without_days_every_row_is_judged_once(repeated):
    judged = np.concatenate([test for _, test in inner_folds(without_days(repeated), count=4, seed=0)])
    assert np.sort(judged).tolist() == list(range(len(repeated)))


def test_with_days_outcomes_learned_from_were_known_before_the_judged_days(repeated):
    for train, test in inner_folds(repeated, count=3, seed=0):
        assert repeated.days[train].max() + 365 <= repeated.days[test].min()


def test_outcomes_known_at_once_need_no_pause(repeated):
    eager = sample_of(repeated.matrix, repeated.defaulted, groups=repeated.groups, days=repeated.days, window_months=0)
    starts = [repeated.days[test].min() for _, test in inner_folds(eager, count=3, seed=0)]
    for (train, _), start in zip(inner_folds(eager, count=3, seed=0), starts, strict=True):
        assert repeated.days[train].max() <= start


def test_days_that_do_not_reach_over_a_window_give_folds_across_enterprises(repeated):
    first = repeated.take(np.flatnonzero(repeated.days == repeated.days.min()))
    folds = inner_folds(first, count=3, seed=0)
    assert sum(len(test) for _, test in folds) == ENTERPRISES


def test_one_default_cannot_be_folded():
    with pytest.raises(SplitError, match="cannot be dealt into two parts"):
        inner_folds(sample_of(np.zeros((9, 1)), [1] + [0] * 8), count=3, seed=0)
