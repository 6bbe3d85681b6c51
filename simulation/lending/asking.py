"""Firms that need money look at a list, choose a product and ask; a bank answers."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from simulation.assumed import lending as a
from simulation.chance import Flags, Numbers, Whole
from simulation.firms import SHELL, ZERO_FILER, Firms
from simulation.lending import banks
from simulation.lending.offers import Offers, offers
from simulation.state import State, wanted_cash

GROUPS = 16
NOTHING = -1
SEEN_AT = np.array(a.SEEN_AT)


@dataclass(frozen=True)
class Asked:
    """The applications of one month, one value an application; amounts in yuan.

    Attributes:
        lane: who asks.
        shown: the list, offers in order; -1 = an empty place.
        position: place of the chosen offer on it.
        others as in `lives.Applications`.
    """

    lane: Whole
    shown: NDArray[np.int64]
    position: Whole
    offer: Whole
    wanted: Numbers
    chance: Numbers
    granted: Flags
    code: NDArray[np.str_]
    limit: Numbers
    rate: Numbers
    drawn: Numbers


def ask(state: State, firms: Firms, ages: Numbers, *, active: Flags, random: np.random.Generator) -> Asked:
    """The applications of a month from where firms stood at its beginning."""
    book = offers()
    lane = np.flatnonzero(_wants(state, firms, active, random))
    mine, owner, age = state.take(lane), firms.take(lane), ages[lane]
    many = len(lane)
    uniform, normal = random.random((many, a.SHOWN + 4)), random.standard_normal((many, 3))
    wanted = owner.sales * np.exp(np.log(a.WANTED[0]) + np.log(a.WANTED[1] / a.WANTED[0]) * uniform[:, -1])
    shown = _list(mine, owner, uniform[:, : a.SHOWN])
    gumbel = -np.log(-np.log(np.clip(random.random((many, a.SHOWN)), 1e-12, 1 - 1e-12)))
    position = (_utility(mine, owner, wanted, shown) + gumbel).argmax(axis=1)
    offer = shown[np.arange(many), position]
    chance, code = chances(mine, owner, age, offer[:, None])
    hard = code[:, 0] != ""
    view = _logit(mine, owner, age, offer[:, None])[:, 0]
    mood_says = random.random(many) < chance[:, 0]
    limit = np.minimum(banks.limits(mine, owner, book, offer[:, None])[:, 0], wanted)
    granted = mood_says & (limit >= a.LEAST_LOAN)
    rate = _rates(book, offer, view, normal[:, 0])
    drawn = _drawn(mine, owner, limit, rate, uniform[:, a.SHOWN :])
    return Asked(
        lane=lane,
        shown=shown,
        position=position,
        offer=offer,
        wanted=wanted,
        chance=chance[:, 0],
        granted=granted,
        code=np.where(granted, "", np.where(hard, code[:, 0], banks.SCORE)),
        limit=np.where(granted, limit, 0.0),
        rate=np.where(granted, rate, 0.0),
        drawn=np.where(granted, drawn, 0.0),
    )


def chances(state: State, firms: Firms, ages: Numbers, offer: Whole) -> tuple[Numbers, NDArray[np.str_]]:
    """True chance that each offer is granted to each lane, and the code of the hard rule that stands against it.

    `ages` is in months, `offer` lane × any number of offers.
    """
    code = banks.first_broken(banks.broken(state, firms, ages, offer))
    free = banks.averaged(_logit(state, firms, ages, offer))
    lends = banks.limits(state, firms, offers(), offer) >= a.LEAST_LOAN
    chance: Numbers = np.where(code == "", free, a.OVERLOOKED * free) * lends
    return chance, code


def _logit(state: State, firms: Firms, ages: Numbers, offer: Whole) -> Numbers:
    bank = offers().bank[offer]
    known = ((state.lender[:, None, :] == bank[:, :, None]) & (state.left > 0)[:, None, :]).any(axis=2)
    return banks.logits(banks.seen(state, firms, ages), bank, known=known)


def _wants(state: State, firms: Firms, active: Flags, random: np.random.Generator) -> Flags:
    gap = np.clip(1 - state.cash / wanted_cash(firms), 0, 1)
    chance = firms.borrower * (a.ASK_BASE + a.ASK * gap)
    free = (state.left == 0).any(axis=1) & (state.rest <= 0)
    able = active & free & (firms.role != SHELL) & (firms.role != ZERO_FILER)
    wants: Flags = able & (random.random(len(chance)) < chance)
    return wants


@cache
def _popularity() -> Numbers:
    """Cumulated chance of each offer to be shown, by group of firm: group × offer, each row from its number upwards."""
    book = offers()
    rows = []
    for group in range(GROUPS):
        tech, export, property_, first = (bool(group >> bit & 1) for bit in range(4))
        weight = book.popularity.copy()
        for made_for, fits in (
            ((book.title > 0) | book.patents, tech),
            (book.exporters, export),
            (book.property, property_),
        ):
            weight = np.where(made_for, weight * (a.RELEVANT if fits else a.IRRELEVANT), weight)
        weight = np.where(book.first_loan, weight * (a.RELEVANT_FIRST if first else a.IRRELEVANT), weight)
        rows.append(group + np.cumsum(weight) / weight.sum())
    return np.concatenate(rows)


def _list(state: State, firms: Firms, luck: Numbers) -> NDArray[np.int64]:
    """Offers shown, drawn by popularity among those for the firm's kind; the same twice leaves an empty place."""
    group = firms.tech + 2 * (firms.export_share > 0) + 4 * firms.property + 8 * (state.loans == 0)
    place = np.searchsorted(_popularity(), group[:, None] + luck * (1 - 1e-9)) - len(offers()) * group[:, None]
    shown = np.minimum(place, len(offers()) - 1)
    twice = np.zeros(shown.shape, bool)
    for later in range(1, a.SHOWN):
        twice[:, later] = (shown[:, :later] == shown[:, later : later + 1]).any(axis=1)
    listed: NDArray[np.int64] = np.where(twice, NOTHING, shown).astype(np.int64)
    return listed


