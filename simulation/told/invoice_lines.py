"""From a month's value to invoices: bills by partner and day, parts no larger than an invoice may be, VAT."""

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from simulation.assumed import invoices as a
from simulation.chance import Days, Flags, Numbers, Whole, picked
from simulation.firms import SHELL
from simulation.months import EPOCH_WEEKDAY, SATURDAY
from simulation.told.invoice_values import Flow
from simulation.told.network import inside_buyer, next_in_ring, partners, scattered, ties

if TYPE_CHECKING:
    from simulation.community import Community

FEN = 100
CLASSES = tuple(a.RATES)
OUTSIDE = -1


@dataclass(frozen=True)
class Lines:
    """Invoices as their owner sees them, one value an invoice.

    Attributes:
        firm: who issued them, or who received them from outside.
        month, day: of issue.
        inside: the other side's place in the community; -1 = outside.
        place: number of the partner outside, as `network.Partners` counts them.
        taxed: place in `CLASSES`.
        net, vat: fen.
    """

    firm: Whole
    month: Whole
    day: Days
    inside: Whole
    place: Whole
    taxed: Whole
    net: Whole
    vat: Whole

    def take(self, rows: Whole) -> Self:
        return replace(self, **{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    @classmethod
    def joined(cls, *parts: Self) -> Self:
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))


@dataclass(frozen=True)
class Bills:
    """What one partner gets on one day."""

    firm: Whole
    month: Whole


def issued_lines(flow: Flow, community: "Community") -> Lines:
    """Sales: some to firms of the community, the rest outside."""
    firms, lives = community.firms, community.lives
    random = community.random("issued")
    bills = _bills(flow, community, random)
    n = len(bills.firm)
    within, buyers = ties(community), partners(community, "buyer")
    buys = lives.trading[within.buyer[bills.firm], bills.month[:, None]]
    inside = inside_buyer(within, bills.firm, random.random(n), buys)
    place = buyers.pick(bills.firm, bills.month, random.random(n))
    size = buyers.size(bills.firm, np.where(inside >= 0, -1 - inside, place))
    value = _shared(bills, flow, size, random)
    own = np.where(firms.small_scale, CLASSES.index("small"), [CLASSES.index(kind) for kind in firms.goods])
    other = np.array([CLASSES.index(kind) for kind in a.OTHER_RATES])[picked(random.random(len(firms)), a.OTHER_RATES)]
    often = 2 * a.OTHER_RATE * random.random(len(firms)) ** 2 * 1.5
    taxed = np.where(random.random(n) < often[bills.firm], other[bills.firm], own[bills.firm])
    return _parts(bills, value, flow, community, random, inside=inside, place=place, taxed=taxed)


def received_lines(flow: Flow, community: "Community", already: Numbers) -> Lines:
    """Purchases from outside; `already` is bought inside, yuan, firm × month."""
    firms = community.firms
    random = community.random("received")
    rest = np.maximum(flow.value - already, 0.1 * flow.value)
    flow = replace(flow, value=rest)
    bills = _bills(flow, community, random)
    suppliers = partners(community, "supplier")
    place = suppliers.pick(bills.firm, bills.month, random.random(len(bills.firm)))
    value = _shared(bills, flow, suppliers.size(bills.firm, place), random)
    own = np.array([CLASSES.index(kind) for kind in firms.goods])
    kinds = np.array([CLASSES.index(kind) for kind in a.SUPPLIERS])
    alike = scattered(suppliers.key, bills.firm, place, 2) < a.SUPPLIERS_ALIKE
    taxed = np.where(alike, own[bills.firm], kinds[picked(scattered(suppliers.key, bills.firm, place, 3), a.SUPPLIERS)])
    inside = np.full(len(bills.firm), OUTSIDE)
    return _parts(bills, value, flow, community, random, inside=inside, place=place, taxed=taxed)


def ring_lines(value: Numbers, community: "Community") -> Lines:
    """Sales round a ring: a few large invoices each month."""
    firms = community.firms
    random = community.random("ring lines")
    flow = Flow("issued", value, np.where(value > 0, 2.0, 0.0), np.full(len(firms), 0.3))
    bills = _bills(flow, community, random)
    ahead = next_in_ring(firms)
    own = np.where(firms.small_scale, CLASSES.index("small"), [CLASSES.index(kind) for kind in firms.goods])
    value = _shared(bills, flow, np.ones(len(bills.firm)), random)
    inside, place, taxed = ahead[bills.firm], np.zeros_like(bills.firm), own[bills.firm]
    return _parts(bills, value, flow, community, random, inside=inside, place=place, taxed=taxed)


def rates(month: Whole, taxed: Whole, community: "Community") -> Numbers:
    """VAT rates in force."""
    era = np.searchsorted(np.array(a.RATE_DAYS, dtype="M8[D]"), community.calendar.starts[:-1], side="right")
    rate: Numbers = np.array([a.RATES[kind] for kind in CLASSES])[taxed, era[month]]
    return rate


def _bills(flow: Flow, community: "Community", random: np.random.Generator) -> Bills:
    """A random number of bills in each told month with a value."""
    told = np.arange(community.calendar.months) >= community.calendar.first
    mean = flow.value.sum(axis=1) / np.maximum((flow.value > 0).sum(axis=1), 1)
    large = (flow.value > np.maximum(a.LEAST_VALUE, a.LEAST_SHARE * mean)[:, None]) & told
    number = np.where(large, np.clip(random.poisson(np.maximum(flow.bills, 1e-9)), 1, a.MOST_BILLS), 0)
    cell = np.repeat(np.arange(number.size), number.ravel())
    firm, month = np.divmod(cell, number.shape[1])
    return Bills(firm, month)


