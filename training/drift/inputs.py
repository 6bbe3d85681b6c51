"""Which features moved, and whether a mistake in units, the tax calendar or a rule explains it."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.stats import chi2

from features.definition import Feature
from training.drift.calendar import Rule, TaxCalendar
from training.drift.kinds import Moved
from training.drift.policy import DriftPolicy
from training.drift.reference import Reference
from training.drift.requests import Requests, defined, values
from training.drift.spread import Move, Spread, counted, holm
from training.metrics import Floats

YEAR = 12
TAX_SOURCE, TAX_BLOCK = "tax_filings", "tax"
TIMES = frozenset({"days", "months", "count"})
"""Units of features that tell when returns came, not what they say."""

FACTORS = (100.0, 0.01)
"""Yuan taken for fen, and fen for yuan."""

SHARES = np.linspace(0.0, 1.0, 101)
EXPLAINS = 0.7
"""Share of a move that a mixture of right and scaled amounts must explain."""

LEAST_SCALED = 0.04
LEAST_CHANCE = 1e-3
"""Of a bin, so that a rare amount does not decide."""

FEWEST_EDGES = 5
"""Of a feature that is not the same, such as 0, for most enterprises."""

FEWEST_ALIKE = 2
"""Features of a table that show the same factor: one alone may be chance."""


def of_year(requests: Requests) -> tuple[int, ...]:
    """Months of the year that requests lie in."""
    return tuple(requests.rows["day"].dt.month().unique().sort())


def own_repeats(requests: Requests) -> float:
    return len(requests) / requests.enterprises


def smallest_move(usual: float, reference: Reference, policy: DriftPolicy) -> float:
    """From where a move is told. Without a year of the reference nobody knows what is usual: only great ones are."""
    least = policy.smallest_index if reference.months >= YEAR else policy.great_index
    return max(least, policy.times_usual * usual)


def moved(reference: Reference, requests: Requests, policy: DriftPolicy) -> tuple[tuple[Moved, ...], float]:
    """Features that moved, farthest first, and how far the farthest of all lies from the reference."""
    looked = list(_looked_at(reference, requests, policy))
    if not looked:
        return (), 0.0
    adjusted = holm([move.p for _, move, _ in looked])
    found = [
        Moved(feature, move, usual, float(p))
        for (feature, move, usual), p in zip(looked, adjusted, strict=True)
        if p <= policy.level and move.excess > smallest_move(usual, reference, policy)
    ]
    return tuple(sorted(found, key=lambda one: -one.move.excess)), max(move.excess for _, move, _ in looked)


def _looked_at(reference: Reference, requests: Requests, policy: DriftPolicy) -> list[tuple[Feature, Move, float]]:
    months, again = of_year(requests), own_repeats(requests)
    looked = []
    for feature in defined(list(reference.features)):
        seen = values(requests.rows, feature)
        if len(seen) < policy.fewest_rows:
            continue
        spread = reference.features[feature.name]
        move = spread.move(seen, months, repeats=reference.repeats, own_repeats=again)
        looked.append((feature, move, spread.usual))
    return looked


def by_rules(
    found: Sequence[Moved], calendar: TaxCalendar, requests: Requests
) -> Iterator[tuple[Rule, tuple[Moved, ...]]]:
    """Each rule that is felt and explains some of the features, with these; the first rule of several has a feature."""
    left, span = tuple(found), requests.span
    for rule in calendar.rules_felt(span.first, span.last):
        explained = tuple(one for one in left if rule.moves(one.name))
        left = without(left, explained)
        if explained:
            yield rule, explained


@dataclass(frozen=True)
class Units:
    """Amounts of a table that look like right ones mixed with some taken for another unit."""

    table: str
    factor: float
    share: float
    features: tuple[str, ...]


def wrong_units(reference: Reference, requests: Requests, policy: DriftPolicy) -> Units | None:
    """The table whose amounts speak most for such a mixture; None where no table has two features that do.

    A feature speaks for it if the likelihood of the best share of scaled amounts is beyond luck (ratio test with one
    degree of freedom, Bonferroni over features and factors) and the mixture explains most of what differs.
    """
    amounts = [one for one in defined(list(reference.features)) if one.unit == "fen" and len(one.sources) == 1]
    votes: dict[tuple[str, float], dict[str, float]] = {}
    least = float(chi2.isf(policy.level / max(len(amounts) * len(FACTORS), 1), 1)) * own_repeats(requests)
    for one in amounts:
        seen = values(requests.rows, one)
        seen = seen[~np.isnan(seen)]
        if len(seen) < policy.fewest_rows or len(reference.features[one.name].edges) < FEWEST_EDGES:
            continue
        for factor in FACTORS:
            share, gain, explained = _mixture(reference.features[one.name], seen, factor)
            if share >= LEAST_SCALED and 2 * gain >= least and explained >= EXPLAINS:
                votes.setdefault((one.sources[0], factor), {})[one.name] = share
    table, factor = max(votes, key=lambda key: len(votes[key]), default=("", 1.0))
    if len(alike := votes.get((table, factor), {})) < FEWEST_ALIKE:
        return None
    return Units(table, factor, float(np.median(list(alike.values()))), tuple(alike))


def _mixture(spread: Spread, seen: Floats, factor: float) -> tuple[float, float, float]:
    """The likeliest share of amounts times the factor, its gain in log likelihood, and what part it explains.

    Bins end where those of the reference do and at the same times the factor, so that right and scaled amounts can be
    told apart. Explained is the part of the deviance from the reference, less that of chance, that the mixture takes.
    """
    edges = np.unique(np.concatenate([spread.edges, np.asarray(spread.edges) * factor]))
    counts = counted(seen, edges)[:-1]
    right, scaled = _shares(spread.grid, edges), _shares(np.asarray(spread.grid) * factor, edges)
    mixed = np.maximum((1 - SHARES[:, None]) * right + SHARES[:, None] * scaled, LEAST_CHANCE)
    likelihood = (np.log(mixed / mixed.sum(axis=1, keepdims=True)) * counts).sum(axis=1)
    best = int(np.argmax(likelihood))
    gain = float(likelihood[best] - likelihood[0])
    seen_there = counts[counts > 0]
    most = float((np.log(seen_there / counts.sum()) * seen_there).sum())
    surplus = 2 * (most - likelihood[0]) - (len(counts) - 1)
    return float(SHARES[best]), gain, 2 * gain / max(float(surplus), 2 * gain, LEAST_CHANCE)


def _shares(grid: Sequence[float] | Floats, edges: Floats) -> Floats:
    """Share of a reference by bin, from its quantiles; linear between them, a repeated value all at once."""
    quantiles = np.asarray(grid)
    below = np.interp(edges, quantiles, np.linspace(0, 1, len(quantiles)), left=0.0, right=1.0)
    at_most = np.searchsorted(quantiles, edges, side="right") - 1
    below = np.maximum(below, np.clip(at_most, 0, None) / (len(quantiles) - 1) * (edges >= quantiles[0]))
    return np.diff(np.concatenate([[0.0], below, [1.0]]))


def of_tax_timing(found: Sequence[Moved]) -> tuple[Moved, ...]:
    """The features that read tax data, if one of them tells when returns came; else none."""
    taxed = tuple(one for one in found if TAX_SOURCE in one.feature.sources or one.feature.blocks == (TAX_BLOCK,))
    timed = any(TAX_SOURCE in one.feature.sources and one.feature.unit in TIMES for one in taxed)
    return taxed if timed else ()


def without(found: Sequence[Moved], gone: Collection[Moved]) -> tuple[Moved, ...]:
    names = {one.name for one in gone}
    return tuple(one for one in found if one.name not in names)


def score_move(reference: Reference, requests: Requests) -> Move:
    """How far the score moved."""
    return _column_move(reference.score, reference, requests, "score")


def eligible_move(reference: Reference, requests: Requests) -> Move | None:
    """How far the share of products that no rule excludes moved; None where it is not known."""
    if reference.eligible is None or requests.rows["eligible"].null_count() == len(requests):
        return None
    return _column_move(reference.eligible, reference, requests, "eligible")


def _column_move(spread: Spread, reference: Reference, requests: Requests, name: str) -> Move:
    seen = requests.rows[name].drop_nulls().cast(pl.Float64).to_numpy()
    return spread.move(seen, of_year(requests), repeats=reference.repeats, own_repeats=own_repeats(requests))
