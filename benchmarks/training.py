"""What a training takes in time and memory, beside LightGBM as it comes.

Run it with `python -m benchmarks.training`; `--help` names the sizes. Every way reads the same invented table in a
process of its own, so that each has its own peak memory; all may use every core. No time is asserted: read the ratios.
They are no race: LightGBM as it comes grows one model and chooses nothing, the others choose, weigh and calibrate.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from features.population import peak_memory

ROOT = Path(__file__).resolve().parents[1]
LABEL = "defaulted"
BAD_SHARE, NULL_SHARE, TELLING = 0.03, 0.08, 20
"""Share of defaults, of nulls, and how many of the columns tell anything."""

MIB = 2**20
REFERENCE = "lightgbm.train, 100 rounds"


@dataclass(frozen=True)
class Took:
    """Seconds of the fit alone; most bytes held before it, with the table, and by its end; trees, where it tells."""

    seconds: float
    table_bytes: int
    peak_bytes: int
    trees: int | None = None


def invented(rows: int, columns: int, *, seed: int) -> pl.DataFrame:
    """Normal columns with nulls, of which the first few move the risk, some of them two by two; exact share of bads."""
    rng = np.random.default_rng(seed)
    values = rng.standard_normal((rows, columns))
    told = values[:, : min(TELLING, columns)]
    risk = told @ np.linspace(0.6, 0.1, told.shape[1]) + told[:, 0] * told[:, -1] + 1.5 * rng.standard_normal(rows)
    defaulted = np.zeros(rows, dtype=np.int64)
    defaulted[np.argsort(risk)[rows - max(2, round(BAD_SHARE * rows)) :]] = 1
    values[rng.random(values.shape) < NULL_SHARE] = np.nan
    names = [f"column_{number:03d}" for number in range(columns)]
    return pl.from_numpy(values, schema=names).fill_nan(None).with_columns(pl.Series(LABEL, defaulted))


def _as_arrays(frame: pl.DataFrame) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    matrix = frame.drop(LABEL).fill_null(float("nan")).to_numpy(order="c")
    return matrix, frame[LABEL].to_numpy()


def _as_it_comes(frame: pl.DataFrame, _: int) -> int:
    import lightgbm as lgb  # noqa: PLC0415 - each process imports what it measures and no more

    matrix, defaulted = _as_arrays(frame)
    booster = lgb.train({"objective": "binary", "verbose": -1}, lgb.Dataset(matrix, defaulted), num_boost_round=100)
    return int(booster.num_trees())


def _bag(frame: pl.DataFrame, seed: int) -> int:
    from training.learner.boosting import Settings, fit_members  # noqa: PLC0415 - as above
    from training.learner.sample import Sample  # noqa: PLC0415 - as above
    from training.learner.search import BAGS, FIRST_TRIALS, SLOW  # noqa: PLC0415 - as above

    matrix, defaulted = _as_arrays(frame)
    columns = matrix.shape[1]
    names = tuple(frame.drop(LABEL).columns)
    sample = Sample(matrix, defaulted, names, monotone=(0,) * columns, groups=np.arange(len(matrix)))
    known: dict[str, Any] = dict(FIRST_TRIALS[0])
    settings = Settings(**known, rounds=300, learning_rate=SLOW, bags=BAGS)
    return sum(int(member.num_trees()) for member in fit_members(sample, settings, seed=seed))


def _fit_credit(frame: pl.DataFrame, seed: int) -> None:
    from training.fit import fit_credit  # noqa: PLC0415 - as above

    fit_credit(frame, label=LABEL, seed=seed)


WAYS: dict[str, Callable[[pl.DataFrame, int], int | None]] = {
    REFERENCE: _as_it_comes,
    "a bag of the recipe, nothing chosen": _bag,
    "training.fit.fit_credit": _fit_credit,
}


def main() -> None:
    """Print seconds and peaks of every way, and ratios to LightGBM as it comes."""
    wanted = _arguments()
    if wanted.way:
        _measure(wanted.way, Path(wanted.table), wanted.seed)
        return
    with tempfile.TemporaryDirectory(prefix="xinpei-training-", dir=wanted.folder) as folder:
        table = Path(folder) / "table.parquet"
        invented(wanted.rows, wanted.columns, seed=wanted.seed).write_parquet(table)
        print(
            f"training: {wanted.rows:,} invented rows of {wanted.columns} columns, {BAD_SHARE:.0%} defaults, "
            f"{NULL_SHARE:.0%} nulls, seed {wanted.seed}, {os.cpu_count()} cores",
            flush=True,
        )
        _show({name: _in_own_process(name, table, wanted.seed) for name in wanted.ways})


def _arguments() -> argparse.Namespace:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--rows", type=int, default=200_000)
    asked.add_argument("--columns", type=int, default=150)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS), help="the first is what ratios refer to")
    asked.add_argument("--folder", type=Path, default=None, help="where the table lies while it runs")
    asked.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    asked.add_argument("--table", help=argparse.SUPPRESS)
    return asked.parse_args()


def _in_own_process(name: str, table: Path, seed: int) -> Took | str:
    """What it took, or the line that says why it failed."""
    command = [sys.executable, "-m", "benchmarks.training", "--way", name, "--table", str(table), "--seed", str(seed)]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode:
        return f"failed with exit code {done.returncode}: {' '.join(done.stderr.splitlines()[-1:])}"
    return Took(**json.loads(done.stdout.splitlines()[-1]))


def _measure(name: str, table: Path, seed: int) -> None:
    """In a process of its own: the last line of its output is what it took."""
    frame = pl.read_parquet(table)
    before = peak_memory()
    start = time.perf_counter()
    trees = WAYS[name](frame, seed)
    seconds = time.perf_counter() - start
    told = {"seconds": seconds, "table_bytes": before, "peak_bytes": peak_memory(), "trees": trees}
    print(json.dumps(told))


def _show(took: dict[str, Took | str]) -> None:
    measured = {name: one for name, one in took.items() if isinstance(one, Took)}
    if measured:
        _show_table(measured)
    failed = [f"training: {name} {one}" for name, one in took.items() if isinstance(one, str)]
    if failed:
        sys.exit("\n".join(failed))


def _show_table(took: dict[str, Took]) -> None:
    reference = next(iter(took.values()))
    print(f"  {'':<36} {'seconds':>9} {'ratio':>7} {'peak MiB':>9} {'ratio':>7} {'trees':>6}")
    for name, one in took.items():
        trees = "" if one.trees is None else f"{one.trees:,}"
        print(
            f"  {name:<36} {one.seconds:9.2f} {one.seconds / reference.seconds:7.2f} "
            f"{one.peak_bytes / MIB:9,.0f} {one.peak_bytes / reference.peak_bytes:7.2f} {trees:>6}"
        )
    print(f"  of each peak, before the fit, Python and the table: {reference.table_bytes / MIB:,.0f} MiB")


if __name__ == "__main__":
    main()
