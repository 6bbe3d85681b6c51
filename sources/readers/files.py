"""The files of a table, and their rows as they stand there."""

import codecs
import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import fastexcel
import polars as pl
import pyarrow as pa
import pyarrow.csv as pacsv

from sources.contracts import Table
from sources.found import Found, rejects_of
from sources.validation import UnusableTableError

SUFFIXES = (".parquet", ".csv")
WORKBOOK = ".xlsx"
LOOKS_LIKE_A_TABLE = (*SUFFIXES, WORKBOOK, ".xls", ".txt", ".tsv")
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
FIELDS = "fields"
"""The rule that a CSV line with more or fewer fields than the header breaks."""


def files_of(folder: Path, table: Table, globs: Sequence[str] = ()) -> list[Path]:
    """The files of one table in `folder`.

    These are `<name>.parquet`, `<name>.csv`, all such files in the folder `<name>/`, or those that fit one of `globs`.

    Raises:
        UnusableTableError: the same table is there in more than one form.
    """
    forms = [[path] for suffix in SUFFIXES if (path := folder / f"{table.name}{suffix}").is_file()]
    inner = folder / table.name
    if inner.is_dir():
        forms += [files for suffix in SUFFIXES if (files := sorted(inner.glob(f"*{suffix}")))]
    named = {path for form in forms for path in form}
    fitting = {path for one in globs for path in folder.glob(one) if path.suffix in {*SUFFIXES, WORKBOOK}}
    if others := sorted(fitting - named):
        forms.append(others)
    if len(forms) > 1:
        raise UnusableTableError(f"{table.name}: got {forms[0][0]} and {forms[1][0]}, expected one form of each table")
    return forms[0] if forms else []


def unread_files(folder: Path, read: set[Path]) -> tuple[str, ...]:
    """Files of `folder` that look like tables and are none that is known."""
    return tuple(
        path.name
        for path in sorted(folder.iterdir())
        if path.is_file() and path.suffix.lower() in LOOKS_LIKE_A_TABLE and path not in read
    )


def read_file(table: Table, path: Path, *, encoding: str = "utf-8", sheet: str | None = None) -> Found:
    """All rows of one file; the columns of CSV and Excel stay text until they are typed.

    Raises:
        UnusableTableError: it cannot be parsed at all.
    """
    try:
        match path.suffix:
            case ".csv":
                return _read_csv(table, path, encoding)
            case ".xlsx":
                return Found.whole(_read_workbook(path, sheet))
        return Found.whole(pl.read_parquet(path))
    except (pl.exceptions.PolarsError, pa.ArrowException, fastexcel.FastExcelError, OSError) as error:
        first_line = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UnusableTableError(f"{path}: cannot be read ({first_line})") from error


def _read_workbook(path: Path, sheet: str | None) -> pl.DataFrame:
    workbook = fastexcel.read_excel(path)
    if sheet is not None and sheet not in workbook.sheet_names:
        raise UnusableTableError(f"{path}: got sheets {', '.join(workbook.sheet_names)}, expected {sheet}")
    rows: pl.DataFrame = workbook.load_sheet(sheet or 0, dtypes="string").to_polars()
    return rows


def _read_csv(table: Table, path: Path, encoding: str) -> Found:
    """The rows with as many fields as the header; the others are rejects."""
    header = _header(path, encoding)
    try:
        return _whole(_arrow(path, header, encoding))
    except UnicodeDecodeError as error:
        raise _foreign_bytes(path, encoding) from error
    except pa.ArrowInvalid as error:
        if "invalid UTF8" in str(error):
            raise _foreign_bytes(path, encoding) from error
        if "Expected" not in str(error):
            raise
    return _without_ragged_lines(table, path, header, encoding)


def _whole(rows: pa.Table) -> Found:
    # A comma at the end of every line makes an empty column without a name.
    named = [name for name in rows.column_names if name.strip() or rows[name].null_count < rows.num_rows]
    return Found.whole(pl.DataFrame({name: pl.Series(name, rows[name]) for name in named}))


def _header(path: Path, encoding: str) -> list[str]:
    with path.open("rb") as binary:
        start = binary.read(4)
    if start.startswith(UTF_16):
        raise UnusableTableError(f"{path}: got UTF-16, expected UTF-8 or GB18030; save the file as CSV UTF-8")
    if not start:
        raise UnusableTableError(f"{path}: cannot be read (it is empty; expected at least a line of column names)")
    try:
        with path.open(encoding=_codec(encoding), newline="") as text:
            names = next((line for line in csv.reader(text) if line), [])
    except UnicodeDecodeError as error:
        raise _foreign_bytes(path, encoding) from error
    except csv.Error as error:
        raise UnusableTableError(f"{path}: cannot be read ({error})") from error
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise UnusableTableError(f"{path}: got column {twice[0]!r} {names.count(twice[0])} times, expected it once")
    return names


def _codec(encoding: str) -> str:
    """UTF-8 with or without a byte-order mark."""
    return "utf-8-sig" if encoding == "utf-8" else encoding


def _arrow(path: Path, header: list[str], encoding: str, bad: list[pacsv.InvalidRow] | None = None) -> pa.Table:
    """Every field as text, an empty one as null; with `bad`, ragged lines go there instead of being an error."""

    def skip(row: pacsv.InvalidRow) -> str:
        ragged.append(row)
        return "skip"

    ragged = [] if bad is None else bad
    return pacsv.read_csv(
        path,
        read_options=pacsv.ReadOptions(encoding="utf8" if encoding == "utf-8" else encoding, use_threads=bad is None),
        parse_options=pacsv.ParseOptions(
            newlines_in_values=True, invalid_row_handler=skip if bad is not None else None
        ),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(header, pa.large_string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )


def _without_ragged_lines(table: Table, path: Path, header: list[str], encoding: str) -> Found:
    bad: list[pacsv.InvalidRow] = []
    frame = _whole(_arrow(path, header, encoding, bad)).frame
    given = frame.height + len(bad)
    # The reader counts the header as line 1.
    lines = [row.number - 2 for row in bad]
    places = pl.Series("row", sorted(set(range(given)).difference(lines)), dtype=pl.UInt32)
    shown = [f"{row.actual_columns} fields instead of {row.expected_columns}: {row.text}"[:200] for row in bad]
    return Found(frame, places, rejects_of(table, lines, [FIELDS] * len(bad), shown))


def _foreign_bytes(path: Path, encoding: str) -> UnusableTableError:
    """The error that names the line and the way out."""
    other = "gb18030" if encoding == "utf-8" else "utf-8"
    number = next(_lines_not_in(path, encoding), 1)
    if any(_lines_not_in(path, other)):
        return UnusableTableError(f"{path}: line {number} is not {encoding.upper()}, nor is the file {other.upper()}")
    return UnusableTableError(
        f"{path}: line {number} is not {encoding.upper()}. If the file is {other.upper()}, say so in a mapping file: "
        f'encoding = "{other}"'
    )


def _lines_not_in(path: Path, encoding: str) -> Iterator[int]:
    with path.open("rb") as binary:
        for number, line in enumerate(binary, start=1):
            try:
                line.decode(encoding)
            except UnicodeDecodeError:
                yield number
