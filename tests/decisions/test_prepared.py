"""What is worked out once for a catalogue says the same as asking each product anew."""

import datetime as dt

import pytest
from any_facts import ANY_FACTS, values_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decisions.facts import Facts
from decisions.match.prepared import FactCondition, contacts_in, prepared
from decisions.money.limit import limit_of
from decisions.offered.catalogue import Catalogue, Entry
from decisions.offered.eligibility import verdicts
from decisions.offered.rules import Rule

QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
"""The fixtures hold no state that an example could change."""

ORDER = {"fail": 0, "unknown": 1, "pass": 2}


@pytest.fixture(scope="module")
def ready(catalogue):
    return prepared(catalogue)


@given(facts=ANY_FACTS)
@QUICK
def test_shared_conditions_say_what_each_product_says(ready, facts):
    said = [condition.verdict(facts) for condition in ready.conditions]
    for offer in ready.offers:
        assert tuple(said[place] for place in offer.asks) == verdicts(offer.entry.product, facts)


@given(facts=ANY_FACTS)
@QUICK
def test_compiled_limits_are_the_limits(ready, facts):
    for offer in ready.offers:
        assert offer.limit(facts) == limit_of(offer.entry.product, facts)


def test_no_condition_stands_twice(ready):
    assert len({condition.key for condition in ready.conditions}) == len(ready.conditions)
    assert sum(len(offer.asks) for offer in ready.offers) > 2 * len(ready.conditions)


def test_the_same_entries_are_made_ready_once(everything, catalogue, ready):
    assert prepared(everything.on(dt.date(2026, 11, 22))) is ready
    assert prepared(catalogue.of_banks({"ccb"})) is not ready


def test_equal_bounds_that_read_differently_stay_apart(catalogue):
    first, second = catalogue.entries[:2]
    rules = (Rule(fact="firm_age_months", at_least=24), Rule(fact="firm_age_months", at_least=24.0))
    products = (
        entry.product.model_copy(update={"rules": (rule,)}) for entry, rule in zip((first, second), rules, strict=True)
    )
    both = prepared(Catalogue(tuple(Entry(first.bank, product) for product in products)))
    said = [condition.verdict(Facts({})) for condition in both.conditions]
    assert {found.threshold for found in said if found.rule == "firm_age_months"} == {">= 24", ">= 24.0"}


def test_whom_to_ask_is_found_for_the_district(catalogue, ready):
    for offer, contact in zip(ready.offers, contacts_in(ready, "110108"), strict=True):
        assert contact == catalogue.contact(offer.entry, "110108")


@given(facts=ANY_FACTS, data=st.data())
@QUICK
def test_a_better_fact_never_lowers_the_verdict_of_a_one_sided_rule(ready, facts, data):
    """From fail over unknown to pass, that is; a range has two sides and promises nothing."""
    rules = [condition for condition in ready.conditions if isinstance(condition, FactCondition)]
    one_sided = [condition for condition in rules if condition.verdict(facts).direction != "either"]
    condition = data.draw(st.sampled_from(one_sided), label="condition")
    better = data.draw(values_of(condition.fact), label="better")
    before, after = condition.verdict(facts), condition.verdict(Facts({**facts.values, condition.fact: better}))
    if _is_better(better, before):
        assert ORDER[after.verdict] >= ORDER[before.verdict]


def _is_better(value, before):
    """Whether a value lies further along the direction that the verdict declares; nothing is compared with unknown."""
    ladder = before.fact.ladder
    if before.value is None or (ladder and not {value, before.value} <= set(ladder)):
        return False
    old, new = (ladder.index(one) if ladder else one for one in (before.value, value))
    return new >= old if before.direction == "rises" else new <= old


def test_a_range_has_two_sides(ready):
    said = [condition.verdict(Facts({})) for condition in ready.conditions]
    assert {found.direction for found in said if found.rule == "legal_rep_age"} == {"either"}
