"""A whole city, told to a folder: community after community, on the workers of a Dask cluster.

The folder has one folder a table, as `sources.readers` reads them, and `truth/` beside them, which nothing reads by
itself. Memory is bounded by one community and one table of one part a worker.
"""

import re
import shutil
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from simulation.assumed.city import COMMUNITY
from simulation.lending.offers import offers
from simulation.parts import PART, UNFINISHED, Done, TellCommunity, bind, drop_fragments, everything, file_of, tell
from simulation.plan import City
from simulation.truth import FOLDER, MANIFEST, is_simulated, offers_frame, write_manifest
from sources.readers.folder import ALL_TABLES
from sources.writers import write_parquet

TASKS_OF_A_WORKER = 2
"""In flight at once: one at work and one waiting."""

RETRIES = 2
FIRST = "FIRST_COMPLETED"
NO_PROFILE = {"distributed.worker.profile.enabled": False}
"""A worker's record of where its time goes grows by a hundred MiB in some minutes."""

VERSIONS = ("xinpei", "numpy", "scipy", "polars")
"""Others of these may tell another city."""

OFFERS = f"{FOLDER}/offers"


class CityError(ValueError):
    """A city that cannot be told, in words that help."""


@dataclass(frozen=True)
class Told:
    """What came of a city.

    Attributes:
        rows: by folder: tables, then `truth/…`.
        peak_bytes: most memory of each process that worked at it, this one first.
    """

    rows: Mapping[str, int]
    peak_bytes: tuple[int, ...]

    @property
    def tables(self) -> Mapping[str, int]:
        """Rows by table, in the order in which tables are shown."""
        return {name: self.rows[name] for name in ALL_TABLES if name in self.rows}

    @property
    def truth(self) -> Mapping[str, int]:
        """Rows of what no source tells, by name."""
        return {name.removeprefix(f"{FOLDER}/"): count for name, count in self.rows.items() if name not in ALL_TABLES}


def simulate(
    city: City,
    out: Path,
    *,
    chunk: int = COMMUNITY,
    workers: int = 1,
    told_by: TellCommunity = everything,
    on_told: Callable[[int], None] = lambda _: None,
) -> Told:
    """Tell a city to a folder: the same bytes, whatever the chunks and workers.

    Parts come into sight one by one, each in all tables together. A run that was stopped leaves those that are whole,
    and says in `truth/manifest.json` that the city is not; the next run begins anew.

    Args:
        city: what to tell.
        out: is not there yet, is empty, or holds a simulated city, which is replaced.
        chunk: firms that one task tells; a multiple of a community.
        workers: processes, one thread each; with 1, and for a single part, this process does it all.
        told_by: gives the frames of one community.
        on_told: called with the number of firms told, again and again.

    Raises:
        CityError: `out` holds something else, or a task failed.
        ValueError: `chunk` is no multiple of a community; the catalogue or the policy is wrong.
        OSError: `out` cannot be written.
    """
    chunks = city.chunks(chunk)
    work = _Work(city, out, chunks, told_by=told_by, on_told=on_told)
    products = offers_frame(offers())
    claim(out, city)
    several = min(workers, len(chunks)) if city.parts > 1 else 1
    peaks = _carried_out_here(work) if several == 1 else _carried_out_by(several, work)
    write_parquet(products, file_of(out, OFFERS, 0))
    shutil.rmtree(out / UNFINISHED, ignore_errors=True)
    rows = {**work.rows, OFFERS: products.height}
    write_manifest(out, city, rows=rows, versions=_versions())
    return Told(rows, peaks)


