"""The profiles of a whole city: one bucket of a lake a task, on the workers of a Dask cluster.

Only names and paths travel. Each worker reads its bucket, folds it with one polars thread and writes one file beside
the others, so that memory is bounded by the bucket, and a build that was stopped goes on where it was.
"""

import datetime as dt
import json
import logging
import os
import resource
import sys
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import dask
import polars as pl
from distributed import Client, LocalCluster, as_completed

from features.definition import Feature
from features.fingerprint import feature_digest
from features.profile import profiles
from features.sets import FEATURES
from sources.contracts import BLOCKS, CONSENTS, TABLES
from sources.lake import Lake, open_lake
from sources.readers import Folder

PROFILES_FILE = "profiles.json"
FORMAT = 1
TASKS_OF_A_WORKER = 2
"""In flight at once: one at work and one waiting, so that stopping is quick and no result piles up."""

RETRIES = 2
BYTES_OF_A_KIB = 1024
IN_MEMORY = "none: records in memory"
"""In the place of a lake's digest."""

ONE_THREAD = dict.fromkeys(("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")


OWN_GROUP = "import os; os.setpgrp()"
"""What a worker runs first: Ctrl-C is meant for the one who asked, who then ends the workers. Ignoring the signal would
not do, for polars listens to it on its own."""

Result = TypeVar("Result")


class PopulationError(ValueError):
    """A build that cannot start, in words that help."""


@dataclass(frozen=True)
class BucketDone:
    """One bucket's profiles, written by a worker.

    Attributes:
        rejects: rows left out, because the lake's rows were judged again and did not keep their contract.
        without: for each block, how many enterprises have nothing of it that may be used.
        process: host and number of the worker's process.
        peak_bytes: most memory that process ever held.
    """

    bucket: int
    enterprises: int
    rejects: int
    without: Mapping[str, int]
    process: str
    peak_bytes: int


@dataclass(frozen=True)
class Summary:
    """What came of a build.

    Attributes:
        done: buckets written now.
        kept: buckets that were there already.
        failed: for each bucket that could not be built, the line that says why.
    """

    done: tuple[BucketDone, ...]
    kept: tuple[int, ...]
    failed: Mapping[int, str]

    @property
    def enterprises(self) -> int:
        """Profiled now."""
        return sum(one.enterprises for one in self.done)

    @property
    def rejects(self) -> int:
        """Rows left out now."""
        return sum(one.rejects for one in self.done)

    @property
    def peak_bytes(self) -> Mapping[str, int]:
        """Most memory of each worker process."""
        peaks: dict[str, int] = {}
        for one in self.done:
            peaks[one.process] = max(one.peak_bytes, peaks.get(one.process, 0))
        return peaks

    @property
    def without(self) -> Mapping[str, int]:
        """For each block, how many of the enterprises profiled now have nothing of it that may be used."""
        return {block: sum(one.without[block] for one in self.done) for block in BLOCKS}


@dataclass(frozen=True)
class Job:
    """All that a worker must know beside the number of its bucket."""

    lake: str
    lake_digest: str
    features: tuple[str, ...]
    feature_digest: str
    as_of: dt.date
    out: str


def build_population(
    lake: Lake,
    features: Sequence[Feature],
    as_of: dt.date,
    *,
    out: Path,
    client: Client,
    on_bucket: Callable[[int], None] = lambda _: None,
) -> Summary:
    """The profiles of every enterprise of a lake, as `out/bucket=0007.parquet` and so on.

    Buckets that are there already are kept. A bucket that fails is tried again, and costs no other its result.

    Args:
        lake: must lie under the same path for every worker.
        features: features of `FEATURES`.
        as_of: day to stand on.
        out: folder that the workers write to; `out/profiles.json` says what it holds.
        client: of the cluster to run on; each worker should have one polars thread.
        on_bucket: called with the number of each bucket as it is finished, kept or failed.

    Raises:
        PopulationError: `out` holds profiles of another day, lake or feature set, or something else altogether.
    """
    job = claim(lake, features, as_of, out=out)
    kept = tuple(bucket for bucket in range(lake.buckets) if bucket_file(out, bucket).exists())
    for bucket in kept:
        on_bucket(bucket)
    done, failed = [], {}
    missing = sorted(set(range(lake.buckets)) - set(kept))
    for bucket, result in few_at_a_time(client, _build_bucket, ((one, (job, one)) for one in missing), _told):
        if isinstance(result, BucketDone):
            done.append(result)
        else:
            failed[bucket] = result
        on_bucket(bucket)
    for leftover in out.glob(".bucket=*"):
        leftover.unlink(missing_ok=True)
    return Summary(tuple(sorted(done, key=lambda one: one.bucket)), kept, dict(sorted(failed.items())))


def claim(lake: Lake, features: Sequence[Feature], as_of: dt.date, *, out: Path) -> Job:
    """Say in `out/profiles.json` what is to be built there, or see that it says just that.

    Raises:
        PopulationError: `out` holds other profiles, or something else altogether.
    """
    unknown = [one.name for one in features if FEATURES.get(one.name) is not one]
    if unknown:
        raise PopulationError(f"got feature {unknown[0]!r}, expected features of `FEATURES` only: names travel")
    names = tuple(one.name for one in features)
    job = Job(str(lake.folder.resolve()), lake.digest, names, feature_digest(features), as_of, str(out.resolve()))
    _claim(out, job, lake.buckets)
    return job


def build_here(given: Folder, features: Sequence[Feature], as_of: dt.date, *, out: Path) -> Summary:
    """The profiles of records in memory, by this process, as the only bucket of `out`; always built anew.

    Raises:
        PopulationError: `out` holds other profiles, or something else altogether.
    """
    job = Job("", IN_MEMORY, tuple(one.name for one in features), feature_digest(features), as_of, str(out))
    _claim(out, job, buckets=1)
    return Summary((_built(given, features, job, bucket=0),), (), {})


def bucket_file(out: Path, bucket: int) -> Path:
    """Where the profiles of one bucket lie."""
    return out / f"bucket={bucket:04d}.parquet"


@contextmanager
def local_client(workers: int) -> Iterator[Client]:
    """A cluster of so many processes on this machine, each with one thread, gone at the end."""
    # Before the process starts: polars and the BLAS libraries look only once, and a variable that is set wins.
    with (
        dask.config.set({"distributed.nanny.pre-spawn-environ": ONE_THREAD}),
        LocalCluster(  # type: ignore[no-untyped-call]  # as below: it ships few types
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            dashboard_address="127.0.0.1:0",
            preload=OWN_GROUP,
            memory_limit=0,
            silence_logs=logging.CRITICAL,  # what fails is told by its future
        ) as cluster,
        Client(cluster) as client,  # type: ignore[no-untyped-call]
    ):
        yield client


def _claim(out: Path, job: Job, buckets: int) -> None:
    """Say in `profiles.json` what the folder is for, or see that it says just that."""
    wanted: dict[str, Any] = {
        "format": FORMAT,
        "as_of": job.as_of.isoformat(),
        "lake_digest": job.lake_digest,
        "feature_digest": job.feature_digest,
        "features": list(job.features),
        "buckets": buckets,
    }
    path = out / PROFILES_FILE
    if path.exists():
        differs = _difference(path, wanted)
        if differs:
            raise PopulationError(f"{out} holds other profiles: {differs}. Give another folder, or remove that one")
        return
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise PopulationError(f"got {out}, expected a folder that is not there yet, an empty one, or one of profiles")
    out.mkdir(parents=True, exist_ok=True)
    unfinished = out / f".{PROFILES_FILE}.unfinished"
    unfinished.write_text(json.dumps(wanted, indent=1) + "\n", "utf-8")
    unfinished.replace(path)


def _difference(path: Path, wanted: Mapping[str, Any]) -> str | None:
    """In what a manifest differs from the one wanted, in a few words."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except ValueError:
        return f"{path.name} is no JSON"
    for name, value in wanted.items():
        if not isinstance(found, dict) or name not in found:
            return f"{path.name} has no {name!r}"
        if found[name] != value:
            shown = "differs" if isinstance(value, list) else f"is {found[name]}, and {value} is wanted"
            return f"{name} {shown}"
    return None


def few_at_a_time(
    client: Any,
    task: Callable[..., Any],
    work: Iterable[tuple[int, tuple[Any, ...]]],
    told: Callable[[Any, int], Result],
) -> Iterator[tuple[int, Result]]:
    """What came of a task for each bucket, in the order in which they finish; few are in flight at once.

    Args:
        client: of the cluster whose workers run the task.
        task: a function that workers can import; tried again when a worker dies.
        work: each bucket with the arguments of its task.
        told: makes the result of a finished future and its bucket.
    """
    waiting = iter(work)
    in_flight: dict[Any, int] = {}

    def submitted() -> Iterator[Any]:
        for _, (bucket, arguments) in zip(range(_slots(client) - len(in_flight)), waiting, strict=False):
            future = client.submit(task, *arguments, pure=False, retries=RETRIES)
            in_flight[future] = bucket
            yield future

    flying: Any = as_completed(list(submitted()))  # type: ignore[no-untyped-call]
    try:
        for future in flying:
            bucket = in_flight.pop(future)
            yield bucket, told(future, bucket)
            future.release()
            flying.update(list(submitted()))
    finally:
        client.cancel(list(in_flight))


def _slots(client: Any) -> int:
    """How many tasks may be in flight; a worker that is just being replaced leaves room for one."""
    threads: int = sum(client.nthreads().values())
    return TASKS_OF_A_WORKER * max(1, threads)


def _told(future: Any, _: int) -> BucketDone | str:
    if future.status == "finished":
        done: BucketDone = future.result()
        return done
    if future.status == "error":
        error = future.exception()
        return " ".join(f"{type(error).__name__}: {error}".split())
    return str(future.status)


def _build_bucket(job: Job, bucket: int) -> BucketDone:
    """Runs in a worker."""
    features = tuple(FEATURES[name] for name in job.features)
    if feature_digest(features) != job.feature_digest:
        raise PopulationError("this worker has other feature definitions than the one who asked; update it")
    lake = open_lake(Path(job.lake))
    if lake.digest != job.lake_digest:
        raise PopulationError(f"{job.lake}: this worker sees another lake, {lake.digest}, expected {job.lake_digest}")
    return _built(lake.read(bucket, tables=tables_for(lake, features)), features, job, bucket=bucket)


def _built(given: Folder, features: Sequence[Feature], job: Job, *, bucket: int) -> BucketDone:
    """Fold what was given, and write it."""
    profile = profiles(given.records, features, job.as_of)
    _write(profile, bucket_file(Path(job.out), bucket))
    return BucketDone(
        bucket=bucket,
        enterprises=profile.height,
        rejects=given.rejects.height,
        without={block: int((~profile[f"has_{block}"]).sum()) for block in BLOCKS},
        process=f"{os.uname().nodename}:{os.getpid()}",
        peak_bytes=peak_memory(),
    )


def _write(profile: pl.DataFrame, path: Path) -> None:
    """Write beside and rename, under a name that no other process uses: a bucket may be built twice at a time."""
    unfinished = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    profile.write_parquet(unfinished)
    unfinished.replace(path)


def tables_for(lake: Lake, features: Sequence[Feature]) -> tuple[str, ...]:
    """Tables that must be read: those of the features, consents, and the smallest one of every other block.

    The last because a profile says which blocks were given.
    """
    needed = {name for one in features for name in one.sources} | {CONSENTS.name}
    seen = {TABLES[name].block for name in needed if name in TABLES and name in lake.tables}
    smallest: dict[str, str] = {}
    for name in sorted(set(lake.tables) & set(TABLES), key=lambda name: (lake.entry.tables[name].rows, name)):
        smallest.setdefault(TABLES[name].block, name)
    needed |= {name for block, name in smallest.items() if block not in seen}
    return tuple(name for name in lake.tables if name in needed)


def peak_memory() -> int:
    """Most bytes that this process ever held in memory."""
    status = Path("/proc/self/status")
    if status.exists():
        # Not `ru_maxrss`: on Linux a new process starts with that of the one that made it.
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return BYTES_OF_A_KIB * int(line.split()[1])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else BYTES_OF_A_KIB * peak
