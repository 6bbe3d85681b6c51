"""The hidden life of the invented firms: what they are, and month by month their demand, cash and distress.

A firm defaults because its cash runs out, never by a formula on its invoices. Stress, the want of cash, weakens the
invoices before that, in some firms plainly and in others hardly.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulation import assumptions as a
from simulation.seasons import Calendar, Integers, Numbers

NEVER = 10_000
"""Month index of what does not happen within the simulated months."""
NORMALS, UNIFORMS, BLOWS = 6, 11, 5


def random_of(seed: int, firm: int, *, stage: int) -> np.random.Generator:
    """The random stream of one firm: no other firm, earlier or later, has a part in it."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(firm, stage)))


@dataclass(frozen=True)
class Firms:
    """What the firms are, one value a firm, and the shocks that await them, firm × month.

    Attributes:
        industry: index into `assumptions.INDUSTRIES`.
        sales: normal sales a month, yuan.
        margin: sales less purchases, share of sales.
        profit: share of the gross margin left after fixed cost and interest.
        cash: when the loan is granted, in months of normal gross margin.
        volatility: standard deviation of the monthly shocks to log demand.
        growth: of log demand, a month.
        quality: how well it is led, standard normal.
        openness: 0 to 1, how much of its stress its invoices show.
        dishonest: trades in a circle to look larger.
        age: full months since it was established, on the day of the labels.
        loan_age: full months since its loan was granted, on that day.
        demand: standard normal shocks.
        blows: uniform numbers: buyer loss and its size, bad debt and its size, closing.
        spare: uniform numbers for the register.
    """

    industry: Integers
    sales: Numbers
    margin: Numbers
    profit: Numbers
    cash: Numbers
    volatility: Numbers
    growth: Numbers
    quality: Numbers
    openness: Numbers
    dishonest: NDArray[np.bool_]
    age: Integers
    loan_age: Integers
    demand: Numbers
    blows: Numbers
    spare: Numbers

    @property
    def small_scale(self) -> NDArray[np.bool_]:
        """Small-scale VAT taxpayers; the others are general taxpayers."""
        small: NDArray[np.bool_] = (12 * self.sales <= a.SMALL_SCALE_LIMIT) & (self.spare[:, 0] < a.SMALL_SCALE_SHARE)
        return small


def draw_firms(enterprises: int, months: int, *, seed: int) -> Firms:
    """Firms 0 to `enterprises` - 1; a firm is the same however many follow it."""
    streams = [random_of(seed, firm, stage=0) for firm in range(enterprises)]
    normal = np.stack([stream.standard_normal(NORMALS + months) for stream in streams])
    uniform = np.stack([stream.random(UNIFORMS + BLOWS * months) for stream in streams])
    quality, size, margin, cash, growth, age = normal[:, :NORMALS].T
    trade, volatility, openness, dishonest, loan_age = uniform[:, :5].T
    industry = np.searchsorted(np.cumsum([industry.share for industry in a.INDUSTRIES])[:-1], trade)
    ages = np.clip(a.MEDIAN_AGE * np.exp(a.AGE_SPREAD * age), *a.AGES).astype(int)
    in_circle = dishonest < a.DISHONEST * np.exp(-quality / 2)
    return Firms(
        industry=industry,
        sales=a.MEDIAN_SALES * np.exp(a.SALES_SPREAD * np.clip(size, -2, 2)),
        margin=np.array([industry.margin for industry in a.INDUSTRIES])[industry] * np.exp(a.MARGIN_SPREAD * margin),
        profit=a.PROFIT + a.PROFIT_SPREAD * (margin + quality) + a.PROFIT_OF_CIRCLE * in_circle,
        cash=a.MEDIAN_CASH * np.exp(a.CASH_SPREAD * cash + a.CASH_OF_QUALITY * quality),
        volatility=a.VOLATILITY[0] + (a.VOLATILITY[1] - a.VOLATILITY[0]) * volatility**2,
        growth=(a.GROWTH + a.GROWTH_SPREAD * growth + a.GROWTH_OF_QUALITY * quality) / 12,
        quality=quality,
        openness=a.OPENNESS[0] + (a.OPENNESS[1] - a.OPENNESS[0]) * openness,
        dishonest=in_circle,
        age=ages,
        loan_age=np.minimum(a.LOAN_AGES[0] + (a.LOAN_AGES[1] - a.LOAN_AGES[0]) * loan_age, ages).astype(int),
        demand=normal[:, NORMALS:],
        blows=uniform[:, UNIFORMS:].reshape(enterprises, months, BLOWS),
        spare=uniform[:, 5:UNIFORMS],
    )


