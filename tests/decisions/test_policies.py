import datetime as dt
import shutil
from dataclasses import fields
from pathlib import Path

import pytest

from decisions.dated import POLICY_FOLDER, NotInForceError
from decisions.facts import Facts
from decisions.files import FileMistakesError
from decisions.grades import grade_of, standing
from decisions.policies import Numbers, policy_files, policy_on
from features.sets import INVOICE_FLOW


@pytest.mark.parametrize(
    ("score", "grade"),
    [
        (850, "A"),
        (700, "A"),
        (699, "B"),
        (640, "B"),
        (639, "C"),
        (580, "C"),
        (579, "D"),
        (500, "D"),
        (499, "E"),
        (300, "E"),
    ],
)
def test_a_grade_begins_at_its_threshold(policy, score, grade):
    assert grade_of(score, policy.grades) == grade


@pytest.mark.parametrize(
    ("day", "rate"), [(dt.date(2024, 10, 20), 0.0335), (dt.date(2024, 10, 21), 0.031), (dt.date(2026, 11, 22), 0.03)]
)
def test_the_rate_of_the_day_is_used(day, rate):
    assert policy_on(day).numbers.lpr_1y.value == rate


def test_the_outside_rate_is_the_multiple_of_the_prime_rate(policy):
    assert policy.numbers.outside_rate == pytest.approx(4 * 0.03)


def test_the_version_is_the_newest_first_day_in_force():
    assert policy_on(dt.date(2020, 3, 1)).version == "2020-02-20"
    assert policy_on(dt.date(2026, 11, 22)).version == "2026-01-01"


@pytest.mark.parametrize("day", [dt.date(2026, 2, 18), dt.date(2026, 2, 19), dt.date(2030, 1, 1)])
def test_a_part_that_has_ended_still_counts_for_the_version(day):
    assert policy_on(day).version == "2026-01-01"
    assert "FIRST_LOAN_DISCOUNT" in {terms.code for terms in policy_on(day).subsidies}


def test_a_policy_knows_its_day():
    assert policy_on(dt.date(2026, 11, 22)).day == dt.date(2026, 11, 22)


def test_a_day_before_any_policy_is_refused_with_the_first_day():
    with pytest.raises(NotInForceError, match="got 2019-08-19, expected 2019-08-20 or later"):
        policy_on(dt.date(2019, 8, 19))


@pytest.fixture
def folder(tmp_path):
    """A copy of the packaged policy that a test may change."""
    return Path(shutil.copytree(POLICY_FOLDER, tmp_path / "policy"))


def changed(folder, name, old, new):
    text = (folder / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), "utf-8")
    return policy_files(folder)


def test_an_added_version_counts_from_its_day_and_leaves_the_past_alone(folder):
    version = '[[diversity_factor.versions]]\nfrom = 2027-01-01\nvalue = 0.5\nmark = "assumed"\nsource = "a test"\n\n'
    files = changed(folder, "numbers.toml", "[[diversity_factor.versions]]", version + "[[diversity_factor.versions]]")
    before, after = (policy_on(day, files) for day in (dt.date(2026, 12, 31), dt.date(2027, 1, 1)))
    assert (before.numbers.diversity_factor.value, after.numbers.diversity_factor.value) == (0.9, 0.5)
    assert (before.version, after.version) == ("2026-01-01", "2027-01-01")


def test_a_stop_ends_with_its_last_day(folder):
    files = changed(folder, "stops.toml", "from = 2019-08-20", "from = 2019-08-20\nuntil = 2026-12-31")
    counts = [len(policy_on(day, files).stops) for day in (dt.date(2026, 12, 31), dt.date(2027, 1, 1))]
    assert counts[0] - counts[1] == 1


