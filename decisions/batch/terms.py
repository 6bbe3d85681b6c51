"""What one product comes to for each enterprise of a chunk by rules alone: can it be had, amount, term and cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np

from decisions.batch.columns import Flags, Floats, Wholes
from decisions.batch.limits import UNBOUNDED, Limits, limits_of
from decisions.batch.questions import Questions
from decisions.fact_definitions import facts as definitions
from decisions.match.granted import Granted
from decisions.match.prepared import Offer
from decisions.match.purpose_fit import PURPOSE
from decisions.match.worth import assumed_rate, longest_months, rests_on_cash_flow, share_of_open
from decisions.money.price import all_in_rate
from decisions.offered.products import Product


@dataclass(frozen=True)
class Terms:
    """One product, an enterprise a place; what it asks of no enterprise is worked out when it is first looked at."""

    offer: Offer
    asked: Questions

    @property
    def product(self) -> Product:
        return self.offer.entry.product

    @cached_property
    def limits(self) -> Limits:
        return limits_of(self.offer, self.asked.columns)

    @cached_property
    def can_have(self) -> Flags:
        """Whom no condition, no stop and no limit of nothing refuses it."""
        asked, offer = self.asked, self.offer
        refused = asked.stopped | asked.fails[list(offer.asks)].any(axis=0) | (self.limits.at_most_fen == 0)
        if offer.is_renewal:
            refused |= asked.renewals.fails
        return np.asarray(~(refused | asked.purpose_says(self.product, "fail")))

    @cached_property
    def is_limit_open(self) -> Flags:
        """Where no formula over known facts supports the limit."""
        return self.limits.is_open if self.product.limit else np.ones(len(self.asked.columns), dtype=bool)

    @cached_property
    def limit_fen(self) -> Wholes:
        """What is told as the limit; `UNBOUNDED` where it is not known."""
        return np.where(self.limits.is_open, UNBOUNDED, self.limits.at_most_fen)

    @cached_property
    def months(self) -> Wholes:
        """The term that it would be used for."""
        return np.minimum(self.asked.wanted_months, longest_months(self.product, self.asked.policy.numbers))

    def usable_fen(self, granted: Granted | None = None, share_here: Floats | None = None) -> Wholes:
        """As `Borrower.usable_fen`.

        Args:
            granted: what is on record of the product; None = no model speaks.
            share_here: as that of `Granted`, of each enterprise; None = no model says.
        """
        possible = np.minimum(self.limits.at_most_fen, self.asked.wanted_fen)
        if share_here is not None:
            return (possible * share_here).astype(np.int64)
        share = share_of_open(self.asked.policy.numbers, granted)
        usable = np.where(self.is_limit_open, (possible * share).astype(np.int64), possible)
        if granted is not None:
            return usable
        bounded = np.minimum(usable, self.asked.affordable_fen)
        return bounded if rests_on_cash_flow(self.product) else np.where(self.is_limit_open, bounded, usable)

    def all_in_after(self, usable: Wholes, *, where: Flags, granted: Granted | None = None) -> Floats:
        """The rate after subsidies, NaN = not stated in full: by term alone, but one by one where a subsidy is sure.

        Args:
            usable: amount that each enterprise would use.
            where: who is asked about; others have the rate before subsidies.
            granted: told at the rate of past approvals; None = at the stated one.
        """
        asked, product = self.asked, granted.counted(self.product) if granted else self.product
        after = np.full(len(self.months), np.nan)
        for term in np.unique(self.months):
            stated = all_in_rate(product, amount_fen=1, months=int(term))
            after[self.months == term] = np.nan if stated is None else stated.after
        if not np.isnan(after).all():
            for one in np.flatnonzero(where & asked.has_sure_subsidy(product)):
                stated = asked.borrower(int(one)).all_in_rate(product, int(usable[one]))
                after[one] = np.nan if stated is None else stated.after
        return after

    def or_assumed(self, after: Floats, granted: Granted | None = None) -> Floats:
        """The rate that counts: where none is told in full, the assumed one."""
        product = granted.counted(self.product) if granted else self.product
        return np.where(np.isnan(after), assumed_rate(product, self.asked.policy.numbers), after)

    def passing(self, granted: Granted) -> Floats:
        """As `Granted.passing`."""
        least = np.ones(len(self.asked.columns))
        for fact, is_open in self.open_facts.items():
            least = np.where(is_open, np.minimum(least, granted.pass_share.get(fact, 1.0)), least)
        return least

    @cached_property
    def open_counts(self) -> tuple[Wholes, Wholes]:
        """Open questions about usual facts and about rare ones; each fact counts once."""
        known, open_facts = definitions(), self.open_facts
        rare, usual = (
            np.sum([flags for name, flags in open_facts.items() if known[name].rare == wanted], axis=0, dtype=np.int64)
            for wanted in (True, False)
        )
        none = np.zeros(len(self.asked.columns), dtype=np.int64)
        return usual + none, rare + none

    @cached_property
    def open_facts(self) -> Mapping[str, Flags]:
        """By fact that the product asks about, where it is open."""
        asked, offer = self.asked, self.offer
        of_rules = ((asked.ready.conditions[place].fact, asked.opens[place]) for place in offer.asks)
        of_renewal = asked.renewals.opens.items() if offer.is_renewal else ()
        found = dict(self.limits.open_facts) | {PURPOSE: asked.purpose_says(self.product, "unknown")}
        for name, flags in chain(of_rules, of_renewal):
            found[name] = found[name] | flags if name in found else flags
        return found


def terms_of_each(asked: Questions) -> tuple[Terms, ...]:
    """Every product, in the order in which they were made ready."""
    return tuple(Terms(offer, asked) for offer in asked.ready.offers)
