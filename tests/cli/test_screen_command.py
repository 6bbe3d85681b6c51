"""`xinpei screen` as a person runs it."""

import os
import subprocess
import sys

import polars as pl
import pytest

from simulation.plan import City
from simulation.tables import tables_in_memory
from sources.contracts import TABLES
from sources.lake import write_lake
from sources.records import Records
from sources.validation import no_rejects
from sources.writers import write_folder

FIRMS = 60
AS_OF = "2026-10-31"
FILES = ("firms", "visiting", "recommended", "to_check", "to_help")


def xinpei(*arguments):
    own = os.environ | {"XINPEI_ILLUSTRATIVE": "true"}
    command = [sys.executable, "-m", "cli", "screen", *map(str, arguments)]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=own)


@pytest.fixture(scope="module")
def city():
    told = tables_in_memory(City(enterprises=FIRMS, months=16, seed=4, until=pl.Series([AS_OF]).str.to_date()[0]))
    return Records.of({name: told[name] for name in TABLES if name in told})


@pytest.fixture(scope="module")
def folder(city, tmp_path_factory):
    out = tmp_path_factory.mktemp("city")
    write_folder(out, dict(city.tables()), no_rejects())
    return out


@pytest.fixture(scope="module")
def banks(tmp_path_factory):
    path = tmp_path_factory.mktemp("banks") / "banks.csv"
    path.write_text("bank_id,visits\nccb,40\nicbc,40\nbob,40\n", "utf-8")
    return path


@pytest.fixture(scope="module")
def done(folder, banks, tmp_path_factory):
    """A whole run with towns, needs and banks, and what it wrote."""
    given = tmp_path_factory.mktemp("given")
    codes = pl.read_parquet(folder / "registry.parquet")["enterprise_id"].unique().sort().to_list()
    towns, needs = given / "towns.csv", given / "needs.csv"
    towns.write_text("enterprise_id,town\n" + "".join(f"{code},镇{n % 3}\n" for n, code in enumerate(codes)), "utf-8")
    needs.write_text(f"enterprise_id,amount_yuan,purpose\n{codes[0]},500000,working_capital\n{codes[1]},,\n", "utf-8")
    out = tmp_path_factory.mktemp("out")
    files = ("--towns", towns, "--needs", needs, "--banks", banks)
    return out, xinpei("--data", folder, "--as-of", AS_OF, "--out", out, *files)


def test_the_lists_are_written_as_csv_and_parquet_and_told(done):
    out, said = done
    assert said.returncode == 0, said.stderr
    assert f"{FIRMS} enterprises screened 家企业已筛选 in" in said.stdout
    assert "least age 最低成立月数: 12 (assumed, under 低于 6 fails 未达到" in said.stdout
    for name in (*FILES, "pairs", "visits"):
        rows = pl.read_parquet(out / f"{name}.parquet")
        assert pl.read_csv(out / f"{name}.csv").shape == rows.shape


def test_everybody_has_a_place_and_every_column_its_words(done):
    out, _ = done
    everybody = pl.read_parquet(out / "firms.parquet")
    assert everybody.height == FIRMS
    assert set(everybody.columns) <= set(pl.read_csv(out / "columns.csv")["column 列"])


def test_banks_visit_within_their_visits_two_or_three_a_town(done):
    out, said = done
    pairs = pl.read_parquet(out / "pairs.parquet")
    assert set(pairs.group_by("town").len()["len"]) <= {2, 3}
    assert pairs.group_by("bank_id").agg(pl.col("visits").sum())["visits"].max() <= 40
    assert "best possible 最优" in said.stdout


def test_a_lake_gives_the_lists_that_its_folder_gives(city, folder, tmp_path):
    lake = write_lake(tmp_path / "lake", city, buckets=3, today=pl.Series([AS_OF]).str.to_date()[0]).folder
    for name, data in (("lake", lake), ("folder", folder)):
        assert xinpei("--data", data, "--as-of", AS_OF, "--out", tmp_path / f"out-{name}").returncode == 0
    for name in FILES:
        frames = [pl.read_parquet(tmp_path / f"out-{one}" / f"{name}.parquet") for one in ("lake", "folder")]
        assert frames[0].equals(frames[1])


@pytest.mark.parametrize(
    ("option", "content", "line"),
    [
        ("--banks", "bank_id,visits\nnobody,3\n", "bank_id: got 'nobody', expected one of"),
        ("--banks", "bank_id,visits\nccb,many\n", "visits: got 'many', expected a whole number from 0 to"),
        ("--banks", "bank_id,visits, visits\nccb,1,2\n", "got column 'visits' more than once, expected it once"),
        (
            "--needs",
            f"enterprise_id,amount_yuan\nx,{2**63 - 1}\n",
            "amount_yuan: got '9223372036854775807', expected a",
        ),
        ("--banks", "bank_id,visits\nccb,1\nicbc,1\n", "raise the visits of some bank"),
        ("--towns", "enterprise_id,place\nx,y\n", "got columns enterprise_id, place, expected also town"),
        ("--towns", "enterprise_id,town\nx,y\nx,z\n", "got enterprise_id x twice, expected each once"),
        ("--banks", "bank_id,visits\nccb,1\nccb,2\n", "got bank_id ccb twice, expected each once"),
        ("--banks", "bank_id,visits\n", "got 0 banks, expected at least 2, the fewest of a town"),
        ("--needs", "enterprise_id,purpose\nx,fun\n", "purpose: got 'fun', expected one of working_capital"),
    ],
)
def test_a_bad_file_ends_with_one_line_and_exit_code_2(folder, tmp_path, option, content, line):
    path = tmp_path / "given.csv"
    path.write_text(content, "utf-8")
    said = xinpei("--data", folder, "--as-of", AS_OF, "--out", tmp_path / "out", option, path)
    assert (said.returncode, line in said.stderr) == (2, True), said.stderr
    assert said.stderr.strip().count("\n") == 0


def test_lines_about_nobody_in_the_data_and_columns_not_read_are_told(folder, tmp_path):
    needs = tmp_path / "needs.csv"
    needs.write_text("enterprise_id,amount\nx,500000\n", "utf-8")
    said = xinpei("--data", folder, "--as-of", AS_OF, "--out", tmp_path / "out", "--needs", needs)
    assert said.returncode == 0, said.stderr
    assert (
        f"{needs}: columns not read 未读取的列: amount; read 读取: enterprise_id, amount_yuan, purpose" in said.stderr
    )
    assert f"{needs}: 1 of 1 enterprises are not in the data 不在数据中, first 首个: x" in said.stderr


def test_lists_of_banks_of_an_earlier_run_do_not_stay_beside_a_run_without_banks(folder, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "pairs.csv").write_text("old", "utf-8")
    (out / "mine.txt").write_text("kept", "utf-8")
    assert xinpei("--data", folder, "--as-of", AS_OF, "--out", out).returncode == 0
    assert {path.name for path in out.iterdir()} == {
        "mine.txt", "columns.csv", *(f"{name}.{suffix}" for name in FILES for suffix in ("csv", "parquet"))
    }  # fmt: skip


@pytest.mark.parametrize(
    ("data", "as_of", "line"),
    [
        ("missing", AS_OF, "missing"),
        (None, "2999-01-01", "--as-of: got 2999-01-01"),
        (None, "2001-01-01", "--as-of: got 2001-01-01"),
    ],
)
def test_what_cannot_be_screened_ends_with_one_line(folder, tmp_path, data, as_of, line):
    said = xinpei("--data", data or folder, "--as-of", as_of, "--out", tmp_path / "out")
    assert (said.returncode, line in said.stderr) == (2, True), said.stderr
