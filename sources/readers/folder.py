"""A folder of tables, every row of it judged."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType

import polars as pl

from sources.contracts import ASIDE, CONSENTS, LABELS, TABLES, Table
from sources.found import Found, joined
from sources.mapped import mapped
from sources.mapping import SourceMapping, TableMapping
from sources.readers.files import files_of, read_file, unread_files
from sources.records import Records
from sources.validation import Checked, UnusableTableError, no_rejects, validate

ALL_TABLES: Mapping[str, Table] = MappingProxyType({**TABLES, **ASIDE})
"""Evidence first, then what lies beside it."""

Reader = Callable[[], Found]


@dataclass(frozen=True)
class Folder:
    """What a source held.

    Attributes:
        records: the good rows of every table of evidence, and the consents.
        rejects: one line a bad row.
        given: rows given per table, those of `aside` included.
        aside: good rows of the tables beside the evidence, consents among them.
        unusable: for each table whose rows could not even be judged, the line that says why.
        merged: rows per table that went into another one, as lines of one invoice do; given = accepted + rejected +
            merged.
        unread: names of files that look like tables and are none.
    """

    records: Records
    rejects: pl.DataFrame
    given: Mapping[str, int]
    aside: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    unusable: Mapping[str, str] = field(default_factory=dict)
    merged: Mapping[str, int] = field(default_factory=dict)
    unread: tuple[str, ...] = ()

    @property
    def labels(self) -> pl.DataFrame | None:
        """What became of the enterprises' credit, where the source tells it."""
        return self.aside.get(LABELS.name)

    def tables(self) -> dict[str, pl.DataFrame]:
        """The good rows of every table given."""
        return {**dict(self.records.tables()), **self.aside}

    def or_error(self) -> "Folder":
        """This folder, if every table of it could be judged.

        Raises:
            UnusableTableError: one could not.
        """
        for line in self.unusable.values():
            raise UnusableTableError(line)
        return self


def read_folder(folder: Path, *, today: dt.date, mapping: SourceMapping | None = None) -> Folder:
    """Read and validate every known table in `folder`.

    Args:
        folder: has `<name>.parquet`, `<name>.csv`, or a folder `<name>/` of such files per table.
        today: rows dated later are rejects.
        mapping: how the files' own columns become those of the contracts.

    Raises:
        UnusableTableError: the folder or all tables are missing, or a table's columns do not fit its contract.
    """
    return judge_folder(folder, today=today, mapping=mapping).or_error()


def judge_folder(folder: Path, *, today: dt.date, mapping: SourceMapping | None = None) -> Folder:
    """As `read_folder`, but a table that cannot be used is told in `Folder.unusable`, beside the others.

    Raises:
        UnusableTableError: the folder or all tables are missing.
    """
    if not folder.is_dir():
        raise UnusableTableError(f"got {folder}, expected a folder with tables such as vat_invoices.parquet")
    readers: dict[str, Reader] = {}
    read: set[Path] = set()
    unusable: dict[str, str] = {}
    for table in ALL_TABLES.values():
        spec = mapping.table(table.name) if mapping else None
        try:
            files = files_of(folder, table, spec.files if spec else ())
        except UnusableTableError as error:
            unusable[table.name] = str(error)
            continue
        if files:
            readers[table.name] = partial(_found, table, files, spec)
            read.update(files)
    unread = unread_files(folder, read) if not unusable else ()
    return judged(str(folder), readers, today=today, unusable=unusable, unread=unread)


def _found(table: Table, files: list[Path], spec: TableMapping | None) -> Found:
    """All rows of the files of one table."""
    if spec is None:
        return joined(read_file(table, path) for path in files)
    parts = [(path, read_file(table, path, encoding=spec.encoding, sheet=spec.sheet)) for path in files]
    return mapped(table, spec, parts)


def judged(
    source: str,
    readers: Mapping[str, Reader],
    *,
    today: dt.date,
    unusable: Mapping[str, str] = MappingProxyType({}),
    unread: tuple[str, ...] = (),
) -> Folder:
    """Read and validate table after table; one that cannot be used does not cost the others.

    Raises:
        UnusableTableError: there is no table at all.
    """
    if not any(name in TABLES for name in (*readers, *unusable)):
        hint = f" Found: {', '.join(unread)}." if unread else ""
        raise UnusableTableError(f"{source}: no table found.{hint} Expected tables named {', '.join(TABLES)}")
    checked: dict[str, Checked] = {}
    faults, merged = dict(unusable), {}
    for name, reader in readers.items():
        try:
            found = reader()
            checked[name] = judge(ALL_TABLES[name], found, today=today)
        except (UnusableTableError, pl.exceptions.PolarsError) as error:
            faults[name] = _line(name, error)
            continue
        if found.merged:
            merged[name] = found.merged
    return Folder(
        records=_records(checked, faults),
        rejects=pl.concat([no_rejects(), *(result.rejects for result in checked.values())]),
        given={name: result.given + merged.get(name, 0) for name, result in checked.items()},
        aside={name: result.rows for name, result in checked.items() if name in ASIDE},
        unusable=faults,
        merged=merged,
        unread=unread,
    )


def judge(table: Table, found: Found, *, today: dt.date) -> Checked:
    """The good rows of one table, and every reject under its place among all rows given.

    Raises:
        UnusableTableError: the columns do not fit the contract.
    """
    checked = validate(table, found.frame, today=today)
    placed = checked.rejects.with_columns(found.places.gather(checked.rejects["row"]).alias("row"))
    return Checked(checked.rows, pl.concat([found.rejects, placed]).sort("row"))


def _line(name: str, error: Exception) -> str:
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    return text if name in text else f"{name}: {text}"


def _records(checked: Mapping[str, Checked], faults: Mapping[str, str]) -> Records:
    frames = {name: result.rows for name, result in checked.items() if name in TABLES or name == CONSENTS.name}
    if CONSENTS.name in faults:
        # Consents that cannot be read permit nothing; left out, they would permit everything.
        frames[CONSENTS.name] = CONSENTS.empty()
    return Records.of(frames)


def combined(folders: Iterable[Folder]) -> Folder:
    """Several folders of different enterprises, such as the buckets of a lake, as one."""
    parts = list(folders)
    names = dict.fromkeys(name for part in parts for name in part.tables())
    frames = {name: pl.concat([part.tables()[name] for part in parts if name in part.tables()]) for name in names}
    evidence = {name: frame for name, frame in frames.items() if name in TABLES or name == CONSENTS.name}
    enterprises = pl.concat([pl.Series(dtype=pl.String), *(part.records.enterprises for part in parts)])
    counted = dict.fromkeys(name for part in parts for name in part.given)
    return Folder(
        records=Records.of(evidence, enterprises=enterprises),
        rejects=pl.concat([no_rejects(), *(part.rejects for part in parts)]),
        given={name: sum(part.given.get(name, 0) for part in parts) for name in counted},
        aside={name: frame for name, frame in frames.items() if name in ASIDE},
        unusable={name: line for part in parts for name, line in part.unusable.items()},
    )
