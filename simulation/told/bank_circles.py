"""Money that only passes through: rings, shells, and firms that want to look larger than they are."""

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from simulation.assumed import bank as a
from simulation.chance import Flags, Numbers, Whole
from simulation.firms import RING, SHELL
from simulation.partners import inside_names, outside_names
from simulation.told.bank_names import Names
from simulation.told.bank_rows import DAY, KINDS, Bookings, at
from simulation.told.bank_seen import Seen
from simulation.told.invoice_values import ring_values, sales_flow
from simulation.told.lines import fen
from simulation.told.network import next_in_ring, partners

SALES, PURCHASE, EXPENSES = (KINDS.index(kind) for kind in ("sales", "purchase", "expenses"))
LAST_MINUTE = 86_399


def passing(names: Names, random: np.random.Generator) -> Bookings:
    """Equal sums in and out within a day or two, always of one month."""
    return Bookings.joined([_rings(names, random), _shells(names, random), _show(names, random)])


def _turns(money: Numbers, most: tuple[int, int], random: np.random.Generator) -> tuple[Whole, Whole, Whole]:
    """Sums that make up the money of each row and month: row, month and fen of each."""
    low, high = most
    many = random.integers(low, high, money.shape, endpoint=True) * (money >= a.LEAST_PASSED)
    cell = np.repeat(np.arange(money.size), many.ravel())
    weight = np.exp(a.PASS_SPREAD * random.standard_normal(len(cell)))
    whole = np.bincount(cell, weight, money.size)
    row, month = np.divmod(cell, money.shape[1])
    return row, month, 1 + fen(money.ravel()[cell] * weight / whole[cell])


def _both_ways(
    seen: Seen, firm: Whole, month: Whole, amount: Whole, begins: Whole, rests: Numbers
) -> tuple[Whole, Whole]:
    ...
