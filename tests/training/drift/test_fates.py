"""What became of decisions, and when it was known."""

import datetime as dt

import polars as pl
import pytest

from training.drift.fates import Fates, FatesBefore
from training.drift.requests import DriftError, Requests, Span

DAY = dt.date(2023, 1, 1)


def rows(**columns):
    return pl.DataFrame(
        {
            "decision_id": ["a", "b", "c"],
            "enterprise_id": ["A", "B", "C"],
            "day": [DAY] * 3,
            "score": [500.0, 600.0, 700.0],
        }
        | columns
    )


def told(*reports):
    names = ("decision_id", "known_on", "approved", "days_past_due")
    frame = pl.DataFrame(reports, schema=names, orient="row")
    return frame.with_columns(product_id=pl.lit("p"), decided_on=pl.lit(DAY))


REPORTS = told(
    ("a", dt.date(2023, 1, 20), True, None),
    ("a", dt.date(2023, 9, 2), True, 95),
    ("b", dt.date(2023, 4, 3), False, None),
)


def test_reports_that_had_not_come_by_the_day_are_not_known():
    fates = Fates.of(Requests.of(rows(), REPORTS), on=dt.date(2023, 3, 1)).rows
    assert fates["approved"].to_list() == [True, None, None]
    assert fates["defaulted_after"].to_list() == [None, None, None]


def test_ages_are_months_from_the_decision_to_the_first_report():
    """19, 92 and 244 days at 30.4375 a month."""
    fates = Fates.of(Requests.of(rows(), REPORTS), on=dt.date(2024, 12, 31)).rows
    assert fates["known_after"].to_list() == [pytest.approx(19 / 30.4375), pytest.approx(92 / 30.4375), None]
    assert fates["defaulted_after"].to_list() == [pytest.approx(244 / 30.4375), None, None]


def test_the_reference_tells_how_soon_things_were_known():
    """Of three decisions one is known within a month, two within four; the default within nine."""
    before = FatesBefore.of(Fates.of(Requests.of(rows(), REPORTS), on=dt.date(2024, 12, 31)), [550.0])
    assert before.known_by[:5] == pytest.approx((0, 1 / 3, 1 / 3, 1 / 3, 2 / 3))
    assert before.default_known_by[8:10] == (0.0, 1.0)
    assert (before.decided, before.approved) == ((1, 1), (1, 0))
    assert (before.granted, before.defaulted) == ((1, 0), (1, 0))


def test_decisions_younger_than_a_year_and_a_half_tell_nothing_of_how_soon():
    before = FatesBefore.of(Fates.of(Requests.of(rows(), REPORTS), on=dt.date(2024, 1, 31)), [550.0])
    assert before.decisions == 0
    assert before.known_by == ()


def test_without_requests_there_is_no_span():
    with pytest.raises(DriftError, match="got none"):
        _ = Requests.of(rows().clear()).span


def test_a_missing_column_is_named():
    with pytest.raises(DriftError, match="'score'"):
        Requests.of(rows().drop("score"))


def test_months_before_a_day():
    assert Span.of_month(dt.date(2024, 1, 17), months=3) == Span(dt.date(2023, 11, 1), dt.date(2024, 1, 31))
