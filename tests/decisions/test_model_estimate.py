"""A model of fit in the place of the rule of thumb: chances, words, reasons, and that nobody steers the order."""

from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from any_facts import ANY_FACTS
from fake_fits import PlainModel, profiles_of, small_fit_model, ties_of, with_banks_renamed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from taxed_products import product

from decisions.answer_parts import EXPLAINED_PRODUCTS, match_part
from decisions.batch.quotes import quotes_of_all
from decisions.facts import Facts, Need
from decisions.match.comparison import why_above
from decisions.match.granted import PastGrants
from decisions.match.matching import match
from decisions.match.model_estimate import ModelEstimate
from decisions.match.ranking import Fit
from decisions.match.remarks import remarks
from decisions.offered.catalogue import Catalogue, Entry
from decisions.offered.offers import offers_of
from decisions.text import Text
from features.pairs.cross import cross
from features.pairs.good_match import FIRM
from scoring.product_fit import Fits

QUICK = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
"""The fixtures hold no state that an example could change."""

SEEDS = st.integers(0, 99)
BANKS = ("ccb", "bob", "icbc", "webank")
RECORD = {"ccb": 0.5, "bob": 2.0, "webank": 1.0}


class Stated:
    """A model that says what it was told, by product."""

    def __init__(self, said, *, record=None, share=None):
        self.said, self.share, told = said, share, record or PastGrants()
        self.granted_share, self.usual_share = told.granted_share, told.usual_share
        self.granted_rate, self.usual_rate = told.granted_rate, told.usual_rate
        self.pass_share = told.pass_share

    def fits(self, pairs):
        approval, kept = zip(*(self.said[name] for name in pairs["product_id"]), strict=True)
        share = None if self.share is None else np.full(pairs.height, self.share)
        return Fits(np.array(approval), np.array(kept), share)

    def contributions(self, pairs):
        return PlainModel().contributions(pairs)


TAXPAYER = Facts({"tax_paid_12m_fen": 100_000_00}, Need(2_000_000_00, 12))
"""Ten times its tax is a million yuan; 8 % of it is saved against the outside rate of 12 %."""


@pytest.fixture
def ranked(policy, scored):
    """The places of some products by what a model says of them."""

    def answer(said, *entries, facts=TAXPAYER, record=None, share=None):
        catalogue = Catalogue(entries)
        model = Stated(said, record=record, share=share)
        estimate = ModelEstimate(model, profiles_of(1, seed=0), None, offers_of(catalogue))
        return match(facts, scored(600), catalogue=catalogue, policy=policy, estimate=estimate).products

    return answer


def test_the_value_counts_what_is_approved_and_then_drawn_and_repaid(ranked):
    [row] = ranked({"one-a": (0.7, 0.5)}, product("one-a"))
    # 0.7 x 0.5 x 1,000,000 x 8 % = 28,000
    assert row.worth.fen == 28_000_00
    assert (row.fit.approval_probability, row.fit.fit) == (0.7, 0.5)


def test_the_cost_of_papers_counts_only_when_the_loan_comes_about(ranked):
    [row] = ranked({"one-a": (0.7, 0.5)}, product("one-a", guarantee_mode="guarantee"))
    # 0.35 x (80,000 - 3,000) = 26,950
    assert (row.worth.fen, row.worth.papers_fen) == (26_950_00, 3_000_00)


def test_an_open_limit_counts_by_what_the_bank_granted_in_the_past(ranked):
    bare = {"limit": (), "cap_fen": 1_000_000_00}
    said = {"one-a": (0.5, 1.0), "two-a": (0.5, 1.0)}
    rows = ranked(said, product("one-a", **bare), product("two-a", **bare), record=PastGrants({"one-a": 0.8}))
    amounts = {row.candidate.entry.product.id: row.amount_fen for row in rows}
    # 80 % of a million by the record; without any, the policy's half
    assert amounts == {"one-a": 800_000_00, "two-a": 500_000_00}


def test_a_worked_out_limit_does_not_ask_the_past(ranked):
    [row] = ranked({"one-a": (0.5, 1.0)}, product("one-a"), record=PastGrants({"one-a": 0.8}))
    assert row.amount_fen == 1_000_000_00


