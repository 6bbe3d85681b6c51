"""Write tables and rejects as Parquet, so that `read_folder` gives the same back."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl


def write_folder(folder: Path, tables: Mapping[str, pl.DataFrame], rejects: pl.DataFrame) -> None:
    """One Parquet file a table, and `rejects/rejects.parquet`, which is empty where nothing was rejected."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in tables.items():
        write_parquet(frame, folder / f"{name}.parquet")
    (folder / "rejects").mkdir(exist_ok=True)
    write_parquet(rejects, folder / "rejects" / "rejects.parquet")


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Write beside and rename, so that a killed process leaves the old file or the new one, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    frame.write_parquet(unfinished)
    unfinished.replace(path)