@dataclass(frozen=True)
class Lives:
    """What happens to the firms: firm × month, and the month of each turning point (`NEVER` if it does not come).

    Attributes:
        sales: real sales of the month, yuan without VAT.
        stress: at the start of the month; 0 = at ease, 1 = no cash.
        cash: at the end of the month, in months of normal gross margin.
        default: at the end of this month the firm is 90 days past due.
        closed: first month without trade.
    """

    sales: Numbers
    stress: Numbers
    cash: Numbers
    default: Integers
    closed: Integers

    @property
    def repaid(self) -> NDArray[np.bool_]:
        """Closed in order, without default."""
        in_order: NDArray[np.bool_] = (self.closed < NEVER) & (self.default == NEVER)
        return in_order


@dataclass(frozen=True)
class _State:
    """Where the firms stand at the end of a month; sales and cash in months of normal ones."""

    level: Numbers
    demand: Numbers
    usual_sales: Numbers
    cash: Numbers
    unpaid_months: Integers
    default: Integers
    closed: Integers

    @property
    def stress(self) -> Numbers:
        want: Numbers = np.clip(1 - self.cash / a.COMFORT, 0, 1)
        return want


def live(firms: Firms, calendar: Calendar) -> Lives:
    """The months of the firms, one after the other, all firms at once."""
    zero = np.zeros(len(firms.sales))
    never = np.full(len(firms.sales), NEVER)
    state = _State(zero, zero, zero + 1, firms.cash, zero.astype(int), never, never)
    first = calendar.label_month - firms.age + 1
    seasons = _seasons(firms, calendar)
    sales, stress, cash = [], [], []
    for month in range(calendar.months):
        stress.append(state.stress)
        trading = (month >= first) & (month < state.closed)
        indebted = month > calendar.label_month - firms.loan_age
        season = np.where(trading, seasons[:, month], 0)
        state, sold = _step(firms, state, month=month, season=season, indebted=indebted)
        sales.append(sold * firms.sales)
        cash.append(state.cash)
    return Lives(np.stack(sales, 1), np.stack(stress, 1), np.stack(cash, 1), state.default, state.closed)


def _seasons(firms: Firms, calendar: Calendar) -> Numbers:
    """Business of firm × month by working days and trade; 1 = a normal month."""
    swing = np.array([industry.swing for industry in a.INDUSTRIES])[firms.industry, None]
    peak = np.array([industry.peak_month for industry in a.INDUSTRIES])[firms.industry, None]
    year: Numbers = 1 + swing * np.cos(2 * np.pi * (calendar.month_of_year - peak) / 12)
    return calendar.activity * year


def _step(
    firms: Firms, state: _State, *, month: int, season: Numbers, indebted: NDArray[np.bool_]
) -> tuple[_State, Numbers]:
    """The state after one month and the month's sales; where `season` is 0 the firm does not trade."""
    trading = season > 0
    buyer_lost, buyer_size, debt_bad, debt_size, closing = firms.blows[:, month].T
    loss = a.LOSS_LEAST + (a.LOSS_MOST - a.LOSS_LEAST) * buyer_size
    is_lost = buyer_lost < a.BUYER_LOSS * np.exp(a.CONDUCT_OF_QUALITY * firms.quality)
    level = state.level + trading * (firms.growth - loss * is_lost)
    demand = a.DEMAND_MEMORY * state.demand + firms.volatility * firms.demand[:, month]
    sales = season * np.exp(level + demand) * (1 + a.SALES_UNDER_STRESS * firms.openness * state.stress)
    # Rent, wages and interest follow sales slowly: a fall eats the cash before the cost is cut.
    usual_sales = state.usual_sales + trading * a.COST_FOLLOWS * (sales - state.usual_sales)
    bad_debt = (debt_bad < a.BAD_DEBT) * a.BAD_DEBT_SIZE * -np.log1p(-debt_size)
    gain = sales - (1 - firms.profit) * usual_sales - bad_debt
    cash = np.minimum(state.cash + (trading & indebted) * gain, a.CASH_CEILING)
    unpaid = np.where(trading & (cash < 0), state.unpaid_months + 1, 0)
    alive = trading & (state.default == NEVER)
    defaults = alive & (unpaid == a.MONTHS_TO_DEFAULT)
    stops = (defaults & (closing < a.SILENT_AFTER_DEFAULT)) | (alive & (state.stress == 0) & (closing < a.CLOSING))
    default = np.where(defaults, month, state.default)
    return _State(level, demand, usual_sales, cash, unpaid, default, np.where(stops, month + 1, state.closed)), sales