def test_the_amount_that_a_model_expects_of_an_enterprise_takes_the_place_of_the_record(ranked):
    bare = product("two-a", limit=(), cap_fen=600_000_00)
    said, record = {"one-a": (0.5, 1.0), "two-a": (0.5, 1.0)}, PastGrants({"two-a": 0.8})
    rows = ranked(said, product("one-a"), bare, record=record, share=0.3)
    # 30 % of the million that is worked out, and of the 600,000 of a bare cap
    amounts = {row.candidate.entry.product.id: row.amount_fen for row in rows}
    assert amounts == {"one-a": 300_000_00, "two-a": 180_000_00}
    assert "more money to use (CNY 300,000 expected against CNY 180,000 expected)" in why_above(*rows).en
    assert "预计获批30万元对预计获批18万元" in why_above(*rows).zh


def test_a_product_without_a_record_counts_by_what_is_usual(ranked):
    silent = product("one-a", limit=(), cap_fen=1_000_000_00, rate=None)
    record = PastGrants(usual_share=0.9, usual_rate=0.05)
    [row] = ranked({"one-a": (0.5, 1.0)}, silent, record=record)
    # half of 900,000 x (12 % - 5 %); nothing is shown as if it were stated
    assert (row.amount_fen, row.worth.fen, row.all_in) == (900_000_00, 31_500_00, None)
    [stated] = ranked({"one-a": (0.5, 1.0)}, product("one-a"), record=record)
    assert stated.worth.rate == 0.04


def test_the_rate_that_banks_asked_in_the_past_is_counted_and_the_stated_one_shown(ranked):
    record = PastGrants(granted_rate={"one-a": 0.05})
    rows = ranked({"one-a": (0.5, 1.0), "two-a": (0.5, 1.0)}, product("one-a"), product("two-a"), record=record)
    places = {row.candidate.entry.product.id: row for row in rows}
    # half of a million x (12 % - 5 %)
    assert places["one-a"].worth.fen == 35_000_00
    assert places["one-a"].all_in.after == 0.04
    assert "lower all-in cost (4% against 5% by the rates of past approvals)" in why_above(*rows).en


def test_open_questions_lower_the_chance_as_far_as_others_fail_them(ranked):
    rules = ({"fact": "firm_age_months", "at_least": 24}, {"fact": "valid_patents", "at_least": 1})
    told = PastGrants(pass_share={"one-a": {"firm_age_months": 0.9, "valid_patents": 0.2, "tax_paid_12m_fen": 0.1}})
    open_two, open_one = (
        ranked({"one-a": (0.5, 0.8)}, product("one-a", rules=rules), record=told, facts=Facts(known, TAXPAYER.need))[0]
        for known in (TAXPAYER.values, {**TAXPAYER.values, "valid_patents": 3})
    )
    # the least share of those that are open, and only of those
    assert (open_two.fit.passing, open_one.fit.passing) == (0.2, 0.9)
    # 0.5 x 0.2 x 0.8 x 80,000
    assert open_two.worth.fen == 6_400_00


def test_open_questions_never_raise_the_chance(ranked):
    rules = ({"fact": "firm_age_months", "at_least": 24},)
    told = PastGrants(pass_share={"one-a": {"firm_age_months": 1.4}})
    [row] = ranked({"one-a": (0.8, 0.8)}, product("one-a", rules=rules), record=told)
    assert row.fit.chance == 0.8 * 0.8


def test_the_probability_shown_is_that_of_who_can_answer_and_a_remark_tells_what_is_open(ranked):
    rules = ({"fact": "firm_age_months", "at_least": 24},)
    told = PastGrants(pass_share={"one-a": {"firm_age_months": 0.25}})
    [row] = ranked({"one-a": (0.8, 0.8)}, product("one-a", rules=rules), record=told)
    assert row.fit.approval_probability == 0.8
    assert (
        "the order counts 25% of the chance"
        in {remark.code: remark for remark in remarks(row)}["OPEN_QUESTIONS"].text.en
    )


def test_the_order_tells_of_open_questions_that_more_can_answer(ranked):
    rules = ({"fact": "firm_age_months", "at_least": 24},)
    told = PastGrants(pass_share={"one-a": {"firm_age_months": 0.5}, "two-a": {"firm_age_months": 0.25}})
    pair = (product("one-a", rules=rules), product("two-a", rules=rules))
    rows = ranked({"one-a": (0.8, 0.8), "two-a": (0.8, 0.8)}, *pair, record=told)
    assert "they leave 50% against 25% of the chance" in why_above(*rows).en


