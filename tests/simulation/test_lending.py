"""Banks, their hidden policies, and how firms choose."""

import datetime as dt

import numpy as np
import pytest

from decisions.offered.catalogue import load_catalogue
from simulation.assumed import lending as a
from simulation.community import Community, draw_community
from simulation.lending.offers import offers
from simulation.lending.worth import counterfactuals
from simulation.months import calendar
from simulation.weather import weather

UNTIL = dt.date(2026, 10, 31)


@pytest.fixture(scope="module")
def city() -> list[Community]:
    months = calendar(36, UNTIL)
    return [draw_community(number, months, weather(months, seed=6), seed=6) for number in range(15)]


def pooled(city: list[Community], name: str) -> np.ndarray:
    return np.concatenate([getattr(community.lives.applications, name) for community in city])


def test_there_are_42_banks_and_every_product_has_one():
    book = offers()
    assert len(book.banks) == a.BANKS == len(set(book.banks))
    assert len(set(book.ids)) == len(book)
    assert set(book.bank) == set(range(a.BANKS))
    assert (book.low <= book.high).all()


def test_the_city_keeps_to_the_banks_it_was_measured_with():
    book = offers()
    real = [entry.bank.id for entry in load_catalogue(illustrative=True).entries if not entry.bank.fictional]
    assert book.banks[: len(a.CATALOGUE_BANKS)] == a.CATALOGUE_BANKS
    assert all(bank.startswith("sim-bank-") for bank in book.banks[len(a.CATALOGUE_BANKS) :])
    assert set(real) <= set(a.CATALOGUE_BANKS)


def test_no_bank_admits_the_worst_tax_grade():
    assert not offers().grades[:, -1].any()


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
