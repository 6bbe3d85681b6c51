"""Tables of a real PostgreSQL give the records that the same rows give from files."""

import threading

import polars as pl
import pytest
import sqlalchemy as sa
from polars.testing import assert_frame_equal
from samples import TODAY, invoice_frame

from sources import database as reading
from sources.mapping import load_mapping
from sources.readers import UnusableTableError, read_source

DDL = """
CREATE TYPE side AS ENUM ('issued', 'received');
CREATE TABLE vat_invoices (
    enterprise_id char(18), direction side, code varchar(12), number text, issued_on timestamptz, counterparty text,
    net_fen numeric(18, 2), vat_fen bigint, voided_on date, red_letter_of text, known_on timestamp
);
"""


def text(url):
    return url.render_as_string(hide_password=False)


def run(url, *statements):
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(statement if not isinstance(statement, str) else sa.text(statement))
    engine.dispose()


@pytest.fixture
def invoices(simple_invoice):
    return invoice_frame([{**simple_invoice, "number": str(n)} for n in range(5)])


@pytest.fixture
def filled(database, invoices):
    """A database whose types are not those of the contract, with five invoices."""
    run(database, DDL)
    engine = sa.create_engine(database)
    insert = sa.text(
        "INSERT INTO vat_invoices VALUES (:enterprise_id, CAST(:direction AS side), :code, :number, :issued_on, "
        ":counterparty, :net_fen, :vat_fen, :voided_on, :red_letter_of, :known_on)"
    )
    with engine.begin() as connection:
        connection.execute(sa.text("SET TIME ZONE 'Asia/Shanghai'"))
        connection.execute(insert, invoices.with_columns(pl.col("direction").cast(pl.String)).to_dicts())
    engine.dispose()
    return database


def test_a_table_gives_the_rows_that_a_file_gives(filled, invoices):
    folder = read_source(text(filled), today=TODAY)
    assert_frame_equal(folder.records.vat_invoices, invoices)
    assert folder.given == {"vat_invoices": 5}


def test_a_view_will_do(filled, invoices):
    run(filled, "ALTER TABLE vat_invoices RENAME TO raw", "CREATE VIEW vat_invoices AS SELECT * FROM raw")
    assert read_source(text(filled), today=TODAY).records.vat_invoices.height == invoices.height


def test_values_that_only_postgresql_knows_cost_their_rows(filled):
    run(
        filled,
        "UPDATE vat_invoices SET net_fen = 'NaN' WHERE number = '1'",
        "UPDATE vat_invoices SET net_fen = 10000.50 WHERE number = '2'",
        "UPDATE vat_invoices SET voided_on = 'infinity' WHERE number = '3'",
    )
    folder = read_source(text(filled), today=TODAY)
    assert sorted(folder.records.vat_invoices["number"]) == ["0", "4"]
    assert sorted(folder.rejects["value"]) == ["net_fen 10000.5", "net_fen NaN", "voided_on infinity"]


def test_an_empty_table_was_given(database):
    run(database, DDL)
    assert read_source(text(database), today=TODAY).records.vat_invoices.height == 0


def test_an_unknown_column_is_refused_as_in_a_file(filled):
    run(filled, "ALTER TABLE vat_invoices ADD COLUMN memo text")
    with pytest.raises(UnusableTableError, match="unknown column 'memo'"):
        read_source(text(filled), today=TODAY)


def test_a_column_of_no_plain_values_is_named(filled):
    run(filled, "ALTER TABLE vat_invoices ADD COLUMN risk jsonb")
    with pytest.raises(UnusableTableError, match="column 'risk' holds jsonb"):
        read_source(text(filled), today=TODAY)


def test_a_table_that_cannot_be_used_does_not_cost_the_others(filled):
    run(filled, "CREATE TABLE registry (name text)")
    folder = reading.judge_database(text(filled), today=TODAY)
    assert list(folder.unusable) == ["registry"]
    assert folder.records.vat_invoices.height == 5


def test_a_mapping_serves_a_database_too(filled, tmp_path):
    run(filled, 'ALTER TABLE vat_invoices RENAME COLUMN net_fen TO "金额"')
    own = tmp_path / "own.toml"
    own.write_text('[tables.vat_invoices.columns]\nnet_fen = { from = "金额", unit = "yuan" }\n', "utf-8")
    folder = reading.read_database(text(filled), today=TODAY, mapping=load_mapping(own))
    assert folder.records.vat_invoices["net_fen"].unique().to_list() == [1_000_000]


def test_another_schema_can_be_read(filled):
    run(filled, "CREATE SCHEMA other", "ALTER TABLE vat_invoices SET SCHEMA other")
    assert reading.read_database(text(filled), today=TODAY, schema="other").records.vat_invoices.height == 5
    with pytest.raises(UnusableTableError, match="no table found"):
        reading.read_database(text(filled), today=TODAY)


def test_all_tables_are_of_one_moment(filled, monkeypatch):
    """Rows that another session adds after the first table was read are not in the second."""
    run(filled, "CREATE TABLE registry (enterprise_id text, known_on date)")
    original = reading._rows

    def and_then_somebody_writes(connection, schema, table):
        rows = original(connection, schema, table)
        if table.name == "registry":
            writer = threading.Thread(target=run, args=(filled, "DELETE FROM vat_invoices"))
            writer.start()
            writer.join()
        return rows

    monkeypatch.setattr(reading, "_rows", and_then_somebody_writes)
    assert read_source(text(filled), today=TODAY).records.vat_invoices.height == 5
    monkeypatch.undo()
    assert read_source(text(filled), today=TODAY).records.vat_invoices.height == 0


def test_nothing_can_be_written(filled):
    url = sa.make_url(text(filled))
    with (
        pytest.raises(UnusableTableError, match="read-only transaction"),
        reading._connected(url, "shown") as connection,
    ):
        connection.execute(sa.text("DELETE FROM vat_invoices"), execution_options={"stream_results": False})


@pytest.mark.parametrize("url", ["sqlite:///some.db", "mysql://u:geheim@host/db", "https://host/data"])
def test_another_kind_of_database_is_refused(url):
    with pytest.raises(UnusableTableError, match=r"expected postgresql\+psycopg://") as error:
        read_source(url, today=TODAY)
    assert "geheim" not in str(error.value)


@pytest.mark.parametrize("password", ["geheim", "ge%40heim", "geheim?sslpassword=geheim"])
def test_a_password_is_never_told(password):
    with pytest.raises(UnusableTableError) as error:
        read_source(f"postgresql://somebody:{password}@127.0.0.1:9/db", today=TODAY)
    assert "127.0.0.1" in str(error.value)
    assert "heim" not in str(error.value)
    assert error.value.__cause__ is None


def test_many_batches_are_one_table(filled, monkeypatch, invoices):
    monkeypatch.setattr(reading, "ROWS_AT_A_TIME", 2)
    assert_frame_equal(read_source(text(filled), today=TODAY).records.vat_invoices, invoices)
