"""Requests from where they are: the store of the service, or a whole city as it stood at the ends of months."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence

import polars as pl

from features.peer_profiles import peer_profiles
from scoring.model import Model
from sources.lake import Lake
from sources.records import Records
from training.drift.requests import AT_TIMES, DriftError, Requests, Span
from training.posted.posted import Frames, rows_of
from training.posted.store import PostedStore, Request, day_in_beijing

ANSWERS: Mapping[str, bool | None] = {"approved": True, "refused": False, "withdrawn": None}


def of_store(url: str, model: Model, span: Span, *, features_from: dt.date | None = None) -> Requests:
    """The decisions that stand on some days, with the features that the model makes of the requests behind them.

    The score is the one that was answered, whichever model gave it. Of several decisions on one enterprise and day the
    newest is taken. Those before `features_from` have no features: they are there for what became of them.

    Raises:
        StoreError: the database is no store, or does not answer.
        DriftError: no decision stands on these days.
    """
    store = PostedStore(url)
    answered = _answered(store, span)
    if answered.is_empty():
        raise DriftError(f"store: got no decision that stands on {span}")
    newest = answered.unique(("enterprise_id", "day"), keep="last", maintain_order=True)
    looked_at = newest if features_from is None else newest.filter(pl.col("day") >= features_from)
    if looked_at.is_empty():
        raise DriftError(f"store: got no decision that stands on {span}")
    days = dict(looked_at.select("decision_id", "day").iter_rows())
    seen = pl.concat(_profiled(store.requests(list(days)), days, model))
    rows = newest.join(seen, on=("enterprise_id", "day"), maintain_order="left")
    return Requests.of(rows, _reports(store, newest))


def of_records(records: Records, model: Model, days: Iterable[dt.date]) -> Requests:
    """Every enterprise in scope on some days, scored.

    Raises:
        DriftError: there is no day.
    """
    rows = [_scored(peer_profiles(records, model.features, day, model.peers), model, day) for day in days]
    if not rows:
        raise DriftError("got no month to look at, expected one at least")
    return Requests.of(pl.concat(rows))


def of_lake(lake: Lake, model: Model, days: Sequence[dt.date]) -> Requests:
    """The same of a lake, one bucket at a time.

    Raises:
        DriftError: there is no day.
        UnusableTableError: a file is missing or broken.
    """
    parts = (of_records(lake.read(bucket).records, model, days).rows for bucket in range(lake.buckets))
    return Requests.of(pl.concat(parts))


def month_ends(span: Span, *, until: dt.date) -> list[dt.date]:
    """The last days of the months of a span; of a month that is not over, the last day that has come."""
    ends, day = [], span.first
    while day <= span.last and day <= until:
        last = Span.of_month(day).last
        ends.append(min(last, until))
        day = last + dt.timedelta(days=1)
    return ends


def _scored(profile: pl.DataFrame, model: Model, day: dt.date) -> pl.DataFrame:
    pd = pl.Series("pd", model.probability(profile)) if model.pd else pl.lit(None, dtype=pl.Float64).alias("pd")
    answered = pl.Series("score", model.points(profile))
    return profile.with_columns(answered, pd, pl.lit(day).alias("day"), model_version=pl.lit(model.card.version))


def _answered(store: PostedStore, span: Span) -> pl.DataFrame:
    """The decisions that stand on the days, oldest first."""
    told = store.decisions().rename({"as_of": "day"}).filter(pl.col("day").is_between(span.first, span.last))
    return told.select("enterprise_id", "day", "score", *AT_TIMES)


def _profiled(requests: Iterable[Request], days: Mapping[str, dt.date], model: Model) -> Iterator[pl.DataFrame]:
    """Profiles of requests, those that stand on one day and gave the same tables together."""
    groups: dict[tuple[dt.date, frozenset[str]], dict[str, Frames]] = {}
    for request in requests:
        tables = rows_of(request)
        groups.setdefault((days[request.decision_id], frozenset(tables)), {})[request.enterprise_id] = tables
    for (day, names), told in groups.items():
        codes = pl.Series("enterprise_id", list(told), dtype=pl.String)
        together = {name: pl.concat(tables[name] for tables in told.values()) for name in names}
        seen = peer_profiles(Records.of(together, enterprises=codes), model.features, day, model.peers)
        columns = [*(one.name for one in model.features), *(name for name in seen.columns if name.startswith("has_"))]
        yield seen.select("enterprise_id", pl.lit(day).alias("day"), *columns)


def _reports(store: PostedStore, decided: pl.DataFrame) -> pl.DataFrame:
    told = store.outcomes().join(decided.select("decision_id", "day"), on="decision_id")
    known_on = pl.Series("known_on", [day_in_beijing(moment) for moment in told["reported_at"]], dtype=pl.Date)
    return told.select(
        "decision_id",
        "product_id",
        pl.col("day").alias("decided_on"),
        known_on,
        pl.col("decision").replace_strict(ANSWERS, return_dtype=pl.Boolean).alias("approved"),
        "days_past_due",
    )
