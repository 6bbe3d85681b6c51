from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from fit_samples import BANKS, PRODUCTS_OF_A_BANK, TELLING, pairs_of, sample_of, true_log_odds

from scoring.product_fit import columns_seen
from training.product_fit.learn import learn, learn_fit, signs
from training.product_fit.sample import PairSampleError


@pytest.fixture(scope="module")
def learned():
    return learn(sample_of(2_000), prior_share=0.5, seed=0)


def test_a_model_tells_banks_apart_on_pairs_it_has_not_seen(learned):
    pairs = pairs_of(2_000, seed=7)
    said, true = learned.model.fits(pairs).approval, 1 / (1 + np.exp(-true_log_odds(pairs)))
    assert np.corrcoef(said, true)[0, 1] > 0.9


def test_a_model_is_true_on_average_at_every_bank(learned):
    pairs = pairs_of(4_000, seed=8)
    said, true = learned.model.fits(pairs).approval, 1 / (1 + np.exp(-true_log_odds(pairs)))
    for bank in range(BANKS):
        own = (pairs["bank_id"] == f"bank-{bank}").to_numpy()
        assert said[own].mean() == pytest.approx(true[own].mean(), abs=0.08)


def test_the_chance_never_falls_with_what_speaks_for_an_enterprise(learned):
    columns, promised = columns_seen(), signs()
    pairs = pairs_of(300, seed=9)
    before = learned.model.fits(pairs).approval
    for name in (columns[place] for place in np.flatnonzero(promised)):
        sign = int(promised[columns.index(name)])
        better = pairs.with_columns(pl.col(name) + sign)
        after = learned.model.fits(better).approval
        known = pairs[name].is_not_null().to_numpy()
        assert (after[known] >= before[known] - 1e-12).all(), name


@pytest.mark.parametrize("seed", [0, 3])
def test_where_nothing_tells_anything_the_mean_is_still_true(seed):
    """Slopes of calibration are held up at their least, and the mean must not move with them."""
    sample = sample_of(500, seed=seed)
    approved = (np.random.default_rng(seed).random(500) < 0.9).astype(float)
    luck = replace(sample, approved=approved, kept=np.full(500, np.nan))
    said = learn_fit(luck, prior_share=0.5, seed=0).fits(pairs_of(2_000, seed=99)).approval
    assert said.mean() == pytest.approx(approved.mean(), abs=0.01)


def test_the_order_of_a_bank_holds_whatever_its_calibration(learned):
    assert all(view.weight > 0 for view in learned.model.approving.banks.values())


def test_names_of_banks_and_products_do_not_matter():
    sample = sample_of(400)
    renamed = replace(
        sample,
        pairs=sample.pairs.with_columns(
            ("z" + pl.col("bank_id")).alias("bank_id"), ("z" + pl.col("product_id")).alias("product_id")
        ),
    )
    pairs = pairs_of(50, seed=3)
    other = pairs.with_columns(
        ("z" + pl.col("bank_id")).alias("bank_id"), ("z" + pl.col("product_id")).alias("product_id")
    )
    one, two = (learn_fit(some, prior_share=0.5, seed=0) for some in (sample, renamed))
    assert two.fits(other).approval == pytest.approx(one.fits(pairs).approval, abs=1e-9)


def exchanged(frame, *, seed):
    """Ids of enterprises, banks and products dealt out anew, so that their order is another too."""
    banks = [f"bank-{bank}" for bank in range(BANKS)]
    products = [f"{bank}-{product}" for bank in banks for product in range(PRODUCTS_OF_A_BANK)]
    known = {"bank_id": banks, "product_id": products, "enterprise_id": sorted(set(frame["enterprise_id"]))}
    random = np.random.default_rng(seed)
    dealt = {name: dict(zip(ids, random.permutation(ids).tolist(), strict=True)) for name, ids in known.items()}
    return frame.with_columns(pl.col(name).replace_strict(new) for name, new in dealt.items())


def test_neither_the_order_of_rows_nor_what_anybody_is_called_matters():
    """Sorted by the new names, as `pair_sample` sorts."""
    sample, pairs = sample_of(400), pairs_of(50, seed=3)
    renamed = replace(sample, pairs=exchanged(sample.pairs, seed=1))
    names = renamed.pairs.select(pl.arg_sort_by("day", "enterprise_id", "application")).to_series()
    in_any_order = renamed.take(names.cast(pl.Int64).to_numpy()[::-1])
    one, two = (learn_fit(some, prior_share=0.5, seed=0).fits for some in (sample, in_any_order))
    before, after = one(pairs), two(exchanged(pairs, seed=1))
    assert after.approval == pytest.approx(before.approval, abs=1e-9)
    assert after.kept == pytest.approx(before.kept, abs=1e-9)


def test_what_known_facts_ruled_out_is_not_learned_from():
    sample = sample_of(400)
    ruled_out = np.zeros(len(sample), np.int64)
    ruled_out[:100] = 1
    card = learn_fit(replace(sample, ruled_out_by=ruled_out), prior_share=0.5, seed=0).card
    assert card.training["ruled_out_by_known_facts"] == 100
    assert card.training["approval"]["known"] == 300


def test_too_few_outcomes_of_loans_give_one_chance_to_all():
    sample = sample_of(400)
    young = replace(sample, kept=np.where(np.arange(400) < 30, sample.kept, np.nan))
    kept = learn_fit(young, prior_share=0.5, seed=0).fits(pairs_of(20)).kept
    known = young.kept[np.isfinite(young.kept)]
    assert kept == pytest.approx((known.sum() + 7.5) / (len(known) + 10))


def test_too_few_answers_are_refused_in_one_line():
    with pytest.raises(PairSampleError, match="expected at least 40 of either"):
        learn_fit(sample_of(50), prior_share=0.5, seed=0)


def test_refusals_that_say_why_are_learned_apart():
    sample = sample_of(600)
    cleared = np.where((sample.approved == 0) & (np.arange(600) % 2 == 0), 0.0, 1.0)
    model = learn_fit(replace(sample, cleared=cleared), prior_share=0.5, seed=0)
    assert model.clearing is not None
    assert model.fits(sample.pairs).approval.mean() == pytest.approx(sample.approved.mean(), abs=0.04)


def test_where_every_refusal_names_a_rule_one_probability_tells_all():
    sample = sample_of(400)
    model = learn_fit(replace(sample, cleared=sample.approved.copy()), prior_share=0.5, seed=0)
    assert model.clearing is None
    assert model.fits(sample.pairs).approval.mean() == pytest.approx(sample.approved.mean(), abs=0.04)


def test_one_enterprise_alone_is_refused_in_words_of_applications():
    sample = sample_of(200)
    one = replace(sample, pairs=sample.pairs.with_columns(enterprise_id=pl.lit("firm-0")))
    with pytest.raises(PairSampleError, match="1 of them with the outcome: cannot be dealt"):
        learn_fit(one, prior_share=0.5, seed=0)


def test_a_bank_with_one_application_and_columns_that_nobody_knows_are_no_trouble():
    sample = sample_of(400)
    alone = ["alone", *sample.pairs["bank_id"].to_list()[1:]]
    bare = sample.pairs.with_columns(
        *(pl.lit(None, pl.Float64).alias(name) for name in columns_seen() if name != TELLING),
        bank_id=pl.Series(alone),
    )
    model = learn_fit(replace(sample, pairs=bare), prior_share=0.5, seed=0)
    said = model.fits(pairs_of(20).with_columns(bank_id=pl.lit("alone"), product_id=pl.lit("new"))).approval
    assert np.isfinite(said).all()
    assert ((said > 0) & (said < 1)).all()
