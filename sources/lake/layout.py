"""Where things lie in a lake, and what `lake.json` says of them."""

import datetime as dt
import hashlib
import zlib
from pathlib import Path
from typing import Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from sources.contracts import Table

ENTERPRISES, REJECTS = "enterprises", "rejects"
MOST_BUCKETS = 10_000
ROWS_OF_A_GROUP = 16_384
"""Rows of a Parquet row group: what is read at least when one enterprise is looked for."""


class TableEntry(BaseModel):
    """What `lake.json` says of one table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rows: int = Field(ge=0)
    contract: str
    """Digest of the contract that every row was judged by; empty = not judged."""


class LakeEntry(BaseModel):
    """The content of `lake.json`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    hash: Literal["crc32"] = "crc32"
    buckets: int = Field(ge=1, le=MOST_BUCKETS)
    enterprises: int = Field(ge=0)
    checked_on: dt.date
    """Rows dated later are rejects."""
    tables: dict[str, TableEntry]
    rejected: dict[str, int] = {}
    files: tuple[str, ...] = ()
    """Digest of the files of each bucket."""


def bucket_of(enterprise_id: str, buckets: int) -> int:
    """Where an enterprise lies: CRC-32 of its code, modulo the number of buckets; the same on every machine."""
    return zlib.crc32(enterprise_id.encode()) % buckets


def file_of(folder: Path, table: str, bucket: int) -> Path:
    return folder / table / f"bucket={bucket:04d}.parquet"


def contract_digest(table: Table) -> str:
    """Digest of what a row of the table must be: columns, types, rules and key."""
    judged = [
        table.name,
        *(f"{name}:{_told(dtype)}" for name, dtype in table.dtypes.items()),
        *(f"{name}:{rule}" for name, rule in table.rules.items()),
        *table.key,
        "planned",
        *table.planned,
    ]
    return "sha256:" + hashlib.sha256("\n".join(judged).encode()).hexdigest()


def _told(dtype: pl.DataType) -> str:
    return f"Enum({dtype.categories.to_list()})" if isinstance(dtype, pl.Enum) else str(dtype)
