"""Banks, their hidden policies, and how firms choose."""

import datetime as dt
import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from decisions.offered.catalogue import Catalogue, load_catalogue
from decisions.offered.products import Product
from decisions.policies import policy_on
from simulation.assumed import lending as a
from simulation.chance import Numbers
from simulation.community import Community, draw_community
from simulation.firms import Firms
from simulation.lending import known as known_facts
from simulation.lending.asking import chances, limits
from simulation.lending.conditions import FACTS, REFUSED_EVERYWHERE
from simulation.lending.known import WORDS
from simulation.lending.known import known as known_of
from simulation.lending.offers import offers
from simulation.lending.worth import counterfactuals
from simulation.months import calendar
from simulation.state import WORST_GRADE, State
from simulation.weather import weather

UNTIL = dt.date(2026, 10, 31)
BEIJING = {"CN", "BJ", *WORDS["district"]}


@pytest.fixture(scope="module")
def city() -> list[Community]:
    months = calendar(36, UNTIL)
    return [draw_community(number, months, weather(months, seed=6), seed=6) for number in range(15)]


@cache
def catalogue() -> Catalogue:
    return load_catalogue(illustrative=True)


def entry(product_id: str) -> Product:
    return catalogue().find(product_id, on=a.OFFERED_ON).product


def place(product_id: str) -> int:
    return offers().ids.index(product_id)


def standing(community: Community) -> tuple[State, Firms, Numbers]:
    """Where its firms stood at the end, and their ages in months."""
    return community.states[-1], community.firms, (community.calendar.months - community.firms.born).astype(float)


def broken_at(community: Community, firm: np.ndarray, month: np.ndarray, offer: np.ndarray) -> np.ndarray:
    """Whether firms broke a rule of an offer when a month began."""
    found = np.zeros(len(firm), bool)
    for one in np.unique(month):
        rows = np.flatnonzero(month == one)
        firms, ages = community.firms.take(firm[rows]), (one - community.firms.born[firm[rows]]).astype(float)
        _, code = chances(community.states[one].take(firm[rows]), firms, ages, offer[rows][:, None])
        found[rows] = ~np.isin(code[:, 0], ["", "OVERDUE"])
    return found


def pooled(city: list[Community], name: str) -> np.ndarray:
    return np.concatenate([getattr(community.lives.applications, name) for community in city])


def test_the_city_lends_the_catalogue():
    book, entries = offers(), load_catalogue(illustrative=True).on(a.OFFERED_ON).entries
    assert list(book.ids) == [entry.product.id for entry in entries]
    assert [book.banks[place] for place in book.bank] == [entry.bank.id for entry in entries]
    assert set(book.banks) == {entry.bank.id for entry in entries}
    assert (book.low <= book.high).all()


def test_a_rate_that_no_source_states_lies_around_what_policy_assumes():
    product = place("abc-kejiedai"), place("bob-keqidai")
    assumed = policy_on(a.OFFERED_ON).numbers.rate_where_unstated.value
    assert (offers().low[product[0]], offers().high[product[0]]) == (0.027, 0.033)
    assert offers().low[product[1]] + offers().high[product[1]] == pytest.approx(2 * assumed)


def test_who_has_the_worst_tax_grade_is_refused_everywhere(city):
    state, firms, ages = standing(city[0])
    worst = replace(state, grade=np.full(len(firms), WORST_GRADE))
    every = np.broadcast_to(np.arange(len(offers())), (len(firms), len(offers())))
    _, code = chances(worst, firms, ages, every)
    assert (code != "").all()


def test_a_product_of_another_city_is_never_shown_and_never_granted(city):
    elsewhere = place("bosc-shangyinfapiaodai")
    assert elsewhere not in pooled(city, "shown")
    assert (counterfactuals(city[0], np.arange(50), 40).chance[:, elsewhere] == 0).all()


def test_a_rule_of_the_catalogue_is_broken_exactly_beyond_its_bound(city):
    state, firms, _ = standing(city[0])
    one = place("abc-nashuiedai")
    rule = next(rule for rule in entry("abc-nashuiedai").rules if rule.fact == "firm_age_months")
    for age, expected in ((rule.at_least - 1, True), (rule.at_least, False)):
        known = known_of(state, firms, np.full(len(firms), float(age)))
        assert (offers().conditions.broken(known)[:, one, FACTS.index("firm_age_months")] == expected).all()


def test_rules_on_words_are_those_of_the_catalogue(city):
    """Sections, divisions, tax grades, legal forms, sizes: as `Rule.admits` says of each firm's own code."""
    state, firms, ages = standing(city[0])
    known = known_of(state, firms, ages)
    broken = offers().conditions.broken(known)
    for number, one in enumerate(offers().ids):
        for rule in entry(one).rules:
            if rule.fact in known.words and rule.on_breach == "fail":
                codes = [WORDS[rule.fact][held] for held in known.words[rule.fact]]
                expected = [not rule.admits(code) for code in codes]
                assert broken[:, number, FACTS.index(rule.fact)].tolist() == expected, (one, rule.fact)


def test_what_no_bank_of_the_city_knows_is_listed():
    unknown = {fact for facts in offers().conditions.open_facts for fact in facts}
    assert unknown == set(re.findall(r"`(\w+)`", known_facts.__doc__ or "")) - REFUSED_EVERYWHERE


def test_a_limit_is_the_lowest_ceiling_of_the_formula(city):
    """PSBC: 10 % of sales, and 50 % of sales less debts, at most 3,000,000 yuan."""
    state, firms, ages = standing(city[0])
    sales, debt = firms.sales * state.year, firms.sales * state.debt
    expected = np.minimum(np.minimum(0.1 * sales, 0.5 * sales - debt), 3_000_000)
    every = np.full((len(firms), 1), place("psbc-xiaoweiyidai-xinyong"))
    np.testing.assert_allclose(limits(state, firms, ages, every)[:, 0], expected)


