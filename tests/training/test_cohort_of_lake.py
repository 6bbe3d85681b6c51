"""A cohort made bucket by bucket is that of the same rows in memory, to the last bit."""

import datetime as dt

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from features.definition import Feature
from features.peers import deviations_of
from features.population import local_client
from features.sets import ALL, INVOICE_FLOW
from simulation.rows import rows
from sources.lake import open_lake, write_lake
from sources.lake.layout import file_of
from sources.validation import UnusableTableError
from training.cohort import CohortError, build_cohort, build_cohort_of_lake

UNTIL = dt.date(2026, 10, 31)
FIRMS, BUCKETS = 60, 7
DAYS = (dt.date(2026, 1, 1), dt.date(2026, 4, 1), dt.date(2026, 7, 1))
FEATURES = (*ALL, *deviations_of(INVOICE_FLOW))


@pytest.fixture(scope="module")
def records():
    return rows(FIRMS, rows_each=60, seed=1, until=UNTIL)


@pytest.fixture(scope="module")
def labels(records):
    luck = np.random.default_rng(0)
    several = records.enterprises.to_frame().join(pl.DataFrame({"as_of": DAYS}), how="cross")
    kept = several.filter(pl.Series(luck.random(several.height) < 0.8))
    return kept.with_columns(
        defaulted=pl.Series(luck.random(kept.height) < 0.4), window=pl.lit("next_12_months"), known_on=pl.lit(UNTIL)
    )


@pytest.fixture(scope="module")
def lake(records, tmp_path_factory):
    return write_lake(tmp_path_factory.mktemp("city") / "lake", records, buckets=BUCKETS, today=UNTIL)


@pytest.fixture(scope="module")
def in_memory(records, labels):
    return build_cohort(records, labels, FEATURES)


@pytest.fixture(scope="module")
def client():
    with local_client(2) as client:
        yield client


def assert_same(found, expected):
    assert_frame_equal(found.profiles, expected.profiles, check_exact=True)
    assert np.array_equal(found.defaulted, expected.defaulted)
    assert found.peers == expected.peers
    assert found.digest == expected.digest
    assert (found.judged_on, found.window) == (expected.judged_on, expected.window)


def test_bucket_by_bucket_it_is_the_same(lake, labels, in_memory):
    told = []
    assert_same(build_cohort_of_lake(lake, labels, FEATURES, on_bucket=told.append), in_memory)
    assert told == list(range(BUCKETS))


def test_on_a_cluster_it_is_the_same(lake, labels, in_memory, client):
    told = []
    found = build_cohort_of_lake(lake, labels, FEATURES, client=client, on_bucket=told.append)
    assert_same(found, in_memory)
    assert sorted(told) == list(range(BUCKETS))


@pytest.mark.parametrize("buckets", [1, 16])
def test_the_number_of_buckets_does_not_matter(records, labels, in_memory, buckets, tmp_path):
    other = write_lake(tmp_path / "lake", records, buckets=buckets, today=UNTIL)
    assert_same(build_cohort_of_lake(other, labels, FEATURES), in_memory)


def test_deviations_may_be_from_a_given_reference(lake, labels, records, in_memory):
    some = labels.filter(pl.col("as_of") > DAYS[0])
    found = build_cohort_of_lake(lake, some, FEATURES, peers=in_memory.peers)
    assert_same(found, build_cohort(records, some, FEATURES, peers=in_memory.peers))


def test_only_buckets_with_labels_are_read(lake):
    codes = pl.concat([lake.codes(2), lake.codes(4)])
    some = pl.DataFrame([codes]).join(pl.DataFrame({"as_of": DAYS[:2], "defaulted": [False, True]}), how="cross")
    told = []
    build_cohort_of_lake(lake, some.with_columns(window=pl.lit("next_12_months")), INVOICE_FLOW, on_bucket=told.append)
    assert told == [2, 4]


def test_labels_of_strangers_are_refused_before_anything_is_read(lake, labels):
    stranger = labels.head(1).with_columns(enterprise_id=pl.lit("Y000000000000000TT"))
    told = []
    with pytest.raises(CohortError, match="1 enterprises have no records, first 'Y000000000000000TT'"):
        build_cohort_of_lake(lake, pl.concat([labels, stranger]), INVOICE_FLOW, on_bucket=told.append)
    assert not told


def test_a_feature_that_cannot_travel_is_refused(lake, labels):
    own = Feature(**{name: getattr(INVOICE_FLOW[0], name) for name in INVOICE_FLOW[0].__dataclass_fields__})
    with pytest.raises(CohortError, match=f"got feature '{own.name}', expected features of `FEATURES`"):
        build_cohort_of_lake(lake, labels, [own])


def test_a_bucket_that_cannot_be_seen_makes_no_cohort(records, labels, client, tmp_path):
    write_lake(tmp_path / "lake", records, buckets=3, today=UNTIL)
    broken = open_lake(tmp_path / "lake")
    file_of(broken.folder, "vat_invoices", 1).write_bytes(b"no parquet")
    with pytest.raises(UnusableTableError, match="cannot be read"):
        build_cohort_of_lake(broken, labels, INVOICE_FLOW)
    with pytest.raises(CohortError, match="bucket 1 of the lake could not be seen"):
        build_cohort_of_lake(broken, labels, INVOICE_FLOW, client=client)
