"""Profit as the books show it, and the income tax on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulation.assumed import economy
from simulation.assumed import tax as a
from simulation.chance import Flags, Numbers, Whole
from simulation.firms import PAPER_BAD, PAPER_GOOD, RING, SHELL, Firms
from simulation.months import MONTHS_OF_A_YEAR, Calendar
from simulation.told.tax_general import FARMERS
from simulation.told.tax_sales import FEN, Declared

if TYPE_CHECKING:
    from simulation.community import Community

HNTE = 2
"""Least title of a firm that pays the lower rate."""
OWNERS_PAY = ("individual_household", "sole_proprietorship", "partnership")
"""Legal forms that pay no enterprise income tax: their owners pay income tax on the profit."""


@dataclass(frozen=True)
class Profit:
    """What the books of each month show, yuan without VAT: firm × month of the calendar.

    Attributes:
        revenue: as in the returns.
        cost: of what was sold.
        wages: pay that was earned, paid or not.
        research: part of other costs that is research.
        interest: on the loans of the report.
        operating: profit after all these and before income tax.
    """

    revenue: Numbers
    cost: Numbers
    wages: Numbers
    research: Numbers
    interest: Numbers
    operating: Numbers


@dataclass(frozen=True)
class IncomeTax:
    """Enterprise income tax of the quarters and years, yuan.

    Attributes:
        prepaid: due for the quarter that ends in the month; 0 in other months: firm × month.
        decembers: months of the calendar in which a whole year ends.
        taxable: income of each such year after losses and research: firm × year.
        settled: due after the year beyond what was prepaid; negative = paid back.
        reduced: of the year, against the full rate.
        yearly: the whole tax of the year.
    """

    prepaid: Numbers
    decembers: Whole
    taxable: Numbers
    settled: Numbers
    reduced: Numbers
    yearly: Numbers


def profit(community: "Community", declared: Declared) -> Profit:
    """What the books of a community's firms show."""
    firms, lives = community.firms, community.lives
    luck = community.random("tax", "profit").random((4, len(firms), 1))
    paper = np.isin(firms.role, (RING, SHELL))[:, None]
    revenue = np.where(paper, declared.sales / FEN, lives.sales * declared.booked)
    booked = a.BOOKED_BY_ALL + (1 - a.BOOKED_BY_ALL) * declared.booked
    employs = booked * (firms.role != SHELL)[:, None]
    wages = accrued(lives.payroll, lives.trading) * employs
    rent = accrued(lives.rent, lives.trading) * employs
    sells_wages = np.array([a.SALES_WAGES[kind] for kind in firms.goods])[:, None]
    touched = _touched(firms, luck[0])
    cost = declared.purchases * booked + sells_wages * wages + 0.5 * touched * revenue
    cost = np.where((firms.role == SHELL)[:, None], a.SHELL_COST * revenue, cost)
    others = (1 - sells_wages) * wages + rent + a.TAX_IN_COST * economy.TAX * revenue + 0.5 * touched * revenue
    interest = _interest(community)
    most = a.RD_MOST * (wages + declared.purchases / 3)
    research = np.maximum(np.minimum(_research_share(firms, luck[1:]) * revenue, most), 0)
    return Profit(revenue, cost, wages, research, interest, revenue - cost - others - interest)


def accrued(paid: Numbers, trading: Flags) -> Numbers:
    """What a firm owed for each month: as paid, or where it could not pay as much as it paid last."""
    month = np.where((paid > 0) | ~trading, np.arange(paid.shape[1]), 0)
    newest = np.maximum.accumulate(month, axis=1)
    owed: Numbers = np.take_along_axis(paid, newest, axis=1)
    return owed


def year_to_date(values: Numbers, calendar: Calendar) -> Numbers:
    """Sum since January, as far as the calendar reaches back: firm × month."""
    reached = np.pad(np.cumsum(values, axis=1), ((0, 0), (1, 0)))
    january = np.maximum(np.arange(calendar.months) - calendar.month_of_year + 1, 0)
    summed: Numbers = reached[:, 1:] - reached[:, january]
    return summed


def owners_pay(firms: Firms) -> Flags:
    """Whether the owners pay income tax in place of the firm."""
    pay: Flags = np.isin(firms.legal_form, OWNERS_PAY)
    return pay


