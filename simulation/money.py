"""Money of a month: what buyers pay, which bills fall due, and who pays when cash runs short."""

from dataclasses import dataclass, replace

import numpy as np

from simulation.assumed import economy as a
from simulation.chance import Flags, Numbers
from simulation.firms import SHELL, Firms
from simulation.state import State, wanted_cash


@dataclass(frozen=True)
class Now:
    """What a month brings to each lane.

    Attributes:
        month_of_year: 1 to 12.
        season: sales of the month against a month without season.
        news: change of the weather.
        active: may trade: born, not suspended, not stopped.
        ages: months since the firm began.
    """

    month_of_year: int
    season: Numbers
    news: Numbers
    active: Flags
    ages: Numbers


@dataclass(frozen=True)
class Flows:
    """What moved in the month, in months of normal sales."""

    sales: Numbers
    purchases: Numbers
    receipts: Numbers
    suppliers_paid: Numbers
    running: Numbers
    taxes: Numbers
    interest: Numbers
    principal: Numbers
    drawn: Numbers
    owner_in: Numbers
    owner_out: Numbers
    strain: Numbers


@dataclass(frozen=True)
class Trade:
    """What the month's business is: who trades, real sales, and loans paid out, in months of normal sales."""

    alive: Flags
    sales: Numbers
    drawn: Numbers


@dataclass(frozen=True)
class _Drawn:
    """Random numbers of the month's bills: three uniform ones and a normal one a lane."""

    uniform: Numbers
    normal: Numbers


@dataclass(frozen=True)
class _Bills:
    """What falls due in a month, in months of normal sales; `loans` is lane × slot."""

    purchases: Numbers
    suppliers: Numbers
    running: Numbers
    taxes: Numbers
    private_interest: Numbers
    recalled: Numbers
    interest: Numbers
    loans: Numbers

    @property
    def others(self) -> Numbers:
        """All but suppliers."""
        due: Numbers = (
            self.running + self.taxes + self.private_interest + self.recalled + self.interest + self.loans.sum(axis=1)
        )
        return due


@dataclass(frozen=True)
class _Means:
    """Where the money for the bills came from, and what stayed unpaid."""

    stretched: Numbers
    borrowed: Numbers
    owner: Numbers
    unpaid: Numbers
    cash: Numbers


def settle(state: State, firms: Firms, now: Now, trade: Trade, random: np.random.Generator) -> tuple[State, Flows]:
    """Buyers pay, bills are paid as far as the money goes, the owner takes what is left over."""
    uniform, noise = random.random((7, len(firms))), random.standard_normal(len(firms))
    alive, drawn = trade.alive, trade.drawn
    open_, receipts = _collected(state, firms, trade.sales, uniform[:2])
    bills = _bills(state, firms, now, trade, random=_Drawn(uniform[2:5], noise), receipts=receipts)
    means = _means(state, bills, state.cash + receipts + drawn, uniform[5:7])
    strain = _strain(state, bills, means) * alive
    taken = a.TAKEN * np.maximum(means.cash - a.CEILING * wanted_cash(firms), 0) * (means.unpaid <= 0) * (now.ages >= 0)
    to_private = np.where(
        state.private_debt > 0, np.minimum(a.REPAID_IN_PRIVATE * taken, state.private_debt - bills.recalled), 0.0
    )
    target = np.exp(state.level + state.weather) * alive * np.where(firms.role == SHELL, a.SHELL_SALES, 1.0)
    moved = replace(
        state,
        cash=means.cash - taken,
        receivables=open_ - receipts,
        payables=state.payables + bills.purchases - bills.suppliers + means.stretched,
        unpaid=means.unpaid,
        private_debt=np.maximum(state.private_debt - bills.recalled + means.borrowed - to_private, 0),
        owner=np.minimum(
            state.owner - np.minimum(means.owner, state.owner) + a.SAVED * taken,
            a.OWNER_MOST * np.maximum(firms.owner, 0.2),
        ),
        size=state.size + (a.STICKY + a.STICKY_STRAINED * strain) * (target - state.size),
        balance=state.balance - bills.loans,
        left=np.maximum(state.left - 1, 0),
    )
    # Who cannot pay all pays no instalment, no tax and no wages in full this month.
    pays = np.where(means.unpaid > a.TOLERANCE, 0.0, 1.0)
    flows = Flows(
        sales=trade.sales,
        purchases=bills.purchases,
        receipts=receipts,
        suppliers_paid=bills.suppliers - means.stretched,
        running=bills.running * pays,
        taxes=bills.taxes * pays,
        interest=(bills.interest + bills.private_interest) * pays,
        principal=(bills.loans.sum(axis=1) + bills.recalled + to_private) * pays,
        drawn=drawn + means.borrowed,
        owner_in=means.owner,
        owner_out=taken - to_private,
        strain=strain,
    )
    return moved, flows


