"""Outcomes against what was expected of them: defaults, approvals, and how soon they become known."""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from scipy.stats import chi2, gamma, norm

from training.drift.fates import OLDEST, Fates, FatesBefore
from training.drift.policy import DriftPolicy
from training.drift.shares import ShareMove, share_move
from training.drift.spread import holm
from training.metrics import Floats

AGES = (1, 2, 3, 4, 6)
"""Months after decisions at which reports are counted."""

AGE_WIDTH = 3
"""Decisions that came to an age within so many months are counted for it: newer ones than those before them."""

SPANS = (6, 15)
"""Newest months whose decisions are looked at for defaults: few that show a change soon, many that show a small one."""

ANSWERS = 3
"""Newest months whose banks' answers are looked at."""

DELAYS = np.arange(0.0, 12.25, 0.25)
"""Months that reports may come later."""

FEWEST = 30
"""Decisions with fewer say nothing of a share."""


@dataclass(frozen=True)
class Delay:
    """Reports that come later than they did.

    Attributes:
        months: how much later.
        age, before, after: the age that shows it most, and the shares known by then.
        p: adjusted for the ages looked at.
    """

    months: float
    age: int
    before: float
    after: float
    p: float


@dataclass(frozen=True)
class Ratio:
    """Defaults known, against those expected to be known by now.

    Attributes:
        low, high: interval at the level of the policy; widened as single months of the reference vary.
        p: adjusted for the spans looked at, two-sided; 1 where none shows a difference.
    """

    months: int
    observed: int
    expected: float
    value: float
    low: float
    high: float
    p: float


def delay(fates: Fates, before: FatesBefore, policy: DriftPolicy, *, repeats: float) -> Delay | None:
    """Whether fewer decisions than before have a report by an age; None where none falls short."""
    found = [(age, move) for age in AGES if (move := _known_by(fates, before, age, repeats)) is not None]
    if not found:
        return None
    adjusted = holm([move.p for _, move in found])
    short = [
        (age, move, float(p))
        for (age, move), p in zip(found, adjusted, strict=True)
        if p <= policy.level and move.change <= -policy.smallest_share
    ]
    if not short:
        return None
    age, worst, p = min(short, key=lambda one: one[1].change)
    return Delay(_later({age: move.after for age, move in found}, before), age, worst.before, worst.after, p)


def _known_by(fates: Fates, before: FatesBefore, age: int, repeats: float) -> ShareMove | None:
    rows = fates.rows.filter(pl.col("age").is_between(age, age + AGE_WIDTH, closed="left"))
    if rows.height < FEWEST or not before.known_by:
        return None
    known = int((rows["known_after"] <= age).fill_null(value=False).sum())
    were_known = round(before.known_by[age] * before.decisions)
    return share_move(were_known, before.decisions, known, rows.height, repeats=(repeats, 1.0))


def _later(shares: Mapping[int, float], before: FatesBefore) -> float:
    """The delay in months with which the reference's shares come nearest to those at some ages, by least squares."""
    ages, now = np.array(list(shares), dtype=float), np.array(list(shares.values()))
    was = np.interp(ages - DELAYS[:, None], np.arange(len(before.known_by)), before.known_by, left=0.0)
    return float(DELAYS[np.argmin(((was - now) ** 2).sum(axis=1))])


def default_ratio(fates: Fates, before: FatesBefore, policy: DriftPolicy, *, late: float) -> Ratio | None:
    """Defaults against those expected; `late` months are taken off the ages. None where too few are expected.

    Expected is the reference's rate at each score, times the share of defaults that is known at the decision's age: a
    young decision without a default is not yet a sound one. Decisions of an age at which none is known count in
    neither. Counts are Poisson, with the reference's dispersion φ taken as O / φ of E / φ. Of the spans the one that
    shows a difference, or else the longest.
    """
    found = [one for months in SPANS if (one := _ratio(fates, before, policy, months=months, late=late)) is not None]
    if not found:
        return None
    best = min(found, key=lambda one: one.p)
    raised = replace(best, p=min(1.0, best.p * len(found)))
    return raised if raised.p <= policy.level else replace(found[-1], p=1.0)


def _ratio(fates: Fates, before: FatesBefore, policy: DriftPolicy, *, months: int, late: float) -> Ratio | None:
    young = fates.granted().filter(pl.col("age") <= min(months, OLDEST))
    known = before.default_known(young["age"].to_numpy() - late)
    granted = young.filter(pl.Series(known > 0, dtype=pl.Boolean))
    expected = float((_rates(granted, granted["score"].to_numpy(), before) * known[known > 0]).sum())
    if expected < policy.fewest_defaults_expected:
        return None
    observed = int((granted["defaulted_after"] <= before.counts_through).sum())
    o, e = observed / before.dispersion, expected / before.dispersion
    upper, lower = float(gamma.cdf(e, o)) if o else 1.0, float(gamma.sf(e, o + 1))
    low = float(chi2.ppf(policy.level / 2, 2 * o) / (2 * e)) if o else 0.0
    high = float(chi2.ppf(1 - policy.level / 2, 2 * (o + 1)) / (2 * e))
    return Ratio(months, observed, expected, observed / expected, low, high, min(1.0, 2 * min(upper, lower)))


def _rates(granted: pl.DataFrame, scores: Floats, before: FatesBefore) -> Floats:
    """Default rates that decisions of the reference had; the model's own where it only had labels."""
    if before.decisions or granted["pd"].null_count():
        return before.default_rates(scores)
    return np.asarray(granted["pd"].to_numpy())


def approvals(fates: Fates, before: FatesBefore, *, on: dt.date) -> ShareMove | None:
    """Share approved of what banks answered lately, against the reference's at the same scores; None without either."""
    if not sum(before.decided):
        return None
    recent = fates.rows.filter(pl.col("age") <= ANSWERS, pl.col("day") <= on, pl.col("approved").is_not_null())
    if recent.height < FEWEST:
        return None
    expected = before.approval_rates(recent["score"].to_numpy())
    approved = recent["approved"].to_numpy()
    many = recent.height
    error = math.sqrt(max(float((expected * (1 - expected)).sum()), 1e-12) * (1 + many / sum(before.decided))) / many
    change = float(approved.mean() - expected.mean())
    return ShareMove(float(expected.mean()), float(approved.mean()), float(2 * norm.sf(abs(change) / error)))
