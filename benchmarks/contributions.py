"""How fast Shapley values are: LightGBM's own, those of woodelf-explainer, and how near either comes to the margin.

Run it with `python -m benchmarks.contributions`; `--help` names the sizes. Both explain the same rows with the same
booster, each in a process of its own. Path-dependent values of both kinds are the same by definition, so they are held
against each other. No time is asserted: read the ratios.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np

from benchmarks.training import LABEL, MIB, invented
from features.population import peak_memory

ROOT = Path(__file__).resolve().parents[1]
ROWS_TO_FIT = 20_000
WARM_UP = 20
ONE_ROW_REPEATS = 30
MILLISECONDS = 1e3
MODEL, ROWS = "model.txt", "rows.npy"

Matrix = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Took:
    """How long each call took, the rows a call explained, and the most bytes held before them and at the end."""

    seconds: list[float]
    rows: int
    before_bytes: int
    peak_bytes: int

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def by_lightgbm(booster: lgb.Booster, rows: Matrix) -> Matrix:
    """One column a feature, and the expected margin last; every core."""
    return np.asarray(booster.predict(rows, pred_contrib=True))


def by_woodelf(booster: lgb.Booster, rows: Matrix) -> Matrix:
    """As `by_lightgbm`: float64 in, float32 out; the expected margin it does not tell is that of a row of LightGBM's.

    Reading the booster into its own form is part of it, as in a service that explains one batch.
    """
    import pandas as pd  # noqa: PLC0415 - the other process does without
    from woodelf import WoodelfExplainer  # noqa: PLC0415 - as above

    table = pd.DataFrame(rows, columns=booster.feature_name())
    values = WoodelfExplainer(booster).shap_values(table, verbose=False)
    base = by_lightgbm(booster, rows[:1])[0, -1]
    return np.column_stack([values, np.full(len(rows), base)])


EXPLAINERS: dict[str, Callable[[lgb.Booster, Matrix], Matrix]] = {
    "LightGBM pred_contrib": by_lightgbm,
    "woodelf-explainer": by_woodelf,
}


def main() -> None:
    """Print rows a second, peaks, residuals, and how far the two are apart."""
    wanted = _arguments()
    if wanted.explainer:
        _measure(wanted.explainer, Path(wanted.folder), rows=wanted.rows, repeats=wanted.repeats)
        return
    with tempfile.TemporaryDirectory(prefix="xinpei-contributions-", dir=wanted.folder) as name:
        folder = Path(name)
        booster = _made(folder, wanted)
        leaves = [tree["num_leaves"] for tree in booster.dump_model()["tree_info"]]
        print(
            f"contributions: {len(leaves):,} trees of up to {max(leaves)} leaves over {booster.num_feature()} columns, "
            f"invented rows, seed {wanted.seed}",
            flush=True,
        )
        for rows, repeats in ((1, ONE_ROW_REPEATS), (wanted.rows, 1)):
            _show({name: _in_own_process(name, folder, rows, repeats) for name in EXPLAINERS})
        _compare(booster, folder)


def _arguments() -> argparse.Namespace:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--rows", type=int, default=100_000, help="rows of the batch")
    asked.add_argument("--columns", type=int, default=150)
    asked.add_argument("--trees", type=int, default=300)
    asked.add_argument("--leaves", type=int, default=12)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--folder", type=Path, default=None, help="where model and rows lie while it runs")
    asked.add_argument("--explainer", choices=EXPLAINERS, help=argparse.SUPPRESS)
    asked.add_argument("--repeats", type=int, default=1, help=argparse.SUPPRESS)
    return asked.parse_args()


def _made(folder: Path, wanted: argparse.Namespace) -> lgb.Booster:
    """A booster, and rows that it has not seen, as files."""
    frame = invented(ROWS_TO_FIT + wanted.rows, wanted.columns, seed=wanted.seed)
    matrix = frame.drop(LABEL).fill_null(float("nan")).to_numpy(order="c")
    data = lgb.Dataset(matrix[:ROWS_TO_FIT], frame[LABEL].to_numpy()[:ROWS_TO_FIT])
    parameters = {"objective": "binary", "num_leaves": wanted.leaves, "verbose": -1, "seed": wanted.seed}
    booster = lgb.train(parameters, data, num_boost_round=wanted.trees)
    booster.save_model(folder / MODEL)
    np.save(folder / ROWS, matrix[ROWS_TO_FIT:])
    return booster


def _answers(folder: Path, name: str, rows: int) -> Path:
    return folder / f"{name}-{rows}.npy"


def _in_own_process(name: str, folder: Path, rows: int, repeats: int) -> Took:
    command = [sys.executable, "-m", "benchmarks.contributions", "--explainer", name, "--folder", str(folder)]
    sizes = ["--rows", str(rows), "--repeats", str(repeats)]
    done = subprocess.run([*command, *sizes], cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"contributions: {name} failed with exit code {done.returncode}\n{done.stderr[-2000:]}")
    return Took(**json.loads(done.stdout.splitlines()[-1]))


def _measure(name: str, folder: Path, *, rows: int, repeats: int) -> None:
    """In a process of its own: the last line of its output is what it took."""
    booster = lgb.Booster(model_file=folder / MODEL)
    given = np.load(folder / ROWS)[:rows]
    EXPLAINERS[name](booster, given[:WARM_UP])
    before, seconds = peak_memory(), []
    for _ in range(repeats):
        start = time.perf_counter()
        values = EXPLAINERS[name](booster, given)
        seconds.append(time.perf_counter() - start)
    peak = peak_memory()
    np.save(_answers(folder, name, rows), values)
    print(json.dumps({"seconds": seconds, "rows": rows, "before_bytes": before, "peak_bytes": peak}))


def _show(took: dict[str, Took]) -> None:
    reference = next(iter(took.values()))
    what = "one row" if reference.rows == 1 else f"{reference.rows:,} rows"
    print(f"  {what}, median of {len(reference.seconds)}")
    print(f"    {'':<22} {'ms':>11} {'rows/s':>9} {'ratio of times':>15} {'peak MiB':>9} {'of it before':>13}")
    for name, one in took.items():
        print(
            f"    {name:<22} {one.median * MILLISECONDS:11,.1f} {one.rows / one.median:9,.1f} "
            f"{one.median / reference.median:15.2f} {one.peak_bytes / MIB:9,.0f} {one.before_bytes / MIB:13,.0f}",
            flush=True,
        )


def _compare(booster: lgb.Booster, folder: Path) -> None:
    rows = np.load(folder / ROWS)
    margins = booster.predict(rows, raw_score=True)
    answers = {name: np.load(_answers(folder, name, len(rows))) for name in EXPLAINERS}
    reference = next(iter(answers.values()))
    print(f"  {len(rows):,} rows, largest over all of them, in units of the margin (it spans {np.ptp(margins):.2f})")
    print(f"    {'':<22} {'|sum - margin|':>15} {'|value - pred_contrib|':>23}")
    for name, values in answers.items():
        residual = np.abs(values.sum(axis=1) - margins).max()
        print(f"    {name:<22} {residual:15.2e} {np.abs(values - reference).max():23.2e}")


if __name__ == "__main__":
    main()
