"""Mapping files: what they may say, and that files read through one give what the tables under contract give."""

import datetime as dt
import re
import tempfile
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal, assert_series_equal
from samples import ENTERPRISES, TODAY

from sources.contracts import TABLES
from sources.conversion import moved_point
from sources.mapped import mapped
from sources.mapping import MappingMistakesError, load_mapping, shipped, units_of
from sources.readers import UnusableTableError, read_folder, read_source
from sources.readers.files import read_file
from sources.readers.folder import ALL_TABLES

SELLER, BUYER = ENTERPRISES
HEADERS = (
    "序号", "发票代码", "发票号码", "数电发票号码", "销方识别号", "销方名称", "购方识别号", "购买方名称",
    "开票日期", "税收分类编码", "特定业务类型", "货物或应税劳务名称", "规格型号", "单位", "数量", "单价", "金额",
    "税率", "税额", "价税合计", "发票来源", "发票票种", "发票状态", "是否正数发票", "发票风险等级", "开票人",
    "备注",
)  # fmt: skip


def written(folder, name, text):
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def mistakes(tmp_path, text):
    with pytest.raises(MappingMistakesError) as error:
        load_mapping(written(tmp_path, "own.toml", text))
    return list(error.value.lines)


def registry(tmp_path, columns, csv, **options):
    """What a registry of one header line and some rows becomes, and its rejects."""
    lines = [f"{name} = {value}" for name, value in options.items()]
    text = "\n".join(["[tables.registry]", *lines, "[tables.registry.columns]", *columns])
    mapping = written(tmp_path, "own.toml", text)
    written(tmp_path, "registry.csv", csv)
    return read_source(tmp_path, mapping=mapping, today=TODAY)


def capital(tmp_path, unit, *texts):
    rows = [f'{SELLER},2020-01-{day:02},"{text}"' for day, text in enumerate(texts, start=1)]
    folder = registry(
        tmp_path,
        [f'registered_capital_fen = {{ from = "资本", unit = "{unit}" }}'],
        "\n".join(["enterprise_id,known_on,资本", *rows]),
    )
    return folder.records.registry["registered_capital_fen"].to_list(), folder.rejects["rule"].to_list()


@pytest.mark.parametrize(
    ("unit", "text", "fen"),
    [
        ("wan", "12.3456", 12_345_600),
        ("wan", "0.000001", 1),
        ("yuan", "0.29", 29),
        ("yuan", "1,234,567.8", 123_456_780),
        ("yuan", "¥1,000.00", 100_000),
        ("yuan", "１２．５０　", 1_250),
        ("yuan", ".5", 50),
        ("yuan", "7.", 700),
        ("yuan", "100.100", 10_010),
        ("fen", "5.0", 5),
    ],
)
def test_an_amount_is_moved_to_fen_digit_by_digit(tmp_path, unit, text, fen):
    assert capital(tmp_path, unit, text) == ([fen], [])


@pytest.mark.parametrize("text", ["12.345", "1e3", "12,34", "1,2,3", "十", "12元", "--5", "5-", "NaN", "9" * 20])
def test_an_amount_that_is_none_is_a_reject_and_not_rounded(tmp_path, text):
    assert capital(tmp_path, "yuan", text, "1") == ([100], ["registered_capital_fen:type"])


@pytest.mark.parametrize("text", ["-12.5", "(12.5)", "（12.5）", "－12.5", "\u221212.5", "(¥12.50)"])
def test_a_negative_amount_is_written_in_many_ways(tmp_path, text):
    mapping = written(tmp_path, "own.toml", "[defaults]\nunit = 'yuan'")
    head = "enterprise_id,account,booking,booked_on,sequence,direction,amount_fen,balance_after_fen"
    written(tmp_path, "bank_transactions.csv", f'{head}\n{SELLER},a,1,2026-01-05,,in,1,"{text}"\n')
    rows = read_source(tmp_path, mapping=mapping, today=TODAY).records.bank_transactions
    assert rows["balance_after_fen"].to_list() == [-1_250]