@pytest.mark.parametrize(
    ("name", "old", "new", "line"),
    [
        ("numbers.toml", "[diversity_factor]", "[diversity]", "numbers.toml: diversity_factor.unit: missing"),
        (
            "numbers.toml",
            "value = 0.9\n",
            "value = '0.9'\n",
            "diversity_factor.versions[1].value: got '0.9', expected a num",
        ),
        (
            "numbers.toml",
            'mark = "seen"',
            'mark = "sure"',
            "numbers.toml: lpr_1y.versions[12].mark: got 'sure', expected",
        ),
        ("grades.toml", "A = 700, B = 640", "B = 640, A = 700", "expected the best grade first and scores that fall"),
        ("stops.toml", '"revoked"]', '"revokd"]', "stops.toml: REGISTRATION_REVOKED: registry_status: got 'revokd'"),
        ("lending.toml", "[number.cash_rate]", "[number.cash]", "lending.toml: number.cash.versions: missing"),
        ("lending.toml", ", E = 0 }", " }", "lending.toml: cap of 2019-08-20: fen.E: missing, expected every grade"),
        (
            "lending.toml",
            ", D = [0.03, 0.06]",
            "",
            "spread of 2019-08-20: low_and_high.D: missing, expected every grade with a cap above 0",
        ),
        (
            "lending.toml",
            "A = [-0.003, 0.0045]",
            "A = [0.0045, -0.003]",
            "A: got low 0.0045 and high -0.003, expected low <= high",
        ),
        (
            "subsidies.toml",
            "share_of_interest = 0.20,",
            "points = 0.01, share_of_interest = 0.20,",
            "FIRST_LOAN_DISCOUNT: benefit: got share_of_interest, points, expected one of",
        ),
        (
            "subsidies.toml",
            'fact = "bank_loans_ever"',
            'fact = "bank_loans"',
            "FIRST_LOAN_DISCOUNT: rules[1]: fact: got 'bank_loans', expected a name of facts.toml",
        ),
        (
            "subsidies.toml",
            "until = 2026-02-18",
            "until = 2025-02-18",
            "FIRST_LOAN_DISCOUNT: until: got 2025-02-18, expected a day from 2025-02-19 on",
        ),
        (
            "subsidies.toml",
            "until = 2024-12-31\n",
            "",
            "IP_PLEDGE_DISCOUNT: must_settle: got true without until",
        ),
        ("renewal.toml", "window_days = 90", "window_days = -1", "renewal.toml: version[1].window_days: got -1"),
        (
            "renewal.toml",
            "{ medium =",
            "{ middling =",
            "version[1]: sizes: got 'middling', expected some of micro, small",
        ),
        (
            "reasons.toml",
            "zh = ",
            "cn = ",
            "reasons.toml: SALES_LEVEL: text.cn: got an unknown field, expected some of zh, en",
        ),
    ],
)
def test_a_mistake_in_the_policy_gets_a_line(folder, name, old, new, line):
    with pytest.raises(FileMistakesError) as raised:
        changed(folder, name, old, new)
    assert any(line in said for said in raised.value.lines), raised.value.lines


def test_terms_of_a_subsidy_that_begin_twice_on_a_day_are_a_mistake(folder):
    path = folder / "subsidies.toml"
    code, first = "SHIJINGSHAN_IP_ADDITION", "from = 2023-01-01"
    text = path.read_text("utf-8").replace(f'"{code}"', '"IP_PLEDGE_DISCOUNT"').replace(first, "from = 2024-01-01")
    path.write_text(text, "utf-8")
    with pytest.raises(FileMistakesError, match="IP_PLEDGE_DISCOUNT: from: got 2024-01-01 2 times, expected once"):
        policy_files(folder)


def test_a_lending_number_nobody_knows_is_a_mistake(folder):
    version = '{ from = 2020-01-01, value = 1, mark = "seen", source = "x" }'
    number = f'[number.luck]\nunit = "x"\nzh = "x"\nen = "x"\nversions = [{version}]\n\n[number.cash_rate]'
    with pytest.raises(
        FileMistakesError, match=r"lending\.toml: number\.luck: got an unknown number, expected some of"
    ):
        changed(folder, "lending.toml", "[number.cash_rate]", number)


