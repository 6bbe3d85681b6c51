"""How much is invoiced in each month, and in how many bills."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from simulation.assumed import city
from simulation.assumed import invoices as a
from simulation.chance import Numbers
from simulation.firms import NEVER, SHELL, Firms
from simulation.told.network import contracts, next_in_ring, usual_bills

if TYPE_CHECKING:
    from simulation.community import Community


@dataclass(frozen=True)
class Flow:
    """One direction of the trade of all firms, firm × month.

    Attributes:
        direction: `issued` or `received`.
        value: net amount, yuan.
        bills: mean number of bills; a bill is what one partner gets on one day.
        spread: of the logarithm of the bills of a firm.
    """

    direction: str
    value: Numbers
    bills: Numbers
    spread: Numbers


def shown_strain(community: "Community") -> Numbers:
    """How much of its strain a firm's papers show: firm × month."""
    strain: Numbers = community.lives.strain * community.firms.openness[:, None]
    return strain


def sales_flow(community: "Community") -> Flow:
    """What is invoiced of the sales, and the papers that shells sell."""
    firms, lives = community.firms, community.lives
    shown = shown_strain(community)
    random = community.random("invoiced")
    share = np.clip(_invoiced_share(firms) + a.INVOICED_SPREAD * random.standard_normal(len(firms)), 0.2, 1.0)
    sold = lives.sales * share[:, None] * (1 + a.SALES_UNDER_STRAIN * shown)
    value = _billed(sold, community, "issued")
    bills = _bills(value, community, "issued") * (1 + a.BILLS_UNDER_STRAIN * shown)
    shell = firms.role == SHELL
    papers = _shell_papers(community)
    value = np.where(shell[:, None], papers, value)
    bills = np.where(shell[:, None], a.SHELL_BILLS * papers / np.maximum(papers.max(axis=1, keepdims=True), 1), bills)
    return Flow("issued", value, bills, _amount_spread(community, "issued"))


def purchases_flow(community: "Community") -> Flow:
    """What is bought with invoices, from firms inside the community too."""
    firms, lives = community.firms, community.lives
    own = community.random("invoiced purchases").standard_normal(len(firms))
    share = np.clip(a.INVOICED_PURCHASES * np.exp(a.PURCHASES_SPREAD * own), *a.PURCHASES_BOUNDS)
    bought = lives.purchases * share[:, None] * (1 + a.PURCHASES_UNDER_STRAIN * shown_strain(community))
    buys = community.random("shells buy").random(bought.shape) < a.SHELL_BUYS
    bought = bought * ((firms.role != SHELL)[:, None] | buys)
    value = _billed(bought, community, "received")
    return Flow("received", value, _bills(value, community, "received"), _amount_spread(community, "received"))


def ring_values(community: "Community") -> Numbers:
    """What each firm of a ring invoices to the next one: the same for all of a ring, so that it nets out."""
    firms, lives = community.firms, community.lives
    random = community.random("rings")
    value = np.zeros_like(lives.sales)
    low, high = a.RING_SHARE
    for ring in range(int(firms.ring.max(initial=-1)) + 1):
        members = np.flatnonzero(firms.ring == ring)
        months = value.shape[1]
        share = low + (high - low) * random.random() + a.RING_UNDER_STRAIN * lives.strain[members].mean(axis=0)
        turns = random.lognormal(0, 0.5, months) * (random.random(months) >= a.RING_SILENT)
        goes = lives.trading[members].all(axis=0)
        value[members] = firms.sales[members].mean() * share * turns * goes
    return value * (next_in_ring(firms) >= 0)[:, None]


def _invoiced_share(firms: Firms) -> Numbers:
    of_trade = np.array([a.INVOICED_SALES.get(trade.zh, a.INVOICED_ELSE) for trade in city.INDUSTRIES])
    share: Numbers = of_trade[firms.industry] * np.where(firms.small_scale, a.INVOICED_SMALL_SCALE, 1.0)
    return share


