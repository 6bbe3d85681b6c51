import numpy as np
import pytest
from selected_applicants import by_hand, selected_by

from training.selection.learner import Learner
from training.selection.methods import METHODS, band_shares, doubled, put_right, weights_of_told

LEARNER = Learner()


@pytest.fixture(scope="module")
def observed():
    """Selection by a trait that the models see."""
    return selected_by("observed")


@pytest.fixture(scope="module")
def hidden():
    """Selection by a trait that raises the risk and that no model sees."""
    return selected_by("hidden", rows=12_000)


def said_too_little(known, name):
    """Mean true chance less mean said, of the refused."""
    refused = ~known.sample.accepted
    said = METHODS[name](known.sample, LEARNER)(known.sample.matrix[refused])
    return known.chance[refused].mean() - said.mean()


@pytest.mark.parametrize("name", ["accepted_only", "reweighted", "fuzzy", "doubly_robust", "told_elsewhere_for_all"])
def test_where_selection_rests_on_what_is_seen_the_refused_are_told_right(observed, name):
    assert abs(said_too_little(observed, name)) < 0.02


@pytest.mark.parametrize("name", ["accepted_only", "reweighted", "fuzzy", "doubly_robust", "told_elsewhere_as_lent"])
def test_where_it_rests_on_something_hidden_what_is_seen_cannot_tell_the_refused(hidden, name):
    """The refused have the same traits that are seen, and more of the one that is not."""
    assert said_too_little(hidden, name) > 0.05


def test_the_bureau_tells_the_refused_right_whatever_banks_saw(hidden):
    assert abs(said_too_little(hidden, "told_elsewhere_for_all")) < 0.02


def test_what_the_loan_itself_does_is_not_taken_for_what_the_applicant_is():
    """Half are lent to, by lot; of these 10 % default, of the others, without a loan, 20 %: together 15 %."""
    rng = np.random.default_rng(0)
    lent = rng.random(4_000) < 0.5
    happened = (rng.random(4_000) < np.where(lent, 0.1, 0.2)).astype(float)
    sample = by_hand(
        lent.tolist(),
        matrix=rng.standard_normal((4_000, 1)).tolist(),
        defaulted=np.where(lent, happened, np.nan).tolist(),
        elsewhere=np.where(lent, np.nan, happened).tolist(),
    )
    ways = ("told_elsewhere", "told_elsewhere_as_lent")
    said = {name: METHODS[name](sample, LEARNER)(sample.matrix).mean() for name in ways}
    assert said["told_elsewhere"] == pytest.approx(0.15, abs=0.015)
    assert said["told_elsewhere_as_lent"] == pytest.approx(0.10, abs=0.015)


@pytest.mark.parametrize("name", ["as_if_all_accepted", "told_elsewhere"])
def test_lenient_banks_and_a_part_of_the_bureau_tell_some_of_it(hidden, name):
    assert said_too_little(hidden, name) < 0.7 * said_too_little(hidden, "accepted_only")


def test_an_uplift_is_no_knowledge(observed, hidden):
    """The same uplift says too much where nothing is hidden and too little where something is."""
    assert said_too_little(observed, "parcelled") < -0.02
    assert said_too_little(hidden, "parcelled") > 0.02


@pytest.mark.parametrize("name", METHODS)
def test_every_way_gives_probabilities_and_the_same_ones_again(observed, name):
    said, again = (METHODS[name](observed.sample, LEARNER)(observed.sample.matrix) for _ in range(2))
    assert ((said > 0) & (said < 1)).all()
    assert (said == again).all()


@pytest.mark.parametrize("name", METHODS)
def test_every_way_keeps_the_promised_directions(observed, name):
    says = METHODS[name](observed.sample, LEARNER)
    along = np.column_stack([np.linspace(-3, 3, 50), np.zeros(50)])
    assert (np.diff(says(along)) >= 0).all()


@pytest.mark.parametrize("name", METHODS)
def test_without_a_refused_row_every_way_learns(name):
    sample = selected_by("observed", rows=900).sample
    everybody = sample.take(sample.accepted)
    assert np.isfinite(METHODS[name](everybody, LEARNER)(everybody.matrix)).all()


def test_shares_of_a_band_are_those_of_its_accepted_times_the_uplift():
    """Two risks, 100 accepted of each: 2 and 20 default, 11 % of all.

    The bands of the lower one hold all its rows: (2 + 10 × 0.11) ÷ (100 + 10), those of the higher likewise.
    """
    risk = np.repeat([0.1, 0.5], 101)
    defaulted = np.concatenate([np.repeat([1.0, 0.0], [2, 98]), [np.nan], np.repeat([1.0, 0.0], [20, 80]), [np.nan]])
    accepted = ~np.isnan(defaulted)
    shares = band_shares(risk, accepted, defaulted, uplift=1.5)
    assert shares[100] == pytest.approx(1.5 * (2 + 1.1) / 110)
    assert shares[201] == pytest.approx(1.5 * (20 + 1.1) / 110)


def test_a_share_is_never_more_than_all():
    accepted = np.ones(40, bool)
    assert band_shares(np.arange(40.0), accepted, np.ones(40), uplift=2.0).max() == 1.0


def test_a_doubled_row_counts_once_in_all(observed):
    rows, refused = doubled(observed.sample, LEARNER), int((~observed.sample.accepted).sum())
    as_bad, as_good = rows.weight[:refused], rows.weight[refused:]
    assert (rows.target[:refused] == 1).all()
    assert (rows.target[refused:] == 0).all()
    assert as_bad + as_good == pytest.approx(np.ones(refused))


def test_targets_are_what_is_expected_put_right_by_the_accepted():
    """Risk 0.2, chance 0.25: a default 0.2 + (1 - 0.2) ÷ 0.25 = 3.4, none 0.2 - 0.2 ÷ 0.25 = -0.6, a refused 0.2."""
    sample = by_hand([1, 1, 0, 0], defaulted=[1.0, 0.0, np.nan, np.nan])
    found = put_right(sample, np.full(4, 0.2), np.full(4, 0.25))
    assert found == pytest.approx([3.4, -0.6, 0.2, 0.2])


def test_those_of_whom_the_bureau_tells_stand_for_all_refused(observed):
    """About 30 % of the refused are told of, at random: each counts about 1 ÷ 0.3."""
    sample = observed.sample
    weights = weights_of_told(sample, LEARNER)
    told = ~np.isnan(sample.elsewhere)
    assert (weights[~told] == 0).all()
    assert weights.sum() == pytest.approx((~sample.accepted).sum(), rel=0.1)
    assert weights[told].mean() == pytest.approx(1 / 0.3, rel=0.1)
