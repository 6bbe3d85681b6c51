"""Importer for problem C of the 2020 national mathematical-modelling contest: VAT invoices of 425 real enterprises.

Reads the contest's own workbooks (sheets 企业信息, 进项发票信息, 销项发票信息) or the same sheets as Parquet files
`a1_enterprises`, `a1_input_invoices`, `a1_output_invoices` and `a2_…`. The enterprises are de-identified, so each
number E1 … E425 becomes a placeholder code and stays as an alias. Their masked names serve to read the legal form and
are dropped; the bank's own rating (信誉评级) nearly equals the label and is never read.

The source has no invoice code, no day of voiding and no link from a red-letter invoice: `voided_on` and `known_on` are
assumed to be the day of issue.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import fastexcel
import polars as pl

from sources.codes import placeholder_code
from sources.contracts import LABELS, REGISTRY, VAT_INVOICES
from sources.validation import RULE, UnusableTableError, no_rejects, validate

AS_OF = dt.date(2020, 3, 1)
"""The month after the last one with invoices; these end on 2020-02-21, so that February is not quite whole."""

CODE_PREFIX, UNKNOWN_AREA = "CM", "100000"
ENTERPRISES, INPUT, OUTPUT = "企业信息", "进项发票信息", "销项发票信息"
PARQUET_NAMES = {ENTERPRISES: "enterprises", INPUT: "input_invoices", OUTPUT: "output_invoices"}
DIRECTIONS = {INPUT: "received", OUTPUT: "issued"}
COUNTERPARTIES = {INPUT: "销方单位代号", OUTPUT: "购方单位代号"}
STATUSES = {"有效发票": False, "作废发票": True}
ROW_IN_SHEET = "row_in_sheet"
AMOUNTS = ("金额", "税额", "价税合计")
HALF_A_FEN = 0.005
ANSWERS = {"是": "true", "否": "false"}
"""Any other answer stays as it is, and the contract rejects it."""


LEGAL_FORMS_BY_NAME = (
    ("分公司", "branch"),
    ("个体经营", "individual_household"),
    ("股份有限公司", "joint_stock"),
    ("有限责任公司", "limited_company"),
    ("有限公司", "limited_company"),
    ("律师事务所", "partnership"),
    ("合作社", "cooperative"),
)
"""What a masked name ends with or contains, first match wins; other names leave the legal form unknown."""


@dataclass(frozen=True)
class Sheet:
    """One sheet of one attachment, as found."""

    attachment: str
    name: str
    frame: pl.DataFrame

    @property
    def label(self) -> str:
        return f"{self.attachment} {self.name}"


@dataclass(frozen=True)
class Imported:
    """Tables under contract, the rejects of every sheet, and for each invoice sheet the number of rows it had."""

    tables: Mapping[str, pl.DataFrame]
    rejects: pl.DataFrame
    source_rows: Mapping[str, int]


def import_folder(folder: Path, *, today: dt.date) -> Imported:
    """Import every attachment in `folder`.

    Raises:
        UnusableTableError: no attachment there, a file that cannot be read, or a sheet without its columns.
    """
    try:
        sheets = list(_parquet_sheets(folder)) or list(_workbook_sheets(folder))
    except (pl.exceptions.PolarsError, fastexcel.FastExcelError) as error:
        raise UnusableTableError(f"{folder}: an attachment cannot be read ({str(error).splitlines()[0]})") from error
    if not sheets:
        raise UnusableTableError(
            f"{folder}: got no sheet of the contest; expected workbooks with the sheets "
            f"{ENTERPRISES}, {INPUT}, {OUTPUT}, or their Parquet files a1_enterprises, a1_input_invoices, …"
        )
    invoices, rejects = [], [no_rejects()]
    for sheet in sheets:
        if sheet.name in DIRECTIONS:
            rows, bad = _invoices(sheet, today)
            invoices.append(rows)
            rejects.append(bad)
    accepted = pl.concat(invoices)
    enterprises = pl.concat([_enterprises(sheet) for sheet in sheets if sheet.name == ENTERPRISES])
    registry = validate(REGISTRY, _registry(enterprises, accepted), today=today)
    labels = validate(LABELS, _labels(enterprises), today=today)
    return Imported(
        tables={"registry": registry.rows, "vat_invoices": accepted, "labels": labels.rows},
        rejects=pl.concat([*rejects, registry.rejects, labels.rejects]),
        source_rows={sheet.label: sheet.frame.height for sheet in sheets if sheet.name in DIRECTIONS},
    )


def _parquet_sheets(folder: Path) -> Iterator[Sheet]:
    for enterprises in sorted(folder.glob("a*_enterprises.parquet")):
        attachment = enterprises.name.split("_")[0]
        for name, stem in PARQUET_NAMES.items():
            path = folder / f"{attachment}_{stem}.parquet"
            if not path.is_file():
                raise UnusableTableError(
                    f"{path}: not found, but {enterprises.name} is there; an attachment has three sheets"
                )
            frame = pl.read_parquet(path)
            yield Sheet(
                attachment, name, frame if ROW_IN_SHEET in frame.columns else frame.with_row_index(ROW_IN_SHEET)
            )


def _workbook_sheets(folder: Path) -> Iterator[Sheet]:
    for path in sorted(folder.glob("*.xlsx")):
        workbook = fastexcel.read_excel(path)
        if {ENTERPRISES, INPUT, OUTPUT} <= set(workbook.sheet_names):
            for name in (ENTERPRISES, INPUT, OUTPUT):
                yield Sheet(path.stem, name, workbook.load_sheet(name).to_polars().with_row_index(ROW_IN_SHEET))


def _codes(numbers: pl.Series) -> pl.DataFrame:
    """The placeholder code of each distinct contest number such as E17; null where the text is not such a number."""
    distinct = numbers.unique().alias("企业代号").to_frame()
    number = pl.col("企业代号").str.extract("^E([1-9][0-9]{0,5})$").cast(pl.Int64)
    code = number.map_elements(
        lambda n: placeholder_code(CODE_PREFIX, n, registrar_area=UNKNOWN_AREA), return_dtype=pl.String
    )
    return distinct.with_columns(enterprise_id=code)


def _require(sheet: Sheet, columns: tuple[str, ...]) -> None:
    for column in columns:
        given = sheet.frame.schema.get(column)
        if given is None:
            raise UnusableTableError(
                f"{sheet.label}: column {column!r} is missing. Given columns: {', '.join(sheet.frame.columns)}"
            )
        if given != pl.Null and not _is_as_published(column, given):
            raise UnusableTableError(f"{sheet.label}: column {column!r} holds {given}, not what the contest published")


def _is_as_published(column: str, given: pl.DataType) -> bool:
    if column in AMOUNTS:
        return given.is_numeric()
    if column == "开票日期":
        return isinstance(given, (pl.Date, pl.Datetime))
    return given == pl.String or (column == "发票号码" and given.is_integer())


def _invoices(sheet: Sheet, today: dt.date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Accepted invoices and rejects of one sheet."""
    judged = _judge_source(sheet)
    is_bad = pl.col(RULE).is_not_null()
    kept = judged.filter(~is_bad)
    checked = validate(VAT_INVOICES, _under_contract(sheet, kept), today=today)
    in_sheet = kept.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"), ROW_IN_SHEET)
    from_contract = checked.rejects.join(in_sheet, on="row", how="left").select(
        table=pl.lit(sheet.label), row=ROW_IN_SHEET, rule="rule", value="value"
    )
    shown = pl.format("{} {}: {} + {} = {}, {}", "企业代号", "发票号码", "金额", "税额", "价税合计", "发票状态")
    from_source = judged.filter(is_bad).select(table=pl.lit(sheet.label), row=ROW_IN_SHEET, rule=RULE, value=shown)
    return checked.rows, pl.concat([from_source, from_contract]).sort("row")


