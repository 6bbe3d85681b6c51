"""From a month's value to invoices: bills by partner and day, parts no larger than an invoice may be, VAT."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from simulation.assumed import invoices as a
from simulation.chance import Days, Numbers, Whole, picked
from simulation.firms import SHELL
from simulation.months import EPOCH_WEEKDAY, SATURDAY
from simulation.told.invoice_values import Flow
from simulation.told.network import inside_buyer, next_in_ring, partners, scattered, ties

if TYPE_CHECKING:
    from simulation.community import Community

FEN = 100
CENT = 0.01
CLASSES = tuple(a.RATES)
OUTSIDE = -1
ALIKE, CLASS = 2, 3
"""Names of what scatters over suppliers."""


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
    """What one partner gets on one day, one value a bill; `value` in yuan, the rest as in `Lines`."""

    firm: Whole
    month: Whole
    inside: Whole
    place: Whole
    taxed: Whole
    value: Numbers


def issued_lines(flow: Flow, community: "Community") -> Lines:
    """Sales: some to firms of the community, the rest outside."""
    random = community.random("issued")
    firm, month = _cells(flow, community, random)
    within, buyers = ties(community), partners(community, "buyer")
    buys = community.lives.trading[within.buyer[firm], month[:, None]]
    inside = inside_buyer(within, firm, random.random(len(firm)), buys)
    place = buyers.pick(firm, month, random.random(len(firm)))
    size = buyers.size(firm, np.where(inside >= 0, -1 - inside, place))
    value = _shared(flow, firm, month, size * _noise(flow, firm, random))
    taxed = _sales_classes(firm, community, random)
    return _parts(Bills(firm, month, inside, place, taxed, value), flow, community, random)


def received_lines(flow: Flow, community: "Community", already: Numbers) -> Lines:
    """Purchases from outside; `already` is bought inside, yuan, firm × month."""
    random = community.random("received")
    rest = np.maximum(flow.value - already, a.OUTSIDE_LEAST * flow.value)
    flow = replace(flow, value=rest)
    firm, month = _cells(flow, community, random)
    suppliers = partners(community, "supplier")
    place = suppliers.pick(firm, month, random.random(len(firm)))
    value = _shared(flow, firm, month, suppliers.size(firm, place) * _noise(flow, firm, random))
    alike = random.beta(a.SUPPLIERS_ALIKE, a.SUPPLIERS_ALIKE, len(community.firms))[firm]
    own = np.array([CLASSES.index(kind) for kind in community.firms.goods])[firm]
    other = _any_of(a.SUPPLIERS, scattered(suppliers.key, firm, place, CLASS))
    taxed = np.where(scattered(suppliers.key, firm, place, ALIKE) < alike, own, other)
    return _parts(Bills(firm, month, np.full(len(firm), OUTSIDE), place, taxed, value), flow, community, random)


def ring_lines(values: Numbers, community: "Community") -> Lines:
    """Sales round a ring: a few large invoices each month; `values` in yuan, firm × month."""
    random = community.random("ring lines")
    n = len(community.firms)
    flow = Flow("issued", values, np.where(values > 0, a.RING_BILLS, 0.0), np.full(n, a.RING_AMOUNTS))
    firm, month = _cells(flow, community, random)
    value = _shared(flow, firm, month, _noise(flow, firm, random))
    inside, taxed = next_in_ring(community.firms)[firm], _own_class(community)[firm]
    return _parts(Bills(firm, month, inside, np.zeros_like(firm), taxed, value), flow, community, random)


def rates(month: Whole, taxed: Whole, community: "Community") -> Numbers:
    """VAT rates in force."""
    era = np.searchsorted(np.array(a.RATE_DAYS, dtype="M8[D]"), community.calendar.starts[:-1], side="right")
    rate: Numbers = np.array([a.RATES[kind] for kind in CLASSES])[taxed, era[month]]
    return rate


def _own_class(community: "Community") -> Whole:
    firms = community.firms
    own: Whole = np.where(
        firms.small_scale, CLASSES.index("small"), np.array([CLASSES.index(kind) for kind in firms.goods])
    )
    return own


def _sales_classes(firm: Whole, community: "Community", random: np.random.Generator) -> Whole:
    """Mostly the firm's own rate; some firms have a second one."""
    firms = community.firms
    n = len(firms)
    small, general = (_any_of(shares, random.random(n)) for shares in (a.OTHER_RATES_SMALL, a.OTHER_RATES))
    often = 3 * a.OTHER_RATE * random.random(n) ** 2
    other = np.where(firms.small_scale, small, general)
    taxed: Whole = np.where(random.random(len(firm)) < often[firm], other[firm], _own_class(community)[firm])
    return taxed


def _any_of(shares: Mapping[str, float], luck: Numbers) -> Whole:
    """Places in `CLASSES` by their shares."""
    kinds: Whole = np.array([CLASSES.index(kind) for kind in shares])[picked(luck, shares)]
    return kinds


def _cells(flow: Flow, community: "Community", random: np.random.Generator) -> tuple[Whole, Whole]:
    """Firm and month of each bill: a random number of them in every told month with a value."""
    told = np.arange(community.calendar.months) >= community.calendar.first
    mean = flow.value.sum(axis=1) / np.maximum((flow.value > 0).sum(axis=1), 1)
    large = (flow.value > np.maximum(a.LEAST_VALUE, a.LEAST_SHARE * mean)[:, None]) & told
    number = np.where(large, np.clip(random.poisson(flow.bills), 1, a.MOST_BILLS), 0)
    cell = np.repeat(np.arange(number.size), number.ravel())
    firm, month = np.divmod(cell, number.shape[1])
    return firm, month


