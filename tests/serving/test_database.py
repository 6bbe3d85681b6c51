"""Migrations and connections."""

import os
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from serving.database import Database, DatabaseAwayError
from sources.service_tables import METADATA


def test_the_migrations_make_the_tables_that_the_code_uses(database: Database) -> None:
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_migrating_twice_changes_nothing(database: Database) -> None:
    database.migrate()
    database.check()


def test_sqlite_writes_ahead_and_waits_for_the_disk(database: Database) -> None:
    with database.reading() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA synchronous")) == 2  # FULL


def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    good = "INSERT INTO inputs VALUES ('x', 1, 'x', 'now')"
    bad = "INSERT INTO inputs VALUES ('x', 1, 'x')"
    with pytest.raises(DatabaseAwayError), database.writing() as connection:
        _ = [connection.execute(text(row)) for row in (good, bad)]
    with database.reading() as connection:
        assert connection.scalar(text("SELECT count(*) FROM inputs")) == 0


def test_a_database_that_is_no_database_is_away(tmp_path: Path) -> None:
    (tmp_path / "folder.db").mkdir()
    with pytest.raises(DatabaseAwayError):
        Database(f"sqlite:///{tmp_path}/folder.db").check()


def test_a_database_in_memory_is_refused_because_workers_share_it() -> None:
    with pytest.raises(ValueError, match="expected a file"):
        Database("sqlite://")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write into a read-only file")
def test_a_read_only_database_is_away_for_writers(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    Database(f"sqlite:///{path}").migrate()
    path.chmod(0o400)
    with pytest.raises(DatabaseAwayError), Database(f"sqlite:///{path}").writing():
        pass
