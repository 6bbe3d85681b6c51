"""Pairs to learn product fit from, of posted outcomes."""

import datetime as dt
from dataclasses import replace

import numpy as np
import polars as pl

from training.posted.posted import Posted
from training.product_fit.sample import PairSample, PairSampleError, Rules, pair_sample

JUDGED_SHARE = 0.4
"""Of the posted applications: fewer could not show a challenger to be no worse, more would leave little to learn."""


def posted_pairs(posted: Posted, *, rules: Rules) -> PairSample:
    """What became of decisions, as pairs: seen as past applications are, by what their own requests told.

    Whether a loan was kept follows from what was reported of it, not from loans on record.

    Args:
        posted: from the service's store.
        rules: catalogue and policy.

    Raises:
        PairSampleError: no outcome is of a product of the catalogue.
    """
    parts = []
    for group in posted.groups:
        ids = posted.outcomes.filter(pl.col("decision_id").is_in(list(group.decisions)))["application"].unique()
        asked = posted.applications.filter(pl.col("application").is_in(ids.implode()))
        try:
            parts.append(pair_sample(group.records, asked, rules=rules, known_until=posted.known_until))
        except PairSampleError:
            continue
    if not parts:
        raise PairSampleError(
            f"store: got {posted.applications.height} applications with an answer, none of them for a product of the "
            "catalogue; expected some"
        )
    return _with_kept(PairSample.joined(parts), posted.kept)


def newest_from(sample: PairSample) -> dt.date:
    """The day from which the newest `JUDGED_SHARE` of the answered applications are, for a training to be judged on."""
    answered = sample.pairs["day"].filter(pl.Series(np.isfinite(sample.approved))).sort()
    days = answered if len(answered) else sample.pairs["day"].sort()
    day: dt.date = days[int((1 - JUDGED_SHARE) * (len(days) - 1))]
    return day


def _with_kept(sample: PairSample, kept: pl.DataFrame) -> PairSample:
    asked = sample.pairs.select("application").join(kept, on="application", how="left", maintain_order="left")
    told = asked["kept"].fill_null(float("nan")).to_numpy()
    return replace(sample, kept=np.where(sample.approved == 1.0, told, np.nan))
