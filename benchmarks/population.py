"""How whole-city profiles grow with workers and with the city.

Run it with `python -m benchmarks.population`; `--help` names the sizes. The bigger city has fewer rows a firm, so that
its buckets are as big as those of the other. No time is asserted: read the ratios, and whether the peaks are flat.
"""

import argparse
import datetime as dt
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from features.population import build_population, local_client, peak_memory
from features.profile import profiles
from features.sets import SETS
from simulation.rows import row_chunks
from sources.lake import Lake, open_lake, write_lake

ROOT = Path(__file__).resolve().parents[1]
AS_OF = dt.date(2026, 10, 31)
SEED = 1
MIB = 2**20
ROWS_OF_A_CHUNK = 1_500_000
MILLISECONDS = 1e3
POINTS = 50


@dataclass(frozen=True)
class Size:
    """A city, and how it is cut."""

    firms: int
    rows_each: int
    rows_of_a_bucket: int

    @property
    def buckets(self) -> int:
        return max(1, self.firms * self.rows_each // self.rows_of_a_bucket)


def main() -> None:
    """Print seconds and ratios of workers, then the peaks of two cities."""
    wanted = _arguments()
    if wanted.one_process:
        _one_process(Path(wanted.one_process))
        return
    with tempfile.TemporaryDirectory(prefix="xinpei-population-", dir=wanted.folder) as folder:
        size = Size(wanted.firms, wanted.rows, wanted.bucket_rows)
        lake = _lake(size, Path(folder) / "lake")
        _compare(lake, Path(folder), wanted.repeats)
        _find(lake)
        for firms in wanted.cities:
            rows = max(1, wanted.city_rows // firms)
            _peaks(Size(firms, rows, wanted.bucket_rows), Path(folder) / f"city-{firms}")


def _arguments() -> argparse.Namespace:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--firms", type=int, default=2_000, help="firms of the city that workers are compared on")
    asked.add_argument("--rows", type=int, default=1_500, help="rows of each of them")
    asked.add_argument("--bucket-rows", type=int, default=250_000, help="rows of a bucket")
    asked.add_argument("--repeats", type=int, default=3, help="turns of each way to build it")
    asked.add_argument("--cities", type=int, nargs="*", default=[20_000, 200_000], help="firms of cities to compare")
    asked.add_argument("--city-rows", type=int, default=10_000_000, help="rows of each of these cities")
    asked.add_argument("--folder", type=Path, default=None, help="where the lakes lie while it runs")
    asked.add_argument("--one-process", help=argparse.SUPPRESS)
    return asked.parse_args()


def _lake(size: Size, folder: Path) -> Lake:
    start = time.perf_counter()
    chunks = row_chunks(
        size.firms,
        rows_each=size.rows_each,
        seed=SEED,
        until=AS_OF,
        firms_each=max(1, ROWS_OF_A_CHUNK // size.rows_each),
    )
    lake = write_lake(folder, chunks, buckets=size.buckets, today=AS_OF)
    rows = sum(entry.rows for entry in lake.entry.tables.values())
    print(
        f"population: lake of {lake.enterprises:,} firms, {rows:,} rows, {lake.buckets} buckets, drawn, judged and "
        f"written in {time.perf_counter() - start:,.1f} s; peak memory of the writer {peak_memory() / MIB:,.0f} MiB",
        flush=True,
    )
    return lake


def _compare(lake: Lake, folder: Path, repeats: int) -> None:
    """The same lake by two workers, by one, and by one process with two threads and no cluster, in turns."""
    ways: dict[str, Callable[[int], tuple[float, list[int]]]] = {
        "Dask, 2 workers of 1 thread": lambda turn: _by_workers(lake, 2, folder / f"two-{turn}"),
        "Dask, 1 worker of 1 thread": lambda turn: _by_workers(lake, 1, folder / f"one-{turn}"),
        "one process, 2 threads": lambda _: _without_cluster(lake),
    }
    turns = [{name: way(turn) for name, way in ways.items()} for turn in range(repeats)]
    medians = {name: statistics.median(turn[name][0] for turn in turns) for name in ways}
    for name, seconds in medians.items():
        told = ", ".join(f"{size / MIB:,.0f}" for size in turns[-1][name][1])
        print(f"  {name:<28} {seconds:8.2f} s  {lake.enterprises / seconds:8,.0f} firms/s  peak {told} MiB")
    two, one, plain = medians.values()
    print(
        f"  medians of {repeats}; ratio to 2 workers: 1 worker {one / two:.2f}, one process {plain / two:.2f}",
        flush=True,
    )


def _by_workers(lake: Lake, workers: int, out: Path) -> tuple[float, list[int]]:
    """Seconds of the build itself, without the start of the workers, and the peak of each."""
    with local_client(workers) as client:
        client.run(peak_memory)  # so that they have imported all they need
        start = time.perf_counter()
        summary = build_population(lake, SETS["all"], AS_OF, out=out, client=client)
        seconds = time.perf_counter() - start
    if summary.failed:
        sys.exit(f"population: a bucket failed, nothing to compare: {summary.failed}")
    return seconds, sorted(summary.peak_bytes.values())


def _without_cluster(lake: Lake) -> tuple[float, list[int]]:
    """Seconds and peak of a fresh process with two polars threads that takes bucket after bucket."""
    command = [sys.executable, "-m", "benchmarks.population", "--one-process", str(lake.folder)]
    two_threads = {**os.environ, "POLARS_MAX_THREADS": "2"}
    done = subprocess.run(command, env=two_threads, cwd=ROOT, check=True, capture_output=True, text=True)
    seconds, peak = done.stdout.split()
    return float(seconds), [int(peak)]


def _one_process(folder: Path) -> None:
    start, lake = time.perf_counter(), open_lake(folder)
    for bucket in range(lake.buckets):
        with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
            profiles(lake.read(bucket).records, SETS["all"], AS_OF).write_parquet(file.name)
    print(time.perf_counter() - start, peak_memory())


def _find(lake: Lake) -> None:
    codes = [code for bucket in range(min(lake.buckets, POINTS)) for code in lake.codes(bucket).head(1)]
    taken = []
    for code in (codes * POINTS)[:POINTS]:
        start = time.perf_counter()
        lake.find(code)
        taken.append((time.perf_counter() - start) * MILLISECONDS)
    print(f"  one enterprise found in {statistics.median(taken):.1f} ms (median of {POINTS})", flush=True)


def _peaks(size: Size, folder: Path) -> None:
    lake = _lake(size, folder / "lake")
    seconds, peaks = _by_workers(lake, 2, folder / "out")
    told = ", ".join(f"{peak / MIB:,.0f}" for peak in peaks)
    print(
        f"  {size.rows_each:,} rows a firm: {seconds:,.2f} s, {lake.enterprises / seconds:,.0f} firms/s, "
        f"peak of each worker {told} MiB",
        flush=True,
    )


if __name__ == "__main__":
    main()
