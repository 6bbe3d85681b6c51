"""The working calendar: how much of a month's business falls on each day, Spring Festival included."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation import assumptions as a

Days = NDArray[np.datetime64]
Integers = NDArray[np.integer[Any]]
Numbers = NDArray[np.floating[Any]]

SATURDAY = 5
EPOCH_WEEKDAY = 3
"""1970-01-01, day 0 of numpy, was a Thursday; Monday is 0."""


@dataclass(frozen=True)
class Calendar:
    """Whole months, the last of them ending with the last simulated day.

    Attributes:
        starts: first day of every month and of the month after the last.
        activity: business of a month by its working days; 1 = the median month.
        borders: summed weight of all days before each of `starts`.
        reached: summed weight of all days up to and including each day.
    """

    starts: Days
    activity: Numbers
    borders: Numbers
    reached: Numbers

    @property
    def months(self) -> int:
        return len(self.activity)

    @property
    def month_of_year(self) -> Integers:
        """1 to 12 of every month."""
        of_year: Integers = self.starts[:-1].astype("M8[M]").astype(int) % 12 + 1
        return of_year

    @property
    def label_month(self) -> int:
        """The month on whose last day firms are judged; the label window is the months after it."""
        return self.months - 1 - a.LABEL_MONTHS

    def last_day_of(self, month: int) -> dt.date:
        day: dt.date = (self.starts[month + 1] - 1).item()
        return day

    def pick_days(self, months: Integers, luck: Numbers) -> Days:
        """A day in each of `months`: busy days more often, by `luck` from 0 up to 1."""
        span = self.borders[months + 1] - self.borders[months]
        picked: Days = self.starts[0] + np.searchsorted(self.reached, self.borders[months] + luck * span, side="right")
        # Rounding may carry the largest luck over the border.
        return np.minimum(picked, self.starts[months + 1] - 1)


def calendar(months: int, until: dt.date) -> Calendar:
    """The calendar of `months` months up to `until`.

    Raises:
        ValueError: too few months for labels, a day that ends no month, or days outside the known years.
    """
    fewest = a.LABEL_MONTHS + 2
    if months < fewest:
        raise ValueError(f"months: got {months}, expected at least {fewest}: labels look {a.LABEL_MONTHS} months ahead")
    after = np.datetime64(until, "D") + 1
    if after != after.astype("M8[M]").astype("M8[D]"):
        raise ValueError(f"until: got {until}, expected the last day of a month")
    starts = (after.astype("M8[M]") - np.arange(months, -1, -1)).astype("M8[D]")
    if starts[0] < np.datetime64(a.FIRST_DAY) or until > a.LAST_DAY:
        known = f"{a.FIRST_DAY} to {a.LAST_DAY}"
        raise ValueError(
            f"months, until: got {months} months up to {until}, expected months within {known},"
            " for which VAT rates and Spring Festivals are known here"
        )
    weights = _day_weights(np.arange(starts[0], after))
    reached = np.cumsum(weights)
    borders = np.concatenate([[0.0], reached])[(starts - starts[0]).astype(int)]
    business = np.diff(borders)
    return Calendar(starts, business / np.median(business), borders, reached)


def _day_weights(days: Days) -> Numbers:
    weekday = (days.astype(int) + EPOCH_WEEKDAY) % 7
    weights = np.where(weekday >= SATURDAY, a.WEEKEND, 1.0)
    october = days.astype("M8[Y]").astype("M8[M]") + 9
    weights[(days >= october) & (days < october.astype("M8[D]") + 7)] = a.NATIONAL_DAY
    for new_year in np.array(a.LUNAR_NEW_YEARS, dtype="M8[D]"):
        since = (days - new_year).astype(int)
        weights[(since > a.FESTIVAL_UNTIL) & (since <= a.RETURN_UNTIL)] *= a.RETURN
        weights[(since >= a.FESTIVAL_FROM) & (since <= a.FESTIVAL_UNTIL)] = a.FESTIVAL
    return weights
