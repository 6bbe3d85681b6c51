"""Rows of VAT returns, those that were amended with what they said before."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from simulation.assumed import tax as a
from simulation.chance import Days, Flags, Numbers, Whole
from simulation.told.lines import NOT_YET
from simulation.told.tax_timing import Visits

if TYPE_CHECKING:
    from simulation.community import Community

Lines = dict[str, Whole]
"""Columns of a contract, firm × month or one value a return."""


@dataclass(frozen=True)
class Luck:
    """Uniform numbers: some of each firm and month, some of each firm."""

    month: Numbers
    firm: Numbers


@dataclass(frozen=True)
class Periods:
    """Where the returns of a table belong, one value a return.

    Attributes:
        firm, month: places of the firm and of the month in which the period ends.
        start: first day of the period.
        amended_on: when the return was amended; NaT = never.
    """

    firm: Whole
    month: Whole
    start: Days
    amended_on: Days


def versions(first: Lines, final: Lines, periods: Periods, community: "Community", visits: Visits) -> pl.DataFrame:
    """Rows of returns: `first` as filed first, and where it was amended a further row with the `final` lines."""
    at = periods.firm, periods.month
    amended = np.flatnonzero(~np.isnat(periods.amended_on))
    filed_on, known_on = visits.filed_on[at], visits.known_on[at]
    again, delay = periods.amended_on[amended], (known_on - filed_on)[amended]
    place = np.concatenate([np.arange(len(periods.firm)), amended])
    columns: dict[str, object] = {
        "firm": periods.firm[place],
        "period": periods.month[place],
        "period_start": periods.start[place],
        "period_end": community.calendar.ends[periods.month[place]],
    }
    columns |= {name: np.concatenate([values, final[name][amended]]) for name, values in first.items()}
    columns["filed_on"] = np.concatenate([filed_on, again])
    columns["first_filed_on"] = np.concatenate([np.full(len(filed_on), NOT_YET), filed_on[amended]])
    columns["known_on"] = np.concatenate([known_on, again + delay])
    return pl.DataFrame(columns).sort("firm", "period", "filed_on")


def amends_at(visits: Visits, community: "Community", at: tuple[Whole, Whole], luck: Numbers) -> Flags:
    """Whether a return that was paid in time is amended."""
    chance = a.AMENDED * np.exp(a.AMENDED_CONDUCT * community.firms.conduct[at[0]])
    in_time: Flags = (luck < chance) & (visits.paid_on[at] <= visits.due_on[at[1]])
    return in_time


def whole(values: Numbers | Whole) -> Whole:
    """The nearest whole numbers."""
    nearest: Whole = np.rint(values).astype(np.int64)
    return nearest
