"""GET /v1/models and POST /v1/models/reload: which model answers, and how another takes its place."""

import datetime as dt
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from small_trees import small_model

from scoring.folder import ModelFolderError, digest_of, load, save
from serving.answer_types import ModelsAnswer
from serving.database import Database
from serving.engine import Engine, load_engine
from serving.following import Places
from serving.keys import ROLES, Keys
from serving.models import Models
from serving.problems import ProblemError, not_ready

ROOT = Path(__file__).parents[2]
NO_TLS = ssl.create_default_context()


@pytest.fixture(scope="module")
def folders(city: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Versions 1 and 2 as `xinpei promote` leaves them; `champion` is version 1."""
    root = tmp_path_factory.mktemp("models")
    model = small_model(city.records, dt.date(2026, 10, 31))
    for version in "12":
        card = replace(model.card, version=version, training={"as_of": f"2025-0{version}-01"})
        save(replace(model, card=card), root / version)
    save(load(root / "1"), root / "champion")
    return root


@pytest.fixture
def root(folders: Path, tmp_path: Path) -> Path:
    shutil.copytree(folders, tmp_path / "models")
    return tmp_path / "models"


def places(root: Path, **changes: Any) -> Places:
    return Places(root / "champion", root, changes.pop("version", None), root / ".served-on-1.json", since=0.0)


def read(folder: Path) -> Engine:
    return load_engine(folder, illustrative=False)


@pytest.fixture
def models(root: Path) -> Models:
    return Models(places(root), read)


def version_of(models: Models) -> str:
    return models.engine().model.card.version


def replace_champion(root: Path, version: str) -> None:
    save(load(root / version), root / "champion")


def test_what_answers_is_described(models: Models, root: Path) -> None:
    answer = models.described()
    ModelsAnswer.model_validate_json(json.dumps(answer), strict=True)
    [told] = answer["models"]
    assert (told["version"], told["alias_dir"], told["trained_as_of"]) == ("1", "champion", "2025-01-01")
    assert told["digest"] == digest_of(root / "champion")
    assert told["feature_digest"] == models.engine().feature_digest


def test_one_load_answers_many_requests(models: Models) -> None:
    assert models.engine() is models.engine()


def test_a_folder_that_was_replaced_is_followed_at_the_next_request(models: Models, root: Path) -> None:
    before = models.engine()
    replace_champion(root, "2")
    assert version_of(models) == "2"
    assert before.model.card.version == "1"


@pytest.mark.parametrize("harm", ["gone", "cut short"])
def test_a_folder_that_cannot_be_loaded_changes_nothing(models: Models, root: Path, harm: str) -> None:
    before = models.engine()
    shutil.rmtree(root / "champion")
    if harm == "cut short":
        shutil.copytree(root / "2", root / "champion")
        (root / "champion" / "booster.txt").write_text("tree")
    assert models.engine() is before
    with pytest.raises(ProblemError, match="version 1 stays in use") as refused:
        models.reload()
    assert refused.value.status == 409
    assert models.engine() is before


def test_a_broken_folder_is_read_once_only_until_it_changes(root: Path) -> None:
    read_folders = []

    def reading(folder: Path) -> Engine:
        read_folders.append(folder)
        return read(folder)

    models = Models(places(root), reading)
    models.engine()
    shutil.rmtree(root / "champion")
    for _ in range(5):
        models.engine()
    assert len(read_folders) == 2


def test_a_named_version_is_loaded_and_the_settings_own_again(models: Models) -> None:
    [told] = models.reload("2")["models"]
    assert (told["version"], told["alias_dir"]) == ("2", "2")
    assert version_of(models) == "2"
    assert models.reload()["models"][0]["version"] == version_of(models) == "1"


def test_a_version_that_is_not_there_is_a_conflict_and_the_model_stays(models: Models) -> None:
    models.engine()
    with pytest.raises(ProblemError, match="7: not a model folder") as refused:
        models.reload("7")
    assert refused.value.status == 409
    assert version_of(models) == "1"


def test_without_any_model_nothing_is_ready(tmp_path: Path) -> None:
    models = Models(places(tmp_path), read)
    for ask in (models.engine, models.reload, models.described):
        with pytest.raises(ProblemError) as refused:
            ask()
        assert refused.value.status == 503


def test_the_version_of_the_settings_is_what_is_loaded(root: Path) -> None:
    models = Models(places(root, version="2"), read)
    assert version_of(models) == "2"
    replace_champion(root, "1")
    assert models.reload()["models"][0]["version"] == "2"


def test_other_workers_follow_a_named_version_at_their_next_request(models: Models, root: Path) -> None:
    other = Models(places(root), read)
    assert version_of(other) == "1"
    models.reload("2")
    assert version_of(other) == "2"
    models.reload()
    assert version_of(other) == "1"


def test_a_choice_of_an_earlier_service_does_not_count(models: Models, root: Path) -> None:
    models.reload("2")
    later = replace(places(root), since=time.time() + 1)
    assert version_of(Models(later, read)) == "1"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"version": 2}', '{"version": "../2"}'])
def test_a_file_that_is_no_choice_does_not_count(models: Models, root: Path, content: str) -> None:
    (root / ".served-on-1.json").write_text(content)
    assert version_of(models) == "1"


def test_a_choice_that_cannot_be_told_to_the_others_is_not_made(models: Models, root: Path) -> None:
    models.engine()
    (root / ".served-on-1.json").mkdir()
    with pytest.raises(ProblemError, match="the model in use stays") as refused:
        models.reload("2")
    assert refused.value.status == 503
    assert version_of(models) == "1"


def test_a_folder_replaced_while_it_is_read_is_read_again(root: Path) -> None:
    reads = []

    def reading(folder: Path) -> Engine:
        engine = read(folder)
        if not reads:
            replace_champion(root, "2")
        reads.append(engine.model.card.version)
        return engine

    assert version_of(Models(places(root), reading)) == "2"
    assert reads == ["1", "2"]


def test_a_folder_gone_for_a_moment_is_read_again(root: Path) -> None:
    """`save` renames the older folder away before the newer takes its place."""
    (root / "champion").rename(root / "away")
    tries = []

    def reading(folder: Path) -> Engine:
        tries.append(folder)
        if len(tries) == 1:
            (root / "away").rename(root / "champion")
            raise not_ready("no model") from ModelFolderError("not there")
        return read(folder)

    assert version_of(Models(places(root), reading)) == "1"


def test_a_reload_keeps_nobody_waiting_who_asks_meanwhile(root: Path) -> None:
    began, may_end = threading.Event(), threading.Event()

    def reading(folder: Path) -> Engine:
        engine = read(folder)
        if engine.model.card.version == "2":
            began.set()
            may_end.wait(30)
        return engine

    models = Models(places(root), reading)
    models.engine()
    reloading = threading.Thread(target=models.reload, args=["2"])
    reloading.start()
    assert began.wait(30)
    assert version_of(models) == "1"
    may_end.set()
    reloading.join()
    assert version_of(models) == "2"


def test_many_who_ask_at_once_after_a_change_all_get_the_new_model_from_one_load(root: Path) -> None:
    reads = []

    def reading(folder: Path) -> Engine:
        reads.append(folder)
        return read(folder)

    models = Models(places(root), reading)
    models.engine()
    replace_champion(root, "2")
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: version_of(models), range(32))) == {"2"}
    assert len(reads) == 2


@dataclass(frozen=True)
class Pair:
    """A service of two workers on folders of its own."""

    url: str
    root: Path
    new_key: Callable[..., str]

    def client(self, role: str | None = "admin") -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.new_key(role)}"} if role else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60, verify=NO_TLS)


@pytest.fixture(scope="module")
def pair(folders: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    home = tmp_path_factory.mktemp("pair")
    shutil.copytree(folders, home / "models")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {
        "XINPEI_DATABASE_URL": f"sqlite:///{home}/store.db",
        "XINPEI_MODEL_DIR": str(home / "models" / "champion"),
        "XINPEI_MODELS_DIR": str(home / "models"),
        "BENTOML_HOME": str(home / "bentoml"),
        "PYTHONPATH": str(ROOT),
    }
    options = ["--port", str(port), "--workers", "2"]
    command = [sys.executable, "-c", "import typer; from cli.serve import serve; typer.run(serve)", *options]
    with (home / "log").open("wb") as out:
        process = subprocess.Popen(command, env=os.environ | own, cwd=home, stdout=out, stderr=subprocess.STDOUT)
    database = Database(own["XINPEI_DATABASE_URL"])
    database.migrate()

    def new_key(role: str) -> str:
        return Keys(database).create(tenant="haidian", role=role, bank_id="ccb" if role == "officer" else None)[0]

    started = Pair(f"http://127.0.0.1:{port}", home / "models", new_key)
    try:
        _wait_until_ready(started, process, home / "log")
        yield started
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        database.close()


def _wait_until_ready(pair: Pair, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            with pair.client(None) as client:
                if client.get("/readyz").status_code == httpx.codes.OK:
                    return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    pytest.fail(f"the service did not start:\n{log.read_text()[-2000:]}")


def versions(pair: Pair, requests: int = 60) -> set[str]:
    """What answers, asked over new connections at a time, so that both workers are met."""
    key = pair.new_key("data")

    def ask(_: int) -> str:
        with httpx.Client(base_url=pair.url, verify=NO_TLS, timeout=60) as client:
            answer = client.get("/v1/models", headers={"Authorization": f"Bearer {key}"})
        [model] = answer.json()["models"]
        return f"{model['version']} at {model['loaded_at']}"

    with ThreadPoolExecutor(8) as pool:
        return set(pool.map(ask, range(requests)))


def numbers(pair: Pair) -> set[str]:
    return {told.split()[0] for told in versions(pair)}


def test_both_workers_follow_a_named_version_and_the_folder_again(pair: Pair) -> None:
    assert len(versions(pair)) == 2, "two workers, each with its own moment of loading"
    with pair.client() as client:
        assert client.post("/v1/models/reload", json={"version": "2"}).json()["models"][0]["version"] == "2"
        assert numbers(pair) == {"2"}
        assert client.post("/v1/models/reload", json={}).json()["models"][0]["version"] == "1"
    assert numbers(pair) == {"1"}


def test_both_workers_follow_a_promotion_without_being_told(pair: Pair) -> None:
    replace_champion(pair.root, "2")
    assert numbers(pair) == {"2"}
    replace_champion(pair.root, "1")
    assert numbers(pair) == {"1"}


def test_answers_go_on_while_models_change(pair: Pair, city: Any) -> None:
    done = threading.Event()
    answers: list[httpx.Response] = []

    def score() -> None:
        with pair.client("platform") as client:
            while not done.is_set():
                answers.append(client.post("/v1/score", json=city.body()))

    asking = [threading.Thread(target=score) for _ in range(2)]
    for thread in asking:
        thread.start()
    with pair.client() as client:
        for version in "2121":
            assert client.post("/v1/models/reload", json={"version": version}).status_code == 200
            time.sleep(0.2)
        client.post("/v1/models/reload", json={})
    done.set()
    for thread in asking:
        thread.join()
    assert {answer.status_code for answer in answers} == {200}
    digests = {version: digest_of(pair.root / version) for version in "12"}
    told = [answer.json()["model"] for answer in answers]
    assert {model["version"] for model in told} <= set("12")
    assert all(model["digest"] == digests[model["version"]] for model in told)


def test_what_cannot_be_loaded_is_a_conflict_with_its_reason(pair: Pair) -> None:
    with pair.client() as client:
        response = client.post("/v1/models/reload", json={"version": "7"})
    assert response.status_code == 409
    error = response.json()["error"]
    assert error["code"] == "conflict"
    assert "not a model folder" in error["message"]
    assert "version 1 stays in use" in error["message"]
    assert numbers(pair) == {"1"}


@pytest.mark.parametrize("version", ["../1", "champion", "1/../2", "", "1\n", " 1", "１", "1234567890", 1])
def test_a_version_is_a_number_and_no_path(pair: Pair, version: Any) -> None:
    with pair.client() as client:
        response = client.post("/v1/models/reload", json={"version": version})
    assert response.status_code == 422
    assert response.json()["error"]["details"][0]["path"] == "version"


def test_only_data_and_admin_may_reload_and_everybody_with_a_key_may_look(pair: Pair) -> None:
    for role in ROLES:
        with pair.client(role) as client:
            assert client.get("/v1/models").status_code == 200
            expected = 200 if role in {"data", "admin"} else 403
            assert client.post("/v1/models/reload", json={}).status_code == expected
    with pair.client(None) as client:
        assert client.get("/v1/models").status_code == client.post("/v1/models/reload", json={}).status_code == 401
