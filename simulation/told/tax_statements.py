"""Financial statements: flows from the books, stocks from what the firm has and owes, both as it likes to show them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from simulation.assumed import economy
from simulation.assumed import tax as a
from simulation.chance import Days, Flags, Numbers, Whole
from simulation.firms import PAPER_BAD, PAPER_GOOD, RING
from simulation.told.lines import fen, first_day, lately, shown_strain
from simulation.told.tax_profit import IncomeTax, Profit, year_to_date
from simulation.told.tax_sales import Declared
from simulation.told.tax_small import quarter_ends
from simulation.told.tax_timing import Visits

if TYPE_CHECKING:
    from simulation.community import Community

Sheet = dict[str, Numbers]
"""Columns of the contract without `_fen`, yuan."""


@dataclass(frozen=True)
class _Given:
    """Statements to be told, one value a statement: of a quarter, or of a year."""

    firm: Whole
    month: Whole
    filed_on: Days
    known_on: Days
    is_yearly: Flags


def statements(
    community: "Community", books: Profit, tax: IncomeTax, declared: Declared, visits: tuple[Visits, Visits]
) -> pl.DataFrame:
    """Rows of `financial_statements`: each quarter, adding up from January, and the year again after it.

    `visits` are those of the months, and of the years that `tax` has.
    """
    calendar = community.calendar
    given = _given(community, tax, *visits)
    at = given.firm, given.month
    sheet = _flows(community, books, tax, at) | _assets(community, declared, at) | _debts(community, books, at)
    sheet = _dressed(_flattered(sheet, community, at), community, at)
    sheet = _looked_at_again(sheet, given, community)
    rows = {f"{name}_fen": fen(values) for name, values in sheet.items()}
    rows |= _totals(rows)
    january = given.month - calendar.month_of_year[given.month] + 1
    days = {
        "period_start": first_day(calendar, january),
        "period_end": calendar.ends[given.month],
        "filed_on": given.filed_on,
        "known_on": given.known_on,
    }
    return pl.DataFrame({"firm": given.firm, **rows, **days})


def _given(community: "Community", tax: IncomeTax, quarterly: Visits, yearly: Visits) -> _Given:
    calendar = community.calendar
    firm, month = np.nonzero(quarterly.told & quarter_ends(calendar))
    of_year, year = np.nonzero(yearly.told)
    joined = np.concatenate([firm, of_year]), np.concatenate([month, tax.decembers[year]])
    is_yearly = np.repeat([False, True], [len(firm), len(year)])
    order = np.lexsort((is_yearly, joined[1], joined[0]))
    return _Given(
        firm=joined[0][order],
        month=joined[1][order],
        filed_on=np.concatenate([quarterly.filed_on[firm, month], yearly.filed_on[of_year, year]])[order],
        known_on=np.concatenate([quarterly.known_on[firm, month], yearly.known_on[of_year, year]])[order],
        is_yearly=is_yearly[order],
    )


def _flows(community: "Community", books: Profit, tax: IncomeTax, at: tuple[Whole, Whole]) -> Sheet:
    lives, calendar = community.lives, community.calendar
    earned = lives.receipts - lives.suppliers_paid - lives.payroll - lives.rent - lives.taxes
    months = {
        "revenue": books.revenue,
        "cost": books.cost,
        "operating_profit": books.operating,
        "interest": books.interest,
        "rd_expense": books.research,
        "wages": books.wages,
        "operating_cash_flow": earned,
        "net_profit": books.operating - tax.prepaid,
    }
    return {name: year_to_date(values, calendar)[at] for name, values in months.items()}


def _assets(community: "Community", declared: Declared, at: tuple[Whole, Whole]) -> Sheet:
    firms, lives = community.firms, community.lives
    normal, luck = _draws(community, "assets")
    firm = at[0]
    strain = lately(shown_strain(community), a.STOCK_MONTHS)[at]
    stock = np.array([a.STOCK[kind] for kind in firms.goods]) * np.exp(a.STOCK_SPREAD * normal[0])
    fixed = np.array([a.FIXED[kind] for kind in firms.goods]) * np.exp(a.FIXED_SPREAD * normal[1])
    fixed = fixed * np.where(firms.role == PAPER_BAD, a.FIXED_BAD, 1.0) + a.FIXED_PROPERTY * firms.property
    petty = a.PETTY_CASH[0] + (a.PETTY_CASH[1] - a.PETTY_CASH[0]) * luck[1]
    lent = np.maximum(a.ADVANCES * (0.4 + 1.2 * luck[0]) - a.ADVANCES_CARELESS * np.minimum(firms.conduct + 0.5, 0), 0)
    return {
        "cash": np.maximum(lives.cash[at], (petty * firms.sales)[firm]),
        "receivables": lives.receivables[at],
        "inventory": lately(declared.purchases, a.STOCK_MONTHS)[at] * stock[firm] * (1 + a.STOCK_STRAIN * strain),
        "advances": (lent * firms.sales)[firm],
        "fixed": (fixed * firms.sales)[firm],
    }


def _debts(community: "Community", books: Profit, at: tuple[Whole, Whole]) -> Sheet:
    firms, lives = community.firms, community.lives
    _, luck = _draws(community, "debts")
    firm, bad, good = at[0], firms.role == PAPER_BAD, firms.role == PAPER_GOOD
    low, high = (np.where(bad, worst, usual) for worst, usual in zip(a.OWNER_LENDS_BAD, a.OWNER_LENDS, strict=True))
    owner = (low + (high - low) * luck[0] ** 2) * firms.sales
    shows = np.where(good, 0.0, firms.openness)
    payables = lives.payables[at] * np.where(good, a.TRUST_GOOD, 1.0)[firm]
    # What could not be paid for the month is partly owed to suppliers, partly to staff and the bureau.
    owed = payables + lives.unpaid[at] + books.wages[at] + lives.private_debt[at] * shows[firm] + owner[firm]
    return {
        "short_debts": owed + lives.debt[at] * (1 - a.LONG_DEBT),
        "long_debts": lives.debt[at] * a.LONG_DEBT,
    }


def _flattered(sheet: Sheet, community: "Community", at: tuple[Whole, Whole]) -> Sheet:
    """Statements of dishonest firms that want to look larger: sales that nobody pays."""
    firms = community.firms
    _, luck = _draws(community, "flattered")
    vain = firms.dishonest & (firms.role != RING) & (luck[0] < a.VAIN)
    low, high = a.VAIN_PART
    part = (vain * economy.INFLATED * (low + (high - low) * luck[1]))[at[0]]
    more = part * sheet["revenue"]
    changed = {
        "revenue": more,
        "cost": (1 - a.VAIN_PROFIT) * more,
        "operating_profit": a.VAIN_PROFIT * more,
        "net_profit": a.VAIN_PROFIT * more,
        "receivables": a.FLATTERED_RECEIVABLE * more,
    }
    return {name: values + changed.get(name, 0.0) for name, values in sheet.items()}


def _dressed(sheet: Sheet, community: "Community", at: tuple[Whole, Whole]) -> Sheet:
    """Statements of strained firms that hide it: money that a friend lent for some days counts as cash and as debt."""
    hidden = (community.lives.strain - shown_strain(community))[at]
    luck = community.random("tax", "dressed").random(community.lives.sales.shape)[at]
    lent = a.DRESSED * hidden * luck * community.firms.sales[at[0]]
    return sheet | {"cash": sheet["cash"] + lent, "short_debts": sheet["short_debts"] + lent}


def _looked_at_again(sheet: Sheet, given: _Given, community: "Community") -> Sheet:
    """The statement of a year comes after that of its last quarter, and differs a little."""
    normal = community.random("tax", "second look").standard_normal((3, *community.lives.sales.shape))
    change = a.SECOND_LOOK * normal[:, given.firm, given.month] * given.is_yearly
    less = change[0] * np.abs(sheet["operating_profit"])
    return sheet | {
        "operating_profit": sheet["operating_profit"] - less,
        "net_profit": sheet["net_profit"] - less,
        "inventory": sheet["inventory"] * np.exp(change[1]),
        "advances": sheet["advances"] * np.exp(change[2]),
    }


def _totals(rows: dict[str, Whole]) -> dict[str, Whole]:
    """Sums of the balance sheet; what only sums need is taken out."""
    advances, fixed = rows.pop("advances_fen"), rows.pop("fixed_fen")
    short, long = rows.pop("short_debts_fen"), rows.pop("long_debts_fen")
    current = rows["cash_fen"] + rows["receivables_fen"] + rows["inventory_fen"] + advances
    return {
        "current_assets_fen": current,
        "assets_fen": current + fixed,
        "current_liabilities_fen": short,
        "liabilities_fen": short + long,
    }


def _draws(community: "Community", part: str) -> tuple[Numbers, Numbers]:
    """Two standard normal and two uniform numbers of each firm."""
    random = community.random("tax", part)
    return random.standard_normal((2, len(community.firms))), random.random((2, len(community.firms)))