def _utility(state: State, firms: Firms, wanted: Numbers, shown: NDArray[np.int64]) -> Numbers:
    """What the firm thinks of each place on its list."""
    book = offers()
    covered = np.clip(banks.limits(state, firms, book, shown) / wanted[:, None], 0, 1)
    bank = book.bank[shown]
    known = ((state.lender[:, None, :] == bank[:, :, None]) & (state.left > 0)[:, None, :]).any(axis=2)
    papers = book.modes[shown] != "credit"
    utility = (
        -a.RATE_TASTE * (book.low[shown] + book.high[shown]) / 2
        + a.LIMIT_TASTE * covered
        + a.KNOWN_TASTE * known
        - a.HASSLE * papers
        + SEEN_AT
    )
    worth: Numbers = np.where(shown == NOTHING, -np.inf, utility)
    return worth


def usual_rate(state: State, firms: Firms, ages: Numbers, offer: Whole) -> Numbers:
    """The rate that each offer would cost each lane, whims aside: lower in the band where the bank thinks better."""
    return _rates(offers(), offer, _logit(state, firms, ages, offer), np.zeros(offer.shape))


def _rates(book: Offers, offer: Whole, view: Numbers, luck: Numbers) -> Numbers:
    place = 0.5 - a.RATE_OF_RISK * np.tanh(view / 3) + a.RATE_WHIM * luck
    rate: Numbers = book.low[offer] + (book.high[offer] - book.low[offer]) * np.clip(place, 0, 1)
    return rate


def _drawn(state: State, firms: Firms, limit: Numbers, rate: Numbers, luck: Numbers) -> Numbers:
    """What is drawn at once of a limit: all, a part, or nothing."""
    gap = np.clip(1 - state.cash / wanted_cash(firms), 0, 1)
    draws = luck[:, 0] < expit(a.DRAWN_BASE + a.DRAWN_NEED * gap - a.DRAWN_RATE * (rate - a.USUAL_RATE))
    part = np.clip(a.DRAWN_PART[0] + (a.DRAWN_PART[1] - a.DRAWN_PART[0]) * luck[:, 1], 0, 1)
    drawn: Numbers = np.where(draws, limit * part, 0.0)
    return drawn
