"""Read tables from a folder: one Parquet or CSV file, or a folder of them, per table."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from sources.contracts import LABELS, TABLES, Table
from sources.records import Records
from sources.validation import Checked, UnusableTableError, no_rejects, validate

SUFFIXES = (".parquet", ".csv")


@dataclass(frozen=True)
class Folder:
    """What a folder held: records of the good rows, rejects of the others, rows given per table."""

    records: Records
    labels: pl.DataFrame | None
    rejects: pl.DataFrame
    given: Mapping[str, int]


def read_folder(folder: Path, *, today: dt.date) -> Folder:
    """Read and validate every known table in `folder`.

    Raises:
        UnusableTableError: the folder or all tables are missing, or a table's columns do not fit its contract.
    """
    if not folder.is_dir():
        raise UnusableTableError(f"got {folder}, expected a folder with tables such as vat_invoices.parquet")
    checked = {
        table.name: validate(table, read_table(files), today=today)
        for table in (*TABLES.values(), LABELS)
        if (files := files_of(folder, table))
    }
    if not any(name in TABLES for name in checked):
        raise UnusableTableError(f"{folder}: no table found. Expected files or folders named {', '.join(TABLES)}")
    labels = checked.pop(LABELS.name, None)
    everything: list[Checked] = [*checked.values(), *([labels] if labels else [])]
    return Folder(
        records=Records.of({name: result.rows for name, result in checked.items()}),
        labels=labels.rows if labels else None,
        rejects=pl.concat([no_rejects(), *(result.rejects for result in everything)]),
        given={name: result.given for name, result in checked.items()},
    )


def files_of(folder: Path, table: Table) -> list[Path]:
    """The files of one table in `folder`: `<name>.parquet`, `<name>.csv`, or all such files in the folder `<name>/`.

    Raises:
        UnusableTableError: the same table is there in more than one form.
    """
    forms = [[path] for suffix in SUFFIXES if (path := folder / f"{table.name}{suffix}").is_file()]
    inner = folder / table.name
    if inner.is_dir():
        forms += [files for suffix in SUFFIXES if (files := sorted(inner.glob(f"*{suffix}")))]
    if len(forms) > 1:
        raise UnusableTableError(f"{table.name}: got {forms[0][0]} and {forms[1][0]}, expected one form of each table")
    return forms[0] if forms else []


def read_table(files: list[Path]) -> pl.DataFrame:
    """All rows of some files of one form; CSV columns stay text until validation types them.

    Raises:
        UnusableTableError: a file cannot be parsed at all.
    """
    try:
        if files[0].suffix == ".csv":
            return pl.concat([pl.read_csv(path, infer_schema=False) for path in files])
        return pl.concat([pl.read_parquet(path) for path in files], how="vertical_relaxed")
    except (pl.exceptions.PolarsError, OSError) as error:
        first_line = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UnusableTableError(f"{files[0]}: cannot be read ({first_line})") from error
