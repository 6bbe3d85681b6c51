"""Authorisations: who withholds what is seldom chance.

A block without an authorisation is one of which nothing may be used, and a firm without any row authorised nothing.
"""

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy.special import expit, logit, ndtr

from simulation.assumed import city
from simulation.assumed import consents as a
from simulation.chance import Flags, Numbers, Whole, picked
from simulation.firms import IDLE, NEVER, PAPER_BAD, SHELL
from simulation.told.lines import NOT_YET, SURE_DAYS, first_day, lately, later
from sources.contracts import BLOCKS_WITH_CONSENT

if TYPE_CHECKING:
    from simulation.community import Community

BLOCKS = tuple(BLOCKS_WITH_CONSENT)
SHY = np.array([a.SHY[block] for block in BLOCKS])
SHORTEST = min(months for months in a.TERMS if months)
RECENT = 3
"""Months of strain that an answer is given under."""


def consents(community: "Community") -> pl.DataFrame:
    """One row an authorisation of a block, renewals included."""
    firms, calendar = community.firms, community.calendar
    random = community.random("consents")
    asked = _asked(community, random)
    luck = random.random((2, len(firms), len(BLOCKS)))
    begun = asked[:, None] + (luck[0] < a.BLOCK_LATER) * (1 + a.BLOCK_LATER_MONTHS * luck[1]).astype(np.int64)
    willing = _willing(community, asked, random) & (begun < _last_answer(community)[:, None])
    revoked = _revoked(community, begun, random)
    term = np.array(list(a.TERMS))[picked(random.random(len(firms)), a.TERMS)]
    times = np.arange(1 + -(-calendar.months // SHORTEST))
    start = begun[:, :, None] + times * term[:, None, None]
    given = willing[:, :, None] & _renewed(community, start, random) & ((times == 0) | (term > 0)[:, None, None])
    given &= (start < _last_answer(community)[:, None, None]) & (start <= revoked[:, :, None])
    firm, block, time = np.nonzero(given)
    luck = random.random((3, *given.shape))[:, firm, block, time]
    day = (SURE_DAYS * random.random(len(firms))).astype(np.int64)[firm]
    in_time = first_day(calendar, start[firm, block, time]) + day
    forgotten = (time > 0) & (luck[0] < a.RENEWED_LATE)
    granted_on = np.where(forgotten, later(in_time, a.LATE_DAYS, luck[1]), in_time)
    ends_on = first_day(calendar, start[firm, block, time] + term[firm]) + day - 1
    revoked_on = later(first_day(calendar, revoked[firm, block]), (0, SURE_DAYS), luck[2])
    in_force = (
        (revoked_on > granted_on) & ((term[firm] == 0) | (revoked_on <= ends_on)) & (revoked[firm, block] < NEVER)
    )
    return pl.DataFrame(
        {
            "firm": firm,
            "block": pl.Series(BLOCKS).gather(block),
            "granted_on": granted_on,
            "ends_on": np.where(term[firm] == 0, NOT_YET, ends_on),
            "revoked_on": np.where(in_force, revoked_on, NOT_YET),
            "known_on": granted_on,
        }
    )


def _asked(community: "Community", random: np.random.Generator) -> Whole:
    """Month in which a firm is first asked for its data: most before the told months, young firms soon after birth."""
    firms, calendar = community.firms, community.calendar
    luck = random.random((4, len(firms)))
    before = calendar.first - (a.ASKED_BEFORE * luck[0]).astype(np.int64)
    before = np.where(firms.role == IDLE, np.minimum(before, firms.stopped - 1), before)
    told = calendar.first + ((calendar.months - calendar.first) * luck[0]).astype(np.int64)
    asked: Whole = np.where(luck[1] < a.ASKED_LATER, told, before)
    young = firms.born + 1 + (a.ASKED_YOUNG * luck[2]).astype(np.int64)
    return np.where(asked < firms.born, young, asked)


def _last_answer(community: "Community") -> Whole:
    """Month from which a firm answers no more."""
    return np.minimum(community.lives.closed, community.calendar.months)


def _willing(community: "Community", asked: Whole, random: np.random.Generator) -> Flags:
    """Whether a firm says yes: firm × block."""
    firms = community.firms
    hides = a.STRAIN * _strain(community, asked) + a.DISHONEST * firms.dishonest + a.SHELL * (firms.role == SHELL)
    common = a.CARE * firms.conduct + a.OPEN * (firms.openness - np.mean(city.OPENNESS))
    common += a.SMALL * np.log10(firms.sales / city.MEDIAN_SALES) + a.ROUGH * (firms.role == PAPER_BAD)
    usual = logit(np.array([a.SHARES[block] for block in BLOCKS])) + np.array([a.OFFSET[block] for block in BLOCKS])
    own = np.sqrt(a.TOGETHER) * random.standard_normal((len(firms), 1))
    own = own + np.sqrt(1 - a.TOGETHER) * random.standard_normal((len(firms), len(BLOCKS)))
    willing: Flags = ndtr(own) < expit(usual + common[:, None] + hides[:, None] * SHY)
    return willing


def _strain(community: "Community", month: Whole) -> Numbers:
    """Strain of some firms in some months as they feel it themselves: the first axis is the firm's."""
    strain = lately(community.lives.strain, RECENT)
    place = np.clip(month, 0, strain.shape[1] - 1)
    felt: Numbers = strain[np.arange(len(strain)).reshape(-1, *[1] * (month.ndim - 1)), place]
    return felt


def _renewed(community: "Community", start: Whole, random: np.random.Generator) -> Flags:
    """Whether each term, and every one before it, was renewed: firm × block × time."""
    firms = community.firms
    hides = a.RENEWS_STRAIN * _strain(community, start) + (a.RENEWS_DISHONEST * firms.dishonest)[:, None, None]
    renews = random.random(start.shape) < a.RENEWS + hides * SHY[:, None]
    renews[:, :, 0] = True
    return np.logical_and.accumulate(renews, axis=2)


def _revoked(community: "Community", begun: Whole, random: np.random.Generator) -> Whole:
    """Month in which a block is forbidden again: firm × block; NEVER = not."""
    firms, lives, months = community.firms, community.lives, community.calendar.months
    chance = a.REVOKES + a.REVOKES_STRAIN * lately(lives.strain, RECENT)
    chance = (chance + (a.REVOKES_DISHONEST * firms.dishonest)[:, None]) * lives.trading
    reached = np.cumsum(chance, axis=1)
    start = np.take_along_axis(reached, np.clip(begun, 0, months - 1), axis=1)
    patience = start + random.standard_exponential(begun.shape) / SHY
    month = (reached[:, None, :] <= patience[:, :, None]).sum(axis=2)
    return np.where((month < months) & (month > begun), month, NEVER)
