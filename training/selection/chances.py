"""What the ways rest on: the chance of being accepted, the risk seen by others, and the weights that follow."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
from scipy.special import logit

from training.calibrate import platt, probability
from training.selection.learner import Learner, Rows, Says
from training.selection.sample import Applicants, Flags, Floats, Whole

LEAST_ACCEPTANCE = 0.02
"""A chance counts as at least this much."""

MOST_WEIGHT = 10.0
"""A row speaks for at most ten: beyond, one lucky borrower would decide (trimming as in Cole and Hernán 2008)."""

KEPT = 1
"""Samples of which what several ways ask for is kept."""


def accepted_rows(sample: Applicants, places: Whole | None = None) -> Rows:
    """The cases with an outcome of their own, of all rows or of those at some places."""
    some = sample if places is None else sample.take(places)
    return Rows.alike(some.matrix[some.accepted], some.defaulted[some.accepted])


@lru_cache(maxsize=KEPT)
def unseen_risk(sample: Applicants, learner: Learner) -> Floats:
    """Chance of default of every row by what is learned from the accepted of other enterprises."""

    def learned(places: Whole) -> Says:
        return learner.fit(accepted_rows(sample, places), sample.monotone)

    return learner.unseen(sample.matrix, sample.groups, learned)


@lru_cache(maxsize=KEPT)
def unseen_acceptance(sample: Applicants, learner: Learner) -> Floats:
    """Chance of being accepted of every row by what is learned from applications of other enterprises."""
    return unseen_share(sample, sample.accepted, learner)


def acceptance_at_bank(sample: Applicants, learner: Learner) -> Floats:
    """The same by what is known of the applicant and by how lenient the bank that it asked is."""
    lenient = leniency(sample, unseen_acceptance(sample, learner))
    seen = replace(sample, matrix=np.column_stack([sample.matrix, lenient]), monotone=(*sample.monotone, 0))
    return unseen_share(seen, sample.accepted, learner)


def unseen_share(sample: Applicants, flagged: Flags, learner: Learner) -> Floats:
    """Chance of every row to be flagged, by what is learned from other enterprises; no direction is promised.

    Trees that are held back say too little of who is flagged often and who seldom; a Platt scaling puts that right.
    """
    free = tuple(0 for _ in sample.monotone)

    def learned(places: Whole) -> Says:
        return learner.fit(Rows.alike(sample.matrix[places], flagged[places].astype(float)), free)

    if flagged.all() or not flagged.any():
        return flagged.astype(float)
    margins = logit(learner.unseen(sample.matrix, sample.groups, learned))
    return probability(margins, *platt(margins, flagged.astype(np.int64)))


def leniency(sample: Applicants, chance: Floats) -> Floats:
    """By how much more often than is usual for its applicants a bank says yes, without the row's own enterprise.

    Mean of accepted - chance over the bank's other applicants; 0 where it has none.
    """
    excess = sample.accepted - chance
    bank, own = _numbered(sample.banks), _numbered(np.stack([sample.banks, sample.groups], axis=1))
    total, many = (np.bincount(bank, weights)[bank] for weights in (excess, None))
    mine, of_mine = (np.bincount(own, weights)[own] for weights in (excess, None))
    others = many - of_mine
    return np.asarray(np.where(others > 0, (total - mine) / np.maximum(others, 1), 0.0))


def weights_of(accepted: Flags, chance: Floats) -> Floats:
    """Stabilised inverse chance of each accepted row: share accepted ÷ its chance, at most MOST_WEIGHT; else 0.

    So the accepted stand for all applicants: where half as many as on average are accepted, each counts double
    (Robins, Hernán and Brumback 2000).
    """
    raw = accepted.mean() / np.maximum(chance, LEAST_ACCEPTANCE)
    return np.asarray(np.where(accepted, np.minimum(raw, MOST_WEIGHT), 0.0))


def _numbered(values: Whole) -> Whole:
    """0, 1, 2 … for the distinct values, or rows of values."""
    _, number = np.unique(values, axis=0, return_inverse=True)
    return np.asarray(number.reshape(-1))
