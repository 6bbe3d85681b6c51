"""Open a lake, read a bucket of it, find one enterprise in it."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl
from pydantic import ValidationError

from sources.contracts import CONSENTS, TABLES, Table
from sources.found import rejects_of
from sources.lake.layout import ENTERPRISES, LakeEntry, bucket_of, contract_digest, file_of
from sources.readers.folder import ALL_TABLES, Folder
from sources.readers.source import LAKE_FILE
from sources.records import Records
from sources.validation import UnusableTableError, no_rejects, validate


@dataclass(frozen=True)
class Lake:
    """An opened lake; nothing of it is in memory.

    Attributes:
        digest: changes with any row of the lake.
    """

    folder: Path
    entry: LakeEntry
    digest: str

    @property
    def buckets(self) -> int:
        return self.entry.buckets

    @property
    def enterprises(self) -> int:
        return self.entry.enterprises

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables given, evidence first."""
        return tuple(name for name in ALL_TABLES if name in self.entry.tables)

    @cached_property
    def trusted(self) -> Mapping[str, bool]:
        """For each table, whether its rows were judged by the contract as it is in this version of the code."""
        return {name: self.entry.tables[name].contract == contract_digest(ALL_TABLES[name]) for name in self.tables}

    def codes(self, bucket: int) -> pl.Series:
        """The enterprises in scope of one bucket, sorted.

        Raises:
            UnusableTableError: the file is missing or not a list of codes.
        """
        frame = _read(file_of(self.folder, ENTERPRISES, bucket))
        if frame.schema != {"enterprise_id": pl.String}:
            raise UnusableTableError(f"{self.folder}: {ENTERPRISES} has {dict(frame.schema)}, expected enterprise_id")
        return frame["enterprise_id"]

    def read(self, bucket: int, *, tables: Collection[str] | None = None) -> Folder:
        """The rows of one bucket.

        Rows that were judged by the contracts of today when they were written are read as they are, after a look at
        their columns; those of a table whose contract was another, or that somebody else wrote, are judged again.

        Args:
            bucket: 0 up to `buckets` - 1.
            tables: only these; None = all that the lake has.

        Raises:
            UnusableTableError: there is no such bucket or table, or a file is missing, broken or has other columns.
        """
        if not 0 <= bucket < self.buckets:
            raise UnusableTableError(f"{self.folder}: got bucket {bucket}, expected 0 to {self.buckets - 1}")
        wanted = self._wanted(tables)
        codes = self.codes(bucket)
        frames, rejects, given = {}, [no_rejects()], {}
        for name in wanted:
            found = _read(file_of(self.folder, name, bucket))
            given[name] = found.height
            frames[name], bad = self._judged(ALL_TABLES[name], found, bucket)
            rejects.append(bad)
        return Folder(
            records=_records(frames, codes),
            rejects=pl.concat(rejects),
            given=given,
            aside={name: frame for name, frame in frames.items() if name not in TABLES},
        )

    def find(self, enterprise_id: str) -> Records:
        """The records of one enterprise: one bucket, and of its files only the row groups that can hold it.

        Raises:
            KeyError: it is not in scope.
            UnusableTableError: a file is missing, broken or has other columns.
        """
        bucket = bucket_of(enterprise_id, self.buckets)
        if enterprise_id not in self.codes(bucket):
            raise KeyError(
                f"got enterprise {enterprise_id!r}, expected a code of one of {self.enterprises} in the lake"
            )
        names = [name for name in self.tables if name in TABLES or name == CONSENTS.name]
        its_own = pl.col("enterprise_id") == enterprise_id
        paths = [file_of(self.folder, name, bucket) for name in names]
        plans = [pl.scan_parquet(path, hive_partitioning=False).filter(its_own) for path in paths]
        try:
            found = dict(zip(names, pl.collect_all(plans), strict=True))
        except (pl.exceptions.PolarsError, OSError) as error:
            raise UnusableTableError(f"{self.folder}: bucket {bucket} cannot be read ({_first_line(error)})") from error
        judged = {name: self._judged(ALL_TABLES[name], frame, bucket)[0] for name, frame in found.items()}
        return _records(judged, pl.Series([enterprise_id]))

    def _wanted(self, tables: Collection[str] | None) -> tuple[str, ...]:
        unknown = sorted(set(tables or ()) - set(self.tables))
        if unknown:
            raise UnusableTableError(
                f"{self.folder}: got table {unknown[0]!r}, expected some of {', '.join(self.tables)}"
            )
        return tuple(name for name in self.tables if tables is None or name in tables)

    def _judged(self, table: Table, found: pl.DataFrame, bucket: int) -> tuple[pl.DataFrame, pl.DataFrame]:
        if not self.trusted[table.name]:
            checked = validate(table, found, today=self.entry.checked_on)
            rows, misplaced = _of_bucket(table, checked.rows, bucket, self.buckets)
            return rows, pl.concat([checked.rejects, misplaced])
        if found.schema != table.dtypes:
            wrong = [name for name, dtype in table.dtypes.items() if found.schema.get(name) != dtype]
            raise UnusableTableError(
                f"{self.folder}: bucket {bucket} of {table.name} does not have the columns of its contract"
                + (f"; look at {wrong[0]!r}" if wrong else "")
            )
        return found, no_rejects()


def open_lake(folder: Path) -> Lake:
    """The lake in a folder.

    Raises:
        UnusableTableError: there is none, or its `lake.json` cannot be.
    """
    path = folder / LAKE_FILE
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnusableTableError(f"got {folder}, expected a lake: a folder with {LAKE_FILE}") from error
    try:
        entry = LakeEntry.model_validate_json(content)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"]) or "the file"
        raise UnusableTableError(f"{path}: {place}: {fault['msg']}, got {str(fault['input'])[:80]!r}") from error
    unknown = sorted(set(entry.tables) - set(ALL_TABLES))
    if unknown:
        raise UnusableTableError(f"{path}: got table {unknown[0]!r}, expected some of {', '.join(ALL_TABLES)}")
    return Lake(folder, entry, "sha256:" + hashlib.sha256(content).hexdigest())


def _records(frames: Mapping[str, pl.DataFrame], codes: pl.Series) -> Records:
    evidence = {name: frame for name, frame in frames.items() if name in TABLES or name == CONSENTS.name}
    return Records.of(evidence, enterprises=codes)


def _read(path: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(path, hive_partitioning=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UnusableTableError(f"{path}: cannot be read ({_first_line(error)})") from error


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def _of_bucket(table: Table, rows: pl.DataFrame, bucket: int, buckets: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows that lie where their enterprise belongs, and rejects of the others: nobody would look for them here."""
    codes = rows["enterprise_id"].unique()
    here = [code for code in codes if bucket_of(code, buckets) == bucket]
    if len(here) == len(codes):
        return rows, no_rejects()
    fits = rows["enterprise_id"].is_in(pl.Series(here, dtype=pl.String).implode())
    strays = rows.with_row_index().filter(~fits)
    rejects = rejects_of(
        table, strays["index"].to_list(), ["bucket"] * strays.height, strays["enterprise_id"].to_list()
    )
    return rows.filter(fits), rejects
