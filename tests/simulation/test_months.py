"""Working days and months of the invented city."""

import datetime as dt

import numpy as np
import pytest

from simulation.assumed import calendar as a
from simulation.months import calendar


def test_burn_in_comes_before_the_told_months():
    months = calendar(24, dt.date(2026, 10, 31))
    assert months.first == a.BURN_IN
    assert months.months == a.BURN_IN + 24
    assert months.starts[months.first].item() == dt.date(2024, 11, 1)
    assert months.until == dt.date(2026, 10, 31)


def test_spring_festival_empties_its_month():
    months = calendar(14, dt.date(2026, 10, 31))
    february = months.place_of(dt.date(2026, 2, 1))
    assert months.activity[february] < 0.7 * months.activity[february + 1]


def test_days_are_drawn_inside_their_month_even_at_the_ends_of_luck():
    months = calendar(14, dt.date(2026, 10, 31))
    place = np.repeat(np.arange(months.months), 2)
    luck = np.tile([0.0, np.nextafter(1.0, 0.0)], months.months)
    days = months.pick_days(place, luck)
    assert (days >= months.starts[place]).all()
    assert (days <= months.ends[place]).all()


def test_weekends_are_moved_to_monday():
    months = calendar(14, dt.date(2026, 10, 31))
    saturday_sunday_monday = np.array(["2026-10-17", "2026-10-18", "2026-10-19"], dtype="M8[D]")
    assert set(months.working_day(saturday_sunday_monday).tolist()) == {dt.date(2026, 10, 19)}


@pytest.mark.parametrize(
    ("months", "until", "said"),
    [
        (13, dt.date(2026, 10, 31), "got 13, expected at least 14"),
        (24, dt.date(2026, 10, 30), "expected the last day of a month"),
        (24, dt.date(2028, 1, 31), "for which VAT rates and Spring Festivals are known here"),
        (24, dt.date(2017, 1, 31), "2016-10-01"),
    ],
)
def test_months_that_cannot_be_told_are_refused_with_what_was_expected(months, until, said):
    with pytest.raises(ValueError, match=said):
        calendar(months, until)
