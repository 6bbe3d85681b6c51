"""Write a lake, in memory of one chunk and one bucket at a time."""

import datetime as dt
import hashlib
import io
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl

from sources.codes import valid_code
from sources.contracts import CONSENTS
from sources.lake.layout import (
    ENTERPRISES,
    MOST_BUCKETS,
    REJECTS,
    ROWS_OF_A_GROUP,
    LakeEntry,
    TableEntry,
    bucket_of,
    contract_digest,
    file_of,
)
from sources.lake.reading import Lake, open_lake
from sources.readers.folder import ALL_TABLES, Folder
from sources.readers.source import LAKE_FILE
from sources.records import Records
from sources.validation import UnusableTableError, no_rejects, validate
from sources.writers import write_parquet

LENGTH_BYTES = 8


def write_lake(
    folder: Path, chunks: Records | Folder | Iterable[Records | Folder], *, buckets: int, today: dt.date
) -> Lake:
    """Write a lake of some records, in memory of one chunk and one bucket at a time.

    It is written beside `folder` and renamed when it is whole: a process killed half-way leaves no lake. Every row is
    judged by its contract; bad ones go to `rejects/`, counted in `lake.json`.

    Args:
        folder: must not be there yet, or be empty.
        chunks: records, or what a reader gave with labels and applications; every chunk has the same tables. Rows of
            one enterprise may come in several. Whoever occurs in any table is in scope.
        buckets: how many; a bucket must fit into a worker's memory several times.
        today: rows dated later are rejects.

    Raises:
        ValueError: the number of buckets is out of range, or a chunk has other tables than the first.
        UnusableTableError: there is something in `folder`.
    """
    if not 1 <= buckets <= MOST_BUCKETS:
        raise ValueError(f"buckets: got {buckets}, expected 1 to {MOST_BUCKETS}")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UnusableTableError(f"got {folder}, expected a folder that is not there yet, or an empty one")
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    if unfinished.exists():
        shutil.rmtree(unfinished)
    spilled = _Spilled(unfinished / "spilled", buckets)
    for chunk in [chunks] if isinstance(chunks, (Records, Folder)) else chunks:
        spilled.take(chunk)
    entry = _settled(spilled, unfinished, today)
    shutil.rmtree(spilled.folder, ignore_errors=True)
    (unfinished / LAKE_FILE).write_text(entry.model_dump_json(indent=1) + "\n", "utf-8")
    unfinished.replace(folder)
    return open_lake(folder)


class _Spilled:
    """Rows of all chunks, one file a table and bucket, each chunk appended as a block of its own."""

    def __init__(self, folder: Path, buckets: int) -> None:
        self.folder = folder
        self.buckets = buckets
        self.tables: tuple[str, ...] | None = None

    def take(self, chunk: Records | Folder) -> None:
        """Append the rows of a chunk.

        Raises:
            ValueError: it has other tables than the chunks before.
        """
        records, frames = _frames(chunk)
        if self.tables is None:
            self.tables = tuple(frames)
        if set(frames) != set(self.tables):
            odd = min(set(frames) ^ set(self.tables))
            raise ValueError(f"got {odd!r} in some chunks only; expected it in all, without rows where there are none")
        codes = pl.concat([records.enterprises, *(frame["enterprise_id"] for frame in frames.values())])
        codes = codes.unique(maintain_order=True).drop_nulls()
        places = [bucket_of(code, self.buckets) for code in codes]
        own = pl.DataFrame({"enterprise_id": codes, "bucket": places}, schema_overrides={"bucket": pl.UInt32})
        self._append(ENTERPRISES, own)
        for name, frame in frames.items():
            self._append(name, frame.join(own, on="enterprise_id", how="left", maintain_order="left"))

    def rows(self, name: str, bucket: int) -> pl.DataFrame | None:
        """All rows of a bucket, in the order they came; None when there is none."""
        path = file_of(self.folder, name, bucket)
        return pl.concat(_blocks(path)) if path.exists() else None

    def _append(self, name: str, placed: pl.DataFrame) -> None:
        (self.folder / name).mkdir(parents=True, exist_ok=True)
        for (bucket,), rows in placed.partition_by("bucket", as_dict=True, include_key=False).items():
            block = io.BytesIO()
            rows.write_ipc(block, compression="zstd")
            # A row without a code belongs nowhere; the first bucket rejects it.
            with file_of(self.folder, name, int(bucket or 0)).open("ab") as file:
                file.write(block.tell().to_bytes(LENGTH_BYTES, "little") + block.getbuffer())


def _frames(chunk: Records | Folder) -> tuple[Records, dict[str, pl.DataFrame]]:
    """The records of a chunk, and all its tables by name in their usual order."""
    records = chunk.records if isinstance(chunk, Folder) else chunk
    aside = dict(chunk.aside) if isinstance(chunk, Folder) else {}
    given = {**dict(records.tables()), **aside}
    if records.consents is not None:
        given[CONSENTS.name] = records.consents
    return records, {name: given[name] for name in ALL_TABLES if name in given}


def _blocks(path: Path) -> Iterator[pl.DataFrame]:
    with path.open("rb") as file:
        while length := file.read(LENGTH_BYTES):
            yield pl.read_ipc(io.BytesIO(file.read(int.from_bytes(length, "little"))))


def _settled(spilled: _Spilled, folder: Path, today: dt.date) -> LakeEntry:
    """Sort and judge bucket after bucket; what there is to say of them all."""
    kept: Counter[str] = Counter()
    rejected: Counter[str] = Counter()
    digests, tables = [], spilled.tables or ()
    for bucket in range(spilled.buckets):
        codes = spilled.rows(ENTERPRISES, bucket)
        _write(_in_scope(codes), file_of(folder, ENTERPRISES, bucket))
        kept[ENTERPRISES] += _in_scope(codes).height
        rejects = [no_rejects()]
        for name in tables:
            table = ALL_TABLES[name]
            rows = spilled.rows(name, bucket)
            checked = validate(
                table, table.empty() if rows is None else rows.sort("enterprise_id", maintain_order=True), today=today
            )
            _write(checked.rows.sort(*table.key, maintain_order=True), file_of(folder, name, bucket))
            kept[name] += checked.rows.height
            rejected[name] += checked.rejects.height
            rejects.append(checked.rejects)
        if any(frame.height for frame in rejects):
            write_parquet(pl.concat(rejects), file_of(folder, REJECTS, bucket))
        digests.append(_digest(file_of(folder, name, bucket) for name in (ENTERPRISES, *tables)))
    return LakeEntry(
        buckets=spilled.buckets,
        enterprises=kept[ENTERPRISES],
        checked_on=today,
        tables={name: TableEntry(rows=kept[name], contract=contract_digest(ALL_TABLES[name])) for name in tables},
        rejected={name: count for name, count in rejected.items() if count},
        files=tuple(digests),
    )


def _in_scope(codes: pl.DataFrame | None) -> pl.DataFrame:
    """The distinct well-formed codes, sorted."""
    if codes is None:
        return pl.DataFrame(schema={"enterprise_id": pl.String})
    return codes.unique().filter(valid_code(pl.col("enterprise_id"))).sort("enterprise_id")


def _write(rows: pl.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows.write_parquet(path, row_group_size=ROWS_OF_A_GROUP)


def _digest(paths: Iterable[Path]) -> str:
    """Digest over the content of some files, one after the other."""
    whole = hashlib.sha256()
    for path in paths:
        whole.update(path.read_bytes())
    return whole.hexdigest()
