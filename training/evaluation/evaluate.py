"""`evaluate()`: everything that is said of a model on rows it has not seen."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from training.evaluation.calibration import calibration_metrics, reliability
from training.evaluation.comparison import compared
from training.evaluation.leakage import probes
from training.evaluation.movers import movers
from training.evaluation.profit import cuts, terms_on
from training.evaluation.ranking import curves, delong, ranking_metrics, tenths
from training.evaluation.resampling import Draws, rate
from training.evaluation.rows import Judgeable, Judged, Said
from training.evaluation.segments import segments_of
from training.evaluation.stability import drifting, months
from training.evaluation.truth import beside_truth
from training.evaluation.types import Evaluation, Held, Identity
from training.evaluation.withholding import withheld
from training.metrics import Estimate
from training.proof import prove

__all__ = ["EvaluationError", "Judgeable", "evaluate"]


class EvaluationError(ValueError):
    """Rows or models that cannot be judged."""


def evaluate(  # noqa: PLR0913 - each is what the caller alone knows, all but two by keyword
    model: Judgeable,
    held: Held,
    *,
    champion: Judgeable | None = None,
    identity: Identity,
    champion_identity: Identity | None = None,
    on: dt.date,
    seed: int = 0,
) -> Evaluation:
    """Judge a model on held rows, beside a champion where there is one.

    Args:
        model: the challenger.
        held: rows of enterprises that neither model was fitted on; what data do not allow is NaN, None or empty.
        champion: judged on the same rows; needs `champion_identity`.
        identity: of the challenger.
        champion_identity: of the champion.
        on: day of the evaluation, which the terms of profit are those of.
        seed: of every draw; the same seed, rows and models give the same evaluation.

    Raises:
        EvaluationError: no rows, labels other than 0 and 1, columns of unequal length, scores or probabilities that
            are no numbers, or a champion without identity.
        NoPdError: a model claims no probability of default.
        NotInForceError: `on` lies before the first terms of profit.
    """
    _check(held, champion, champion_identity)
    said = _said(model, held, identity)
    other = _said(champion, held, champion_identity) if champion and champion_identity else None
    judged = Judged(held, said, other, Draws.of_enterprises(held.profiles["enterprise_id"], seed=seed))
    judged_as = Named(identity, champion_identity, on)
    return _evaluation(model, judged, judged_as, seed=seed)


@dataclass(frozen=True)
class Named:
    """What an evaluation is of, and on which day."""

    model: Identity
    champion: Identity | None
    on: dt.date


def _evaluation(model: Judgeable, judged: Judged, named: Named, *, seed: int) -> Evaluation:
    held, said = judged.held, judged.said
    roc, precision_recall = curves(held.defaulted, -said.points)
    return Evaluation(
        model=named.model,
        data=held.name,
        data_digest=held.digest,
        on=named.on,
        rows=len(held.defaulted),
        enterprises=judged.draws.enterprises,
        defaults=int(held.defaulted.sum()),
        first_as_of=judged.days[0],
        last_as_of=judged.days[-1],
        metrics=_metrics(judged, seed=seed),
        roc=roc,
        precision_recall=precision_recall,
        reliability=reliability(held.defaulted, said.probability, judged.draws),
        tenths=tenths(held.defaulted, said.points),
        months=months(judged),
        drifting=drifting(judged, model.features),
        segments=segments_of(judged),
        cuts=cuts(judged, terms_on(named.on)),
        movers=movers(model, held.profiles, seed=seed),
        findings=probes(held.profiles, held.defaulted, model.features, model=model),
        proof=prove(model.booster, [one.monotone for one in model.features]),
        withheld=withheld(model, judged),
        out_of_distribution=rate(np.asarray(model.is_unusual(held.profiles), dtype=np.float64), judged.draws),
        comparison=compared(judged, named.champion) if named.champion else None,
        truth=beside_truth(model, judged),
    )


def _metrics(judged: Judged, *, seed: int) -> Mapping[str, Estimate]:
    """By name; `auc_delong` only where every enterprise has one row, as it takes rows for independent."""
    defaulted, said = judged.defaulted, judged.said
    ranked = ranking_metrics(defaulted, -said.points, judged.draws)
    alone = {"auc_delong": delong(defaulted, -said.points)} if judged.one_row_an_enterprise else {}
    return {**ranked, **alone, **calibration_metrics(defaulted, said.probability, judged.draws, seed=seed)}


def _check(held: Held, champion: Judgeable | None, champion_identity: Identity | None) -> None:
    rows = held.profiles.height
    if not rows:
        raise EvaluationError(f"{held.name}: got no rows, expected some to judge on")
    lengths = {"defaulted": len(held.defaulted), "segments": held.segments.height if held.segments.width else rows}
    if held.true_pd is not None:
        lengths["true_pd"] = len(held.true_pd)
    for name, length in lengths.items():
        if length != rows:
            raise EvaluationError(f"{held.name}: {name}: got {length} rows, expected {rows}, those of the profiles")
    if not np.isin(held.defaulted, (0, 1)).all():
        raise EvaluationError(f"{held.name}: got labels {np.unique(held.defaulted)[:5]}, expected 0 and 1")
    if (champion is None) != (champion_identity is None):
        raise EvaluationError("champion: got a model without its identity or the other way round, expected both")


def _said(model: Judgeable, held: Held, identity: Identity) -> Said:
    said = Said.of(model, held.profiles)
    for name, values in (("points", said.points), ("probability", said.probability)):
        if values.shape != held.defaulted.shape or not np.isfinite(values).all():
            raise EvaluationError(
                f"version {identity.version}: {name}: got {values.shape} with {int((~np.isfinite(values)).sum())} that "
                f"are no numbers, expected {len(held.defaulted)} finite ones"
            )
    return said
