"""`xinpei train credit`, run as a person runs it, on a simulated city."""

import json
import subprocess
import sys

import numpy as np
import pytest
from mlflow.tracking import MlflowClient

from features.sets import INVOICE_FLOW
from scoring.folder import load
from sources.validation import no_rejects
from sources.writers import write_folder
from training.cohort import build_cohort


def train(*arguments):
    command = [sys.executable, "-m", "cli", "train", "credit", *map(str, arguments)]
    return subprocess.run(command, check=False, capture_output=True, text=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, city):
    folder = tmp_path_factory.mktemp("city")
    records, labels = city
    write_folder(folder, {**dict(records.tables()), "labels": labels}, no_rejects())
    return folder


@pytest.fixture(scope="module")
def trained(tmp_path_factory, folder):
    """Folder of a training run: `champion` and `mlflow` below it."""
    root = tmp_path_factory.mktemp("training")
    places = ("--out", root / "champion", "--tracking", root / "mlflow")
    done = train("--data", folder, "--repeats", 1, "--no-ablations", *places)
    assert done.returncode == 0, done.stderr
    return root


@pytest.fixture(scope="module")
def registry(trained):
    return MlflowClient(f"sqlite:///{trained / 'mlflow' / 'mlflow.db'}")


def test_the_champion_is_registered_and_its_folder_is_what_the_service_gets(trained, registry):
    version = registry.get_model_version_by_alias("creditworthiness", "champion")
    model = load(trained / "champion")
    assert model.card.version == str(version.version)
    assert registry.get_run(version.run_id).data.tags["model_digest"] == model.digest


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


def test_no_artifact_is_a_pickle(trained):
    assert not [path for path in trained.rglob("*") if path.suffix in {".pkl", ".pickle", ".joblib"}]


def test_the_card_says_what_the_model_is_not(trained):
    card = json.loads((trained / "champion" / "card.json").read_text("utf-8"))
    assert "no probability of default" in " ".join(limit["en"] for limit in card["limits"])
    assert all(limit["zh"] for limit in card["limits"])
    assert card["training"]["split_by_time"] is False


def test_base_and_contributions_equal_the_margin(trained, city):
    model, profiles = load(trained / "champion"), build_cohort(*city, INVOICE_FLOW).profiles
    assert np.abs(model.contributions(profiles).sum(axis=1) - model.margins(profiles)).max() < 1e-6


def test_a_folder_without_labels_is_one_clear_line(tmp_path, city):
    write_folder(tmp_path, dict(city[0].tables()), no_rejects())
    done = train("--data", tmp_path)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "no table `labels`" in done.stderr
