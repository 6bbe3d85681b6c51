"""`xinpei train fit` refuses what it cannot learn from in one clear line."""

from math import nan

import pytest
from typer.testing import CliRunner

from cli.fit_pairs import estimate_told
from cli.train import app
from sources.contracts import REGISTRY
from training.metrics import Estimate


def run(*arguments):
    return CliRunner().invoke(app, ["fit", *map(str, arguments)])


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ((), "got neither --data nor --store"),
        (("--data", "no such folder"), "expected a folder with tables"),
        (("--data", "no such folder", "--rules-on", "1999-01-01"), "1999-01-01"),
    ],
)
def test_what_cannot_be_learned_from_is_refused_in_one_line(arguments, line, tmp_path):
    done = run(*arguments, "--tracking", tmp_path)
    assert done.exit_code == 2
    assert line in done.stderr
    assert done.stderr.startswith("xinpei: ")
    assert done.stderr.count("\n") == 1


def test_a_folder_without_applications_is_refused(tmp_path):
    REGISTRY.empty().write_parquet(tmp_path / "registry.parquet")
    done = run("--data", tmp_path, "--tracking", tmp_path / "mlflow")
    assert (done.exit_code, "no table `applications`" in done.stderr) == (2, True)


def test_a_folder_with_something_else_is_not_learned_for(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary.txt").write_text("dear")
    done = run("--data", "no such folder", "--out", tmp_path / "mine", "--tracking", tmp_path / "mlflow")
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert "mine: expected a new folder" in done.stderr


def test_a_setting_that_cannot_be_is_one_clear_line(tmp_path, monkeypatch):
    monkeypatch.setenv("XINPEI_ILLUSTRATIVE", "perhaps")
    done = run("--data", tmp_path, "--tracking", tmp_path / "mlflow")
    assert done.exit_code == 2
    assert done.stderr.startswith("xinpei: illustrative: got 'perhaps'")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("estimate", [None, Estimate(nan, nan, nan)])
def test_a_figure_that_too_little_is_known_for_is_a_dash(estimate):
    assert estimate_told(estimate) == "—"


def test_any_other_figure_has_its_interval():
    assert estimate_told(Estimate(0.5, 0.25, 0.75)) == "0.500 [0.250, 0.750]"


def test_the_help_has_examples():
    assert done_help().count("Example:") >= 2


def done_help() -> str:
    return run("--help").stdout
