"""Firms that need money look at a list, choose a product and ask; a bank answers."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from simulation.assumed import lending as a
from simulation.chance import Flags, Numbers, Whole
from simulation.firms import SHELL, ZERO_FILER, Firms
from simulation.lending import banks
from simulation.lending.conditions import first_broken
from simulation.lending.known import known as known_of
from simulation.lending.lists import shown_to
from simulation.lending.offers import offers
from simulation.state import State, wanted_cash

SEEN_AT = np.array(a.SEEN_AT)


@dataclass(frozen=True)
class Asked:
    """The applications of one month, one value an application; amounts in yuan.

    Attributes:
        lane: who asks.
        shown: the list, offers in order.
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
    lane = np.flatnonzero(_wants(state, firms, active, random))
    mine, owner, age = state.take(lane), firms.take(lane), ages[lane]
    known, many = known_of(mine, owner, age), len(lane)
    uniform, whim = random.random((many, 4)), random.standard_normal((many, 1))
    wanted = owner.sales * np.exp(np.log(a.WANTED[0]) + np.log(a.WANTED[1] / a.WANTED[0]) * uniform[:, 0])
    shown = shown_to(mine, owner, known, random)
    gumbel = -np.log(-np.log(np.clip(random.random((many, a.SHOWN)), 1e-12, 1 - 1e-12)))
    most = offers().ceilings.limits(known)
    rules = banks.broken(mine, known)
    unfit: Flags = np.any(rules[:, :, banks.STATED], axis=2)
    liked = _utility(mine, wanted, shown, _of(most, shown)) - a.READS * _of(unfit, shown)
    position = (liked + gumbel).argmax(axis=1)
    asked_for = shown[np.arange(many), position][:, None]
    view = _logit(mine, owner, age, asked_for)
    chance, code = _chances(rules, asked_for, view)
    limit = np.minimum(_of(most, asked_for)[:, 0], wanted)
    granted = (uniform[:, 1] < chance[:, 0]) & (limit >= a.LEAST_LOAN)
    rate = _rates(asked_for, view, whim)[:, 0]
    return Asked(
        lane=lane,
        shown=shown,
        position=position,
        offer=asked_for[:, 0],
        wanted=wanted,
        chance=chance[:, 0],
        granted=granted,
        code=np.where(granted, "", np.where(code[:, 0] == "", banks.SCORE, code[:, 0])),
        limit=np.where(granted, limit, 0.0),
        rate=np.where(granted, rate, 0.0),
        drawn=np.where(granted, _drawn(mine, owner, limit, rate, uniform[:, 2:]), 0.0),
    )


def chances(state: State, firms: Firms, ages: Numbers, offer: Whole) -> tuple[Numbers, NDArray[np.str_]]:
    """True chance that each offer is granted to each lane, and the code of the hard rule that stands against it.

    `ages` is in months, `offer` lane × any number of offers.
    """
    rules = banks.broken(state, known_of(state, firms, ages))
    return _chances(rules, offer, _logit(state, firms, ages, offer))


def limits(state: State, firms: Firms, ages: Numbers, offer: Whole) -> Numbers:
    """The most that each offer gives each lane, yuan: lane × offer; below 0 where debts leave nothing."""
    return _of(offers().ceilings.limits(known_of(state, firms, ages)), offer)


def usual_rate(state: State, firms: Firms, ages: Numbers, offer: Whole) -> Numbers:
    """The rate that each offer would cost each lane, whims aside: lower in the band where the bank thinks better."""
    return _rates(offer, _logit(state, firms, ages, offer), np.zeros(offer.shape))


def _chances(every: Flags, offer: Whole, view: Numbers) -> tuple[Numbers, NDArray[np.str_]]:
    """By the rules that each lane breaks at every offer, and what the banks of those named think of it."""
    rules = np.take_along_axis(every, offer[:, :, None], axis=1)
    code = first_broken(rules, banks.CODES)
    free = banks.averaged(view)
    possible = ~rules[:, :, banks.REGION] & ~rules[:, :, banks.TOO_LITTLE]
    chance: Numbers = np.where(code == "", free, a.OVERLOOKED * free) * possible
    return chance, code


def _of(every: NDArray[Any], offer: Whole) -> NDArray[Any]:
    """Of lane × every offer, those named."""
    return np.take_along_axis(every, offer, axis=1)


def _logit(state: State, firms: Firms, ages: Numbers, offer: Whole) -> Numbers:
    bank = offers().bank[offer]
    return banks.logits(banks.seen(state, firms, ages), bank, known=_owes(state, bank))


def _owes(state: State, bank: Whole) -> Flags:
    """Whether each lane owes each bank: lane × bank."""
    owes: Flags = ((state.lender[:, None, :] == bank[:, :, None]) & (state.left > 0)[:, None, :]).any(axis=2)
    return owes


def _wants(state: State, firms: Firms, active: Flags, random: np.random.Generator) -> Flags:
    gap = np.clip(1 - state.cash / wanted_cash(firms), 0, 1)
    chance = firms.borrower * (a.ASK_BASE + a.ASK * gap)
    free = (state.left == 0).any(axis=1) & (state.rest <= 0)
    able = active & free & (firms.role != SHELL) & (firms.role != ZERO_FILER)
    wants: Flags = able & (random.random(len(chance)) < chance)
    return wants


def _utility(state: State, wanted: Numbers, shown: Whole, limit: Numbers) -> Numbers:
    """What the firm thinks of each place on its list."""
    book = offers()
    covered = np.clip(limit / wanted[:, None], 0, 1)
    owes_it = _owes(state, book.bank[shown])
    papers = book.modes[shown] != "credit"
    utility: Numbers = (
        -a.RATE_TASTE * (book.low[shown] + a.READS_HIGH * (book.high - book.low)[shown])
        + a.LIMIT_TASTE * covered
        + a.KNOWN_TASTE * owes_it
        - a.HASSLE * papers
        + SEEN_AT
    )
    return utility


def _rates(offer: Whole, view: Numbers, luck: Numbers) -> Numbers:
    book = offers()
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
