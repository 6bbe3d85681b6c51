"""Screening of a simulated city beside its planted truth: `python -m benchmarks.screening`; `--help` names the choices.

The rules were chosen on the city of seed 1 (stood on 2025-11-01) and are judged on one of another seed, stood on a day
with a year of truth behind it. Said before the first look at that city:

- Judged are enterprises established by the day and not struck off by then.
- A shell is a planted shell that has begun to trade; a zombie is a planted idle firm that has stopped by then. A firm
  that closed for good before the day and is still in the register is at work no more: finding it is no mistake, but
  nobody planted it either, so it stands in a line of its own. "Found" means listed to be checked first.
- A sound firm wrongly excluded is one at work (it trades that month or lawfully rests, is neither shell nor idle, and
  did not default) that is listed to be checked first. That a firm is told which standard it fails is no exclusion;
  its share is told beside it.
- A visit is worth its while at a firm that is at work in the month before the day, is neither shell nor idle, is not in
  default, neither defaults nor closes in the 12 months after, and whose true sales of those months are, by month, at
  least 90 % of those of up to 12 months before. Random = any enterprise that is judged. Firms under a year old mostly
  grow into their size, so that this says less of them: the list is also told without them.

Intervals are 95 % Wilson intervals.
"""

import argparse
import datetime as dt
import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import lightgbm as lgb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from decisions.offered.catalogue import load_catalogue
from decisions.screening.assignment import Team, assign
from decisions.screening.lists import table_of
from decisions.screening.policy import ScreeningPolicy, screening_on
from decisions.screening.screening import screen
from features.profile import profiles
from features.sets import ALL
from simulation.truth import manifest_of, read_truth
from sources.clock import today_in_beijing
from sources.readers import read_source
from sources.records import Records

UNTIL, AS_OF = dt.date(2026, 10, 31), dt.date(2025, 11, 1)
SEED, ENTERPRISES, MONTHS = 79, 3_000, 50
HOLDS = 0.9
TOWNS_OF_A_DISTRICT = 5
COVERED = 0.8
"""Of the firms to be visited, how many the banks have visits for in the assignment."""

Z = 1.959964
PARAMETERS = {
    "objective": "binary", "num_leaves": 8, "learning_rate": 0.04, "min_data_in_leaf": 40, "feature_fraction": 0.4,
    "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 10.0, "num_threads": 2, "seed": 0, "verbosity": -1,
    "deterministic": True, "force_row_wise": True,
}  # fmt: skip
ROUNDS = 150


