"""Ways to learn the risk of all applicants from the outcomes of the accepted ones, behind one signature."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

import numpy as np

from training.selection.chances import (
    LEAST_ACCEPTANCE,
    MOST_WEIGHT,
    acceptance_at_bank,
    accepted_rows,
    unseen_acceptance,
    unseen_risk,
    unseen_share,
    weights_of,
)
from training.selection.learner import Learner, Rows, Says
from training.selection.sample import Applicants, Flags, Floats

Method = Callable[[Applicants, Learner], Says]

BANDS = 10
UPLIFT = 1.5
"""How much oftener the refused are taken to default than the accepted of their band: assumed, as parcelling must."""

FEWEST_IN_A_BAND = 10.0
"""Rows of the average that are added to each band, so that a band without a default is not taken to be free of risk."""

SELF_ROUNDS, SELF_SHARE = 4, 0.25
"""Refused rows labelled in a round: so many rounds, each a share of those that are left; the surest first."""


def accepted_only(sample: Applicants, learner: Learner) -> Says:
    """Plain training: the refused do not exist."""
    return learner.fit(accepted_rows(sample), sample.monotone)


def reweighted(sample: Applicants, learner: Learner) -> Says:
    """The accepted, each as often as applicants like it there are for one that is accepted.

    Right where all that decides both acceptance and default is among the features; wrong otherwise.
    """
    weights = weights_of(sample.accepted, unseen_acceptance(sample, learner))
    rows = accepted_rows(sample)
    return learner.fit(Rows(rows.matrix, rows.target, weights[sample.accepted]), sample.monotone)


def parcelled(sample: Applicants, learner: Learner, *, uplift: float = UPLIFT) -> Says:
    """Refused rows get outcomes by lot: in each band of the plain score its share of defaults times an uplift."""
    risk, refused = unseen_risk(sample, learner), ~sample.accepted
    share = band_shares(risk, sample.accepted, sample.defaulted, uplift=uplift)
    lot = np.random.default_rng(learner.seed).random(int(refused.sum()))
    drawn = Rows.alike(sample.matrix[refused], (lot < share[refused]).astype(float))
    return learner.fit(accepted_rows(sample).and_also(drawn), sample.monotone)


def band_shares(risk: Floats, accepted: Flags, defaulted: Floats, *, uplift: float) -> Floats:
    """For each row the share of defaults among the accepted of its band, times the uplift, at most 1.

    Bands hold as many accepted rows each. Every band gets FEWEST_IN_A_BAND rows of the average besides its own.
    """
    edges = np.quantile(risk[accepted], np.arange(1, BANDS) / BANDS)
    band = np.searchsorted(edges, risk, side="left")
    many = np.bincount(band[accepted], minlength=BANDS)
    bads = np.bincount(band[accepted], weights=defaulted[accepted], minlength=BANDS)
    share = (bads + FEWEST_IN_A_BAND * defaulted[accepted].mean()) / (many + FEWEST_IN_A_BAND)
    return np.asarray(np.minimum(uplift * share, 1.0)[band])


def fuzzy(sample: Applicants, learner: Learner) -> Says:
    """Each refused row twice: as a default with the weight p that plain training gives it, as sound with 1 - p."""
    return learner.fit(accepted_rows(sample).and_also(doubled(sample, learner)), sample.monotone)


def doubled(sample: Applicants, learner: Learner) -> Rows:
    """The refused rows of fuzzy augmentation."""
    refused = sample.matrix[~sample.accepted]
    chance = accepted_only(sample, learner)(refused)
    target = np.repeat([1.0, 0.0], len(refused))
    return Rows(np.concatenate([refused, refused]), target, np.concatenate([chance, 1 - chance]))


def self_labelled(sample: Applicants, learner: Learner) -> Says:
    """Round after round the surest of the refused are labelled by the model, which learns from them in the next."""
    rows, left = accepted_rows(sample), sample.matrix[~sample.accepted]
    says = learner.fit(rows, sample.monotone)
    for _ in range(SELF_ROUNDS):
        if not len(left):
            break
        risk = says(left)
        order = np.argsort(risk, kind="stable")
        many = int(np.ceil(SELF_SHARE * len(left)))
        bads = round(float(risk.mean()) * many)
        sure = np.concatenate([order[: many - bads], order[len(order) - bads :]])
        labels = np.concatenate([np.zeros(many - bads), np.ones(bads)])
        rows = rows.and_also(Rows.alike(left[sure], labels))
        left = np.delete(left, sure, axis=0)
        says = learner.fit(rows, sample.monotone)
    return says


def doubly_robust(sample: Applicants, learner: Learner) -> Says:
    """Every applicant with what is expected of it, put right by the accepted ones (the DR-learner, Kennedy 2023).

    Target = risk + accepted × weight × (outcome - risk), weight = 1 ÷ chance of acceptance, both from models that have
    not seen the enterprise: right on average where either model is.
    """
    risk, chance = unseen_risk(sample, learner), unseen_acceptance(sample, learner)
    return learner.fit(Rows.alike(sample.matrix, put_right(sample, risk, chance)), sample.monotone)


def put_right(sample: Applicants, risk: Floats, chance: Floats) -> Floats:
    """Targets of `doubly_robust`; the weights are trimmed as those of `reweighted` are."""
    weight = weights_of(sample.accepted, chance) / sample.accepted.mean()
    return np.asarray(risk + weight * (np.where(sample.accepted, sample.defaulted, 0.0) - risk))


def as_if_all_accepted(sample: Applicants, learner: Learner) -> Says:
    """Default given the features and the chance of acceptance, asked at a chance of 1, where nobody is selected.

    The chance varies among like applicants with the leniency of the bank they asked, which has no part in whether they
    default: what an instrument is to Heckman (1979) and to marginal effects (Heckman and Vytlacil 2005). Where banks
    see something that the features do not, a lenient bank's borrowers default more often.
    """
    chance, lent = acceptance_at_bank(sample, learner), sample.accepted
    rows = Rows.alike(np.column_stack([sample.matrix, chance])[lent], sample.defaulted[lent])
    says = learner.fit(rows, (*sample.monotone, 1))
    return lambda matrix: says(np.column_stack([matrix, np.ones(len(matrix))]))


def told_elsewhere(sample: Applicants, learner: Learner) -> Says:
    """Plain training, and the refused of whom the credit bureau tells how they did with their other lenders."""
    told = ~np.isnan(sample.elsewhere)
    others = Rows.alike(sample.matrix[told], sample.elsewhere[told])
    return learner.fit(accepted_rows(sample).and_also(others), sample.monotone)


def told_elsewhere_for_all(sample: Applicants, learner: Learner) -> Says:
    """The same, with those of whom something is told standing for all the refused.

    Each counts 1 ÷ the chance that a refused applicant like it is told of. Right where who borrows elsewhere depends on
    the features alone among the refused, whatever the banks that refused them had seen.
    """
    told = ~np.isnan(sample.elsewhere)
    others = Rows(sample.matrix[told], sample.elsewhere[told], weights_of_told(sample, learner)[told])
    return learner.fit(accepted_rows(sample).and_also(others), sample.monotone)


def told_elsewhere_as_lent(sample: Applicants, learner: Learner) -> Says:
    """Accepted and told ones alike, with a column for whether the loan was granted; asked as if it was.

    What the bureau tells of a refused applicant happened without the loan, and the loan itself moves the risk: the
    column takes that up, and with it what banks saw; the features are learned from both kinds.
    """
    known = sample.accepted | ~np.isnan(sample.elsewhere)
    matrix = np.column_stack([sample.matrix, sample.accepted])
    outcome = np.where(sample.accepted, sample.defaulted, sample.elsewhere)
    says = learner.fit(Rows.alike(matrix[known], outcome[known]), (*sample.monotone, 0))
    return lambda judged: says(np.column_stack([judged, np.ones(len(judged))]))


def weights_of_told(sample: Applicants, learner: Learner) -> Floats:
    """1 ÷ the chance of a refused row that the bureau tells of it, at most MOST_WEIGHT; 0 where it does not."""
    told, refused = ~np.isnan(sample.elsewhere), np.flatnonzero(~sample.accepted)
    chance = np.ones(len(sample))
    chance[refused] = unseen_share(sample.take(refused), told[refused], learner)
    return np.asarray(np.where(told, np.minimum(1 / np.maximum(chance, LEAST_ACCEPTANCE), MOST_WEIGHT), 0.0))


METHODS: Mapping[str, Method] = MappingProxyType(
    {
        "accepted_only": accepted_only,
        "reweighted": reweighted,
        "parcelled": parcelled,
        "parcelled_twice": partial(parcelled, uplift=2.0),
        "fuzzy": fuzzy,
        "self_labelled": self_labelled,
        "doubly_robust": doubly_robust,
        "as_if_all_accepted": as_if_all_accepted,
        "told_elsewhere": told_elsewhere,
        "told_elsewhere_for_all": told_elsewhere_for_all,
        "told_elsewhere_as_lent": told_elsewhere_as_lent,
    }
)
"""All ways by name; the first is what the others are compared with."""
