"""Whether "what would change it" works, how often something is found for a near miss, and how long it takes.

Run it with `python -m benchmarks.changes`; `--help` names data, model and sizes. Every suggestion is judged once more
by another path: its values are written into the profile by hand, every combination and deviation is worked out anew,
and the whole answer (`Model.score`, then the match with the product) must say what the suggestion says.
"""

import argparse
import datetime as dt
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import polars as pl

from decisions.changes.actions import actions_on
from decisions.changes.case import Case
from decisions.changes.ways import Way, ways_to, ways_up
from decisions.fact_definitions import facts as definitions
from decisions.fact_sources import FROM_PROFILE, READ, SUMS
from decisions.facts import Facts, Need
from decisions.facts_of_records import facts_of
from decisions.grades import grade_of, stops_against
from decisions.match.matching import match
from decisions.money.limit import limit_of
from decisions.offered.catalogue import Catalogue, Entry, load_catalogue
from decisions.offered.eligibility import verdicts
from decisions.policies import Policy, policy_on
from features.peer_profiles import peer_profiles
from features.peers import GROUP, Deviation
from scoring.explained import score_told
from scoring.folder import ModelFolderError, load
from scoring.model import Model
from serving.evidence import per_enterprise
from sources.readers import UnusableTableError, read_source
from sources.records import Records

MODEL = Path("var/demo/models/champion")
"""The model of `make demo`."""

NEAR = 40.0
"""Points below the next grade that still count as near."""

MILLISECONDS = 1e3
SAME_POINTS = 1e-6

Row = Mapping[str, Any]


@dataclass(frozen=True)
class World:
    """What every enterprise is judged by."""

    model: Model
    policy: Policy
    catalogue: Catalogue


@dataclass
class Tally:
    """Counts over the enterprises, and the seconds each took."""

    near: Counter[str]
    found: Counter[str]
    told: Counter[str]
    held: Counter[str]
    used: Counter[str]
    blocked: Counter[str]
    seconds: dict[str, list[float]]


def main() -> None:
    """Print the share of suggestions that hold, the coverage of near misses by kind, and the time."""
    wanted = _arguments()
    try:
        model = load(wanted.model)
        folder = read_source(str(wanted.data), mapping=None, today=wanted.as_of)
    except (ModelFolderError, UnusableTableError, OSError) as error:
        print(f"changes: {error}\n`make demo` makes a city and a model", file=sys.stderr)
        sys.exit(2)
    world = World(model, policy_on(wanted.as_of), load_catalogue(illustrative=True).on(wanted.as_of))
    tally = Tally(Counter(), Counter(), Counter(), Counter(), Counter(), Counter(), {"grade": [], "products": []})
    cases = list(_cases(folder.records, world, wanted))
    print(f"changes: {len(cases):,} enterprises on {wanted.as_of}, {len(world.catalogue.entries)} products", flush=True)
    for case in cases:
        _grade(case, world, tally)
        _products(case, world, tally)
    _show(tally)


def _arguments() -> argparse.Namespace:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--data", type=Path, default=Path("var/demo/city"), help="folder of tables")
    asked.add_argument("--model", type=Path, default=MODEL, help="model folder")
    asked.add_argument("--as-of", type=dt.date.fromisoformat, default=dt.date(2026, 11, 1))
    asked.add_argument("--firms", type=int, default=1_000)
    asked.add_argument("--seed", type=int, default=0)
    return asked.parse_args()


def _cases(records: Records, world: World, wanted: argparse.Namespace) -> Iterator[Case]:
    """A case for each of some enterprises drawn at random, none of which asks for anything."""
    codes = records.enterprises
    drawn = codes.sample(min(wanted.firms, len(codes)), seed=wanted.seed).sort()
    sample = records.only(drawn).known_by(wanted.as_of)
    features = {one.name: one for one in (*world.model.features, *READ)}
    profile = peer_profiles(sample, tuple(features.values()), wanted.as_of, world.model.peers)
    for place, own in enumerate(per_enterprise(sample, wanted.as_of)):
        facts = partial(facts_of, known=own, as_of=wanted.as_of, need=Need())
        yield Case(profile[place], world.model, facts, world.policy)


def _grade(case: Case, world: World, tally: Tally) -> None:
    begun = time.perf_counter()
    ways = ways_up(case)
    tally.seconds["grade"].append(time.perf_counter() - begun)
    score = score_told(case.points_now)
    above = [lowest for lowest in world.policy.grades.thresholds.values() if lowest > score]
    if not above:
        return
    gap = min(above) - case.points_now
    held = sum(_reaches(case, way, min(above)) for way in ways)
    for kind in _kinds(case, gap):
        _count(kind, ways, held, tally)
    tally.used.update(step.action for way in ways[:1] for step in way.steps)
    if gap <= NEAR and not ways:
        tally.blocked["next grade: too few points" if case.options else "next grade: nothing to improve"] += 1


def _reaches(case: Case, way: Way, lowest: int) -> bool:
    _, points, grade = _anew(case, way)
    return points >= lowest and grade == way.grade and abs(points - way.points) < SAME_POINTS


def _kinds(case: Case, gap: float) -> Iterator[str]:
    if gap > NEAR:
        yield "next grade, farther off"
        return
    is_whole = all(case.profile[name][0] for name in case.profile.columns if name.startswith("has_"))
    yield "next grade within 40 points"
    yield f"next grade within 40, {'every block given' if is_whole else 'blocks missing'}"
    yield f"next grade within 40, {next(edge for edge in (10, 20, 40) if gap <= edge)} or fewer to go"


