"""Options that several sub-commands take."""

from typing import Annotated

import typer

MappingFile = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Mapping file of a folder or database, or the name of one of ours."),
]
Source = Annotated[str, typer.Option(help="Folder with the tables, lake, or PostgreSQL URL.")]