def test_a_lending_number_that_is_left_out_is_a_mistake(folder):
    text = (folder / "lending.toml").read_text("utf-8")
    start, end = text.index("[number.rounding_fen]"), text.index("[[cap]]")
    (folder / "lending.toml").write_text(text[:start] + text[end:], "utf-8")
    with pytest.raises(FileMistakesError, match=r"number\.rounding_fen: missing, expected this number"):
        policy_files(folder)


def test_a_number_nobody_knows_is_a_mistake(folder):
    version = 'from = 2020-01-01, value = 1, mark = "seen", source = "x"'
    number = f'[luck]\nunit = "x"\nzh = "x"\nen = "x"\nversions = [{{ {version} }}]\n'
    with pytest.raises(FileMistakesError, match="luck: got an unknown number, expected some of amount_"):
        changed(folder, "numbers.toml", "[lpr_1y]", number + "[lpr_1y]")


def test_every_number_states_unit_origin_and_first_day():
    for name in (field.name for field in fields(Numbers)):
        number = policy_files().numbers[name]
        assert number.unit
        assert all(version.source and version.mark for version in number.versions)
        days = [version.from_day for version in number.versions]
        assert days == sorted(set(days))


def test_every_lending_number_starts_with_the_oldest_day_and_rises():
    for name, number in policy_files().lending.number.items():
        days = [version.from_day for version in number.versions]
        assert days[0] == dt.date(2019, 8, 20), name
        assert days == sorted(set(days)), name


def test_every_group_of_features_has_words(policy):
    told = {member for group in policy.groups.values() for member in group.members}
    assert {feature.group for feature in INVOICE_FLOW} <= told


@pytest.mark.parametrize(
    ("status", "code"), [("revoked", "REGISTRATION_REVOKED"), ("cancelled", "REGISTRATION_CANCELLED")]
)
def test_a_stop_forces_review_and_a_limit_of_nothing_beside_any_score(policy, status, code):
    found = standing(850, Facts({"registry_status": status}), policy)
    assert [stop.stop.code for stop in found.policy_stops] == [code]
    assert (found.grade, found.suggested_limit_fen, len(found.review_why)) == ("A", 0, 1)


@pytest.mark.parametrize("values", [{"registry_status": "active"}, {"registry_status": "suspended"}, {}])
def test_neither_lawful_suspension_nor_an_unknown_status_is_a_stop(policy, values):
    found = standing(600, Facts(values), policy)
    assert (found.policy_stops, found.suggested_limit_fen, found.review_why) == ((), None, ())


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("dishonest_list", "DISHONEST_LIST"),
        ("account_freeze", "ACCOUNT_FROZEN"),
        ("tax_abnormal", "TAX_ABNORMAL"),
        ("tax_violation_list", "TAX_VIOLATION_LIST"),
    ],
)
def test_a_listing_in_force_is_a_stop_since_its_first_day(policy, word, code):
    day = dt.date(2026, 9, 2)
    facts = Facts.of({}, None, as_of=dt.date(2026, 11, 22), listings={word: day})
    [found] = standing(700, facts, policy).policy_stops
    assert (found.stop.code, found.since) == (code, day)


def test_the_list_of_serious_violations_is_a_stop(policy):
    facts = Facts.of({"on_serious_list": 1.0}, None, as_of=dt.date(2026, 11, 22))
    assert [found.stop.code for found in standing(700, facts, policy).policy_stops] == ["SERIOUS_LIST"]


@pytest.mark.parametrize(("listings", "value"), [(None, None), ({}, ("none",))])
def test_without_courts_and_lists_nothing_is_known_of_them(policy, listings, value):
    facts = Facts.of({}, None, as_of=dt.date(2026, 11, 22), listings=listings)
    assert facts.value("listings") == value
    assert standing(700, facts, policy).policy_stops == ()
