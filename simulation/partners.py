"""Names under which firms outside the city are known: the same in every source that meets them."""

import polars as pl

from simulation.chance import Whole
from simulation.firms import Firms

LETTERS = {"buyer": "B", "supplier": "S"}


def outside_names(kind: str, firms: Firms, firm: Whole, place: Whole) -> pl.Series:
    """Pseudonyms of buyers or suppliers outside the city.

    Args:
        kind: `buyer` or `supplier`.
        firms: of the community.
        firm: place of the firm in its community, one a row.
        place: which of the firm's partners, counted over all it ever had.
    """
    numbers = pl.DataFrame({"firm": firms.numbers[firm], "place": place})
    named = pl.concat_str(pl.lit(LETTERS[kind]), "firm", pl.lit("-"), "place")
    return numbers.select(named.alias("counterparty")).to_series()


def inside_names(firms: Firms, partner: Whole) -> pl.Series:
    """Pseudonyms of firms of the same community, by their places in it."""
    return firms.pseudonyms.gather(pl.Series(partner, dtype=pl.UInt32)).alias("counterparty")
