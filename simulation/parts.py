"""What a worker does: tell some communities into fragments, and bind the fragments of a part into its files.

A fragment is one table of one community. A part is bound when all its communities are told, whoever told them, so that
its files depend on the city alone. Fragments and files that are not whole lie in a folder that is gone at the end.
"""

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

import polars as pl

from simulation.community import draw_community
from simulation.plan import City
from simulation.tables import tables
from simulation.told.mistakes import mistakes
from simulation.truth import FOLDER, truth
from simulation.weather import Weather, weather

UNFINISHED = ".unfinished"
PART = r"\.?part-\d{5}\.parquet(\.unfinished)?"
"""What the name of a file of a part may be."""

ROWS_OF_A_GROUP = 131_072
"""Of a Parquet row group. Said outright: the usual number may hang on the threads of a process."""

TellCommunity = Callable[[City, int], Mapping[str, pl.DataFrame]]
"""All frames of one community of a city, by the folder that they go to."""


@dataclass(frozen=True)
class Done:
    """What came of one task.

    Attributes:
        rows: told, by folder.
    """

    rows: Mapping[str, int] = field(default_factory=dict)


def everything(city: City, number: int) -> dict[str, pl.DataFrame]:
    """The tables and the truth of a community."""
    community, keep = draw_community(number, city.calendar, _weather(city), seed=city.seed), city.kept(number)
    told = tables(community, keep=keep, spoil=mistakes if city.mistakes else None)
    hidden = truth(community, city, keep=keep)
    return told | {f"{FOLDER}/{name}": frame for name, frame in hidden.items()}


def tell(city: City, out: Path, communities: Iterable[int], *, told_by: TellCommunity) -> Done:
    """Write the fragments of some communities, one community in memory at a time."""
    rows: dict[str, int] = {}
    for number in communities:
        for name, frame in told_by(city, number).items():
            _write(frame.write_ipc, fragment_of(out, name, number))
            rows[name] = rows.get(name, 0) + frame.height
    return Done(rows)


def bind(city: City, out: Path, part: int, *, names: Collection[str]) -> Done:
    """Write the files of one part from its fragments; they come into sight together, when all are written."""
    for name in names:
        fragments = [pl.read_ipc(fragment_of(out, name, one)) for one in city.communities_of(part)]
        whole = pl.concat(fragments, rechunk=True)
        _write(partial(whole.write_parquet, row_group_size=ROWS_OF_A_GROUP), _hidden(out, name, part))
    for name in names:
        file = file_of(out, name, part)
        file.parent.mkdir(parents=True, exist_ok=True)
        _hidden(out, name, part).replace(file)
    return Done()


def drop_fragments(city: City, out: Path, part: int, *, names: Collection[str]) -> None:
    """Remove what a part was bound from."""
    for name in names:
        for number in city.communities_of(part):
            fragment_of(out, name, number).unlink(missing_ok=True)


def file_of(out: Path, name: str, part: int) -> Path:
    """Where the rows of one part of one table lie."""
    return out / name / f"part-{part:05d}.parquet"


def fragment_of(out: Path, name: str, community: int) -> Path:
    """Where the rows of one community wait to be bound."""
    return out / UNFINISHED / name / f"community-{community:06d}.arrow"


def _hidden(out: Path, name: str, part: int) -> Path:
    return out / UNFINISHED / name / file_of(out, name, part).name


def _write(write: Callable[[Path], object], path: Path) -> None:
    """Write beside and rename, under a name that no other process uses: a task may run twice at a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    write(beside)
    beside.replace(path)


@cache
def _weather(city: City) -> Weather:
    return weather(city.calendar, seed=city.seed)
