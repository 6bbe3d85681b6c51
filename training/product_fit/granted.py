"""What past approvals granted: shares of the possible amount, and rates, each product drawn towards a prior."""

import numpy as np
import polars as pl

from scoring.product_fit import Floats
from training.product_fit.sample import PairSample

OPEN = "limit_open"
"""Column of pairs that says that no rule told the limit."""

PRIOR_ANSWERS = 5.0
"""Weight of the prior, in answers: with so many of its own a product's mean counts half."""


def granted_shares(sample: PairSample, *, prior: float) -> tuple[dict[str, float], float]:
    """By product the shrunken mean of `granted_share` where no rule told the limit, and that of all such grants.

    Args:
        sample: past applications.
        prior: what is assumed of an amount that no rule tells, before any answer.
    """
    is_open = sample.pairs[OPEN].fill_null(0.0).to_numpy() == 1.0
    values = np.where(is_open, sample.granted_share, np.nan)
    usual = _mean(values, prior)
    return _by_product(sample, values, np.full(len(values), usual)), usual


def granted_rates(sample: PairSample) -> tuple[dict[str, float], float | None]:
    """By product the shrunken mean of `granted_rate`, and that of all grants; None where nothing was granted.

    The prior of a product is the mean rate that it states, or where it states none that of all grants.
    """
    values = sample.granted_rate
    if not np.isfinite(values).any():
        return {}, None
    usual = float(np.nanmean(values))
    return _by_product(sample, values, np.where(np.isnan(sample.stated_rate), usual, sample.stated_rate)), usual


def _mean(values: Floats, prior: float) -> float:
    known = values[np.isfinite(values)]
    return float((known.sum() + PRIOR_ANSWERS * prior) / (len(known) + PRIOR_ANSWERS))


def _by_product(sample: PairSample, values: Floats, priors: Floats) -> dict[str, float]:
    told = pl.DataFrame({"product_id": sample.pairs["product_id"], "value": values, "prior": priors})
    known = (
        told.filter(pl.col("value").is_finite())
        .group_by("product_id")
        .agg(total=pl.col("value").sum(), prior=pl.col("prior").mean(), answers=pl.len())
    )
    shrunken = (pl.col("total") + PRIOR_ANSWERS * pl.col("prior")) / (pl.col("answers") + PRIOR_ANSWERS)
    return dict(known.sort("product_id").select("product_id", shrunken).iter_rows())
