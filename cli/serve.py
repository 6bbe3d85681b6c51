"""`xinpei serve`: start the service."""

import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.configuration import BadSettingError, read_settings
from cli.failing import clear_line_on

if TYPE_CHECKING:
    from serving.settings import Settings


class CannotServeError(Exception):
    """Something outside must change before the service can start."""


def serve(
    port: Annotated[int | None, typer.Option(help="Port to listen on.  [default: XINPEI_PORT or 3000]")] = None,
    host: Annotated[str | None, typer.Option(help="IP address.  [default: XINPEI_HOST or 127.0.0.1]")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes.  [default: XINPEI_WORKERS or 1]")] = None,
    model_version: Annotated[
        str | None,
        typer.Option(help="Serve this version of XINPEI_MODELS_DIR.  [default: XINPEI_MODEL_VERSION or the champion]"),
    ] = None,
) -> None:
    """启动服务。  Start the service; it runs until Ctrl-C.

    The model folder, the database and the rest are set by XINPEI_ variables.

    Example: xinpei serve --port 3001 --workers 2
    """
    with clear_line_on(CannotServeError, BadSettingError):
        settings = read_settings(port=port, host=host, workers=workers, model_version=model_version)
        folder = settings.models_dir / settings.model_version if settings.model_version else settings.model_dir
        if not (folder / "model.json").is_file():
            raise CannotServeError(
                f"no model in {folder}; make one with `xinpei train`, `evaluate` and `promote`, or set XINPEI_MODEL_DIR"
            )
        _check_free(settings.host, settings.port)
    address = ["--host", settings.host, "--port", str(settings.port)]
    command = [sys.executable, "-m", "bentoml", "serve", "serving.service:Xinpei", *address]
    sys.stdout.flush()
    os.execve(sys.executable, command, _environment(settings))  # noqa: S606 - this process becomes the server


def _environment(settings: "Settings") -> dict[str, str]:
    chosen = {"XINPEI_WORKERS": str(settings.workers), "XINPEI_PORT": str(settings.port), "XINPEI_HOST": settings.host}
    if settings.model_version:
        chosen["XINPEI_MODEL_VERSION"] = settings.model_version
    # BentoML would otherwise tell its makers about every start, and write into the user's home.
    home = {"BENTOML_HOME": str(Path("var/bentoml").resolve())}
    return home | os.environ | chosen | {"BENTOML_DO_NOT_TRACK": "True"}


def _check_free(host: str, port: int) -> None:
    """Find out now, in one line, what the server would tell in a page."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        raise CannotServeError(
            f"cannot listen on {host}:{port} ({error.strerror or error}); choose others with --port and --host"
        ) from error
