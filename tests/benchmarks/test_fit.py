"""How the benchmark of product fit takes lists, log and truth; arithmetic by hand."""

import datetime as dt
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from benchmarks.fit_calibration import Said
from benchmarks.fit_learn import cut, kept_apart
from benchmarks.fit_lists import as_lists
from benchmarks.fit_orders import GridEstimate, popularity, wrongly_shown
from benchmarks.fit_position import Market, of_seeds
from benchmarks.fit_rows import Rules, listed
from benchmarks.fit_value import Factors, swapped
from decisions.facts import Facts
from decisions.offered.catalogue import load_catalogue
from simulation.assumed import lending as assumed
from training.evaluation.resampling import Draws
from training.product_fit.ranker import CHOSEN, GRANTED, KEPT, PASSED_OVER
from training.product_fit.sample import PairSample
from training.unseen import Division

JULY, MARCH_BEFORE = dt.date(2025, 7, 1), dt.date(2024, 3, 1)


def applications(*shown, chosen, granted=True, drawn_fen=0):
    """One application for each list."""
    return pl.DataFrame(
        {
            "enterprise_id": [f"Y{number}" for number in range(len(shown))],
            "as_of": [JULY] * len(shown),
            "shown": pl.Series(list(shown), dtype=pl.List(pl.String)),
            "product_id": list(chosen),
            "granted": [granted] * len(shown),
            "drawn_fen": [drawn_fen] * len(shown),
        }
    )


def test_each_product_of_a_list_keeps_its_place_and_an_empty_place_is_left_out():
    rows = listed(applications(["a", None, "b"], chosen=["b"]), ["a", "b"])
    assert rows.select("product_id", "place", "is_chosen").rows() == [("a", 0, False), ("b", 2, True)]


def test_a_product_that_is_no_longer_offered_is_left_out():
    rows = listed(applications(["a", "gone", "b"], chosen=["a"]), ["a", "b"])
    assert rows["place"].to_list() == [0, 2]


def test_a_list_whose_chosen_product_is_no_longer_offered_teaches_nothing():
    assert listed(applications(["a", "gone"], chosen=["gone"]), ["a"]).is_empty()


def test_a_list_of_one_product_teaches_nothing():
    assert listed(applications(["a", "gone"], chosen=["a"]), ["a"]).is_empty()


@pytest.mark.parametrize(("granted", "drawn_fen", "grade"), [(False, 0, CHOSEN), (True, 0, GRANTED), (True, 5, KEPT)])
def test_what_became_of_an_application_grades_the_product_chosen(granted, drawn_fen, grade):
    shown = listed(applications(["a", "b"], chosen=["b"], granted=granted, drawn_fen=drawn_fen), ["a", "b"])
    made = as_lists(shown.select("enterprise_id"), shown)
    assert made.grade.tolist() == [PASSED_OVER, grade]
    assert made.lengths.tolist() == [2]


def test_popularity_counts_applications_of_each_product():
    log = pl.DataFrame({"product_id": ["a", "b", "a"]})
    assert popularity(log, ["a", "b", "c"]).tolist() == [2.0, 1.0, 0.0]


def sample(*days, codes):
    count = len(days)
    pairs = pl.DataFrame({"enterprise_id": codes, "day": days, "product_id": ["a"] * count})
    ones = np.ones(count)
    return PairSample(pairs, ones, ones, ones, ones, ones, ones, np.zeros(count, dtype=np.int64))


def test_only_the_past_of_enterprises_that_are_not_judged_is_learned_from():
    division = Division(JULY, 0.3, 0)
    codes = [f"Y{number}" for number in range(50)]
    apart = set(kept_apart(pl.Series(codes), division))
    assert 0 < len(apart) < len(codes)
    some = sample(*[MARCH_BEFORE] * 50, *[JULY] * 50, codes=codes * 2)
    left = cut(some, division).pairs
    assert set(left["enterprise_id"]) == set(codes) - apart
    assert set(left["day"]) == {MARCH_BEFORE}


def test_what_became_known_of_a_loan_during_the_test_is_not_learned_from():
    division = Division(JULY, 0.3, 0)
    codes = [f"Y{number}" for number in range(50)]
    code = next(iter(set(codes) - set(kept_apart(pl.Series(codes), division))))
    left = cut(sample(dt.date(2024, 5, 31), JULY - dt.timedelta(1), codes=[code] * 2), division)
    assert left.kept[0] == 1.0
    assert np.isnan(left.kept[1])
    assert left.approved.tolist() == [1.0, 1.0]


def test_expected_value_is_chance_times_what_is_saved_less_papers_and_never_below_zero():
    amount, papers = np.array([[100_000.0, 100_000.0]]), np.array([0.0, 20_000.0])
    half = np.full((1, 2), 0.5)
    factors = Factors(chance=half, amount=amount, rate=np.full((1, 2), assumed.OUTSIDE_RATE - 0.1), years=half * 2)
    assert factors.value(papers).tolist() == [[pytest.approx(5_000.0), 0.0]]


