"""The sample a model is trained on: profiles of labelled enterprises, each on the day it is judged."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.definition import Feature
from features.peer_profiles import grouped_profiles, with_deviations
from features.peers import Deviation, PeerReference, fit_peers
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
        first_as_of: the earliest day that an enterprise is judged on.
        as_of: the latest, in most samples the only one.
        window: what the label covers, as its source states it.
        peers: what deviations among the features deviate from; None where there are none.
    """

    profiles: pl.DataFrame
    defaulted: NDArray[np.int64]
    features: tuple[Feature, ...]
    first_as_of: dt.date
    as_of: dt.date
    window: str
    peers: PeerReference | None = None

    @property
    def matrix(self) -> Matrix:
        return as_matrix(self.profiles, self.features)

    @property
    def judged_on(self) -> str:
        """The day the enterprises are judged on; of several days the first and the last, as an ISO 8601 interval."""
        days = dict.fromkeys((self.first_as_of, self.as_of))
        return "/".join(day.isoformat() for day in days)

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
    records: Records,
    labels: pl.DataFrame,
    features: Sequence[Feature],
    *,
    days_earlier: int = 0,
    peers: PeerReference | None = None,
) -> Cohort:
    """Profiles of every labelled enterprise as of its label's day, or so many days earlier.

    Deviations among the features are from `peers`, or else from these very enterprises, whatever their labels.

    Raises:
        CohortError: several windows, several labels of one enterprise, fewer than 10 labels of either kind, or a label
            without records.
    """
    _check(records, labels)
    names = [feature.name for feature in features]
    seen, peers = _seen(records, labels, features, days_earlier=days_earlier, peers=peers)
    ordered = seen.join(labels.select("enterprise_id", "defaulted"), on="enterprise_id").sort(*names, "defaulted")
    days = labels["as_of"].unique().sort()
    return Cohort(
        profiles=ordered.drop("defaulted"),
        defaulted=ordered["defaulted"].cast(pl.Int64).to_numpy(),
        features=tuple(features),
        first_as_of=days[0],
        as_of=days[-1],
        window=str(labels["window"][0]),
        peers=peers,
    )


def one_label_each(labels: pl.DataFrame) -> pl.DataFrame:
    """One of the labels of each enterprise, sorted by code: folds must not share an enterprise.

    Which one depends on the code and on how many labels there are, never on what they say.
    """
    ordered = labels.sort("enterprise_id", "as_of")
    codes = ordered["enterprise_id"]
    luck = pl.Series([int(hashlib.sha256(code.encode()).hexdigest()[:8], 16) for code in codes], dtype=pl.Int64)
    place, many = pl.int_range(pl.len()).over("enterprise_id"), pl.len().over("enterprise_id").cast(pl.Int64)
    return ordered.filter(place == luck % many)


def _check(records: Records, labels: pl.DataFrame) -> None:
    if (windows := labels["window"].n_unique()) != 1:
        raise CohortError(f"labels: got {windows} values of 'window', expected one")
    if (repeated := labels.filter(pl.col("enterprise_id").is_duplicated())).height:
        raise CohortError(
            f"labels: got {repeated.height} labels of {repeated['enterprise_id'].n_unique()} enterprises with several, "
            f"first {repeated['enterprise_id'][0]!r}, expected one each: folds must not share an enterprise"
        )
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


def _seen(
    records: Records,
    labels: pl.DataFrame,
    features: Sequence[Feature],
    *,
    days_earlier: int,
    peers: PeerReference | None,
) -> tuple[pl.DataFrame, PeerReference | None]:
    """Profiles of labelled enterprises, and the peers that their deviations are from; None where there are none.

    Enterprises judged on one day are seen together.
    """
    deviates = any(isinstance(feature, Deviation) for feature in features)
    make, earlier = grouped_profiles if deviates else profiles, dt.timedelta(days=days_earlier)
    seen = pl.concat(
        make(records.only(judged["enterprise_id"]), features, judged["as_of"][0] - earlier)
        for judged in labels.sort("as_of").partition_by("as_of", maintain_order=True)
    )
    if not deviates:
        return seen, None
    reference = peers or fit_peers(seen, features)
    return with_deviations(seen, features, reference), reference
