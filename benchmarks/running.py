"""The real service for the time of a benchmark: its model, its process, a key to it."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.features import SIMULATED_ENTERPRISES, SIMULATED_MONTHS, SIMULATED_UNTIL
from scoring.folder import ModelFolderError, load
from training.registry import Registry
from training.tracking import Tracker

ROOT = Path(__file__).resolve().parents[1]
TRAINED_ON_REAL_DATA = ROOT / "var" / "models" / "cumcm"
HOST = "127.0.0.1"
LONGEST_START, LONGEST_STOP = 90.0, 30.0
OK = 200


@dataclass(frozen=True)
class Running:
    """Where the service listens, and a platform key to it."""

    port: int
    key: str


@contextmanager
def temporary_home() -> Iterator[Path]:
    """A folder for model, database and log, gone at the end."""
    with tempfile.TemporaryDirectory(prefix="xinpei-benchmark-") as folder:
        yield Path(folder)


def model_folder(home: Path) -> tuple[Path, str]:
    """The model trained on the real data, or else a quick one on simulated data, and which of the two it is."""
    try:
        load(TRAINED_ON_REAL_DATA)
    except ModelFolderError as error:
        print(f"  training a quick model, for there is none to use: {error}", flush=True)
    else:
        return TRAINED_ON_REAL_DATA, f"{TRAINED_ON_REAL_DATA.relative_to(ROOT)} (trained on cumcm2020c)"
    data, model = home / "data", home / "model"
    size = ("--enterprises", str(SIMULATED_ENTERPRISES), "--months", str(SIMULATED_MONTHS))
    _xinpei(home, {}, "simulate", *size, "--until", str(SIMULATED_UNTIL), "--out", str(data))
    places = ("--data", str(data), "--tracking", str(home / "mlflow"))
    _xinpei(home, {}, "train", "credit", *places, "--repeats", "1", "--trials", "2", "--no-ablations")
    Registry(Tracker.local(home / "mlflow")).fetch("challenger", model)
    return model, f"trained now on {SIMULATED_ENTERPRISES} simulated enterprises, one repeat, no ablations"


@contextmanager
def running_service(home: Path, model: Path) -> Iterator[Running]:
    """`xinpei serve` on a free port with its own database; ended afterwards, and nothing else is."""
    own = {
        "XINPEI_DATABASE_URL": f"sqlite:///{home / 'store.db'}",
        "XINPEI_MODEL_DIR": str(model),
        "XINPEI_ILLUSTRATIVE": "true",
        "BENTOML_HOME": str(home / "bentoml"),
    }
    key = _xinpei(home, own, "keys", "create", "--tenant", "benchmark", "--role", "platform").strip()
    port, log = _free_port(), home / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli", "serve", "--port", str(port)],
            env=_environment(own),
            cwd=home,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_ready(process, port, log)
        yield Running(port, key)
    finally:
        _end(process)


def _xinpei(home: Path, own: Mapping[str, str], *arguments: str) -> str:
    """What a sub-command prints."""
    command = [sys.executable, "-m", "cli", *arguments]
    done = subprocess.run(command, env=_environment(own), cwd=home, check=False, text=True, capture_output=True)
    if done.returncode:
        sys.exit(f"xinpei {' '.join(arguments)} failed with exit code {done.returncode}\n{done.stderr[-2000:]}")
    return done.stdout


def _environment(own: Mapping[str, str]) -> dict[str, str]:
    """Ours without settings of the service that somebody left in it."""
    foreign = {name: value for name, value in os.environ.items() if not name.startswith("XINPEI_")}
    return {**foreign, **own, "PYTHONPATH": str(ROOT)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + LONGEST_START
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://{HOST}:{port}/readyz", timeout=2) as answer:
                if answer.status == OK:
                    return
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.1)
    sys.exit(f"the service did not start within {LONGEST_START:g} s; the end of its log:\n{log.read_text()[-2000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """As Ctrl-C does; only if that is not heard, the whole group that we started."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(LONGEST_STOP)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
