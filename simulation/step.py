"""One month of a firm's hidden life."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit

from simulation.assumed import city, lending
from simulation.assumed import economy as a
from simulation.chance import Flags, Numbers, Whole
from simulation.firms import PAPER_GOOD, SHELL, Firms
from simulation.lending import banks
from simulation.lending.asking import Asked, ask
from simulation.lending.offers import offers
from simulation.money import Flows, Now, Trade, settle
from simulation.state import BEST_GRADE, NEW_GRADE, WORST_GRADE, State, wanted_cash

APRIL = 4
RENEWED_FOR = 12
"""Months that a renewed loan runs from the end of the old one."""

YEAR, RECENT, TWO_YEARS = 1 / 12, 1 / 4, 1 / 24
"""Parts by which fading means move in a month."""


@dataclass(frozen=True)
class Renewed:
    """Loans that were renewed in the month, and those that were repaid, one value a loan.

    Attributes:
        lane, slot: which loan.
        bank, amount, rate: of the new loan, months of normal sales and annual fraction.
    """

    lane: Whole
    slot: Whole
    bank: Whole
    amount: Numbers
    rate: Numbers


def step(state: State, firms: Firms, now: Now, random: np.random.Generator) -> tuple[State, Flows, Asked, Renewed]:
    """The state at the end of a month, and what happened in it."""
    alive = now.active & ~state.gone
    asked = ask(state, firms, now.ages, active=alive & ~state.ended, random=random)
    state, renewed = _renew(state, firms, now.ages, random)
    state = _demand(state, firms, now, random)
    sales = _sales(state, firms, now, alive)
    before = state
    drawn: Numbers = np.bincount(asked.lane, asked.drawn, len(firms)) / firms.sales
    state, flows = settle(state, firms, now, Trade(alive, sales, drawn), random)
    state = _standing(state, before, firms, now, flows)
    state = _ends(state, firms, alive, random)
    return _lent(state, firms, asked), flows, asked, renewed


def _demand(state: State, firms: Firms, now: Now, random: np.random.Generator) -> State:
    n = len(firms)
    normal, uniform = random.standard_normal((2, n)), random.random((5, n))
    blow = uniform[0] < a.BLOW * np.exp(-a.LUCK_OF_QUALITY * firms.quality)
    chance = uniform[1] < a.CHANCE * np.exp(a.LUCK_OF_QUALITY * firms.quality)
    loss = np.where(firms.role == PAPER_GOOD, a.ANCHOR_LOSS_GOOD, a.ANCHOR_LOSS)
    left_by_anchor = state.anchored & (uniform[2] < loss)
    level = state.level * a.LEVEL_MEMORY + firms.growth
    level -= blow * (a.BLOW_SIZE[0] + (a.BLOW_SIZE[1] - a.BLOW_SIZE[0]) * uniform[3])
    level += chance * (a.CHANCE_SIZE[0] + (a.CHANCE_SIZE[1] - a.CHANCE_SIZE[0]) * uniform[4])
    level += left_by_anchor * np.log1p(-np.minimum(firms.anchor, 0.9))
    level -= a.SPIRAL * np.minimum(state.overdue, 1)
    spread = np.sqrt(1 - a.NOISE_MEMORY**2)
    return replace(
        state,
        level=level,
        noise=a.NOISE_MEMORY * state.noise + spread * firms.volatility * normal[0],
        mood=a.MOOD_MEMORY * state.mood + a.MOOD * normal[1],
        weather=a.MEMORY * state.weather + now.news,
        anchored=state.anchored & ~left_by_anchor,
    )


def _sales(state: State, firms: Firms, now: Now, alive: Flags) -> Numbers:
    ramp = np.clip((now.ages + 1) / city.RAMP, 0, 1)
    luck = np.exp(state.level + state.noise + state.weather - firms.volatility**2 / 2 + a.LIMPS * state.ended)
    real = np.where(firms.role == SHELL, a.SHELL_SALES, 1.0)
    sales: Numbers = alive * ramp * real * now.season * luck
    return sales


def _standing(state: State, before: State, firms: Firms, now: Now, flows: Flows) -> State:
    """How the firm stands with the world: arrears, the sums that banks ask for, the tax grade of April."""
    fails: Flags = state.unpaid > a.TOLERANCE
    told = flows.sales * (1 + a.INFLATED * firms.dishonest)
    late = state.late + TWO_YEARS * (fails - state.late)
    grade = state.grade
    if now.month_of_year == APRIL:
        rank = firms.conduct + a.GRADE_OF_AGE * np.log1p(np.maximum(now.ages, 0) / 24) - a.GRADE_OF_LATE * late
        fresh = np.choose(np.digitize(rank, a.GRADE_BOUNDS), (WORST_GRADE, WORST_GRADE - 1, BEST_GRADE + 1, BEST_GRADE))
        grade = np.where(now.ages < a.NEW_MONTHS, NEW_GRADE, fresh)
    return replace(
        state,
        overdue=np.where(fails, before.overdue + 1, np.where(state.ended, before.overdue + 1, 0)),
        late=late,
        year=state.year + YEAR * (12 * told - state.year),
        recent=state.recent + RECENT * (12 * told - state.recent),
        taxed=state.taxed + YEAR * (12 * flows.taxes - state.taxed),
        grade=grade,
        rest=np.maximum(state.rest - 1, 0),
    )


def _ends(state: State, firms: Firms, alive: Flags, random: np.random.Generator) -> State:
    """Defaults and closures."""
    uniform = random.random((2, len(firms)))
    defaults = ~state.ended & (state.overdue >= a.DEFAULT_MONTHS)
    stops = defaults & (uniform[0] < a.STOPS_AFTER_DEFAULT)
    free = (state.left == 0).all(axis=1) & (state.unpaid <= 0) & ~state.ended
    closes = alive & free & (uniform[1] < a.CLOSES * np.exp(-a.LUCK_OF_QUALITY * firms.quality))
    return replace(state, ended=state.ended | defaults, gone=state.gone | stops | closes)


def _renew(state: State, firms: Firms, ages: Numbers, random: np.random.Generator) -> tuple[State, Renewed]:
    """Loans whose principal falls due this month may run on for another year, if the bank thinks well of the firm."""
    lane, slot = np.nonzero((state.left == 1) & state.bullet)
    mine, owner = state.take(lane), firms.take(lane)
    bank = mine.lender[np.arange(len(lane)), slot]
    logit = banks.logits(banks.seen(mine, owner, ages[lane]), bank[:, None], known=np.ones((len(lane), 1), bool))[:, 0]
    chance = expit(logit + lending.RENEWAL) * (mine.overdue == 0) * ~mine.ended
    needs = np.clip(lending.RENEWS - lending.RENEWS_LESS * mine.cash / wanted_cash(owner), 0.15, 0.95)
    kept = random.random(len(lane)) < chance * needs
    lane, slot, bank = lane[kept], slot[kept], bank[kept]
    left, loans = state.left.copy(), state.loans.copy()
    left[lane, slot] = RENEWED_FOR + 1
    np.add.at(loans, lane, 1)
    renewed = Renewed(lane, slot, bank, state.balance[lane, slot], state.rate[lane, slot])
    return replace(state, left=left, loans=loans), renewed


def _lent(state: State, firms: Firms, asked: Asked) -> State:
    """New loans take a free place; who was answered rests."""
    book = offers()
    rest = state.rest.copy()
    rest[asked.lane] = lending.REST
    took = asked.drawn > 0
    lane, offer = asked.lane[took], asked.offer[took]
    slot = (state.left[lane] == 0).argmax(axis=1)
    changed = {name: getattr(state, name).copy() for name in ("balance", "left", "rate", "bullet", "lender", "loans")}
    changed["balance"][lane, slot] = asked.drawn[took] / firms.sales[lane]
    changed["left"][lane, slot] = book.term[offer]
    changed["rate"][lane, slot] = asked.rate[took]
    changed["bullet"][lane, slot] = book.bullet[offer]
    changed["lender"][lane, slot] = book.bank[offer]
    changed["loans"][lane] += 1
    return replace(state, rest=rest, **changed)
