"""How fast products are found: one enterprise with every reason, and many at once, each beside a plain reference.

Run it with `python -m benchmarks.matching`; `--help` names the sizes. The plain reference asks every product by itself,
condition after condition; before anything is timed, the batch is held against `match`, by the rule of thumb and by a
model of fit. Scores are drawn, and so is that model unless `--fit-model` names the folder of a real one. What is loaded
is frozen for the garbage collector, as the service does. No time is asserted: read the ratios.
"""

import argparse
import datetime as dt
import gc
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

from benchmarks.invented_facts import draw
from benchmarks.invented_fits import Modelled, one_of, show_pairs
from benchmarks.training import MIB
from decisions.answer_parts import match_part
from decisions.batch.matching import match_all
from decisions.facts import Facts
from decisions.grades import stops_against
from decisions.match.matching import Matched, match
from decisions.match.model_estimate import ModelEstimate
from decisions.match.prepared import prepared
from decisions.match.ranking import Candidate, Ranked, RuleOfThumb, rank
from decisions.match.worth import Borrower
from decisions.money.limit import limit_of
from decisions.offered.catalogue import Catalogue, Entry, load_catalogue
from decisions.offered.eligibility import verdicts
from decisions.policies import Policy, policy_on
from features.population import peak_memory
from scoring.explained import Scored

DAY = dt.date(2026, 11, 22)
PRODUCTS, TOP = 150, 10
COMPARED, DRAWN, MOST_MODELLED = 200, 4_096, 20_000
MATCH, ANSWER, PLAIN = "match, all of it", "answer with verdicts and reasons, in plain data", "plain reference"
BY_MODEL, TOLD = "match by a model of fit", "answer with the reasons of the model"
CODE = "Y1110108XP000001X5"
MILLISECONDS = 1e3


@dataclass(frozen=True)
class Watch:
    """Milliseconds of named pieces of work."""

    taken: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def time(self, name: str, work: Callable[[], object]) -> None:
        """Does a piece of work and notes how long it took."""
        start = time.perf_counter()
        work()
        self.taken[name].append((time.perf_counter() - start) * MILLISECONDS)


def main() -> None:
    """Hold batch and single answers equal, then print times and ratios."""
    wanted = _arguments()
    policy, catalogue = policy_on(DAY), _padded(load_catalogue(illustrative=True).on(DAY))
    facts, points = draw(COMPARED, seed=wanted.seed)
    modelled = Modelled.of(catalogue, policy, folder=wanted.fit_model, seed=wanted.seed)
    for known in (None, modelled):
        apart = _apart(facts, points, catalogue, policy, known)
        if apart:
            sys.exit(f"matching: batch and single answers disagree, nothing timed: {apart[0]}")
    gc.collect()
    gc.freeze()
    print(f"matching: {len(catalogue.entries)} products, {len(prepared(catalogue).conditions)} different conditions")
    _show_one(facts, points, catalogue, policy, modelled)
    show_pairs(modelled, catalogue, policy, seed=wanted.seed)
    _show_many(wanted.enterprises, wanted.seed, catalogue, policy, None)
    _show_many(min(wanted.enterprises, MOST_MODELLED), wanted.seed, catalogue, policy, modelled)


def _arguments() -> argparse.Namespace:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--enterprises", type=int, default=100_000, help="enterprises of the batch")
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--fit-model", type=Path, default=None, help="folder of a model of fit; none = an invented one")
    return asked.parse_args()


def _padded(catalogue: Catalogue) -> Catalogue:
    """At least `PRODUCTS` products: while the catalogue has fewer, some stand in it twice."""
    entries = catalogue.entries
    missing = max(PRODUCTS - len(entries), 0)
    copies = (
        Entry(entry.bank, entry.product.model_copy(update={"id": f"{entry.product.id}-again"}))
        for entry in entries[:missing]
    )
    return Catalogue(tuple(sorted((*entries, *copies), key=lambda entry: entry.product.id)))


def _scored(points: float) -> Scored:
    return Scored(CODE, round(points), points, points, (), ())


def _apart(
    facts: list[Facts], points: list[float], catalogue: Catalogue, policy: Policy, known: Modelled | None
) -> list[str]:
    """Places in which the batch answers otherwise than `match`."""
    many = known.many(len(facts), seed=0) if known else None
    chunks = match_all(facts, points, catalogue=catalogue, policy=policy, top=TOP, estimate=many)
    ours = [row for chunk in chunks for row in chunk.best.rows()]
    theirs = []
    for number, (own, score) in enumerate(zip(facts, points, strict=True)):
        one = one_of(many, number) if many else None
        rows = match(own, _scored(score), catalogue=catalogue, policy=policy, estimate=one).products[:TOP]
        theirs += [(number, place, *_told(row)) for place, row in enumerate(rows, 1)]
    return [f"got {one}, expected {other}" for one, other in zip_longest(ours, theirs) if one != other]


def _told(row: Ranked) -> tuple[str | float | None, ...]:
    after, limit, fit = row.all_in.after if row.all_in else None, row.candidate.limit.fen, row.fit
    return row.candidate.entry.product.id, limit, after, row.worth.fen, fit.approval_probability, fit.fit


