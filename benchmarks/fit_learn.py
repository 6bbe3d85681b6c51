"""Models of fit learned from what was known when the test began, of enterprises that are not judged."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.fit_rows import Rules, applied, read
from scoring.product_fit import FitModel
from training.product_fit.learn import learn_fit
from training.product_fit.sample import PairSample, pair_sample
from training.unseen import Division, SeenError, unseen

KEPT_MONTHS = 13
"""Months after an application when it is known whether the loan was kept: a month to answer, and the window."""


@dataclass(frozen=True)
class Learner:
    """A sample of past applications, cut to what may be learned from.

    Attributes:
        sample: of enterprises on the training side of a division, before its test.
        prior_share: of a limit that is not known, by the policy.
        seed: of every model.
    """

    sample: PairSample
    prior_share: float
    seed: int

    def model(self, *, without: Sequence[str] = ()) -> FitModel:
        """Learned from all but the applications for some products."""
        known = ~self.sample.pairs["product_id"].is_in(list(without)).to_numpy()
        return learn_fit(self.sample.take(known), prior_share=self.prior_share, seed=self.seed)


def learner(city: Path, file: Path | None, division: Division, *, rules: Rules, seed: int) -> Learner:
    """The sample of a file of `PairSample.as_frame`, or that of a city, which is kept in the file if one is named.

    An approval of the last days before the test may be answered in it; whether a loan was kept counts only where that
    was known when the test began.
    """
    if file is not None and file.exists():
        sample = PairSample.of_frame(pl.read_parquet(file))
    else:
        sample = _sample(city, rules)
        if file is not None:
            sample.as_frame().write_parquet(file)
    policy = rules.policy.numbers.share_of_unknown_limit.value
    return Learner(cut(sample, division), float(policy), seed)


def cut(sample: PairSample, division: Division) -> PairSample:
    """The rows of enterprises that are not tested, before the test, without what became known of loans in it."""
    days = sample.pairs["day"]
    apart = kept_apart(sample.pairs["enterprise_id"], division)
    early = (days < division.test_from) & ~sample.pairs["enterprise_id"].is_in(apart.implode())
    mine = sample.take(early.to_numpy())
    known = (mine.pairs["day"] < _earlier(division.test_from)).to_numpy()
    return replace(mine, kept=np.where(known, mine.kept, np.nan))


def kept_apart(codes: pl.Series, division: Division) -> pl.Series:
    """Those on the test side of a division."""
    rows = pl.DataFrame({"enterprise_id": codes.unique().sort()}).with_columns(as_of=pl.lit(division.test_from))
    try:
        return unseen(rows, [division])["enterprise_id"]
    except SeenError:
        return pl.Series("enterprise_id", [], dtype=pl.String)


def _earlier(day: dt.date) -> dt.date:
    return pl.select(pl.lit(day).dt.offset_by(f"-{KEPT_MONTHS}mo")).item()


def _sample(city: Path, rules: Rules) -> PairSample:
    found = read(city, applied(city)["enterprise_id"])
    return pair_sample(found.records, found.aside["applications"], rules=rules)
