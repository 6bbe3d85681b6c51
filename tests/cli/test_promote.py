"""`xinpei promote` and `xinpei rollback`, as a person runs them."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from registries import copied, evaluated, model, registered, store_with_tables
from typer.testing import CliRunner

from cli.main import app
from scoring.folder import load, save
from training.registry import Registry

SAID = ("--who", "Lin Hua", "--why", "ranks better out of time")
ON = ("--on", "2026-11-22")


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory):
    return store_with_tables(tmp_path_factory.mktemp("empty"))


@pytest.fixture
def registry(tmp_path, empty_store):
    """A registry whose only version has a good evaluation."""
    registry = Registry(copied(empty_store, tmp_path / "mlflow"))
    save(model(), tmp_path / "trained")
    evaluated(registry, registered(registry, tmp_path / "trained"), tmp_path)
    return registry


@pytest.fixture
def xinpei(tmp_path, monkeypatch):
    """Run a sub-command on the store of this test."""
    monkeypatch.delenv("XINPEI_TRACKING_URI", raising=False)

    def run(*arguments):
        places = ("--tracking", str(tmp_path / "mlflow"), "--out", str(tmp_path / "models" / "champion"))
        return CliRunner().invoke(app, [*arguments, *places], env={"COLUMNS": "200"})

    return run


def second(registry, tmp_path, **changes):
    version = registered(registry, tmp_path / "trained")
    evaluated(registry, version, tmp_path, **changes)
    return version


def test_a_good_challenger_is_promoted_and_written_for_the_service(registry, xinpei, tmp_path):
    done = xinpei("promote", *SAID, *ON)
    assert done.exit_code == 0, done.output
    assert registry.alias("champion") == "1"
    champion = load(tmp_path / "models" / "champion")
    assert champion.digest == load(tmp_path / "models" / "1").digest
    assert champion.digest in done.stdout
    assert champion.card.version == "1"


@pytest.mark.usefixtures("registry")
def test_every_gate_is_shown_in_both_languages(xinpei):
    shown = xinpei("promote", *SAID, *ON).stdout
    for words in ("out_of_time", "Judged on days after all training days", "在训练样本之后的时间上评估", "passed 通过"):
        assert words in shown


def test_a_refusal_names_its_reasons_and_changes_nothing(registry, xinpei, tmp_path):
    xinpei("promote", *SAID, *ON)
    second(registry, tmp_path, rows=10)
    done = xinpei("promote", *SAID, *ON)
    assert done.exit_code == 1
    [line] = done.stderr.strip().splitlines()
    assert "version 2 is not promoted: enough (got 10 / 60, expected ≥ 1,000 / 50)" in line
    assert "FAILED 未通过" in done.stdout
    assert registry.alias("champion") == load(tmp_path / "models" / "champion").card.version == "1"
    assert not (tmp_path / "models" / "2").exists()


def test_an_accepted_gate_lets_it_through_with_the_reason(registry, xinpei, tmp_path):
    version = second(registry, tmp_path, rows=10)
    done = xinpei("promote", version, *SAID, *ON, "--accept", "enough")
    assert done.exit_code == 0
    assert "accepted 豁免" in done.stdout
    assert registry.champion() == version


def test_the_champion_is_written_again_when_it_is_promoted_again(registry, xinpei, tmp_path):
    xinpei("promote", *SAID, *ON)
    (tmp_path / "models" / "champion" / "card.json").unlink()
    done = xinpei("promote", "1", *SAID, *ON)
    assert done.exit_code == 0
    assert load(tmp_path / "models" / "champion").card.version == "1"
    assert len(registry.history()) == 1


def test_a_rollback_puts_the_one_before_back(registry, xinpei, tmp_path):
    xinpei("promote", *SAID, *ON)
    second(registry, tmp_path)
    assert xinpei("promote", *SAID, *ON).exit_code == 0
    done = xinpei("rollback", *SAID)
    assert done.exit_code == 0
    assert "version 2 -> 1" in done.stdout
    assert load(tmp_path / "models" / "champion").card.version == registry.alias("champion") == "1"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("promote", "9", *SAID), "no version 9 of creditworthiness"),
        (("promote", "sunday", *SAID), "no version has the alias 'sunday'"),
        (("promote", "--who", " ", "--why", "x"), "--who: got ' ', expected some words"),
        (("promote", *SAID, *ON, "--accept", "leaks"), "--accept: got 'leaks', expected some of better"),
        (("promote", *SAID, "--on", "2025-01-01"), "--on: got 2025-01-01, expected 2026-01-01 or later"),
        (("promote", *SAID, "--tracking-uri", "postgresql://u:secret@127.0.0.1:1/x"), "no MLflow store answers"),
        (("rollback", *SAID), "knows no champion before the present one"),
        (("rollback", "--who", "Wu", "--why", ""), "--why: got '', expected some words"),
    ],
)
def test_what_cannot_be_is_one_clear_line(registry, xinpei, arguments, message):
    done = xinpei(*arguments)
    assert done.exit_code == 2
    [line] = done.stderr.strip().splitlines()
    assert message in line
    assert "secret" not in done.output
    assert registry.history() == ()


def test_something_else_in_the_way_is_not_replaced(registry, xinpei, tmp_path):
    (tmp_path / "models" / "champion").mkdir(parents=True)
    (tmp_path / "models" / "champion" / "thesis.txt").write_text("mine")
    done = xinpei("promote", *SAID, *ON)
    assert (done.exit_code, registry.champion()) == (2, None)
    assert (tmp_path / "models" / "champion" / "thesis.txt").read_text() == "mine"


class Service(BaseHTTPRequestHandler):
    """Takes the key `good`, and loads whatever it is told."""

    def do_POST(self) -> None:
        good = self.headers["Authorization"] == "Bearer good" and self.path == "/v1/models/reload"
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        error = {"code": "forbidden", "message": "not with this key"}
        answer = (
            {"models": [{"name": "creditworthiness", "version": "1"}]}
            if good and json.loads(sent) == {}
            else {"error": error}
        )
        self.send_response(200 if good else 403)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        pass


@pytest.fixture
def service(tmp_path) -> Iterator[tuple[str, Path]]:
    """Its address, and the file for its key."""
    server = HTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", tmp_path / "key"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(("key", "code", "said"), [("good", 0, "answers with version 1"), ("bad", 1, "not with this")])
def test_a_running_service_is_told(registry, xinpei, service, key, code, said):
    url, key_file = service
    key_file.write_text(f"{key}\n")
    done = xinpei("promote", *SAID, *ON, "--reload", url, "--key-file", str(key_file))
    assert done.exit_code == code
    assert said in done.output
    assert registry.champion() == "1"


@pytest.mark.parametrize("command", ["promote", "rollback"])
def test_help_has_an_example(command):
    assert f"Example: xinpei {command} --who" in CliRunner().invoke(app, [command, "--help"]).stdout