def _judge_source(sheet: Sheet) -> pl.DataFrame:
    """The sheet's rows with a placeholder code, and in RULE what the source alone can show to be wrong."""
    columns = ("企业代号", "发票号码", "开票日期", COUNTERPARTIES[sheet.name], "金额", "税额", "价税合计", "发票状态")
    _require(sheet, columns)
    source = sheet.frame.select(pl.col(ROW_IN_SHEET).cast(pl.UInt32), *columns)
    source = source.join(_codes(source["企业代号"]), on="企业代号", how="left", maintain_order="left")
    rule = (
        pl.when(~pl.struct(*columns).is_first_distinct())
        .then(pl.lit("duplicate"))
        .when(pl.col("enterprise_id").is_null())
        .then(pl.lit("enterprise_number"))
        .when(~pl.col("发票状态").str.strip_chars().is_in(list(STATUSES)).fill_null(value=False))
        .then(pl.lit("status"))
        .when((pl.col("金额") + pl.col("税额") - pl.col("价税合计")).abs() > HALF_A_FEN)
        .then(pl.lit("gross_is_net_plus_vat"))
    )
    return source.with_columns(rule.alias(RULE))


def _under_contract(sheet: Sheet, kept: pl.DataFrame) -> pl.DataFrame:
    issued_on = pl.col("开票日期").cast(pl.Date)
    is_void = pl.col("发票状态").str.strip_chars().replace_strict(STATUSES)
    return kept.select(
        "enterprise_id",
        direction=pl.lit(DIRECTIONS[sheet.name]),
        number=pl.col("发票号码").cast(pl.String),
        issued_on=issued_on,
        counterparty=COUNTERPARTIES[sheet.name],
        net_fen=(pl.col("金额") * 100).round().cast(pl.Int64, strict=False),
        vat_fen=(pl.col("税额") * 100).round().cast(pl.Int64, strict=False),
        voided_on=pl.when(is_void).then(issued_on),
    )


