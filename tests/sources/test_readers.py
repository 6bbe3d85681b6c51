import datetime as dt

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from samples import ENTERPRISES, TODAY, invoice_frame

from sources.contracts import CONSENTS
from sources.readers import judge_source, read_folder, read_source
from sources.readers.folder import combined
from sources.readers.source import LAKE_FILE
from sources.readers.summary import summarise
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


HEADER = "enterprise_id,direction,number,issued_on,counterparty,net_fen,vat_fen"
GOOD = f"{ENTERPRISES[0]},issued,{{number}},2026-01-10,c,100,13"


def csv(folder, *lines, encoding="utf-8", name="vat_invoices.csv"):
    (folder / name).write_bytes("\n".join([*lines, ""]).encode(encoding))


def good(number):
    return GOOD.format(number=number)


def test_a_line_with_too_few_or_too_many_fields_costs_only_itself(tmp_path):
    """Rows are counted from 0 below the header; the empty line is no row."""
    csv(tmp_path, HEADER, good(1), "a,b", "", good(2), good(3) + ",more", good(4))
    folder = read_folder(tmp_path, today=TODAY)
    assert folder.records.vat_invoices["number"].to_list() == ["1", "2", "4"]
    assert folder.rejects.rows() == [
        ("vat_invoices", 1, "fields", "2 fields instead of 7: a,b"),
        ("vat_invoices", 3, "fields", f"8 fields instead of 7: {good(3)},more"),
    ]
    assert folder.given == {"vat_invoices": 5}


def test_a_reject_after_a_ragged_line_keeps_its_place(tmp_path):
    csv(tmp_path, HEADER, "a,b", good(1), good(2).replace("100", "x"))
    assert read_folder(tmp_path, today=TODAY).rejects.select("row", "rule").rows() == [
        (0, "fields"),
        (2, "net_fen:type"),
    ]


def test_rows_of_several_files_are_counted_on(tmp_path):
    (tmp_path / "vat_invoices").mkdir()
    csv(tmp_path / "vat_invoices", HEADER, good(1), "a,b", name="1.csv")
    csv(tmp_path / "vat_invoices", HEADER, good(2), good(3).replace("100", "x"), name="2.csv")
    folder = read_folder(tmp_path, today=TODAY)
    assert folder.rejects.select("row", "rule").rows() == [(1, "fields"), (3, "net_fen:type")]
    assert folder.given == {"vat_invoices": 4}


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path):
    csv(tmp_path, HEADER, good(1), encoding="utf-8-sig")
    assert read_folder(tmp_path, today=TODAY).records.vat_invoices.height == 1


def test_a_header_alone_is_an_empty_table(tmp_path):
    csv(tmp_path, HEADER)
    assert read_folder(tmp_path, today=TODAY).records.vat_invoices.height == 0


def test_quoted_fields_may_hold_commas_and_line_breaks(tmp_path):
    csv(tmp_path, HEADER, good(1).replace(",c,", ',"a, ""b""\nc",'))
    assert read_folder(tmp_path, today=TODAY).records.vat_invoices["counterparty"].to_list() == ['a, "b"\nc']


@pytest.mark.parametrize("line", [1, 3])
def test_another_encoding_is_named_with_its_line_and_the_way_out(tmp_path, line):
    lines = [HEADER, good(1), good(2)]
    lines[line - 1] = lines[line - 1].replace("counterparty", "对方").replace(",c,", ",对方,")
    csv(tmp_path, *lines, encoding="gb18030")
    with pytest.raises(
        UnusableTableError, match=f'line {line} is not UTF-8. If the file is GB18030.*encoding = "gb18030"'
    ):
        read_folder(tmp_path, today=TODAY)


def test_utf_16_is_named(tmp_path):
    csv(tmp_path, HEADER, good(1), encoding="utf-16")
    with pytest.raises(UnusableTableError, match="got UTF-16, expected UTF-8 or GB18030"):
        read_folder(tmp_path, today=TODAY)


def test_a_column_given_twice_is_named(tmp_path):
    csv(tmp_path, HEADER + ",number", good(1) + ",1")
    with pytest.raises(UnusableTableError, match="column 'number' 2 times"):
        read_folder(tmp_path, today=TODAY)


def test_a_comma_at_the_end_of_every_line_is_no_column(tmp_path):
    csv(tmp_path, HEADER + ",", good(1) + ",")
    assert read_folder(tmp_path, today=TODAY).records.vat_invoices.height == 1


