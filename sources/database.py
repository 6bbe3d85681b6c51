"""Read tables from a PostgreSQL database, all of them as they were at one moment."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Text,
    cast,
    column,
    create_engine,
    exc,
    func,
    inspect,
    literal_column,
    make_url,
    select,
)
from sqlalchemy import table as sql_table
from sqlalchemy.engine import URL

from sources.clock import BEIJING_NAME
from sources.contracts import Table
from sources.found import Found
from sources.mapped import mapped
from sources.mapping import SourceMapping
from sources.readers.folder import ALL_TABLES, Folder, judged
from sources.validation import UnusableTableError

POSTGRESQL = ("postgresql", "postgres", "postgresql+psycopg")
CONNECT_SECONDS = 10
ROWS_AT_A_TIME = 50_000
CATALOGUE = "information_schema"
NO_VALUES = ("ARRAY", "bytea", "json", "jsonb", "xml")
"""Types whose text is no value of a contract."""


def read_database(url: str, *, today: dt.date, schema: str = "public", mapping: SourceMapping | None = None) -> Folder:
    """Read and validate every table or view of a contract's name.

    Everything is read in one read-only transaction at REPEATABLE READ, so that all tables are of one moment.

    Args:
        url: SQLAlchemy URL such as `postgresql+psycopg://user:password@host/name`.
        today: rows dated later are rejects.
        schema: schema of the database that holds the tables.
        mapping: how the tables' own columns become those of the contracts.

    Raises:
        UnusableTableError: the URL is none of PostgreSQL, the database does not answer, it has no such table, or a
            table's columns do not fit its contract. The password is never part of the line.
    """
    return judge_database(url, today=today, schema=schema, mapping=mapping).or_error()


def judge_database(url: str, *, today: dt.date, schema: str = "public", mapping: SourceMapping | None = None) -> Folder:
    """As `read_database`, but a table that cannot be used is told in `Folder.unusable`, beside the others.

    Raises:
        UnusableTableError: the URL is none of PostgreSQL, the database does not answer, or it has no such table.
    """
    parsed = _parsed(url)
    shown = f"{parsed.drivername}://{parsed.host or ''}/{parsed.database or ''}"
    with _connected(parsed, shown) as connection:
        inspected = inspect(connection)
        there = {*inspected.get_table_names(schema), *inspected.get_view_names(schema)}
        readers = {
            name: partial(_found, connection, schema, table, mapping)
            for name, table in ALL_TABLES.items()
            if name in there
        }
        return judged(f"{shown}, schema {schema}", readers, today=today)


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (exc.ArgumentError, ValueError):
        raise UnusableTableError("got a database URL that cannot be read; expected postgresql+psycopg://…") from None
    if parsed.drivername not in POSTGRESQL:
        raise UnusableTableError(
            f"got a database URL of {parsed.drivername}, expected postgresql+psycopg://user:password@host/name"
        )
    return parsed.set(drivername="postgresql+psycopg")


@contextmanager
def _connected(url: URL, shown: str) -> Iterator[Connection]:
    engine = create_engine(
        url,
        isolation_level="REPEATABLE READ",
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "application_name": "xinpei",
            "options": "-c DateStyle=ISO,YMD",
        },
    )
    try:
        with engine.connect() as connection:
            yield connection.execution_options(postgresql_readonly=True, stream_results=True)
    except exc.SQLAlchemyError as error:
        raise UnusableTableError(f"{shown}: {_said(error, url)}") from None
    finally:
        engine.dispose()


def _said(error: exc.SQLAlchemyError, url: URL) -> str:
    """What the database said, without what must stay secret."""
    cause = error.orig if isinstance(error, exc.DBAPIError) and error.orig else error
    line = next(iter(str(cause).splitlines()), type(cause).__name__)
    secrets = [url.password, *(value for key, value in url.query.items() if "pass" in key.lower())]
    for secret in secrets:
        if secret:
            line = line.replace(str(secret), "…")
    return line


def _found(connection: Connection, schema: str, table: Table, mapping: SourceMapping | None) -> Found:
    try:
        rows = _rows(connection, schema, table)
    except exc.SQLAlchemyError as error:
        raise UnusableTableError(f"{table.name}: {_said(error, connection.engine.url)}") from None
    if mapping is None:
        return Found.whole(rows)
    return mapped(table, mapping.table(table.name), [(Path(schema, table.name), Found.whole(rows))])


def _rows(connection: Connection, schema: str, table: Table) -> pl.DataFrame:
    """Every row, its values as text: so no number is rounded, and a value that only PostgreSQL knows costs its row."""
    held = _held(connection, schema, table.name)
    foreign = [name for name, sql_type in held.items() if sql_type in NO_VALUES]
    if foreign:
        raise UnusableTableError(f"{table.name}: column {foreign[0]!r} holds {held[foreign[0]]}, expected plain values")
    columns = [_as_text(name, sql_type).label(name) for name, sql_type in held.items()]
    batches: Iterator[pl.DataFrame] = pl.read_database(
        select(*columns).select_from(sql_table(table.name, schema=schema)),
        connection,
        iter_batches=True,
        batch_size=ROWS_AT_A_TIME,
        schema_overrides=dict.fromkeys(held, pl.String),
    )
    return pl.concat([pl.DataFrame(schema=dict.fromkeys(held, pl.String)), *batches])


def _held(connection: Connection, schema: str, name: str) -> dict[str, str]:
    """Column → type, as PostgreSQL calls it."""
    told = sql_table("columns", *map(column, ("column_name", "data_type", "ordinal_position")), schema=CATALOGUE)
    of_table = (literal_column("table_schema") == schema) & (literal_column("table_name") == name)
    found = connection.execute(
        select(told.c.column_name, told.c.data_type).where(of_table).order_by(told.c.ordinal_position)
    )
    return {str(column_name): str(data_type) for column_name, data_type in found}


def _as_text(name: str, sql_type: str) -> ColumnElement[str]:
    value: ColumnElement[Any] = column(name)
    match sql_type:
        case "numeric":
            value = func.trim_scale(value)
        case "timestamp without time zone":
            value = cast(value, Date)
        case "timestamp with time zone":
            value = cast(func.timezone(BEIJING_NAME, value), Date)
    return cast(value, Text)
