"""Write docs/simulation.md: how real and how hard the invented city is, measured.

Run it with `python -m benchmarks.simulation_page --real var/cumcm`. Everything on the page is computed here, but for
the words, which stand in `benchmarks/simulation_page.md`. The page is written only when all has been measured.
"""

import argparse
import datetime as dt
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import TypeVar

import polars as pl

from benchmarks import (
    hardness,
    page_anchors,
    page_assumed,
    page_hardness,
    page_plots,
    page_realism,
    page_tables,
    realism,
    transfer,
)
from features.sets import INVOICE_FLOW
from sources.clock import today_in_beijing
from sources.contracts import LABELS

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = Path(__file__).with_suffix(".md")
PAGE, PICTURES = "simulation.md", "simulation"
FIRMS = 200
TRANSFER_AIM = 0.80
Part = TypeVar("Part")
DECIDING = ("simulation", "features", "sources", "decisions")
"""Packages that decide what is drawn."""


@dataclass(frozen=True)
class Sizes:
    """How much is simulated: communities of 200 firms for each part, futures of each firm, and the seed.

    Attributes:
        communities: compared with the real invoices.
        transfer: whose borrowers the transferred model learns from.
        learn, judge: of hardness.
        branches: futures of each firm.
        seed: of the first two; hardness and anchors have `hardness.SEED`.
    """

    communities: int
    transfer: int
    learn: int
    judge: int
    branches: int
    seed: int


@dataclass(frozen=True)
class Transfer:
    """A model of simulated borrowers, judged on real labelled firms."""

    borrowers: int
    bad: int
    real: int
    real_bad: int
    auc: float
    low: float
    high: float


@dataclass(frozen=True)
class Measured:
    """All figures of the page."""

    marks: pl.DataFrame
    realism: page_realism.Realism
    transfer: Transfer
    hardness: page_hardness.Hardness
    anchors: page_anchors.Anchors


def main() -> None:
    """Measure, draw, write."""
    asked = _arguments()
    wanted = asked.parse_args()
    sizes = Sizes(
        **{name: getattr(wanted, name) for name in ("communities", "transfer", "learn", "judge", "branches", "seed")}
    )
    try:
        measured = measure(wanted.real, sizes, keep=wanted.keep)
    except FileNotFoundError as missing:
        asked.exit(2, f"{missing}\n")
    pictures = page_plots.draw(wanted.out / PICTURES, measured.realism, measured.hardness, branches=wanted.branches)
    (wanted.out / PAGE).write_text(page(measured, sizes, command=_command(wanted), day=today_in_beijing()), "utf-8")
    print(f"wrote {wanted.out / PAGE} and {', '.join(pictures)} in {wanted.out / PICTURES}")


def _arguments() -> argparse.ArgumentParser:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--real", type=Path, default=Path("var/cumcm"), help="folder of the imported real invoices")
    asked.add_argument("--communities", type=int, default=24, help="of 200 firms, compared with the real invoices")
    asked.add_argument("--transfer", type=int, default=80, help="whose borrowers the transferred model learns from")
    asked.add_argument("--learn", type=int, default=100, help="that models of hardness learn from")
    asked.add_argument("--judge", type=int, default=60, help="that they are judged on")
    asked.add_argument("--branches", type=int, default=1000, help="futures of each firm")
    asked.add_argument("--seed", type=int, default=1, help="of realism and transfer")
    asked.add_argument("--out", type=Path, default=ROOT / "docs", help="folder of the page")
    asked.add_argument("--keep", type=Path, help="folder in which what is drawn is kept while the code stays the same")
    return asked


def _command(wanted: argparse.Namespace) -> str:
    sizes = ("communities", "transfer", "learn", "judge", "branches", "seed")
    given = " ".join(f"--{name} {getattr(wanted, name)}" for name in sizes)
    return f"python -m benchmarks.simulation_page --real {wanted.real} {given}"


def measure(real: Path, sizes: Sizes, *, keep: Path | None) -> Measured:
    """All figures of the page, with a line of progress for each part.

    Raises:
        FileNotFoundError: there are no real invoices.
    """
    invoices = realism.real_invoices(real)
    compared = _timed("realism", lambda: page_realism.measure(invoices, sizes.communities, seed=sizes.seed))
    anchors = _timed("anchors", lambda: page_anchors.measure(range(sizes.learn + sizes.judge)))
    sample = _timed("sample of hardness", lambda: _sample(sizes, keep))
    hard = _timed("hardness", lambda: page_hardness.measure(sample, sizes.learn))
    # Last, so that nothing above can have seen the labels.
    moved = _timed("transfer", lambda: measure_transfer(real, invoices, sizes))
    return Measured(page_assumed.counts(), compared, moved, hard, anchors)


