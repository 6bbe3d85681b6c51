"""A registered model on rows it has not seen, beside the champion, each shown what it was trained to see."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from features.definition import Feature
from features.peers import Deviation, PeerReference
from scoring.model import Model, NoPdError
from sources.lake import Lake
from sources.records import Records
from training.cohort import KEY, Cohort, build_cohort, build_cohort_of_lake
from training.evaluation.evaluate import evaluate
from training.evaluation.types import Evaluation, Held, Identity
from training.segments import held

OWN = " of the champion"
"""Ends the name of a column that deviates from the champion's peers, where the challenger has others."""


@dataclass(frozen=True)
class Sample:
    """Rows to judge on, before anything has been computed of them.

    Attributes:
        name: of the data.
        labels: of those rows only.
        source: what is known of the enterprises.
        true_pd: of simulated rows, as `training.truths.read_truth` gives it.
        on_bucket: told the number of each bucket of a lake as it has been seen.
    """

    name: str
    labels: pl.DataFrame
    source: Records | Lake
    true_pd: pl.DataFrame | None = None
    on_bucket: Callable[[int], None] = field(default=lambda _: None)


@dataclass(frozen=True)
class Shown:
    """Profiles with all that both models see, and the champion as it reads them."""

    rows: Held
    champion: Model | None


def shown(sample: Sample, model: Model, champion: Model | None) -> Shown:
    """Profile the rows once for both models.

    Deviations are from the peers of the model they belong to. Where both models deviate and their peers differ, the
    champion's deviations stand in columns of their own, and the champion returned reads those.

    Raises:
        NoPdError: a model claims no probability of default, so that it cannot be judged.
        CohortError: labels from which nothing can be told, or without records.
    """
    for one in (model, champion):
        if one is not None and one.pd is None:
            raise NoPdError(
                f"version {one.card.version}: it claims no probability of default, expected a model trained on labels "
                "of the next 12 months"
            )
    if champion is None or not _differ(model, champion):
        features = _union(model.features, champion.features if champion else ())
        return Shown(_held(sample, _cohort(sample, features, _peers(model, champion))), champion)
    plain = tuple(one for one in champion.features if not isinstance(one, Deviation))
    rows = _held(sample, _cohort(sample, _union(model.features, plain), model.peers))
    return Shown(replace(rows, profiles=_with_own(rows.profiles, sample, champion)), _reading_its_own(champion))


def judge(rows: Shown, model: Model, *, champion: Identity | None, on: dt.date, seed: int) -> Evaluation:
    """Evaluate a model on rows shown to it, beside the champion where there is one.

    Args:
        rows: as `shown` made them for this model and this champion.
        model: the challenger.
        champion: who the champion is; None where there is none.
        on: day of the evaluation.
        seed: of every draw.
    """
    return evaluate(
        model,
        rows.rows,
        champion=rows.champion,
        identity=Identity(model.card.version, model.digest),
        champion_identity=champion,
        on=on,
        seed=seed,
    )


def _union(first: tuple[Feature, ...], more: tuple[Feature, ...]) -> tuple[Feature, ...]:
    return tuple({one.name: one for one in (*first, *more)}.values())


def _differ(model: Model, champion: Model) -> bool:
    return bool(_deviations(model) and _deviations(champion)) and model.peers != champion.peers


def _deviations(model: Model) -> tuple[Feature, ...]:
    return tuple(one for one in model.features if isinstance(one, Deviation))


def _peers(model: Model, champion: Model | None) -> PeerReference | None:
    """Those of whoever deviates; where both do they are the same."""
    return model.peers if champion is None or _deviations(model) else champion.peers


def _cohort(sample: Sample, features: Sequence[Feature], peers: PeerReference | None) -> Cohort:
    if isinstance(sample.source, Lake):
        return build_cohort_of_lake(sample.source, sample.labels, features, peers=peers, on_bucket=sample.on_bucket)
    return build_cohort(sample.source, sample.labels, features, peers=peers)


def _held(sample: Sample, cohort: Cohort) -> Held:
    return held(cohort, sample.source, name=sample.name, true_pd=sample.true_pd)


def _with_own(profiles: pl.DataFrame, sample: Sample, champion: Model) -> pl.DataFrame:
    deviations = _deviations(champion)
    seen = _cohort(sample, deviations, champion.peers).profiles
    own = seen.select(*KEY, *(pl.col(one.name).alias(one.name + OWN) for one in deviations))
    return profiles.join(own, on=KEY, how="left", maintain_order="left")


def _reading_its_own(champion: Model) -> Model:
    renamed = (replace(one, name=one.name + OWN) if isinstance(one, Deviation) else one for one in champion.features)
    return replace(champion, features=tuple(renamed))