def test_with_a_model_a_loan_counts_as_it_would_be_granted_and_what_it_exceeds_is_remarked(ranked):
    poor = Facts({**TAXPAYER.values, "sales_12m_fen": 2_000_000_00, "debt_fen": 100_000_00}, TAXPAYER.need)
    [row] = ranked({"one-a": (0.5, 0.5)}, product("one-a"), facts=poor)
    # 30 % of 2,000,000 in sales less 100,000 of debt = 500,000 can be carried, of the million that the product gives
    assert (row.amount_fen, row.borrower.affordable_fen) == (1_000_000_00, 500_000_00)
    [beyond] = [remark for remark in remarks(row) if remark.code == "BEYOND_MEANS"]
    assert "CNY 1,000,000 are counted, more than the CNY 500,000" in beyond.text.en
    assert "100万元" in beyond.text.zh
    [backed] = ranked({"one-a": (0.5, 0.5)}, product("one-a", guarantee_mode="mortgage"), facts=poor)
    assert "BEYOND_MEANS" not in {remark.code for remark in remarks(backed)}


@pytest.mark.parametrize(
    ("first", "following", "zh", "en"),
    [
        ((0.71, 0.9), (0.58, 0.9), "获批概率较高（71%对58%）", "higher probability of approval (71% against 58%)"),
        ((0.6, 0.9), (0.6, 0.7), "获批后提款并按期还清的概率较高（90%对70%）", "drawn and repaid (90% against 70%)"),
        ((0.712, 0.9), (0.708, 0.9), "获批概率较高（71.2%对70.8%）", "of approval (71.2% against 70.8%)"),
    ],
)
def test_a_lead_by_the_model_says_its_probabilities(ranked, first, following, zh, en):
    rows = ranked({"one-a": first, "two-a": following}, product("two-a"), product("one-a"))
    said = why_above(*rows)
    assert rows[0].candidate.entry.product.id == "one-a"
    assert zh in said.zh
    assert en in said.en


def test_a_lead_by_papers_says_so(ranked):
    small = Facts(TAXPAYER.values, Need(50_000_00, 12))
    said = {"one-a": (0.5, 0.9), "two-a": (0.5, 0.9)}
    rows = ranked(said, product("two-a", guarantee_mode="guarantee"), product("one-a"), facts=small)
    # 4,000 saved; 3,000 of it go for papers
    assert "papers cost less (CNY 0 against CNY 3,000)" in why_above(*rows).en
    assert "办理手续的费用较低（0元对3,000元）" in why_above(*rows).zh


def test_equal_papers_are_never_the_lead(ranked):
    small = Facts(TAXPAYER.values, Need(50_000_00, 12))
    backed = {"guarantee_mode": "guarantee"}
    cheaper = product("one-a", rate={"low": 0.03, "high": 0.03}, **backed)
    rows = ranked({"one-a": (0.5, 0.9), "two-a": (0.5, 0.9)}, cheaper, product("two-a", **backed), facts=small)
    assert "lower all-in cost (3% against 4%)" in why_above(*rows).en


@given(facts=ANY_FACTS, seed=SEEDS)
@QUICK
def test_every_step_of_a_models_order_has_a_reason(modelled, facts, seed):
    rows = modelled(facts, seed).products
    numbers = [row.worth.fen * row.weight for row in rows]
    assert numbers == sorted(numbers, reverse=True)
    assert all(why_above(row, following).zh for row, following in pairwise(rows))


@pytest.fixture(scope="module")
def modelled(catalogue, policy, scored):
    """The answer of a plain model that knows ties and a record of each bank; `names` = banks under other ids."""

    def answer(facts, seed, *, entries=catalogue.entries, offers=None, record=RECORD, names=None):
        names, profile = names or {}, profiles_of(1, seed=seed)
        ties = ties_of(profile["enterprise_id"], BANKS, seed=seed).with_columns(pl.col("bank_id").replace(names))
        model = PlainModel(record={names.get(bank, bank): told for bank, told in record.items()})
        offered = Catalogue(tuple(entries))
        estimate = ModelEstimate(model, profile, ties, offers_of(offered) if offers is None else offers)
        return match(facts, scored(600), catalogue=offered, policy=policy, estimate=estimate)

    return answer


