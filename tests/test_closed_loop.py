"""The closed loop, nothing faked: a served model, outcomes over HTTP, a training on them, gates, the next answer."""

import datetime as dt
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import polars as pl
import pytest
from cities import lending_city
from registries import model
from typer.testing import CliRunner

from cli.main import app
from scoring import folder
from serving.database import Database
from serving.keys import Keys
from sources.records import Records
from sources.validation import no_rejects
from sources.writers import write_folder

ROOT = Path(__file__).parents[1]
RULES_ON = "2026-11-22"
LEARNED, JUDGED, PRODUCTS = 60, 40, 5
"""Enterprises whose outcomes are learned from, later ones that judge, and outcomes of each: 500 in all."""

BANKS = 8
LENIENT, STRICT = 0.92, 0.08
"""How often each half of the banks approves here: not at all as in the city that the champion learned from."""

START_SECONDS = 60
NO_TLS = ssl.create_default_context()
SAID = ("--who", "Lin", "--why", "the loop is closed")


@dataclass(frozen=True)
class Loop:
    """A running service with a champion, its store, its models and its registry."""

    client: httpx.Client
    home: Path
    records: Records

    @property
    def store(self) -> str:
        return f"sqlite:///{self.home}/store.db"

    def xinpei(self, *arguments: str) -> str:
        """A sub-command on the registry of this loop, as a person runs it."""
        command = [*arguments, "--tracking", str(self.home / "mlflow")]
        done = CliRunner().invoke(app, command, env={"XINPEI_ILLUSTRATIVE": "true"})
        assert done.exit_code == 0, f"xinpei {' '.join(command)}\n{done.output}\n{done.exception!r}"
        return done.output

    def match(self, code: str, as_of: dt.date, banks: list[str]) -> dict[str, Any]:
        tables = {name: _as_rows(frame, code) for name, frame in self.records.tables()}
        asked = {"amount_fen": 100_000_000}
        body = {"enterprise_id": code, "as_of": str(as_of), "rules_on": RULES_ON, "records": tables, "request": asked}
        response = self.client.post("/v1/match", json={**body, "bank_ids": banks, "top": PRODUCTS})
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def banks(self) -> list[str]:
        """The banks with most products."""
        listed = self.client.get(f"/v1/products?on={RULES_ON}").json()["products"]
        counted = pl.Series("bank", [line["bank"]["id"] for line in listed]).value_counts()
        return counted.sort("count", "bank", descending=[True, False])["bank"].head(BANKS).to_list()


def _as_rows(frame: pl.DataFrame, code: str) -> list[dict[str, Any]]:
    rows = frame.filter(pl.col("enterprise_id") == code).drop("enterprise_id").to_dicts()
    return [{name: str(value) if isinstance(value, dt.date) else value for name, value in row.items()} for row in rows]


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    """A champion learned from a city, registered, promoted and served."""
    home = tmp_path_factory.mktemp("loop")
    told = lending_city(400, months=40)
    write_folder(home / "city", told, no_rejects())
    records = Records.of({name: frame for name, frame in told.items() if name != "applications"})
    folder.save(model(), home / "models" / "champion")
    database = Database(f"sqlite:///{home}/store.db")
    database.migrate()
    secret, _ = Keys(database).create(tenant="haidian", role="admin")
    database.close()
    (home / "key").write_text(secret)
    with _served(home) as url, httpx.Client(base_url=url, timeout=60, verify=NO_TLS) as client:
        client.headers["Authorization"] = f"Bearer {secret}"
        made = Loop(client, home, records)
        _first_champion(made)
        _wait_until_ready(client)
        yield made


def _first_champion(loop: Loop) -> None:
    city = str(loop.home / "city")
    loop.xinpei("train", "fit", "--data", city)
    loop.xinpei("evaluate", "--model", "fit", "--data", city, "--out", str(loop.home / "evaluation"))
    few = ("--accept", "enough", "--accept", "calibrated", "--accept", "banks_calibrated")
    loop.xinpei("promote", "--model", "fit", *SAID, *few, "--out", str(loop.home / "fit" / "champion"))