def test_a_multiple_by_tax_grade_follows_the_grade(city):
    """Grade A 9 times the tax of a year, grade B 7 times, others nothing, at most 4,000,000 yuan."""
    state, firms, ages = standing(city[0])
    multiple = np.array([9.0, 7.0, 0.0, 0.0, 0.0])[state.grade]
    expected = np.minimum(multiple * firms.sales * state.taxed, 4_000_000)
    every = np.full((len(firms), 1), place("example-19-zhizao-shuidai"))
    np.testing.assert_allclose(limits(state, firms, ages, every)[:, 0], expected)


def test_without_a_formula_loans_reach_the_share_of_sales_that_policy_assumes(city):
    state, firms, ages = standing(city[0])
    share = policy_on(a.OFFERED_ON).lending.turnover_share.value
    expected = np.minimum(firms.sales * (share * state.year - state.debt), 2_000_000)
    every = np.full((len(firms), 1), place("bob-rongxinbao"))
    np.testing.assert_allclose(limits(state, firms, ages, every)[:, 0], expected)


def test_every_bank_of_the_city_has_applicants(city):
    local = [any(one in BEIJING for one in entry(product).districts) for product in offers().ids]
    asked = np.bincount(offers().bank[pooled(city, "offer")], minlength=len(offers().banks))
    assert (asked[np.unique(offers().bank[local])] > 0).all()


def test_a_list_holds_different_offers(city):
    shown = np.sort(pooled(city, "shown"), axis=1)
    assert (shown[:, 1:] > shown[:, :-1]).all()


def test_products_for_technology_are_shown_mostly_to_firms_that_live_from_it(city):
    tech = np.concatenate([community.firms.tech[community.lives.applications.firm] for community in city])
    technical = np.isin(offers().categories, ["tech_loan", "srdi_loan", "ip_pledge"])[pooled(city, "shown")].mean(
        axis=1
    )
    assert technical[tech].mean() > 3 * technical[~tech].mean()


def test_what_is_granted_agrees_with_the_true_chances(city):
    chance, granted = pooled(city, "chance"), pooled(city, "granted")
    error = np.sqrt((chance * (1 - chance)).sum()) / len(chance)
    assert abs(chance.mean() - granted.mean()) < 4 * error


def test_every_refusal_has_a_code_and_no_grant_has_one(city):
    granted, code = pooled(city, "granted"), pooled(city, "code")
    assert (code[granted] == "").all()
    assert (code[~granted] != "").all()


def test_who_breaks_a_hard_rule_is_nearly_always_refused(city):
    chance, code = pooled(city, "chance"), pooled(city, "code")
    assert chance[~np.isin(code, ["", "SCORE"])].max() <= a.OVERLOOKED


def test_the_first_place_on_the_list_is_chosen_most(city):
    chosen = np.bincount(pooled(city, "position"), minlength=a.SHOWN)
    assert chosen[0] > 1.5 * chosen[-1]
    assert (
        pooled(city, "shown")[np.arange(len(pooled(city, "offer"))), pooled(city, "position")] == pooled(city, "offer")
    ).all()


def test_amounts_stay_within_what_was_wanted_and_granted(city):
    wanted, limit, drawn, granted = (pooled(city, name) for name in ("wanted", "limit", "drawn", "granted"))
    assert (limit <= wanted + 1e-9).all()
    assert (drawn <= limit + 1e-9).all()
    assert (limit[~granted] == 0).all()


def test_labels_are_selected_borrowers_stand_better_than_refused_firms(city):
    refused, lent = [], []
    for community in city:
        asked, lives = community.lives.applications, community.lives
        strain = lives.strain[asked.firm, np.maximum(asked.month - 1, 0)]
        refused.append(strain[~asked.granted])
        lent.append(strain[asked.granted])
    assert np.concatenate(lent).mean() < np.concatenate(refused).mean()


def test_a_worth_counts_interest_fees_and_papers_over_the_term(city):
    """PSBC's loan with a guarantor: 5 % interest and 1 % fee for a year, against 12 %; 3,000 yuan for the papers."""
    worth = counterfactuals(city[0], np.arange(50), 40)
    one = place("psbc-xiaoweiyidai-danbao")
    expected = worth.chance[:, one] * np.maximum(worth.limit[:, one] * (0.12 - 0.05 - 0.01) - 3_000, 0)
    np.testing.assert_allclose(worth.utility[:, one], expected)


def test_firms_ask_less_often_for_what_they_cannot_have(city):
    chosen, unfit = 0, 0
    for community in city[:3]:
        asked = community.lives.applications
        broken = np.stack([broken_at(community, asked.firm, asked.month, asked.shown[:, at]) for at in range(a.SHOWN)])
        unfit += broken.mean()
        chosen += broken[asked.position, np.arange(len(asked.firm))].mean()
    assert chosen < 0.8 * unfit


def test_counterfactuals_give_a_chance_and_a_worth_for_every_product(city):
    community = city[0]
    month = community.calendar.months - 1
    places = np.flatnonzero(community.lives.trading[:, month])
    worth = counterfactuals(community, places, month)
    assert worth.chance.shape == (len(places), len(offers()))
    assert ((worth.chance >= 0) & (worth.chance <= 1)).all()
    assert (worth.utility >= 0).all()
    assert (worth.utility[worth.chance == 0] == 0).all()
    assert len(np.unique(worth.utility.argmax(axis=1))) > 5, "no product is the best for all"
