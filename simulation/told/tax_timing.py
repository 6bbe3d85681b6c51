"""When firms file and pay their taxes, and when they file no more."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulation.assumed import tax as a
from simulation.chance import Days, Flags, Numbers, Whole
from simulation.firms import NEVER, SHELL
from simulation.months import MONTHS_OF_A_YEAR, Calendar
from simulation.told.lines import NOT_YET, first_day, later, shown_strain

if TYPE_CHECKING:
    from simulation.community import Community

PAID_WITHIN = 25
"""Days of the first month without open bills in which what was owed is paid."""


@dataclass(frozen=True)
class Visits:
    """What a firm does about the taxes of a period: firm × period, a period is known by the month or year it ends in.

    Attributes:
        files: a return is filed, be it late.
        told: the same, where the deadline lies in the told months or after.
        due_on: one a period.
        filed_on: in time or not.
        paid_on: of what is due, if anything is; NaT = never.
        known_on: of the return.
    """

    files: Flags
    told: Flags
    due_on: Days
    filed_on: Days
    paid_on: Days
    known_on: Days


@dataclass(frozen=True)
class _Days:
    """When returns are filed and what they bring is paid: firm × deadline."""

    filed_on: Days
    paid_on: Days


@dataclass(frozen=True)
class _Mood:
    """How a firm is disposed in the month of a deadline: firm × deadline."""

    strain: Numbers
    in_default: Flags
    has_open_bills: Flags
    cleared: Whole


def monthly_visits(community: "Community") -> Visits:
    """Visits for what ends in each month of the calendar; one visit serves all taxes of that month or quarter."""
    calendar, firms = community.calendar, community.firms
    month = np.arange(calendar.months)
    luck = community.random("tax", "visits").random((6, len(firms), calendar.months))
    due_on = _deadlines(calendar)
    visits = _visits(community, due_on, month + 1, luck)
    begins = np.maximum(firms.born - 1, 0)[:, None]
    files = (month >= begins) & (month < silent_from(community)[:, None])
    # The bureau takes the return of a month only when those before it are in.
    filed_on = np.maximum.accumulate(visits.filed_on, axis=1)
    known_on = later(filed_on, a.KNOWN_DAYS, luck[5])
    told = files & (month + 1 >= calendar.first)
    return Visits(files, told, due_on, filed_on, np.maximum(visits.paid_on, filed_on), known_on)


def yearly_visits(community: "Community", decembers: Whole) -> Visits:
    """Visits for whole years that end in the months `decembers`, by the end of the May after."""
    calendar, firms = community.calendar, community.firms
    luck = community.random("tax", "years").random((6, len(firms), len(decembers)))
    may = decembers + a.SETTLED_BY
    due_on = first_day(calendar, may + 1) - 1
    visits = _visits(community, due_on, may, luck)
    in_time = due_on - (luck[5] ** 1.5 * (a.SETTLED_DAYS - 1)).astype(np.int64)
    filed_on = np.where(visits.filed_on > due_on, visits.filed_on, in_time)
    files = (decembers + 2 >= firms.born[:, None]) & (may < silent_from(community)[:, None])
    known_on = later(filed_on, a.KNOWN_DAYS, luck[4])
    return Visits(
        files, files & (may >= calendar.first), due_on, filed_on, np.maximum(visits.paid_on, filed_on), known_on
    )


def silent_from(community: "Community") -> Whole:
    """The first month whose taxes a firm does not declare any more; NEVER = none."""
    lives, firms = community.lives, community.firms
    random = community.random("tax", "silence")
    luck, lingers = random.random(len(firms)), random.geometric(a.SILENT_AFTER_DEFAULT, len(firms))
    stopped = np.minimum(lives.closed, NEVER)
    after_default = np.where(lives.default < NEVER, lives.default + 1 + lingers, NEVER)
    after_closing = stopped + (luck * (a.SILENT_AFTER_CLOSING + 1)).astype(np.int64)
    absconds = stopped - (luck * (a.SHELL_ABSCONDS + 1)).astype(np.int64)
    unclean = np.where(firms.role == SHELL, absconds, after_closing)
    orderly = lives.cancelled < NEVER
    silent: Whole = np.minimum(
        np.where(stopped == NEVER, NEVER, np.where(orderly, lives.cancelled - 1, unclean)), after_default
    )
    return np.where(firms.stopped < community.calendar.first, np.minimum(silent, firms.stopped), silent)


def _visits(community: "Community", due_on: Days, month: Whole, luck: Numbers) -> _Days:
    """Days for deadlines that lie in the months `month`; whether a firm files at all is not asked."""
    mood, conduct = _mood(community, month), community.firms.conduct[:, None]
    chance = a.LATE * np.exp(a.LATE_CONDUCT * conduct) + a.LATE_STRAIN * mood.strain**a.LATE_POWER
    mean = a.LATE_DAYS * (1 + a.LATE_DAYS_STRAIN * mood.strain)
    late = 1 + np.minimum(-np.log1p(-luck[1]) * mean, a.LATE_MOST).astype(np.int64)
    habit = community.random("tax", "habit").random((len(conduct), 1))
    early = (luck[1] * (a.EARLY[0] + (a.EARLY[1] - a.EARLY[0]) * habit + 1)).astype(np.int64)
    filed_on = due_on + np.where(luck[0] < chance, late, -early)
    forgotten = -np.log1p(-luck[3]) * a.FORGOTTEN_DAYS * (1 + a.LATE_DAYS_STRAIN * mood.strain)
    mistaken = np.maximum(filed_on, due_on) + 1 + forgotten.astype(np.int64)
    freed = first_day(community.calendar, mood.cleared) + (PAID_WITHIN * luck[3]).astype(np.int64)
    owed = np.where(mood.cleared >= NEVER, NOT_YET, np.where(mood.cleared > month, freed, mistaken))
    in_time = filed_on + (luck[3] ** 2 * np.maximum((due_on - filed_on).astype(np.int64), 0)).astype(np.int64)
    paid_on = np.where(luck[2] < _chance_of_no_payment(mood, conduct), owed, in_time)
    return _Days(filed_on, paid_on)


def _chance_of_no_payment(mood: _Mood, conduct: Numbers) -> Numbers:
    mistake = a.FORGOTTEN * np.exp(a.LATE_CONDUCT * conduct) + a.UNPAID_EASE * mood.strain**a.LATE_POWER
    chance = np.where(mood.has_open_bills, a.UNPAID_STRAIN * mood.strain, mistake)
    unpaid: Numbers = np.where(mood.in_default, a.UNPAID_DEFAULT, chance)
    return unpaid


def _mood(community: "Community", month: Whole) -> _Mood:
    lives = community.lives
    inside = np.clip(month, 0, community.calendar.months - 1)
    clear = np.where(lives.overdue == 0, np.arange(community.calendar.months), NEVER)
    cleared = np.minimum.accumulate(clear[:, ::-1], axis=1)[:, ::-1][:, inside]
    in_default = inside > lives.default[:, None]
    return _Mood(
        strain=shown_strain(community)[:, inside],
        in_default=in_default,
        has_open_bills=lives.overdue[:, inside] > 0,
        cleared=np.where(in_default, NEVER, np.maximum(cleared, np.where(cleared < NEVER, month, 0))),
    )


def _deadlines(calendar: Calendar) -> Days:
    """Deadline of what ends in each month: the 15th of the next, later where holidays fall before it."""
    next_month = calendar.month_of_year % MONTHS_OF_A_YEAR + 1
    extended = np.array([a.EXTENDED.get(month, 0) for month in range(MONTHS_OF_A_YEAR + 1)])[next_month]
    return calendar.working_day(calendar.starts[1:] + a.DUE_DAY - 1 + extended)
