"""Options that several sub-commands take."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

MappingFile = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Mapping file of a folder or database, or the name of one of ours."),
]
Tracking = Annotated[Path, typer.Option(help="Folder of the local MLflow store.")]
TrackingUri = Annotated[
    str | None,
    typer.Option(help="PostgreSQL or MLflow server to use instead.  [default: XINPEI_TRACKING_URI or none]"),
]
TRACKING = Path("var/mlflow")
Source = Annotated[str, typer.Option(help="Folder with the tables, lake, or PostgreSQL URL.")]


def name_of(data: str) -> str:
    """The last part of a path; of a URL the name of the database, for the rest may hold a password."""
    if "://" in data:
        return urlsplit(data).path.strip("/") or "database"
    return Path(data).resolve().name
