import numpy as np
import polars as pl
import pytest

from training.evaluation.resampling import Draws
from training.product_fit.judged import chance_ece, judge_head


def pairs_of(rows, *, banks=1):
    return pl.DataFrame(
        {
            "enterprise_id": [f"firm-{number}" for number in range(rows)],
            "bank_id": [f"bank-{number % banks}" for number in range(rows)],
        }
    )


def test_an_error_is_the_distance_of_means_in_bins_of_what_was_said():
    # Two bins of two: |0.2 - 0.3| and |0.8 - 0.6|, mean 0.15.
    said, chance = np.array([0.2, 0.2, 0.8, 0.8]), np.array([0.1, 0.5, 0.6, 0.6])
    draws = Draws.of_enterprises(pairs_of(4)["enterprise_id"], seed=0)
    assert chance_ece(chance, said, draws, count=2).value == pytest.approx(0.15)


def test_outcomes_drawn_from_what_was_said_show_the_error_of_chance():
    random = np.random.default_rng(0)
    said = random.random(4_000)
    happened = (random.random(4_000) < said).astype(np.int64)
    judged = judge_head(happened, said, pairs_of(4_000, banks=4), seed=0)
    assert judged.metrics["ece"].value < judged.metrics["ece_floor"].high
    assert judged.metrics["bank_ece"].value == pytest.approx(judged.metrics["bank_ece_floor"].value, abs=0.02)
    assert [bank.rows for bank in judged.banks] == [1_000] * 4