def income_tax(books: Profit, community: "Community") -> IncomeTax:
    """Prepayments by the quarter and settlements by the year, with the losses of earlier years."""
    calendar, firms = community.calendar, community.firms
    so_far = year_to_date(books.operating, calendar)
    research = year_to_date(books.research, calendar)
    decembers = np.flatnonzero(calendar.month_of_year == MONTHS_OF_A_YEAR)
    prepaid = np.zeros_like(so_far)
    losses: Numbers = np.zeros((len(firms), a.LOSSES_YEARS))
    years: list[tuple[Numbers, ...]] = []
    for year in np.unique(calendar.year):
        asked = np.zeros(len(firms))
        for month in np.flatnonzero((calendar.year == year) & (calendar.month_of_year % 3 == 0)):
            due = np.maximum(_tax(np.maximum(so_far[:, month], 0), int(year), firms) - asked, 0)
            prepaid[:, month], asked = due, asked + due
        for month in decembers[calendar.year[decembers] == year]:
            super_deducted = _since(a.RD_SUPER, int(year)) * research[:, month]
            income = so_far[:, month] - super_deducted
            taxable, losses = _after_losses(income, losses)
            whole_tax = _tax(taxable, int(year), firms)
            years.append((taxable, whole_tax - asked, a.FULL_RATE * taxable - whole_tax, whole_tax))
    shape = len(firms), len(decembers)
    columns = [np.stack(part, axis=1) if years else np.zeros(shape) for part in zip(*years, strict=True)]
    return IncomeTax(prepaid, decembers, *columns)


def _after_losses(income: Numbers, losses: Numbers) -> tuple[Numbers, Numbers]:
    """Taxable income of a year, and the losses that are left, oldest first."""
    left, remaining = losses.copy(), np.maximum(income, 0)
    for place in range(losses.shape[1]):
        used = np.minimum(left[:, place], remaining)
        left[:, place] -= used
        remaining = remaining - used
    return remaining, np.column_stack([left[:, 1:], np.maximum(-income, 0)])


def _tax(taxable: Numbers, year: int, firms: Firms) -> Numbers:
    """Tax on a year's income: small profits pay less, high technology pays a lower rate, farms nothing."""
    limit, small_rate = next((limit, rate) for since, limit, rate in reversed(a.SMALL_PROFIT) if since <= year)
    rate = np.where(firms.title >= HNTE, a.TECH_RATE, a.FULL_RATE)
    tax = np.where(taxable <= limit, small_rate, rate) * taxable
    owed: Numbers = np.where((firms.industry == FARMERS) | owners_pay(firms), 0.0, tax)
    return owed


def _since(steps: Sequence[tuple[int, float]], year: int) -> float:
    return next(value for since, value in reversed(steps) if since <= year)


def _touched(firms: Firms, luck: Numbers) -> Numbers:
    """Cost added to the books, or left out of them, as a share of revenue: who looks worse or better than it is."""
    bad = a.BAD_COST[0] + (a.BAD_COST[1] - a.BAD_COST[0]) * luck
    good = a.GOOD_COST[0] + (a.GOOD_COST[1] - a.GOOD_COST[0]) * luck
    role = firms.role[:, None]
    touched: Numbers = np.where(role == PAPER_BAD, bad, np.where(role == PAPER_GOOD, -good, 0.0))
    return touched


def _research_share(firms: Firms, luck: Numbers) -> Numbers:
    normal = np.sqrt(-2 * np.log1p(-luck[0])) * np.cos(2 * np.pi * luck[1])
    tech = a.RD_TECH * np.exp(a.RD_TECH_SPREAD * normal)
    tech = np.where(firms.title[:, None] >= HNTE, np.maximum(tech, a.RD_HIGH_TECH), tech)
    low, high = a.RD_MAKER
    makes = (firms.goods == "goods")[:, None] & (luck[2] < a.RD_MAKERS)
    share: Numbers = np.where(firms.tech[:, None], tech, makes * (low + (high - low) * luck[1]))
    return share


def _interest(community: "Community") -> Numbers:
    """Interest on the loans of the report: what was paid less what private lenders got, or what should have been."""
    lives = community.lives
    hidden = np.pad(lives.private_debt, ((0, 0), (1, 0)), mode="edge")[:, :-1]
    paid = lives.interest - hidden * economy.HIDDEN_RATE / MONTHS_OF_A_YEAR
    owed = lives.debt * a.LOAN_RATE / MONTHS_OF_A_YEAR
    interest: Numbers = np.where(lives.interest > 0, np.maximum(paid, 0), owed)
    return interest