def _collected(state: State, firms: Firms, sales: Numbers, luck: Numbers) -> tuple[Numbers, Numbers]:
    """Receivables after bad debts, and what buyers pay of them."""
    prompt = np.clip(np.exp(state.mood) / (1 + firms.receivable_months), 0.02, 0.98)
    low, high = a.BAD_DEBT_SIZE
    open_ = (state.receivables + sales) * (1 - (luck[0] < a.BAD_DEBT) * (low + (high - low) * luck[1]))
    return open_, prompt * open_


def _bills(state: State, firms: Firms, now: Now, trade: Trade, *, receipts: Numbers, random: _Drawn) -> _Bills:
    alive, luck = trade.alive, random.uniform
    expected = 0.5 * trade.sales + 0.5 * state.size * now.season
    purchases = alive * (1 - firms.margin) * expected * np.exp(a.PURCHASE_NOISE * random.normal)
    base = np.maximum(firms.margin - firms.profit - a.TAX, a.LEAST_COST)
    busy = np.where(firms.role == SHELL, a.SHELL_SALES, a.COST_FLOOR + (1 - a.COST_FLOOR) * state.size)
    of_season = np.where(firms.swing > 1, a.SEASONAL_FLOOR + (1 - a.SEASONAL_FLOOR) * now.season, 1.0)
    blows = np.minimum(state.size, 1.5) * _blows(luck[0], luck[1])
    part = np.where(state.left == 1, 1.0, np.where(state.bullet, 0.0, 1 / np.maximum(state.left, 1)))
    return _Bills(
        purchases=purchases,
        suppliers=(state.payables + purchases) / (1 + firms.payable_months),
        running=alive * (base * busy * of_season + blows),
        taxes=a.TAX * receipts,
        private_interest=state.private_debt * a.HIDDEN_RATE / 12,
        recalled=(luck[2] < a.HIDDEN_RECALL) * a.HIDDEN_RECALLED * state.private_debt,
        interest=(state.balance * state.rate).sum(axis=1) / 12,
        loans=state.balance * part,
    )


def _means(state: State, bills: _Bills, money: Numbers, luck: Numbers) -> _Means:
    """What is short is kept back from suppliers, then borrowed in private, then paid by the owner or whoever helps."""
    left = money - bills.others - state.unpaid
    short = np.maximum(bills.suppliers - left, 0)
    stretched = np.minimum(short, a.STRETCH * bills.suppliers)
    borrowed = np.where(state.private_debt > 0, a.HIDDEN_TAKEN * (short - stretched), 0.0)
    gap = short - stretched - borrowed
    owner = np.where(luck[0] < a.OWNER_HELPS, np.minimum(gap, state.owner), 0.0)
    owner = np.where((luck[1] < a.RESCUED) & (gap < a.RESCUE_MOST), gap, owner)
    unpaid = gap - owner
    cash = np.maximum(left - bills.suppliers + short, 0.0)
    return _Means(stretched, borrowed, owner, unpaid, cash)


def _strain(state: State, bills: _Bills, means: _Means) -> Numbers:
    thin = np.clip(1 - means.cash / (a.STRAIN_CASH * (state.size + 0.3)), 0, 1)
    outgo = np.maximum(bills.running + bills.suppliers + bills.taxes, 0.05)
    strain: Numbers = np.clip(
        a.STRAIN_THIN * thin
        + a.STRAIN_UNPAID * np.minimum(means.unpaid / outgo, 1)
        + a.STRAIN_STRETCHED * (means.stretched > 0),
        0,
        1,
    )
    return strain


def _blows(luck: Numbers, size: Numbers) -> Numbers:
    """Cost that nobody planned: rarely ruin, now and then a large bill, mostly nothing."""
    ruin = a.RUIN_SIZE[0] + (a.RUIN_SIZE[1] - a.RUIN_SIZE[0]) * size
    bill = a.COST_SHOCK_SIZE[0] + (a.COST_SHOCK_SIZE[1] - a.COST_SHOCK_SIZE[0]) * size
    cost: Numbers = np.where(luck < a.RUIN, ruin, np.where(luck < a.RUIN + a.COST_SHOCK, bill, 0.0))
    return cost
