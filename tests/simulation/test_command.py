"""`xinpei simulate` as a user calls it."""

import datetime as dt

import pytest
import typer
from polars.testing import assert_frame_equal
from typer.testing import CliRunner

from cli.simulate import simulate as command
from simulation.world import simulate
from sources.readers import read_folder

app = typer.Typer(rich_markup_mode=None)
app.command()(command)


def run(*arguments: object):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_it_writes_what_the_readers_read_back_whole(tmp_path):
    answer = run("--enterprises", 8, "--months", 20, "--seed", 5, "--until", "2025-06-30", "--out", tmp_path / "city")
    assert answer.exit_code == 0, answer.output
    until = dt.date(2025, 6, 30)
    folder = read_folder(tmp_path / "city", today=until)
    expected = simulate(enterprises=8, months=20, seed=5, until=until)
    assert folder.rejects.is_empty()
    assert_frame_equal(folder.records.vat_invoices, expected.vat_invoices)
    assert_frame_equal(folder.records.registry, expected.registry)
    assert_frame_equal(folder.labels, expected.labels)


def test_its_summary_says_that_nothing_is_real(tmp_path):
    answer = run("--enterprises", 3, "--months", 20, "--until", "2025-06-30", "--out", tmp_path)
    assert "invented, not real" in answer.output
    assert "3 enterprises" in answer.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--enterprises", 0), "xinpei: enterprises: got 0, expected 1 to 999999"),
        (("--until", "2025-06-29"), "xinpei: until: got 2025-06-29, expected the last day of a month"),
        (("--until", "2999-12-31"), "xinpei: until: got 2999-12-31, expected no day after today"),
    ],
)
def test_a_bad_value_is_one_clear_line_and_exit_code_2(tmp_path, arguments, told):
    answer = run("--out", tmp_path / "city", *arguments)
    assert answer.exit_code == 2
    assert told in answer.output
    assert len(answer.output.strip().splitlines()) == 1
    assert not (tmp_path / "city").exists()


def test_its_help_gives_an_example():
    assert "xinpei simulate --enterprises 400" in " ".join(run("--help").output.split())
