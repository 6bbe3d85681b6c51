"""`xinpei profile` as a person runs it."""

import datetime as dt
import os
import shutil
import signal
import subprocess
import sys
import time

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from features.population import local_client
from features.profile import profiles
from features.sets import SETS
from simulation.rows import rows
from sources.lake import write_lake
from sources.validation import no_rejects
from sources.writers import write_folder

AS_OF = dt.date(2026, 10, 31)
FIRMS, BUCKETS = 24, 4


def command(*arguments):
    return [sys.executable, "-m", "cli", "profile", *map(str, arguments)]


def xinpei(*arguments):
    return subprocess.run(command(*arguments), check=False, capture_output=True, text=True)


@pytest.fixture(scope="module")
def city():
    return rows(FIRMS, rows_each=200, seed=1, until=AS_OF)


@pytest.fixture(scope="module")
def lake(city, tmp_path_factory):
    return write_lake(tmp_path_factory.mktemp("cli") / "lake", city, buckets=BUCKETS, today=AS_OF).folder


@pytest.fixture(scope="module")
def built(lake, tmp_path_factory):
    """The folder of a whole build, and what the command said."""
    out = tmp_path_factory.mktemp("built") / "out"
    return out, xinpei("--data", lake, "--as-of", AS_OF, "--out", out, "--workers", 2)


def test_a_lake_is_profiled_and_what_came_of_it_is_told(city, built):
    out, done = built
    assert done.returncode == 0, done.stderr
    assert f"{FIRMS} enterprises profiled 家企业已生成画像 in" in done.stdout
    assert f"{BUCKETS} written 新写, 0 kept 保留, 0 failed 失败" in done.stdout
    assert "peak memory of each process 各进程内存峰值" in done.stdout
    assert "enterprises without a block 缺少数据类别的企业: none 无" in done.stdout
    profiled = pl.read_parquet(out / "*.parquet").sort("enterprise_id")
    assert_frame_equal(profiled, profiles(city, SETS["all"], AS_OF))


def test_a_cluster_that_is_there_can_be_used_and_stays(built, lake, tmp_path):
    with local_client(1) as client:
        address = client.scheduler_info()["address"]
        done = xinpei("--data", lake, "--as-of", AS_OF, "--out", tmp_path / "out", "--scheduler", address)
        assert done.returncode == 0, done.stderr
        assert len(client.nthreads()) == 1
    for path in built[0].glob("bucket=*"):
        assert (tmp_path / "out" / path.name).read_bytes() == path.read_bytes()


def test_a_bad_bucket_is_told_and_ends_with_1(lake, tmp_path):
    folder = shutil.copytree(lake, tmp_path / "lake")
    (folder / "loans" / "bucket=0002.parquet").unlink()
    (folder / "vat_invoices" / "bucket=0002.parquet").unlink()
    done = xinpei("--data", folder, "--as-of", AS_OF, "--out", tmp_path / "out", "--workers", 1)
    assert done.returncode == 1
    assert "xinpei: bucket 2 分桶失败: UnusableTableError" in done.stderr
    assert "3 written 新写, 0 kept 保留, 1 failed 失败" in done.stdout


def test_a_folder_of_tables_is_profiled_by_this_process(city, tmp_path):
    write_folder(tmp_path / "data", {"vat_invoices": city.vat_invoices}, no_rejects())
    done = xinpei(
        "--data", tmp_path / "data", "--as-of", AS_OF, "--out", tmp_path / "out", "--features", "invoice_flow"
    )
    assert done.returncode == 0, done.stderr
    profiled = pl.read_parquet(tmp_path / "out" / "bucket=0000.parquet")
    assert profiled.columns[1] == SETS["invoice_flow"][0].name
    assert f"bank {profiled.height}" in done.stdout


def test_ctrl_c_keeps_what_is_finished_and_says_so(tmp_path):
    """A build over one bucket after another, stopped as soon as the first is there."""
    folder = write_lake(tmp_path / "lake", rows(80, rows_each=200, seed=2, until=AS_OF), buckets=40, today=AS_OF).folder
    out = tmp_path / "out"
    arguments = command("--data", folder, "--as-of", AS_OF, "--out", out, "--workers", 1)
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, process_group=0)
    until = time.monotonic() + 60
    while not list(out.glob("bucket=*")) and process.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130, told
    assert f"xinpei: stopped; finished buckets stay in {out}" in told
    assert "Traceback" not in told
    kept = list(out.glob("bucket=*"))
    assert kept
    again = xinpei("--data", folder, "--as-of", AS_OF, "--out", out, "--workers", 1)
    assert f"{40 - len(kept)} written 新写, {len(kept)} kept 保留" in again.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--as-of", "2099-01-01"), "--as-of: got 2099-01-01, expected a day from 1949-10-01"),
        (("--features", "bnak_flow"), "--features: got 'bnak_flow', expected one of"),
        (("--data", "nowhere"), "got nowhere, expected a folder with tables"),
        (("--scheduler", "nonsense"), "--scheduler: got 'nonsense', expected an address like tcp://host:8786"),
        (("--mapping", "chinese"), "--mapping: got one for a lake"),
        (("--data", "nowhere", "--scheduler", "tcp://127.0.0.1:9"), "--scheduler: nowhere is no lake"),
    ],
)
def test_what_cannot_be_profiled_is_one_clear_line(lake, tmp_path, arguments, message):
    done = xinpei("--data", lake, "--as-of", AS_OF, "--out", tmp_path / "out", *arguments)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
    assert message in done.stderr


def test_profiles_of_another_day_are_not_mixed(lake, built):
    out, _ = built
    done = xinpei("--data", lake, "--as-of", "2026-09-30", "--out", out)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
    assert "as_of is 2026-10-31, and 2026-09-30 is wanted" in done.stderr


def test_its_help_gives_examples():
    assert "xinpei profile --data var/lake --as-of 2026-10-31" in " ".join(xinpei("--help").stdout.split())