def _shared(bills: Bills, flow: Flow, size: Numbers, random: np.random.Generator) -> Numbers:
    """Each bill's part of its month's value; `size` is how large the bills of its partner are."""
    cell = bills.firm * flow.value.shape[1] + bills.month
    weight = size * np.exp(flow.spread[bills.firm] * random.standard_normal(len(cell)))
    value: Numbers = flow.value.ravel()[cell] * weight / np.bincount(cell, weight, flow.value.size)[cell]
    return value


def _parts(
    bills: Bills,
    bill: Numbers,
    flow: Flow,
    community: "Community",
    random: np.random.Generator,
    *,
    inside: Whole,
    place: Whole,
    taxed: Whole,
) -> Lines:
    """Cuts bills into invoices within the limit, rounds their gross amounts as people do, adds VAT."""
    firm, month = bills.firm, bills.month
    n = len(firm)
    rate = rates(month, taxed, community)
    limit = _limits(flow, community, random)[firm, month]
    full = np.where(community.random("full").random(len(community.firms))[firm] < 0.6, limit / (1 + rate), limit - 0.01)
    split = np.where(random.random(n) < a.SPLIT, 2 + ((a.PARTS - 1) * random.random(n)).astype(np.int64), 1)
    parts = np.maximum(np.ceil(bill / full).astype(np.int64), split)
    equal = (random.random(n) < a.EQUAL_PARTS) | (split == parts)
    row = np.repeat(np.arange(n), parts)
    last = np.arange(len(row)) == (np.cumsum(parts) - 1)[row]
    rest = bill - (parts - 1) * full
    value = np.where(equal[row], (bill / parts)[row], np.where(last, rest[row], full[row]))
    day = _days(bills, flow, community, random)
    gross = _rounded(value * (1 + rate[row]) * FEN, firm[row], flow, community, random)
    net = np.rint(gross / (1 + rate[row])).astype(np.int64)
    return Lines(firm[row], month[row], day[row], inside[row], place[row], taxed[row], net, gross - net)


def _limits(flow: Flow, community: "Community", random: np.random.Generator) -> Numbers:
    """Largest net amount of an invoice, yuan: firm × month."""
    firms = community.firms
    size = np.log(firms.sales / a.REFERENCE_SALES)
    rank = np.clip(random.random(len(firms)) + a.LIMIT_OF_SIZE * size * 0.25, 0, 1)
    own = np.array(a.LIMITS, dtype=float)[np.searchsorted(np.cumsum(a.LIMIT_SHARES)[:-1], rank)]
    own = np.where(firms.role == SHELL, a.SHELL_AMOUNT, own)
    return np.maximum(own[:, None], flow.value / a.MOST_INVOICES)


def _days(bills: Bills, flow: Flow, community: "Community", random: np.random.Generator) -> Days:
    """Days of issue: a firm sits down to it on a few days of the month."""
    factor, power = a.DAYS[flow.direction]
    sittings = np.maximum(1, np.rint(factor * flow.bills**power))[bills.firm, bills.month]
    sitting = (sittings * random.random(len(bills.firm))).astype(np.int64)
    key = int(random.integers(2**62))
    day = community.calendar.pick_days(bills.month, scattered(key, bills.firm, bills.month, sitting))
    return np.where(_resting(community, random)[bills.firm], _before_weekend(day), day)


def _resting(community: "Community", random: np.random.Generator) -> Flags:
    """Firms that never invoice at weekends."""
    resting: Flags = random.random(len(community.firms)) < a.RESTING
    return resting


def _before_weekend(day: Days) -> Days:
    """The same day, or the Friday before; in the first days of a month the Monday after."""
    weekday = (day.astype(np.int64) + EPOCH_WEEKDAY) % 7
    back = np.maximum(weekday - SATURDAY + 1, 0)
    moved = day - back
    same = moved.astype("M8[M]") == day.astype("M8[M]")
    days: Days = np.where(same, moved, day + np.where(back > 0, 7 - weekday, 0))
    return days


def _rounded(gross: Numbers, firm: Whole, flow: Flow, community: "Community", random: np.random.Generator) -> Whole:
    """Gross amounts in whole fen, many of them whole thousands, hundreds or yuan."""
    thousands, hundreds, yuan = a.ROUND[flow.direction]
    taste = random.beta(a.ROUND_FIRMS * thousands, a.ROUND_FIRMS * (1 - thousands), len(community.firms))[firm]
    rest = (1 - taste) / (1 - thousands)
    luck = random.random(len(gross))
    unit = np.select(
        [luck < taste, luck < taste + rest * hundreds, luck < taste + rest * (hundreds + yuan)],
        [1_000 * FEN, 100 * FEN, FEN],
        1,
    )
    unit = np.where(gross >= 1.5 * unit, unit, np.where(gross >= 1.5 * FEN * 10, 10 * FEN, 1))
    rounded: Whole = np.maximum(np.rint(gross / unit) * unit, FEN).astype(np.int64)
    return rounded