@given(st.integers(-(10**13), 10**13), st.sampled_from([("yuan", 2), ("wan", 6)]))
def test_no_amount_is_changed_on_its_way(fen, unit):
    name, places = unit
    shown = f"{Decimal(fen).scaleb(-places):f}"
    rows = pl.DataFrame({"x": [shown]})
    assert rows.select(moved_point(pl.col("x"), places)).item() == fen
    assert Decimal(shown).scaleb(places) == fen
    assert name in units_of("net_fen")


@pytest.mark.parametrize("unit", ["percent", "bp", "share"])
def test_a_rate_may_be_percent_or_a_share(tmp_path, unit):
    text = {"percent": "3.85%", "bp": "385", "share": "0.0385"}[unit]
    mapping = written(tmp_path, "own.toml", f"[defaults]\nrate_unit = '{unit}'")
    head = "enterprise_id,party,kind,share_bp,since"
    written(tmp_path, "related_parties.csv", f"{head}\n{SELLER},p,shareholder,{text},2020-01-01\n")
    rows = read_source(tmp_path, mapping=mapping, today=TODAY).records.related_parties
    assert rows["share_bp"].to_list() == [385]


@pytest.mark.parametrize(
    "text",
    ["2024-01-31", "2024/1/31", "20240131", "2024年1月31日", "2024.1.31", "２０２４-０１-３１", "2024-01-31 23:59:59"],
)
def test_a_day_is_written_in_many_ways(tmp_path, text):
    folder = registry(tmp_path, [], f"enterprise_id,known_on\n{SELLER},{text}\n")
    assert folder.records.registry["known_on"].to_list() == [dt.date(2024, 1, 31)]


@pytest.mark.parametrize("text", ["2024-02-30", "31/01/2024", "2024-01", "24-01-31", "20240131120000"])
def test_a_text_that_is_no_day_is_a_reject(tmp_path, text):
    folder = registry(tmp_path, [], f"enterprise_id,known_on\n{SELLER},{text}\n")
    assert folder.rejects["rule"].to_list() == ["known_on:type"]


def test_a_format_of_days_can_be_told(tmp_path):
    csv = f"enterprise_id,known_on\n{SELLER},31/01/2024\n{SELLER},2024-02-01\n"
    folder = registry(tmp_path, [], csv, dates='"%d/%m/%Y"')
    assert folder.records.registry["known_on"].to_list() == [dt.date(2024, 1, 31), dt.date(2024, 2, 1)]


@pytest.mark.parametrize("text", ["2024-02", "2024年2月", "202402", "2024/2", "2024-02-01"])
def test_a_month_is_its_first_day(tmp_path, text):
    mapping = written(tmp_path, "own.toml", "")
    head = "enterprise_id,month,headcount,due_fen,declared_on"
    written(tmp_path, "social_insurance.csv", f"{head}\n{SELLER},{text},5,100,2024-03-10\n")
    rows = read_source(tmp_path, mapping=mapping, today=TODAY).records.social_insurance
    assert rows["month"].to_list() == [dt.date(2024, 2, 1)]


def test_chinese_labels_of_the_contract_need_no_map(tmp_path):
    csv = f"enterprise_id,known_on,premises_kind,taxpayer_kind\n{SELLER},2024-01-31,自有,一般纳税人\n"
    row = registry(tmp_path, [], csv).records.registry.row(0, named=True)
    assert (row["premises_kind"], row["taxpayer_kind"]) == ("owned", "general")


def test_other_words_are_mapped_and_an_unknown_one_is_a_reject(tmp_path):
    columns = ['status = { from = "状态", values = { "在业" = "active", "不详" = "" } }']
    csv = f"enterprise_id,known_on,状态\n{SELLER},2024-01-31,在业\n{SELLER},2024-02-01,不详\n{SELLER},2024-02-02,迷\n"
    folder = registry(tmp_path, columns, csv)
    assert folder.records.registry["status"].to_list() == ["active", None]
    assert folder.rejects.rows() == [("registry", 2, "status:type", "status 迷")]


