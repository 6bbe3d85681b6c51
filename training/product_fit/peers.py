"""What a model of fit must beat on the same rows: a rule of thumb, each bank's own share, LightGBM without a record."""

from typing import Any

import lightgbm as lgb
import numpy as np
import polars as pl

from decisions.match.ranking import RuleOfThumb
from decisions.policies import Numbers
from scoring.product_fit import Floats
from training.calibrate import platt, probability
from training.product_fit.sample import PairSample

USUAL, RARE = "usual_questions", "rare_questions"
PRIOR_ANSWERS = 20.0

PLAIN: dict[str, Any] = {
    "objective": "binary",
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbose": -1,
}
"""LightGBM with every setting at its default."""


def peers_of(learned: PairSample, judged: PairSample, numbers: Numbers) -> dict[str, Floats]:
    """Probability of approval of each row judged, by name of who says so; learned from the same answers."""
    answered = learned.take(np.isfinite(learned.approved))
    return {
        "rule_of_thumb": _rule_of_thumb(answered, judged, numbers),
        "share_of_bank": _share_of_bank(answered, judged),
        "lightgbm_without_record": _plain(answered, judged),
    }


def _rule_of_thumb(learned: PairSample, judged: PairSample, numbers: Numbers) -> Floats:
    """The rule's part about open questions, with the two numbers of a logistic scale learned."""
    thumb = RuleOfThumb(numbers)

    def margins(sample: PairSample) -> Floats:
        counts = sample.pairs.select(pl.col(USUAL, RARE).fill_null(0.0)).iter_rows()
        return np.log([thumb.factor(int(usual), int(rare)) for usual, rare in counts])

    return probability(margins(judged), *platt(margins(learned), learned.approved.astype(np.int64)))


def _share_of_bank(learned: PairSample, judged: PairSample) -> Floats:
    """The bank's share of approvals, drawn towards that of all as by 20 answers."""
    usual = float(learned.approved.mean())
    told = learned.pairs.select("bank_id", yes=pl.Series(learned.approved))
    shares = told.group_by("bank_id").agg(
        share=(pl.col("yes").sum() + PRIOR_ANSWERS * usual) / (pl.len() + PRIOR_ANSWERS)
    )
    found = judged.pairs.select("bank_id").join(shares, on="bank_id", how="left", maintain_order="left")
    return found["share"].fill_null(usual).to_numpy()


def _plain(learned: PairSample, judged: PairSample) -> Floats:
    booster = lgb.train(PLAIN, lgb.Dataset(learned.matrix, learned.approved, params={"verbose": -1}))
    return np.asarray(booster.predict(judged.matrix))
