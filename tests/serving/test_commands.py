"""`xinpei serve` and `xinpei keys` as commands: one clear line and exit code 2 on bad input."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from cli import keys, serve
from serving.database import Database
from serving.keys import Keys

ROOT = Path(__file__).parents[2]

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)
app.command("serve")(serve.serve)
app.add_typer(keys.app, name="keys")


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("XINPEI_"):
            monkeypatch.delenv(name)


def refused(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 2
    [line] = result.stderr.strip().splitlines()
    return line


def test_a_made_key_stands_alone_on_standard_output_and_works(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["keys", "create", "--tenant", "haidian", "--role", "officer", "--bank", "ccb"])
    assert result.exit_code == 0
    caller = Keys(Database(f"sqlite:///{tmp_path}/var/xinpei.db")).caller_of(result.stdout.strip())
    assert caller is not None
    assert (caller.tenant, caller.role, caller.bank_id) == ("haidian", "officer", "ccb")


def test_keys_are_listed_without_their_secrets_and_revoked_by_id() -> None:
    secret = CliRunner().invoke(app, ["keys", "create", "--tenant", "haidian", "--role", "platform"]).stdout.strip()
    listed = CliRunner().invoke(app, ["keys", "list"]).stdout
    assert "haidian  platform" in listed
    assert "in force" in listed
    assert secret not in listed
    assert CliRunner().invoke(app, ["keys", "revoke", listed.split()[0]]).exit_code == 0
    assert "revoked 20" in CliRunner().invoke(app, ["keys", "list"]).stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["create", "--tenant", "t", "--role", "boss"], "role: got 'boss', expected one of platform"),
        (["create", "--tenant", "t", "--role", "officer"], "expected a bank for officers"),
        (["create", "--tenant", "t", "--role", "officer", "--bank", "xyz"], "bank: got 'xyz', expected one of abc"),
        (["create", "--tenant", "T T", "--role", "data"], "tenant: got 'T T', expected small letters"),
        (["revoke", "k-1"], "key: got 'k-1', expected an id of `xinpei keys list`"),
    ],
)
def test_a_key_that_cannot_be_is_told_in_one_line(arguments: list[str], message: str) -> None:
    assert message in refused("keys", *arguments)


def test_a_database_that_cannot_be_opened_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "folder.db").mkdir()
    monkeypatch.setenv("XINPEI_DATABASE_URL", f"sqlite:///{tmp_path}/folder.db")
    assert "set XINPEI_DATABASE_URL" in refused("keys", "list")


def test_serving_without_a_model_is_told_in_one_line() -> None:
    assert "no model in var/models/champion; make one with `xinpei train`, `evaluate` and `promote`" in refused("serve")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["--port", "99999"], "port: got 99999"), (["--workers", "0"], "workers: got 0")],
)
def test_a_setting_that_cannot_be_is_told_in_one_line(arguments: list[str], message: str) -> None:
    assert message in refused("serve", *arguments)


def test_a_port_in_use_is_told_in_one_line(model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINPEI_MODEL_DIR", str(model_folder))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"cannot listen on 127.0.0.1:{port}" in refused("serve", "--port", str(port))


@pytest.mark.parametrize("arguments", [["serve"], ["keys", "create"], ["keys", "list"], ["keys", "revoke"]])
def test_help_has_an_example(arguments: list[str]) -> None:
    assert f"Example: xinpei {' '.join(arguments)}" in CliRunner().invoke(app, [*arguments, "--help"]).stdout


def imported(modules: str, of: tuple[str, ...]) -> set[str]:
    """Which of some modules are there once others were imported in a fresh process."""
    code = f"import sys, {modules}; print(*(set({of!r}) & set(sys.modules)))"
    return set(subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True).split())


def test_the_service_starts_without_what_only_training_needs() -> None:
    assert imported("serving.service", of=("mlflow", "shap", "matplotlib", "lightgbm")) == {"lightgbm"}


def test_the_commands_import_what_they_need_when_they_run() -> None:
    assert imported("cli.serve, cli.keys", of=("bentoml", "sqlalchemy", "polars", "typer")) == {"typer"}