def _enterprises(sheet: Sheet) -> pl.DataFrame:
    """Code, alias, masked name and, where the attachment has it, whether the enterprise defaulted."""
    has_answers = "是否违约" in sheet.frame.columns
    _require(sheet, ("企业代号", "企业名称", *(("是否违约",) if has_answers else ())))
    answer = pl.col("是否违约").replace(ANSWERS) if has_answers else pl.lit(None, dtype=pl.String)
    return sheet.frame.join(_codes(sheet.frame["企业代号"]), on="企业代号", how="left", maintain_order="left").select(
        "enterprise_id", alias="企业代号", name="企业名称", defaulted=answer
    )


def _registry(enterprises: pl.DataFrame, invoices: pl.DataFrame) -> pl.DataFrame:
    """What the source tells of each enterprise; known since its first invoice, for want of a date of registration."""
    legal_form = pl.lit(None, dtype=pl.String)
    for ending, form in reversed(LEGAL_FORMS_BY_NAME):
        legal_form = pl.when(pl.col("name").str.contains(ending, literal=True)).then(pl.lit(form)).otherwise(legal_form)
    first_invoice = invoices.group_by("enterprise_id").agg(known_on=pl.col("issued_on").min())
    return enterprises.join(first_invoice, on="enterprise_id", how="left", maintain_order="left").select(
        "enterprise_id", "alias", legal_form=legal_form, known_on=pl.col("known_on").fill_null(AS_OF)
    )


def _labels(enterprises: pl.DataFrame) -> pl.DataFrame:
    return enterprises.filter(pl.col("defaulted").is_not_null()).select(
        "enterprise_id", "defaulted", as_of=pl.lit(AS_OF), window=pl.lit("undated"), known_on=pl.lit(AS_OF)
    )
