import datetime as dt

import pytest

from decisions.dated import NotInForceError
from decisions.files import FileMistakesError
from features.sets import FEATURES
from training.drift.calendar import tax_calendar
from training.drift.policy import POLICY_FILE, drift_policy


def days(first, last):
    return dt.date.fromisoformat(first), dt.date.fromisoformat(last)


def test_a_moved_deadline_explains_the_days_from_the_usual_one_to_a_month_after():
    calendar = tax_calendar()
    assert "2024-05-22" in calendar.why_late(*days("2024-05-20", "2024-05-20")).en
    assert "2024-05-22" in calendar.why_late(*days("2024-06-01", "2024-06-20")).en
    assert calendar.why_late(*days("2024-07-01", "2024-07-31")) is None
    assert calendar.why_late(*days("2024-05-01", "2024-05-10")) is None


def test_a_new_year_is_felt_for_a_month():
    calendar = tax_calendar()
    assert "2026-02-17" in calendar.why_late(*days("2026-03-01", "2026-03-31")).zh
    assert calendar.why_late(*days("2026-01-01", "2026-01-31")) is None


def test_rules_are_felt_for_their_time_the_newest_first():
    calendar = tax_calendar()
    assert [rule.from_day.year for rule in calendar.rules_felt(*days("2023-02-01", "2023-02-28"))] == [2023, 2022]
    assert calendar.rules_felt(*days("2028-06-01", "2028-06-30")) == ()


def test_every_pattern_of_a_rule_names_a_feature():
    for rule in tax_calendar().rule:
        for pattern in rule.features:
            one = rule.model_copy(update={"features": (pattern,)})
            assert any(one.moves(name) for name in FEATURES), pattern


def test_the_numbers_of_a_day():
    policy = drift_policy(dt.date(2026, 11, 22))
    assert policy.smallest_index < policy.great_index
    assert policy.level == pytest.approx(0.05 / 12 / 2 / 7)


def test_before_the_first_version_nothing_is_in_force():
    with pytest.raises(NotInForceError, match="2021-01-01"):
        drift_policy(dt.date(2020, 1, 1))


def test_a_number_that_is_missing_and_one_that_is_unknown_are_mistakes(tmp_path):
    text = POLICY_FILE.read_text("utf-8").replace("great_share", "greatest_share")
    (tmp_path / "drift.toml").write_text(text, "utf-8")
    with pytest.raises(FileMistakesError, match="great_share: missing"):
        drift_policy(dt.date(2026, 11, 22), tmp_path / "drift.toml")
