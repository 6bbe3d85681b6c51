"""A city comes out the same however it is cut and spread, and its folder holds one city or none."""

import datetime as dt
import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from samples_city import broken_at, drawn, killed_once

from features.population import ONE_THREAD
from simulation.city import CityError, simulate
from simulation.parts import everything, tell
from simulation.plan import FIRMS_OF_A_PART, City
from sources.contracts import TABLES
from sources.readers import read_folder
from sources.readers.folder import ALL_TABLES

ROOT = Path(__file__).resolve().parents[2]
UNTIL = dt.date(2026, 10, 31)


def city(enterprises: int, **changed) -> City:
    return City(**{"enterprises": enterprises, "months": 14, "seed": 3, "until": UNTIL, **changed})


def contents(out):
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A part and a bit, told by one process, community after community."""
    out = tmp_path_factory.mktemp("plain") / "city"
    return out, simulate(city(1_250), out, told_by=drawn)


def test_every_table_is_a_folder_of_parts_of_a_thousand_firms(plain):
    out, _ = plain
    parts = ["part-00000.parquet", "part-00001.parquet"]
    for name in (*TABLES, "truth/firms"):
        assert [path.name for path in sorted((out / name).iterdir())] == parts, name
    firms = [pl.read_parquet(out / "registry" / part)["enterprise_id"].n_unique() for part in parts]
    assert firms == [FIRMS_OF_A_PART, 250]


def test_the_readers_read_it_back_whole(plain):
    out, told = plain
    read = read_folder(out, today=UNTIL)
    assert read.rejects.is_empty()
    assert not read.unread
    expected = [drawn(city(1_250), number) for number in range(7)]
    for name in TABLES:
        assert_frame_equal(read.records.table(name), pl.concat(frames[name] for frames in expected))
        assert told.tables[name] == read.given[name]


def test_nothing_unfinished_is_left(plain):
    out, _ = plain
    assert not [path for path in out.rglob("*") if path.name.startswith(".")]


@pytest.mark.parametrize("chunk", [400, 1_400])
def test_chunks_change_no_byte(plain, tmp_path, chunk):
    simulate(city(1_250), tmp_path, told_by=drawn, chunk=chunk)
    assert contents(tmp_path) == contents(plain[0])


def test_workers_change_no_byte(plain, tmp_path):
    told = simulate(city(1_250), tmp_path, told_by=drawn, workers=2, chunk=400)
    assert contents(tmp_path) == contents(plain[0])
    assert told.rows == plain[1].rows
    assert len(told.peak_bytes) == 3


def test_a_process_with_one_thread_tells_the_very_same_of_the_real_firms(tmp_path):
    """Tables and truth as they are told in earnest: no join or group may leave its order to the threads."""
    real = city(200, firm_months=5, branches=10)
    here, there = tmp_path / "here", tmp_path / "there"
    tell(real, here, [0], told_by=everything)
    code = "import datetime; from pathlib import Path; from simulation.parts import *\n"
    code += "from simulation.plan import City\n"
    code += f"tell({real!r}, Path({str(there)!r}), [0], told_by=everything)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={**os.environ, **ONE_THREAD}, check=True)
    names = [path.parent.relative_to(here) for path in here.rglob("*.arrow")]
    assert len(names) == len(ALL_TABLES) + 5
    for name in names:
        one, other = (pl.read_ipc(folder / name / "community-000000.arrow") for folder in (here, there))
        assert one.equals(other, null_equal=True), name


def test_a_worker_killed_in_the_middle_changes_no_byte(plain, tmp_path):
    mark = tmp_path / "killed"
    simulate(city(1_250), tmp_path / "city", told_by=partial(killed_once, mark), workers=2)
    assert mark.exists()
    assert contents(tmp_path / "city") == contents(plain[0])


def test_a_firm_does_not_depend_on_how_many_follow(plain, tmp_path):
    simulate(city(1_050), tmp_path, told_by=drawn)
    for name in TABLES:
        files = (tmp_path / name).glob("*.parquet"), (plain[0] / name).glob("*.parquet")
        fewer, more = (pl.concat([pl.read_parquet(path) for path in sorted(several)]) for several in files)
        assert_frame_equal(fewer, more.head(fewer.height))


def test_progress_counts_every_firm_once(tmp_path):
    counted = []
    simulate(city(450), tmp_path, told_by=drawn, on_told=counted.append)
    assert counted == [200, 200, 50]


def test_the_manifest_says_what_was_asked_and_how_much_came(plain):
    out, told = plain
    said = json.loads((out / "truth" / "manifest.json").read_text())
    assert said["finished"] is True
    assert (said["arguments"]["enterprises"], said["arguments"]["until"]) == (1_250, "2026-10-31")
    assert said["rows"] == dict(told.rows)
    assert set(said["versions"]) == {"xinpei", "numpy", "scipy", "polars"}


def test_a_smaller_city_leaves_nothing_of_the_one_before(tmp_path):
    simulate(city(1_100), tmp_path / "twice", told_by=drawn)
    simulate(city(150, seed=4), tmp_path / "twice", told_by=drawn)
    simulate(city(150, seed=4), tmp_path / "once", told_by=drawn)
    assert contents(tmp_path / "twice") == contents(tmp_path / "once")


def test_a_run_that_failed_leaves_whole_parts_and_says_it_is_not_whole(tmp_path):
    with pytest.raises(ArithmeticError):
        simulate(city(1_250), tmp_path, told_by=partial(broken_at, 6))
    for name in TABLES:
        assert [path.name for path in (tmp_path / name).iterdir()] == ["part-00000.parquet"]
    assert read_folder(tmp_path, today=UNTIL).records.enterprises.len() == FIRMS_OF_A_PART
    assert json.loads((tmp_path / "truth" / "manifest.json").read_text())["finished"] is False


def test_after_a_failed_run_the_next_begins_anew(plain, tmp_path):
    with pytest.raises(ArithmeticError):
        simulate(city(1_250), tmp_path, told_by=partial(broken_at, 6))
    simulate(city(1_250), tmp_path, told_by=drawn)
    assert contents(tmp_path) == contents(plain[0])


def test_a_task_that_fails_on_a_worker_is_named(tmp_path):
    with pytest.raises(CityError, match="communities 5 to 5: ArithmeticError: no such luck"):
        simulate(city(1_100), tmp_path, told_by=partial(broken_at, 5), workers=2)


def test_a_folder_with_something_else_is_refused_and_left_alone(tmp_path):
    (tmp_path / "registry.parquet").write_bytes(b"mine")
    with pytest.raises(CityError, match=r"it holds no truth/manifest\.json of one"):
        simulate(city(1), tmp_path, told_by=drawn)
    assert contents(tmp_path) == {"registry.parquet": b"mine"}


@pytest.mark.parametrize("strange", ["notes.txt", "registry/mine.csv", "truth/mine.csv", "truth/firms/mine.csv"])
def test_a_city_with_something_strange_in_it_is_refused_and_left_alone(tmp_path, strange):
    simulate(city(3), tmp_path, told_by=drawn)
    (tmp_path / strange).write_text("mine")
    before = contents(tmp_path)
    with pytest.raises(CityError, match="expected a folder that is not there yet"):
        simulate(city(3), tmp_path, told_by=drawn)
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"enterprises": 0}, "enterprises: got 0, expected 1 to 6999800"),
        ({"months": 13}, "months: got 13, expected at least 14"),
        ({"seed": -1}, "seed: got -1, expected 0 or more"),
        ({"until": dt.date(2026, 10, 30)}, "until: got 2026-10-30, expected the last day of a month"),
        ({"branches": 10}, "futures: got 10 of each of 0 firm-months"),
    ],
)
def test_a_bad_number_is_named_with_what_was_expected(changed, told):
    with pytest.raises(ValueError, match=told):
        city(**{"enterprises": 5, **changed})


@pytest.mark.parametrize("chunk", [0, 100, 300])
def test_a_chunk_is_whole_communities(tmp_path, chunk):
    with pytest.raises(ValueError, match=f"chunk: got {chunk}, expected a multiple of 200"):
        simulate(city(5), tmp_path / "city", told_by=drawn, chunk=chunk)
    assert not (tmp_path / "city").exists()


def test_firm_months_are_shared_out_by_firms_and_none_is_lost():
    several = city(450, firm_months=1_000)
    assert [several.firm_months_of(number) for number in range(3)] == [444, 444, 112]
