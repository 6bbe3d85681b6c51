"""What one product is worth to each enterprise of a chunk: the same whole fen as one by one."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np

from decisions.batch.columns import Flags, Floats, Wholes
from decisions.batch.limits import UNBOUNDED, Limits, limits_of
from decisions.batch.questions import Questions
from decisions.fact_definitions import facts as definitions
from decisions.match.prepared import Offer
from decisions.match.purpose_fit import PURPOSE
from decisions.match.ranking import RuleOfThumb
from decisions.match.worth import DAYS_A_WEEK, WORKING_DAYS_A_WEEK, assumed_rate, rests_on_cash_flow
from decisions.money.price import all_in_rate
from decisions.money.schedules import MONTHS_A_YEAR
from decisions.offered.products import Product

NOTHING = -1
"""Stands for the worth of a product that cannot be had, and for a limit that is not known."""


@dataclass(frozen=True)
class ProductWorth:
    """One product, an enterprise a place.

    Attributes:
        product_id: of the product.
        fen: expected value; `NOTHING` where it cannot be had.
        rate: the one that the order goes by.
        limit_fen: `NOTHING` where it is not known.
        all_in_after: NaN where the source does not state it in full.
    """

    product_id: str
    fen: Wholes
    rate: Floats
    limit_fen: Wholes
    all_in_after: Floats


def worth_of(offer: Offer, asked: Questions) -> ProductWorth:
    """What a product is worth to each enterprise of a chunk."""
    product, numbers, limits = offer.entry.product, asked.policy.numbers, limits_of(offer, asked.columns)
    can_have = ~(asked.stopped | asked.fails[list(offer.asks)].any(axis=0) | (limits.at_most_fen == 0))
    if offer.is_renewal:
        can_have &= ~asked.renewals.fails
    can_have &= ~asked.purpose_says(product, "fail")
    usable = _usable(product, limits, asked)
    most = UNBOUNDED if product.term_months is None else product.term_months
    months = np.minimum(asked.wanted_months, most)
    after = _all_in_after(product, asked, where=can_have, usable=usable, months=months)
    rate = np.where(np.isnan(after), assumed_rate(product, numbers), after)
    saving = np.maximum(numbers.outside_rate - rate, 0.0)
    worth = _chance(offer, limits, asked) * usable * saving * (months / MONTHS_A_YEAR) * _speed(product, asked)
    known = ~limits.is_open & (limits.at_most_fen != UNBOUNDED)
    return ProductWorth(
        product_id=product.id,
        fen=np.where(can_have, np.rint(worth).astype(np.int64), NOTHING),
        rate=rate,
        limit_fen=np.where(known, limits.at_most_fen, NOTHING),
        all_in_after=after,
    )


def _usable(product: Product, limits: Limits, asked: Questions) -> Wholes:
    possible = np.minimum(limits.at_most_fen, asked.wanted_fen)
    share = asked.policy.numbers.share_of_unknown_limit.value
    counted = (possible * share).astype(np.int64)
    usable = np.where(limits.is_open, counted, possible) if product.limit else counted
    bounded = np.minimum(usable, asked.affordable_fen)
    may_be_carried = bool(product.limit) and not rests_on_cash_flow(product)
    return np.where(limits.is_open, bounded, usable) if may_be_carried else bounded


def _all_in_after(product: Product, asked: Questions, *, where: Flags, usable: Wholes, months: Wholes) -> Floats:
    """The rate after subsidies: by term alone, but one by one for those to whom a subsidy is sure."""
    after = np.full(len(months), np.nan)
    for term in np.unique(months):
        stated = all_in_rate(product, amount_fen=1, months=int(term))
        after[months == term] = np.nan if stated is None else stated.after
    if not np.isnan(after).all():
        for one in np.flatnonzero(where & asked.has_sure_subsidy(product)):
            stated = asked.borrower(int(one)).all_in_rate(product, int(usable[one]))
            after[one] = np.nan if stated is None else stated.after
    return after


def _speed(product: Product, asked: Questions) -> Floats | float:
    if product.decision_days is None:
        return 1.0
    late = product.decision_days * DAYS_A_WEEK > asked.urgency_days * WORKING_DAYS_A_WEEK
    return np.where(late, asked.policy.numbers.late_factor.value, 1.0)


def _chance(offer: Offer, limits: Limits, asked: Questions) -> Floats:
    """The rule of thumb: each fact counts once, however many conditions leave it open."""
    thumb, known = RuleOfThumb(asked.policy.numbers), definitions()
    open_facts = _open_facts(offer, limits, asked)
    rare, usual = (
        np.sum([flags for name, flags in open_facts.items() if known[name].rare == wanted], axis=0, dtype=np.int64)
        for wanted in (True, False)
    )
    most_rare, most_usual = int(np.max(rare)) + 1, int(np.max(usual)) + 1
    factors = np.array([[thumb.factor(u, r) for r in range(most_rare)] for u in range(most_usual)])
    return np.asarray(factors[usual, rare] / asked.one_in)


def _open_facts(offer: Offer, limits: Limits, asked: Questions) -> Mapping[str, Flags]:
    """By fact that the product asks about, where it is open."""
    of_rules = ((asked.ready.conditions[place].fact, asked.opens[place]) for place in offer.asks)
    of_renewal = asked.renewals.opens.items() if offer.is_renewal else ()
    found = dict(limits.open_facts) | {PURPOSE: asked.purpose_says(offer.entry.product, "unknown")}
    for name, flags in chain(of_rules, of_renewal):
        found[name] = found[name] | flags if name in found else flags
    return found
