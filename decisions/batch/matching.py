"""Many enterprises against a catalogue: hard rules first, over columns, then limit and worth of what is left.

The same answers as `decisions.match.matching.match` gives one by one; a property test holds the two equal.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from decisions.batch.columns import FactColumns, Floats, Wholes
from decisions.batch.questions import Questions, questions
from decisions.batch.worth import NOTHING, ProductWorth, worth_of
from decisions.facts import Facts
from decisions.match.prepared import Prepared, prepared
from decisions.offered.catalogue import Catalogue
from decisions.policies import Policy

CHUNK = 1_024
"""Enterprises looked at together: some arrays of so many times the products are all that is held."""

SCHEMA = {
    "enterprise": pl.UInt32,
    "place": pl.UInt32,
    "product_id": pl.String,
    "limit_fen": pl.Int64,
    "all_in_after": pl.Float64,
    "expected_value_fen": pl.Int64,
}


@dataclass(frozen=True)
class Chunk:
    """The answer for some enterprises.

    Attributes:
        best: `enterprise` (place in the input, from 0), `place` (from 1), `product_id`, `limit_fen` (null = not known),
            `all_in_after` (null = not stated in full), `expected_value_fen`; by enterprise and place.
        enterprises: how many.
        pairs: enterprises times products.
        surviving: pairs that no condition, no stop and no limit of nothing rules out.
    """

    best: pl.DataFrame
    enterprises: int
    pairs: int
    surviving: int


def match_all(
    facts: Sequence[Facts], points: Sequence[float], *, catalogue: Catalogue, policy: Policy, top: int
) -> Iterator[Chunk]:
    """The best products of each enterprise by the rule of thumb, chunk after chunk in the order given.

    Args:
        facts: of each enterprise; amounts and counts are whole.
        points: the unclipped score of each.
        catalogue: what is offered on the day.
        policy: what is in force on the day.
        top: how many products of each to tell at most.

    Raises:
        ValueError: as many points as facts are expected, and amounts that are exact in floating point.
    """
    if len(facts) != len(points):
        raise ValueError(f"got {len(facts)} facts and {len(points)} points, expected as many of one as of the other")
    ready = prepared(Catalogue(tuple(sorted(catalogue.entries, key=lambda entry: entry.product.id))))
    for first in range(0, len(facts), CHUNK):
        chunk = slice(first, first + CHUNK)
        asked = questions(FactColumns(facts[chunk]), points[chunk], ready=ready, policy=policy)
        yield _chunk(asked, top=top, first=first)


def _chunk(asked: Questions, *, top: int, first: int) -> Chunk:
    products = [worth_of(offer, asked) for offer in asked.ready.offers]
    enterprises, count = len(asked.columns), len(products)
    if not products:
        return Chunk(pl.DataFrame(schema=SCHEMA), enterprises, 0, 0)
    fen, rate = np.array([row.fen for row in products]), np.array([row.rate for row in products])
    key = np.where(fen == NOTHING, np.inf, -fen * _weights(asked.ready, fen, rate, asked.policy))
    order = np.lexsort((rate.T, key.T))[:, :top]
    return Chunk(_best(products, order, fen, first), enterprises, enterprises * count, int((fen != NOTHING).sum()))


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


def _best(products: list[ProductWorth], order: Wholes, fen: Wholes, first: int) -> pl.DataFrame:
    """The first places of each enterprise; `order` holds a row of products an enterprise."""
    enterprise = np.broadcast_to(np.arange(order.shape[0])[:, None], order.shape)
    place = np.broadcast_to(np.arange(1, order.shape[1] + 1), order.shape)
    kept = fen[order, enterprise] != NOTHING
    product, one = order[kept], enterprise[kept]
    limits = np.array([row.limit_fen for row in products])[product, one]
    after = np.array([row.all_in_after for row in products])[product, one]
    ids = np.array([row.product_id for row in products], dtype=object)
    frame = pl.DataFrame(
        {
            "enterprise": one + first,
            "place": place[kept],
            "product_id": ids[product],
            "limit_fen": limits,
            "all_in_after": after,
            "expected_value_fen": fen[product, one],
        },
        schema=SCHEMA,
    )
    return frame.with_columns(pl.col("limit_fen").replace(NOTHING, None), pl.col("all_in_after").fill_nan(None))