def _places(found):
    return [(row.candidate.entry.product.id, row.worth, row.weight) for row in found.products]


@given(facts=ANY_FACTS, seed=SEEDS)
@QUICK
def test_the_order_does_not_depend_on_what_the_banks_are_called(modelled, catalogue, facts, seed):
    renamed = [
        Entry(entry.bank.model_copy(update={"name": Text(zh="甲", en="A")}), entry.product)
        for entry in catalogue.entries
    ]
    plain = modelled(facts, seed)
    assert _places(modelled(facts, seed, entries=renamed)) == _places(plain)


@given(facts=ANY_FACTS, seed=SEEDS, order=st.randoms(use_true_random=False))
@QUICK
def test_the_order_does_not_depend_on_the_banks_ids(modelled, catalogue, facts, seed, order):
    """Ids that the banks swap among themselves, in the catalogue, the ties and the record of past answers alike."""
    names, plain = _swapped(catalogue, order), modelled(facts, seed)
    renamed = modelled(facts, seed, entries=_with_ids(catalogue, names).entries, names=names)
    assert _places(renamed) == _places(plain)


def _swapped(catalogue, order):
    """New ids for the banks: each that of another."""
    ids = sorted({entry.bank.id for entry in catalogue.entries})
    swapped = list(ids)
    order.shuffle(swapped)
    return dict(zip(ids, swapped, strict=True))


def _with_ids(catalogue, names):
    entries = [
        Entry(entry.bank.model_copy(update={"id": names.get(entry.bank.id, entry.bank.id)}), entry.product)
        for entry in catalogue.entries
    ]
    return Catalogue(tuple(entries))


@given(facts=ANY_FACTS, seed=SEEDS, data=st.data())
@QUICK
def test_what_a_bank_earns_changes_no_order(modelled, catalogue, facts, seed, data):
    offers = offers_of(catalogue)
    margins = data.draw(st.lists(st.floats(0, 1), min_size=offers.height, max_size=offers.height))
    richer = offers.with_columns(bank_margin=pl.Series(margins, dtype=pl.Float64))
    plain = modelled(facts, seed)
    assert _places(modelled(facts, seed, offers=richer)) == _places(plain)


@pytest.fixture(scope="module")
def real(catalogue, policy, scored):
    """The answer of a model of some trees, the banks under other ids throughout."""
    offers, firms = offers_of(catalogue), profiles_of(30, seed=0)
    who = firms.select("enterprise_id", "as_of")
    quotes = quotes_of_all([Facts({})] * firms.height, who, catalogue=catalogue, policy=policy)
    model = small_fit_model(cross(firms, offers, quotes, None), seed=0)

    def answer(facts, seed, names):
        renamed, profile = _with_ids(catalogue, names), profiles_of(1, seed=seed)
        ties = ties_of(profile["enterprise_id"], BANKS, seed=seed).with_columns(pl.col("bank_id").replace(names))
        estimate = ModelEstimate(with_banks_renamed(model, names), profile, ties, offers_of(renamed))
        return match(facts, scored(600), catalogue=renamed, policy=policy, estimate=estimate)

    return answer


@given(facts=ANY_FACTS, seed=SEEDS, order=st.randoms(use_true_random=False))
@QUICK
def test_a_real_models_order_does_not_depend_on_the_banks_ids(real, catalogue, facts, seed, order):
    assert _places(real(facts, seed, _swapped(catalogue, order))) == _places(real(facts, seed, {}))


def test_what_past_answers_say_of_a_bank_does_change_the_order(modelled):
    facts = Facts({"district": "110108"})
    orders = [_places(modelled(facts, 1, record=told)) for told in (RECORD, {"psbc": 50.0})]
    assert orders[0] != orders[1]


@pytest.fixture(scope="module")
def answer(modelled):
    facts = Facts({"district": "110108", "sales_12m_fen": 8_000_000_00}, Need(2_000_000_00, 12))
    return match_part(modelled(facts, 1), top=8)


