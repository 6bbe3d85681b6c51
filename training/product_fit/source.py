"""The sample of a whole source: a lake bucket by bucket, anything else at once."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from features.population import tables_for
from sources.contracts.aside import APPLICATIONS
from sources.lake import LAKE_FILE, Lake, open_lake
from sources.readers import Folder, read_source
from sources.records import Records
from training.product_fit.sample import PairSample, PairSampleError, Rules, features_read, last_known, pair_sample

OUTCOMES = ("loans", "repayments", APPLICATIONS.name)
ALSO_READ = ("registry", "legal_events", *OUTCOMES)
"""Tables that are read beside those of the features: for facts, ties and what became of loans."""


@dataclass(frozen=True)
class Told:
    """Who is told of the progress.

    Attributes:
        total: how many applications there are.
        seen: of so many more that were seen.
        rejects: of rows that broke a rule of their contract.
    """

    total: Callable[[int], None] = lambda _: None
    seen: Callable[[int], None] = lambda _: None
    rejects: Callable[[pl.DataFrame], None] = lambda _: None


def sample_of_source(
    source: str, rules: Rules, *, mapping: str | None = None, today: dt.date, told: Told | None = None
) -> PairSample:
    """Every application of a source as a pair.

    Args:
        source: folder, lake or PostgreSQL URL, with the table `applications`.
        rules: catalogue and policy that products are judged by.
        mapping: as for `read_source`.
        today: rows dated later are rejects.
        told: of the progress.

    Raises:
        PairSampleError: there are no applications, or none for a product of the catalogue.
        UnusableTableError: the source cannot be read.
    """
    heard = told or Told()
    if "://" not in source and (Path(source) / LAKE_FILE).is_file() and mapping is None:
        return _of_lake(open_lake(Path(source)), rules, heard)
    given = read_source(source, mapping=mapping, today=today)
    heard.rejects(given.rejects)
    applications = _applications(given, source)
    heard.total(applications.height)
    return pair_sample(given.records, applications, rules=rules, on_month=heard.seen)


def _of_lake(lake: Lake, rules: Rules, told: Told) -> PairSample:
    if APPLICATIONS.name not in lake.tables:
        raise PairSampleError(_without(lake.folder))
    until = max(_last_known(lake), default=None)
    if until is None:
        raise PairSampleError(f"{lake.folder}: got no application, expected some to learn from")
    told.total(lake.entry.tables[APPLICATIONS.name].rows)
    wanted = {*tables_for(lake, features_read()), *ALSO_READ} & set(lake.tables)
    parts = []
    for bucket in range(lake.buckets):
        given = lake.read(bucket, tables=wanted)
        applications = _applications(given, lake.folder)
        if applications.height:
            parts.append(_part(given.records, applications, rules, until, told))
    return PairSample.joined(parts)


def _part(records: Records, applications: pl.DataFrame, rules: Rules, until: dt.date, told: Told) -> PairSample:
    return pair_sample(records, applications, rules=rules, known_until=until, on_month=told.seen)


def _last_known(lake: Lake) -> Iterator[dt.date]:
    """The last day of each bucket on which anything became known of applications, loans and instalments."""
    tables = set(OUTCOMES) & set(lake.tables)
    for bucket in range(lake.buckets):
        given = lake.read(bucket, tables=tables)
        applications = _applications(given, lake.folder)
        if applications.height:
            yield last_known(given.records, applications)


def _applications(given: Folder, source: Any) -> pl.DataFrame:
    if APPLICATIONS.name not in given.aside:
        raise PairSampleError(_without(source))
    return given.aside[APPLICATIONS.name]


def _without(source: Any) -> str:
    return f"{source}: got no table `applications`, expected one with what became of past applications"
