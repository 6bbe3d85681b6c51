"""The order of products held against the planted truth: `python -m benchmarks.fit --city … --model …`.

Judged are the drawn firm-months of a city whose products' truth is told, out of time and of enterprises that the model
did not learn from (its card says which; `--strangers` where no enterprise of the city was learned from). Each asks for
what the truth counts: WANTED months of its own normal sales, for 18 months. Candidates are the products that
eligibility leaves on the evidence it consented to; the oracle orders these by true expected value. Intervals are 95 %,
by bootstrap over enterprises. Said is (mean NDCG@5 − random's) ÷ (1 − random's): 0 = random, 1 = the oracle.
"""

import argparse
import datetime as dt
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks import fit_cold, fit_position
from benchmarks.fit_calibration import calibration
from benchmarks.fit_ceiling import ceiling
from benchmarks.fit_learn import Learner, kept_apart, learner
from benchmarks.fit_lists import lists_of
from benchmarks.fit_orders import (
    GridEstimate,
    answered,
    as_applied,
    by_scores,
    diverse,
    grants_of,
    model_estimate,
    popularity,
    share_of,
    shown,
    truth_of,
    wrongly_shown,
)
from benchmarks.fit_rows import Rules, Scene, applied, drawn, records_of, scene
from benchmarks.fit_value import Factors, ours, papers_of, swapped
from decisions.match.granted import PastGrants
from scoring.fit_folder import load
from scoring.product_fit import FitModel
from simulation.truth import read_truth
from sources.clock import today_in_beijing
from sources.records import Records
from training.product_fit.ranker import Lists, learn_ranker
from training.product_fit.ranking import NOTHING, SHOWN, Orders, Truth, by_value
from training.unseen import Division

TEST_FROM, TEST_SHARE = dt.date(2025, 1, 1), 0.3
"""Of the division where no model says its own."""

PARTS = ("orders", "factors", "calibration", "position", "cold")
FEW_CHANCE = 0.03
"""True chance of an applicant that breaks a hidden hard rule, at most."""


@dataclass(frozen=True)
class Judged:
    """What all tables look at.

    Attributes:
        city: its folder.
        home: folder of the city that is learned from.
        division: of enterprises and days.
        told: truth about products.
        log: applications of enterprises and days that may be learned from.
        others: applications of enterprises and days that may be judged.
        scene, truth: of the firm-months that are judged.
        records: of their enterprises.
    """

    city: Path
    home: Path
    division: Division
    told: pl.DataFrame
    log: pl.DataFrame
    others: pl.DataFrame
    records: Records
    scene: Scene
    truth: Truth
    seed: int

    def as_given(self, records: Records) -> Records:
        """Other enterprises' records with as much consent as those judged gave."""
        return records if self.records.consents is not None else replace(records, consents=None)

    @cached_property
    def lists(self) -> Lists:
        """Lists shown to enterprises that may be learned from."""
        return lists_of(self.home, self.log, self.scene.rules)


@dataclass(frozen=True)
class Learned:
    """A model, and what others like it are learned from; None = not given."""

    model: FitModel | None
    learner: Learner | None


def main() -> None:
    """Print the tables asked for."""
    given = _arguments()
    saved = None if given.model is None else load(given.model)
    judged = _judged(given, saved)
    learned = None
    if saved is None or "cold" in given.parts:
        learned = learner(judged.home, given.sample, judged.division, rules=judged.scene.rules, seed=given.seed)
    model = learned.model() if saved is None and learned is not None else saved
    for part in given.parts:
        print(f"\n## {part}\n")
        for line in _lines(part, judged, Learned(model, learned), given.seeds):
            print(line, flush=True)


def _arguments() -> argparse.Namespace:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--city", type=Path, required=True, help="a simulated city with truth of products")
    asked.add_argument("--model", type=Path, help="folder of a model of fit")
    asked.add_argument("--learn", type=Path, help="the city that is learned from, where it is another")
    asked.add_argument("--sample", type=Path, help="Parquet to keep that city's applications in, or to take them from")
    asked.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS[:3]))
    asked.add_argument("--strangers", action="store_true", help="no enterprise of the city was learned from")
    asked.add_argument("--all-blocks", action="store_true", help="judge enterprises that withhold nothing")
    asked.add_argument("--every-day", action="store_true", help="judge the days before the test, too")
    asked.add_argument("--firm-months", type=int, help="judge at most so many")
    asked.add_argument("--seeds", type=int, default=5, help="of position bias")
    asked.add_argument("--seed", type=int, default=0)
    return asked.parse_args()


