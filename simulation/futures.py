"""True probabilities: many futures of a firm from where it really stands, and how many of them end in default."""

from typing import TYPE_CHECKING

import numpy as np

from simulation.chance import Numbers, Whole
from simulation.lifetimes import is_active, seasons
from simulation.money import Now
from simulation.months import MONTHS_OF_A_YEAR
from simulation.step import step
from simulation.weather import spread_of_news

if TYPE_CHECKING:
    from simulation.community import Community

LANES = 100_000
"""Futures that are computed side by side; the result does not depend on what else is asked, only on this."""


def default_probability(community: "Community", places: Whole, month: int, *, branches: int) -> tuple[Numbers, Numbers]:
    """True probability of default within 12 months after the end of a month, and its Monte Carlo standard error.

    Each firm starts `branches` times from its hidden state and lives on under the same laws as it does: what it will
    ask of banks and what they answer included. Weather is drawn anew; events of the papers are not foreseen.

    Args:
        community: with its states.
        places: of firms in the community that trade and are not in default at the end of `month`.
        month: of the calendar.
        branches: futures of each firm.

    Returns:
        Two numbers a firm.
    """
    firms_at_once = max(1, LANES // branches)
    defaults = np.concatenate(
        [
            _defaults(community, places[start : start + firms_at_once], month, branches)
            for start in range(0, len(places), firms_at_once)
        ]
        or [np.zeros(0)]
    )
    probability = defaults / branches
    error: Numbers = np.sqrt(probability * (1 - probability) / branches)
    return probability, error


def _defaults(community: "Community", places: Whole, month: int, branches: int) -> Numbers:
    """How many futures of each firm end in default."""
    lanes = np.repeat(places, branches)
    firms, state = community.firms.take(lanes), community.states[month + 1].take(lanes)
    usual = _usual_seasons(community)
    spread = spread_of_news(firms)
    random = community.random("futures", month, int(places[0]) if len(places) else 0)
    for ahead in range(month + 1, month + 1 + MONTHS_OF_A_YEAR):
        of_year = int((community.calendar.month_of_year[0] - 1 + ahead) % MONTHS_OF_A_YEAR)
        now = Now(
            month_of_year=of_year + 1,
            season=usual[lanes, of_year],
            news=spread * random.standard_normal(len(lanes)),
            active=is_active(firms, ahead),
            ages=(ahead - firms.born).astype(float),
        )
        state, _, _, _ = step(state, firms, now, random)
    ended: Numbers = state.ended.reshape(len(places), branches).sum(axis=1).astype(float)
    return ended


def _usual_seasons(community: "Community") -> Numbers:
    """Sales of a usual January to December against a month without season: firm × month of the year."""
    every = seasons(community.firms, community.calendar)
    of_year = community.calendar.month_of_year
    return np.stack([every[:, of_year == number].mean(axis=1) for number in range(1, MONTHS_OF_A_YEAR + 1)], axis=1)
