import datetime as dt

import polars as pl
import pytest
import xlsxwriter
from polars.testing import assert_frame_equal
from samples import TODAY

from sources.codes import is_valid_code
from sources.importers.cumcm2020c import AS_OF, import_folder
from sources.validation import UnusableTableError

DAY = dt.datetime(2019, 5, 6)  # noqa: DTZ001 - the source's days have no zone


def invoice_sheet(counterparty_column, rows):
    names = ["企业代号", "发票号码", "开票日期", counterparty_column, "金额", "税额", "价税合计", "发票状态"]
    return pl.DataFrame(rows, schema=names, orient="row")


@pytest.fixture
def sheets():
    return {
        "企业信息": pl.DataFrame(
            {
                "企业代号": ["E1", "E2"],
                "企业名称": ["***商贸有限公司", "个体经营E2"],
                "信誉评级": ["A", "D"],
                "是否违约": ["否", "是"],
            }
        ),
        "进项发票信息": invoice_sheet("销方单位代号", [("E1", "11", DAY, "A1", 100.0, 13.0, 113.0, "有效发票")]),
        "销项发票信息": invoice_sheet(
            "购方单位代号",
            [
                ("E1", "21", DAY, "B1", 200.0, 26.0, 226.0, "有效发票"),
                ("E1", "21", DAY, "B1", 200.0, 26.0, 226.0, "有效发票"),
                ("E2", "22", DAY, "B1", -9.9, -0.1, -10.0, " 作废发票"),
                ("E2", "23", DAY, "B1", 9.0, 1.0, 11.0, "有效发票"),
                ("X2", "24", DAY, "B1", 9.0, 1.0, 10.0, "有效发票"),
                ("E2", "25", DAY, "B1", 9.0, 1.0, 10.0, "不明"),
                ("E2", "26", DAY, "B1", -9.0, 1.0, -8.0, "有效发票"),
            ],
        ),
    }


PARQUET = {"企业信息": "enterprises", "进项发票信息": "input_invoices", "销项发票信息": "output_invoices"}


@pytest.fixture
def parquet_folder(tmp_path, sheets):
    folder = tmp_path / "parquet"
    folder.mkdir()
    for name, frame in sheets.items():
        frame.write_parquet(folder / f"a1_{PARQUET[name]}.parquet")
    return folder


def test_rows_are_accepted_or_rejected_with_their_rule_and_place(parquet_folder):
    imported = import_folder(parquet_folder, today=TODAY)
    assert imported.rejects.select("table", "row", "rule").rows() == [
        ("a1 销项发票信息", 1, "duplicate"),
        ("a1 销项发票信息", 3, "gross_is_net_plus_vat"),
        ("a1 销项发票信息", 4, "enterprise_number"),
        ("a1 销项发票信息", 5, "status"),
        ("a1 销项发票信息", 6, "net_and_vat_sign"),
    ]
    assert imported.tables["vat_invoices"].height + imported.rejects.height == sum(imported.source_rows.values())


def test_a_void_with_a_stray_blank_is_a_void_of_the_day_of_issue(parquet_folder):
    invoices = import_folder(parquet_folder, today=TODAY).tables["vat_invoices"]
    assert invoices.filter(number="22").select("net_fen", "vat_fen", "voided_on").row(0) == (-990, -10, DAY.date())


def test_codes_are_well_formed_stable_and_searchable_by_the_old_number(parquet_folder):
    registry = import_folder(parquet_folder, today=TODAY).tables["registry"]
    assert registry["alias"].to_list() == ["E1", "E2"]
    assert registry["enterprise_id"].to_list() == ["Y1100000CM0000016U", "Y1100000CM0000024N"]
    assert all(map(is_valid_code, registry["enterprise_id"]))
    assert registry["legal_form"].to_list() == ["limited_company", "individual_household"]


def test_names_and_the_banks_rating_are_nowhere_in_the_tables(parquet_folder):
    for frame in import_folder(parquet_folder, today=TODAY).tables.values():
        text = frame.write_csv()
        assert "商贸" not in text
        assert "信誉" not in text


def test_labels_are_of_the_day_after_the_data(parquet_folder):
    labels = import_folder(parquet_folder, today=TODAY).tables["labels"]
    assert labels.select("as_of", "defaulted", "window").rows() == [
        (AS_OF, False, "undated"),
        (AS_OF, True, "undated"),
    ]


