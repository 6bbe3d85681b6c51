"""Who trades with whom: partners outside that come, return and leave, firms of the same community, rings."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from simulation.assumed import city
from simulation.assumed import invoices as a
from simulation.chance import Flags, Numbers, Whole
from simulation.firms import RING, SHELL, Firms

if TYPE_CHECKING:
    from simulation.community import Community

HOLDERS = 1_000
"""More partners than ever follow one another in one place."""

STRAIGHT = 1e-3
"""Exponents this near to 1 are taken as this far from it, where the power law would need a logarithm."""


def scattered(*parts: Whole | int) -> Numbers:
    """Uniform numbers that depend on whole numbers only: the same for the same, in whatever order they are asked.

    The finaliser of SplitMix64 (Steele and others 2014) over each part in turn.
    """
    state = np.zeros(1, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for part in parts:
            state = (state + np.asarray(part).astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
            state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            state = state ^ (state >> np.uint64(31))
    uniform: Numbers = (state >> np.uint64(11)).astype(np.float64) / 2.0**53
    return uniform


@dataclass(frozen=True)
class Partners:
    """Buyers or suppliers outside the city: places that partners hold for a while, the first ones weighing most.

    Attributes:
        kind: `buyer` or `supplier`.
        places: of each firm.
        exponent: of Zipf's law over the places, firm × month.
        age: how far partners have moved on, in months of a firm at ease, firm × month.
        stay: median months that a partner stays, per firm.
        anchor: share of the one partner that stays as long as the firm, per firm.
        key: what scatters.
    """

    kind: str
    places: Whole
    exponent: Numbers
    age: Numbers
    stay: Numbers
    anchor: Numbers
    key: int

    def pick(self, firm: Whole, month: Whole, luck: Numbers) -> Whole:
        """Numbers of partners that some trades of `firm` in `month` fall to, by `luck` from 0 up to 1; 0 = the anchor.

        A number means the same partner of that firm in every table.
        """
        share = self.anchor[firm]
        free = np.clip((luck - share) / np.maximum(1 - share, 1e-9), 0, 1 - 1e-12)
        place = zipf(free, self.places[firm], self.exponent[firm, month])
        number: Whole = np.where(luck < share, 0, 1 + place * HOLDERS + self._holder(firm, month, place))
        return number

    def size(self, firm: Whole, number: Whole) -> Numbers:
        """How large the trades of a partner are against those of the firm's median partner."""
        rank = np.clip(scattered(self.key, firm, number, 4), 1e-9, 1 - 1e-9)
        size: Numbers = np.exp(a.PARTNER_SPREAD[self.kind] * ndtri(rank))
        return size

    def _holder(self, firm: Whole, month: Whole, place: Whole) -> Whole:
        """How many partners held the place before."""
        spread = a.STAY[self.kind][1]
        rank = np.clip(scattered(self.key, firm, place, 0), 1e-9, 1 - 1e-9)
        stay = self.stay[firm] * np.exp(spread * np.log(rank / (1 - rank)) / 1.7)
        phase = scattered(self.key, firm, place, 1)
        holder: Whole = np.minimum(self.age[firm, month] / stay + phase, HOLDERS - 1).astype(np.int64)
        return holder


def zipf(luck: Numbers, places: Whole, exponent: Numbers) -> Whole:
    """Places from 0 with chances close to (place + 1) ^ -exponent: the power law between 1 and places + 1, cut off."""
    power = 1 - exponent
    power = np.where(np.abs(power) < STRAIGHT, STRAIGHT, power)
    top = (places + 1.0) ** power
    place: Whole = np.floor((1 + luck * (top - 1)) ** (1 / power)).astype(np.int64) - 1
    return np.clip(place, 0, places - 1)


def partners(community: "Community", kind: str) -> Partners:
    """The buyers or suppliers of every firm: the same for all tables."""
    firms, lives = community.firms, community.lives
    random = community.random("partners", kind)
    n = len(firms)
    shown = lives.strain * firms.openness[:, None]
    base, power, spread = a.PLACES[kind]
    low, high = a.CONCENTRATION[kind]
    bills = usual_bills(community, "issued" if kind == "buyer" else "received")
    places = np.clip(np.exp(base + spread * random.standard_normal(n)) * bills**power, 1, a.MOST_PLACES)
    rank = random.standard_normal(n)
    if kind == "buyer":
        lives_so = contracts(community)
        places = np.clip(places * np.exp(a.PLACES_OF_CONTRACTS * lives_so), 1, a.MOST_PLACES)
        known = a.CONCENTRATION_OF_CONTRACTS
        rank = known * lives_so + np.sqrt(1 - known**2) * rank
    exponent = (low + (high - low) * ndtr(rank))[:, None] * (1 + a.CONCENTRATION_UNDER_STRAIN * shown)
    stay = a.STAY[kind][0] * np.exp(a.STAY_FIRMS * random.standard_normal(n))
    age = np.cumsum(1 + a.LEAVE_UNDER_STRAIN * shown, axis=1)
    anchor = firms.anchor if kind == "buyer" else a.SUPPLIER_ANCHOR * random.random(n) ** 2
    key = int(random.integers(2**62))
    return Partners(kind, np.ceil(places).astype(np.int64), exponent, age, stay, anchor, key)


