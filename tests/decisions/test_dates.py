"""The same enterprise on any day: what has begun and not ended holds, and nothing else does."""

import datetime as dt
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decisions.fact_definitions import facts as definitions
from decisions.facts import Facts
from decisions.grades import stops_against
from decisions.money.price import all_in_rate
from decisions.money.renewal import renewal_verdict
from decisions.money.subsidies import grounds_for
from decisions.offered.catalogue import load_catalogue
from decisions.offered.products import Product
from decisions.policies import policy_files, policy_on
from features.terms.named import complete_months

FIRST_DAY, LAST_DAY = dt.date(2019, 8, 20), dt.date(2030, 12, 31)
SUBSIDIES = policy_files().subsidies.subsidy
STOPS = policy_files().stops.stop
EVERYTHING = load_catalogue(illustrative=True)
RENEWAL_FROM, MEDIUM_BEFORE, WINDOW = dt.date(2024, 9, 24), dt.date(2027, 9, 30), 90

days = st.dates(FIRST_DAY, LAST_DAY)


def around(first, last):
    """Days near a first and a last day, and any others."""
    edges = [day for day in (first, last) if day is not None]
    near = st.builds(lambda edge, by: edge + dt.timedelta(days=by), st.sampled_from(edges), st.integers(-3, 3))
    return st.one_of(near, days).filter(lambda day: FIRST_DAY <= day <= LAST_DAY)


def facts_that_meet(rules, district):
    """A value for each fact that every rule on it admits."""
    values = {"district": district}
    for name in {rule.fact for rule in rules}:
        asked = [rule for rule in rules if rule.fact == name]
        values[name] = next(value for value in _tries(name, asked) if all(rule.admits(value) for rule in asked))
    return Facts(MappingProxyType(values))


def _tries(name, rules):
    definition = definitions()[name]
    if definition.is_number:
        return [bound for rule in rules for bound in (rule.at_least, rule.at_most) if bound is not None]
    words = [word for rule in rules for word in rule.one_of] or list(definition.words)
    return [(word,) for word in words] if definition.unit == "words" else words


def place_in(areas):
    """A district of Beijing where a subsidy is paid."""
    return next((area for area in areas if area.isdigit()), "110101")


def loan_that_suits(terms):
    return Product(
        id="example-loan",
        name={"zh": "示例贷款", "en": "Example loan"},
        status="illustrative",
        category=terms.categories[0] if terms.categories else "credit_loan",
        guarantee_mode=terms.guarantee_modes[0] if terms.guarantee_modes else "credit",
        **{"from": FIRST_DAY},
        source="made up for a test",
        districts=("CN",),
        rate={"low": 0.05, "high": 0.05},
        term_months=12,
        repayment="interest_then_principal",
        fees=({"kind": "guarantee", "share": 0.02, "every": "year"},),
        documents=(),
    )


@pytest.mark.parametrize("terms", SUBSIDIES, ids=lambda terms: f"{terms.code}@{terms.from_day}")
@given(data=st.data())
def test_a_subsidy_is_there_from_its_first_day_and_has_ended_after_its_last(terms, data):
    day = data.draw(around(terms.from_day, terms.until))
    loan = loan_that_suits(terms)
    policy = policy_on(day)
    facts = facts_that_meet(terms.rules, place_in(terms.districts))
    found = grounds_for(facts, policy).subsidies(loan, amount_fen=1_000_000_00, months=1)
    mine = [row for row in found if row.code == terms.code and row.terms.from_day == terms.from_day]
    later = [row for row in SUBSIDIES if row.code == terms.code and terms.from_day < row.from_day <= day]
    assert bool(mine) == (terms.from_day <= day and not later)
    for row in mine:
        assert (row.state == "ended_successor_unconfirmed") == has_ended(terms, day)
        if has_ended(terms, day):
            assert not row.is_counted
            assert row.amount_fen == 0


def has_ended(terms, day):
    """A loan of one month must be drawn by the last day, and repaid by it where the terms ask for that."""
    if terms.until is None:
        return False
    return day > terms.until or (terms.must_settle and complete_months(day, terms.until) < 1)


@given(day=days)
def test_a_rate_after_subsidies_is_lower_only_while_some_terms_run(day):
    terms = next(terms for terms in SUBSIDIES if terms.code == "FIRST_LOAN_DISCOUNT")
    loan, facts = loan_that_suits(terms), facts_that_meet(terms.rules, "110101")
    found = grounds_for(facts, policy_on(day)).subsidies(loan, amount_fen=1_000_000_00, months=12)
    rate = all_in_rate(loan, amount_fen=1_000_000_00, months=12, subsidies=found)
    assert (rate.after < rate.before) == (terms.from_day <= day <= terms.until)


@given(day=days)
def test_a_product_is_offered_from_its_first_to_its_last_day(day):
    every = (entry.product for entry in EVERYTHING.entries)
    expected = [row for row in every if row.from_day <= day and (row.until is None or day <= row.until)]
    assert [entry.product for entry in EVERYTHING.on(day).entries] == expected


@given(day=days)
def test_each_number_is_its_newest_version_that_has_begun(day):
    numbers = policy_on(day).numbers
    for name, number in policy_files().numbers.items():
        begun = sorted((version for version in number.versions if version.from_day <= day), key=lambda v: v.from_day)
        assert getattr(numbers, name) == begun[-1]


@pytest.mark.parametrize("stop", STOPS, ids=lambda stop: f"{stop.code}@{stop.from_day}")
@given(data=st.data())
def test_a_stop_is_found_from_its_first_to_its_last_day(stop, data):
    day = data.draw(around(stop.from_day, stop.until))
    word = stop.one_of[0]
    value = (word,) if definitions()[stop.fact].unit == "words" else word
    found = stops_against(Facts(MappingProxyType({stop.fact: value})), policy_on(day))
    assert (stop in [row.stop for row in found]) == (stop.from_day <= day and (stop.until is None or day <= stop.until))


@given(
    day=around(RENEWAL_FROM, MEDIUM_BEFORE),
    left=st.integers(-5, 120),
    size=st.sampled_from(["micro", "small", "medium", "large"]),
)
def test_a_renewal_is_open_in_its_window_and_to_medium_firms_until_their_day(day, left, size):
    values = {
        "size_class": size,
        "days_to_maturity": left,
        "registry_status": "active",
        "listings": ("none",),
        "days_past_due_now": 0,
        "bad_balance_share": 0.0,
    }
    verdict = renewal_verdict(Facts(MappingProxyType(values)), policy_on(day)).verdict
    due = day + dt.timedelta(days=left)
    is_served = size in {"micro", "small"} or (size == "medium" and due < MEDIUM_BEFORE)
    expected = "pass" if 0 <= left <= WINDOW and is_served else "fail"
    assert verdict == ("unknown" if day < RENEWAL_FROM else expected)
