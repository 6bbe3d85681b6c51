import numpy as np
import pytest
from scipy.special import expit
from small_samples import sample_of

from training.learner.additive import Bins, scorecards

STRONG, MILD = 1e9, 1.0


def fitted(matrix, defaulted, *, penalty=MILD, monotone=None):
    """The scorecard of one penalty, come to by way of stronger ones."""
    sample = sample_of(matrix, defaulted, monotone=monotone)
    *_, card = scorecards(sample, [30.0 * penalty, penalty])
    return card


@pytest.fixture(scope="module")
def straight():
    """The log odds of 4,000 rows rise by 1 with the column; the second column tells nothing."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4_000, 2))
    return x, (rng.random(4_000) < expit(x[:, 0] - 1.0)).astype(int)


def test_a_straight_effect_is_found_and_noise_is_left_flat(straight):
    card = fitted(*straight)
    places = np.linspace(-1.5, 1.5, 7)
    along, across = np.zeros((7, 2)), np.zeros((7, 2))
    along[:, 0] = across[:, 1] = places
    rise = np.polyfit(places, card.margins(along), 1)[0]
    assert rise == pytest.approx(1.0, abs=0.15)
    assert np.ptp(card.margins(across)) < 0.4


def test_margins_are_log_odds_of_the_rows(straight):
    """The intercept is not penalised, so that the mean of what is said is the share of defaults."""
    card = fitted(*straight)
    assert expit(card.margins(straight[0])).mean() == pytest.approx(straight[1].mean(), abs=0.01)


@pytest.mark.parametrize("sign", [1, -1])
def test_an_effect_never_moves_against_its_direction(straight, sign):
    card = fitted(*straight, monotone=(sign, sign), penalty=0.01)
    for effects in card.effects:
        assert (sign * np.diff(effects[:-1]) >= 0.0).all()


def test_where_the_direction_is_wrong_the_effect_is_flat(straight):
    card = fitted(*straight, monotone=(-1, 0))
    assert np.ptp(card.effects[0][:-1]) == pytest.approx(0.0, abs=1e-9)


def test_the_strongest_penalty_says_the_share_of_defaults_of_everybody(straight):
    card = fitted(*straight, penalty=STRONG)
    assert np.ptp(card.margins(straight[0])) < 1e-3
    rate = straight[1].mean()
    assert card.intercept == pytest.approx(np.log(rate / (1 - rate)), abs=0.02)


def test_a_column_of_one_value_and_one_of_nulls_have_one_bin_and_tell_nothing(straight):
    x, y = straight
    odd = np.column_stack([x[:, 0], np.full(len(x), 7.0), np.full(len(x), np.nan)])
    card = fitted(odd, y)
    assert [len(edges) for edges in card.bins.edges[1:]] == [0, 0]
    assert card.effects[1][0] == card.effects[2][0] == 0.0
    assert card.margins(np.array([[0.3, 7.0, np.nan]])) == pytest.approx(card.margins(np.array([[0.3, -9.0, np.nan]])))


def test_a_column_of_two_values_has_two_bins():
    rng = np.random.default_rng(1)
    flag = rng.integers(0, 2, 1_000).astype(float)
    card = fitted(flag[:, None], (rng.random(1_000) < np.where(flag == 1, 0.5, 0.1)).astype(int), penalty=0.01)
    assert card.bins.edges[0].tolist() == [0.0]
    no, yes = card.margins(np.array([[0.0], [1.0]]))
    assert (expit(no), expit(yes)) == (pytest.approx(0.1, abs=0.03), pytest.approx(0.5, abs=0.05))


def test_null_has_an_effect_of_its_own():
    rng = np.random.default_rng(2)
    x = rng.normal(size=1_000)
    gone = rng.random(1_000) < 0.3
    y = (rng.random(1_000) < np.where(gone, 0.6, 0.1)).astype(int)
    card = fitted(np.where(gone, np.nan, x)[:, None], y, penalty=0.01)
    assert expit(card.margins(np.array([[np.nan]])))[0] == pytest.approx(0.6, abs=0.06)
    assert expit(card.margins(np.array([[0.0]])))[0] == pytest.approx(0.1, abs=0.06)


def test_edges_crowd_where_the_rarer_kind_is():
    """A hundred bad rows lie between 0.9 and 1, and 1,900 good ones evenly between 0 and 1."""
    bad, good = np.linspace(0.9, 1.0, 100), np.linspace(0.0, 1.0, 1_900)
    matrix = np.concatenate([bad, good])[:, None]
    defaulted = np.repeat([1, 0], [100, 1_900])
    edges = Bins.of(matrix, defaulted).edges[0]
    assert (edges > 0.9).sum() >= 9
    assert (edges <= 0.9).sum() >= 15


def test_columns_too_short_for_two_bins_are_one():
    card = fitted(np.arange(19.0)[:, None], np.tile([0, 1], 10)[:19])
    assert card.bins.edges[0].size == 0
    assert np.ptp(card.margins(np.arange(19.0)[:, None])) == 0.0


def test_rows_that_are_very_many_are_thinned_without_a_change_of_the_answer_to_the_same_rows(monkeypatch, straight):
    monkeypatch.setattr("training.learner.additive.MOST_ROWS", 1_000)
    first, again = fitted(*straight), fitted(*straight)
    assert (first.margins(straight[0]) == again.margins(straight[0])).all()
    assert first.bins.one_hot(straight[0]).shape == (4_000, sum(first.bins.widths))