def test_any_other_word_can_be_mapped(tmp_path):
    columns = ['status = { from = "状态", values = { "*" = "" } }']
    csv = f"enterprise_id,known_on,状态\n{SELLER},2024-01-31,存续\n{SELLER},2024-02-01,active\n{SELLER},2024-02-02,迷\n"
    assert registry(tmp_path, columns, csv).records.registry["status"].to_list() == ["active", "active", None]


def test_a_missing_column_can_be_constant(tmp_path):
    columns = ['taxpayer_kind = { constant = "general" }', "known_on = { constant = 2024-01-31 }"]
    row = registry(tmp_path, columns, f"enterprise_id\n{SELLER}\n").records.registry.row(0, named=True)
    assert (row["taxpayer_kind"], row["known_on"]) == ("general", dt.date(2024, 1, 31))


def test_texts_that_mean_nothing_can_be_told(tmp_path):
    csv = f"enterprise_id,known_on,employees\n{SELLER},2024-01-31,—\n{SELLER},2024-02-01,NULL\n"
    assert registry(tmp_path, [], csv, empty='["—", "null"]').records.registry["employees"].to_list() == [None, None]


def test_a_header_may_be_spelt_with_other_brackets_and_spaces(tmp_path):
    columns = ['registered_capital_fen = { from = "注册资本（万元）", unit = "wan" }']
    csv = f"enterprise_id,known_on,注册资本 (万元)\n{SELLER},2024-01-31,100\n"
    assert registry(tmp_path, columns, csv).records.registry["registered_capital_fen"].to_list() == [10**8]


def test_an_unknown_header_is_refused_until_it_is_ignored(tmp_path):
    csv = f"enterprise_id,known_on,备注\n{SELLER},2024-01-31,x\n"
    with pytest.raises(UnusableTableError, match="unknown column '备注'"):
        registry(tmp_path, [], csv)
    assert registry(tmp_path, [], csv, ignore='"备注"').records.registry.height == 1
    assert registry(tmp_path, [], csv, ignore_others="true").records.registry.height == 1


def test_a_missing_header_is_named_with_what_was_given(tmp_path):
    with pytest.raises(
        UnusableTableError, match=r"column '代码' or 'enterprise_id' is missing\. Given columns: known_on"
    ):
        registry(tmp_path, ['enterprise_id = "代码"'], "known_on\n2024-01-31\n")


def test_a_code_in_full_width_small_letters_is_understood(tmp_path):
    csv = "enterprise_id,known_on\nｙ1110108xp000001x5 ,2024-01-31\n"
    assert registry(tmp_path, [], csv).records.registry["enterprise_id"].to_list() == [SELLER]


def test_a_number_that_a_spreadsheet_broke_is_a_reject(tmp_path):
    mapping = written(tmp_path, "own.toml", "")
    head = "enterprise_id,direction,number,issued_on,counterparty,net_fen,vat_fen"
    written(tmp_path, "vat_invoices.csv", f"{head}\n{SELLER},销项,2.61104E+19,2026-01-05,c,100,13\n")
    folder = read_source(tmp_path, mapping=mapping, today=TODAY)
    assert folder.rejects["rule"].to_list() == ["number:type"]


def test_numbers_of_parquet_are_moved_as_exactly(tmp_path):
    rows = pl.DataFrame(
        {
            "enterprise_id": [SELLER] * 3,
            "known_on": [dt.date(2024, 1, day) for day in (1, 2, 3)],
            "registered_capital_fen": [0.29, 1.005, 1e-6],
        }
    )
    rows.write_parquet(tmp_path / "registry.parquet")
    mapping = written(tmp_path, "own.toml", "[defaults]\nunit = 'wan'")
    folder = read_source(tmp_path, mapping=mapping, today=TODAY)
    assert folder.records.registry["registered_capital_fen"].to_list() == [290_000, 1_005_000, 1]


