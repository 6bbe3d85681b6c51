"""Profiles crossed with offers: one row an enterprise and a product, with every feature that models of fit see."""

from collections.abc import Iterator, Sequence

import polars as pl

from features.pairs.good_match import FIRM, PAIRS, TURNOVER
from sources.contracts.offers import Offers, Quotes, Ties

WHO = ("enterprise_id", "as_of")
PRODUCT, BANK = "product_id", "bank_id"
PLACE = "place"
FEW_ROWS = 1_000
"""Up to so many rows, looking keys up in a dictionary is quicker than a join."""

Keys = Sequence[pl.Series]
"""Columns that name a row together."""

TIE = "tie_"
"""What columns of ties begin with in the crossed row, so that they are not taken for the enterprise's own."""

FIRM_NAMES = tuple(one.name for one in FIRM)
OF_OFFER = tuple(name for name in Offers.columns() if name != PRODUCT)
OF_QUOTE = tuple(Quotes.columns())
OF_TIE = {name: column.dtype for name, column in Ties.columns().items() if name not in {*WHO, BANK}}
MADE: tuple[str | pl.Expr, ...] = (*WHO, PRODUCT, BANK, *FIRM_NAMES, *(one.expression for one in PAIRS))


def cross(
    profiles: pl.DataFrame, offers: pl.DataFrame, quotes: pl.DataFrame, ties: pl.DataFrame | None
) -> pl.DataFrame:
    """The pairs that `quotes` names, in its order.

    Args:
        profiles: with `enterprise_id`, `as_of` and the features `FIRM`.
        offers: as contract `Offers`; columns that the contract does not name are not looked at.
        quotes: as contract `Quotes`.
        ties: as contract `Ties`; None = loans were not given, so that nothing is known of any tie.

    Returns:
        `enterprise_id`, `as_of`, `product_id`, `bank_id`, then the columns of `FIRM` and `PAIRS` as Float64: null or
        finite.

    Raises:
        ValueError: a quote is of an enterprise and day without a profile, or of a product that is not offered.
    """
    told = [quotes.get_column(name) for name in OF_QUOTE]
    who, product = [quotes.get_column(name) for name in WHO], quotes.get_column(PRODUCT)
    offered = offers.select(OF_OFFER)[_sure_places([product], [offers.get_column(PRODUCT)])]
    known = _of_firms(profiles, who)
    tied = _of_ties(ties, [*who, offered.get_column(BANK)])
    return pl.DataFrame([*told, *offered.get_columns(), *known, *tied]).select(MADE)


def _of_firms(profiles: pl.DataFrame, who: Keys) -> list[pl.Series]:
    """Features and turnover of the enterprise of each pair."""
    firms = profiles.select(*FIRM_NAMES, TURNOVER)
    return firms[_sure_places(who, [profiles.get_column(name) for name in WHO])].get_columns()


def _of_ties(ties: pl.DataFrame | None, keys: Keys) -> list[pl.Series]:
    """What is known of the tie to the bank of each pair; null where it never lent."""
    if ties is None or ties.is_empty():
        nothing = (pl.Series(f"{TIE}{name}", [None], dtype) for name, dtype in OF_TIE.items())
        return [one.new_from_index(0, len(keys[0])) for one in nothing]
    places = _places(keys, [ties.get_column(name) for name in (*WHO, BANK)])
    return [one.alias(f"{TIE}{one.name}") for one in ties.select(list(OF_TIE))[places].get_columns()]


def _sure_places(keys: Keys, source: Keys) -> pl.Series:
    """As `_places`, where every pair must have one."""
    places = _places(keys, source)
    if places.null_count():
        missing = [str(key.filter(places.is_null())[0]) for key in keys]
        names = ", ".join(key.name for key in source)
        raise ValueError(f"got a quote of {', '.join(missing)}, expected one of the {len(source[0])} given by {names}")
    return places


def _places(keys: Keys, source: Keys) -> pl.Series:
    """Number of the row of `source` with the same keys, for each pair; null where there is none."""
    if max(len(keys[0]), len(source[0])) > FEW_ROWS:
        return _places_by_join(keys, source)
    rows = {key: place for place, key in enumerate(_tuples(source))}
    if len(rows) < len(source[0]):
        raise ValueError(_twice(source))
    return pl.Series([rows.get(key) for key in _tuples(keys)], dtype=pl.UInt32)


def _places_by_join(keys: Keys, source: Keys) -> pl.Series:
    """The same for many rows, where a join is quicker."""
    names = [key.name for key in keys]
    numbered = pl.DataFrame(list(source)).with_row_index(PLACE)
    if numbered.select(names).is_duplicated().any():
        raise ValueError(_twice(source))
    joined = pl.DataFrame(list(keys)).join(numbered, on=names, how="left", maintain_order="left")
    return joined[PLACE].cast(pl.UInt32)


def _tuples(keys: Keys) -> Iterator[tuple[object, ...]]:
    return zip(*(key.to_list() for key in keys), strict=True)


def _twice(source: Keys) -> str:
    return f"got two rows of one {' and '.join(key.name for key in source)}, expected one"
