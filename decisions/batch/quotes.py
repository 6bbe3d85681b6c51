"""What products come to for many enterprises by rules alone, as the contract `Quotes`: the same rows as one by one.

`decisions.match.quotes.quotes_of` says the same of one enterprise's candidates; a property test holds the two equal.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from decisions.batch.columns import CHUNK, FactColumns, Flags, Floats, Wholes
from decisions.batch.limits import UNBOUNDED
from decisions.batch.questions import Grid, Questions, questions
from decisions.batch.terms import Terms, terms_of_each
from decisions.facts import Facts
from decisions.match.prepared import FactCondition, Prepared, prepared_by_id
from decisions.match.quotes import MOST_MARGIN, SCHEMA, thresholds
from decisions.offered.catalogue import Catalogue
from decisions.policies import Policy

WHO, PRODUCT, ROW = ("enterprise_id", "as_of"), "product_id", "row"


@dataclass(frozen=True)
class Quoted:
    """Quotes of some pairs of a chunk, product after product.

    Attributes:
        products, enterprises: places of the pairs.
        frame: the columns of `Quotes` but for who the enterprise is.
    """

    products: Wholes
    enterprises: Wholes
    frame: pl.DataFrame


def quotes_of_all(
    facts: Sequence[Facts],
    who: pl.DataFrame,
    *,
    catalogue: Catalogue,
    policy: Policy,
    wanted: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Quotes of enterprises and products, what is ruled out included.

    Args:
        facts: of each enterprise; amounts and counts are whole.
        who: `enterprise_id`, `as_of`, a row for each of `facts`.
        catalogue: what is offered on the day.
        policy: what is in force on the day.
        wanted: `enterprise_id`, `as_of`, `product_id` of the pairs asked for; None = every product for every
            enterprise. Where `who` holds an enterprise and day twice, `row` (place in `who`, from 0) says which of the
            facts a pair is about; where it is given, it alone does.

    Returns:
        Contract `Quotes`, a row a pair in the order of `wanted`; else by the order of `facts` and by product id.

    Raises:
        ValueError: not as many rows of `who` as facts, or a pair that is not among them and the catalogue.
    """
    if len(facts) != who.height:
        raise ValueError(
            f"got {len(facts)} facts and {who.height} rows of who, expected as many of one as of the other"
        )
    ready = prepared_by_id(catalogue)
    rows, products = _every_pair(len(facts), ready) if wanted is None else _pairs_of(wanted, who, ready)
    pieces, order = [pl.DataFrame(schema=SCHEMA)], [np.zeros(0, dtype=np.int64)]
    for first in range(0, len(facts), CHUNK):
        mine = np.flatnonzero((rows >= first) & (rows < first + CHUNK))
        if mine.size:
            asked = questions(FactColumns(facts[first : first + CHUNK]), ready=ready, policy=policy)
            pieces.append(_in_order(asked, rows[mine] - first, products[mine], who[first : first + CHUNK]))
            order.append(mine)
    return pl.concat(pieces)[np.argsort(np.concatenate(order), kind="stable")]


def _every_pair(count: int, ready: Prepared) -> tuple[Wholes, Wholes]:
    products = len(ready.offers)
    return np.repeat(np.arange(count), products), np.tile(np.arange(products), count)


def _pairs_of(wanted: pl.DataFrame, who: pl.DataFrame, ready: Prepared) -> tuple[Wholes, Wholes]:
    """The places of wanted pairs among the facts and the products."""
    ids = {offer.entry.product.id: place for place, offer in enumerate(ready.offers)}
    foreign = wanted.filter(~pl.col(PRODUCT).is_in(list(ids)))
    if foreign.height:
        raise ValueError(f"got product {foreign[PRODUCT][0]!r}, expected one of the {len(ids)} in the catalogue")
    products = wanted[PRODUCT].replace_strict(ids, return_dtype=pl.Int64).to_numpy()
    return _rows_of(wanted, who), products


def _rows_of(wanted: pl.DataFrame, who: pl.DataFrame) -> Wholes:
    if ROW not in wanted.columns:
        if who.select(WHO).is_duplicated().any():
            raise ValueError(
                f"got an enterprise and day twice in who, expected wanted to say by `{ROW}` which is meant"
            )
        wanted = wanted.join(who.select(WHO).with_row_index(ROW), on=WHO, how="left", maintain_order="left")
    rows = wanted[ROW].cast(pl.Int64)
    strangers = int((rows.is_null() | (rows >= who.height)).sum())
    if strangers:
        raise ValueError(f"got {strangers} wanted pairs of enterprises and days that are not in who, expected none")
    return rows.to_numpy()


