"""What folders of models have in common: put in place as a whole, known by a digest, trees that are not cut short."""

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

END_OF_TREES = "\nend of trees\n"


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """A new folder beside `folder`, which takes its place once all is written; an exception leaves the older one."""
    unfinished, older = (folder.with_name(f".{folder.name}.{state}") for state in ("unfinished", "older"))
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    yield unfinished
    shutil.rmtree(older, ignore_errors=True)
    if folder.exists():
        folder.rename(older)
    unfinished.rename(folder)
    shutil.rmtree(older, ignore_errors=True)


def digest_of_files(paths: Iterable[Path]) -> str:
    """`sha256:…` over the names and bytes of files, whatever their order."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return "sha256:" + total.hexdigest()


def is_whole(trees: str) -> bool:
    """Whether the text of a booster ends where it should: LightGBM does not survive one cut in the middle of a tree."""
    return END_OF_TREES in trees


def write_json(path: Path, content: Mapping[str, Any], *, indent: int | None = 1) -> None:
    """Write with sorted keys, so that equal content gives equal bytes."""
    path.write_text(json.dumps(content, ensure_ascii=False, indent=indent, sort_keys=True) + "\n", "utf-8")
