"""One way in for a folder, a lake or a database."""

import datetime as dt
import re
from pathlib import Path

from sources.mapping import load_mapping
from sources.readers.folder import Folder, combined, judge_folder
from sources.validation import UnusableTableError

URL = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://")
LAKE_FILE = "lake.json"


def read_source(source: str | Path, *, mapping: str | Path | None = None, today: dt.date) -> Folder:
    """Read and validate every known table of a source.

    Args:
        source: a folder, a lake (a folder with `lake.json`), or the SQLAlchemy URL of a PostgreSQL database.
        mapping: a mapping file, or the name of one that ships with the project; says how the source's own columns
            become those of the contracts.
        today: rows dated later are rejects.

    Raises:
        UnusableTableError: the source cannot be read, has no table, or a table's columns do not fit its contract.
        MappingMistakesError: the mapping file has mistakes.
    """
    return judge_source(source, mapping=mapping, today=today).or_error()


def judge_source(source: str | Path, *, mapping: str | Path | None = None, today: dt.date) -> Folder:
    """As `read_source`, but a table that cannot be used is told in `Folder.unusable`, beside the others.

    Raises:
        UnusableTableError: the source cannot be read or has no table at all.
        MappingMistakesError: the mapping file has mistakes.
    """
    loaded = None if mapping is None else load_mapping(mapping)
    if isinstance(source, str) and URL.match(source):
        from sources.database import judge_database  # noqa: PLC0415 - SQLAlchemy is slow to import; few need it

        return judge_database(source, today=today, mapping=loaded)
    folder = Path(source)
    if not (folder / LAKE_FILE).is_file():
        return judge_folder(folder, today=today, mapping=loaded)
    if loaded is not None:
        raise UnusableTableError(f"{folder}: got a mapping for a lake, whose tables are under contract already")
    return _lake(folder)


def _lake(folder: Path) -> Folder:
    from sources.lake import open_lake  # noqa: PLC0415 - a lake is made of folders: it imports this package itself

    lake = open_lake(folder)
    return combined(lake.read(bucket) for bucket in range(lake.buckets))