def _noise(flow: Flow, firm: Whole, random: np.random.Generator) -> Numbers:
    noise: Numbers = np.exp(flow.spread[firm] * random.standard_normal(len(firm)))
    return noise


def _shared(flow: Flow, firm: Whole, month: Whole, weight: Numbers) -> Numbers:
    """Each bill's part of its month's value."""
    cell = firm * flow.value.shape[1] + month
    value: Numbers = flow.value.ravel()[cell] * weight / np.bincount(cell, weight, flow.value.size)[cell]
    return value


def _parts(bills: Bills, flow: Flow, community: "Community", random: np.random.Generator) -> Lines:
    """Cuts bills into invoices within the limit, rounds their gross amounts as people do, adds VAT."""
    firm, month, bill = bills.firm, bills.month, bills.value
    n = len(firm)
    rate = rates(month, bills.taxed, community)
    limit = _limits(flow, community, random)[firm, month]
    gross_limit = random.random(len(community.firms)) < a.FULL_GROSS
    full = np.where(gross_limit[firm], limit / (1 + rate), limit - CENT)
    split = np.where(random.random(n) < a.SPLIT, 2 + ((a.PARTS - 1) * random.random(n)).astype(np.int64), 1)
    parts = np.maximum(np.ceil(bill / full).astype(np.int64), split)
    equal = (random.random(n) < a.EQUAL_PARTS) | (split == parts)
    row = np.repeat(np.arange(n), parts)
    last = np.arange(len(row)) == (np.cumsum(parts) - 1)[row]
    rest = bill - (parts - 1) * full
    value = np.where(equal[row], (bill / parts)[row], np.where(last, rest[row], full[row]))
    gross = _rounded(FEN * value * (1 + rate[row]), firm[row], flow, community)
    net = np.rint(gross / (1 + rate[row])).astype(np.int64)
    day = _days(bills, flow, community)
    return Lines(
        firm[row], month[row], day[row], bills.inside[row], bills.place[row], bills.taxed[row], net, gross - net
    )


def _limits(flow: Flow, community: "Community", random: np.random.Generator) -> Numbers:
    """Largest net amount of an invoice, yuan: firm × month. Who writes large bills has a higher one."""
    firms = community.firms
    usual = np.maximum(flow.value.sum(axis=1), 1) / np.maximum(flow.bills.sum(axis=1), CENT)
    score = a.LIMIT_OF_BILLS * np.log(usual / a.LIMITS[1]) + random.standard_normal(len(firms))
    own = np.array(a.LIMITS, dtype=float)[np.searchsorted(a.LIMIT_SCORES, score)]
    own = np.where(firms.role == SHELL, a.SHELL_AMOUNT, own)
    return np.maximum(own[:, None], flow.value / a.MOST_INVOICES)


def _days(bills: Bills, flow: Flow, community: "Community") -> Days:
    """Days of issue: a firm sits down to it on a few days of the month, some never or gladly at weekends."""
    random = community.random("days", flow.direction)
    firm, month, starts = bills.firm, bills.month, community.calendar.starts
    factor, power = a.DAYS[flow.direction]
    sittings = np.maximum(1, np.rint(factor * flow.bills**power))[firm, month]
    sitting = (sittings * random.random(len(firm))).astype(np.int64)
    luck = scattered(int(random.integers(2**62)), firm, month, sitting)
    day = community.calendar.pick_days(month, luck)
    any_day = starts[month] + (luck * (starts[month + 1] - starts[month]).astype(np.int64)).astype(np.int64)
    habit = random.random(len(community.firms))[firm]
    opens = (habit > 1 - a.OPEN) & (random.random(len(firm)) < a.OPEN_DAYS)
    return np.where(habit < a.RESTING, _off_weekend(day), np.where(opens, any_day, day))


def _off_weekend(day: Days) -> Days:
    """The same day, or the Friday before; in the first days of a month the Monday after."""
    weekday = (day.astype(np.int64) + EPOCH_WEEKDAY) % 7
    back = np.maximum(weekday - SATURDAY + 1, 0)
    moved = day - back
    same = moved.astype("M8[M]") == day.astype("M8[M]")
    days: Days = np.where(same, moved, day + np.where(back > 0, 7 - weekday, 0))
    return days


def _rounded(gross: Numbers, firm: Whole, flow: Flow, community: "Community") -> Whole:
    """Gross amounts in whole fen, many of them whole thousands, hundreds or yuan."""
    random = community.random("rounding", flow.direction)
    thousands, hundreds, yuan = a.ROUND[flow.direction]
    taste = random.beta(a.ROUND_FIRMS * thousands, a.ROUND_FIRMS * (1 - thousands), len(community.firms))[firm]
    rest = (1 - taste) / (1 - thousands)
    luck = random.random(len(gross))
    steps = [luck < taste, luck < taste + rest * hundreds, luck < taste + rest * (hundreds + yuan)]
    unit = np.select(steps, [1_000 * FEN, 100 * FEN, FEN], 1)
    unit = np.where(gross >= 1.5 * unit, unit, 1)
    rounded: Whole = np.maximum(np.rint(gross / unit) * unit, FEN).astype(np.int64)
    return rounded
