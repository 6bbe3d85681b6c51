"""Champion and challenger side by side, by hand."""

import datetime as dt
import math

import pytest
from posted_stores import Poster, code

from training.posted.posted import Posted
from training.posted.shadow import shadowed_credits, shadowed_fits
from training.posted.store import PostedStore

TODAY = dt.date(2026, 11, 22)


@pytest.fixture
def poster(tmp_path):
    made = Poster(tmp_path)
    yield made
    made.close()


def test_both_models_of_fit_are_held_against_what_came(poster):
    """Champion says 0.5 twice, challenger 0.8 and 0.4; approved and refused: losses ln 2 twice, -ln 0.8 and -ln 0.6."""
    asked = poster.decide(code(1), products=("a-one", "b-two"), approval=(0.5, 0.5))
    poster.shadow(asked, approval={"b-two": 0.4, "a-one": 0.8})
    poster.report(asked, "a-one", decision="approved", on="2026-10-09")
    poster.report(asked, "b-two", decision="refused", on="2026-10-09")
    [found] = shadowed_fits(PostedStore(poster.url))
    assert (found.champion, found.challenger, found.decisions) == ("sha256:three", "sha256:four", 1)
    assert (found.milliseconds, found.same_top) == (20.0, 1.0)
    assert found.moved == pytest.approx((0.3 + 0.1) / 2)
    assert sorted(found.duel.differences.tolist()) == pytest.approx([0.04 - 0.25, 0.16 - 0.25])
    assert found.loss_difference.value == pytest.approx((-math.log(0.8) - math.log(0.6)) / 2 - math.log(2))


def test_a_product_that_the_challenger_would_not_have_shown_counts(poster):
    asked = poster.decide(code(1), products=("a-one", "b-two"))
    poster.shadow(asked, approval={"c-three": 0.9, "a-one": 0.8})
    [found] = shadowed_fits(PostedStore(poster.url))
    assert found.same_top == 0.5
    assert found.loss_difference is None


def test_challengers_of_different_days_are_told_apart(poster):
    for digest in ("sha256:four", "sha256:five", "sha256:five"):
        poster.shadow(poster.decide(code(1)), approval={"ccb-yunshuidai": 0.6}, digest=digest)
    found = shadowed_fits(PostedStore(poster.url))
    assert [(one.challenger, one.decisions) for one in found] == [("sha256:five", 2), ("sha256:four", 1)]


def test_credit_models_are_compared_on_labels_a_year_later(poster):
    """0.02 and 0.03 said of an enterprise that defaulted: challenger's squared error less champion's 0.97² - 0.98²."""
    asked = poster.decide(code(1), as_of=dt.date(2025, 3, 1), pd=0.02)
    poster.shadow(asked, approval={}, pd=0.03, model="sha256:eight")
    poster.report(asked, "ccb-yunshuidai", decision="approved", on="2025-03-20", drawn_fen=100)
    poster.report(asked, "ccb-yunshuidai", decision="approved", on="2025-11-01", days_past_due=95)
    poster.report(asked, "ccb-yunshuidai", decision="approved", on="2026-03-02", days_past_due=200)
    store = PostedStore(poster.url)
    [found] = shadowed_credits(store, Posted.of(store, today=TODAY))
    assert (found.champion, found.challenger, found.same_top) == ("sha256:seven", "sha256:eight", None)
    assert found.duel.differences.tolist() == pytest.approx([0.97**2 - 0.98**2])