def measure_transfer(folder: Path, invoices: pl.DataFrame, sizes: Sizes) -> Transfer:
    """What a model of simulated borrowers makes of the labelled real firms."""
    simulated = transfer.simulated_borrowers(range(sizes.transfer), realism.last_days(invoices), seed=sizes.seed)
    scores = transfer.scored(simulated, realism.profiles_of(invoices))
    labels = LABELS.typed(pl.read_parquet(folder / "labels.parquet")).select("enterprise_id", "defaulted")
    judged = scores.join(labels, on="enterprise_id")
    bad = judged["defaulted"].to_numpy()
    auc, low, high = transfer.judged_auc(bad, judged["score"].to_numpy())
    return Transfer(simulated.height, int(simulated["defaulted"].sum()), judged.height, int(bad.sum()), auc, low, high)


def _timed(part: str, run: Callable[[], Part]) -> Part:
    start = time.perf_counter()
    found = run()
    print(f"{part}: {time.perf_counter() - start:,.0f} s", flush=True)
    return found


def _sample(sizes: Sizes, keep: Path | None) -> pl.DataFrame:
    """The sample of hardness, from the folder where an equal one was kept."""
    every = range(sizes.learn + sizes.judge)
    if keep is None:
        return hardness.draw(every, branches=sizes.branches)
    file = keep / f"hardness-{len(every)}-{sizes.branches}-{_code()}.parquet"
    if not file.is_file():
        keep.mkdir(parents=True, exist_ok=True)
        hardness.draw(every, branches=sizes.branches).write_parquet(file)
    return pl.read_parquet(file)


def _code() -> str:
    """A short digest of all files that decide what is drawn."""
    digest = hashlib.sha256(Path(hardness.__file__).read_bytes())
    for package in DECIDING:
        for path in sorted((ROOT / package).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def page(measured: Measured, sizes: Sizes, *, command: str, day: dt.date) -> str:
    """The page, from its words and the figures."""
    words = _figures(measured, sizes) | _tables(measured) | {"command": command, "day": day.isoformat()}
    return Template(TEMPLATE.read_text("utf-8")).substitute(words)


def _tables(measured: Measured) -> dict[str, str]:
    found, hard = measured.realism, measured.hardness
    return {
        "files": page_tables.files(),
        "marks": page_tables.marks(measured.marks),
        "mark_shares": page_tables.mark_shares(measured.marks),
        "named": page_tables.named_features(found),
        "nearest": page_tables.nearest(found),
        "farthest": page_tables.farthest(found),
        "months": page_tables.months(found),
        "telling": page_tables.telling(found),
        "models": page_tables.models(hard),
        "aims": page_tables.aims(hard),
        "deciles": page_tables.deciles(hard),
        "roles": page_tables.roles(hard),
        "anchors": page_tables.anchors(measured.anchors, hard),
    }


def _figures(measured: Measured, sizes: Sizes) -> dict[str, str]:
    found, hard, moved, anchors = measured.realism, measured.hardness, measured.transfer, measured.anchors
    truth, observable, _, ratios = hard.models
    numbers = measured.marks["all"].sum()
    return {
        "numbers": f"{numbers:,}",
        "seen": f"{measured.marks['seen'].sum() / numbers:.0%}",
        "features": str(len(INVOICE_FLOW)),
        "real": str(found.real),
        "simulated": f"{found.simulated:,}",
        "least_months": str(realism.LEAST_MONTHS),
        "communities": str(sizes.communities),
        "firms": f"{sizes.communities * FIRMS:,}",
        "seed": str(sizes.seed),
        "median_ks": f"{found.table['ks'].median():.3f}",
        "auc_named": f"{found.named.auc:.3f}",
        "auc_every": f"{found.every.auc:.3f}",
        "transfer": str(sizes.transfer),
        "transfer_borrowers": f"{moved.borrowers:,}",
        "transfer_bad": f"{moved.bad:,}",
        "labelled": str(moved.real),
        "labelled_bad": str(moved.real_bad),
        "auc_transfer": f"{moved.auc:.3f}",
        "transfer_interval": f"{moved.low:.3f}–{moved.high:.3f}",
        "transfer_aim": page_tables.within(moved.auc, TRANSFER_AIM, 1),
        "learn": str(sizes.learn),
        "judge": str(sizes.judge),
        "branches": f"{sizes.branches:,}",
        "hardness_seed": str(hardness.SEED),
        "hardness_until": str(hardness.UNTIL),
        "hardness_months": str(hardness.MONTHS),
        "all": f"{hard.all:,}",
        "borrowers": f"{hard.borrowers:,}",
        "judged": f"{hard.judged:,}",
        "auc_truth": f"{truth.auc:.3f}",
        "auc_observable": f"{observable.auc:.3f}",
        "auc_ratios": f"{ratios.auc:.3f}",
        "base_rate": f"{hard.rate_borrowers:.2%}",
        "clean_of_defaulted": f"{hard.clean_of_defaulted:.0%}",
        "anchor_firms": f"{anchors.firms:,}",
        "asked": f"{anchors.asked:,}",
        "granted": f"{anchors.granted:,}",
    }


if __name__ == "__main__":
    main()