def _lines(part: str, judged: Judged, learned: Learned, seeds: int) -> Iterator[str]:
    if part == "orders":
        return orders(judged, learned.model)
    if part == "position":
        return fit_position.tables(judged, seeds=seeds)
    if learned.learner is not None and part == "cold":
        return fit_cold.tables(judged, learned.learner)
    if learned.model is None:
        return iter(["left out: no model"])
    return {"factors": factors, "calibration": calibration}[part](judged, learned.model)


def _judged(given: argparse.Namespace, model: FitModel | None) -> Judged:
    division = Division(TEST_FROM, TEST_SHARE, given.seed)
    if model is not None:
        division = Division.of(model.card.training) or division
    told = read_truth(given.city, "products")
    who = _who(given, division)
    rules = Rules.on(today_in_beijing(), told["product_id"].unique().to_list())
    records = records_of(given.city, who["enterprise_id"])
    records = replace(records, consents=None) if given.all_blocks else records
    seen = scene(records, who, rules)
    days, asked = who["as_of"], applied(given.city)
    print(
        f"{given.city}: {len(seen):,} firm-months of {who['enterprise_id'].n_unique():,} enterprises, {days.min()!s} "
        f"to {days.max()!s}; {len(rules.products)} products of {len(set(rules.banks))} banks, rules of "
        f"{rules.policy.day}"
    )
    home = given.learn or given.city
    return Judged(
        given.city,
        home,
        division,
        told,
        _log(applied(home), division),
        _judgeable(asked, given, division),
        records,
        seen,
        truth_of(seen, told, seed=given.seed),
        given.seed,
    )


def _judgeable(rows: pl.DataFrame, given: argparse.Namespace, division: Division) -> pl.DataFrame:
    """Rows on days, and of enterprises, that may be judged."""
    if not given.every_day:
        rows = rows.filter(pl.col("as_of") >= division.test_from)
    if not given.strangers:
        rows = rows.filter(pl.col("enterprise_id").is_in(kept_apart(rows["enterprise_id"], division).implode()))
    return rows


def _who(given: argparse.Namespace, division: Division) -> pl.DataFrame:
    rows = _judgeable(drawn(given.city), given, division)
    if given.firm_months and given.firm_months < rows.height:
        rows = rows.sample(given.firm_months, seed=given.seed)
    if rows.is_empty():
        sys.exit(f"{given.city}: got no firm-month that the model has not seen, expected some; or give --strangers")
    return rows


def _log(asked: pl.DataFrame, division: Division) -> pl.DataFrame:
    """Applications before the test of enterprises on the other side."""
    rows = asked.filter(pl.col("as_of") < division.test_from)
    return rows.filter(~pl.col("enterprise_id").is_in(kept_apart(rows["enterprise_id"], division).implode()))


def orders(judged: Judged, model: FitModel | None) -> Iterator[str]:
    """Every way of ordering beside ours, and what eligibility leaves."""
    yield from _left(judged)
    made = dict(_orders(judged, model))
    first = next(iter(made))
    yield f"| order | share of the oracle's NDCG@5 | {first} less it | in sums of yuan | a best product in the top 3 |"
    yield "|---|---|---|---|---|"
    truth = judged.truth
    for name, order in made.items():
        apart = "–" if name == first else str(truth.apart(made[first], order))
        yield f"| {name} | {truth.share(order)} | {apart} | {truth.share_of_yuan(order)} | {truth.best_in_top(order)} |"
    yield from _wrong(judged, model, made[first])