def main() -> None:
    """Print what was found, excluded and worth a visit, with the blocks that firms consented to and with all."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--city", type=Path, help="a simulated city with truth; one is made where none is named")
    asked.add_argument("--learn", type=Path, help="another simulated city, for LightGBM to learn worth from")
    asked.add_argument("--as-of", type=dt.date.fromisoformat, default=AS_OF)
    asked.add_argument("--enterprises", type=int, default=ENTERPRISES)
    asked.add_argument("--seed", type=int, default=SEED)
    given, _ = asked.parse_known_args()
    with _city(given.city, given.enterprises, given.seed) as city:
        told = truth(city, given.as_of)
        for name, records in _cities(city):
            print(f"\n{name}")
            report(records, told, given.as_of)
            if given.learn:
                _compare(given.learn, records, told, given.as_of, withheld=name.startswith("with the"))


@contextmanager
def _city(named: Path | None, enterprises: int, seed: int) -> Iterator[Path]:
    if named is not None:
        if not json.loads(manifest_of(named).read_text("utf-8"))["finished"]:
            sys.exit(f"{named}: got a city that is not whole yet, expected a finished one")
        yield named
        return
    with tempfile.TemporaryDirectory(prefix="xinpei-screening-") as folder:
        size = ("--enterprises", str(enterprises), "--months", str(MONTHS), "--seed", str(seed))
        command = [sys.executable, "-m", "cli", "simulate", *size, "--until", str(UNTIL), "--out", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        yield Path(folder)


def _cities(city: Path) -> Iterator[tuple[str, Records]]:
    records = read_source(str(city), today=today_in_beijing()).records
    yield "with the blocks that firms consented to", records
    yield "with all blocks", replace(records, consents=None)


def truth(city: Path, as_of: dt.date) -> pl.DataFrame:
    """What is true of each enterprise on a day: see the module."""
    year_before, year_after = as_of.replace(year=as_of.year - 1), as_of.replace(year=as_of.year + 1)
    month, sales = pl.col("month"), pl.col("sales_fen")
    newest = (as_of - dt.timedelta(days=1)).replace(day=1)
    lives = (
        read_truth(city, "months")
        .group_by("enterprise_id")
        .agg(
            before=sales.filter(month.is_between(year_before, as_of, closed="left")).mean(),
            after=sales.filter(month.is_between(as_of, year_after, closed="left")).sum() / 12,
            trades=pl.col("trading").filter(month == newest).first(),
        )
    )
    firms = read_truth(city, "firms").join(lives, on="enterprise_id", how="left")
    role, trades = pl.col("role"), pl.col("trades").fill_null(value=False)
    rests = ((pl.col("pause") <= as_of) & (pl.col("resume") > as_of)).fill_null(value=False)
    sham = (role == "shell") | ((role == "idle") & (pl.col("stopped") <= as_of))
    sound = (trades | rests) & ~sham & ~_by("default", as_of) & ~_by("closed", as_of)
    lasts = ~_by("default", year_after) & ~_by("closed", year_after)
    kind = pl.when(rests).then(pl.lit("at rest")).otherwise(role)
    return firms.filter(~_by("cancelled", as_of) & (pl.col("established_on") <= as_of)).select(
        "enterprise_id",
        "role",
        is_shell=(role == "shell") & (pl.col("born") <= as_of),
        is_idle=(role == "idle") & (pl.col("stopped") <= as_of),
        is_closed=_by("closed", as_of) & ~sham,
        is_sound=sound,
        is_worth=trades & sound & lasts & (pl.col("after") >= HOLDS * pl.col("before")).fill_null(value=False),
        kind=pl.when(pl.col("established_on") > year_before).then(pl.lit("young")).otherwise(kind),
        fails_later=_by("default", year_after) | _by("closed", year_after),
    )


def _by(column: str, day: dt.date) -> pl.Expr:
    return (pl.col(column) < day).fill_null(value=False)


def report(records: Records, told: pl.DataFrame, as_of: dt.date) -> None:
    """Everything about one city."""
    policy = screening_on(as_of)
    start = time.perf_counter()
    found = screen(records, as_of=as_of, policy=policy)
    seconds = time.perf_counter() - start
    rows = table_of(found)
    judged = rows.join(told, on="enterprise_id")
    texts = time.perf_counter() - start - seconds
    print(
        f"  {rows.height:,} enterprises in {seconds:.1f} s and {texts:.1f} s for their texts; {judged.height:,} judged"
    )
    _found(judged)
    _excluded(judged)
    _worth(judged)
    _assigned(rows, policy)


def _found(judged: pl.DataFrame) -> None:
    listed = judged.filter(pl.col("place") == "check_first")
    sham = pl.col("is_shell") | pl.col("is_idle")
    print(f"  listed to be checked first: {listed.height}")
    print(f"    planted shells and zombies among them: {_share(listed, sham)}")
    print(f"    with firms that had closed for good:   {_share(listed, sham | pl.col('is_closed'))}")
    for name, column in (("shells", "is_shell"), ("zombies", "is_idle"), ("firms closed for good", "is_closed")):
        planted = judged.filter(column)
        print(f"    {name} found: {_share(planted, pl.col('place') == 'check_first')}")


def _excluded(judged: pl.DataFrame) -> None:
    sound = judged.filter("is_sound")
    is_listed, is_helped = pl.col("place") == "check_first", pl.col("place") == "help_first"
    print(f"  sound firms wrongly excluded: {_share(sound, is_listed)};", end=" ")
    print(f"told to mend a standard {_share(sound, is_helped)}")
    for (kind,), part in sorted(sound.partition_by("kind", as_dict=True).items()):
        print(f"    {kind}: {_share(part, is_listed)}; told to mend a standard {_share(part, is_helped)}")


def _worth(judged: pl.DataFrame) -> None:
    worth, visited = pl.col("is_worth"), judged.filter(pl.col("place") == "visit")
    best = visited.sort("visit_priority", "promise", "enterprise_id", descending=[True, True, False])
    top = best.head(visited.height // 10)
    print(f"  worth a visit: any enterprise {_share(judged, worth)}; on the visiting list {_share(visited, worth)};")
    print(
        f"    top 10 % of the list {_share(top, worth)}, recommended {_share(judged.filter('is_recommended'), worth)}"
    )
    print(f"    default or close within a year: list {_share(visited, pl.col('fails_later'))},", end=" ")
    print(f"top 10 % {_share(top, pl.col('fails_later'))}")
    print(
        f"    never lent to: list {_share(visited, pl.col('never_lent'))}, top 10 % {_share(top, pl.col('never_lent'))}"
    )
    grown = best.filter(pl.col("kind") != "young")
    print(f"    of firms over a year old: list {_share(grown, worth)},", end=" ")
    print(f"top 10 % {_share(grown.head(grown.height // 10), worth)}")
    by_promise = visited.sort("promise", "enterprise_id", descending=[True, False]).head(visited.height // 10)
    print(f"    top 10 % by promise alone {_share(by_promise, worth)}")


def _assigned(rows: pl.DataFrame, policy: ScreeningPolicy) -> None:
    """Towns are invented: each district's enterprises in turn. Banks have visits for most of the list."""
    town = pl.format("{}-{}", "district", pl.int_range(pl.len()).over("district") % TOWNS_OF_A_DISTRICT)
    firms = rows.filter(pl.col("place") == "visit", pl.col("district").is_not_null()).with_columns(town=town)
    categories: dict[str, set[str]] = {}
    for entry in load_catalogue(illustrative=True).entries:
        categories.setdefault(entry.bank.id, set()).add(entry.product.category)
    each = math.ceil(COVERED * firms.height / len(categories))
    teams = [Team(bank, each, frozenset(own)) for bank, own in sorted(categories.items())]
    start = time.perf_counter()
    made = assign(firms, teams, policy)
    seconds = time.perf_counter() - start
    banks = made.pairs.group_by("town").len()["len"]
    load = made.pairs.group_by("bank_id").agg(pl.col("visits").sum())["visits"]
    fit = float((made.pairs["fit"] * made.pairs["visits"]).sum() / made.pairs["visits"].sum())
    anyhow = _mean_fit(firms, teams)
    print(
        f"  banks for towns: {len(teams)} banks, {banks.len()} towns, {seconds:.1f} s, best possible: {made.is_optimal}"
    )
    print(f"    banks of a town {banks.min()}-{banks.max()}; most visits of a bank {load.max()} of {each}", end="; ")
    print(f"visited {load.sum():,} of {firms.height:,}, capacity {each * len(teams):,}")
    print(f"    firms that a product of their bank may suit: {fit:.3f}, with banks drawn at random {anyhow:.3f}")


