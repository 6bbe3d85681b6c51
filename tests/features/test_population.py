"""Whole-city profiles are those of `profiles()`, whatever happens to the workers on the way."""

import datetime as dt
import json
import os
import shutil
import signal

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from features.population import PROFILES_FILE, PopulationError, build_here, build_population, local_client, tables_for
from features.profile import profiles
from features.sets import INVOICE_FLOW, SETS
from simulation.rows import rows
from sources.lake import open_lake, write_lake

AS_OF = dt.date(2026, 10, 31)
FIRMS, BUCKETS = 60, 12
FEATURES = SETS["all"]


@pytest.fixture(scope="module")
def city():
    return rows(FIRMS, rows_each=300, seed=1, until=AS_OF)


@pytest.fixture(scope="module")
def lake(city, tmp_path_factory):
    return write_lake(tmp_path_factory.mktemp("city") / "lake", city, buckets=BUCKETS, today=AS_OF)


@pytest.fixture(scope="module")
def client():
    with local_client(2) as client:
        yield client


@pytest.fixture(scope="module")
def undisturbed(lake, client, tmp_path_factory):
    out = tmp_path_factory.mktemp("undisturbed") / "out"
    return out, build_population(lake, FEATURES, AS_OF, out=out, client=client)


def contents(out):
    return {path.name: path.read_bytes() for path in sorted(out.iterdir())}


def test_the_files_together_are_the_profiles_of_the_city(city, undisturbed):
    out, summary = undisturbed
    built = pl.read_parquet(out / "*.parquet").sort("enterprise_id")
    assert_frame_equal(built, profiles(city, FEATURES, AS_OF))
    assert (summary.enterprises, len(summary.done), summary.kept, summary.failed) == (FIRMS, BUCKETS, (), {})


def test_both_workers_did_some_of_it_and_tell_their_memory(undisturbed):
    _, summary = undisturbed
    assert len(summary.peak_bytes) == 2
    assert all(2**26 < peak < 2**32 for peak in summary.peak_bytes.values())


def test_every_worker_has_one_polars_thread(client):
    assert set(client.run(pl.thread_pool_size).values()) == {1}


def test_profiles_json_says_what_the_folder_holds(lake, undisturbed):
    out, _ = undisturbed
    said = json.loads((out / PROFILES_FILE).read_text())
    assert (said["as_of"], said["lake_digest"], said["buckets"]) == ("2026-10-31", lake.digest, BUCKETS)
    assert said["features"] == [one.name for one in FEATURES]


def test_a_finished_bucket_is_not_built_again(lake, client, undisturbed, tmp_path):
    out = shutil.copytree(undisturbed[0], tmp_path / "out")
    (out / "bucket=0003.parquet").unlink()
    before = (out / "bucket=0002.parquet").stat().st_mtime_ns
    summary = build_population(lake, FEATURES, AS_OF, out=out, client=client)
    assert [one.bucket for one in summary.done] == [3]
    assert summary.kept == tuple(bucket for bucket in range(BUCKETS) if bucket != 3)
    assert (out / "bucket=0002.parquet").stat().st_mtime_ns == before
    assert contents(out) == contents(undisturbed[0])


def test_each_bucket_is_told_once_it_is_there(lake, client, tmp_path):
    told = []

    def on_bucket(bucket):
        assert (tmp_path / "out" / f"bucket={bucket:04d}.parquet").exists()
        told.append(bucket)

    build_population(lake, FEATURES, AS_OF, out=tmp_path / "out", client=client, on_bucket=on_bucket)
    assert sorted(told) == list(range(BUCKETS))


def test_a_worker_killed_in_the_middle_changes_nothing(lake, undisturbed, tmp_path):
    killed = []
    with local_client(2) as client:
        victims = list(client.run(os.getpid).values())

        def kill_one(_bucket):
            if not killed:
                killed.append(victims[0])
                os.kill(victims[0], signal.SIGKILL)

        summary = build_population(lake, FEATURES, AS_OF, out=tmp_path / "out", client=client, on_bucket=kill_one)
    assert killed
    assert summary.failed == {}
    assert contents(tmp_path / "out") == contents(undisturbed[0])


def test_what_a_killed_worker_left_half_written_is_cleared_away(lake, client, undisturbed, tmp_path):
    out = shutil.copytree(undisturbed[0], tmp_path / "out")
    (out / ".bucket=0001.parquet.0123").write_bytes(b"half")
    build_population(lake, FEATURES, AS_OF, out=out, client=client)
    assert contents(out) == contents(undisturbed[0])