def claim(out: Path, city: City) -> None:
    """Make a folder ready for a city: old parts are gone, and its manifest says what is to come.

    Raises:
        CityError: it holds something else than a simulated city.
        OSError: it cannot be written.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        strange = "" if is_simulated(out) else f"no {FOLDER}/{MANIFEST} of one"
        strange = strange or next((f"also {path}" for path in _strangers(out)), "")
        if strange:
            raise CityError(
                f"got {out}, expected a folder that is not there yet, an empty one, or a simulated city to replace;"
                f" it holds {strange}"
            )
    write_manifest(out, city, rows=None, versions=_versions())
    for name in (UNFINISHED, *ALL_TABLES):
        with suppress(FileNotFoundError):
            shutil.rmtree(out / name)
    for path in (out / FOLDER).iterdir():
        if path.is_dir():
            shutil.rmtree(path)


def _strangers(out: Path) -> Iterator[Path]:
    """What a simulation did not write, and must not remove."""
    for path in sorted(out.iterdir()):
        if path.name == UNFINISHED:
            continue
        if path.name == FOLDER and path.is_dir():
            yield from (one for one in sorted(path.iterdir()) if not _is_ours(one) and MANIFEST not in one.name)
        elif path.name not in ALL_TABLES or not _is_ours(path):
            yield path


def _is_ours(folder: Path) -> bool:
    return folder.is_dir() and all(re.fullmatch(PART, path.name) for path in folder.iterdir())


def _versions() -> dict[str, str]:
    return {name: version(name) for name in VERSIONS}


@dataclass(frozen=True)
class _Task:
    """Communities to tell, or a part to bind."""

    name: str
    run: Callable[[], Done]
    communities: range = range(0)
    part: int | None = None


class _Work:
    """What is left to do: chunks in order, and each part as soon as all its communities are told."""

    def __init__(
        self, city: City, out: Path, chunks: list[range], *, told_by: TellCommunity, on_told: Callable[[int], None]
    ) -> None:
        self.rows: dict[str, int] = {}
        self._city, self._out, self._told_by, self._on_told = city, out, told_by, on_told
        self._to_tell = deque(chunks)
        self._to_bind: deque[int] = deque()
        self._missing = {part: len(city.communities_of(part)) for part in range(city.parts)}

    def next(self) -> _Task | None:
        """A task that can begin now; None while there is none."""
        city, out = self._city, self._out
        if self._to_bind:
            part = self._to_bind.popleft()
            return _Task(f"part {part}", partial(bind, city, out, part, names=tuple(self.rows)), part=part)
        if self._to_tell:
            some = self._to_tell.popleft()
            run = partial(tell, city, out, some, told_by=self._told_by)
            return _Task(f"communities {some.start} to {some.stop - 1}", run, some)
        return None

    def finish(self, task: _Task, done: Done) -> None:
        """Note what came of a task."""
        city = self._city
        for name, count in done.rows.items():
            self.rows[name] = self.rows.get(name, 0) + count
        for community in task.communities:
            part = city.part_of(community)
            self._missing[part] -= 1
            if not self._missing[part]:
                self._to_bind.append(part)
        if task.part is not None:
            drop_fragments(city, self._out, task.part, names=self.rows)
        else:
            self._on_told(sum(len(city.kept(community)) for community in task.communities))


def _carried_out_here(work: _Work) -> tuple[int, ...]:
    """Task after task; most memory that this process held."""
    from features.population import peak_memory  # noqa: PLC0415 - brings Dask along, which takes a second

    while task := work.next():
        work.finish(task, task.run())
    return (peak_memory(),)


def _carried_out_by(workers: int, work: _Work) -> tuple[int, ...]:
    """On the workers of a cluster of our own; most memory of this process and of each of them."""
    import dask  # noqa: PLC0415 - only a large city needs a cluster

    from features.population import local_client, peak_memory  # noqa: PLC0415 - as above

    with dask.config.set(NO_PROFILE), local_client(workers) as client:
        connection: Any = client
        flying: dict[Any, _Task] = {}
        try:
            _drain(work, connection, flying, most=TASKS_OF_A_WORKER * workers)
        finally:
            connection.cancel(list(flying))
        return (peak_memory(), *sorted(connection.run(peak_memory).values()))


def _drain(work: _Work, connection: Any, flying: dict[Any, _Task], *, most: int) -> None:
    """Send tasks and finish what comes back, until nothing is left."""
    from distributed import wait  # noqa: PLC0415 - only a large city needs a cluster

    while _send(work, connection, flying, most=most):
        for future in wait(list(flying), return_when=FIRST).done:  # type: ignore[no-untyped-call]
            task = flying.pop(future)
            work.finish(task, _result(future, task))


def _send(work: _Work, connection: Any, flying: dict[Any, _Task], *, most: int) -> bool:
    """Send tasks until so many are under way; whether any is."""
    while len(flying) < most and (task := work.next()):
        flying[connection.submit(task.run, pure=False, retries=RETRIES)] = task
    return bool(flying)


def _result(future: Any, task: _Task) -> Done:
    if future.status == "finished":
        done: Done = future.result()
        return done
    error = future.exception() if future.status == "error" else None
    told = f"{type(error).__name__}: {error}" if error else future.status
    raise CityError(f"{task.name}: {' '.join(told.split())}") from error