def _billed(sold: Numbers, community: "Community", direction: str) -> Numbers:
    """The same amounts in the months in which they are invoiced: lumps, at most some months from the sale.

    Amounts to be invoiced after the last month are not told.
    """
    months = sold.shape[1]
    padded = np.pad(sold, ((0, 0), (0, a.BEHIND)))
    weight = _paces(community, direction, months + a.BEHIND)
    around = range(-a.AHEAD, a.BEHIND + 1)
    reach = np.pad(weight, ((0, 0), (a.AHEAD, a.BEHIND)))
    windows = sum(reach[:, a.AHEAD + step : a.AHEAD + step + months + a.BEHIND] for step in around)
    owed = np.pad(padded / np.maximum(windows, 1e-300), ((0, 0), (a.BEHIND, a.AHEAD)))
    due = sum(owed[:, a.BEHIND - step : a.BEHIND - step + months + a.BEHIND] for step in around)
    billed: Numbers = (weight * due)[:, :months]
    return billed


def _paces(community: "Community", direction: str, months: int) -> Numbers:
    """How ready each firm is to invoice in each month: hardly in silent ones, not at all while it does not trade."""
    firms, lives = community.firms, community.lives
    random = community.random("paces", direction)
    n = len(firms)
    known = a.LUMPS_OF_CONTRACTS if direction == "issued" else 0.0
    lives_so = contracts(community) * (direction == "issued")
    median, spread = a.LUMPS[direction]
    size = np.log(firms.sales / a.REFERENCE_SALES)
    own = known * lives_so + np.sqrt(1 - known**2) * random.standard_normal(n)
    lumps = median * np.exp(spread * own + a.LUMPS_OF_SIZE * size)
    level, wide = a.SILENT[direction]
    shown = np.pad(shown_strain(community), ((0, 0), (0, months - lives.strain.shape[1])), mode="edge")
    silent = expit(
        (level + wide * random.standard_normal(n) + a.SILENT_OF_SIZE * size + a.SILENT_OF_CONTRACTS * lives_so)[:, None]
        + a.SILENT_UNDER_STRAIN * shown
    )
    silent = 1 - (1 - silent) * -np.expm1(-1.5 * usual_bills(community, direction))[:, None]
    trading = np.pad(lives.trading, ((0, 0), (0, months - lives.trading.shape[1])), mode="edge")
    pace = np.exp(lumps[:, None] * random.standard_normal((n, months)))
    pace = pace * _readiness(community, months)
    paces: Numbers = pace * np.where(random.random((n, months)) < silent, a.HARDLY, 1.0) * trading
    return paces


def _readiness(community: "Community", months: int) -> Numbers:
    """How much is invoiced in a month, whatever was sold: little at Spring Festival, more at the end of the year."""
    calendar = community.calendar
    rush = np.ones(12)
    rush[list(a.YEAR_END)] = list(a.YEAR_END.values())
    ready = calendar.activity * rush[calendar.month_of_year - 1]
    padded: Numbers = np.pad(ready, (0, months - len(ready)), mode="edge")
    return padded


def _bills(value: Numbers, community: "Community", direction: str) -> Numbers:
    """Mean number of bills of each month: more when more is invoiced."""
    usual = usual_bills(community, direction)
    trading = community.lives.trading
    mean = value.sum(axis=1) / np.maximum(trading.sum(axis=1), 1)
    share = value / np.maximum(mean, 1e-9)[:, None]
    most = np.minimum(a.MOST_BILLS, value / a.LEAST_BILL)
    bills: Numbers = np.minimum(usual[:, None] * share ** a.BILLS_FOLLOW[direction], most)
    return bills


def _amount_spread(community: "Community", direction: str) -> Numbers:
    firms = community.firms
    median, spread = a.AMOUNT_SPREAD[direction]
    size = np.log(firms.sales / a.REFERENCE_SALES)
    own = spread * community.random("amounts", direction).standard_normal(len(firms))
    return np.clip(median * np.exp(own) + a.AMOUNT_SPREAD_OF_SIZE[direction] * size, 0.15, 3.5)


def _shell_papers(community: "Community") -> Numbers:
    """Papers that a shell sells in the months before it goes silent."""
    firms, lives = community.firms, community.lives
    random = community.random("shells")
    n, months = lives.sales.shape
    low, high = city.SHELL_LIFE
    life = random.integers(low, high, n, endpoint=True)
    month = np.arange(months)
    stop = np.minimum(np.where(firms.stopped == NEVER, months, firms.stopped), lives.closed)
    alive = (month >= np.maximum(stop - life, firms.born)[:, None]) & (month < stop[:, None])
    burst = np.exp(a.SHELL_SPREAD * random.standard_normal((n, months))) * (random.random((n, months)) < a.SHELL_BUSY)
    papers: Numbers = a.SHELL_SALES * firms.sales[:, None] * burst * alive
    return papers
