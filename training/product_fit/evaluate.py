"""How good a model of fit is, on later applications of enterprises that it had not seen."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from scoring.product_fit import FitModel, Floats
from training.evaluation.as_json import from_json_as
from training.evaluation.as_json import to_json as plain
from training.evaluation.calibration import losses
from training.evaluation.ranking import auc_draws
from training.evaluation.resampling import Draws, estimate, two_sided_p
from training.evaluation.types import Identity
from training.metrics import Estimate
from training.product_fit.judged import HeadJudged, judge_head
from training.product_fit.sample import PairSample


@dataclass(frozen=True)
class Peer:
    """Another's probability of approval on the same rows.

    Attributes:
        auc, log_loss: its own.
        auc_difference, log_loss_difference: ours less its; more AUC and less loss speak for ours.
        p: two-sided, of the difference in log loss, drawn by enterprise.
    """

    name: str
    auc: Estimate
    log_loss: Estimate
    auc_difference: Estimate
    log_loss_difference: Estimate
    p: float


@dataclass(frozen=True)
class FitEvaluation:
    """All of it; intervals are 95 %, drawn by enterprise.

    Attributes:
        model: which.
        data: name of what it was judged on.
        data_digest: `sha256:…` over pairs and outcomes.
        on: day of the evaluation.
        learned_through: last day of an application that was learned from.
        first_day, last_day: of the applications judged.
        is_out_of_time: whether the rows are later than those learned from and of other enterprises.
        approval: every answered application; None where not both answers are there.
        kept: every approved one whose 12 months are over; None where not both outcomes are there.
        peers: of the approval.
        metrics: the key figures of both probabilities by name, such as `approval_auc`, `kept_ece`.
    """

    model: Identity
    data: str
    data_digest: str
    on: dt.date
    learned_through: dt.date
    first_day: dt.date
    last_day: dt.date
    is_out_of_time: bool
    approval: HeadJudged | None
    kept: HeadJudged | None
    peers: tuple[Peer, ...]
    metrics: Mapping[str, Estimate]


@dataclass(frozen=True)
class Held:
    """Rows that are judged on.

    Attributes:
        sample: of applications that no known fact ruled out.
        data: its name.
        learned_through: last day of an application that was learned from.
        is_out_of_time: as in `FitEvaluation`.
    """

    sample: PairSample
    data: str
    learned_through: dt.date
    is_out_of_time: bool = True


def evaluate_fit(
    model: FitModel,
    held: Held,
    *,
    on: dt.date,
    peers: Mapping[str, Floats] | None = None,
    seed: int = 0,
) -> FitEvaluation:
    """Judge both probabilities of a model.

    Args:
        model: with its digest.
        held: the rows.
        on: day of the evaluation.
        peers: what others say of the approval of every row, by name.
        seed: of the draws.
    """
    sample = held.sample
    fits = model.fits(sample.pairs)
    heads = {
        "approval": _judged(sample, sample.approved, fits.approval, seed=seed),
        "kept": _judged(sample, sample.kept, fits.kept, seed=seed),
    }
    days: Any = sample.pairs["day"]
    return FitEvaluation(
        model=Identity(model.card.version, model.digest),
        data=held.data,
        data_digest=digest_of(sample),
        on=on,
        learned_through=held.learned_through,
        first_day=days.min(),
        last_day=days.max(),
        is_out_of_time=held.is_out_of_time,
        **heads,
        peers=tuple(_peer(name, sample, fits.approval, said, seed=seed) for name, said in (peers or {}).items()),
        metrics={
            f"{head}_{name}": one for head, judged in heads.items() if judged for name, one in judged.metrics.items()
        },
    )


def to_json(evaluation: FitEvaluation) -> dict[str, Any]:
    """Plain values, for MLflow and for the gates of a promotion."""
    return plain(evaluation)


def from_json(content: Mapping[str, Any]) -> FitEvaluation:
    """What `to_json` wrote.

    Raises:
        EvaluationJsonError: it is no such evaluation.
    """
    return from_json_as(FitEvaluation, content)


def digest_of(sample: PairSample) -> str:
    """Digest over values, outcomes and days of a sample, without codes."""
    total = hashlib.sha256(sample.matrix.tobytes())
    for values in (sample.approved, sample.kept, sample.days):
        total.update(values.tobytes())
    return "sha256:" + total.hexdigest()


def _judged(sample: PairSample, outcome: Floats, said: Floats, *, seed: int) -> HeadJudged | None:
    known = np.flatnonzero(np.isfinite(outcome))
    happened = outcome[known].astype(np.int64)
    if not 0 < happened.sum() < len(known):
        return None
    return judge_head(happened, said[known], sample.pairs[known].select("enterprise_id", "bank_id"), seed=seed)


def _peer(name: str, sample: PairSample, ours: Floats, theirs: Floats, *, seed: int) -> Peer:
    known = np.isfinite(sample.approved)
    happened = sample.approved[known].astype(np.int64)
    draws = Draws.of_enterprises(sample.pairs["enterprise_id"].filter(pl.Series(known)), seed=seed)
    own, drawn_own = auc_draws(happened, ours[known], draws)
    other, drawn_other = auc_draws(happened, theirs[known], draws)
    lost, lost_other = losses(happened, ours[known]), losses(happened, theirs[known])
    excess = draws.means(lost - lost_other)
    return Peer(
        name=name,
        auc=estimate(other, drawn_other, least=0.0, most=1.0),
        log_loss=estimate(float(lost_other.mean()), draws.means(lost_other)),
        auc_difference=estimate(own - other, drawn_own - drawn_other, least=-1.0, most=1.0),
        log_loss_difference=estimate(float((lost - lost_other).mean()), excess),
        p=two_sided_p(excess),
    )