def _products(case: Case, world: World, tally: Tally) -> None:
    begun = time.perf_counter()
    found = [(entry, ways_to(case, entry)) for entry in world.catalogue.entries]
    tally.seconds["products"].append(time.perf_counter() - begun)
    for entry, ways in found:
        kind, why = _near(case, entry)
        if kind is None:
            continue
        held = sum(_opens(case, way, entry, world) for way in ways)
        _count(kind, ways, held, tally)
        if kind == ONE_RULE and why in _moved(world.policy.day):
            _count(MOVED, ways, held, tally)
        tally.used.update(step.action for way in ways[:1] for step in way.steps)
        if not ways and kind == ONE_RULE:
            tally.blocked[f"product refused by {why}"] += 1


ONE_RULE = "product, one failed actionable rule"
MOVED = f"{ONE_RULE}, of what an action moves"


def _moved(day: dt.date) -> frozenset[str]:
    """Facts that some action can move; others that are called actionable, such as sales or titles, none does."""
    actions = actions_on(day)
    features = {move.feature for action in actions for move in action.moves}
    named = {name for name, feature in FROM_PROFILE.items() if feature in features}
    summed = {name for name, parts in SUMS.items() if features & set(parts)}
    other = {"debt_to_sales", "days_past_due_now", "tax_grade"}
    return frozenset(named | summed | other | {name for action in actions for name in action.facts})


def _near(case: Case, entry: Entry) -> tuple[str | None, str]:
    """Whether a product is refused by one actionable rule, by more, or by what nobody can change."""
    facts = case.facts_now
    failed = {found.rule: found.actionable for found in verdicts(entry.product, facts) if found.verdict == "fail"}
    failed |= {found.stop.fact: found.stop.actionable for found in stops_against(facts, case.policy)}
    if limit_of(entry.product, facts).at_most_fen == 0:
        failed["limit_fen"] = True
    if not failed:
        return None, ""
    if not all(failed.values()):
        return "product, refused by what cannot be changed", ""
    return (ONE_RULE if len(failed) == 1 else "product, several actionable rules"), min(failed)


def _count(kind: str, ways: tuple[Way, ...], held: int, tally: Tally) -> None:
    tally.near[kind] += 1
    tally.found[kind] += bool(ways)
    tally.told[kind] += len(ways)
    tally.held[kind] += held


def _anew(case: Case, way: Way) -> tuple[pl.DataFrame, float, str]:
    """Profile, unclipped score and grade after a way, worked out from the told values alone."""
    row = case.profile.row(0, named=True)
    moved = {change.feature.name: change.after for step in way.steps for change in step.changes}
    frame = pl.DataFrame([row | moved], schema=case.profile.schema)
    every = {one.name: one for one in (*case.model.features, *READ)}
    combined = [one for one in every.values() if one.inputs and not isinstance(one, Deviation)]
    known = [one for one in combined if row[one.name] is not None]
    frame = frame.with_columns(one.expression for one in known)
    deviations = [one for one in case.model.features if isinstance(one, Deviation)]
    if case.model.peers is not None and set(GROUP) <= set(frame.columns):
        frame = frame.with_columns(case.model.peers.deviations(frame, deviations))
    [scored] = case.model.score(frame)
    return frame, scored.unclipped_score, grade_of(scored.score, case.policy.grades)


def _opens(case: Case, way: Way, entry: Entry, world: World) -> bool:
    """Whether the whole answer after a way offers the product, at the score that was told."""
    frame, points, _ = _anew(case, way)
    [scored] = case.model.score(frame)
    facts = _without(case.facts(frame.row(0, named=True)), way)
    matched = match(facts, scored, catalogue=Catalogue((entry,)), policy=world.policy)
    return bool(matched.products) and abs(points - way.points) < SAME_POINTS


def _without(facts: Facts, way: Way) -> Facts:
    values = dict(facts.values)
    for lift in (lift for step in way.steps for lift in step.lifts):
        held = values.get(lift.fact)
        if isinstance(held, tuple):
            left = tuple(word for word in held if word not in lift.words)
            values[lift.fact] = left or tuple({"none"} & set(definitions()[lift.fact].words))
    return replace(facts, values=MappingProxyType(values))


def _show(tally: Tally) -> None:
    print(f"  {'':<58} {'of them':>8} {'with one':>9} {'share':>7} {'told':>7} {'held':>7} {'share':>7}")
    for kind, count in sorted(tally.near.items()):
        found, told, held = tally.found[kind], tally.told[kind], tally.held[kind]
        share = f"{held / told:7.1%}" if told else f"{'-':>7}"
        print(f"  {kind:<58} {count:8,} {found:9,} {found / count:7.1%} {told:7,} {held:7,} {share}")
    for what, seconds in tally.seconds.items():
        low, high = (float(np.quantile(seconds, at)) * MILLISECONDS for at in (0.5, 0.95))
        mean = statistics.fmean(seconds) * MILLISECONDS
        print(f"  {what}: an enterprise takes {low:.1f} ms in the median, {mean:.1f} in the mean, p95 {high:.1f}")
    _list("first told most often", tally.used)
    _list("near misses without a way", tally.blocked)


def _list(title: str, counts: Counter[str]) -> None:
    print(f"  {title}: {', '.join(f'{name} {count:,}' for name, count in counts.most_common(12))}")


if __name__ == "__main__":
    main()