def test_factors_are_swapped_one_at_a_time():
    zero, one = np.zeros((1, 1)), np.ones((1, 1))
    made = dict(swapped(Factors(zero, zero, zero, zero), Factors(one, one, one, one)))
    told = {name: [getattr(each, part).item() for part in vars(each)] for name, each in made.items()}
    assert told["truth, our rate"] == [0, 0, 1, 0]
    assert told["ours, true chance"] == [0, 1, 1, 1]
    assert len(told) == 8


@dataclass(frozen=True)
class Seen:
    """Firm-months with six products, as a market looks at them."""

    pairs: pl.DataFrame
    candidates: np.ndarray

    def __len__(self):
        return len(self.candidates)


def market(*, firms=40):
    """Six products, dearer with their number; the firm's taste is for the last one."""
    shape = (firms, 6)
    pairs = pl.DataFrame({"product": np.tile(np.arange(6), firms)})
    taste = np.broadcast_to(np.array([0, 0, 0, 0, 0, 9.0]), shape)
    seen = Seen(pairs, np.ones(shape, dtype=bool))
    return Market(seen, taste, np.ones(shape), np.arange(6) / 100, np.ones(6))


def test_lists_of_a_platform_that_earns_on_dear_loans_begin_with_the_dearest():
    made = market().lists(strength=0.0, dearest_first=True, random=np.random.default_rng(0))
    shown = made.pairs["product"].to_numpy().reshape(-1, assumed.SHOWN)
    assert (np.diff(shown, axis=1) < 0).all()


def test_no_product_stands_twice_on_a_list():
    made = market().lists(strength=0.0, dearest_first=False, random=np.random.default_rng(0))
    shown = made.pairs["product"].to_numpy().reshape(-1, assumed.SHOWN)
    assert all(len(set(row)) == assumed.SHOWN for row in shown.tolist())


def test_a_strong_taste_is_followed_where_places_do_not_count():
    made = market().lists(strength=0.0, dearest_first=False, random=np.random.default_rng(0))
    chosen = made.pairs["product"].to_numpy()[made.grade > PASSED_OVER]
    on_list = made.pairs["product"].to_numpy().reshape(-1, assumed.SHOWN) == 5
    assert (chosen == 5).sum() > 0.95 * on_list.any(axis=1).sum()


def test_scores_that_follow_the_taste_agree_with_it_in_full():
    one = market()
    assert one.agreement(one.taste, np.random.default_rng(0)) == 1.0
    assert one.agreement(-one.taste, np.random.default_rng(0)) == 0.0


def test_the_interval_over_seeds_is_students():
    found = of_seeds(np.array([1.0, 2.0, 3.0]))
    half = 4.302653 / 3**0.5
    assert (found.value, found.low, found.high) == (2.0, pytest.approx(2 - half), pytest.approx(2 + half))


def test_one_seed_has_no_interval():
    assert np.isnan(of_seeds(np.array([1.0])).low)


def said(approval, chance):
    codes = pl.Series([f"Y{number}" for number in range(len(approval))])
    banks = np.array(["a"] * len(approval))
    return Said(np.array(approval), np.array(chance), banks, Draws.of_enterprises(codes, seed=0, draws=50))


def test_probabilities_that_are_true_on_the_whole_of_a_bin_have_no_error():
    pairs = [0.2] * 50 + [0.7] * 50
    error, floor = said(pairs, ([0.1] * 25 + [0.3] * 25) + ([0.6] * 25 + [0.8] * 25)).error()
    assert error.value == pytest.approx(0.0, abs=1e-12)
    assert floor > 0


def test_the_error_is_the_mean_distance_of_what_is_said_from_what_is_true():
    error, floor = said([0.2] * 50 + [0.7] * 50, [0.3] * 50 + [0.5] * 50).error()
    assert error.value == pytest.approx((0.1 + 0.2) / 2)
    assert 0 < floor < error.value


def test_known_probabilities_are_told_by_row_of_the_scene_and_product():
    approval = np.arange(6).reshape(3, 2) / 10
    quoted = SimpleNamespace(enterprises=np.array([0, 1, 1]), products=np.array([1, 0, 1]))
    found = GridEstimate(approval, approval / 2)(slice(1, 3), quoted)
    assert found.approval.tolist() == [0.3, 0.4, 0.5]
    assert found.kept.tolist() == [0.15, 0.2, 0.25]
    assert found.share is None


def test_a_product_that_a_plain_look_rules_out_is_counted_as_wrongly_shown():
    day = dt.date(2026, 11, 22)
    rules = Rules.on(day, load_catalogue(illustrative=True).on(day).product_ids)
    entries = rules.catalogue.entries
    asks_age = next(
        place
        for place, entry in enumerate(entries)
        if any(rule.fact == "firm_age_months" and rule.on_breach == "fail" for rule in entry.product.rules)
    )
    scene = SimpleNamespace(rules=rules, facts=(Facts({}), Facts({"firm_age_months": 0})))
    order = np.full((2, 3), -1)
    order[:, 0] = asks_age
    assert wrongly_shown(scene, order) == 1
