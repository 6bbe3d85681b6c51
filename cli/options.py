"""Options that several sub-commands take."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

MappingFile = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Mapping file of a folder or database, or the name of one of ours."),
]
Source = Annotated[str, typer.Option(help="Folder with the tables, lake, or PostgreSQL URL.")]


def name_of(data: str) -> str:
    """The last part of a path; of a URL the name of the database, for the rest may hold a password."""
    if "://" in data:
        return urlsplit(data).path.strip("/") or "database"
    return Path(data).resolve().name