def test_a_workbook_can_be_read(tmp_path):
    rows = pl.DataFrame(
        {"统一社会信用代码": [SELLER], "获知日期": [dt.date(2024, 1, 31)], "注册资本": [123.4567], "从业人数": [12]}
    )
    rows.write_excel(tmp_path / "登记信息.xlsx")
    mapping = written(tmp_path, "own.toml", "extends = 'chinese'\n[defaults]\nunit = 'wan'")
    row = read_source(tmp_path, mapping=mapping, today=TODAY).records.registry.row(0, named=True)
    assert (row["registered_capital_fen"], row["employees"]) == (123_456_700, 12)
    assert row["known_on"] == dt.date(2024, 1, 31)


# --- mistakes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[tables.registri]", "own.toml: tables.registri: unknown table; did you mean 'registry'?"),
        (
            "[tables.loans.columns]\nloann = 'x'",
            "own.toml: tables.loans.columns.loann: unknown column; did you mean 'loan'?",
        ),
        (
            "[tables.loans.columns]\nloan = { from = 'x', unit = 'yuan' }",
            "own.toml: tables.loans.columns.loan: got unit 'yuan', expected none: it is no amount",
        ),
        (
            "[tables.loans.columns]\nrate_bp = { from = 'x', unit = 'wan' }",
            "own.toml: tables.loans.columns.rate_bp: got unit 'wan', expected bp or percent or share",
        ),
        (
            "[tables.loans.columns]\nkind = { from = 'x', values = { a = 'leasingg' } }",
            "own.toml: tables.loans.columns.kind: got value 'leasingg', expected one of "
            + ", ".join(ALL_TABLES["loans"].dtypes["kind"].categories),
        ),
        (
            "[tables.loans.columns]\nloan = { from = 'x', constant = 'y' }",
            "own.toml: tables.loans.columns.loan: expected either `from` or `constant`",
        ),
        ("[tables.loans]\nencodin = 'utf-8'", "own.toml: tables.loans.encodin: got an unknown field"),
        ("[defaults]\nencoding = 'latin-1'", "own.toml: encoding: got 'latin-1', expected 'utf-8' or 'gb18030'"),
        (
            "[tables.vat_invoices.sides]\nenterprise = '123'\nseller = 'a'\nbuyer = 'b'",
            "own.toml: tables.vat_invoices.sides.enterprise: got '123' (3 characters), expected 18 characters",
        ),
        (
            "[tables.vat_invoices.sides]\nseller = 'a'",
            "own.toml: tables.vat_invoices.sides.buyer: missing, expected this field",
        ),
        (
            "[tables.loans.sides]\nseller = 'a'\nbuyer = 'b'",
            "own.toml: tables.loans.sides: a table without direction and counterparty has no sides",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path, text, line):
    assert mistakes(tmp_path, text) == [line]


def test_every_mistake_has_a_line(tmp_path):
    lines = mistakes(tmp_path, "[tables.loans.columns]\nloann = 'x'\nkindd = 'y'\n[tables.orderss]")
    assert len(lines) == 3


def test_text_that_is_no_toml_is_told(tmp_path):
    assert mistakes(tmp_path, "[tables")[0].startswith("own.toml: got text that is no TOML in UTF-8: ")


def test_a_mapping_that_is_not_there_is_told_with_those_that_are():
    with pytest.raises(MappingMistakesError, match="nowhere: not found; expected a TOML file, or one of chinese, tax_"):
        load_mapping("nowhere")


def test_a_mapping_cannot_extend_itself(tmp_path):
    assert "extends this file again" in mistakes(tmp_path, "extends = 'own.toml'")[0]


