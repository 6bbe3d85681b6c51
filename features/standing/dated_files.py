"""Rules in TOML files with a first day: which version is in force."""

import datetime as dt
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@cache
def _versions(name: str) -> tuple[dict[str, Any], ...]:
    found = tomllib.loads((FOLDER / name).read_text("utf-8"))["version"]
    return tuple(sorted(found, key=lambda version: version["from"]))


def version_on(name: str, day: dt.date) -> dict[str, Any]:
    """The newest `[[version]]` of a file of this folder that is in force on a day.

    Raises:
        LookupError: the first version is younger.
    """
    versions = _versions(name)
    in_force = [version for version in versions if version["from"] <= day]
    if not in_force:
        raise LookupError(f"{name}: got {day}, expected a day from {versions[0]['from']} on, its first version")
    return in_force[-1]
