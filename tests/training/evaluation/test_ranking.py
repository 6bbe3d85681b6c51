import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from training.evaluation.ranking import Ranking, auc_estimate, curves, delong, paired_delong, ranking_metrics, tenths
from training.evaluation.resampling import Draws
from training.metrics import auc, ks


@st.composite
def rows(draw):
    size = draw(st.integers(2, 40))
    defaulted = np.array([1, 1, 0, 0, *draw(st.lists(st.integers(0, 1), min_size=size, max_size=size))])
    risk = np.array(draw(st.lists(st.integers(0, 6), min_size=len(defaulted), max_size=len(defaulted))), dtype=float)
    weights = np.array(draw(st.lists(st.integers(0, 3), min_size=len(defaulted), max_size=len(defaulted))))
    weights[[0, 2]] += 1
    return defaulted, risk, weights


def outranked(bad, sound):
    """One pair of a default and a sound row: 1, ½ or 0."""
    return float(bad > sound) + 0.5 * float(bad == sound)


@given(rows())
def test_a_weighted_auc_is_that_of_rows_written_so_many_times(given_rows):
    defaulted, risk, weights = given_rows
    ranking = Ranking.of(defaulted, risk)
    found = ranking.auc(weights[ranking.order][None, :].astype(np.uint8))
    assert found[0] == pytest.approx(auc(np.repeat(defaulted, weights), np.repeat(risk, weights)))


@given(rows())
def test_weighted_ks_and_average_precision_are_those_of_rows_written_so_many_times(given_rows):
    defaulted, risk, weights = given_rows
    ranking = Ranking.of(defaulted, risk)
    distance, precision = ranking.ks_and_precision(weights[ranking.order][None, :].astype(np.uint8))
    again, risks = np.repeat(defaulted, weights), np.repeat(risk, weights)
    assert distance[0] == pytest.approx(ks(again, risks))
    assert precision[0] == pytest.approx(average_precision_score(again, risks))


@given(rows())
@settings(max_examples=40)
def test_delong_agrees_with_counting_every_pair(given_rows):
    defaulted, risk, _ = given_rows
    bads, sounds = risk[defaulted == 1], risk[defaulted == 0]
    pairs = np.array([[outranked(bad, sound) for sound in sounds] for bad in bads])
    error = np.sqrt(pairs.mean(axis=1).var(ddof=1) / len(bads) + pairs.mean(axis=0).var(ddof=1) / len(sounds))
    found = delong(defaulted, risk)
    assert found.value == pytest.approx(pairs.mean())
    assert found.high == pytest.approx(min(pairs.mean() + 1.959963985 * error, 1.0))
    assert found.low == pytest.approx(max(pairs.mean() - 1.959963985 * error, 0.0))


@given(rows())
@settings(max_examples=40)
def test_paired_delong_agrees_with_counting_every_pair_of_the_difference(given_rows):
    defaulted, risk, weights = given_rows
    other = risk + 3 * weights
    many_bad, many_sound = int(defaulted.sum()), int((1 - defaulted).sum())
    pairs = np.array(
        [
            [outranked(risk[i], risk[j]) - outranked(other[i], other[j]) for j in np.flatnonzero(defaulted == 0)]
            for i in np.flatnonzero(defaulted == 1)
        ]
    )
    error = np.sqrt(pairs.mean(axis=1).var(ddof=1) / many_bad + pairs.mean(axis=0).var(ddof=1) / many_sound)
    found, p = paired_delong(defaulted, risk, other)
    assert found.value == pytest.approx(pairs.mean(), abs=1e-12)
    assert found.high - found.value == pytest.approx(1.959963985 * error, abs=1e-9)
    assert 0 <= p <= 1


def test_a_ranking_against_itself_differs_by_nothing():
    defaulted, risk = np.array([1, 0, 1, 0, 0]), np.array([3.0, 1.0, 2.0, 2.0, 0.0])
    found, p = paired_delong(defaulted, risk, risk)
    assert (found.value, found.low, found.high, p) == (0.0, 0.0, 0.0, 1.0)


def test_the_bootstrap_interval_is_about_delongs_where_every_enterprise_has_one_row():
    rng = np.random.default_rng(0)
    defaulted = (rng.random(3_000) < 0.1).astype(int)
    risk = rng.normal(size=3_000) + defaulted
    draws = Draws.of_enterprises(pl.Series(range(3_000)), seed=0)
    ours, theirs = auc_estimate(defaulted, risk, draws), delong(defaulted, risk)
    assert ours.value == pytest.approx(theirs.value)
    assert ours.high - ours.low == pytest.approx(theirs.high - theirs.low, rel=0.15)


def test_rows_of_one_enterprise_that_repeat_each_other_do_not_narrow_the_interval():
    rng = np.random.default_rng(1)
    defaulted = (rng.random(400) < 0.3).astype(int)
    risk = rng.normal(size=400) + defaulted
    once = auc_estimate(defaulted, risk, Draws.of_enterprises(pl.Series(range(400)), seed=0))
    again = Draws.of_enterprises(pl.Series(np.repeat(range(400), 5)), seed=0)
    fivefold = auc_estimate(np.repeat(defaulted, 5), np.repeat(risk, 5), again)
    assert fivefold.high - fivefold.low == pytest.approx(once.high - once.low, rel=1e-9)


def test_gini_is_twice_the_auc_less_one_with_its_interval():
    defaulted, risk = np.array([1, 0] * 50), np.arange(100) % 7 + np.tile([1.0, 0.0], 50)
    found = ranking_metrics(defaulted, risk, Draws.of_enterprises(pl.Series(range(100)), seed=0))
    for end in ("value", "low", "high"):
        assert getattr(found["gini"], end) == pytest.approx(2 * getattr(found["auc"], end) - 1)


def test_tenths_by_hand():
    """20 rows, 4 defaults in the lowest scores but one: the first tenth holds 2 of 4, a share of 1 against 0.2."""
    points = np.arange(20.0) + 400
    defaulted = np.zeros(20, dtype=int)
    defaulted[[0, 1, 2, 9]] = 1
    made = tenths(defaulted, points)
    assert len(made) == 10
    assert (made[0].rows, made[0].defaults, made[0].lift, made[0].gain) == (2, 2, 5.0, 0.5)
    assert (made[0].lowest_score, made[0].highest_score) == (400.0, 401.0)
    assert made[4].gain == 1.0
    assert made[9].lift == 0.0


def test_tenths_of_one_score_have_all_the_same_lift():
    made = tenths(np.array([1, 1, 1, *[0] * 27]), np.full(30, 500.0))
    assert {round(one.lift, 12) for one in made} == {1.0}


def test_curves_are_thinned_but_keep_their_ends():
    rng = np.random.default_rng(0)
    defaulted = (rng.random(5_000) < 0.2).astype(int)
    roc, precision_recall = curves(defaulted, rng.normal(size=5_000) + defaulted)
    assert len(roc.x) == len(roc.y) <= 200
    assert len(precision_recall.x) <= 200
    assert (roc.x[0], roc.y[0], roc.x[-1], roc.y[-1]) == (0.0, 0.0, 1.0, 1.0)
    assert precision_recall.x[-1] == 1.0
    assert precision_recall.y[-1] == pytest.approx(defaulted.mean())
