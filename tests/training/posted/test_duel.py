"""Two models on the same posted answers, each asked anew with the stored requests."""

import datetime as dt
import math
from dataclasses import replace

import pytest
from posted_stores import Poster, code
from registries import model
from small_fits import small_fit

from decisions.offered.catalogue import load_catalogue
from decisions.policies import policy_on
from scoring.pd import PdCurve
from training.posted.duel import Duel, credit_duel, fit_duel
from training.posted.posted import Posted
from training.posted.store import PostedStore
from training.product_fit.sample import Rules

TODAY = dt.date(2026, 11, 22)


@pytest.fixture
def poster(tmp_path):
    made = Poster(tmp_path)
    yield made
    made.close()


def posted(poster):
    return Posted.of(PostedStore(poster.url), today=TODAY)


def test_both_models_of_fit_answer_what_was_answered_in_the_order_it_came(poster):
    rules = Rules(load_catalogue(illustrative=False).on(TODAY), policy_on(TODAY))
    product = rules.catalogue.entries[0].product.id
    asked = [poster.decide(code(place)) for place in (2, 1, 3)]
    for decision_id, decision in zip(asked, ("refused", "approved", "withdrawn"), strict=True):
        poster.report(decision_id, product, decision=decision, on="2026-10-09")
    duel = fit_duel(posted(poster), small_fit(intercept=2.0), small_fit(intercept=0.0), rules=rules)
    assert duel.rows.select("enterprise_id", "happened").rows() == [(code(2), 0.0), (code(1), 1.0)]
    assert (duel.rows["ours"] > duel.rows["theirs"]).all()
    refused, approved = duel.differences
    assert refused > 0 > approved


def test_the_first_answer_stands_whatever_is_told_later(poster):
    """What was bet on must not change afterwards."""
    rules = Rules(load_catalogue(illustrative=False).on(TODAY), policy_on(TODAY))
    product = rules.catalogue.entries[0].product.id
    asked = poster.decide(code(1))
    for decision, on in (("refused", "2026-10-09"), ("approved", "2026-10-20")):
        poster.report(asked, product, decision=decision, on=on)
    assert fit_duel(posted(poster), small_fit(), small_fit(), rules=rules).rows["happened"].to_list() == [0.0]


def always(pd):
    """A credit model that says the same of everybody."""
    said = (math.log(pd / (1 - pd)),) * 2
    curve = PdCurve((300.0, 850.0), said, (0.1, 0.1), (0.1, 0.1), 0.9, "alike", "line")
    return replace(model(), pd=curve)


def test_both_credit_models_are_held_against_labels_a_year_later(poster):
    """0.10 and 0.02 said of a default and of a sound one: 0.90² - 0.98² and 0.10² - 0.02²."""
    for place, late in ((1, 95), (2, 0)):
        asked = poster.decide(code(place), as_of=dt.date(2025, 3, 1))
        for on, told in (("2025-03-20", {"drawn_fen": 100}), ("2025-11-01", {"days_past_due": late})):
            poster.report(asked, "ccb-yunshuidai", decision="approved", on=on, **told)
        poster.report(asked, "ccb-yunshuidai", decision="approved", on="2026-03-02", days_past_due=late)
    duel = credit_duel(posted(poster), always(0.10), always(0.02))
    assert duel.enterprises == [code(1), code(2)]
    assert duel.differences.tolist() == pytest.approx([0.90**2 - 0.98**2, 0.10**2 - 0.02**2])


def test_without_answers_there_is_nothing_to_compare(poster):
    assert Duel.empty().differences.tolist() == []
    assert credit_duel(posted(poster), always(0.1), always(0.02)).enterprises == []
