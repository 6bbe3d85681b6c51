"""Training runs in MLflow: parameters, metrics, pictures, the digest of the data, and the model as a plain folder."""

import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import mlflow
from mlflow.data.pandas_dataset import PandasDataset, from_pandas
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from scoring import folder
from scoring.model import Model
from training.credit import NAME, Trained
from training.pictures import pictures
from training.report import Judged

CHAMPION = "champion"
ARTIFACT = "model"
DIGEST_LENGTH = 36
"""MLflow keeps this many characters of a data set's digest."""


class TrackerError(Exception):
    """An MLflow store that does not answer."""


@dataclass(frozen=True)
class Tracker:
    """Where runs and models are kept.

    Attributes:
        uri: MLflow tracking URI; `sqlite:///…` by default.
        artifacts: where a new experiment keeps its files; None leaves it to the server.
    """

    uri: str
    artifacts: str | None = None

    @classmethod
    def local(cls, root: Path) -> "Tracker":
        """A SQLite file and a folder below `root`."""
        root.mkdir(parents=True, exist_ok=True)
        return cls(f"sqlite:///{root.resolve() / 'mlflow.db'}", (root / "mlartifacts").resolve().as_uri())

    @property
    def client(self) -> MlflowClient:
        return MlflowClient(tracking_uri=self.uri, registry_uri=self.uri)

    @contextmanager
    def run(self, name: str) -> Iterator[str]:
        """A run of the experiment `creditworthiness`; an exception inside marks it as failed.

        Raises:
            TrackerError: the store cannot be reached.
        """
        logging.getLogger("mlflow").setLevel(logging.WARNING)  # it would tell of every table it makes
        os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
        try:
            mlflow.set_tracking_uri(self.uri)
            if self.client.get_experiment_by_name(NAME) is None:
                self.client.create_experiment(NAME, artifact_location=self.artifacts)
            mlflow.set_experiment(NAME)
        except MlflowException as error:
            raise TrackerError(f"{self.uri}: no MLflow store answers ({str(error).splitlines()[0]})") from error
        with mlflow.start_run(run_name=name) as active:
            yield active.info.run_id

    def new_version(self, run_id: str) -> str:
        """Reserve the next version of the registered model for the folder that this run will log."""
        if not self.client.search_registered_models(filter_string=f"name = '{NAME}'"):
            self.client.create_registered_model(NAME)
        source = f"{self.client.get_run(run_id).info.artifact_uri}/{ARTIFACT}"
        return str(self.client.create_model_version(NAME, source=source, run_id=run_id).version)

    def log(self, trained: Trained, *, data_name: str) -> None:
        """Log everything of a finished training into the active run."""
        card = trained.model.card
        mlflow.log_params({f"settings.{name}": value for name, value in trained.chosen.settings.describe().items()})
        described = ("enterprises", "defaults", "as_of", "label_window", "features", "judged_by", "settings_chosen_by")
        mlflow.log_params({name: card.training[name] for name in described})
        mlflow.log_params({f"chosen.{name}": count for name, count in trained.settings_chosen.items()})
        for name, judged in trained.judged.items():
            mlflow.log_metrics(judged.numbers(name))
            for fold, value in enumerate(judged.fold_aucs):
                mlflow.log_metric(f"{name}_fold_auc", value, step=fold)
        mlflow.log_input(self._data_set(trained, data_name), context="training")
        mlflow.set_tags({"data_digest": trained.cohort.digest, "pd_claim": "none"})
        for name, figure in pictures(trained):
            mlflow.log_figure(figure, f"pictures/{name}.png")
        with tempfile.TemporaryDirectory() as scratch:
            saved = folder.save(trained.model, Path(scratch) / ARTIFACT)
            mlflow.log_artifacts(str(Path(scratch) / ARTIFACT), ARTIFACT)
        mlflow.set_tag("model_digest", saved.digest)

    def log_ablation(self, name: str, judged: Judged) -> None:
        """Log how the recipe did on less than all it may see."""
        mlflow.log_metrics(judged.numbers(f"ablation_{name}"))

    def _data_set(self, trained: Trained, name: str) -> PandasDataset:
        frame = trained.cohort.profiles.select(f.name for f in trained.cohort.features).to_pandas()
        frame["defaulted"] = trained.cohort.defaulted.astype(float)
        digest = trained.cohort.digest.removeprefix("sha256:")[:DIGEST_LENGTH]
        return from_pandas(frame, name=name, targets="defaulted", digest=digest)

    def make_champion(self, version: str) -> None:
        """Point the alias `champion` at a version."""
        self.client.set_registered_model_alias(NAME, CHAMPION, version)

    def export_champion(self, to: Path) -> Model:
        """Copy the champion's folder to where the service reads it.

        Raises:
            ModelFolderError: the registry's folder is no model of this code.
        """
        version = self.client.get_model_version_by_alias(NAME, CHAMPION)
        with tempfile.TemporaryDirectory() as scratch:
            downloaded = mlflow.artifacts.download_artifacts(version.source, dst_path=scratch, tracking_uri=self.uri)
            model = folder.load(Path(downloaded))
            return folder.save(model, to)
