"""What `make mlflow` runs: MLflow's own page on the store of the training runs, until Ctrl-C."""

import os
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.failing import clear_line_on

HOST = "127.0.0.1"


class NoPageError(Exception):
    """A page that cannot be opened."""


def main(port: Annotated[int, typer.Option(help="Port to listen on.")] = 5000) -> None:
    """打开MLflow页面。  Open MLflow's page; it runs until Ctrl-C.

    The store is that of MLFLOW_TRACKING_URI or XINPEI_TRACKING_URI, else the one below the folder TRACKING.

    Example: make mlflow TRACKING=var/demo/mlflow
    """
    from training.tracking import URI_VARIABLE, Tracker, TrackerError

    folder = Path(os.environ.get("TRACKING") or "var/mlflow")
    with clear_line_on(NoPageError, TrackerError, OSError):
        uri = os.environ.get("MLFLOW_TRACKING_URI") or os.environ.get(URI_VARIABLE)
        if not uri and not (folder / "mlflow.db").is_file():
            raise NoPageError(f"{folder}: no runs yet; train first, or name another with TRACKING=var/demo/mlflow")
        tracker = Tracker.of(uri, folder)
        if tracker.uri.startswith(("http://", "https://")):
            typer.echo(f"that store is a server with a page of its own 页面: {tracker.shown}")
            return
        _check_free(port)
        tracker.open()
    typer.echo(f"MLflow 页面: http://{HOST}:{port} (Ctrl-C to stop 停止) — {tracker.shown}")
    command = [sys.executable, "-m", "mlflow", "server", "--host", HOST, "--port", str(port), "--workers", "1"]
    # In the environment, because everybody can read the arguments of a process, and the address may hold a password.
    store = {"MLFLOW_BACKEND_STORE_URI": tracker.uri, "MLFLOW_DEFAULT_ARTIFACT_ROOT": tracker.artifacts or ""}
    # A page needs no workers for jobs: seven processes that outlive Ctrl-C by many seconds.
    own = {"MLFLOW_SERVE_ARTIFACTS": "false", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    sys.stdout.flush()
    os.execve(sys.executable, command, os.environ | own | store)  # noqa: S606 - this process becomes the page


def _check_free(port: int) -> None:
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
    except (OSError, OverflowError) as error:
        raise NoPageError(f"cannot listen on {HOST}:{port} ({error}); choose another with MLFLOW_PORT=") from error


if __name__ == "__main__":
    typer.run(main)
