"""Training runs in MLflow: parameters, metrics, pictures, the digest of the data, and the model as a plain folder."""

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import mlflow
import psutil
import sqlalchemy as sa
from mlflow.entities import Run, RunStatus
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

if TYPE_CHECKING:
    from mlflow.data.pandas_dataset import PandasDataset

    from training.credit import Trained
    from training.report import Judged

NAME = "creditworthiness"
"""Of the experiment of the credit model, and of the registered model."""

ARTIFACT = "model"
DIGEST_LENGTH = 36
"""MLflow keeps this many characters of a data set's digest."""

URI_VARIABLE = "XINPEI_TRACKING_URI"
HOST, PID, STARTED, ENDED = "xinpei.host", "xinpei.pid", "xinpei.started", "xinpei.ended"
"""Tags of a run: the process that makes it, and why it was ended by another."""

CLOCK_SECONDS = 5.0
"""How far two readings of a process's start may lie apart: the kernel's clock is corrected while it runs."""

DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
"""The driver that is installed, for addresses that name none."""

PATIENCE = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2", "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false"}
"""Set unless the user did: MLflow would try a server that is away for minutes, and draw a bar for each file."""


class TrackerError(Exception):
    """An MLflow store that does not answer."""


@dataclass(frozen=True)
class Tracker:
    """Where runs and models are kept.

    Attributes:
        uri: MLflow tracking URI; `sqlite:///…` by default.
        artifacts: where a new experiment keeps its files; None leaves it to the server.
        experiment: which runs are looked at and made; the name of a registered model.
    """

    uri: str
    artifacts: str | None = None
    experiment: str = NAME

    @classmethod
    def of(cls, uri: str | None, root: Path) -> "Tracker":
        """The store at an address, else at that of XINPEI_TRACKING_URI, else in a SQLite file below `root`.

        Args:
            uri: `postgresql://…` or another database, or the `http://…` of an MLflow server; None = not given.
            root: keeps the files of a store that is a database.

        Raises:
            TrackerError: the address is none.
        """
        uri = uri or os.environ.get(URI_VARIABLE)
        if not uri:
            return cls.local(root)
        scheme, mark, rest = uri.partition("://")
        if not mark or not rest:
            raise TrackerError(f"tracking URI: got {uri!r}, expected one such as postgresql://… or http://…")
        if scheme in {"http", "https"}:
            return cls(uri)
        return cls(f"{DRIVERS.get(scheme, scheme)}://{rest}", _files(root))

    @classmethod
    def local(cls, root: Path) -> "Tracker":
        """A SQLite file and a folder below `root`."""
        root.mkdir(parents=True, exist_ok=True)
        return cls(f"sqlite:///{root.resolve() / 'mlflow.db'}", _files(root))

    @property
    def client(self) -> MlflowClient:
        return MlflowClient(tracking_uri=self.uri, registry_uri=self.uri)

    @property
    def shown(self) -> str:
        """The address without its password."""
        try:
            return sa.make_url(self.uri).render_as_string(hide_password=True)
        except sa.exc.ArgumentError:
            return self.uri

    def open(self) -> None:
        """See that the store answers and has the experiment, and end the runs that dead processes left in it.

        Raises:
            TrackerError: the store cannot be reached.
        """
        logging.getLogger("mlflow").setLevel(logging.WARNING)  # it would tell of every table it makes
        for name, value in PATIENCE.items():
            os.environ.setdefault(name, value)
        try:
            self._reach()
            self._end_dead_runs(self._experiment())
        except (MlflowException, sa.exc.SQLAlchemyError, ModuleNotFoundError) as error:
            raise TrackerError(f"{self.shown}: no MLflow store answers ({str(error).splitlines()[0]})") from error

    def _reach(self) -> None:
        """Ask the database for a connection once: MLflow would try for an hour."""
        if self.uri.startswith(("http://", "https://")):
            return
        engine = sa.create_engine(self.uri)
        try:
            engine.connect().close()
        finally:
            engine.dispose()

    @contextmanager
    def run(self, name: str) -> Iterator[str]:
        """A run of the experiment; an exception inside marks it as failed.

        A process that is killed cannot; the next that opens the store does it.

        Raises:
            TrackerError: the store cannot be reached.
        """
        self.open()
        mlflow.set_tracking_uri(self.uri)
        mlflow.set_experiment(self.experiment)
        with mlflow.start_run(run_name=name, tags=_maker()) as active:
            yield active.info.run_id

    def _experiment(self) -> str:
        """The id of the experiment, which the first to ask for it makes."""
        if (found := self.client.get_experiment_by_name(self.experiment)) is not None:
            return str(found.experiment_id)
        try:
            return self.client.create_experiment(self.experiment, artifact_location=self.artifacts)
        except MlflowException:
            if (found := self.client.get_experiment_by_name(self.experiment)) is None:
                raise
            return str(found.experiment_id)

    def _end_dead_runs(self, experiment: str) -> None:
        client = self.client
        mine = f"attributes.status = 'RUNNING' and tags.`{HOST}` = '{socket.gethostname()}'"
        for run in client.search_runs([experiment], mine):
            if not _is_alive(run):
                client.set_tag(run.info.run_id, ENDED, "its process is gone")
                client.set_terminated(run.info.run_id, RunStatus.to_string(RunStatus.FAILED))

    def log(self, trained: "Trained", *, data_name: str) -> None:
        """Log a finished training into the active run, all but its model: `Registry.register` logs that, at last."""
        from training.pictures import pictures  # noqa: PLC0415 - seconds of shap that only a training run needs

        card = trained.model.card
        mlflow.log_params({f"settings.{name}": value for name, value in trained.learned.settings.describe().items()})
        described = ("enterprises", "defaults", "as_of", "label_window", "rows", "features", "judged_by")
        mlflow.log_params({name: card.training[name] for name in described})
        mlflow.log_params({f"chosen.{name}": count for name, count in trained.settings_chosen.items()})
        for name, judged in trained.judged.items():
            mlflow.log_metrics(judged.numbers(name))
            for fold, value in enumerate(judged.fold_aucs):
                mlflow.log_metric(f"{name}_fold_auc", value, step=fold)
        mlflow.log_input(self._data_set(trained, data_name), context="training")
        mlflow.set_tags(
            {
                "data_digest": trained.learned_from.digest,
                "pd_claim": trained.model.pd.of if trained.model.pd else "none",
            }
        )
        for name, figure in pictures(trained):
            mlflow.log_figure(figure, f"pictures/{name}.png")

    def log_ablation(self, name: str, judged: "Judged") -> None:
        """Log how the recipe did on less than all it may see."""
        mlflow.log_metrics(judged.numbers(f"ablation_{name}"))

    def _data_set(self, trained: "Trained", name: str) -> "PandasDataset":
        from mlflow.data.pandas_dataset import from_pandas  # noqa: PLC0415 - for a training run only, as above

        frame = trained.learned_from.profiles.select(f.name for f in trained.learned_from.features).to_pandas()
        frame["defaulted"] = trained.learned_from.defaulted.astype(float)
        digest = trained.learned_from.digest.removeprefix("sha256:")[:DIGEST_LENGTH]
        return from_pandas(frame, name=name, targets="defaulted", digest=digest)


def _files(root: Path) -> str:
    return (root / "mlartifacts").resolve().as_uri()


def _maker() -> dict[str, str]:
    """Tags by which another process can see whether this one still lives."""
    own = psutil.Process()
    return {HOST: socket.gethostname(), PID: str(own.pid), STARTED: str(own.create_time())}


def _is_alive(run: Run) -> bool:
    """Whether the process that made a run is still there, and not another that was given its number."""
    try:
        process = psutil.Process(int(run.data.tags[PID]))
        is_same = abs(process.create_time() - float(run.data.tags[STARTED])) < CLOCK_SECONDS
        return bool(is_same and process.status() != psutil.STATUS_ZOMBIE)
    except (psutil.NoSuchProcess, KeyError, ValueError):
        return False
    except psutil.AccessDenied:
        return True