def _in_order(asked: Questions, enterprises: Wholes, products: Wholes, who: pl.DataFrame) -> pl.DataFrame:
    """The quotes of the pairs of one chunk, in their order."""
    each = terms_of_each(asked)
    where = np.zeros((len(each), len(asked.columns)), dtype=bool)
    where[products, enterprises] = True
    quoted = quoted_pairs(each, asked, where=where)
    found = np.zeros(where.shape, dtype=np.int64)
    found[quoted.products, quoted.enterprises] = np.arange(quoted.frame.height)
    return named(quoted, who)[found[products, enterprises]]


def named(quoted: Quoted, who: pl.DataFrame) -> pl.DataFrame:
    """Quotes as the contract has them.

    Args:
        quoted: of the pairs of a chunk.
        who: `enterprise_id`, `as_of` of its enterprises.
    """
    return who.select(WHO)[quoted.enterprises].hstack(quoted.frame).select(list(SCHEMA))


def quoted_pairs(each: Sequence[Terms], asked: Questions, *, where: Grid) -> Quoted:
    """The quotes of some pairs.

    Args:
        each: the products.
        asked: the enterprises.
        where: which pairs, a row a product and a column an enterprise.
    """
    margins = _margins(asked)
    told = [place for place in range(len(each)) if where[place].any()]
    columns = [_columns(each[place], asked, where=where[place], margins=margins) for place in told]
    products, enterprises = np.nonzero(where)
    ids = pl.Series(PRODUCT, [terms.product.id for terms in each], dtype=pl.String)
    names = columns[0] if columns else ()
    frame = pl.DataFrame(
        {PRODUCT: ids[products]} | {name: np.concatenate([one[name] for one in columns]) for name in names}
    )
    limit, margin = pl.col("limit_fen"), pl.col("margin")
    return Quoted(
        products,
        enterprises,
        frame.with_columns(limit.replace(UNBOUNDED, None), margin.fill_nan(None)) if columns else _nothing(),
    )


def _nothing() -> pl.DataFrame:
    return pl.DataFrame(schema=SCHEMA).drop(WHO)


def _columns(terms: Terms, asked: Questions, *, where: Flags, margins: Floats) -> dict[str, Grid]:
    """The numbers of one product for those who are asked about."""
    usable = terms.usable_fen()
    after = terms.all_in_after(usable, where=where)
    usual, rare = terms.open_counts
    every = {
        "wanted_fen": asked.wanted_fen,
        "wanted_months": asked.wanted_months,
        "limit_fen": terms.limits.at_most_fen,
        "is_limit_open": terms.is_limit_open,
        "usable_fen": usable,
        "months": terms.months,
        "rate": terms.or_assumed(after),
        "is_rate_assumed": np.isnan(after),
        "open_usual": usual,
        "open_rare": rare,
        "failed": _failed(terms, asked),
        "met": _met(terms, asked),
        "margin": _nearest(terms, margins),
    }
    return {name: values[where] for name, values in every.items()}


def _failed(terms: Terms, asked: Questions) -> Wholes:
    """As many as `decisions.match.refusals.refusals` names."""
    offer = terms.offer
    count = sum(asked.barred.values(), np.zeros(len(asked.columns), dtype=np.int64))
    count = count + asked.fails[list(offer.asks)].sum(axis=0) + (terms.limits.at_most_fen == 0)
    if offer.is_renewal:
        for fact, failed in asked.renewals.failed.items():
            count = count + (np.where(asked.barred[fact] > 0, 0, failed) if fact in asked.barred else failed)
    return np.asarray(count + asked.purpose_says(terms.product, "fail"), dtype=np.int64)


def _met(terms: Terms, asked: Questions) -> Wholes:
    """Rules that known facts meet; the place of registration comes before them."""
    rules = list(terms.offer.asks[1:])
    return np.asarray((~(asked.fails[rules] | asked.opens[rules])).sum(axis=0, dtype=np.int64))


def _margins(asked: Questions) -> Floats:
    """By condition and enterprise, the distance to the nearest threshold of what is met; NaN = none."""
    grid = np.full(asked.fails.shape, np.nan)
    for place, condition in enumerate(asked.ready.conditions):
        if isinstance(condition, FactCondition) and condition.rule.definition.is_number:
            values = asked.columns.numbers(condition.fact)
            for threshold in thresholds(condition.rule):
                grid[place] = np.fmin(grid[place], np.abs(values - threshold) / abs(threshold))
    return np.where(asked.fails | asked.opens, np.nan, grid)


def _nearest(terms: Terms, margins: Floats) -> Floats:
    nearest = np.fmin.reduce(margins[list(terms.offer.asks)], axis=0)
    return np.asarray(np.where(np.isnan(nearest), np.nan, np.minimum(nearest, MOST_MARGIN)))
