"""How fast a city is invented and written, and whether memory stays bounded as it grows.

Run it with `python -m benchmarks.simulation`; `--cities 2000 20000 200000` compares the peaks of other sizes. Every run
is a process of its own, its workers are counted with it, and seconds are those of the whole call, start of workers
included. No time is asserted: read the ratios, and whether the peaks are flat.
"""

import argparse
import datetime as dt
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from simulation.city import simulate
from simulation.plan import City

ROOT = Path(__file__).resolve().parents[1]
UNTIL = dt.date(2026, 10, 31)
SEED = 1
MIB = 2**20
AIM_SECONDS = 30
"""For 2,000 firms of 36 months."""


@dataclass(frozen=True)
class Taken:
    """What one run took; peaks in bytes, first that of the process that was asked."""

    firms: int
    seconds: float
    rows: int
    bytes_written: int
    peaks: tuple[int, ...]

    def __str__(self) -> str:
        peaks = ", ".join(f"{peak / MIB:,.0f}" for peak in self.peaks)
        return (
            f"{self.seconds:8.2f} s  {self.firms / self.seconds:7,.0f} firms/s  "
            f"{self.rows / self.seconds:11,.0f} rows/s  {self.rows:13,} rows  "
            f"{self.bytes_written / MIB:8,.0f} MiB written  peak {peaks} MiB"
        )


def main() -> None:
    """Print seconds and ratio of one process and of workers, then the peaks of several cities."""
    asked = _arguments()
    if asked.one:
        firms, months, workers = (int(number) for number in asked.one.split(","))
        print(json.dumps(asdict(_run(firms, months, workers, asked.folder))))
        return
    print(f"simulation: {asked.firms:,} firms, {asked.months} months, all tables and the truth", flush=True)
    ways = {"this process alone": 1, f"{asked.workers} workers of 1 thread": asked.workers}
    medians = {}
    for name, workers in ways.items():
        runs = [_in_its_own_process(asked.firms, workers, asked) for _ in range(asked.repeats)]
        typical = sorted(runs, key=lambda run: run.seconds)[len(runs) // 2]
        medians[name] = statistics.median(run.seconds for run in runs)
        print(f"  {name:<22} {typical}", flush=True)
    alone, spread = medians.values()
    print(f"  medians of {asked.repeats}; ratio alone / workers {alone / spread:.2f}; aim {AIM_SECONDS} s", flush=True)
    peaks = {firms: _in_its_own_process(firms, asked.workers, asked) for firms in asked.cities}
    for firms, run in peaks.items():
        print(f"  {firms:>9,} firms        {run}", flush=True)
    if len(peaks) > 1:
        first, *_, last = (sum(run.peaks) for run in peaks.values())
        print(f"  ratio of all peaks together, largest city to smallest: {last / first:.2f}", flush=True)


def _arguments() -> argparse.Namespace:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--firms", type=int, default=2_000, help="firms of the city that is timed")
    asked.add_argument("--months", type=int, default=36, help="months told")
    asked.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes of one thread")
    asked.add_argument("--repeats", type=int, default=3, help="runs of each way")
    asked.add_argument(
        "--cities", type=int, nargs="*", default=[2_000, 20_000], help="firms of cities whose peaks to compare"
    )
    asked.add_argument("--folder", type=Path, default=None, help="where the cities lie while it runs")
    asked.add_argument("--one", help=argparse.SUPPRESS)
    return asked.parse_args()


def _in_its_own_process(firms: int, workers: int, asked: argparse.Namespace) -> Taken:
    command = [sys.executable, "-m", "benchmarks.simulation", "--one", f"{firms},{asked.months},{workers}"]
    folder = ["--folder", str(asked.folder)] if asked.folder else []
    done = subprocess.run([*command, *folder], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    said = json.loads(done.stdout)
    return Taken(**(said | {"peaks": tuple(said["peaks"])}))


def _run(firms: int, months: int, workers: int, folder: Path | None) -> Taken:
    with tempfile.TemporaryDirectory(prefix="xinpei-simulation-", dir=folder) as temporary:
        out = Path(temporary) / "city"
        start = time.perf_counter()
        told = simulate(City(enterprises=firms, months=months, seed=SEED, until=UNTIL), out, workers=workers)
        seconds = time.perf_counter() - start
        size = sum(path.stat().st_size for path in out.rglob("*.parquet"))
    return Taken(firms, seconds, sum(told.tables.values()), size, told.peak_bytes)


if __name__ == "__main__":
    main()
