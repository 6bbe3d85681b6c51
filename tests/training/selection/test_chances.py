import numpy as np
import pytest
from selected_applicants import by_hand, selected_by

from training.selection.chances import acceptance_at_bank, leniency, unseen_acceptance, weights_of
from training.selection.learner import Learner


def test_weights_are_the_share_accepted_over_the_own_chance():
    """Half of the rows are accepted: at a chance of 25 % a row counts 0.5 / 0.25 = 2, at 50 % 1; refused ones 0."""
    weights = weights_of(np.array([True, True, False, False]), np.array([0.25, 0.5, 0.25, 0.9]))
    assert weights.tolist() == [2.0, 1.0, 0.0, 0.0]


def test_weights_turn_the_accepted_into_all_applicants():
    """Of four poor applicants one is accepted, of four rich ones three: share 0.5.

    The poor one counts 0.5 / 0.25 = 2, each rich one 0.5 / 0.75 = 2/3: 2 against 2, as many poor as rich again.
    """
    accepted = np.array([1, 0, 0, 0, 1, 1, 1, 0], bool)
    weights = weights_of(accepted, np.array([0.25] * 4 + [0.75] * 4))
    assert weights[:4].sum() == pytest.approx(2.0)
    assert weights[4:].sum() == pytest.approx(2.0)


def test_no_row_counts_more_than_ten():
    """A share of 0.5 and a chance of 2.5 % would be 20."""
    assert weights_of(np.array([True, False]), np.array([0.025, 0.5])).tolist() == [10.0, 0.0]


def test_leniency_is_what_a_bank_grants_beyond_the_usual_to_others():
    """Bank 0: excesses 0.5, -0.4 and 0.2; the first row's is (-0.4 + 0.2) / 2 = -0.1. Bank 1 has no other applicant."""
    sample = by_hand([1, 0, 1, 1], banks=[0, 0, 0, 1])
    found = leniency(sample, np.array([0.5, 0.4, 0.8, 0.6]))
    assert found == pytest.approx([-0.1, 0.35, 0.05, 0.0])


def test_leniency_leaves_out_all_of_the_own_enterprise():
    """The first two rows are of one enterprise: what is left for them is the third's excess of 0.2."""
    sample = by_hand([1, 0, 1], groups=[7, 7, 8])
    assert leniency(sample, np.array([0.5, 0.4, 0.8])) == pytest.approx([0.2, 0.2, 0.05])


def test_chances_are_those_by_which_applicants_were_accepted():
    """Among applicants said to be accepted with some chance, about that share is."""
    sample = selected_by("observed").sample
    for chance in (unseen_acceptance(sample, Learner()), acceptance_at_bank(sample, Learner())):
        for low, high in ((0.2, 0.4), (0.4, 0.6), (0.6, 0.8)):
            some = (chance >= low) & (chance < high)
            assert some.sum() > 300
            assert sample.accepted[some].mean() == pytest.approx(chance[some].mean(), abs=0.05)


def test_who_was_asked_tells_more_of_acceptance_than_the_applicant_alone():
    """A bank's mean varies as much here as what it looks at: the chance with the bank must lie nearer the answers."""
    sample = selected_by("observed").sample
    alone, at_bank = (one(sample, Learner()) for one in (unseen_acceptance, acceptance_at_bank))
    assert ((at_bank - sample.accepted) ** 2).mean() < 0.95 * ((alone - sample.accepted) ** 2).mean()