def _plain(facts: Facts, points: float, catalogue: Catalogue, policy: Policy) -> int:
    """Each product by itself, and the places of those that are left; how many they are."""
    candidates = []
    for entry in catalogue.entries:
        said, limit, stops = (
            verdicts(entry.product, facts),
            limit_of(entry.product, facts),
            stops_against(facts, policy),
        )
        if not stops and limit.at_most_fen != 0 and "fail" not in {found.verdict for found in said}:
            candidates.append(Candidate(entry, said, limit, limit.basis, catalogue.contact(entry, None)))
    thumb = RuleOfThumb(policy.numbers)
    return len(rank(candidates, points, borrower=Borrower.of(facts, policy), estimate=thumb))


def _show_one(
    facts: list[Facts], points: list[float], catalogue: Catalogue, policy: Policy, modelled: Modelled
) -> None:
    """One enterprise after another, each stage beside the whole; the reference in the same round."""
    watch, left, many = Watch(), [], modelled.many(len(facts), seed=0)
    for place, (own, score) in enumerate(zip(facts, points, strict=True)):
        found = match(own, _scored(score), catalogue=catalogue, policy=policy)
        left.append(len(found.products))
        _time_stages(watch, own, score, found, catalogue, policy)
        _time_model(watch, own, one_of(many, place), catalogue, policy)
    whole = [sum(both) for both in zip(watch.taken[MATCH], watch.taken[ANSWER], strict=True)]
    print(f"  one enterprise, {len(facts)} of them, {statistics.median(left):.0f} products left in the median:")
    for name, taken in (*watch.taken.items(), ("match and answer", whole)):
        print(f"    {name:44s} p50 {_percentile(taken, 50):7.3f} ms   p95 {_percentile(taken, 95):7.3f} ms")
    ratio = statistics.median(watch.taken[PLAIN]) / statistics.median(watch.taken[MATCH])
    print(f"    ratio of the plain reference to `match` {ratio:.1f}")


def _time_stages(watch: Watch, own: Facts, score: float, found: Matched, catalogue: Catalogue, policy: Policy) -> None:
    ready, one, thumb = prepared(catalogue), _scored(score), RuleOfThumb(policy.numbers)
    candidates = [row.candidate for row in found.products]
    borrower = Borrower.of(own, policy)
    watch.time("conditions, each once", lambda: [condition.verdict(own) for condition in ready.conditions])
    watch.time("limits", lambda: [offer.limit(own) for offer in ready.offers])
    watch.time("amount affordable and subsidies in sight", lambda: Borrower.of(own, policy))
    watch.time("chance, price, worth and order", lambda: rank(candidates, score, borrower=borrower, estimate=thumb))
    watch.time(MATCH, lambda: match(own, one, catalogue=catalogue, policy=policy))
    fresh = match(own, one, catalogue=catalogue, policy=policy)
    watch.time(ANSWER, lambda: match_part(fresh, top=TOP))
    watch.time(PLAIN, lambda: _plain(own, score, catalogue, policy))


def _time_model(watch: Watch, own: Facts, estimate: ModelEstimate, catalogue: Catalogue, policy: Policy) -> None:
    def asked() -> Matched:
        return match(own, _scored(0.0), catalogue=catalogue, policy=policy, estimate=estimate)

    watch.time(BY_MODEL, asked)
    fresh = asked()
    watch.time(TOLD, lambda: match_part(fresh, top=TOP))


def _percentile(values: list[float], at: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[at - 1]


def _show_many(count: int, seed: int, catalogue: Catalogue, policy: Policy, modelled: Modelled | None) -> None:
    """So many enterprises, drawn piece by piece outside the time taken, beside `match` one by one."""
    before, taken, busy, surviving, pairs = peak_memory(), 0.0, 0.0, 0, 0
    for first in range(0, count, DRAWN):
        facts, points = draw(min(DRAWN, count - first), seed=seed + 1 + first)
        many = modelled.many(len(facts), seed=seed + first) if modelled else None
        start, worked = time.perf_counter(), time.process_time()
        for chunk in match_all(facts, points, catalogue=catalogue, policy=policy, top=TOP, estimate=many):
            surviving, pairs = surviving + chunk.surviving, pairs + chunk.pairs
        taken, busy = taken + time.perf_counter() - start, busy + time.process_time() - worked
    facts, points = draw(COMPARED, seed=seed)
    many = modelled.many(len(facts), seed=seed) if modelled else None
    each = [one_of(many, place) if many else None for place in range(len(facts))]
    start = time.perf_counter()
    for own, score, one in zip(facts, points, each, strict=True):
        match(own, _scored(score), catalogue=catalogue, policy=policy, estimate=one)
    alone = COMPARED / (time.perf_counter() - start)
    rate, peak = count / taken, peak_memory()
    by = "a model of fit" if modelled else "the rule of thumb"
    print(f"  {count:,} enterprises in a batch by {by}, one process: {taken:.1f} s, {rate:,.0f} enterprises/s")
    print(
        f"    {busy:.1f} s of processor time: {count / busy:,.0f} enterprises/s of one processor that does nothing else"
    )
    print(f"    {surviving / pairs:.1%} of {pairs:,} pairs survive the hard rules; the best {TOP} of each are told")
    print(f"    one by one {alone:,.0f} enterprises/s, ratio {rate / alone:.1f}")
    print(f"    peak memory {peak / MIB:,.0f} MiB, of which {(peak - before) / MIB:,.0f} MiB since the batch began")


if __name__ == "__main__":
    main()