@pytest.mark.parametrize("name", shipped())
def test_what_ships_is_free_of_mistakes(name):
    assert load_mapping(name).tables


def test_every_column_has_a_chinese_header_of_its_own():
    mapping = load_mapping("chinese")
    for name, table in ALL_TABLES.items():
        columns = mapping.tables[name].columns
        assert set(columns) == set(table.dtypes)
        headers = [header for column in columns.values() for header in column.headers]
        assert len(headers) == len(set(headers))


def test_the_examples_of_the_documents_are_free_of_mistakes(tmp_path):
    text = (Path(__file__).resolve().parents[2] / "docs" / "mapping.md").read_text("utf-8")
    examples = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert len(examples) == 2
    for example in examples:
        assert load_mapping(
            written(tmp_path, "own.toml", example.replace("<unified social credit code>", SELLER))
        ).tables


# --- Chinese files ------------------------------------------------------------------------------------------------

CHARACTERS = "abcABC019-_/甲乙丙（）〔〕龘𠮷ü"


OF_TYPE = {
    pl.Date: st.dates(dt.date(2026, 1, 1), dt.date(2026, 9, 1)) | st.dates(dt.date(1949, 1, 1), dt.date(2027, 1, 1)),
    pl.Boolean: st.booleans(),
    pl.Int64: st.integers(0, 99) | st.integers(2_015, 2_025) | st.integers(-(10**6), 10**14),
    pl.String: st.text(CHARACTERS, min_size=1, max_size=30),
}
OF_NAME = {
    "enterprise_id": st.sampled_from(ENTERPRISES),
    "known_on": st.dates(dt.date(2026, 9, 1), TODAY),
    "month": OF_TYPE[pl.Date].map(lambda day: day.replace(day=1)),
}


def value_of(table, name):
    """Any value that a column's type can hold, be it allowed by its rules or not."""
    dtype = table.dtypes[name]
    if isinstance(dtype, pl.Enum):
        return st.sampled_from(dtype.categories.to_list())
    return OF_NAME[name] if name in OF_NAME else OF_TYPE[dtype.base_type()]


def rows_of(table):
    values = {
        name: (st.none() | value_of(table, name)) if name in table.optional else value_of(table, name)
        for name in table.dtypes
    }
    return st.lists(st.fixed_dictionaries(values), max_size=6)


def as_chinese(table, row, number):
    """The same row as a Chinese spreadsheet would write it."""
    columns = table.schema.columns()
    return {name: in_chinese(name, columns[name], value, number) for name, value in row.items()}


def in_chinese(name, column, value, number):
    if value is None:
        return None
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dt.date):
        forms = (f"{value:%Y-%m-%d}", f"{value.year}年{value.month}月{value.day}日", f"{value:%Y%m%d}")
        return forms[number % 3] if value.year >= 1000 else None
    if isinstance(value, int):
        places = 6 if name.endswith("_fen") else 2 if name.endswith("_bp") else 0
        moved = Decimal(value).scaleb(-places)
        return (f"{moved:,f}", f"（{-moved:f}）" if value < 0 else f"{moved:f}")[number % 2]
    labels = (column.metadata or {}).get("zh", {})
    return labels.get(value, value) if number % 2 else value


CHINESE_OWN = "extends='chinese'\n[defaults]\nencoding='gb18030'\nunit='wan'\nrate_unit='percent'"


def write_both(table, rows, original, chinese):
    """The rows as Parquet under contract, and as a Chinese file."""
    headers = load_mapping("chinese").tables[table.name].columns
    pl.DataFrame(rows, schema=table.dtypes).write_parquet(original / f"{table.name}.parquet")
    texts = [as_chinese(table, row, number) for number, row in enumerate(rows)]
    shown = pl.DataFrame(texts, schema=dict.fromkeys(table.dtypes, pl.String))
    shown = shown.rename({column: headers[column].headers[0] for column in table.dtypes})
    (chinese / f"{table.zh}.csv").write_bytes(shown.write_csv().encode("gb18030"))


