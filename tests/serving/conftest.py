"""A small invented city, a small model, a database, and the real service running on them."""

import datetime as dt
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest
from cities import invoice_records
from small_trees import small_model

from scoring.folder import save
from serving.database import Database
from serving.keys import Caller, Keys
from sources.records import Records

ROOT = Path(__file__).parents[2]
AS_OF = dt.date(2026, 10, 31)
RULES_ON = dt.date(2026, 11, 22)
START_SECONDS = 60
NO_TLS = ssl.create_default_context()
"""Made once: every client would otherwise read all certificates of the machine to speak plain HTTP."""


@dataclass(frozen=True)
class City:
    """Records of some invented enterprises, and the body of a request about one of them."""

    records: Records

    def body(self, place: int = 0, **changes: Any) -> dict[str, Any]:
        code = self.records.enterprises[place]
        tables = {name: _as_rows(frame, code) for name, frame in self.records.tables()}
        body = {"enterprise_id": code, "as_of": str(AS_OF), "rules_on": str(RULES_ON), "records": tables}
        return {**body, **changes}


def _as_rows(frame: pl.DataFrame, code: str) -> list[dict[str, Any]]:
    rows = frame.filter(pl.col("enterprise_id") == code).drop("enterprise_id").to_dicts()
    return [{name: str(value) if isinstance(value, dt.date) else value for name, value in row.items()} for row in rows]


@pytest.fixture(scope="session")
def city() -> City:
    return City(invoice_records(30, months=26))


@pytest.fixture(scope="session")
def model_folder(city: City, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "champion"
    save(small_model(city.records, AS_OF), folder)
    return folder


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path}/store.db")
    opened.migrate()
    yield opened
    opened.close()


@pytest.fixture
def caller() -> Caller:
    return Caller("k-1", "haidian", "platform", None)


@dataclass(frozen=True)
class Service:
    """The running service: its address, its process, its log, and a way to make keys for it."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path
    new_key: Callable[..., str]

    def client(self, key: str | None) -> httpx.Client:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60, verify=NO_TLS)


@pytest.fixture(scope="session")
def service(model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """`xinpei serve` as its users start it, on a free port, ended with Ctrl-C."""
    home = tmp_path_factory.mktemp("service")
    port, log = _free_port(), home / "log"
    own = {
        "XINPEI_DATABASE_URL": f"sqlite:///{home}/store.db",
        "XINPEI_MODEL_DIR": str(model_folder),
        "XINPEI_ILLUSTRATIVE": "true",
        "BENTOML_HOME": str(home / "bentoml"),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-c", "import typer; from cli.serve import serve; typer.run(serve)", "--port", str(port)]
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=os.environ | own, cwd=home, stdout=out, stderr=subprocess.STDOUT)
    database = Database(own["XINPEI_DATABASE_URL"])
    database.migrate()
    keys = Keys(database)

    def new_key(role: str = "platform", *, tenant: str = "haidian", bank_id: str | None = None) -> str:
        return keys.create(tenant=tenant, role=role, bank_id=bank_id)[0]

    started = Service(f"http://127.0.0.1:{port}", process, log, new_key)
    try:
        _wait_until_ready(started)
        yield started
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        database.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(service: Service) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and service.process.poll() is None:
        try:
            with service.client(None) as client:
                if client.get("/readyz").status_code == httpx.codes.OK:
                    return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    pytest.fail(f"the service did not start:\n{service.log.read_text()[-2000:]}")


@pytest.fixture
def ask(service: Service) -> Callable[..., httpx.Response]:
    """POST with a fresh platform key; `content` as bytes or as something to write as JSON."""
    key = service.new_key()

    def post(path: str, content: Any, **headers: str) -> httpx.Response:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        sent = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
        with service.client(key) as client:
            return client.post(path, content=body, headers=sent)

    return post
