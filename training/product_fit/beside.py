"""A model of fit on pairs that it has not seen, beside the champion: what a promotion rests on."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from scoring.product_fit import FitModel, Floats
from training.evaluation.calibration import losses
from training.evaluation.resampling import Draws, mean
from training.evaluation.types import Identity
from training.metrics import Estimate
from training.product_fit.evaluate import digest_of
from training.product_fit.judged import HeadJudged, judge_head
from training.product_fit.sample import PairSample
from training.product_fit.train import EVERYBODY, new_from
from training.unseen import Division, unseen


class BesideError(ValueError):
    """Pairs that a model of fit cannot be judged on."""


@dataclass(frozen=True)
class FitBeside:
    """What a model says of pairs later than, and of other enterprises than, those it was learned from.

    Attributes:
        champion: beside which it was judged; None = there was none.
        first_day, last_day: of the applications judged on.
        metrics: key figures for the tracker, by name.
        approval, kept: of the pairs whose outcome is known; None where either outcome is lacking.
        approval_difference, kept_difference: log loss less the champion's on the same pairs; None without one.
    """

    model: Identity
    champion: Identity | None
    data: str
    data_digest: str
    on: dt.date
    first_day: dt.date
    last_day: dt.date
    metrics: Mapping[str, Estimate]
    approval: HeadJudged | None
    kept: HeadJudged | None
    approval_difference: Estimate | None
    kept_difference: Estimate | None


def unseen_pairs(sample: PairSample, model: FitModel) -> PairSample:
    """The applications that a model did not learn from, by what its card says of the division.

    The champion may have learned from some of them, or from earlier ones of their enterprises. That speaks for the
    champion, never for the challenger.

    Raises:
        BesideError: the card does not say how the applications were divided, or none is left.
        SeenError: none is left, or the card cannot be understood.
    """
    division = Division.of(model.card.training)
    if division is None:
        raise BesideError(
            f"version {model.card.version}: its card does not say which applications it learned from; give --all to "
            "judge on all, which is right for data it never saw"
        )
    if division.test_share >= EVERYBODY:
        left = sample.take(new_from(sample, division.test_from))
        if not len(left):
            raise BesideError(
                f"applications: got {len(sample):,}, none from {division.test_from} on of an enterprise without an "
                "earlier one, expected some; give later applications"
            )
        return left
    asked = sample.pairs.select("enterprise_id", as_of="day").with_row_index("row")
    return sample.take(unseen(asked, [division])["row"].to_numpy().astype(np.int64))


def judge_beside(
    sample: PairSample, model: FitModel, champion: FitModel | None, *, name: str, on: dt.date, seed: int
) -> FitBeside:
    """Judge a model, beside the champion on the same pairs.

    Args:
        sample: pairs that neither has seen; those that known facts rule out are left aside.
        model: with version and digest.
        champion: the model in use; None = there is none.
        name: of the data.
        on: day of the evaluation.
        seed: of every draw.

    Raises:
        BesideError: no pair is left.
    """
    rows = sample.eligible
    if not len(rows):
        raise BesideError(f"{name}: got {len(sample)} applications, none that known facts leave open; expected some")
    ours, theirs = model.fits(rows.pairs), champion.fits(rows.pairs) if champion else None
    approval = _head(rows, rows.approved, ours.approval, theirs.approval if theirs else None, seed=seed)
    kept = _head(rows, rows.kept, ours.kept, theirs.kept if theirs else None, seed=seed)
    days: list[Any] = [rows.pairs["day"].min(), rows.pairs["day"].max()]
    return FitBeside(
        model=_identity(model),
        champion=_identity(champion) if champion else None,
        data=name,
        data_digest=digest_of(rows),
        on=on,
        first_day=days[0],
        last_day=days[1],
        metrics=_metrics("approval", *approval) | _metrics("kept", *kept),
        approval=approval[0],
        kept=kept[0],
        approval_difference=approval[1],
        kept_difference=kept[1],
    )


def _identity(model: FitModel) -> Identity:
    return Identity(model.card.version, model.digest)


def _head(
    sample: PairSample, outcome: Floats, ours: Floats, theirs: Floats | None, *, seed: int
) -> tuple[HeadJudged | None, Estimate | None]:
    """One probability on the pairs whose outcome is known, and how its log loss differs from the champion's."""
    known = np.flatnonzero(np.isfinite(outcome))
    happened, pairs = outcome[known].astype(np.int64), sample.pairs[known]
    if not 0 < happened.sum() < len(known):
        return None, None
    judged = judge_head(happened, ours[known], pairs.select("enterprise_id", "bank_id"), seed=seed)
    if theirs is None:
        return judged, None
    draws = Draws.of_enterprises(pairs["enterprise_id"], seed=seed)
    return judged, mean(losses(happened, ours[known]) - losses(happened, theirs[known]), draws)


def _metrics(name: str, judged: HeadJudged | None, difference: Estimate | None) -> dict[str, Estimate]:
    told = dict(judged.metrics) if judged else {}
    return {f"{name}_{key}": one for key, one in {**told, **({"difference": difference} if difference else {})}.items()}
