"""Comparison, profit, withholding, truth and movers."""

import datetime as dt
import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from held_rows import SEEN, WEIGHTS, Linear, held_rows, judged

from decisions.dated import NotInForceError
from decisions.files import FileMistakesError
from features.peers import deviation_of
from features.sets import FEATURES
from training.evaluation.comparison import aucs, compared
from training.evaluation.movers import movers
from training.evaluation.profit import POLICY, cuts, terms_on
from training.evaluation.ranking import paired_delong
from training.evaluation.truth import beside_truth
from training.evaluation.types import Identity
from training.evaluation.withholding import withheld, without

CHAMPION = Identity("1", "sha256:11")
WEAKER = Linear(weights=(-0.2, 0.8, 0.5, 0.3))
BACKWARDS = Linear(weights=tuple(-one for one in WEIGHTS))


@pytest.fixture(scope="module")
def held():
    return held_rows()


def test_a_better_challenger_is_better_with_confidence(held):
    found = compared(judged(held, Linear(), WEAKER), CHAMPION)
    assert found.auc.low > 0
    assert found.loss.high < 0
    assert found.p_auc < 0.05
    assert found.p_loss < 0.05
    assert found.champion == CHAMPION


def test_a_model_against_itself_is_no_better(held):
    found = compared(judged(held, Linear(), Linear()), CHAMPION)
    assert (found.auc.value, found.auc.low, found.auc.high) == (0.0, 0.0, 0.0)
    assert (found.p_auc, found.p_loss) == (1.0, 1.0)


def test_the_paired_interval_is_narrower_than_that_of_either_auc(held):
    slightly = Linear(weights=(-1.0, 0.8, 0.5, 0.2))
    found = compared(judged(held, Linear(), slightly), CHAMPION)
    assert found.auc.high - found.auc.low < (found.champion_auc.high - found.champion_auc.low) / 3


def test_where_every_enterprise_has_one_row_p_is_delongs_and_near_that_of_the_draws():
    rows = judged(held_rows(enterprises=1_500, days=1), Linear(), Linear(weights=(-1.0, 0.6, 0.5, 0.3)))
    delongs = compared(rows, CHAMPION)
    drawn = aucs(rows.defaulted, rows.said, rows.champion, rows.draws)
    expected, p_expected = paired_delong(rows.defaulted, -rows.said.points, -rows.champion.points)
    assert (delongs.auc, delongs.p_auc) == (expected, p_expected)
    assert drawn.difference.high - drawn.difference.low == pytest.approx(expected.high - expected.low, rel=0.15)
    assert drawn.p == pytest.approx(p_expected, abs=0.05)


def test_without_a_champion_there_is_no_comparison(held):
    assert compared(judged(held), CHAMPION) is None


def test_profit_by_hand(held):
    """At a cut below all scores: (3 × 0.025 - 0.6) / 4 - 0.01 for three sound rows and a default."""
    few = replace(held, profiles=held.profiles.head(4), defaulted=np.array([0, 0, 0, 1]))
    rows = judged(few)
    scored = replace(rows, said=replace(rows.said, points=np.array([590.0, 570.0, 580.0, 501.0])))
    made = {one.score: one for one in cuts(scored, terms_on(dt.date(2026, 1, 1)))}
    assert made[500.0].profit.value == pytest.approx((3 * 0.025 - 0.6) / 4 - 0.01)
    assert made[580.0].approved == 0.5
    assert made[580.0].default_rate == 0.0
    assert made[580.0].profit.value == pytest.approx(2 * (0.025 - 0.01) / 4)
    assert made[600.0].approved == 0.0
    assert math.isnan(made[600.0].default_rate)
    assert made[600.0].profit.value == 0.0


def test_the_best_cut_lies_between_lending_to_all_and_to_none(held):
    made = cuts(judged(held), terms_on(dt.date(2026, 1, 1)))
    best = max(made, key=lambda one: one.profit.value)
    assert made[0].score < best.score
    assert best.profit.value > made[0].profit.value


