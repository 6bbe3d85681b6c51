"""Each kind of drift, planted: the alarm names it, and undisturbed months give none."""

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest
from asked import (
    EACH_MONTH,
    NEWS,
    QUIET_CALENDAR,
    asked,
    changed,
    graded,
    looked_at,
    month_after,
    reference_of,
    reports,
    share,
)

from training.drift.calendar import Deadline, Rule

MONTHS = 24 + 20
LATER = dt.date(2024, 4, 1)
"""A year after NEWS: outcomes of what was decided since are known."""


@pytest.fixture(scope="module")
def quiet():
    return asked(MONTHS)


@pytest.fixture(scope="module")
def reference(quiet):
    return reference_of(quiet)


def kinds(report):
    return [alarm.kind for alarm in report.alarms]


@pytest.mark.parametrize("seed", [0, 1])
def test_twenty_undisturbed_months_give_no_alarm(seed):
    rows = asked(MONTHS, seed=seed)
    known = reference_of(rows)
    days = [month_after(dt.date(2023, 1, 1), place) for place in range(20)]
    assert [alarm for day in days for alarm in looked_at(known, rows, day).alarms] == []


def test_a_shift_of_inputs_is_named_with_its_features_farthest_first(quiet, reference):
    rows = changed(quiet, pl.col("sales_12m") * 6, pl.col("tax_paid_12m") * 3)
    report = looked_at(reference, rows, NEWS)
    assert kinds(report) == ["input_shift"]
    assert [moved.name for moved in report.alarms[0].features] == ["sales_12m", "tax_paid_12m"]
    assert report.alarms[0].features[0].move.after > 3 * report.alarms[0].features[0].move.before
    assert report.advice == "look"
    assert report.asks_for_action


def test_a_great_shift_that_takes_the_score_with_it_asks_for_training(quiet, reference):
    rows = changed(quiet, pl.col("sales_12m") * 6, pl.col("score") + 40)
    report = looked_at(reference, rows, NEWS)
    assert kinds(report) == ["input_shift"]
    assert report.advice == "retrain"


@pytest.mark.parametrize(("factor", "told"), [(0.01, "small"), (100.0, "large")])
def test_amounts_in_another_unit_are_a_mistake_of_their_table(quiet, reference, factor, told):
    scaled = [pl.when(share(0.3)).then(pl.col(name) * factor).otherwise(name).alias(name) for name in
              ("bank_inflow_12m", "balance_mean_12m")]  # fmt: skip
    report = looked_at(reference, changed(quiet, *scaled), NEWS)
    assert kinds(report) == ["unit_mistake"]
    numbers = report.alarms[0].numbers
    assert (numbers["table"], numbers["factor"]) == ("bank_transactions", factor)
    assert numbers["share"] == pytest.approx(0.3, abs=0.08)
    assert told in report.alarms[0].text.en
    assert report.advice == "fix_source"


def test_a_mistake_of_one_enterprise_in_ten_is_seen_too(quiet, reference):
    scaled = [pl.when(share(0.1)).then(pl.col(name) * 0.01).otherwise(name).alias(name) for name in
              ("bank_inflow_12m", "balance_mean_12m")]  # fmt: skip
    assert kinds(looked_at(reference, changed(quiet, *scaled), NEWS)) == ["unit_mistake"]


def test_a_withheld_block_is_no_shift_of_its_features(quiet, reference):
    bare = [pl.when(share(0.5)).then(None).otherwise(name).alias(name) for name in
            ("bank_inflow_12m", "balance_mean_12m")]  # fmt: skip
    rows = changed(quiet, *bare, (pl.col("has_bank") & ~share(0.5)).alias("has_bank"))
    report = looked_at(reference, rows, NEWS)
    assert kinds(report) == ["missing_block"]
    assert report.alarms[0].numbers["bank"] == pytest.approx(-0.4, abs=0.08)
    assert report.advice == "fix_source"


