from dataclasses import replace

import numpy as np
import pytest
from small_samples import FEW, sample_of

from training.learner import boosting
from training.learner.boosting import SHARE_WITH_GAPS, Settings, fit_members, with_gaps
from training.learner.trees import merge
from training.proof import prove

SETTINGS = replace(FEW, num_leaves=3, feature_fraction=0.7, bags=4)


def texts(members):
    return [merge([member], [1.0]).model_to_string() for member in members]


def test_the_same_seed_gives_the_same_members_and_another_seed_others(smooth):
    first, again, other = (texts(fit_members(smooth, SETTINGS, seed=seed)) for seed in (0, 0, 1))
    assert first == again
    assert not set(first) & set(other)
    assert len(set(first)) == SETTINGS.bags


@pytest.mark.parametrize("large", [20_000, 100])
def test_any_number_of_threads_grows_the_same_members(smooth, monkeypatch, large):
    """Below LARGE rows members are grown side by side, from it on LightGBM has the threads."""
    monkeypatch.setattr(boosting, "LARGE", large)
    grown = []
    for threads in (1, 2, 3):
        monkeypatch.setattr(boosting, "cpu_count", lambda threads=threads: threads)
        grown.append(texts(fit_members(smooth, SETTINGS, seed=0)))
    assert grown[0] == grown[1] == grown[2]


def test_a_longer_member_starts_like_a_shorter_one(smooth):
    long, short = (fit_members(smooth, Settings(3, rounds, bags=1), seed=0)[0] for rounds in (20, 5))
    assert (long.predict(smooth.matrix, num_iteration=5) == short.predict(smooth.matrix)).all()


def test_every_member_keeps_the_directions(smooth):
    for member in fit_members(smooth, replace(SETTINGS, num_leaves=8), seed=0):
        assert prove(member, smooth.monotone).faults == ()


def test_every_other_member_asks_about_the_whole_history_only(smooth):
    members = fit_members(replace(smooth, whole_history=(1, 2)), SETTINGS, seed=0)
    assert [member.feature_importance("split")[0] > 0 for member in members] == [False, True, False, True]


def test_where_all_columns_see_the_same_time_every_member_asks_about_all(smooth):
    members = fit_members(smooth, SETTINGS, seed=0)
    assert all(member.feature_importance("split")[0] > 0 for member in members)


def test_with_rows_to_judge_on_a_member_stops_when_they_tell_no_better(monkeypatch, smooth):
    monkeypatch.setattr(boosting, "PATIENCE", 3)
    noise = sample_of(smooth.matrix, np.random.default_rng(0).permutation(smooth.defaulted))
    [member] = fit_members(smooth, Settings(3, 300, bags=1), seed=0, judge=noise)
    assert member.num_trees() < 300


def test_whole_blocks_are_lost_and_the_rest_is_kept():
    matrix = np.ones((4_000, 4))
    gapped = with_gaps(matrix, ((0, 1), (1, 2)), np.random.default_rng(0))
    gone = np.isnan(gapped)
    assert not gone[:, 3].any()
    assert (gone[:, 1] == gone[:, 0] | gone[:, 2]).all()
    assert gone[:, 0].mean() == pytest.approx(SHARE_WITH_GAPS * 0.25, abs=0.02)
    assert not np.isnan(matrix).any()


def test_without_blocks_nothing_is_lost():
    matrix = np.ones((5, 2))
    assert with_gaps(matrix, (), np.random.default_rng(0)) is matrix


def test_each_draw_keeps_the_share_of_defaults_and_takes_two_of_either_kind_at_least(monkeypatch):
    drawn = []
    real = boosting.lgb.Dataset
    monkeypatch.setattr(boosting.lgb, "Dataset", lambda x, y, **more: (drawn.append(y), real(x, y, **more))[1])
    rng = np.random.default_rng(0)
    few = sample_of(rng.normal(size=(102, 1)), np.repeat([1, 0], [2, 100]))
    fit_members(few, FEW, seed=0)
    assert [(int(y.sum()), len(y)) for y in drawn] == [(2, 72), (2, 72)]