def test_an_answer_carries_what_the_model_says(answer):
    for row in answer["products"]:
        assert 0 < row["approval_probability"] < 1
        assert 0 < row["fit"] < 1


def test_the_first_products_are_told_with_the_models_reasons_and_the_others_without(answer):
    shares = [
        [reason["share"] for reason in row["reasons"] if reason["share"] is not None] for row in answer["products"]
    ]
    assert all(shares[:EXPLAINED_PRODUCTS])
    assert not any(shares[EXPLAINED_PRODUCTS:])
    assert all(sum(each) == pytest.approx(1.0) for each in shares[:EXPLAINED_PRODUCTS])


def test_the_reasons_of_rules_stay(answer):
    by_rule = [reason for reason in answer["products"][0]["reasons"] if reason["share"] is None]
    assert by_rule


def test_a_reason_gathers_the_features_of_its_group_and_is_told_by_the_strongest(policy, scored):
    entry = product(
        "one-a", rules=({"fact": "firm_age_months", "at_least": 24}, {"fact": "valid_patents", "at_least": 1})
    )
    catalogue = Catalogue((entry,))
    headcount = next(feature for feature in FIRM if feature.name == "headcount")
    profile = profiles_of(1, seed=0).with_columns(headcount=pl.lit(2.0))
    estimate = ModelEstimate(Stated({"one-a": (0.5, 0.5)}), profile, None, offers_of(catalogue))
    found = match(TAXPAYER, scored(600), catalogue=catalogue, policy=policy, estimate=estimate)
    [candidate] = [row.candidate for row in found.products]
    [[people, conditions]] = estimate.reasons([candidate], found.products[0].borrower)
    # headcount 2 x 0.2 = 0.4 for; one usual question 0.2 and one rare one 0.1 against: of 0.7 in all
    group = next(one for one in policy.groups.values() if headcount.group in one.members)
    assert (people.code, people.direction) == (group.code, "for")
    assert people.share == pytest.approx(0.4 / 0.7)
    assert people.text.zh == f"{group.text.zh}：{headcount.zh} 2"
    assert (conditions.code, conditions.direction) == ("CONDITIONS", "against")
    assert conditions.share == pytest.approx(0.3 / 0.7)
    assert conditions.text == Text(
        zh="待核实的常见事项数：1", en="Open questions about facts that most enterprises can answer: 1"
    )


def test_reasons_are_the_same_whether_or_not_the_estimate_has_just_been_asked(catalogue, policy, scored):
    profile = profiles_of(1, seed=3)
    before, fresh = (ModelEstimate(PlainModel(), profile, None, offers_of(catalogue)) for _ in range(2))
    facts = Facts({"district": "110108"})
    rows = match(facts, scored(600), catalogue=catalogue, policy=policy, estimate=before).products[2:5]
    candidates, borrower = [row.candidate for row in rows], rows[0].borrower
    assert before.reasons(candidates, borrower) == fresh.reasons(candidates, borrower)
    other = match(Facts({}), scored(600), catalogue=catalogue, policy=policy, estimate=fresh).products
    assert other
    assert before.reasons(candidates, borrower) == fresh.reasons(candidates, borrower)


def test_the_rule_of_thumb_gives_no_reasons_of_a_model(catalogue, policy, scored):
    told = match_part(match(TAXPAYER, scored(600), catalogue=catalogue, policy=policy), top=3)
    assert {reason["share"] for row in told["products"] for reason in row["reasons"]} == {None}


def test_a_model_is_not_asked_when_nothing_can_be_had(modelled):
    found = modelled(Facts({"registry_status": "cancelled"}), 0)
    assert match_part(found, top=5)["products"] == []


def test_of_no_product_is_told_what_moved_the_model_where_nobody_asks_for_it(modelled):
    told = match_part(modelled(TAXPAYER, 1), top=8, explained=0)
    assert {reason["share"] for product in told["products"] for reason in product["reasons"]} <= {None}


def test_as_many_fits_as_candidates_are_expected(catalogue, policy, scored):
    def forgetful(candidates, _borrower, _score):
        return [Fit(0.5)] * (len(candidates) - 1)

    with pytest.raises(ValueError, match="shorter"):
        match(TAXPAYER, scored(600), catalogue=catalogue, policy=policy, estimate=forgetful)
