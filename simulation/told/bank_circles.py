"""Money that only passes through: rings, shells, and firms that want to look larger than they are."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from simulation.assumed import bank as a
from simulation.chance import Numbers, Whole
from simulation.firms import RING, SHELL
from simulation.partners import inside_names
from simulation.told.bank_names import FIRST_PERSON, Names
from simulation.told.bank_rows import DAY, KINDS, MAIN, Bookings, at
from simulation.told.bank_seen import Seen
from simulation.told.invoice_values import ring_values, sales_flow
from simulation.told.lines import fen
from simulation.told.network import next_in_ring

SALES, PURCHASE, EXPENSES = (KINDS.index(kind) for kind in ("sales", "purchase", "expenses"))
HOUR = 3_600


@dataclass(frozen=True)
class Sums:
    """What passes through, one value a sum: fen, and the second at which it comes."""

    firm: Whole
    month: Whole
    amount: Whole
    comes: Whole


def passing(names: Names, random: np.random.Generator) -> Bookings:
    """Equal sums in and out within a day or two, always of one month, on the main accounts."""
    return Bookings.joined([_rings(names, random), _shells(names, random), _show(names, random)])


def _rings(names: Names, random: np.random.Generator) -> Bookings:
    """What members of a ring invoice to one another is paid as well: one sum goes round in hours."""
    firms, seen = names.seen.community.firms, names.seen
    members = [np.flatnonzero(firms.ring == ring) for ring in range(int(firms.ring.max(initial=-1)) + 1)]
    value = ring_values(seen.community)[:, seen.month] * seen.exists
    goes_round = np.array([value[some].min(axis=0) for some in members]).reshape(len(members), len(seen.month))
    turns = _turns(goes_round, a.RING_TURNS, seen, random)
    size = np.array([len(some) for some in members], dtype=np.int64)[turns.firm]
    turn = np.repeat(np.arange(len(size)), size)
    step = np.arange(len(turn)) - np.repeat(np.cumsum(size) - size, size)
    firm = np.concatenate([np.zeros(0, np.int64), *(members[ring] for ring in turns.firm)])
    ahead = next_in_ring(firms)
    behind = np.full_like(ahead, -1)
    behind[ahead[ahead >= 0]] = np.flatnonzero(ahead >= 0)
    payer, payee = (inside_names(firms, partner[firm]).alias("name") for partner in (behind, ahead))
    sums = Sums(firm, turns.month[turn], turns.amount[turn], turns.comes[turn] + step * HOUR)
    return _both_ways(seen, sums, rests=np.full(len(firm), HOUR / DAY), sides=(payer, payee), out=PURCHASE)


def _shells(names: Names, random: np.random.Generator) -> Bookings:
    """Who buys papers pays them, and gets the money back through a few persons."""
    seen = names.seen
    is_shell = (seen.community.firms.role == SHELL)[:, None]
    papers = sales_flow(seen.community).value[:, seen.month] * seen.exists * is_shell
    sums = _turns(a.SHELL_PAID * papers, a.SHELL_TURNS, seen, random)
    luck = random.random((2, len(sums.firm)))
    low, high = a.SHELL_RESTS
    person = FIRST_PERSON + (luck[0] ** 2 * a.SHELL_PERSONS).astype(np.int64)
    sides = names.of("sales", sums.firm, sums.month), names.person(sums.firm, person)
    return _both_ways(seen, sums, rests=low + (high - low) * luck[1], sides=sides, out=EXPENSES)


def _show(names: Names, random: np.random.Generator) -> Bookings:
    """Some dishonest firms send money to persons, who pay it in as customers."""
    seen = names.seen
    firms = seen.community.firms
    shows = firms.dishonest & (firms.role != RING) & (firms.role != SHELL) & seen.happens("circles", a.CIRCLERS)
    money = a.CIRCLED * 2 * random.random(seen.exists.shape) * seen.of("sales") * shows[:, None]
    sums = _turns(money, a.CIRCLE_TURNS, seen, random)
    person = FIRST_PERSON + random.integers(0, a.PERSONS, (2, len(sums.firm)))
    sides = names.person(sums.firm, person[0]), names.person(sums.firm, person[1])
    rests = a.CIRCLE_RESTS * random.random(len(sums.firm))
    return _both_ways(seen, sums, rests=rests, sides=sides, out=EXPENSES)


def _turns(money: Numbers, often: tuple[int, int], seen: Seen, random: np.random.Generator) -> Sums:
    """Sums that make up the yuan of each row and month; `firm` is the row."""
    low, high = often
    many = random.integers(low, high, money.shape, endpoint=True) * (money >= a.LEAST_PASSED)
    cell = np.repeat(np.arange(money.size), many.ravel())
    weight = np.exp(a.PASS_SPREAD * random.standard_normal(len(cell)))
    whole = np.bincount(cell, weight, max(money.size, 1))
    row, month = np.divmod(cell, money.shape[1])
    luck = random.random((2, len(cell)))
    comes = at(seen.community.calendar.pick_days(month + seen.month[0], luck[0]), luck[1])
    return Sums(row, month, 1 + fen(money.ravel()[cell] * weight / whole[cell]), comes)


def _both_ways(seen: Seen, sums: Sums, *, rests: Numbers, sides: tuple[pl.Series, pl.Series], out: int) -> Bookings:
    """Sums that come in and go out when they have rested for some days, at the end of the month at the latest.

    `sides` are the names of who pays and of who is paid, `out` is the kind of the outgoing bookings.
    """
    latest = seen.community.calendar.starts[sums.month + seen.month[0] + 1].astype("M8[s]").astype(np.int64) - 1
    comes = np.minimum(sums.comes, latest)
    goes = np.minimum(comes + (rests * DAY).astype(np.int64), latest)
    main = np.full(len(sums.firm), MAIN)
    came = Bookings(sums.firm, main, np.full_like(main, SALES), sums.amount, comes, sides[0])
    return Bookings.joined([came, Bookings(sums.firm, main, np.full_like(main, out), sums.amount, goes, sides[1])])
