"""Train a model of fit: keep later applications of other enterprises apart, learn from the rest, judge, describe."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from decisions.policies import Numbers
from scoring.product_fit import FitModel
from training.evaluation.as_json import to_json
from training.outcomes import WINDOW_MONTHS
from training.product_fit.evaluate import FitEvaluation, Held, evaluate_fit
from training.product_fit.learn import ANSWER_MONTHS, LearnedFit, learn
from training.product_fit.peers import peers_of
from training.product_fit.sample import PairSample, PairSampleError
from training.split import Split, SplitError, out_of_time

TEST_SHARE = 0.2
"""Of the enterprises; they are judged on later days than any that was learned from."""

EVERYBODY = 1.0
"""Share on the card of a model that was judged on every enterprise new from a day on."""

JUDGED_MONTHS = WINDOW_MONTHS + 4
"""Length of the test, so that of four months of its grants the 12 months are over."""

EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True)
class TrainedFit:
    """A model with its card, how it was come by, and how it did on rows kept apart."""

    model: FitModel
    learned: LearnedFit
    held: Held
    split: Split
    evaluation: FitEvaluation


def train_fit(
    sample: PairSample, numbers: Numbers, *, data: str, on: dt.date, seed: int, test_from: dt.date | None = None
) -> TrainedFit:
    """Learn from early applications and judge on later ones of others; too short a time leaves others alone apart.

    Args:
        sample: past applications.
        numbers: of the policy by whose rules they were seen.
        data: name of what they came from.
        on: day of the training.
        seed: of every draw.
        test_from: learn from all enterprises before this day, and judge on new ones from it on; None = `split_of`.

    Raises:
        PairSampleError: too few answers of either kind on a side.
    """
    split = split_of(sample, seed=seed) if test_from is None else split_at(sample, test_from)
    early = known_by(sample.take(split.train), split.test_from)
    learned = learn(early, prior_share=float(numbers.share_of_unknown_limit.value), seed=seed)
    last: Any = learned.learned_from.pairs["day"].max()
    held = Held(sample.take(split.test).eligible, data, last, is_out_of_time=split.test_from is not None)
    peers = peers_of(learned.learned_from, held.sample, numbers)
    evaluation = evaluate_fit(learned.model, held, on=on, peers=peers, seed=seed)
    card = replace(
        learned.model.card,
        metrics=_metrics(evaluation),
        training=_training(learned, split, seed=seed, share=TEST_SHARE if test_from is None else EVERYBODY),
    )
    return TrainedFit(replace(learned.model, card=card), learned, held, split, evaluation)


def split_of(sample: PairSample, *, seed: int) -> Split:
    """Rows to learn from and rows kept apart, by time and enterprise, or by enterprise alone where time is short."""
    days, codes = sample.days, sample.pairs["enterprise_id"]
    last: Any = sample.pairs["day"].max()
    begins: Any = pl.select(pl.lit(last).dt.month_start().dt.offset_by(f"-{JUDGED_MONTHS}mo")).item()
    try:
        split = out_of_time(
            days, codes, window_months=ANSWER_MONTHS, test_share=TEST_SHARE, seed=seed, test_from=begins
        )
        return _checked(split, sample)
    except SplitError:
        apart = out_of_time(np.zeros_like(days), codes, window_months=0, test_share=TEST_SHARE, seed=seed)
        train = ~np.isin(sample.enterprises, sample.enterprises[apart.test])
        return _checked_or_short(Split(train=train, test=apart.test), sample)


def split_at(sample: PairSample, test_from: dt.date) -> Split:
    """Learn from every application answered by a day; judge on those from it on of enterprises without an earlier one.

    For a training on new outcomes: to keep enterprises apart by lot would leave too few of them on either side.

    Raises:
        PairSampleError: too few answers of either kind on a side.
    """
    answered: Any = pl.select(pl.lit(test_from).dt.offset_by(f"-{ANSWER_MONTHS}mo")).item()
    train = sample.days <= (answered - EPOCH).days
    return _checked_or_short(Split(train=train, test=new_from(sample, test_from), test_from=test_from), sample)


def new_from(sample: PairSample, day: dt.date) -> NDArray[np.bool_]:
    """Applications from a day on, by enterprises that have no earlier one in the sample."""
    first = sample.pairs.select(pl.col("day").min().over("enterprise_id")).to_series()
    return (first >= day).to_numpy()


def known_by(sample: PairSample, day: dt.date | None) -> PairSample:
    """The sample without what became of loans whose 12 months ended after a day; all of it where no day is given.

    The 12 months begin with the answer or the drawing, for which the application waits `ANSWER_MONTHS`.
    """
    if day is None:
        return sample
    latest: Any = pl.select(pl.lit(day).dt.offset_by(f"-{WINDOW_MONTHS + ANSWER_MONTHS}mo")).item()
    return replace(sample, kept=np.where(sample.days <= (latest - EPOCH).days, sample.kept, np.nan))


def _checked(split: Split, sample: PairSample) -> Split:
    answered, eligible = np.isfinite(sample.approved), sample.ruled_out_by == 0
    counted = replace(split, train=split.train & answered & eligible, test=split.test & answered & eligible)
    counted.checked(sample.enterprises, np.nan_to_num(sample.approved).astype(np.int64))
    return split


def _checked_or_short(split: Split, sample: PairSample) -> Split:
    try:
        return _checked(split, sample)
    except SplitError as error:
        text = str(error).replace("a default", "an approval").replace("a sound label", "a refusal")
        raise PairSampleError(f"applications: {text}") from error


def _metrics(evaluation: FitEvaluation) -> Mapping[str, Any]:
    told: dict[str, Any] = {name: to_json(one) for name, one in evaluation.metrics.items()}
    told["peers_of_approval"] = {one.name: to_json(one) for one in evaluation.peers}
    told["worst_banks"] = [to_json(one) for one in evaluation.approval.banks[:5]] if evaluation.approval else []
    return told


def _training(learned: LearnedFit, split: Split, *, seed: int, share: float) -> Mapping[str, Any]:
    """With what another needs to keep the same rows apart; `split` is null where days were not kept apart."""
    told = None
    if split.test_from is not None:
        told = {"test_from": split.test_from.isoformat(), "test_share": share, "seed": seed}
    by = "later applications of other enterprises" if told else f"{TEST_SHARE:.0%} of the enterprises, days not apart"
    return {**learned.model.card.training, "split": told, "judged_by": by}