def test_the_contests_own_workbooks_give_the_same_tables(tmp_path, sheets, parquet_folder):
    with xlsxwriter.Workbook(tmp_path / "a1.xlsx") as workbook:
        for name, frame in sheets.items():
            frame.write_excel(workbook, name, dtype_formats={pl.Datetime: "yyyy-mm-dd"})
    from_workbook = import_folder(tmp_path, today=TODAY)
    from_parquet = import_folder(parquet_folder, today=TODAY)
    for name, frame in from_parquet.tables.items():
        assert_frame_equal(from_workbook.tables[name], frame)
    assert_frame_equal(from_workbook.rejects, from_parquet.rejects)


def test_a_folder_without_the_sheets_is_refused(tmp_path):
    with pytest.raises(UnusableTableError, match="got no sheet of the contest"):
        import_folder(tmp_path, today=TODAY)


def test_a_missing_sheet_is_named(parquet_folder):
    (parquet_folder / "a1_input_invoices.parquet").unlink()
    with pytest.raises(UnusableTableError, match=r"a1_input_invoices\.parquet: not found"):
        import_folder(parquet_folder, today=TODAY)


def test_a_missing_column_is_named(parquet_folder):
    path = parquet_folder / "a1_output_invoices.parquet"
    pl.read_parquet(path).drop("税额").write_parquet(path)
    with pytest.raises(UnusableTableError, match="column '税额' is missing"):
        import_folder(parquet_folder, today=TODAY)


def test_the_real_data_leaves_the_published_numbers_of_distinct_rows(real_data):
    imported = import_folder(real_data, today=TODAY)
    duplicates = imported.rejects.filter(rule="duplicate")
    for attachment, given, distinct in (("a1", 373_431, 368_192), ("a2", 726_010, 719_584)):
        copies = duplicates.filter(pl.col("table").str.starts_with(attachment)).height
        source = sum(rows for sheet, rows in imported.source_rows.items() if sheet.startswith(attachment))
        assert (source, source - copies) == (given, distinct)
    assert imported.tables["vat_invoices"].height + imported.rejects.height == 1_099_441
    assert imported.tables["registry"].height == 425
    assert imported.tables["labels"]["defaulted"].sum() == 27


INPUT = "a1_input_invoices.parquet"


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("发票状态", pl.lit(None, dtype=pl.String), "status"),
        ("企业代号", pl.lit("E1７"), "enterprise_number"),
        ("税额", pl.lit(None, dtype=pl.Float64), "vat_fen:nullability"),
    ],
)
def test_what_a_cell_does_not_say_is_a_reject(parquet_folder, column, value, rule):
    pl.read_parquet(parquet_folder / INPUT).with_columns(value.alias(column)).write_parquet(parquet_folder / INPUT)
    rejects = import_folder(parquet_folder, today=TODAY).rejects
    assert rejects.filter(table="a1 进项发票信息")["rule"].to_list() == [rule]


@pytest.mark.parametrize("column", ["金额", "开票日期"])
def test_a_column_of_another_type_is_named(parquet_folder, column):
    pl.read_parquet(parquet_folder / INPUT).with_columns(pl.lit("x").alias(column)).write_parquet(
        parquet_folder / INPUT
    )
    with pytest.raises(UnusableTableError, match=f"a1 进项发票信息: column '{column}' holds String"):
        import_folder(parquet_folder, today=TODAY)


@pytest.mark.parametrize("name", [INPUT, "a1.xlsx"])
def test_a_broken_file_is_one_clear_error(tmp_path, parquet_folder, name):
    folder = parquet_folder if name == INPUT else tmp_path
    (folder / name).write_text("broken")
    with pytest.raises(UnusableTableError, match="an attachment cannot be read"):
        import_folder(folder, today=TODAY)


def test_an_odd_enterprise_or_answer_is_a_reject(parquet_folder):
    path = parquet_folder / "a1_enterprises.parquet"
    odd = {"企业代号": ["X1", "E9"], "企业名称": ["", ""], "信誉评级": ["A", "A"], "是否违约": ["否", "也许"]}
    pl.concat([pl.read_parquet(path), pl.DataFrame(odd)]).write_parquet(path)
    imported = import_folder(parquet_folder, today=TODAY)
    assert imported.rejects.filter(table="registry")["rule"].to_list() == ["enterprise_id:nullability"]
    assert sorted(imported.rejects.filter(table="labels")["rule"]) == ["defaulted:type", "enterprise_id:nullability"]
    assert imported.tables["labels"].height == 2
