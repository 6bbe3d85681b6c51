"""The truth about every product for a firm: would the bank grant it, and what would it be worth."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulation.assumed import lending as a
from simulation.chance import Numbers, Whole
from simulation.lending.asking import chances, limits, usual_rate
from simulation.lending.offers import offers

if TYPE_CHECKING:
    from simulation.community import Community

WANTED = float(np.sqrt(a.WANTED[0] * a.WANTED[1]))
"""Months of normal sales that a usual applicant wants."""


@dataclass(frozen=True)
class Worth:
    """Firm × offer.

    Attributes:
        wanted: what a usual applicant of this size wants, yuan, per firm.
        chance: true probability that the bank grants it if asked today.
        limit: the most that it would give of that, yuan.
        rate: that it would ask, annual fraction, officers' whims aside.
        utility: what asking is worth to the firm, yuan: chance × (interest and fees saved against money from
            elsewhere over the term − cost of papers).
    """

    wanted: Numbers
    chance: Numbers
    limit: Numbers
    rate: Numbers
    utility: Numbers


def counterfactuals(community: "Community", places: Whole, month: int) -> Worth:
    """What each offer would be to some firms of a community at the end of a month, asked for or not."""
    book = offers()
    state, firms = community.states[month + 1].take(places), community.firms.take(places)
    ages = (month + 1 - firms.born).astype(float)
    every = np.broadcast_to(np.arange(len(book)), (len(places), len(book)))
    chance, _ = chances(state, firms, ages, every)
    wanted = WANTED * firms.sales
    limit = np.clip(np.minimum(limits(state, firms, ages, every), wanted[:, None]), 0, None)
    rate = usual_rate(state, firms, ages, every)
    years = np.minimum(book.term, a.COUNTED_TERM) / 12
    once, yearly = book.fees.T
    saved = limit * ((a.OUTSIDE_RATE - rate - yearly) * years - once) - a.PAPERS * (book.modes != "credit")
    return Worth(wanted, chance, limit, rate, chance * np.maximum(saved, 0))