def test_a_score_that_moves_alone_is_a_matter_of_the_model_or_the_service(quiet, reference):
    rows = changed(quiet, pl.col("score") + 25, pl.lit("2").alias("model_version"))
    report = looked_at(reference, rows, NEWS)
    assert kinds(report) == ["score_shift"]
    assert "version 2" in report.alarms[0].text.en


def late_returns(quiet):
    late = (pl.col("days_since_tax_filing") + 25).alias("days_since_tax_filing")
    return changed(quiet, late, (pl.col("tax_paid_12m") * 0.2).alias("tax_paid_12m"))


def test_tax_features_that_move_after_a_moved_deadline_are_the_tax_calendar(quiet, reference):
    moved = Deadline(due=NEWS.replace(day=25), mark="assumed", source="planted")
    calendar = QUIET_CALENDAR.model_copy(update={"deadline": (moved,)})
    report = looked_at(reference, late_returns(quiet), NEWS, calendar=calendar)
    assert kinds(report) == ["tax_calendar"]
    assert {one.name for one in report.alarms[0].features} == {"days_since_tax_filing", "tax_paid_12m"}
    assert "2023-04-25" in report.alarms[0].text.zh
    assert not report.asks_for_action


def test_the_same_without_a_moved_deadline_on_file_asks_to_be_checked(quiet, reference):
    report = looked_at(reference, late_returns(quiet), NEWS)
    assert kinds(report) == ["tax_calendar"]
    assert report.advice == "look"


def test_tax_amounts_without_a_change_of_timing_are_no_calendar(quiet, reference):
    rows = changed(quiet, pl.col("tax_paid_12m") * 5)
    assert kinds(looked_at(reference, rows, NEWS)) == ["input_shift"]


def test_features_in_another_table_keep_a_late_month_from_hiding_a_shift(quiet, reference):
    moved = Deadline(due=NEWS.replace(day=25), mark="assumed", source="planted")
    calendar = QUIET_CALENDAR.model_copy(update={"deadline": (moved,)})
    rows = changed(late_returns(quiet), pl.col("sales_12m") * 6)
    assert kinds(looked_at(reference, rows, NEWS, calendar=calendar)) == ["tax_calendar", "input_shift"]


def test_a_season_of_the_year_is_compared_with_the_same_months(quiet, reference):
    february = dt.date(2024, 2, 1)
    assert looked_at(reference, quiet, february).alarms == ()
    rows = changed(quiet, pl.col("days_since_tax_filing") + 10, since=dt.date(2024, 6, 1))
    assert kinds(looked_at(reference, rows, dt.date(2024, 6, 1))) == ["tax_calendar"]


def test_a_dated_rule_explains_its_features(quiet, reference):
    rule = Rule.model_validate(
        {
            "from": NEWS,
            "months": 12,
            "features": ["void_*"],
            "mark": "assumed",
            "source": "s",
            "zh": "规则",
            "en": "rule",
        }
    )
    calendar = QUIET_CALENDAR.model_copy(update={"rule": (rule,)})
    report = looked_at(reference, changed(quiet, pl.col("void_share_12m") * 0), NEWS, calendar=calendar)
    assert kinds(report) == ["policy_change"]
    assert report.alarms[0].features[0].name == "void_share_12m"


def stricter(quiet):
    now = quiet["day"] >= NEWS
    fresh = graded(quiet.filter(now), stricter=15).with_columns(policy_version=pl.lit("second"))
    return pl.concat([quiet.filter(~now), fresh])


def test_a_new_policy_that_changes_grades_is_named(quiet, reference):
    report = looked_at(reference, stricter(quiet), NEWS)
    assert kinds(report) == ["policy_change"]
    assert "second" in report.alarms[0].text.en


def test_where_the_reference_has_no_grades_those_before_the_change_are_compared(quiet, reference):
    bare = replace(reference, grades={}, policies=())
    assert kinds(looked_at(bare, stricter(quiet), NEWS)) == ["policy_change"]