def _mean_fit(firms: pl.DataFrame, teams: list[Team]) -> float:
    """Share of firms that some product of a bank may suit, over all banks alike."""
    suits = [pl.col("categories").list.set_intersection(sorted(team.categories)).list.len() > 0 for team in teams]
    return float(np.mean([firms.select(one.mean()).item() for one in suits]))


def _compare(learn: Path, records: Records, told: pl.DataFrame, as_of: dt.date, *, withheld: bool) -> None:
    """LightGBM on every feature there is, that learned worth from another city, on the visiting list of this one."""
    (_, consented), (_, full) = _cities(learn)
    features, worth, _ = _matrix(consented if withheld else full, truth(learn, as_of), as_of)
    booster = lgb.train(PARAMETERS, lgb.Dataset(features, worth), num_boost_round=ROUNDS)
    features, worth, codes = _matrix(records, told, as_of)
    scores = pl.DataFrame({"enterprise_id": codes, "is_worth": worth, "score": np.asarray(booster.predict(features))})
    best = scores.join(told.select("enterprise_id", "kind"), on="enterprise_id").sort("score", descending=True)
    grown, worth_it = best.filter(pl.col("kind") != "young"), pl.col("is_worth")
    found, of_grown = (_share(one.head(one.height // 10), worth_it) for one in (best, grown))
    print(
        f"  LightGBM on {features.shape[1]} features, learned on {learn}: top 10 % {found}, over a year old {of_grown}"
    )


def _matrix(
    records: Records, told: pl.DataFrame, as_of: dt.date
) -> tuple[NDArray[np.float64], NDArray[np.bool_], pl.Series]:
    """Features, worth and code of each enterprise on the visiting list."""
    firms = screen(records, as_of=as_of, policy=screening_on(as_of)).firms
    visited = firms.filter(pl.col("place") == "visit").select("enterprise_id").join(told, on="enterprise_id")
    rows = visited.join(profiles(records, ALL, as_of), on="enterprise_id")
    return rows.select(one.name for one in ALL).to_numpy(), rows["is_worth"].to_numpy(), rows["enterprise_id"]


def _share(rows: pl.DataFrame, which: pl.Expr) -> str:
    """`0.83 [0.75, 0.89] (82 of 99)`."""
    count, of = int(rows.select(which.fill_null(value=False).sum()).item() or 0), rows.height
    if not of:
        return "none"
    low, high = wilson(count, of)
    return f"{count / of:.3f} [{low:.3f}, {high:.3f}] ({count:,} of {of:,})"


def wilson(count: int, of: int) -> tuple[float, float]:
    """95 % interval of a share."""
    share, square = count / of, Z * Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = Z * math.sqrt(share * (1 - share) / of + square / (4 * of * of)) / (1 + square / of)
    return max(0.0, middle - half), min(1.0, middle + half)


if __name__ == "__main__":
    main()