def test_a_bad_bucket_is_told_by_number_and_costs_no_other(lake, client, undisturbed, tmp_path):
    folder = shutil.copytree(lake.folder, tmp_path / "lake")
    broken = folder / "vat_invoices" / "bucket=0005.parquet"
    broken.write_bytes(b"PAR1")
    summary = build_population(open_lake(folder), FEATURES, AS_OF, out=tmp_path / "out", client=client)
    assert list(summary.failed) == [5]
    assert "bucket=0005.parquet: cannot be read" in summary.failed[5]
    assert len(summary.done) == BUCKETS - 1

    shutil.copy(lake.folder / "vat_invoices" / broken.name, broken)
    mended = build_population(open_lake(folder), FEATURES, AS_OF, out=tmp_path / "out", client=client)
    assert [one.bucket for one in mended.done] == [5]
    assert contents(tmp_path / "out") == contents(undisturbed[0])


def test_a_build_that_was_stopped_keeps_what_was_finished(lake, client, undisturbed, tmp_path):
    class StoppedError(Exception):
        pass

    def stop(_bucket):
        raise StoppedError

    with pytest.raises(StoppedError):
        build_population(lake, FEATURES, AS_OF, out=tmp_path / "out", client=client, on_bucket=stop)
    assert list((tmp_path / "out").glob("bucket=*.parquet"))
    build_population(lake, FEATURES, AS_OF, out=tmp_path / "out", client=client)
    assert contents(tmp_path / "out") == contents(undisturbed[0])


@pytest.mark.parametrize(
    ("features", "as_of", "message"),
    [
        (FEATURES, dt.date(2026, 9, 30), "as_of is 2026-10-31, and 2026-09-30 is wanted"),
        (INVOICE_FLOW[:3], AS_OF, "feature_digest is sha256"),
    ],
)
def test_a_folder_of_other_profiles_is_refused(lake, undisturbed, features, as_of, message):
    out, _ = undisturbed
    with pytest.raises(PopulationError, match=message):
        build_population(lake, features, as_of, out=out, client=None)


def test_a_folder_with_something_else_in_it_is_refused(lake, tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(PopulationError, match="expected a folder that is not there yet"):
        build_population(lake, FEATURES, AS_OF, out=tmp_path, client=None)


@pytest.mark.parametrize("content", ["{", "[]", "{}"])
def test_a_manifest_that_cannot_be_read_is_refused(lake, tmp_path, content):
    (tmp_path / PROFILES_FILE).write_text(content)
    with pytest.raises(PopulationError, match="holds other profiles: profiles"):
        build_population(lake, FEATURES, AS_OF, out=tmp_path, client=None)


def test_only_tables_that_matter_are_read(lake):
    """Those of the features, and one of each other block, because a profile says which blocks were given."""
    read = tables_for(lake, INVOICE_FLOW)
    assert "vat_invoices" in read
    assert "bank_transactions" in read  # the only table of its block
    assert len(read) == 9


def test_fewer_features_are_the_same_numbers(city, lake, client, tmp_path):
    build_population(lake, INVOICE_FLOW, AS_OF, out=tmp_path / "out", client=client)
    built = pl.read_parquet(tmp_path / "out" / "*.parquet").sort("enterprise_id")
    assert_frame_equal(built, profiles(city, INVOICE_FLOW, AS_OF))


def test_a_lake_with_more_buckets_than_enterprises(client, tmp_path):
    few = rows(2, rows_each=50, seed=1, until=AS_OF)
    lake = write_lake(tmp_path / "lake", few, buckets=5, today=AS_OF)
    summary = build_population(lake, FEATURES, AS_OF, out=tmp_path / "out", client=client)
    assert (summary.enterprises, summary.failed) == (2, {})
    built = pl.read_parquet(tmp_path / "out" / "*.parquet").sort("enterprise_id")
    assert_frame_equal(built, profiles(few, FEATURES, AS_OF))


def test_records_in_memory_make_the_same_profiles(city, lake, tmp_path):
    whole = [lake.read(bucket) for bucket in range(BUCKETS)]
    summary = build_here(whole[0], FEATURES, AS_OF, out=tmp_path / "out")
    built = pl.read_parquet(tmp_path / "out" / "bucket=0000.parquet")
    assert_frame_equal(built, profiles(city.only(whole[0].records.enterprises), FEATURES, AS_OF))
    assert summary.enterprises == built.height
