"""Where firms stand at the end of a month: all that their futures depend on beside their traits."""

from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from simulation.assumed import economy as a
from simulation.assumed import lending
from simulation.chance import Flags, Numbers, Whole
from simulation.firms import PAPER_GOOD, SEASONAL, SHELL, ZERO_FILER, Firms

SLOTS = 3
"""Loans that a firm can owe at once."""
BEST_GRADE, NEW_GRADE, WORST_GRADE = 0, 2, 4
"""Places in "ABMCD"."""


@dataclass(frozen=True)
class State:
    """One value a lane; a lane is a firm, or one of many futures of a firm. Money in months of normal sales.

    Attributes:
        level: log demand beside noise, season and weather.
        noise, mood, weather: autoregressive: luck of the firm, promptness of its buyers, what many firms share.
        anchored: the big buyer is still there.
        size: sales that the running cost is made for; 1 = normal.
        cash, receivables, payables, unpaid: stocks.
        private_debt: outside every report.
        owner: what the owner can still put in.
        overdue: consecutive months with unpaid bills.
        late: share of months with unpaid bills, fading over two years.
        year, recent: sales as told, of about the last 12 and 4 months, a year's worth each.
        taxed: tax paid in about the last 12 months.
        grade: place in "ABMCD".
        rest: months until the firm asks a bank again.
        balance, left, rate, bullet, lender: lane × slot: the loans owed; `left` 0 = empty slot.
        loans: how many loans it ever had.
        ended: in default.
        gone: closed, or silent after its default.
    """

    level: Numbers
    noise: Numbers
    mood: Numbers
    weather: Numbers
    anchored: Flags
    size: Numbers
    cash: Numbers
    receivables: Numbers
    payables: Numbers
    unpaid: Numbers
    private_debt: Numbers
    owner: Numbers
    overdue: Whole
    late: Numbers
    year: Numbers
    recent: Numbers
    taxed: Numbers
    grade: Whole
    rest: Whole
    balance: Numbers
    left: Whole
    rate: Numbers
    bullet: Flags
    lender: Whole
    loans: Whole
    ended: Flags
    gone: Flags

    @property
    def debt(self) -> Numbers:
        """Balance of all loans of the report."""
        owed: Numbers = self.balance.sum(axis=1)
        return owed

    def take(self, lanes: NDArray[Any]) -> Self:
        """Some lanes, in any order and as often as named."""
        chosen: dict[str, Any] = {field.name: getattr(self, field.name)[lanes] for field in fields(self)}
        return replace(self, **chosen)

    def where(self, condition: Flags, other: Self) -> Self:
        """This state where a condition holds, else another."""
        mixed: dict[str, Any] = {}
        for field in fields(self):
            mine, theirs = getattr(self, field.name), getattr(other, field.name)
            mixed[field.name] = np.where(condition[:, None] if mine.ndim > 1 else condition, mine, theirs)
        return replace(self, **mixed)


def first_state(firms: Firms, random: np.random.Generator, *, lenders: Whole) -> State:
    """Where firms stand when their first month begins: healthy, some already in debt to one of some banks."""
    n = len(firms)
    normal, uniform = random.standard_normal((3, n)), random.random((6, n))
    told = 1 + a.INFLATED * firms.dishonest
    size = np.where(firms.role == SHELL, a.SHELL_SALES, 1.0)
    buffer = wanted_cash(firms)
    owes = (uniform[0] < lending.PRIOR_LOAN * 2 * firms.borrower) & (firms.role != SHELL) & (firms.role != ZERO_FILER)
    balance, left = np.zeros((n, SLOTS)), np.zeros((n, SLOTS), np.int64)
    balance[:, 0] = np.where(
        owes & (firms.born < 0),
        lending.PRIOR_AMOUNT[0] + (lending.PRIOR_AMOUNT[1] - lending.PRIOR_AMOUNT[0]) * uniform[1],
        0.0,
    )
    left[:, 0] = np.where(balance[:, 0] > 0, 1 + (12 * uniform[2]).astype(np.int64), 0)
    return State(
        level=a.START_SPREAD * normal[0] * (firms.born < 0),
        noise=firms.volatility * normal[1],
        mood=a.MOOD * normal[2],
        weather=np.zeros(n),
        anchored=firms.anchor > 0,
        size=size,
        cash=buffer * (a.START_CASH_LEAST + uniform[3]),
        receivables=firms.receivable_months * size,
        payables=firms.payable_months * (1 - firms.margin) * size,
        unpaid=np.zeros(n),
        private_debt=firms.hidden_debt.astype(float),
        owner=firms.owner.astype(float),
        overdue=np.zeros(n, np.int64),
        late=np.zeros(n),
        year=12 * told * size,
        recent=12 * told * size,
        taxed=12 * a.TAX * size,
        grade=np.where(firms.role == PAPER_GOOD, BEST_GRADE, NEW_GRADE - 1 - (firms.conduct > a.GRADE_BOUNDS[-1])),
        rest=(lending.REST * uniform[4]).astype(np.int64),
        balance=balance,
        left=left,
        rate=np.where(left > 0, lending.PRIOR_RATE, 0.0),
        bullet=left > 0,
        lender=np.where(left > 0, lenders[(uniform[5] * len(lenders)).astype(np.int64)][:, None], -1),
        loans=(left > 0).sum(axis=1),
        ended=np.zeros(n, bool),
        gone=np.zeros(n, bool),
    )


def wanted_cash(firms: Firms) -> Numbers:
    """Cash that owners like to keep, in months of normal sales: more where sales come in one season."""
    wanted: Numbers = firms.buffer * np.where(firms.role == SEASONAL, 2.5, 1.0)
    return wanted


def newborn(first: State, firms: Firms) -> State:
    """Where firms stand when they begin: the owner's money, no customers' debts, no history."""
    n = len(firms)
    zero = np.zeros(n)
    return replace(
        first,
        level=zero,
        size=np.where(firms.role == SHELL, a.SHELL_SALES, a.COST_FLOOR),
        cash=wanted_cash(firms) * a.START_CASH,
        receivables=zero,
        payables=zero,
        unpaid=zero,
        overdue=np.zeros(n, np.int64),
        late=zero,
        year=zero,
        recent=zero,
        taxed=zero,
        grade=np.full(n, NEW_GRADE),
        balance=np.zeros((n, SLOTS)),
        left=np.zeros((n, SLOTS), np.int64),
        loans=np.zeros(n, np.int64),
        ended=np.zeros(n, bool),
        gone=np.zeros(n, bool),
    )
