"""What `make mlflow` says when there is no page to open."""

import socket

import pytest
import typer
from typer.testing import CliRunner

from cli import mlflow_page

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)
app.command()(mlflow_page.main)


@pytest.fixture(autouse=True)
def _no_store_named(tmp_path, monkeypatch):
    for name in ("MLFLOW_TRACKING_URI", "XINPEI_TRACKING_URI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TRACKING", str(tmp_path / "mlflow"))


def refused(*arguments):
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == 2
    [line] = done.stderr.strip().splitlines()
    return line


def test_without_runs_there_is_nothing_to_show_and_nothing_is_made(tmp_path):
    assert "no runs yet; train first" in refused()
    assert not (tmp_path / "mlflow").exists()


def test_a_port_in_use_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("XINPEI_TRACKING_URI", f"sqlite:///{tmp_path}/other.db")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert f"cannot listen on 127.0.0.1:{port}" in refused("--port", port)


def test_a_server_has_a_page_of_its_own_and_its_password_is_not_told(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://lin:secret@mlflow.example:5000")
    done = CliRunner().invoke(app, [])
    assert (done.exit_code, "https://lin:***@mlflow.example:5000" in done.stdout) == (0, True)
    assert "secret" not in done.output
