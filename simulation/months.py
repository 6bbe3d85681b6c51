"""The months of the invented city: how much business falls on each day and month, Spring Festival included."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simulation.assumed import calendar as a
from simulation.chance import Days, Numbers, Whole

SATURDAY = 5
EPOCH_WEEKDAY = 3
"""1970-01-01, day 0 of numpy, was a Thursday; Monday is 0."""
MONTHS_OF_A_YEAR = 12


@dataclass(frozen=True)
class Calendar:
    """Whole months: those in which the city only comes to itself, then those whose rows are told.

    Attributes:
        starts: first day of every month and of the month after the last.
        first: place of the first month that is told.
        activity: business of a month by its working days; 1 = the median month.
        borders: summed weight of all days before each of `starts`.
        reached: summed weight of all days up to and including each day.
    """

    starts: Days
    first: int
    activity: Numbers
    borders: Numbers
    reached: Numbers

    @property
    def months(self) -> int:
        """All months, those before `first` included."""
        return len(self.activity)

    @property
    def until(self) -> dt.date:
        """The last day; nothing is known later."""
        return self.last_day_of(self.months - 1)

    @cached_property
    def month_of_year(self) -> Whole:
        """1 to 12 of every month."""
        of_year: Whole = self.starts[:-1].astype("M8[M]").astype(np.int64) % MONTHS_OF_A_YEAR + 1
        return of_year

    @cached_property
    def year(self) -> Whole:
        """Calendar year of every month."""
        years: Whole = self.starts[:-1].astype("M8[Y]").astype(np.int64) + 1970
        return years

    @cached_property
    def ends(self) -> Days:
        """Last day of every month."""
        last: Days = self.starts[1:] - 1
        return last

    def last_day_of(self, month: int) -> dt.date:
        day: dt.date = self.ends[month].item()
        return day

    def place_of(self, day: dt.date) -> int:
        """Place of the month that a day lies in; negative before the first."""
        return int((np.datetime64(day, "M") - self.starts[0].astype("M8[M]")).astype(np.int64))

    def pick_days(self, months: Whole, luck: Numbers) -> Days:
        """A day in each of `months`: busy days more often, by `luck` from 0 up to 1."""
        span = self.borders[months + 1] - self.borders[months]
        picked: Days = self.starts[0] + np.searchsorted(self.reached, self.borders[months] + luck * span, side="right")
        # Rounding may carry the largest luck over the border.
        return np.minimum(picked, self.starts[months + 1] - 1)

    def working_day(self, days: Days) -> Days:
        """The same day, or the Monday after a weekend."""
        weekday = (days.astype(np.int64) + EPOCH_WEEKDAY) % 7
        moved: Days = days + np.where(weekday >= SATURDAY, 7 - weekday, 0)
        return moved


def calendar(months: int, until: dt.date) -> Calendar:
    """The calendar of a city whose last `months` months up to `until` are told.

    Raises:
        ValueError: too few months for labels, a day that ends no month, or days outside the known years.
    """
    if months < a.FEWEST_MONTHS:
        raise ValueError(
            f"months: got {months}, expected at least {a.FEWEST_MONTHS}: labels look {a.LABEL_MONTHS} months ahead"
        )
    after = np.datetime64(until, "D") + 1
    if after != after.astype("M8[M]").astype("M8[D]"):
        raise ValueError(f"until: got {until}, expected the last day of a month")
    told = (after.astype("M8[M]") - months).astype("M8[D]")
    if told < np.datetime64(a.FIRST_DAY) or until > a.LAST_DAY:
        raise ValueError(
            f"months, until: got {months} months up to {until}, expected months within {a.FIRST_DAY} to {a.LAST_DAY},"
            " for which VAT rates and Spring Festivals are known here"
        )
    starts = (after.astype("M8[M]") - np.arange(a.BURN_IN + months, -1, -1)).astype("M8[D]")
    weights = _day_weights(np.arange(starts[0], after))
    reached = np.cumsum(weights)
    borders = np.concatenate([[0.0], reached])[(starts - starts[0]).astype(np.int64)]
    business = np.diff(borders)
    return Calendar(starts, a.BURN_IN, business / np.median(business), borders, reached)


def _day_weights(days: Days) -> Numbers:
    weekday = (days.astype(np.int64) + EPOCH_WEEKDAY) % 7
    weights = np.where(weekday >= SATURDAY, a.WEEKEND, 1.0)
    october = days.astype("M8[Y]").astype("M8[M]") + 9
    weights[(days >= october) & (days < october.astype("M8[D]") + 7)] = a.NATIONAL_DAY
    for new_year in np.array(a.LUNAR_NEW_YEARS, dtype="M8[D]"):
        since = (days - new_year).astype(np.int64)
        weights[(since > a.FESTIVAL_UNTIL) & (since <= a.RETURN_UNTIL)] *= a.RETURN
        weights[(since >= a.FESTIVAL_FROM) & (since <= a.FESTIVAL_UNTIL)] = a.FESTIVAL
    return weights
