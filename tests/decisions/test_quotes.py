"""What products come to by rules alone: many at once gives what one by one gives."""

import datetime as dt

import polars as pl
import pytest
from any_facts import ANY_FACTS
from fake_fits import AS_OF, codes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decisions.batch.quotes import quotes_of_all
from decisions.facts import Facts, Need
from decisions.match.matching import match
from decisions.match.quotes import margin_of, quotes_of
from decisions.match.refusals import conditions_on, refusals
from decisions.match.worth import Borrower
from decisions.money.limit import limit_of
from decisions.offered.catalogue import Catalogue, Entry
from decisions.offered.products import Bank, Product
from decisions.policies import policy_on
from decisions.text import Text
from sources.contracts.offers import Quotes

FIRMS = st.lists(ANY_FACTS, min_size=1, max_size=3)
DAYS = st.sampled_from([dt.date(2025, 6, 1), dt.date(2026, 11, 22), dt.date(2027, 10, 1)])
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
"""The fixtures hold no state that an example could change."""


def who_of(facts):
    return pl.DataFrame({"enterprise_id": codes(len(facts)), "as_of": [AS_OF] * len(facts)})


def product(**terms):
    """An invented plain loan."""
    usual = {
        "id": "one-a",
        "name": Text(zh="示例贷", en="Example Loan"),
        "status": "illustrative",
        "category": "credit_loan",
        "guarantee_mode": "credit",
        "from": dt.date(2024, 1, 1),
        "source": "invented",
        "districts": ("CN",),
        "repayment": "interest_then_principal",
        "documents": (),
    }
    bank = Bank(id="one", name=Text(zh="示例银行", en="Example Bank"), fictional=True)
    return Entry(bank, Product.model_validate(usual | terms))


@pytest.fixture
def quoted(policy):
    """The one row of a product for an enterprise."""

    def row(facts, entry):
        found = quotes_of_all([facts], who_of([facts]), catalogue=Catalogue((entry,)), policy=policy)
        return found.row(0, named=True)

    return row


@given(firms=FIRMS, day=DAYS)
@FEW
def test_quotes_of_candidates_are_those_of_the_batch(catalogue, scored, firms, day):
    policy, who = policy_on(day), who_of(firms)
    many = quotes_of_all(firms, who, catalogue=catalogue, policy=policy).filter(pl.col("failed") == 0)
    each = []
    for (enterprise_id, as_of), facts in zip(who.rows(), firms, strict=True):
        rows = match(facts, scored(600), catalogue=catalogue, policy=policy).products
        candidates = sorted((row.candidate for row in rows), key=lambda one: one.entry.product.id)
        borrower = Borrower.of(facts, policy)
        each.append(quotes_of(candidates, borrower, enterprise_id=enterprise_id, as_of=as_of))
    assert many.equals(pl.concat(each))


@given(facts=ANY_FACTS, day=DAYS)
@FEW
def test_what_is_ruled_out_is_quoted_with_what_fails(catalogue, facts, day):
    policy = policy_on(day)
    rows = quotes_of_all([facts], who_of([facts]), catalogue=catalogue, policy=policy)
    told = dict(rows.select("product_id", "failed").iter_rows())
    assert told == {entry.product.id: len(refusals(entry.product, facts, policy)) for entry in catalogue.entries}


@given(facts=ANY_FACTS)
@FEW
def test_quotes_keep_their_contract(catalogue, policy, facts):
    rows = quotes_of_all([facts], who_of([facts]), catalogue=catalogue, policy=policy)
    Quotes.validate(rows)
    assert rows["product_id"].to_list() == sorted(entry.product.id for entry in catalogue.entries)


@given(facts=ANY_FACTS)
@FEW
def test_limit_and_rules_met_are_those_of_the_product(catalogue, policy, facts):
    rows = quotes_of_all([facts], who_of([facts]), catalogue=catalogue, policy=policy)
    by_id = {entry.product.id: entry for entry in catalogue.entries}
    for row in rows.iter_rows(named=True):
        entry = by_id[row["product_id"]]
        said = conditions_on(entry.product, facts, policy)[1 : 1 + len(entry.product.rules)]
        assert row["limit_fen"] == limit_of(entry.product, facts).at_most_fen
        assert row["met"] == sum(found.verdict == "pass" for found in said)
        assert row["margin"] == margin_of(entry.product, facts)


