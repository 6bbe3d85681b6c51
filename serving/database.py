"""One database for all workers: connections, transactions, migrations. SQLite or PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc, make_url, text

MIGRATIONS = Path(__file__).parent / "migrations"

BUSY_MILLISECONDS = 10_000
"""How long a SQLite connection waits for another writer before it gives up."""

WRITERS_LOCK = 7_265_412_901
"""Name of the PostgreSQL advisory lock that writers hold, one at a time: the chain has one end."""

WRITES = "xinpei_writes"


class DatabaseAwayError(Exception):
    """The database cannot be reached or does not take the statement now; trying later may help."""


class Database:
    """Transactions over one database.

    Args:
        url: SQLAlchemy URL, such as `sqlite:///var/xinpei.db` or `postgresql+psycopg://host/name`.
    """

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database and changes nothing.

        Raises:
            DatabaseAwayError: the database does not answer.
        """
        with _errors_named(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that no other writer of any process runs beside; on disk when the block has ended.

        Raises:
            DatabaseAwayError: the database does not answer, or another writer held it too long.
        """
        with _errors_named(), self._engine.connect() as connection:
            writer = connection.execution_options(**{WRITES: True})
            with writer.begin():
                if writer.dialect.name == "postgresql":
                    writer.execute(text("SELECT pg_advisory_xact_lock(:name)"), {"name": WRITERS_LOCK})
                yield writer

    def migrate(self) -> None:
        """Bring the tables to the newest revision; of several processes at once, one works and the others wait.

        Raises:
            DatabaseAwayError: the database does not answer.
            alembic.util.CommandError: the database was migrated by a newer version of this program.
        """
        from alembic import command  # noqa: PLC0415 - half of a second that only a start needs
        from alembic.config import Config  # noqa: PLC0415

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        with self.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def check(self) -> None:
        """Ask the database for a sign of life.

        Raises:
            DatabaseAwayError: it does not answer.
        """
        with self.reading() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        self._engine.dispose()


@contextmanager
def _errors_named() -> Iterator[None]:
    try:
        yield
    except (exc.OperationalError, exc.InterfaceError, exc.TimeoutError) as error:
        raise DatabaseAwayError(type(error).__name__) from error


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True)
    if not parsed.database or parsed.database == ":memory:":
        raise ValueError(f"got database {url!r}, expected a file: several workers share it")
    Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    # The driver would otherwise open transactions of its own kind and commit before every CREATE.
    connection.isolation_level = None
    for pragma in (f"busy_timeout={BUSY_MILLISECONDS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes the lock at once: a reader that turned into one could find its state outdated and fail."""
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
