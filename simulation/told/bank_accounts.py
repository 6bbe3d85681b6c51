"""Several accounts of a firm: what runs over which, transfers between them, and payments that wait for money."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from simulation.assumed import bank as a
from simulation.chance import Flags, Numbers, Whole
from simulation.told.bank_plan import Plan
from simulation.told.bank_rows import KINDS, MAIN, Bookings, at
from simulation.told.bank_seen import Seen
from simulation.told.lines import fen

SLOTS = 3
SECOND, THIRD = 1, 2
SIDE = (SECOND, THIRD)


@dataclass(frozen=True)
class Purses:
    """The accounts of each firm.

    Attributes:
        has: firm × slot.
        told: whether the bank of the account gives its data, firm × slot.
        aside: share of receipts that goes to the second account, by firm.
        left: share of all cash that stays on a side account at most, by firm.
        depth: fen by which the main account may be overdrawn, by firm.
    """

    has: Flags
    told: Flags
    aside: Numbers
    left: Numbers
    depth: Whole


def purses(seen: Seen) -> Purses:
    """Accounts that firms keep all their lives."""
    second = seen.happens("second", a.SECOND)
    has = np.column_stack([np.ones_like(second), second, seen.happens("third", a.THIRD)])
    told = has.copy()
    told[:, SECOND] &= ~seen.happens("untold", a.UNTOLD)
    low, high = a.ASIDE
    sales = seen.community.firms.sales
    depth = fen(a.OVERDRAFT_DEPTH * sales * seen.happens("overdraft", a.OVERDRAFT))
    return Purses(has, told, low + (high - low) * seen.fate("aside"), a.LEFT_ASIDE * seen.fate("left_aside"), depth)


def assigned(rows: Bookings, held: Purses, random: np.random.Generator) -> Bookings:
    """Receipts that go to side accounts: some buyers pay there, payment codes settle there, loans arrive there."""
    kind = rows.kind
    luck = random.random(len(kind))
    second = held.has[rows.firm, SECOND] & (
        ((kind == KINDS.index("sales")) & (luck < held.aside[rows.firm]))
        | ((kind == KINDS.index("qr")) & (held.aside[rows.firm] > a.CODES_ASIDE))
    )
    third = held.has[rows.firm, THIRD] & (kind == KINDS.index("loan_in"))
    return replace(rows, slot=np.where(third, THIRD, np.where(second, SECOND, MAIN)))


@dataclass(frozen=True)
class Swept:
    """What moves between a firm's accounts.

    Attributes:
        opening: fen before the first told month, firm × slot.
        moved: from a side account to the main one, side account × firm × told month.
    """

    opening: Whole
    moved: Whole


def swept(rows: Bookings, plan: Plan, held: Purses, seen: Seen, random: np.random.Generator) -> Swept:
    """Side accounts keep a part of all cash and pass the rest on."""
    shape = seen.exists.shape
    month = _months(rows, seen)
    moved = np.zeros((len(SIDE), *shape), np.int64)
    opening = np.zeros((shape[0], SLOTS), np.int64)
    for place, slot in enumerate(SIDE):
        came = np.zeros(shape, np.int64)
        mine = rows.slot == slot
        np.add.at(came, (rows.firm[mine], month[mine]), rows.amount[mine])
        keeps = held.left * held.has[:, slot] / len(SIDE)
        wanted = np.floor(plan.closing * keeps[:, None] * random.random(shape)).astype(np.int64)
        opening[:, slot] = np.floor(plan.opening * keeps * came.any(axis=1)).astype(np.int64)
        stands = opening[:, slot]
        for step in range(shape[1]):
            stands = stands + came[:, step]
            moved[place, :, step] = np.maximum(stands - wanted[:, step], 0) * seen.exists[:, step]
            stands = stands - moved[place, :, step]
    opening[:, MAIN] = plan.opening - opening[:, SECOND] - opening[:, THIRD]
    return Swept(opening, moved)


def transfers(moves: Swept, seen: Seen, random: np.random.Generator) -> Bookings:
    """Money leaving side accounts."""
    side, firm, month = np.nonzero(moves.moved)
    low, high, within, _ = a.DAYS["internal"]
    luck = random.random((3, len(firm)))
    usual = random.random(moves.moved.shape[:2])[side, firm]
    starts = seen.community.calendar.starts[month + seen.month[0]]
    day = starts + (low + (high - low) * usual + within * luck[0] - 1).astype(np.int64)
    day = np.minimum(seen.community.calendar.working_day(day), seen.community.calendar.ends[month + seen.month[0]])
    kind = np.full(len(firm), KINDS.index("internal_out"))
    name = _own_names(np.full(len(firm), MAIN))
    return Bookings(firm, np.array(SIDE)[side], kind, moves.moved[side, firm, month], at(day, luck[1]), name)


def arriving(side: Bookings) -> Bookings:
    """What left side accounts arrives on the main account."""
    leaving = side.take(np.flatnonzero(side.kind == KINDS.index("internal_out")))
    name = _own_names(leaving.slot)
    kind = np.full(len(leaving.kind), KINDS.index("internal_in"))
    return replace(leaving, slot=np.full_like(leaving.slot, MAIN), kind=kind, name=name)


def _own_names(slot: Whole) -> pl.Series:
    """The firm itself, by the account at the other side."""
    return pl.DataFrame({"slot": slot}).select(pl.format("own-{}", "slot").alias("name")).to_series()


def settled(rows: Bookings, opening: Whole, *, depth: Whole | None = None) -> Bookings:
    """The same bookings, payments that the account cannot bear moved to when money has come.

    Payments are made in the order in which they are wanted, each at once or as soon as what came in covers it and all
    before it. Each month's balance being enough in the end, none leaves its month.

    Args:
        rows: of any accounts, with the times at which they are wanted.
        opening: fen, firm × slot.
        depth: fen by which a firm's accounts may be overdrawn; None = by nothing.
    """
    account = rows.firm * SLOTS + rows.slot
    order = np.argsort(sorting_key(account, rows.time, ~rows.incoming), kind="stable")
    comes = rows.incoming[order]
    came, goes = order[comes], order[~comes]
    # More than ever moves on an account, so that the sums of one stay below those of the next.
    span = int(rows.amount.sum() + np.abs(opening).sum() + 1)
    reached = account[came] * span + running(account[came], rows.amount[came])
    own = opening.ravel()[account[goes]] + (0 if depth is None else depth[rows.firm[goes]])
    needed = np.maximum(running(account[goes], rows.amount[goes]) - own, 0)
    place = np.searchsorted(reached, account[goes] * span + needed)
    free = (needed == 0) | (place >= len(came))
    waits = np.where(free, 0, rows.time[came][np.minimum(place, len(came) - 1)] if len(came) else 0)
    time = rows.time.copy()
    time[goes] = np.maximum(rows.time[goes], waits)
    return replace(rows, time=time)


def running(account: Whole, amount: Whole) -> Whole:
    """Sums up to each row within its account; rows of an account lie together."""
    total = np.cumsum(amount)
    begins = np.flatnonzero(np.diff(account, prepend=-1))
    before = (total - amount)[begins]
    summed: Whole = total - np.repeat(before, np.diff(begins, append=len(account)))
    return summed


def sorting_key(account: Whole, time: Whole, goes: Flags | Whole) -> Whole:
    """Whole numbers that sort bookings by account and time, what came before what went."""
    key: Whole = (account << 34) | (time << 1) | goes
    return key


def _months(rows: Bookings, seen: Seen) -> Whole:
    first = seen.community.calendar.starts[seen.month[0]].astype("M8[M]")
    month: Whole = (rows.time.astype("M8[s]").astype("M8[M]") - first).astype(np.int64)
    return month