@settings(max_examples=30)
@given(st.data(), st.sampled_from(sorted(ALL_TABLES)))
def test_every_value_of_a_chinese_file_is_that_of_the_original(data, name):
    table = ALL_TABLES[name]
    rows = data.draw(rows_of(table))
    with tempfile.TemporaryDirectory() as place:
        write_both(table, rows, Path(place), Path(place))
        mapping = load_mapping(written(Path(place), "own.toml", CHINESE_OWN))
        path = Path(place, f"{table.zh}.csv")
        found = mapped(table, mapping.table(name), [(path, read_file(table, path, encoding="gb18030"))])
    assert found.rejects.height == 0
    assert_frame_equal(table.typed(found.frame), pl.DataFrame(rows, schema=table.dtypes))


@settings(max_examples=30)
@given(st.data(), st.sampled_from(sorted(TABLES)), st.sampled_from(sorted(ALL_TABLES)))
def test_chinese_files_in_gb18030_and_wan_give_the_records_of_the_parquet_originals(data, first, second):
    with tempfile.TemporaryDirectory() as place:
        original, chinese = Path(place, "original"), Path(place, "chinese")
        original.mkdir()
        chinese.mkdir()
        for name in {first, second}:
            write_both(ALL_TABLES[name], data.draw(rows_of(ALL_TABLES[name]), label=name), original, chinese)
        expected = read_folder(original, today=TODAY)
        found = read_source(chinese, mapping=written(chinese, "own.toml", CHINESE_OWN), today=TODAY)
    assert found.given == expected.given
    assert_frame_equal(found.rejects, expected.rejects)
    assert_series_equal(found.records.enterprises, expected.records.enterprises)
    assert found.tables().keys() == expected.tables().keys()
    for name, frame in found.tables().items():
        assert_frame_equal(frame, expected.tables()[name])


# --- the tax bureau's export --------------------------------------------------------------------------------------


def line(**given_):
    """One line of the export: a sale of 100.00 yuan net in a digital invoice."""
    usual = {
        "数电发票号码": "26110000000000000001", "销方识别号": SELLER, "销方名称": "甲公司", "购方识别号": BUYER,
        "购买方名称": "乙公司", "开票日期": "2026-01-10 09:30:00", "金额": "100.00", "税额": "13.00",
        "发票票种": "数电票（普通发票）", "发票状态": "正常", "是否正数发票": "是", "发票风险等级": "正常",
        "税收分类编码": "1090511030000000000",
    }  # fmt: skip
    return [{**usual, **given_}.get(header, "") for header in HEADERS]


def export(folder, *lines, name="全量发票查询导出结果.csv", enterprise=SELLER):
    rows = [",".join(HEADERS), *(",".join(one) for one in lines)]
    written(folder, name, "\n".join(rows) + "\n")
    text = f'extends = "tax_bureau_invoices"\n[tables.vat_invoices.sides]\nenterprise = "{enterprise}"\n'
    return read_source(folder, mapping=written(folder, "own.toml", text), today=TODAY)


def test_a_sale_of_the_export_is_an_issued_invoice(tmp_path):
    row = export(tmp_path, line()).records.vat_invoices.row(0, named=True)
    assert (row["enterprise_id"], row["direction"], row["net_fen"], row["vat_fen"]) == (SELLER, "issued", 10_000, 1_300)
    assert (row["number"], row["code"], row["kind"], row["risk"]) == (
        "26110000000000000001", None, "digital_ordinary", "normal",
    )  # fmt: skip
    assert (row["issued_on"], row["voided_on"]) == (dt.date(2026, 1, 10), None)