def test_only_the_pairs_that_are_wanted_are_told_in_their_order(catalogue, policy):
    facts = [Facts({}, Need(amount_fen=fen)) for fen in (100_000_00, 200_000_00)]
    who = who_of(facts)
    first, second = who["enterprise_id"]
    pairs = [(second, "bob-rongxinbao"), (first, "ccb-yunshuidai"), (second, "ccb-yunshuidai")]
    wanted = pl.DataFrame(pairs, schema=["enterprise_id", "product_id"], orient="row").with_columns(as_of=AS_OF)
    found = quotes_of_all(facts, who, catalogue=catalogue, policy=policy, wanted=wanted)
    assert found.select("enterprise_id", "product_id").rows() == pairs
    assert found["wanted_fen"].to_list() == [200_000_00, 100_000_00, 200_000_00]


def test_one_enterprise_that_asked_twice_on_a_day_is_told_apart_by_row(catalogue, policy):
    facts = [Facts({}, Need(amount_fen=fen)) for fen in (100_000_00, 200_000_00)]
    who = pl.concat([who_of(facts[:1])] * 2)
    wanted = who.with_columns(product_id=pl.lit("ccb-yunshuidai"))
    with pytest.raises(ValueError, match="expected wanted to say by `row`"):
        quotes_of_all(facts, who, catalogue=catalogue, policy=policy, wanted=wanted)
    told = quotes_of_all(
        facts, who, catalogue=catalogue, policy=policy, wanted=wanted.with_columns(row=pl.Series([1, 0]))
    )
    assert told["wanted_fen"].to_list() == [200_000_00, 100_000_00]


def test_a_pair_of_a_strange_product_or_enterprise_is_refused(catalogue, policy):
    facts = [Facts({})]
    strange = {"enterprise_id": codes(2)[1:], "as_of": [AS_OF], "product_id": ["ccb-yunshuidai"]}
    with pytest.raises(ValueError, match="got 1 wanted pairs of enterprises and days that are not in who"):
        quotes_of_all(facts, who_of(facts), catalogue=catalogue, policy=policy, wanted=pl.DataFrame(strange))
    wanted = who_of(facts).with_columns(product_id=pl.lit("ccb-no-such"))
    with pytest.raises(ValueError, match="got product 'ccb-no-such'"):
        quotes_of_all(facts, who_of(facts), catalogue=catalogue, policy=policy, wanted=wanted)


def test_as_many_facts_as_enterprises_are_expected(catalogue, policy):
    with pytest.raises(ValueError, match="got 2 facts and 1 rows of who"):
        quotes_of_all([Facts({})] * 2, who_of([Facts({})]), catalogue=catalogue, policy=policy)


def test_nobody_and_nothing_give_no_quotes(catalogue, policy):
    assert quotes_of_all([], who_of([]), catalogue=catalogue, policy=policy).is_empty()
    none = quotes_of_all([Facts({})], who_of([1]), catalogue=Catalogue(()), policy=policy)
    assert none.is_empty()
    assert none.columns == list(Quotes.columns())


def test_the_margin_is_the_distance_to_the_nearest_threshold_over_it(quoted):
    rules = (
        {"fact": "firm_age_months", "at_least": 24},
        {"fact": "legal_rep_age", "between": (20, 60)},
        {"fact": "bad_balance_share", "at_most": 0},
    )
    facts = Facts({"firm_age_months": 36, "legal_rep_age": 45, "bad_balance_share": 0.0})
    # 12 of 24 months = 0.5; 25 of 20 years = 1.25 and 15 of 60 = 0.25; a threshold of 0 has no scale.
    assert quoted(facts, product(rules=rules))["margin"] == 0.25
    assert quoted(Facts({"firm_age_months": 36}), product(rules=rules))["margin"] == 0.5
    assert quoted(Facts({"firm_age_months": 12}), product(rules=rules))["margin"] is None
    assert quoted(Facts({"firm_age_months": 2400}), product(rules=rules))["margin"] == 10.0


def test_an_open_limit_and_a_rate_that_is_not_stated_are_said_to_be_assumed(quoted):
    row = quoted(Facts({}, Need(1_000_000_00, 24)), product(cap_fen=600_000_00, term_months=12))
    # half of 600,000; 6 % is assumed
    assert (row["limit_fen"], row["is_limit_open"], row["usable_fen"]) == (600_000_00, True, 300_000_00)
    assert (row["rate"], row["is_rate_assumed"], row["months"], row["wanted_months"]) == (0.06, True, 12, 24)


def test_stops_a_forbidden_purpose_rules_and_a_limit_of_nothing_each_count_as_failed(quoted):
    facts = Facts.of({}, None, as_of=AS_OF, need=Need(purpose="securities"))
    known = {**facts.values, "registry_status": "revoked", "firm_age_months": 1, "tax_paid_12m_fen": 0}
    asks = product(
        rules=({"fact": "firm_age_months", "at_least": 24},),
        limit=({"parts": ({"basis": "tax_paid_12m_fen", "multiple": 10},)},),
    )
    # the licence, the purpose, the age and the limit
    assert quoted(Facts(known, facts.need), asks)["failed"] == 4