def test_consents_go_with_the_records_and_labels_lie_beside(tmp_path, invoices):
    day = dt.date(2026, 1, 1)
    consent = {"enterprise_id": ENTERPRISES[0], "block": "invoice", "granted_on": day, "known_on": day}
    label = {"enterprise_id": ENTERPRISES[0], "as_of": day, "defaulted": False, "window": "undated", "known_on": day}
    invoices.write_parquet(tmp_path / "vat_invoices.parquet")
    pl.DataFrame([consent]).write_csv(tmp_path / "consents.csv")
    pl.DataFrame([label]).write_csv(tmp_path / "labels.csv")
    folder = read_folder(tmp_path, today=TODAY)
    assert folder.records.consents["block"].to_list() == ["invoice"]
    assert folder.labels["defaulted"].to_list() == [False]
    assert list(folder.aside) == ["consents", "labels"]
    assert folder.records.lacking_consent("invoice", day).to_list() == [False]


def test_consents_that_cannot_be_read_permit_nothing(tmp_path, invoices):
    invoices.write_parquet(tmp_path / "vat_invoices.parquet")
    (tmp_path / "consents.csv").write_text("who\nme\n")
    folder = judge_source(tmp_path, today=TODAY)
    assert list(folder.unusable) == ["consents"]
    assert folder.records.consents.height == 0
    assert folder.records.known_by(TODAY).vat_invoices.height == 0


def test_a_table_that_cannot_be_used_is_told_beside_the_others(tmp_path, invoices):
    invoices.write_parquet(tmp_path / "vat_invoices.parquet")
    (tmp_path / "registry.csv").write_text("")
    folder = judge_source(tmp_path, today=TODAY)
    assert folder.records.vat_invoices.height == 5
    assert "registry.csv: cannot be read (it is empty" in folder.unusable["registry"]
    with pytest.raises(UnusableTableError, match="registry"):
        read_source(tmp_path, today=TODAY)


def test_files_that_are_no_table_are_told(tmp_path, invoices):
    invoices.write_parquet(tmp_path / "vat_invoices.parquet")
    invoices.write_csv(tmp_path / "invoices.csv")
    assert read_folder(tmp_path, today=TODAY).unread == ("invoices.csv",)


def test_folders_of_different_enterprises_make_one(tmp_path, invoices):
    other = invoices.with_columns(enterprise_id=pl.lit(ENTERPRISES[1]))
    for name, rows in (("a", invoices), ("b", pl.concat([other, other[:1]]))):
        write_folder(tmp_path / name, {"vat_invoices": rows}, no_rejects())
    both = combined(read_folder(tmp_path / name, today=TODAY) for name in ("a", "b"))
    assert both.records.enterprises.to_list() == sorted(ENTERPRISES)
    assert (both.given["vat_invoices"], both.rejects.height) == (11, 1)


def test_a_lake_is_read_as_one_folder(tmp_path, invoices):
    lake = pytest.importorskip("sources.lake")
    other = invoices.with_columns(enterprise_id=pl.lit(ENTERPRISES[1]))
    write_folder(tmp_path / "plain", {"vat_invoices": pl.concat([invoices, other])}, no_rejects())
    folder = read_source(tmp_path / "plain", today=TODAY)
    lake.write_lake(tmp_path / "lake", folder, buckets=3, today=TODAY)
    assert (tmp_path / "lake" / LAKE_FILE).is_file()
    again = read_source(tmp_path / "lake", today=TODAY)
    assert_frame_equal(again.records.vat_invoices, folder.records.vat_invoices, check_row_order=False)
    with pytest.raises(UnusableTableError, match="mapping for a lake"):
        read_source(tmp_path / "lake", mapping="chinese", today=TODAY)


def test_a_summary_adds_up(tmp_path):
    csv(tmp_path, HEADER, good(1), good(1), good(2).replace("100", "x"), good(3))
    summary = summarise(read_folder(tmp_path, today=TODAY))
    (table,) = summary.tables
    assert (table.given, table.accepted, dict(table.rejected)) == (4, 2, {"duplicate": 1, "net_fen:type": 1})
    assert table.happened == (dt.date(2026, 1, 10), dt.date(2026, 1, 10))
    covered = {block.name: (block.enterprises, block.share, block.is_missing) for block in summary.blocks}
    assert covered["invoice"] == (1, 1.0, False)
    assert covered["tax"] == (0, 0.0, True)


def test_a_consent_table_alone_is_no_data(tmp_path):
    CONSENTS.empty().write_csv(tmp_path / "consents.csv")
    with pytest.raises(UnusableTableError, match="no table found"):
        read_folder(tmp_path, today=TODAY)
