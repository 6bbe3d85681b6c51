"""The money of a month split into bookings: what for, on which day, with whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl

from simulation.assumed import bank as a
from simulation.chance import Days, Flags, Numbers, Whole
from simulation.firms import PAPER_BAD
from simulation.told.bank_names import Names
from simulation.told.bank_plan import INCOMING, Plan
from simulation.told.bank_seen import Given, Seen

MAIN = 0
"""Place of a firm's main account among its accounts."""
DAY = 86_400
OPENS, HOURS = 9 * 3_600, 9 * 3_600
"""Seconds of the day before the first booking, and between the first and the last."""
PURPOSES: dict[str, str] = {
    "sales": "sales", "qr": "qr", "cash_in": "cash", "loan_in": "loan_in", "owner_in": "other", "private_in": "other",
    "refund_in": "refund", "interest_in": "interest", "redeemed": "investment", "dress_in": "other",
    "purchase": "purchase", "salary": "salary", "social": "social_insurance", "fund": "social_insurance", "tax": "tax",
    "rent": "rent", "utilities": "utilities", "repayment": "loan_repayment", "interest_out": "interest", "fee": "fee",
    "cash_out": "cash", "expenses": "other", "owner_out": "other", "private_out": "other", "invested": "investment",
    "refund_out": "refund", "dress_out": "other", "internal_in": "internal", "internal_out": "internal",
}  # fmt: skip
"""What the contract calls each kind of booking."""
KINDS = tuple(PURPOSES)
COMES_IN = np.array([kind in INCOMING or kind == "internal_in" for kind in KINDS])
BUSINESS_DAYS = frozenset(
    {"sales", "qr", "cash_in", "refund_in", "refund_out", "purchase", "cash_out", "expenses", "private_in", "owner_in"}
)
"""Kinds that fall on any busy day; the others have a day of the month."""
WAITING = frozenset({"purchase", "expenses"})
"""Bills that have waited since the month before where a firm is short: paid as soon as money comes."""


@dataclass(frozen=True)
class Bookings:
    """Bookings in any order, one value a booking.

    Attributes:
        slot: account of the firm.
        kind: place in `KINDS`.
        amount: fen, positive.
        time: seconds since 1970 at which it is wanted, or happens.
        name: the other side.
    """

    firm: Whole
    slot: Whole
    kind: Whole
    amount: Whole
    time: Whole
    name: pl.Series

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in ARRAYS}
        return cls(name=pl.concat([part.name for part in parts]), **columns)

    @property
    def incoming(self) -> Flags:
        comes_in: Flags = COMES_IN[self.kind]
        return comes_in

    def take(self, places: Whole) -> Self:
        """Some bookings, in any order."""
        columns = {name: getattr(self, name)[places] for name in ARRAYS}
        return type(self)(name=self.name.gather(pl.Series(places, dtype=pl.UInt32)), **columns)


ARRAYS = ("firm", "slot", "kind", "amount", "time")


def at(day: Days, luck: Numbers) -> Whole:
    """Some second in the office hours of a day."""
    second: Whole = day.astype("M8[D]").astype(np.int64) * DAY + OPENS + (HOURS * luck).astype(np.int64)
    return second


def bookings(plan: Plan, given: Mapping[str, Given], names: Names, random: np.random.Generator) -> Bookings:
    """All bookings of the main accounts but those between a firm's own accounts."""
    parts = [_given(KINDS.index(kind), payments, random) for kind, payments in given.items()]
    days = random.random((len(KINDS), len(names.seen.community.firms)))
    for place, kind in enumerate(KINDS):
        if kind in plan.totals and kind not in given:
            parts.append(_split(place, plan, names, days[place], random))
    return Bookings.joined(parts)


def _given(kind: int, payments: Given, random: np.random.Generator) -> Bookings:
    many = len(payments.firm)
    time = at(payments.day, random.random(many))
    main = np.full(many, MAIN)
    return Bookings(payments.firm, main, np.full_like(main, kind), payments.amount, time, payments.name.cast(pl.String))


def _split(place: int, plan: Plan, names: Names, usual_day: Numbers, random: np.random.Generator) -> Bookings:
    kind, seen = KINDS[place], names.seen
    count, total = plan.counts[kind], plan.totals[kind]
    cell = np.repeat(np.arange(count.size), count.ravel())
    firm, month = np.divmod(cell, count.shape[1])
    weight = np.exp(_spread(kind, seen)[firm, month] * random.standard_normal(len(cell)))
    amount = split_by_weight(cell, total.ravel(), weight)
    kept = amount > 0
    firm, month, amount = firm[kept], month[kept], amount[kept]
    main = np.full(len(firm), MAIN)
    time = at(_days(kind, firm, month, seen, usual_day, random), random.random(len(firm)))
    return Bookings(firm, main, np.full_like(main, place), amount, time, names.of(kind, firm, month))


def _spread(kind: str, seen: Seen) -> Numbers:
    """Standard deviation of the logarithm of amounts: firm × told month."""
    spread = np.full(seen.exists.shape, a.SPREADS.get(kind, a.SPREAD))
    if kind != "sales":
        return spread
    lumpy = (seen.community.firms.role == PAPER_BAD)[:, None]
    irregular: Numbers = np.where(lumpy, a.LUMPY, spread) + a.IRREGULAR * seen.shown
    return irregular


def split_by_weight(cell: Whole, total: Whole, weight: Numbers) -> Whole:
    """The total of each cell split by weights, to the fen; rows of a cell lie together."""
    if not len(cell):
        return np.zeros(0, np.int64)
    begins = np.flatnonzero(np.diff(cell, prepend=-1))
    size = np.diff(begins, append=len(cell))
    ends = begins + size - 1
    reached = np.cumsum(weight)
    base = reached[begins] - weight[begins]
    share = (reached - np.repeat(base, size)) / np.repeat(reached[ends] - base, size)
    wanted = total[cell]
    upto = np.minimum(np.floor(wanted * share).astype(np.int64), wanted)
    upto[ends] = wanted[ends]
    amount = np.diff(upto, prepend=0)
    amount[begins] = upto[begins]
    return amount


def _days(kind: str, firm: Whole, month: Whole, seen: Seen, usual: Numbers, random: np.random.Generator) -> Days:
    calendar, luck = seen.community.calendar, random.random((2, len(firm)))
    place = month + calendar.first
    start = calendar.starts[place]
    if kind in BUSINESS_DAYS:
        sooner = 1 - a.WAITED * seen.of("strain")[firm, month] * (kind in WAITING)
        after = (calendar.pick_days(place, luck[0]) - start).astype(np.int64) * sooner
        busy: Days = start + after.astype(np.int64)
        return busy
    low, high, within, late = a.DAYS[kind]
    after = low + (high - low + 1) * usual[firm] + within * luck[0] + late * seen.shown[firm, month] * luck[1] - 1
    inside: Days = np.minimum(calendar.working_day(start + after.astype(np.int64)), calendar.ends[place])
    return inside