@contextmanager
def _served(home: Path) -> Iterator[str]:
    """`xinpei serve` in a process of its own, ended with Ctrl-C."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {
        "XINPEI_DATABASE_URL": f"sqlite:///{home}/store.db",
        "XINPEI_MODEL_DIR": str(home / "models" / "champion"),
        "XINPEI_MODELS_DIR": str(home / "models"),
        "XINPEI_FIT_DIR": str(home / "fit" / "champion"),
        "XINPEI_ILLUSTRATIVE": "true",
        "BENTOML_HOME": str(home / "bentoml"),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "cli", "serve", "--port", str(port)]
    with (home / "log").open("wb") as out:
        process = subprocess.Popen(command, env=os.environ | own, cwd=home, stdout=out, stderr=subprocess.STDOUT)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def _wait_until_ready(client: httpx.Client) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            if client.get("/readyz").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    pytest.fail("the service did not start")


def _asked(loop: Loop) -> list[tuple[str, dt.date]]:
    """Enterprises and days: the learned ones in 2025, others in 2026."""
    codes = loop.records.enterprises.to_list()
    days = [dt.date(2025, 1 + place % 12, 1) for place in range(len(codes) // 2)]
    days += [dt.date(2026, 3 + place % 7, 1) for place in range(len(codes) - len(days))]
    return list(zip(codes, days, strict=True))


def _post_outcomes(loop: Loop, asked: list[tuple[str, dt.date]], banks: list[str], wanted: int) -> int:
    """Ask for each enterprise, and report what its banks decided, until so many enterprises had enough products."""
    source, reported = np.random.default_rng(len(asked)), 0
    for code, as_of in asked:
        if reported == wanted * PRODUCTS:
            break
        answer = loop.match(code, as_of, banks)
        if len(answer["products"]) < PRODUCTS:
            continue
        assert answer["fit_model"]["version"] == "1"
        for line in answer["products"]:
            chance = LENIENT if banks.index(line["bank"]["id"]) % 2 else STRICT
            yes = bool(source.random() < chance)
            outcome = {"decision_id": answer["decision_id"], "product_id": line["product_id"]}
            outcome |= {"decision": "approved" if yes else "refused", "on": str(as_of + dt.timedelta(days=7))}
            terms = {"limit_fen": 50_000_000, "rate": 0.04, "drawn_fen": 30_000_000} if yes else {}
            assert loop.client.post("/v1/outcomes", json={**outcome, **terms}).status_code == 200
            reported += 1
    return reported


def test_five_hundred_outcomes_become_the_next_champion(loop: Loop) -> None:
    banks, asked = loop.banks(), _asked(loop)
    half = len(asked) // 2
    reported = _post_outcomes(loop, asked[:half], banks, LEARNED) + _post_outcomes(loop, asked[half:], banks, JUDGED)
    assert reported == 500

    told = loop.xinpei("train", "fit", "--store", loop.store)
    assert "500 outcomes" in told
    assert "challenger: version 2" in told
    loop.xinpei("evaluate", "--model", "fit", "--store", loop.store, "--out", str(loop.home / "evaluation"))
    served = ("--out", str(loop.home / "fit" / "champion"), "--reload", str(loop.client.base_url))
    told = loop.xinpei("promote", "--model", "fit", *SAID, *served, "--key-file", str(loop.home / "key"))
    assert "FAILED" not in told
    assert "answers with version 2" in told

    code, as_of = asked[-1]
    answer = loop.match(code, as_of, banks)
    exported = json.loads((loop.home / "fit" / "champion" / "card.json").read_text())
    assert (answer["fit_model"]["version"], exported["version"]) == ("2", "2")
    chances = {line["bank"]["id"]: line["approval_probability"] for line in answer["products"]}
    lenient = [chance for bank, chance in chances.items() if banks.index(bank) % 2]
    assert min(lenient) > 0.5
