"""The store: append-only, chained, one tenant at a time, once per idempotency key."""

import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from sqlalchemy import exc, text

from serving.database import Database
from serving.keys import Caller
from serving.store import GENESIS, Draft, KeyReusedError, Once, Store, UnknownDecisionError

ROOT = Path(__file__).parents[2]
CODE = "Y1110108XP000001X5"


def draft(score: int = 600) -> Draft:
    return Draft("score", CODE, b'{"enterprise_id": "Y1110108XP000001X5"}', {"enterprise_id": CODE, "score": score})


def decision_id_of(answer: bytes) -> str:
    return answer.split(b'"')[3].decode()


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


def unguarded(database: Database, statement: str) -> None:
    """Change a row as somebody could who owns the database file."""
    with database.writing() as connection:
        for change in ("update", "delete"):
            connection.execute(text(f"DROP TRIGGER decisions_append_only_{change}"))
        connection.exec_driver_sql(statement)


def test_a_decision_is_read_back_as_it_was_answered(store: Store, caller: Caller) -> None:
    answer = store.record_decision(caller, draft())
    found = store.decision("haidian", decision_id_of(answer))
    assert found.answer == answer
    assert found.place == 1
    assert found.previous_hash == GENESIS


def test_another_tenants_decision_is_not_there(store: Store, caller: Caller) -> None:
    answer = store.record_decision(caller, draft())
    with pytest.raises(UnknownDecisionError):
        store.decision("chaoyang", decision_id_of(answer))


def test_an_input_is_kept_once(store: Store, database: Database, caller: Caller) -> None:
    first, second = (store.record_decision(caller, draft()) for _ in range(2))
    assert first != second
    with database.reading() as connection:
        assert connection.scalar(text("SELECT count(*) FROM inputs")) == 1
    found = store.decision("haidian", decision_id_of(first))
    assert store.input(found.input_digest) == draft().request


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE decisions SET tenant = 'other'",
        "DELETE FROM decisions",
        "INSERT OR REPLACE INTO decisions SELECT * FROM decisions",
        "UPDATE outcomes SET tenant = 'other'",
        "DELETE FROM outcomes",
    ],
)
def test_the_database_refuses_to_change_the_record(
    store: Store, database: Database, caller: Caller, statement: str
) -> None:
    answer = store.record_decision(caller, draft())
    store.record_outcome(caller, {"decision_id": decision_id_of(answer), "product_id": "p"})
    with pytest.raises(exc.IntegrityError, match="append-only"), database.writing() as connection:
        connection.execute(text(statement))


def test_an_untouched_chain_is_sound(store: Store, caller: Caller) -> None:
    for score in (600, 610, 620):
        answer = store.record_decision(caller, draft(score))
    chain = store.verify_chain()
    assert (chain.sound, chain.fault) == (3, None)
    assert chain.head == store.decision("haidian", decision_id_of(answer)).hash


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE decisions SET tenant = 'other' WHERE place = 2", "own columns"),
        ("UPDATE decisions SET recorded_at = '2020-01-01' WHERE place = 2", "own columns"),
        ("UPDATE decisions SET answer = CAST('{\"score\":850}' AS BLOB) WHERE place = 2", "stored answer"),
        ("DELETE FROM decisions WHERE place = 2", "place: got 3, expected 2"),
        ("UPDATE decisions SET previous_hash = hash WHERE place = 2", "previous_hash"),
    ],
)
def test_tampering_is_found_where_it_happened(
    store: Store, database: Database, caller: Caller, statement: str, fault: str
) -> None:
    for score in (600, 610, 620):
        store.record_decision(caller, draft(score))
    unguarded(database, statement)
    chain = store.verify_chain()
    assert chain.sound == 1
    assert fault in (chain.fault or "")


def test_a_changed_input_is_found(store: Store, database: Database, caller: Caller) -> None:
    store.record_decision(caller, draft())
    with database.writing() as connection:
        connection.execute(text("UPDATE inputs SET compressed = :other"), {"other": zlib.compress(b"{}")})
    assert "stored input" in (store.verify_chain().fault or "")


def test_the_same_key_and_request_give_the_same_answer(store: Store, caller: Caller) -> None:
    once = Once("key", "digest")
    first = store.record_decision(caller, draft(600), once=once)
    assert store.earlier_answer(caller, once) == first
    assert store.record_decision(caller, draft(700), once=once) == first
    assert store.verify_chain().sound == 1


def test_the_same_key_with_another_request_is_refused(store: Store, caller: Caller) -> None:
    store.record_decision(caller, draft(), once=Once("key", "digest"))
    with pytest.raises(KeyReusedError):
        store.earlier_answer(caller, Once("key", "other"))
    with pytest.raises(KeyReusedError):
        store.record_decision(caller, draft(), once=Once("key", "other"))


def test_another_tenant_may_use_the_same_idempotency_key(store: Store, caller: Caller) -> None:
    once = Once("key", "digest")
    first = store.record_decision(caller, draft(), once=once)
    other = Caller("k-2", "chaoyang", "platform", None)
    assert store.earlier_answer(other, once) is None
    assert store.record_decision(other, draft(), once=once) != first


def test_outcomes_come_back_with_their_decision_in_order(store: Store, caller: Caller) -> None:
    decision_id = decision_id_of(store.record_decision(caller, draft()))
    outcomes = [
        store.record_outcome(caller, {"decision_id": decision_id, "product_id": product}) for product in ("a", "b")
    ]
    assert list(store.decision("haidian", decision_id).outcomes) == outcomes


def test_an_outcome_of_another_tenants_decision_is_refused(store: Store, caller: Caller) -> None:
    decision_id = decision_id_of(store.record_decision(caller, draft()))
    other = Caller("k-2", "chaoyang", "platform", None)
    with pytest.raises(UnknownDecisionError):
        store.record_outcome(other, {"decision_id": decision_id, "product_id": "p"})


WRITER = """
import sys
from serving.database import Database
from serving.keys import Caller
from serving.store import Draft, Store

database = Database(sys.argv[1])
database.migrate()
store = Store(database)
for number in range(40):
    store.record_decision(Caller("k", sys.argv[2], "platform", None), Draft("score", "c", b"{}", {"score": number}))
"""


def test_two_processes_migrate_and_write_one_chain(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new/store.db"
    commands = [[sys.executable, "-c", WRITER, url, tenant] for tenant in ("a", "b")]
    writers = [subprocess.Popen(command, cwd=ROOT) for command in commands]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    chain = Store(Database(url)).verify_chain()
    assert (chain.sound, chain.fault) == (80, None)