def test_the_same_invoice_is_received_by_its_buyer_and_no_code_of_a_counterparty_stays(tmp_path):
    row = export(tmp_path, line(), enterprise=BUYER).records.vat_invoices.row(0, named=True)
    assert (row["enterprise_id"], row["direction"]) == (BUYER, "received")
    assert row["counterparty"].startswith("p-")
    assert SELLER not in row["counterparty"]


def test_an_invoice_between_others_is_a_reject(tmp_path):
    folder = export(tmp_path, line(), line(销方识别号="91110000000000001X", 购方识别号="", 数电发票号码="2"))
    assert folder.rejects["rule"].to_list() == ["enterprise_is_a_side"]


def test_without_an_enterprise_the_line_says_how_to_give_one(tmp_path):
    written(tmp_path, "全量发票.csv", ",".join(HEADERS) + "\n")
    with pytest.raises(UnusableTableError, match="does not say whose invoices these are"):
        read_source(tmp_path, mapping="tax_bureau_invoices", today=TODAY)


def test_a_buyer_without_a_code_is_told_apart_by_name(tmp_path):
    lines = [
        line(购方识别号="", 购买方名称=name, 数电发票号码=number) for name, number in (("张三", "1"), ("李四", "2"))
    ]
    assert export(tmp_path, *lines).records.vat_invoices["counterparty"].n_unique() == 2


def test_a_void_invoice_is_void_from_its_first_day(tmp_path):
    voided = line(发票状态="已作废", 发票代码="1100204130", 发票号码="12345678", 数电发票号码="")
    row = export(tmp_path, voided).records.vat_invoices.row(0, named=True)
    assert row["voided_on"] == row["issued_on"] == dt.date(2026, 1, 10)
    assert (row["code"], row["number"]) == ("1100204130", "12345678")


@pytest.mark.parametrize("sign", ["", "-"])
def test_a_red_invoice_is_negative_however_it_is_written(tmp_path, sign):
    red = line(是否正数发票="否", 金额=f"{sign}100.00", 税额=f"{sign}13.00")
    row = export(tmp_path, red).records.vat_invoices.row(0, named=True)
    assert (row["net_fen"], row["vat_fen"]) == (-10_000, -1_300)


def test_lines_of_one_invoice_are_summed_with_their_discounts(tmp_path):
    """100.00 + 100.00 - 20.00 = 180.00 net; two lines of three went into the first."""
    lines = [line(序号="1"), line(序号="2"), line(序号="3", 金额="-20.00", 税额="-2.60")]
    folder = export(tmp_path, *lines)
    assert folder.records.vat_invoices["net_fen"].to_list() == [18_000]
    assert (folder.given["vat_invoices"], folder.merged["vat_invoices"]) == (3, 2)


def test_a_line_that_cannot_be_read_takes_its_invoice_along(tmp_path):
    folder = export(tmp_path, line(), line(金额="?"), line(数电发票号码="2"))
    assert folder.rejects["rule"].to_list() == ["lines_of_one_invoice", "net_fen:type"]
    assert folder.records.vat_invoices["number"].to_list() == ["2"]


def test_an_invoice_of_two_overlapping_exports_counts_once_as_the_later_one_tells_it(tmp_path):
    export(tmp_path, line(), line(), name="全量发票 2026-01.csv")
    folder = export(tmp_path, line(发票状态="已作废"), line(发票状态="已作废"), name="全量发票 2026-02.csv")
    row = folder.records.vat_invoices.row(0, named=True)
    assert (row["net_fen"], row["voided_on"]) == (20_000, dt.date(2026, 1, 10))
    assert folder.rejects["rule"].to_list() == ["duplicate", "duplicate"]
    assert (folder.given["vat_invoices"], folder.merged["vat_invoices"]) == (4, 1)


def test_an_unknown_kind_of_invoice_is_other_and_an_unknown_risk_is_unknown(tmp_path):
    row = export(tmp_path, line(发票票种="新票种", 发票风险等级="待查")).records.vat_invoices.row(0, named=True)
    assert (row["kind"], row["risk"]) == ("other", None)