def test_a_policy_is_news_for_three_months(quiet, reference):
    rows = stricter(quiet)
    assert kinds(looked_at(reference, rows, month_after(NEWS, 2))) == ["policy_change"]
    assert kinds(looked_at(reference, rows, month_after(NEWS, 3))) == []


def test_a_new_version_that_changes_nothing_is_no_alarm(quiet, reference):
    rows = changed(quiet, pl.lit("second").alias("policy_version"))
    assert kinds(looked_at(reference, rows, NEWS)) == []


def fates(quiet, **changes):
    now = quiet["day"] >= NEWS
    return pl.concat([reports(quiet.filter(~now)), reports(quiet.filter(now), **changes)])


def test_more_defaults_than_expected_ask_for_calibration(quiet, reference):
    report = looked_at(reference, quiet, LATER, told=fates(quiet, rate=0.10))
    assert kinds(report) == ["outcome_drift"]
    assert report.advice == "recalibrate"
    assert report.alarms[0].numbers["ratio"] == pytest.approx(2.0, rel=0.3)
    assert report.alarms[0].numbers["low"] > 1


def test_young_decisions_without_a_default_are_not_taken_for_sound(quiet, reference):
    """Of the decisions of half a year a third of the defaults is known: they are as many as expected by then."""
    report = looked_at(reference, quiet, month_after(NEWS, 3))
    assert report.figures["defaults_to_expected"] == pytest.approx(1.0, abs=0.2)


@pytest.mark.parametrize(("rate", "seen"), [(0.05, []), (0.15, ["outcome_drift"])])
def test_beside_labels_only_decisions_whose_year_is_over_are_counted(quiet, reference, rate, seen):
    """Labels do not say how many defaults are known of younger decisions, so that these must not count on one side."""
    reported, none = reference.fates, (0,) * len(reference.fates.granted)
    labels = replace(reported, decisions=0, known_by=(), default_known_by=(), decided=none, approved=none)
    told = fates(quiet, rate=rate)
    for months in (6, 10):
        report = looked_at(replace(reference, fates=labels), quiet, month_after(NEWS, months), told=told)
        assert kinds(report) == []
    report = looked_at(replace(reference, fates=labels), quiet, month_after(NEWS, 14), told=told)
    assert kinds(report) == seen
    assert report.figures["defaults_to_expected"] == pytest.approx(rate / 0.05, rel=0.35)


def test_reports_that_come_late_are_a_delay_and_no_fall_of_defaults(quiet, reference):
    report = looked_at(reference, quiet, LATER, told=fates(quiet, later=92))
    assert kinds(report) == ["label_delay"]
    assert report.alarms[0].numbers["months"] == pytest.approx(3, abs=0.75)
    assert report.advice == "wait_for_labels"
    assert not report.asks_for_action


def test_banks_that_refuse_more_are_outcomes_that_differ(quiet, reference):
    now = pl.col("decided_on") >= NEWS
    is_odd = pl.col("decision_id").str.slice(17, 1).cast(pl.Int64) % 2 == 1
    told = fates(quiet).with_columns(
        pl.when(now & is_odd).then(pl.lit(value=False)).otherwise("approved").alias("approved")
    )
    report = looked_at(reference, quiet, month_after(NEWS, 2), told=told)
    assert kinds(report) == ["outcome_drift"]
    assert report.alarms[0].numbers["approvals"] == pytest.approx(-1 / 3, abs=0.06)
    assert report.advice == "look"


def test_of_few_requests_nothing_is_said(quiet, reference):
    rows = changed(quiet, pl.col("sales_12m") * 6).filter((pl.col("day") < NEWS) | share(0.05))
    report = looked_at(reference, rows, NEWS)
    assert report.rows < EACH_MONTH / 10
    assert report.alarms == ()
    assert "fewer than 50" in report.notes[0].en


def test_a_month_that_nobody_asked_in_is_no_failure(quiet, reference):
    report = looked_at(reference, quiet.filter(pl.col("day") < NEWS), month_after(NEWS, 6))
    assert report.rows == 0
    assert report.advice == "nothing"
