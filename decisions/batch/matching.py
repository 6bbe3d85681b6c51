"""Many enterprises against a catalogue: hard rules first, over columns, then limit and worth of what is left.

The same answers as `decisions.match.matching.match` gives one by one; a property test holds the two equal.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from decisions.batch.columns import CHUNK, FactColumns, Floats, Wholes
from decisions.batch.model_estimate import BatchEstimate
from decisions.batch.questions import Grid, Questions, questions
from decisions.batch.quotes import quoted_pairs
from decisions.batch.terms import terms_of_each
from decisions.batch.worth import NOTHING, ProductWorth, by_chance, by_rule_of_thumb
from decisions.facts import Facts
from decisions.match.granted import granted_of
from decisions.match.prepared import Prepared, prepared_by_id
from decisions.match.ranking import RuleOfThumb
from decisions.offered.catalogue import Catalogue
from decisions.policies import Policy
from scoring.product_fit import Fits

SCHEMA = {
    "enterprise": pl.UInt32,
    "place": pl.UInt32,
    "product_id": pl.String,
    "limit_fen": pl.Int64,
    "all_in_after": pl.Float64,
    "expected_value_fen": pl.Int64,
    "approval": pl.Float64,
    "fit": pl.Float64,
}


@dataclass(frozen=True)
class Chunk:
    """The answer for some enterprises.

    Attributes:
        best: `enterprise` (place in the input, from 0), `place` (from 1), `product_id`, `limit_fen` (null = not known),
            `all_in_after` (null = not stated in full), `expected_value_fen`, `approval` and `fit` (probabilities by a
            model, null = none spoke); by enterprise and place.
        enterprises: how many.
        pairs: enterprises times products.
        surviving: pairs that no condition, no stop and no limit of nothing rules out.
    """

    best: pl.DataFrame
    enterprises: int
    pairs: int
    surviving: int


def match_all(
    facts: Sequence[Facts],
    points: Sequence[float],
    *,
    catalogue: Catalogue,
    policy: Policy,
    top: int,
    estimate: BatchEstimate | None = None,
) -> Iterator[Chunk]:
    """The best products of each enterprise, chunk after chunk in the order given.

    Args:
        facts: of each enterprise; amounts and counts are whole.
        points: the unclipped score of each.
        catalogue: what is offered on the day.
        policy: what is in force on the day.
        top: how many products of each to tell at most.
        estimate: says how likely products work out, and is asked only about pairs that hard rules leave; None = the
            policy's rule of thumb.

    Raises:
        ValueError: as many points as facts are expected, and amounts that are exact in floating point.
    """
    if len(facts) != len(points):
        raise ValueError(f"got {len(facts)} facts and {len(points)} points, expected as many of one as of the other")
    ready = prepared_by_id(catalogue)
    for first in range(0, len(facts), CHUNK):
        chunk = slice(first, first + CHUNK)
        asked = questions(FactColumns(facts[chunk]), ready=ready, policy=policy)
        judged = _by_rule(asked, points[chunk]) if estimate is None else _by_model(asked, estimate, chunk)
        yield _chunk(asked, judged, top=top, first=first)


@dataclass(frozen=True)
class _Judged:
    """The products of a chunk, and what a model says of each pair; NaN = none did."""

    products: Sequence[ProductWorth]
    approval: Grid
    kept: Grid


def _by_rule(asked: Questions, points: Sequence[float]) -> _Judged:
    thumb = RuleOfThumb(asked.policy.numbers)
    one_in = np.array([thumb.one_in(score) for score in points])
    products = [by_rule_of_thumb(terms, one_in) for terms in terms_of_each(asked)]
    unsaid = np.full((len(products), len(asked.columns)), np.nan)
    return _Judged(products, unsaid, unsaid)


def _by_model(asked: Questions, estimate: BatchEstimate, chunk: slice) -> _Judged:
    each = terms_of_each(asked)
    where = np.array([terms.can_have for terms in each], dtype=bool).reshape(len(each), len(asked.columns))
    quoted = quoted_pairs(each, asked, where=where)
    said = estimate(chunk, quoted) if quoted.frame.height else Fits(np.zeros(0), np.zeros(0))

    def of_all(values: Floats) -> Grid:
        grid = np.full(where.shape, np.nan)
        grid[quoted.products, quoted.enterprises] = values
        return grid

    granted = [granted_of(estimate.record, terms.product) for terms in each]
    passing = np.array([terms.passing(one) for terms, one in zip(each, granted, strict=True)]).reshape(where.shape)
    approval, kept = of_all(said.approval), of_all(said.kept)
    chance = np.where(where, approval * passing * kept, 0.0)
    shares = [None] * len(each) if said.share is None else np.nan_to_num(of_all(said.share))
    products = [
        by_chance(terms, chance[place], granted=granted[place], share_here=shares[place])
        for place, terms in enumerate(each)
    ]
    return _Judged(products, approval, kept)


def _chunk(asked: Questions, judged: _Judged, *, top: int, first: int) -> Chunk:
    products, enterprises = judged.products, len(asked.columns)
    if not products:
        return Chunk(pl.DataFrame(schema=SCHEMA), enterprises, 0, 0)
    fen, rate = np.array([row.fen for row in products]), np.array([row.rate for row in products])
    key = np.where(fen == NOTHING, np.inf, -fen * _weights(asked.ready, fen, rate, asked.policy))
    order = np.lexsort((rate.T, key.T))[:, :top]
    surviving = int((fen != NOTHING).sum())
    return Chunk(_best(judged, order, fen, first), enterprises, enterprises * len(products), surviving)


def _weights(ready: Prepared, fen: Wholes, rate: Floats, policy: Policy) -> Floats:
    """The factor of each product for those of its bank that are better: by worth, then lower rate, then id."""
    banks = np.array([offer.entry.bank.id for offer in ready.offers])
    better = np.zeros_like(fen)
    for bank in np.unique(banks):
        own = np.flatnonzero(banks == bank)
        for one in own:
            for other in own[own != one]:
                is_first = (fen[other] > fen[one]) | (
                    (fen[other] == fen[one])
                    & ((rate[other] < rate[one]) | ((rate[other] == rate[one]) & (other < one)))
                )
                better[one] += is_first
    factor = policy.numbers.diversity_factor.value
    return np.array([factor**further for further in range(int(better.max()) + 1)])[better]


def _best(judged: _Judged, order: Wholes, fen: Wholes, first: int) -> pl.DataFrame:
    """The first places of each enterprise; `order` holds a row of products an enterprise."""
    products = judged.products
    enterprise = np.broadcast_to(np.arange(order.shape[0])[:, None], order.shape)
    place = np.broadcast_to(np.arange(1, order.shape[1] + 1), order.shape)
    kept = fen[order, enterprise] != NOTHING
    product, one = order[kept], enterprise[kept]
    ids = np.array([row.product_id for row in products], dtype=object)
    frame = pl.DataFrame(
        {
            "enterprise": one + first,
            "place": place[kept],
            "product_id": ids[product],
            "limit_fen": np.array([row.limit_fen for row in products])[product, one],
            "all_in_after": np.array([row.all_in_after for row in products])[product, one],
            "expected_value_fen": fen[product, one],
            "approval": judged.approval[product, one],
            "fit": judged.kept[product, one],
        },
        schema=SCHEMA,
    )
    said = pl.col("all_in_after", "approval", "fit").fill_nan(None)
    return frame.with_columns(pl.col("limit_fen").replace(NOTHING, None), said)
