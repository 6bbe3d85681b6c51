"""The money of a month split into bookings: what for, on which day, with whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl

from simulation.assumed import bank as a
from simulation.chance import Days, Numbers, Whole
from simulation.firms import PAPER_BAD
from simulation.told.bank_names import Names
from simulation.told.bank_plan import INCOMING, Plan
from simulation.told.bank_seen import Given, Seen

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


@dataclass(frozen=True)
class Bookings:
    """Bookings in any order, one value a booking.

    Attributes:
        slot: account of the firm, 0 = the main one.
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
        columns = [np.concatenate([getattr(part, name) for part in parts]) for name in ARRAYS]
        return cls(*columns, pl.concat([part.name for part in parts]))

    @property
    def incoming(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        return COMES_IN[self.kind]


ARRAYS = ("firm", "slot", "kind", "amount", "time")


def at(day: Days, luck: Numbers) -> Whole:
    """Some second in the office hours of a day."""
    second: Whole = day.astype("M8[D]").astype(np.int64) * DAY + OPENS + (HOURS * luck).astype(np.int64)
    return second


def bookings(plan: Plan, given: dict[str, Given], seen: Seen, random: np.random.Generator) -> Bookings:
    """All bookings of the main accounts but those between a firm's own accounts."""
    names = Names(seen, random)
    parts = [_given(KINDS.index(kind), payments, random) for kind, payments in given.items()]
    days = random.random((len(KINDS), len(seen.community.firms)))
    for place, kind in enumerate(KINDS):
        if kind in plan.totals and kind not in given:
            parts.append(_split(place, plan, names, days[place], random))
    return Bookings.joined(parts)


def _given(kind: int, payments: Given, random: np.random.Generator) -> Bookings:
    many = len(payments.firm)
    time = at(payments.day, random.random(many))
    zero = np.zeros(many, np.int64)
    return Bookings(payments.firm, zero, zero + kind, payments.amount, time, payments.name.cast(pl.String))


def _split(place: int, plan: Plan, names: Names, usual_day: Numbers, random: np.random.Generator) -> Bookings:
    kind, seen = KINDS[place], names.seen
    count, total = plan.counts[kind], plan.totals[kind]
    cell = np.repeat(np.arange(count.size), count.ravel())
    firm, month = np.divmod(cell, count.shape[1])
    amount = _amounts(cell, total.ravel(), _spread(kind, seen)[firm, month], random)
    kept = amount > 0
    firm, month, amount = firm[kept], month[kept], amount[kept]
    zero = np.zeros(len(firm), np.int64)
    time = at(_days(kind, firm, month, seen, usual_day, random), random.random(len(firm)))
    return Bookings(firm, zero, zero + place, amount, time, names.of(kind, firm, month))


def _spread(kind: str, seen: Seen) -> Numbers:
    """Standard deviation of the logarithm of amounts: firm × told month."""
    spread = np.full(seen.exists.shape, a.SPREADS.get(kind, a.SPREAD))
    if kind != "sales":
        return spread
    lumpy = (seen.community.firms.role == PAPER_BAD)[:, None]
    return np.where(lumpy, a.LUMPY, spread) + a.IRREGULAR * seen.shown


def _amounts(cell: Whole, total: Whole, spread: Numbers, random: np.random.Generator) -> Whole:
    """The total of each cell split by chance, to the fen; rows of a cell lie together."""
    if not len(cell):
        return np.zeros(0, np.int64)
    begins = np.flatnonzero(np.diff(cell, prepend=-1))
    size = np.diff(begins, append=len(cell))
    weight = np.exp(spread * random.standard_normal(len(cell)))
    reached = np.cumsum(weight)
    base = reached[begins] - weight[begins]
    whole = reached[begins + size - 1] - base
    wanted = total[cell]
    upto = np.floor(wanted * ((reached - np.repeat(base, size)) / np.repeat(whole, size))).astype(np.int64)
    upto[begins + size - 1] = wanted[begins]
    amount = np.diff(upto, prepend=0)
    amount[begins] = upto[begins]
    return amount


def _days(kind: str, firm: Whole, month: Whole, seen: Seen, usual: Numbers, random: np.random.Generator) -> Days:
    calendar, luck = seen.community.calendar, random.random((2, len(firm)))
    place = month + calendar.first
    if kind in BUSINESS_DAYS:
        return calendar.pick_days(place, luck[0])
    low, high, within, late = a.DAYS[kind]
    after = low + (high - low + 1) * usual[firm] + within * luck[0] + late * seen.shown[firm, month] * luck[1] - 1
    day = calendar.working_day(calendar.starts[place] + after.astype(np.int64))
    return np.minimum(day, calendar.ends[place])
