"""`xinpei drift`, as a person runs it: a folder of invoices, a small model, a reference of a quiet year."""

import datetime as dt
import json

import polars as pl
import pytest
from cities import invoice_records
from small_trees import small_model
from typer.testing import CliRunner

from cli.main import app
from scoring.folder import save
from sources.records import Records
from sources.writers import write_parquet

AS_OF = dt.date(2026, 10, 31)
LAST = ("--until", "2026-10")
BEGINS = dt.date(2026, 7, 1)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """`model` with a reference of 2025-08 to 2026-07; `quiet`, and `moved`: amounts of later months times ten."""
    home = tmp_path_factory.mktemp("drift")
    records = invoice_records(200, months=30)
    written(records, home / "quiet")
    invoices = records.vat_invoices
    later = pl.col("issued_on") >= BEGINS
    times = [pl.when(later).then(pl.col(name) * 10).otherwise(name).alias(name) for name in ("net_fen", "vat_fen")]
    moved = {**dict(records.tables()), "vat_invoices": invoices.with_columns(times)}
    written(Records.of(moved), home / "moved")
    save(small_model(records, AS_OF), home / "model")
    made = run(
        home, "quiet", "--from", "2025-08", "--until", "2026-07", "--make-reference", str(home / "model/drift.json")
    )
    assert made.exit_code == 0, made.output
    return home


def written(records, folder):
    for name, frame in records.tables():
        write_parquet(frame, folder / f"{name}.parquet")


def run(home, data, *arguments):
    places = ("--data", str(home / data), "--model", str(home / "model"))
    return CliRunner().invoke(app, ["drift", *places, *arguments], env={"COLUMNS": "200"})


def test_a_quiet_month_ends_with_0(home):
    done = run(home, "quiet", *LAST)
    assert done.exit_code == 0, done.output
    assert "2026-10: nothing to do 无需处理" in done.stdout


def test_an_alarm_that_asks_for_action_ends_with_1_and_is_shown_in_both_languages(home):
    done = run(home, "moved", *LAST)
    assert done.exit_code == 1, done.output
    for words in ("inputs moved", "输入分布偏移", "features moved away", "特征的分布偏离参照期"):
        assert words in done.stdout


def test_json_holds_every_month_with_its_alarms_and_features(home):
    done = run(home, "moved", "--from", "2026-09", *LAST, "--json")
    told = json.loads(done.stdout)
    assert done.exit_code == 1
    assert [month["until"] for month in told["months"]] == ["2026-09-30", "2026-10-31"]
    [alarm] = told["months"][1]["alarms"]
    assert alarm["kind"] == "input_shift"
    assert {"name", "index", "usual", "p", "median_before", "median_after"} <= alarm["features"][0].keys()
    assert told["advice"] in {"look", "retrain"}


def test_figures_go_to_mlflow_when_asked(home, tmp_path, monkeypatch):
    from mlflow.tracking import MlflowClient  # noqa: PLC0415 - seconds that only this test needs

    monkeypatch.delenv("XINPEI_TRACKING_URI", raising=False)
    done = run(home, "quiet", *LAST, "--log", "--tracking", str(tmp_path))
    assert done.exit_code == 0, done.output
    client = MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}")
    [kept] = client.search_runs([one.experiment_id for one in client.search_experiments()])
    assert kept.data.tags["drift.2026-10"] == "nothing"
    assert kept.data.metrics["requests"] == 200


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--store", "sqlite:///nothing.db"), "both of --store and --data"),
        (("--until", "2030-01"), "--until: got 2030-01"),
        (("--from", "2026-10", "--until", "2026-09"), "--from: got 2026-10"),
        (("--reference", "nothing.json"), "nothing.json: no reference"),
        (("--on", "2020-01-01"), "expected 2021-01-01 or later"),
    ],
)
def test_bad_input_ends_with_2_and_one_clear_line(home, arguments, words):
    done = run(home, "quiet", *arguments)
    assert done.exit_code == 2
    [line] = done.stderr.strip().splitlines()
    assert words in line


def test_a_store_that_is_not_there_is_named(home, tmp_path):
    store = f"sqlite:///{tmp_path}/nothing.db"
    done = CliRunner().invoke(app, ["drift", "--store", store, "--model", str(home / "model")])
    assert done.exit_code == 2
    assert "no such file" in done.stderr
