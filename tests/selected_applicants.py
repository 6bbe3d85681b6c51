"""Invented applicants whose selection and risk are known."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from training.selection.sample import Applicants

BANKS = 40


@dataclass(frozen=True)
class Known:
    """A sample, and the true chance of default of every row given what is observed of it."""

    sample: Applicants
    chance: np.ndarray


def selected_by(what: str, *, rows: int = 6_000, seed: int = 0) -> Known:
    """Applicants of two observed traits and a hidden one; all three raise the risk.

    Args:
        what: banks look at the "observed" first trait, or at the "hidden" one.
        rows: applications, each of an enterprise of its own.
        seed: of the draw.

    The bank's mean is drawn from a normal distribution of standard deviation 1.5 and has no part in the default. The
    log odds of default are -2.5 + x0 + 0.5 x1 + 1.5 h; those of acceptance are the bank's mean less 1.5 times what it
    looks at.
    """
    rng = np.random.default_rng(seed)
    x, h = rng.standard_normal((rows, 2)), rng.standard_normal(rows)
    bank = rng.integers(BANKS, size=rows)
    means = 1.5 * rng.standard_normal(BANKS)
    looked_at = x[:, 0] if what == "observed" else h
    accepted = rng.random(rows) < expit(means[bank] - 1.5 * looked_at)
    defaulted = rng.random(rows) < expit(-2.5 + x[:, 0] + 0.5 * x[:, 1] + 1.5 * h)
    hidden = rng.standard_normal(2_000)
    chance = expit(-2.5 + x[:, :1] + 0.5 * x[:, 1:] + 1.5 * hidden[None, :]).mean(axis=1)
    sample = Applicants(
        matrix=x,
        accepted=accepted,
        defaulted=np.where(accepted, defaulted, np.nan),
        monotone=(1, 1),
        groups=np.arange(rows),
        banks=bank,
        elsewhere=np.where(~accepted & (rng.random(rows) < 0.3), defaulted, np.nan),
    )
    return Known(sample, chance)


def by_hand(accepted: list[int], **columns: list[float]) -> Applicants:
    """A few rows, each of an enterprise of its own at bank 0 unless told otherwise, with one column of zeros."""
    many = len(accepted)
    lent = np.array(accepted, bool)
    usual = {
        "matrix": np.zeros((many, 1)),
        "defaulted": np.where(lent, 0.0, np.nan),
        "groups": np.arange(many),
        "banks": np.zeros(many, np.int64),
        "elsewhere": np.full(many, np.nan),
    }
    given = {name: np.array(values) for name, values in columns.items()}
    return Applicants(accepted=lent, monotone=(0,), **{**usual, **given})
