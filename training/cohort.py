"""The sample a model is trained on: profiles of labelled enterprises on the day they are judged."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.definition import Feature
from features.profile import profiles
from scoring.model import Matrix, as_matrix
from sources.records import Records

FEWEST_OF_A_KIND = 10
"""Fewer defaults, or fewer sound enterprises, than this cannot be split into five folds with two in each."""


class CohortError(ValueError):
    """Labels from which nothing can be learned."""


@dataclass(frozen=True)
class Cohort:
    """Profiles and labels in canonical order: by the values themselves, so that neither codes nor row order can matter.

    Attributes:
        profiles: one row an enterprise, sorted by feature values.
        defaulted: 1 for a default, same order.
        window: what the label covers, as its source states it.
    """

    profiles: pl.DataFrame
    defaulted: NDArray[np.int64]
    features: tuple[Feature, ...]
    as_of: dt.date
    window: str

    @property
    def matrix(self) -> Matrix:
        return as_matrix(self.profiles, self.features)

    @property
    def default_rate(self) -> float:
        return float(self.defaulted.mean())

    @property
    def digest(self) -> str:
        """Digest over values and labels, without codes."""
        total = hashlib.sha256(self.matrix.tobytes())
        total.update(self.defaulted.tobytes())
        return "sha256:" + total.hexdigest()

    def restricted_to(self, features: Sequence[Feature]) -> "Cohort":
        """The same enterprises in the same order, seen through fewer features."""
        return replace(self, features=tuple(features))


def build_cohort(
    records: Records, labels: pl.DataFrame, features: Sequence[Feature], *, seen_on: dt.date | None = None
) -> Cohort:
    """Profiles of every labelled enterprise as of the label's day, or as of an earlier day `seen_on`.

    Raises:
        CohortError: several label days or windows, fewer than 10 labels of either kind, or a label without records.
    """
    for column in ("as_of", "window"):
        if labels[column].n_unique() != 1:
            raise CohortError(f"labels: got {labels[column].n_unique()} values of {column!r}, expected one")
    as_of, window = labels["as_of"][0], str(labels["window"][0])
    bads = int(labels["defaulted"].sum())
    if min(bads, labels.height - bads) < FEWEST_OF_A_KIND:
        raise CohortError(
            f"labels: got {bads} defaults among {labels.height}, expected at least {FEWEST_OF_A_KIND} of either kind"
        )
    strangers = labels.filter(~pl.col("enterprise_id").is_in(records.enterprises.implode()))
    if strangers.height:
        raise CohortError(
            f"labels: {strangers.height} enterprises have no records, first {strangers['enterprise_id'][0]!r}"
        )
    names = [feature.name for feature in features]
    seen = profiles(records.only(labels["enterprise_id"]), features, seen_on or as_of)
    ordered = seen.join(labels.select("enterprise_id", "defaulted"), on="enterprise_id").sort(*names, "defaulted")
    return Cohort(
        profiles=ordered.drop("defaulted"),
        defaulted=ordered["defaulted"].cast(pl.Int64).to_numpy(),
        features=tuple(features),
        as_of=as_of,
        window=window,
    )
