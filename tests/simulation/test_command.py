"""`xinpei simulate` as a user calls it."""

import datetime as dt
import json

import polars as pl
import pytest
import typer
from typer.testing import CliRunner

from cli.simulate import simulate as command
from sources.contracts import ASIDE, TABLES
from sources.readers import read_folder

app = typer.Typer(rich_markup_mode=None)
app.command()(command)
SMALL = ("--enterprises", 8, "--months", 14, "--seed", 5, "--until", "2025-06-30")


def run(*arguments: object):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """A small city without mistakes, with truths that cost something, and what was said of it."""
    out = tmp_path_factory.mktemp("command") / "city"
    answer = run(*SMALL, "--no-mistakes", "--firm-months", 5, "--futures", 10, "--out", out)
    assert answer.exit_code == 0, answer.output
    return out, answer.output


def test_it_writes_every_table_as_the_readers_read_it(city):
    read = read_folder(city[0], today=dt.date(2025, 6, 30))
    assert read.rejects.is_empty()
    assert set(read.given) == {*TABLES, *ASIDE}
    assert read.records.enterprises.len() == 8
    assert read.records.registry["enterprise_id"][0] == "Y1110108XP000001X5"


def test_it_writes_the_truth_beside_them(city):
    truth = city[0] / "truth"
    names = ["applications", "firms", "manifest.json", "months", "offers", "pd", "products"]
    assert sorted(path.name for path in truth.iterdir()) == names
    assert pl.read_parquet(truth / "pd" / "*.parquet").height == 5


def test_it_says_that_nothing_is_real_and_how_many_rows_each_table_has(city):
    out, said = city
    assert "invented, not real" in said
    rows = json.loads((out / "truth" / "manifest.json").read_text())["rows"]
    shown = {line.split()[0]: line.split()[-1] for line in said.splitlines() if line.strip()}
    assert {name: shown.get(name) for name in TABLES} == {name: f"{rows[name]:,}" for name in TABLES}
    assert "8 enterprises" in said


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--enterprises", 0), "xinpei: enterprises: got 0, expected 1 to 6999800"),
        (("--until", "2025-06-29"), "xinpei: until: got 2025-06-29, expected the last day of a month"),
        (("--until", "2999-12-31"), "xinpei: until: got 2999-12-31, expected no day after today"),
        (("--months", 13), "xinpei: months: got 13, expected at least 14"),
        (("--chunk", 150), "xinpei: chunk: got 150, expected a multiple of 200"),
        (("--futures", 100), "xinpei: futures: got 100 of each of 0 firm-months"),
    ],
)
def test_a_bad_value_is_one_clear_line_and_exit_code_2(tmp_path, arguments, told):
    answer = run("--out", tmp_path / "city", *arguments)
    assert answer.exit_code == 2
    assert told in answer.output
    assert len(answer.output.strip().splitlines()) == 1
    assert not (tmp_path / "city").exists()


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "mine.csv").write_text("mine")
    answer = run(*SMALL, "--out", tmp_path)
    assert answer.exit_code == 2
    assert "expected a folder that is not there yet" in answer.output


def test_its_help_gives_examples_in_both_languages():
    said = " ".join(run("--help").output.split())
    assert "xinpei simulate --enterprises 400" in said
    assert "生成虚构城市" in said
