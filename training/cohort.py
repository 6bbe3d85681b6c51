"""The sample a model is trained on: profiles of labelled enterprises, each on the days it is judged."""

import datetime as dt
import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from distributed import Client
from numpy.typing import NDArray

from features.definition import Feature
from features.fingerprint import feature_digest
from features.peer_profiles import grouped_profiles, with_deviations
from features.peers import TRADE_SOURCE, Deviation, PeerReference, base_of, fit_peers
from features.population import few_at_a_time, tables_for
from features.profile import profiles
from features.sets import FEATURES
from features.standing.standing import SIZE_NEEDED
from scoring.model import Matrix, as_matrix
from sources.lake import Lake, bucket_of, open_lake
from sources.records import Records

FEWEST_OF_A_KIND = 10
"""Fewer enterprises with a default, or with a sound label, cannot be split into five folds with two in each."""

KEY = ("enterprise_id", "as_of")

Rows = NDArray[np.bool_] | NDArray[np.int64]
"""Some of the rows: a flag for each, or their places."""


class CohortError(ValueError):
    """Labels from which nothing can be learned."""


DATED = "next_12_months"
"""Label window of a sample that holds goods and bads as they are in its population."""


@dataclass(frozen=True)
class Cohort:
    """Profiles and labels in canonical order: by the values themselves, so that neither codes nor row order can matter.

    Attributes:
        profiles: one row an enterprise and day, sorted by feature values, then by day: `enterprise_id`, `as_of` (the
            day of the label), the features, `has_<block>`.
        defaulted: 1 for a default, same order.
        first_as_of: the earliest day that an enterprise is judged on.
        as_of: the latest.
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

    def __len__(self) -> int:
        return len(self.defaulted)

    @property
    def is_dated(self) -> bool:
        """Whether labels tell of the twelve months after their day, so that goods and bads are as in life."""
        return self.window == DATED

    @property
    def matrix(self) -> Matrix:
        return as_matrix(self.profiles, self.features)

    @property
    def codes(self) -> pl.Series:
        """The enterprise of each row."""
        return self.profiles["enterprise_id"]

    @property
    def enterprises(self) -> NDArray[np.int64]:
        """A number an enterprise, for each row: 0, 1, 2 … as they first occur, whatever the codes."""
        return numbered(self.codes)

    @property
    def days(self) -> NDArray[np.int64]:
        """The day each row is judged on, in days since 1970-01-01."""
        return self.profiles["as_of"].to_physical().cast(pl.Int64).to_numpy()

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
        """Digest over values and labels, without codes; of several days also over the days and who has which rows."""
        total = hashlib.sha256(self.matrix.tobytes())
        total.update(self.defaulted.tobytes())
        if self.first_as_of != self.as_of:
            total.update(self.days.tobytes())
            total.update(self.enterprises.tobytes())
        return "sha256:" + total.hexdigest()

    def restricted_to(self, features: Sequence[Feature]) -> "Cohort":
        """The same enterprises in the same order, seen through fewer features."""
        return replace(self, features=tuple(features))

    def take(self, rows: Rows) -> "Cohort":
        """Some of the rows: those flagged, or those at these places, in that order. Peers stay those of all.

        Raises:
            CohortError: none are taken.
        """
        places = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        if not len(places):
            raise CohortError(f"got no row to take, expected some of {len(self)}")
        taken = self.profiles[places]
        first, last = _first_and_last(taken["as_of"])
        return replace(self, profiles=taken, defaulted=self.defaulted[places], first_as_of=first, as_of=last)


def numbered(codes: pl.Series) -> NDArray[np.int64]:
    """0, 1, 2 … for the distinct values, in the order in which they first occur."""
    distinct = codes.unique(maintain_order=True)
    return codes.cast(pl.Enum(distinct)).to_physical().cast(pl.Int64).to_numpy()


def build_cohort(
    records: Records,
    labels: pl.DataFrame,
    features: Sequence[Feature],
    *,
    days_earlier: int = 0,
    peers: PeerReference | None = None,
) -> Cohort:
    """Profiles of every labelled enterprise as of each of its labels' days, or so many days earlier.

    Deviations among the features are from `peers`, or else from these very rows, whatever their labels.

    Raises:
        CohortError: several windows, two labels of one enterprise and day, fewer than 10 enterprises with a label of
            either kind, or a label without records.
    """
    _check(labels)
    _check_in_scope(labels, records.enterprises)
    earlier = dt.timedelta(days=days_earlier)
    seen = _seen(records, labels, features, grouped=_deviates(features), earlier=earlier)
    return _cohort(seen, labels, features, peers)


def build_cohort_of_lake(
    lake: Lake,
    labels: pl.DataFrame,
    features: Sequence[Feature],
    *,
    peers: PeerReference | None = None,
    client: Client | None = None,
    on_bucket: Callable[[int], None] = lambda _: None,
) -> Cohort:
    """What `build_cohort` makes of the same rows, one bucket at a time: the same to the last bit.

    Each bucket is read once and seen on all its days; only its profiles are kept.

    Args:
        lake: with a client, it must lie under the same path for every worker.
        labels: of enterprises of the lake.
        features: features of `FEATURES`, and deviations with them.
        peers: as for `build_cohort`.
        client: of the cluster that sees the buckets; None = this process, one after the other.
        on_bucket: called with the number of each bucket that has labels, as it is finished.

    Raises:
        CohortError: as `build_cohort`; a feature that is not of `FEATURES`; or a bucket that cannot be seen.
        UnusableTableError: without a client, a file of the lake is missing or broken.
    """
    _check(labels)
    task = _task(lake, features)
    by_bucket = _labels_by_bucket(lake, labels)
    some = _seen_here(task, by_bucket) if client is None else _seen_on_cluster(client, task, by_bucket)
    seen = {}
    for bucket, found in some:
        seen[bucket] = found
        on_bucket(bucket)
    return _cohort(pl.concat(seen[bucket] for bucket in sorted(seen)), labels, features, peers)


def one_label_each(labels: pl.DataFrame) -> pl.DataFrame:
    """One of the labels of each enterprise, sorted by code: for samples too small to be split by enterprise and day.

    Which one depends on the code and on how many labels there are, never on what they say.
    """
    ordered = labels.sort("enterprise_id", "as_of")
    codes = ordered["enterprise_id"]
    luck = pl.Series([int(hashlib.sha256(code.encode()).hexdigest()[:8], 16) for code in codes], dtype=pl.Int64)
    place, many = pl.int_range(pl.len()).over("enterprise_id"), pl.len().over("enterprise_id").cast(pl.Int64)
    return ordered.filter(place == luck % many)


def _check(labels: pl.DataFrame) -> None:
    if (windows := labels["window"].n_unique()) != 1:
        raise CohortError(f"labels: got {windows} values of 'window', expected one")
    repeated = labels.filter(pl.struct(KEY).is_duplicated())
    if repeated.height:
        code, day = repeated.select(KEY).row(0)
        raise CohortError(
            f"labels: got {repeated.height} labels that share enterprise and day, first {code!r} on {day}, expected one"
        )
    kinds = labels.group_by("defaulted").agg(pl.col("enterprise_id").n_unique())
    found: dict[bool, int] = dict(kinds.iter_rows())
    if min(found.get(kind, 0) for kind in (False, True)) < FEWEST_OF_A_KIND:
        raise CohortError(
            f"labels: got {found.get(True, 0)} enterprises with a default and {found.get(False, 0)} with a sound label "
            f"among {labels.height} labels, expected at least {FEWEST_OF_A_KIND} of either kind"
        )


def _check_in_scope(labels: pl.DataFrame, known: pl.Series) -> None:
    strangers = labels.filter(~pl.col("enterprise_id").is_in(known.implode()))["enterprise_id"].unique().sort()
    if len(strangers):
        raise CohortError(f"labels: {len(strangers)} enterprises have no records, first {strangers[0]!r}")


def _deviates(features: Iterable[Feature]) -> bool:
    return any(isinstance(feature, Deviation) for feature in features)


def _seen(
    records: Records, labels: pl.DataFrame, features: Sequence[Feature], *, grouped: bool, earlier: dt.timedelta
) -> pl.DataFrame:
    """Profiles of labelled enterprises, with the day of the label; those judged on one day are seen together."""
    make = grouped_profiles if grouped else profiles
    return pl.concat(
        _dated(make(records.only(judged["enterprise_id"]), features, judged["as_of"][0] - earlier), judged["as_of"][0])
        for judged in labels.sort("as_of").partition_by("as_of", maintain_order=True)
    )


def _dated(profile: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    return profile.select("enterprise_id", pl.lit(as_of).alias("as_of"), pl.exclude("enterprise_id"))


def _cohort(
    seen: pl.DataFrame, labels: pl.DataFrame, features: Sequence[Feature], peers: PeerReference | None
) -> Cohort:
    reference = None
    if _deviates(features):
        reference = peers or fit_peers(seen, features)
        seen = seen.select(KEY).hstack(with_deviations(seen, features, reference).drop(KEY))
    outcome = seen.select(KEY).join(labels.select(*KEY, "defaulted"), on=KEY, how="left", maintain_order="left")
    ordered = _in_canonical_order(seen.hstack([outcome["defaulted"]]), features)
    first, last = _first_and_last(labels["as_of"])
    return Cohort(
        profiles=ordered.drop("defaulted"),
        defaulted=ordered["defaulted"].cast(pl.Int64).to_numpy(),
        features=tuple(features),
        first_as_of=first,
        as_of=last,
        window=str(labels["window"][0]),
        peers=reference,
    )


def _first_and_last(days: pl.Series) -> tuple[dt.date, dt.date]:
    ordered = days.unique().sort()
    return ordered[0], ordered[-1]


def _in_canonical_order(seen: pl.DataFrame, features: Sequence[Feature]) -> pl.DataFrame:
    """Sorted by everything but the code.

    Rows that are alike stand in the order of the other rows of their enterprises; where these are alike too the
    enterprises can be exchanged, and the codes decide.
    """
    first = [*(feature.name for feature in features), "as_of", "defaulted"]
    ordered = seen.sort(by := [*first, *(name for name in seen.columns if name not in {"enterprise_id", *first})])
    differs = (pl.col(name).ne_missing(pl.col(name).shift()) for name in by)
    rank = ordered.select(pl.any_horizontal(differs)).to_series().cum_sum().alias("rank")
    if rank.n_unique() == len(rank):
        return ordered
    ranked = ordered.select("enterprise_id").hstack([rank])
    theirs = ranked.group_by("enterprise_id").agg(pl.col("rank").sort()).iter_rows()
    codes = [code for code, _ in sorted(theirs, key=lambda one: (one[1], one[0]))]
    place = ranked["enterprise_id"].cast(pl.Enum(codes)).to_physical().alias("place")
    return ordered[ranked.hstack([place]).select(pl.arg_sort_by("rank", "place")).to_series()]


@dataclass(frozen=True)
class _Task:
    """All that a worker must know beside the bucket and its labels; names travel, for panels do not."""

    lake: str
    lake_digest: str
    features: tuple[str, ...]
    feature_digest: str
    grouped: bool
    tables: tuple[str, ...]


def _task(lake: Lake, features: Sequence[Feature]) -> _Task:
    bases = tuple({one.name: one for one in map(base_of, features)}.values())
    if unknown := [one.name for one in bases if FEATURES.get(one.name) is not one]:
        raise CohortError(f"got feature {unknown[0]!r}, expected features of `FEATURES`, or deviations with them")
    grouped = _deviates(features)
    tables = tables_for(lake, (*bases, *SIZE_NEEDED) if grouped else bases)
    if grouped and TRADE_SOURCE in lake.tables:
        tables = tuple(dict.fromkeys((*tables, TRADE_SOURCE)))
    names = tuple(one.name for one in bases)
    return _Task(str(lake.folder.resolve()), lake.digest, names, feature_digest(bases), grouped, tables)


def _labels_by_bucket(lake: Lake, labels: pl.DataFrame) -> dict[int, pl.DataFrame]:
    codes = labels["enterprise_id"].unique().sort()
    buckets = pl.Series("bucket", [bucket_of(code, lake.buckets) for code in codes], dtype=pl.Int64)
    placed = labels.select(KEY).join(pl.DataFrame([codes, buckets]), on="enterprise_id")
    wanted = buckets.unique().sort().to_list()
    _check_in_scope(labels, pl.concat(lake.codes(bucket) for bucket in wanted))
    return {bucket: placed.filter(pl.col("bucket") == bucket).select(KEY) for bucket in wanted}


def _seen_here(task: _Task, by_bucket: Mapping[int, pl.DataFrame]) -> Iterator[tuple[int, pl.DataFrame]]:
    return ((bucket, _see_bucket(task, bucket, labels)) for bucket, labels in by_bucket.items())


def _seen_on_cluster(
    client: Any, task: _Task, by_bucket: Mapping[int, pl.DataFrame]
) -> Iterator[tuple[int, pl.DataFrame]]:
    """Each bucket's profiles as they are done; few are in flight at once.

    Raises:
        CohortError: a bucket failed, also when tried again.
    """
    work = ((bucket, (task, bucket, labels)) for bucket, labels in by_bucket.items())
    return few_at_a_time(client, _see_bucket, work, _result)


def _result(future: Any, bucket: int) -> pl.DataFrame:
    if future.status != "finished":
        error = future.exception() if future.status == "error" else None
        why = future.status if error is None else " ".join(f"{type(error).__name__}: {error}".split())
        raise CohortError(f"bucket {bucket} of the lake could not be seen: {why}")
    found: pl.DataFrame = future.result()
    return found


def _see_bucket(task: _Task, bucket: int, labels: pl.DataFrame) -> pl.DataFrame:
    """Runs in a worker."""
    features = tuple(FEATURES[name] for name in task.features)
    if feature_digest(features) != task.feature_digest:
        raise CohortError("this worker has other feature definitions than the one who asked; update it")
    lake = open_lake(Path(task.lake))
    if lake.digest != task.lake_digest:
        raise CohortError(f"{task.lake}: this worker sees another lake, {lake.digest}, expected {task.lake_digest}")
    given = lake.read(bucket, tables=task.tables)
    if given.rejects.height:
        logging.getLogger(__name__).warning(
            "bucket %d: %d rows left out, for they do not keep today's contracts", bucket, given.rejects.height
        )
    return _seen(given.records, labels, features, grouped=task.grouped, earlier=dt.timedelta())