def _orders(judged: Judged, model: FitModel | None) -> Iterator[tuple[str, Orders]]:
    seen, truth = judged.scene, judged.truth
    true_chance = np.nan_to_num(seen.truth(judged.told, "chance"))
    always = np.ones_like(true_chance)
    share, record = (None, PastGrants()) if model is None else (share_of(seen, model), grants_of(model))
    if model is not None:
        ours = answered(seen, model_estimate(seen, model))
        yield "ours: expected value by both models", ours.order
        only = GridEstimate(np.nan_to_num(ours.approval), always, share, model)
        yield "ours without the model of drawing and repaying", shown(seen, only)
        yield "ours with what applications alone say of open questions", shown(seen, as_applied(seen, model))
    yield "rule of thumb only", shown(seen, None)
    ranker = learn_ranker(judged.lists, seed=judged.seed, corrected=True)
    yield "lambdarank, corrected for places", by_scores(seen, ranker.scores(seen.pairs).reshape(len(seen), -1))
    yield "cheapest first", by_scores(seen, -seen.grid("rate"))
    wide = np.broadcast_to(popularity(judged.log, seen.rules.products), seen.candidates.shape)
    yield "most applied for first", by_scores(seen, wide)
    luck = np.random.default_rng(judged.seed).random(seen.candidates.shape)
    yield "one random order", by_scores(seen, luck)
    yield "true chance, our value", shown(seen, GridEstimate(true_chance, always, share, record))
    yield "learned from the truth of other enterprises", diverse(seen, ceiling(judged))
    yield "oracle with diversity by bank", diverse(seen, truth.gains)


def _left(judged: Judged) -> Iterator[str]:
    truth = judged.truth
    everything = replace(truth, candidates=np.ones_like(truth.candidates))
    kept = truth.oracle.sum() / everything.oracle.sum()
    count = truth.candidates.sum(axis=1)
    yield (
        f"candidates a firm-month: {count.mean():.1f} of {truth.candidates.shape[1]} (median {np.median(count):.0f}); "
        f"{truth.judged.sum():,} of {len(count):,} firm-months have one that is worth something, "
        f"{everything.judged.sum():,} would have one among all products"
    )
    yield f"the oracle's DCG of the candidates is {kept:.1%} of that over all products"
    few = judged.scene.truth(judged.told, "chance") <= FEW_CHANCE
    yield f"of the candidates, {few[truth.candidates].mean():.1%} have a true chance of 3 % at most\n"


def _wrong(judged: Judged, model: FitModel | None, order: Orders) -> Iterator[str]:
    seen = judged.scene
    yield (
        f"\nineligible products shown as eligible, by a plain look at the same facts: {wrongly_shown(seen, order)} of "
        f"{(order != NOTHING).sum():,} shown"
    )
    whole = scene(replace(judged.records, consents=None), seen.who, seen.rules)
    all_known = shown(whole, None if model is None else model_estimate(whole, model))
    yield (
        f"the same where every block is given: {wrongly_shown(whole, all_known)} of {(all_known != NOTHING).sum():,}; "
        f"shown while a block was withheld, and ruled out by it: {wrongly_shown(seen, order, whole.facts):,}, of which "
        f"{wrongly_shown(seen, order[:, :SHOWN], whole.facts):,} among the first {SHOWN}"
    )


def factors(judged: Judged, model: FitModel) -> Iterator[str]:
    """Which factor of the expected value costs how much."""
    seen, truth = judged.scene, judged.truth
    papers, true = papers_of(seen), Factors.true(seen, judged.told)
    said = answered(seen, model_estimate(seen, model))
    approval, kept = np.nan_to_num(said.approval), np.nan_to_num(said.kept)
    own = ours(seen, approval * kept, model)
    yield "| order by | share of the oracle's NDCG@5 | a best product in the top 3 |"
    yield "|---|---|---|"
    ways = [("the truth", true), *swapped(true, own), ("ours", own)]
    ways.append(("truth, our approval without keeping", replace(true, chance=approval)))
    for name, one in ways:
        order = diverse(seen, one.value(papers))
        yield f"| {name} | {truth.share(order)} | {truth.best_in_top(order)} |"
    best = by_value(np.where(truth.candidates, true.value(papers), -1.0), truth.candidates)
    yield f"| the truth without diversity | {truth.share(best)} | {truth.best_in_top(best)} |"


if __name__ == "__main__":
    main()
