"""Tax credit grades: as in force in the hidden lives, published every April, some mended later."""

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy.special import ndtr

from simulation.assumed import tax as a
from simulation.chance import Days, Numbers, Whole
from simulation.firms import NEVER
from simulation.months import Calendar
from simulation.told.lines import NOT_YET, first_day, later, month_of
from simulation.told.tax_timing import silent_from
from sources.contracts.tax import GRADES

if TYPE_CHECKING:
    from simulation.community import Community

APRIL = 4
YEAR = 12
A, B, M, C, D = range(len(GRADES))
MENDED_TO = np.array([A, B, M, B, C])
NO_GRADE = -1
"""Grade of who is not graded."""


def ratings(community: "Community") -> pl.DataFrame:
    """Rows of `tax_ratings`, the years before the told months included."""
    calendar, firms = community.calendar, community.firms
    april = _aprils(calendar)
    evaluated = first_day(calendar, april).astype("M8[Y]").astype(np.int64) + 1969
    stream = community.random("tax", "grades")
    luck = stream.random((6, len(firms), len(april)))
    normal = stream.standard_normal((len(firms), len(april)))
    grade = _grades(community, april, evaluated, luck)
    firm, place = np.nonzero(grade != NO_GRADE)
    luck, grade, month = luck[:, firm, place], grade[firm, place], april[place]
    published_on = _published(calendar, april, community)[place]
    grade, repaired_on, mended = _repairs(community, (firm, month), grade, published_on, luck)
    skill = a.POINTS_CONDUCT * firms.conduct[firm] + np.sqrt(1 - a.POINTS_CONDUCT**2) * normal[firm, place]
    lowest, highest = np.array([a.POINTS[name] for name in GRADES]).T[:, grade]
    names = pl.Series([*GRADES, None], dtype=pl.Enum(list(GRADES)))
    return pl.DataFrame(
        {
            "firm": firm,
            "year": evaluated[place],
            "grade": names.gather(grade),
            "points": (lowest + (highest - lowest + 1) * ndtr(skill) * 0.999).astype(np.int64),
            "published_on": published_on,
            "repaired_on": repaired_on,
            "grade_after_repair": names.gather(mended),
            "known_on": later(published_on, (0, a.GRADE_KNOWN), luck[5]),
        }
    )


def _aprils(calendar: Calendar) -> Whole:
    """Aprils from some years before the first told month, which may lie before the calendar."""
    first = int(np.flatnonzero(calendar.month_of_year == APRIL)[0])
    oldest = first + YEAR * int(np.floor((calendar.first - first) / YEAR) - a.GRADES_BEFORE)
    aprils: Whole = np.arange(oldest, calendar.months, YEAR)
    return aprils


def _grades(community: "Community", april: Whole, evaluated: Whole, luck: Numbers) -> Whole:
    """Grades in force: firm × April. Who files no more is graded D once and then forgotten."""
    firms, calendar = community.firms, community.calendar
    grade = community.lives.grade[:, np.maximum(april, 0)]
    age = april - firms.born[:, None]
    january = april - (APRIL - 1)
    grade = np.where((age < YEAR + APRIL) & (grade != D), M, grade)
    silent = silent_from(community)[:, None]
    last = (silent < april) & (silent >= april - YEAR) & (community.lives.cancelled == NEVER)[:, None]
    grade = np.where(last & (luck[0] < a.SILENT_RATED_D), D, grade)
    household = (firms.legal_form == "individual_household") & (luck[1, :, 0] >= a.HOUSEHOLDS_RATED)
    unrated = (firms.born[:, None] > january - a.OLD_ENOUGH) | household[:, None]
    unrated |= (silent < april) & ~(last & (grade == D))
    unrated |= (evaluated < a.M_FROM) & (grade == M)
    unrated |= (first_day(calendar, april) < np.datetime64("2015-01-01"))[None, :]
    graded: Whole = np.where(unrated, NO_GRADE, grade)
    return graded


def _published(calendar: Calendar, april: Whole, community: "Community") -> Days:
    """One day for all firms of the city, by year."""
    first, within = a.PUBLISHED
    years = first_day(calendar, april).astype("M8[Y]").astype(np.int64)
    days = first_day(calendar, april) + first - 1 + (7 * years + community.firms.seed) % within
    return np.minimum(calendar.working_day(days), first_day(calendar, april + 1) - 1)


def _repairs(
    community: "Community", at: tuple[Whole, Whole], grade: Whole, published_on: Days, luck: Numbers
) -> tuple[Whole, Days, Whole]:
    """Grade as published, day of repair, grade after it.

    A firm in good standing may have been published as C by mistake and mended it at once; who stands at C or D may
    mend that later in the year, when no bills are open.
    """
    lives, (firm, month) = community.lives, at
    clean = lives.overdue[firm, np.clip(month, 0, None)] == 0
    early = (grade == B) & (luck[2] < a.MENDED_EARLY)
    soon, in_time = (later(published_on, bounds, luck[3]) for bounds in (a.MENDED_EARLY_DAYS, a.MENDED_LATE_DAYS))
    files_then = silent_from(community)[firm] > month_of(community.calendar, in_time)
    late = (grade >= C) & clean & (luck[2] < a.MENDED_LATE) & files_then
    mended = np.where(early, B, np.where(late, MENDED_TO[grade], len(GRADES)))
    repaired_on = np.where(early, soon, np.where(late, in_time, NOT_YET))
    return np.where(early, C, grade), repaired_on, mended
