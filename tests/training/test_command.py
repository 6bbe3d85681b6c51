"""`xinpei train`, run as a person runs it: on a simulated city, and on a table of one's own."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from mlflow.tracking import MlflowClient
from small_samples import table_of

from features.sets import INVOICE_FLOW
from scoring.folder import load
from sources.validation import no_rejects
from sources.writers import write_folder
from training.cohort import build_cohort
from training.fit import TableModel


def train(*arguments):
    command = [sys.executable, "-m", "cli", "train", *map(str, arguments)]
    return subprocess.run(command, check=False, capture_output=True, text=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, city):
    folder = tmp_path_factory.mktemp("city")
    records, labels = city
    write_folder(folder, {**dict(records.tables()), "labels": labels}, no_rejects())
    return folder


@pytest.fixture(scope="module")
def tracking(tmp_path_factory, folder):
    """Where a training run was recorded."""
    store = tmp_path_factory.mktemp("training") / "mlflow"
    done = train("credit", "--data", folder, "--repeats", 1, "--no-ablations", "--tracking", store)
    assert done.returncode == 0, done.stderr
    assert "challenger: version 1" in done.stdout
    return store


@pytest.fixture(scope="module")
def registry(tracking):
    return MlflowClient(f"sqlite:///{tracking / 'mlflow.db'}")


@pytest.fixture(scope="module")
def version(registry):
    return registry.get_model_version_by_alias("creditworthiness", "challenger")


@pytest.fixture(scope="module")
def model_folder(registry, version, tmp_path_factory):
    place = tmp_path_factory.mktemp("artifacts")
    return Path(registry.download_artifacts(version.run_id, "model", str(place)))


def test_the_model_is_registered_as_challenger_and_nobody_is_champion(registry, version):
    assert registry.get_registered_model("creditworthiness").aliases == {"challenger": version.version}


def test_the_run_holds_parameters_metrics_pictures_data_and_the_model_folder(registry):
    [run] = registry.search_runs([registry.get_experiment_by_name("creditworthiness").experiment_id])
    files = {f.path for folder in ("pictures", "model") for f in registry.list_artifacts(run.info.run_id, folder)}
    assert {
        f"pictures/{name}.png" for name in ("roc", "precision_recall", "calibration", "scores", "contributions")
    } < files
    assert {"model/booster.txt", "model/model.json", "model/card.json"} < files
    assert run.data.params["settings.num_leaves"] in {"2", "3"}
    assert 0.5 < run.data.metrics["xinpei_auc_pooled"] < 1
    assert run.data.metrics["xinpei_auc_pooled_low"] < run.data.metrics["xinpei_auc_pooled_high"]
    assert run.inputs.dataset_inputs[0].dataset.digest in run.data.tags["data_digest"]


def test_no_artifact_is_a_pickle(tracking):
    assert not [path for path in tracking.rglob("*") if path.suffix in {".pkl", ".pickle", ".joblib"}]


def test_the_card_says_how_the_model_was_judged(model_folder):
    card = json.loads((model_folder / "card.json").read_text("utf-8"))
    assert "judged across enterprises only" in " ".join(limit["en"] for limit in card["limits"])
    assert all(limit["zh"] for limit in card["limits"])
    assert card["training"]["split"] is None


def test_base_and_contributions_equal_the_margin_and_dated_labels_give_a_pd(model_folder, city):
    model, profiles = load(model_folder), build_cohort(*city, INVOICE_FLOW).profiles
    assert np.abs(model.contributions(profiles).sum(axis=1) - model.margins(profiles)).max() < 1e-6
    assert ((model.probability(profiles) > 0.0) & (model.probability(profiles) < 1.0)).all()


def test_a_folder_without_labels_is_one_clear_line(tmp_path, city):
    write_folder(tmp_path, dict(city[0].tables()), no_rejects())
    done = train("credit", "--data", tmp_path, "--tracking", tmp_path / "mlflow")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "no table `labels`" in done.stderr


def test_a_table_of_ones_own_gives_a_model_of_it(tmp_path):
    table = table_of(160).with_columns(note=pl.lit("q"))
    table.write_csv(tmp_path / "clients.csv")
    told = ("--label", "bad", "--rises", "x", "--trials", 1, "--out", tmp_path / "model")
    done = train("table", tmp_path / "clients.csv", *told)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "note: the same in every row" in done.stdout
    assert TableModel.load(tmp_path / "model").probability(table).shape == (160,)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("x,bad\n1,0\n", "got 0 defaults among 1 rows"),
        ("x,good\n1,0\n", "got 'bad', expected one of the columns"),
        ("", ""),
    ],
)
def test_a_table_that_tells_nothing_is_one_clear_line(tmp_path, content, why):
    (tmp_path / "clients.csv").write_text(content, "utf-8")
    done = train("table", tmp_path / "clients.csv", "--label", "bad", "--out", tmp_path / "model")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert why in done.stderr