def contracts(community: "Community") -> Numbers:
    """How much each firm lives from few large contracts: about standard normal."""
    of_trade = np.array([a.CONTRACTS_OF_TRADE.get(trade.zh, 0.0) for trade in city.INDUSTRIES])
    own = community.random("contracts").standard_normal(len(community.firms))
    lives_so: Numbers = own + of_trade[community.firms.industry]
    return lives_so


def usual_bills(community: "Community", direction: str) -> Numbers:
    """Bills in an ordinary month of each firm: log-linear in its size, with a spread of its own."""
    firms = community.firms
    together, own = community.random("bills").standard_normal((2, len(firms)))
    if direction == "received":
        own = a.BILLS_TOGETHER * together + np.sqrt(1 - a.BILLS_TOGETHER**2) * own
    else:
        own = together + a.BILLS_OF_CONTRACTS / a.BILLS[direction][2] * contracts(community)
    level, slope, spread = a.BILLS[direction]
    size = np.log(firms.sales / a.REFERENCE_SALES)
    usual: Numbers = np.clip(np.exp(level + slope * size + spread * own), a.LEAST_BILLS, a.MOST_BILLS)
    return usual


@dataclass(frozen=True)
class Ties:
    """Trade inside the community, by seller: who may buy (firm × tie, -1 = none), and what share of the sales."""

    buyer: Whole
    share: Numbers

    @property
    def reached(self) -> Numbers:
        """Shares summed up to each tie."""
        reached: Numbers = np.cumsum(self.share, axis=1)
        return reached


def ties(community: "Community") -> Ties:
    """Buyers inside the community: fit by trade and size, few of them large; shells find those who want papers."""
    firms = community.firms
    random = community.random("ties")
    n = len(firms)
    most = len(a.TIES) - 1
    trade = np.array([industry.zh for industry in city.INDUSTRIES])[firms.industry]
    count = np.searchsorted(np.cumsum(a.TIES)[:-1], random.random(n))
    sells = ~np.isin(trade, a.CONSUMER_TRADES) & (firms.role != RING)
    count = np.where(firms.role == SHELL, a.SHELL_BUYERS, np.where(sells, count, 0))
    luck = np.log(-np.log(random.random((n, n))))
    rank = np.where(_fit(firms) > 0, np.log(np.maximum(_fit(firms), 1e-12)) - luck, -np.inf)
    buyer = np.argsort(-rank, axis=1, kind="stable")[:, :most]
    there = (np.arange(most) < count[:, None]) & np.isfinite(np.take_along_axis(rank, buyer, axis=1))
    low, high = a.TIE_SHARE
    wanted = low + (high - low) * random.random((n, most)) ** 2
    bought = a.TIE_MOST * (firms.sales * (1 - firms.margin))[buyer] / firms.sales[:, None]
    share = np.where(there, np.minimum(wanted, bought), 0.0)
    return Ties(np.where(there, buyer, -1), share)


def _fit(firms: Firms) -> Numbers:
    """How likely a buyer (column) suits a seller (row)."""
    bought = firms.sales * (1 - firms.margin)
    fit = np.minimum(bought[None, :] / firms.sales[:, None], 3.0)
    fit = fit * np.where(firms.industry[:, None] == firms.industry[None, :], 2.0, 1.0)
    shell = (firms.role == SHELL)[:, None]
    fit = np.where(shell, (firms.dishonest & (firms.role != SHELL) & (firms.role != RING))[None, :], fit)
    barred = np.isin(firms.role, [RING, SHELL])[None, :] | np.eye(len(firms), dtype=bool)
    fitting: Numbers = np.where(barred, 0.0, fit)
    return fitting


def next_in_ring(firms: Firms) -> Whole:
    """Whom each firm sells to in its ring; -1 = in none."""
    ahead = np.full(len(firms), -1)
    for ring in range(int(firms.ring.max(initial=-1)) + 1):
        members = np.flatnonzero(firms.ring == ring)
        ahead[members] = np.roll(members, -1)
    return ahead


def inside_buyer(ties_: Ties, firm: Whole, luck: Numbers, buys: Flags) -> Whole:
    """The buyer inside that a sale goes to, -1 = outside; `buys` (sale × tie) tells whether the buyer trades then."""
    reached = ties_.reached[firm]
    tie = (luck[:, None] >= reached).sum(axis=1)
    found = tie < reached.shape[1]
    tie = np.where(found, tie, 0)
    place = np.arange(len(firm))
    buyer: Whole = np.where(found & buys[place, tie], ties_.buyer[firm, tie], -1)
    return buyer
