"""Firms and lots of rows whose every number is a hash of what it belongs to, so that chunking cannot matter."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

Days: TypeAlias = NDArray[np.datetime64]
Whole: TypeAlias = NDArray[np.int64]
Numbers: TypeAlias = NDArray[np.floating[Any]]
Flags: TypeAlias = NDArray[np.bool_]
Keys: TypeAlias = NDArray[np.uint64]
Columns: TypeAlias = Mapping[str, Any]
"""Columns of a contract by name: arrays, series or one value for all rows; what may be null may be left out."""

NEVER = np.datetime64("NaT", "D")
SEASONS = np.array([0.95, 0.6, 1.0, 1.0, 1.05, 1.1, 1.0, 1.0, 1.05, 1.0, 1.1, 1.2])
MEDIAN_SALES_FEN = 30_000_000.0
"""Sales of the median firm in a month."""

GENERAL_FROM_FEN = 4e7
"""Sales of a month from which a firm is a general taxpayer."""

FIRST_SHIFT, FIRST_FACTOR = np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)
SECOND_SHIFT, SECOND_FACTOR = np.uint64(27), np.uint64(0x94D049BB133111EB)
LAST_SHIFT, FRACTION_SHIFT = np.uint64(31), np.uint64(11)
FRACTION = 2.0**-53


def luck(seed: int, what: str, *parts: Whole) -> Numbers:
    """Uniform numbers from 0 up to 1, one for each combination of seed, name and whole numbers.

    The mixing function is the finaliser of SplitMix64 (Steele, Lea, Flood 2014).
    """
    named = hashlib.blake2b(f"{seed}/{what}".encode(), digest_size=8).digest()
    key: Keys = np.full(len(parts[0]), int.from_bytes(named, "little"), dtype=np.uint64)
    for part in parts:
        key = _mixed(key + part.astype(np.uint64) * FIRST_FACTOR)
    fraction: Numbers = (key >> FRACTION_SHIFT).astype(np.float64) * FRACTION
    return fraction


def _mixed(key: Keys) -> Keys:
    key = (key ^ (key >> FIRST_SHIFT)) * FIRST_FACTOR
    key = (key ^ (key >> SECOND_SHIFT)) * SECOND_FACTOR
    mixed: Keys = key ^ (key >> LAST_SHIFT)
    return mixed


def whole(values: Numbers | Whole) -> Whole:
    """Rounded down."""
    rounded: Whole = np.floor(values).astype(np.int64)
    return rounded


def only_if(condition: Flags, days: Days) -> Days:
    """Days where a condition holds, elsewhere none."""
    kept: Days = np.where(condition, days, NEVER)
    return kept


def first_day(months: Days) -> Days:
    day: Days = months.astype("M8[D]")
    return day


def last_day(months: Days) -> Days:
    day: Days = (months + 1).astype("M8[D]") - 1
    return day


def skewed(uniform: Numbers, spread: float) -> Numbers:
    """Positive numbers around 1 from uniform ones: log-logistic, clipped so that none is absurd."""
    odds = np.clip(uniform, 0.002, 0.998)
    around_one: Numbers = np.exp(spread * np.log(odds / (1 - odds)))
    return around_one


@dataclass(frozen=True)
class Firms:
    """What the rows of each firm have in common, by place in `numbers`."""

    numbers: Whole
    seed: int
    until: dt.date

    def luck(self, what: str) -> Numbers:
        return luck(self.seed, f"firm {what}", self.numbers)

    @cached_property
    def sales(self) -> Numbers:
        """Of a month just before `until`, in fen."""
        return MEDIAN_SALES_FEN * skewed(self.luck("size"), 0.6)

    @cached_property
    def growth(self) -> Numbers:
        """Of sales in a year, as a logarithm."""
        drift: Numbers = 0.9 * self.luck("growth") - 0.4
        return drift

    @cached_property
    def trouble(self) -> Numbers:
        """From 0 for most firms to 1 for few."""
        much: Numbers = self.luck("trouble") ** 4
        return much

    @cached_property
    def activity(self) -> Numbers:
        """Rows of the flows, relative to the mean."""
        relative: Numbers = 0.4 + 1.2 * self.luck("activity")
        return relative

    @cached_property
    def small_scale(self) -> Flags:
        small: Flags = self.sales < GENERAL_FROM_FEN
        return small

    @cached_property
    def headcount(self) -> Numbers:
        people: Numbers = 2 + self.sales / 4e6
        return people

    @cached_property
    def established_on(self) -> Days:
        """At least 90 days and at most 20 years before `until`."""
        day: Days = np.datetime64(self.until, "D") - 90 - whole(7_200 * self.luck("age") ** 1.5)
        return day

    @cached_property
    def last_complete_month(self) -> np.datetime64:
        return np.datetime64(self.until, "M") - 1


@dataclass(frozen=True)
class Lot:
    """The rows of one table that are to be drawn.

    Attributes:
        firm: place of each row's firm in `firms.numbers`; rows of a firm lie together.
        number: number of the row within its firm, from 0.
        count: rows that its firm has.
    """

    firms: Firms
    table: str
    firm: Whole
    number: Whole
    count: Whole

    def luck(self, what: str) -> Numbers:
        """Uniform numbers, one a row."""
        return luck(self.firms.seed, f"{self.table} {what}", self.firms.numbers[self.firm], self.number)

    def luck_of(self, what: str, thing: Whole) -> Numbers:
        """Uniform numbers that all rows of a firm about the same thing share, across tables."""
        return luck(self.firms.seed, what, self.firms.numbers[self.firm], thing)

    def of_firm(self, values: Numbers) -> Numbers:
        own: Numbers = values[self.firm]
        return own

    def happens(self, what: str, share: float) -> Flags:
        """True for about this share of the rows."""
        flags: Flags = self.luck(what) < share
        return flags

    def happens_to(self, what: str, thing: Whole, *, share: float) -> Flags:
        """True for about this share of the things that rows are about."""
        flags: Flags = self.luck_of(what, thing) < share
        return flags

    def chance(self, what: str, usual: float, *, in_trouble: float) -> Flags:
        """True with a probability between that of a usual firm and that of one in deepest trouble."""
        limit = usual + (in_trouble - usual) * self.of_firm(self.firms.trouble)
        happens: Flags = self.luck(what) < limit
        return happens

    def pick(self, what: str, shares: Mapping[str, float]) -> pl.Series:
        """One of some codes a row, by their shares."""
        return picked(self.luck(what), shares)

    def back(self, days: Whole) -> Days:
        """Days before `until`."""
        day: Days = np.datetime64(self.firms.until, "D") - days
        return day

    def reach(self, most: int) -> Whole:
        """Days before `until` that a flow goes back to: `most`, or the age of a younger firm."""
        age = (np.datetime64(self.firms.until, "D") - self.firms.established_on).astype(np.int64)
        days: Whole = np.minimum(age, most)[self.firm]
        return days

    def spread_out(self, reach: Whole) -> Days:
        """Days within `reach` days before `until`, in the order of the rows."""
        share = (self.number + self.luck("day")) / self.count
        return self.back(reach - 1 - whole(share * reach))

    def distinct_days(self, stride: int) -> Days:
        """Days going back from `until`, no two of a firm alike."""
        return self.back(self.number * stride + whole(self.luck("day") * stride))

    def months_back(self, steps: Whole) -> Days:
        """Months before the last complete one, which is 0."""
        month: Days = self.firms.last_complete_month - steps
        return month

    def quarters_back(self, steps: Whole) -> Days:
        """The last month of complete quarters; the last one is 0."""
        months = int(self.firms.last_complete_month.astype(np.int64)) + 1
        last = np.datetime64(months // 3 * 3 - 1, "M")
        month: Days = last - 3 * steps
        return month

    def sales_in(self, months: Days) -> Numbers:
        """Sales of the row's firm in a month, in fen: the same in every table."""
        number = months.astype("M8[M]").astype(np.int64)
        years_ago = (int(self.firms.last_complete_month.astype(np.int64)) - number) / 12
        trend = np.exp(-self.of_firm(self.firms.growth) * years_ago)
        noise = skewed(self.luck_of("sales", number), 0.12)
        sales: Numbers = self.of_firm(self.firms.sales) * trend * SEASONS[number % 12] * noise
        return sales

    def people_in(self, months: Days) -> Whole:
        number = months.astype(np.int64)
        years_ago = (int(self.firms.last_complete_month.astype(np.int64)) - number) / 12
        trend = np.exp(-0.5 * self.of_firm(self.firms.growth) * years_ago)
        return whole(self.of_firm(self.firms.headcount) * trend + self.luck_of("people", number))

    def paid(self, due_on: Days, *, before: int = 5) -> Days:
        """The day on which something due was paid: mostly a little before, sometimes late, at times not yet."""
        late = self.chance("late", 0.03, in_trouble=0.5)
        days = np.where(late, whole(1 + 90 * self.luck("lateness") ** 2), -whole(self.luck("early") * before))
        return only_if(~self.chance("unpaid", 0.002, in_trouble=0.15), due_on + days)


def picked(uniform: Numbers, shares: Mapping[str, float]) -> pl.Series:
    """The codes that uniform numbers fall on."""
    reached = np.cumsum(list(shares.values()))
    place = np.searchsorted(reached[:-1] / reached[-1], uniform, side="right")
    return pl.Series(list(shares), dtype=pl.Enum(list(shares))).gather(pl.Series(place.astype(np.uint32)))


def named(prefix: str, *numbers: Whole) -> pl.Series:
    """Names made of a prefix and whole numbers, such as `loan-3` or `buyer-17-4`."""
    frame = pl.DataFrame({str(place): values for place, values in enumerate(numbers)})
    return frame.select(pl.concat_str(pl.lit(prefix), *frame.columns, separator="-").alias(prefix)).to_series()
