import polars as pl
import pytest
from polars.testing import assert_frame_equal
from samples import TODAY, invoice_frame

from sources.readers import read_folder
from sources.validation import UnusableTableError, no_rejects
from sources.writers import write_folder


@pytest.fixture
def invoices(simple_invoice):
    return invoice_frame([{**simple_invoice, "number": str(n)} for n in range(5)])


def test_what_is_written_is_read_back(tmp_path, invoices):
    write_folder(tmp_path, {"vat_invoices": invoices}, no_rejects())
    assert_frame_equal(read_folder(tmp_path, today=TODAY).records.vat_invoices, invoices)


def test_csv_gives_the_same_rows_as_parquet(tmp_path, invoices):
    invoices.write_csv(tmp_path / "vat_invoices.csv")
    assert_frame_equal(read_folder(tmp_path, today=TODAY).records.vat_invoices, invoices)


def test_a_table_may_be_a_folder_of_files(tmp_path, invoices):
    (tmp_path / "vat_invoices").mkdir()
    for part in range(2):
        invoices[part * 3 : part * 3 + 3].write_parquet(tmp_path / "vat_invoices" / f"{part}.parquet")
    assert_frame_equal(read_folder(tmp_path, today=TODAY).records.vat_invoices, invoices)


def test_one_bad_csv_row_costs_only_itself(tmp_path, invoices):
    text = invoices.with_columns(pl.all().cast(pl.String)).with_columns(
        net_fen=pl.when(pl.col("number") == "3").then(pl.lit("abc")).otherwise("net_fen")
    )
    text.write_csv(tmp_path / "vat_invoices.csv")
    folder = read_folder(tmp_path, today=TODAY)
    assert folder.records.vat_invoices["number"].to_list() == ["0", "1", "2", "4"]
    assert folder.rejects.rows() == [("vat_invoices", 3, "net_fen:type", "net_fen abc")]
    assert folder.given == {"vat_invoices": 5}


def test_the_same_table_in_two_forms_is_refused(tmp_path, invoices):
    invoices.write_csv(tmp_path / "vat_invoices.csv")
    invoices.write_parquet(tmp_path / "vat_invoices.parquet")
    with pytest.raises(UnusableTableError, match="expected one form of each table"):
        read_folder(tmp_path, today=TODAY)


@pytest.mark.parametrize("content", [b"", b"\x00\x01 not parquet"])
def test_a_broken_file_is_named(tmp_path, content):
    (tmp_path / "vat_invoices.parquet").write_bytes(content)
    with pytest.raises(UnusableTableError, match=r"vat_invoices\.parquet: cannot be read"):
        read_folder(tmp_path, today=TODAY)


def test_an_empty_csv_is_named(tmp_path):
    (tmp_path / "vat_invoices.csv").write_text("")
    with pytest.raises(UnusableTableError, match=r"vat_invoices\.csv: cannot be read"):
        read_folder(tmp_path, today=TODAY)


def test_a_folder_without_tables_is_refused(tmp_path):
    with pytest.raises(UnusableTableError, match="no table found"):
        read_folder(tmp_path, today=TODAY)


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(UnusableTableError, match="expected a folder with tables"):
        read_folder(tmp_path / "nowhere", today=TODAY)
