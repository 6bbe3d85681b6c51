"""The rules of screening through time, and the mistakes their files can have."""

import datetime as dt
import shutil

import pytest

from decisions.dated import POLICY_FOLDER, NotInForceError
from decisions.files import FileMistakesError
from decisions.screening.policy import STANDARDS, screening_files, screening_on

DAY = dt.date(2026, 10, 31)


@pytest.fixture
def folder(tmp_path):
    for path in POLICY_FOLDER.glob("screening*.toml"):
        shutil.copy(path, tmp_path)
    return tmp_path


def changed(folder, name, old, new):
    path = folder / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return screening_files(folder)


def test_each_standard_has_checks():
    assert {check.standard for check in screening_on(DAY).checks} == set(STANDARDS)


def test_codes_stand_once():
    rules = screening_on(DAY)
    for rows in (rules.checks, rules.signs, rules.parts, rules.boosts):
        assert len({row.code for row in rows}) == len(rows)


def test_before_the_first_version_there_is_none():
    with pytest.raises(NotInForceError, match="2001-01-01"):
        screening_on(dt.date(2001, 1, 1))


def test_a_district_takes_its_own_least_age_from_its_day_on(folder):
    own = (
        '[[minimum_age]]\nfrom = 2025-01-01\ndistrict = "110108"\nmonths = 6\nmark = "assumed"\nsource = "example"\n\n'
    )
    files = changed(folder, "screening.toml", "[[minimum_age]]", f"{own}[[minimum_age]]")
    assert screening_on(dt.date(2024, 12, 31), files).minimum_age_of == {}
    later = screening_on(dt.date(2025, 1, 1), files)
    assert (later.minimum_age_of["110108"].sure, later.minimum_age.sure, later.minimum_age.months) == (6, 6, 12)
    assert later.version == "2025-01-01"


def test_a_newer_version_of_a_check_takes_the_place_of_the_older(folder):
    path = folder / "screening_standards.toml"
    text = path.read_text("utf-8")
    block = text[text.index('[[check]]\ncode = "FIRM_AGE"') : text.index('[[check]]\ncode = "REGISTRATION"')]
    newer = block.replace("2019-08-20", "2026-01-01").replace("hard = true", "hard = false")
    path.write_text(text + "\n" + newer, "utf-8")
    files = screening_files(folder)
    hard = {day: next(c for c in screening_on(day, files).checks if c.code == "FIRM_AGE").hard
            for day in (dt.date(2025, 12, 31), dt.date(2026, 1, 1))}  # fmt: skip
    assert list(hard.values()) == [True, False]


@pytest.mark.parametrize(
    ("name", "old", "new", "line"),
    [
        ("screening_standards.toml", 'column = "age_months"', 'column = "age"', "FIRM_AGE: condition: column: got"),
        ("screening_standards.toml", 'standard = "good_credit"', 'standard = "credit"', "DISHONEST: standard"),
        ("screening_standards.toml", "成立{value}", "成立{wert}", "FIRM_AGE: got place {wert}"),
        ("screening_activity.toml", 'kind = "ended"', 'kind = "end"', "registration_ended: kind: got 'end'"),
        ("screening_promise.toml", "at_least = -0.1", "at_least = 0.1", "STAFF_GROWTH: steps: got bounds"),
        ("screening_promise.toml", "unseen = 6", "unseen = 60", "STAFF_GROWTH: unseen: got 60, expected at most 16"),
        ("screening.toml", "fails_below = 6", "fails_below = 13", "fails_below: got 13, expected at most months, 12"),
        ("screening.toml", "number.promise_weight", "number.promise", "number.promise_weight: missing"),
    ],
)  # fmt: skip
def test_every_mistake_gets_a_line(folder, name, old, new, line):
    path = folder / name
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(FileMistakesError) as caught:
        screening_files(folder)
    assert line in str(caught.value)
