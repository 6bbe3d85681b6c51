"""Days that move features without any enterprise changing: moved deadlines, new years, rules that began."""

import datetime as dt
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from pydantic import Field

from decisions.dated import Mark
from decisions.files import Frozen, Whole, read
from decisions.text import Text, Words

CALENDAR_FILE = Path(__file__).parents[1] / "policy" / "calendar.toml"

FELT_AFTER_DEADLINE = dt.timedelta(days=31)
"""So long after a moved deadline returns and payments of the month may still be out of step."""

DAYS_OF_A_MONTH = 30.44


class Deadline(Frozen):
    """Last day for the returns of a month, where it is not the usual one."""

    due: dt.date
    mark: Mark
    source: Words


class Festival(Frozen):
    """First days of lunar years, and how long each is felt."""

    days: tuple[dt.date, ...]
    felt_days: Whole
    mark: Mark
    source: Words


class Rule(Frozen):
    """A rule that moves features of enterprises that did not change.

    Attributes:
        months: how long it is felt: the widest window of its features.
        features: names; one may end in `*`.
    """

    from_day: dt.date = Field(alias="from")
    months: Whole
    features: tuple[Words, ...] = Field(min_length=1)
    mark: Mark
    source: Words
    zh: Words
    en: Words

    def moves(self, name: str) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in self.features)

    def is_felt(self, first: dt.date, last: dt.date) -> bool:
        """Whether a window of days lies in the time in which it is felt."""
        return self.from_day <= last and first <= self.from_day + dt.timedelta(days=self.months * DAYS_OF_A_MONTH)


class TaxCalendar(Frozen):
    """Everything that is known of days."""

    usual_deadline: Whole
    deadline: tuple[Deadline, ...] = ()
    festival: Festival
    rule: tuple[Rule, ...] = ()

    def why_late(self, first: dt.date, last: dt.date) -> Text | None:
        """What moved the returns of a window of days: a deadline that lies in it or shortly before, or a new year."""
        for one in self.deadline:
            usual = one.due.replace(day=self.usual_deadline)
            if usual <= last and first <= one.due + FELT_AFTER_DEADLINE:
                return Text(zh=f"申报期限顺延至{one.due}", en=f"the deadline was moved to {one.due}")
        for day in self.festival.days:
            if day <= last and first <= day + dt.timedelta(days=self.festival.felt_days):
                return Text(zh=f"春节（{day}）前后", en=f"around the Spring Festival of {day}")
        return None

    def rules_felt(self, first: dt.date, last: dt.date) -> tuple[Rule, ...]:
        """The rules whose time it is, the newest first."""
        felt = (one for one in self.rule if one.is_felt(first, last))
        return tuple(sorted(felt, key=lambda one: one.from_day, reverse=True))


@cache
def tax_calendar(path: Path = CALENDAR_FILE) -> TaxCalendar:
    """The calendar of a file, the packaged one unless another is named.

    Raises:
        FileMistakesError: with a line for every mistake in the file.
    """
    return read(path, TaxCalendar)
