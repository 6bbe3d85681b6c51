"""Write the documents that are made from the code: `python -m cli.documents`."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import typer


def _data() -> str:
    from sources.reference import markdown

    return markdown()


def _features() -> str:
    from features.catalogue import markdown

    return markdown()


DOCUMENTS: Mapping[Path, Callable[[], str]] = MappingProxyType(
    {Path("docs/data.md"): _data, Path("docs/features.md"): _features}
)
"""Document → what makes its text."""


def write() -> None:
    """Write every document that is made from the code, below the current folder."""
    for path, text in DOCUMENTS.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text(), "utf-8")
        typer.echo(f"wrote {path}")


if __name__ == "__main__":
    write()