def test_terms_before_the_first_are_refused():
    with pytest.raises(NotInForceError, match="expected 2019-08-20 or later"):
        terms_on(dt.date(2019, 1, 1))


def test_terms_that_are_no_fractions_are_refused(tmp_path):
    wrong = tmp_path / "profit.toml"
    wrong.write_text(POLICY.read_text("utf-8").replace("0.6\n", "6.0\n"), "utf-8")
    with pytest.raises(FileMistakesError, match="loss_given_default"):
        terms_on(dt.date(2026, 1, 1), wrong)


def test_withholding_a_block_makes_its_features_null_and_its_flag_false(held):
    less = without(held.profiles, SEEN, "tax")
    assert not less["has_tax"].any()
    for one in SEEN:
        assert (less[one.name].null_count() == less.height) == ("tax" in one.blocks)
    assert less.columns == held.profiles.columns


def test_deviations_go_with_what_they_deviate_from_and_with_the_register():
    base = FEATURES["sales_growth_12m"]
    deviation = deviation_of(base)
    profiles = pl.DataFrame({"enterprise_id": ["Y1"], base.name: [1.0], deviation.name: [0.3]})
    assert without(profiles, (base, deviation), "invoice").row(0) == ("Y1", None, None)
    assert without(profiles, (base, deviation), "registry").row(0) == ("Y1", 1.0, None)


def test_shares_of_rises_and_mean_shifts_by_hand(held):
    """Points fall by 57.7 for each unit of weight × value: null takes that away."""
    found = {one.block: one for one in withheld(Linear(), judged(held))}
    has = held.profiles["has_tax"].to_numpy()
    x = held.profiles.select(one.name for one in SEEN).fill_null(0.0).to_numpy()[has]
    lost = np.array([weight if "tax" in one.blocks else 0.0 for weight, one in zip(WEIGHTS, SEEN, strict=True)])
    shift = 57.7 * (x @ lost)
    assert found["tax"].rows == has.sum()
    assert found["tax"].mean_shift == pytest.approx(shift.mean())
    assert found["tax"].rises == pytest.approx((shift > 10).mean())


def test_a_block_that_no_row_has_says_so(held):
    found = {one.block: one for one in withheld(Linear(), judged(held))}
    assert found["credit"].rows == 0
    assert math.isnan(found["credit"].rises)


def test_the_true_model_comes_as_near_as_can_be(held):
    found = beside_truth(Linear(), judged(held))
    assert found.gini_ratio.value == pytest.approx(1.0)
    assert (found.covered.value, found.nominal) == (1.0, 0.9)


def test_a_weaker_model_falls_short_of_the_truth(held):
    found = beside_truth(WEAKER, judged(held, WEAKER))
    assert found.gini_ratio.high < 1
    assert found.covered.value < 0.9


def test_rows_without_truth_are_left_out_of_it(held):
    some = held.true_pd.copy()
    some[::2] = math.nan
    assert beside_truth(Linear(), judged(replace(held, true_pd=some))).covered.value == 1.0
    assert beside_truth(Linear(), judged(replace(held, true_pd=np.full_like(some, math.nan)))) is None
    assert beside_truth(Linear(), judged(replace(held, true_pd=None))) is None


def test_movers_are_in_points_with_what_the_score_does_as_they_rise(held):
    found = {one.feature: one for one in movers(Linear(), held.profiles, seed=0)}
    first = SEEN[0]
    absolute = held.profiles[first.name].abs().mean()
    assert found[first.name].points == pytest.approx(57.7 * absolute)
    assert found[first.name].direction == "rises"
    assert found[SEEN[1].name].direction == "falls"
    assert next(iter(found)) == first.name


def test_a_model_that_says_the_same_of_all_has_no_movers(held):
    assert movers(Linear(weights=(0.0,) * 4), held.profiles, seed=0) == ()
