"""A model of fit beside the champion: on pairs it has not seen, with the difference worked out by hand."""

import datetime as dt
import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from small_fits import small_fit

from scoring.product_fit import columns_seen
from sources.codes import placeholder_code
from training.product_fit.beside import BesideError, judge_beside, unseen_pairs
from training.product_fit.sample import OUTCOMES, PairSample
from training.product_fit.train import EVERYBODY, split_at
from training.unseen import SeenError

DAY = dt.date
ON = DAY(2026, 11, 22)


def code(place):
    return placeholder_code("XP", place + 1, registrar_area="110108")


def sample_of(rows):
    """Pairs of (enterprise, day, approved, kept), all features unknown."""
    pairs = pl.DataFrame(
        {
            "enterprise_id": [code(place) for place, *_ in rows],
            "as_of": [day.replace(day=1) for _, day, *_ in rows],
            "product_id": ["a-loan"] * len(rows),
            "bank_id": ["a"] * len(rows),
            **{name: pl.Series([None] * len(rows), dtype=pl.Float64) for name in columns_seen()},
            "application": [str(number) for number in range(len(rows))],
            "day": [day for _, day, *_ in rows],
        }
    )
    approved, kept = (np.array([row[place] for row in rows], float) for place in (2, 3))
    unknown = np.full(len(rows), np.nan)
    beside = dict.fromkeys(set(OUTCOMES) - {"approved", "kept", "ruled_out_by"}, unknown)
    return PairSample(pairs, approved=approved, kept=kept, ruled_out_by=np.zeros(len(rows), np.int64), **beside)


def many(count, day, *, first=0):
    """Enterprises of one day, approved and refused in turn."""
    return [(first + place, day, place % 2, np.nan) for place in range(count)]


def divided(split):
    return small_fit(training={"as_of": "2025-01-01/2025-06-01", "split": split})


def flat(model, log_odds):
    """The same model saying one chance of everybody."""

    def one(head):
        return replace(head, usual=replace(head.usual, intercept=log_odds, weight=1e-12))

    return replace(model, approving=one(model.approving), keeping=one(model.keeping))


def test_the_difference_from_the_champion_is_that_of_the_log_loss():
    """0.5 against 0.8 of whom half are approved: ln 2 - (-ln 0.8 - ln 0.2) / 2 = 0.6931 - 0.9163."""
    ours, theirs = flat(small_fit(), 0.0), flat(small_fit(version="9"), math.log(4))
    judged = judge_beside(sample_of(many(40, DAY(2026, 1, 5))), ours, theirs, name="x", on=ON, seed=0)
    assert judged.approval_difference.value == pytest.approx(math.log(2) + (math.log(0.8) + math.log(0.2)) / 2)
    assert judged.approval_difference.high < 0
    assert (judged.champion.version, judged.kept, judged.kept_difference) == ("9", None, None)
    assert (judged.approval.rows, judged.first_day, judged.last_day) == (40, DAY(2026, 1, 5), DAY(2026, 1, 5))


def test_without_a_champion_nothing_is_compared():
    judged = judge_beside(sample_of(many(40, DAY(2026, 1, 5))), small_fit(), None, name="x", on=ON, seed=0)
    assert (judged.champion, judged.approval_difference) == (None, None)


def test_pairs_that_known_facts_rule_out_are_not_judged():
    sample = sample_of(many(40, DAY(2026, 1, 5)))
    ruled_out = replace(sample, ruled_out_by=np.ones(40, np.int64))
    with pytest.raises(BesideError, match="none that known facts leave open"):
        judge_beside(ruled_out, small_fit(), None, name="x", on=ON, seed=0)


EARLY, LATE = DAY(2025, 3, 1), DAY(2026, 3, 1)


def test_new_enterprises_from_the_day_on_are_unseen_and_nobody_else():
    sample = sample_of([*many(4, EARLY), (0, LATE, 1, np.nan), (7, LATE, 1, np.nan), (7, DAY(2026, 5, 1), 0, np.nan)])
    model = divided({"test_from": "2026-01-01", "test_share": EVERYBODY, "seed": 0})
    assert unseen_pairs(sample, model).pairs["enterprise_id"].to_list() == [code(7), code(7)]
    with pytest.raises(BesideError, match="none from 2026-01-01 on"):
        unseen_pairs(sample_of(many(4, EARLY)), model)


def test_enterprises_kept_apart_by_lot_are_unseen_from_the_day_on():
    sample = sample_of([*many(60, EARLY), *many(60, LATE)])
    left = unseen_pairs(sample, divided({"test_from": "2026-01-01", "test_share": 0.3, "seed": 0}))
    assert set(left.pairs["day"]) == {LATE}
    assert 5 < len(left) < 35
    with pytest.raises(SeenError):
        unseen_pairs(sample_of(many(60, EARLY)), divided({"test_from": "2026-01-01", "test_share": 0.3, "seed": 0}))


def test_a_model_that_saw_everything_has_no_unseen_pairs():
    with pytest.raises(BesideError, match="give --all"):
        unseen_pairs(sample_of(many(4, EARLY)), divided(None))


def test_a_split_at_a_day_learns_from_everybody_answered_by_then_and_judges_new_ones():
    """Of the enterprises that ask on both sides the later pairs are in neither, so are answers of the last month."""
    rows = [*many(30, EARLY), *many(30, LATE, first=100), (0, LATE, 1, np.nan), (200, DAY(2025, 12, 10), 1, np.nan)]
    split = split_at(sample_of(rows), DAY(2026, 1, 1))
    assert (int(split.train.sum()), int(split.test.sum())) == (30, 30)
    assert not split.train[-1]
    assert not split.test[-2:].any()
