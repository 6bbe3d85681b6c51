import math

import numpy as np
import polars as pl
import pytest
from fit_samples import model_of, pairs_of

from scoring import product_fit
from scoring.product_fit import Ruler, columns_seen


@pytest.fixture(scope="module")
def model():
    return model_of()


@pytest.fixture(scope="module")
def pairs():
    return pairs_of(60)


def log_odds(chance):
    return np.log(chance / (1 - chance))


def one_pair(pairs, *, bank, product, first):
    nothing = dict.fromkeys(columns_seen()) | {columns_seen()[0]: first}
    row = {"bank_id": bank, "product_id": product, **nothing}
    return pl.DataFrame([row], schema={name: pairs.schema[name] for name in row})


def test_a_score_lies_straight_between_knots_and_flat_beyond_them():
    ruler = Ruler((0.0, 10.0, 20.0), (-1.0, 0.0, 2.0))
    assert ruler(np.array([-5.0, 5.0, 15.0, 99.0])).tolist() == [-1.0, -0.5, 1.0, 2.0]


def test_a_value_that_is_not_known_scores_nothing():
    assert Ruler((0.0, 1.0), (3.0, 4.0))(np.array([np.nan])).tolist() == [0.0]


def test_log_odds_are_intercept_and_slope_and_weighted_record_of_the_product(pairs):
    # Trees that say 0. First column 2.0 scores 1: -1.0 + 1.0 x 1 + 2.0 x (0 + 0.3) = 0.6
    row = one_pair(pairs, bank="bank-0", product="bank-0-0", first=2.0)
    assert log_odds(model_of(rounds=0).fits(row).approval)[0] == pytest.approx(0.6)


def test_a_bank_and_a_product_without_a_record_are_usual(pairs):
    # 0.5 + 0.25 x 1 + 1.0 x (0 + 0) = 0.75
    row = one_pair(pairs, bank="never seen", product="nor this", first=2.0)
    assert model_of(rounds=0).fits(row).kept[0] == pytest.approx(1 / (1 + math.exp(-0.75)))


def test_contributions_add_up_to_the_log_odds(model, pairs):
    parts = model.contributions(pairs)
    assert parts.shape == (60, len(columns_seen()) + 1)
    assert parts.sum(axis=1) == pytest.approx(log_odds(model.fits(pairs).approval), abs=1e-9)


def test_pairs_are_told_one_by_one_as_together(model, pairs):
    together = model.fits(pairs).approval
    assert [model.fits(pairs[place]).approval[0] for place in range(10)] == together[:10].tolist()


def test_many_pairs_look_ids_up_as_few_do(model, pairs, monkeypatch):
    few = model.fits(pairs).approval
    monkeypatch.setattr(product_fit, "FEW", 0)
    assert model.fits(pairs).approval.tolist() == few.tolist()


def test_other_columns_of_pairs_change_nothing(model, pairs):
    beside = pairs.with_columns(margin_of_the_bank=pl.lit(9.9))
    assert model.fits(beside).approval.tolist() == model.fits(pairs).approval.tolist()


def test_approval_is_the_product_of_both_chances_where_refusals_say_why(pairs):
    alone, both = model_of().fits(pairs), model_of(clears=True).fits(pairs)
    assert both.approval == pytest.approx(alone.approval**2)
    assert both.kept.tolist() == alone.kept.tolist()


def test_contributions_of_two_chances_add_up_to_the_log_odds_of_their_product(pairs):
    model = model_of(clears=True)
    parts = model.contributions(pairs)
    assert parts.sum(axis=1) == pytest.approx(log_odds(model.fits(pairs).approval), abs=1e-6)


def test_a_column_that_moves_both_chances_up_moves_their_product_up(pairs):
    # Trees that say 0; only the first column counts, at the strict bank and at others alike: its score has its sign.
    parts = model_of(rounds=0, clears=True).contributions(pairs)
    first = pairs[columns_seen()[0]].fill_null(0.0).to_numpy()
    told = np.abs(first) > 1e-3
    assert (np.sign(parts[told, 0]) == np.sign(first[told])).all()


def test_shares_of_amounts_stay_between_nothing_and_all(pairs):
    share = model_of(clears=True).fits(pairs).share
    assert ((share >= 0.0) & (share <= 1.0)).all()
    assert model_of().fits(pairs).share is None
