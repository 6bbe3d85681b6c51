"""Small helpers that several tables share."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulation.chance import Days, Flags, Numbers, Whole
from simulation.firms import PAPER_GOOD
from simulation.months import MONTHS_OF_A_YEAR, Calendar

if TYPE_CHECKING:
    from simulation.community import Community

NOT_YET = np.datetime64("NaT", "D")
SURE_DAYS = 28
"""Days that every month has."""
PAPER_GOOD_SHOWS = 0.35
"""Part of what they would show that firms with papers cleaner than they are do show; assumed."""


def fen(yuan: Numbers) -> Whole:
    """Whole fen of amounts in yuan."""
    whole: Whole = np.rint(100 * yuan).astype(np.int64)
    return whole


def first_day(calendar: Calendar, month: Whole) -> Days:
    """First day of months counted as in the calendar, those outside it included."""
    day: Days = (calendar.starts[0].astype("M8[M]") + month).astype("M8[D]")
    return day


def month_of(calendar: Calendar, day: Days) -> Whole:
    """The month that days lie in, counted as in the calendar, those outside it included."""
    month: Whole = (day.astype("M8[M]") - calendar.starts[0].astype("M8[M]")).astype(np.int64)
    return month


def between(bounds: tuple[float, float], luck: Numbers) -> Numbers:
    """Values from a least to a most, by `luck` from 0 up to 1."""
    low, high = bounds
    value: Numbers = low + (high - low) * luck
    return value


def later(day: Days, bounds: tuple[int, int], luck: Numbers) -> Days:
    """Days that follow by a least to a most, that one left out, by `luck` from 0 up to 1."""
    low, high = bounds
    after: Days = day + (low + (high - low) * luck).astype(np.int64)
    return after


def longest_prefix(divisions: NDArray[np.str_], prefixes: Iterable[str]) -> Whole:
    """Place of the longest of some prefixes that each division begins with; -1 = none."""
    names = list(prefixes)
    place = np.full(len(divisions), -1)
    for prefix in sorted(names, key=len):
        place[np.char.startswith(divisions, prefix)] = names.index(prefix)
    return place


def told_months(community: "Community", mask: Flags) -> tuple[Whole, Whole]:
    """Firm and month of the told months that a firm × month mask holds, by firm."""
    first = community.calendar.first
    firm, month = np.nonzero(mask[:, first:])
    return firm, month + first


def drawn_days(yearly: Numbers, calendar: Calendar, luck: Numbers, *, before: int = 0) -> tuple[Whole, Days]:
    """Firms and days of what happens at yearly rates, at most once a month, by month and firm of the table of rates.

    Args:
        yearly: firm × month.
        calendar: counts the months.
        luck: uniform, firm × month.
        before: months of `yearly` before the first of the calendar.
    """
    chance = yearly / MONTHS_OF_A_YEAR
    firm, place = np.nonzero(luck < chance)
    of_month = (SURE_DAYS * luck[firm, place] / chance[firm, place]).astype(np.int64)
    return firm, first_day(calendar, place - before) + of_month


def shown_strain(community: "Community") -> Numbers:
    """Strain that papers and payments show, 0 to 1: firm × month."""
    firms = community.firms
    shows = firms.openness * np.where(firms.role == PAPER_GOOD, PAPER_GOOD_SHOWS, 1.0)
    shown: Numbers = community.lives.strain * shows[:, None]
    return shown


def lately(values: Numbers, months: int) -> Numbers:
    """Mean of the last `months` months, this one included, of as many as there are: firm × month."""
    reached = np.cumsum(values, axis=1)
    before = np.pad(reached, ((0, 0), (months, 0)))[:, : values.shape[1]]
    many = np.minimum(np.arange(values.shape[1]) + 1, months)
    mean: Numbers = (reached - before) / many
    return mean
