"""What is told of a table by a day."""

import datetime as dt

import polars as pl

from sources.contracts import Table


def told_by(drawn: pl.DataFrame, table: Table, until: dt.date) -> pl.DataFrame:
    """Without rows that lie after a day, and without changes that came after it.

    Args:
        drawn: has the columns of the contract, and may have others.
        table: the contract.
        until: the last day of which anything is told.
    """
    known = []
    for change, told in table.changes_later.items():
        known += [pl.when(pl.col(change) <= until).then(pl.col(name)).alias(name) for name in (*told, change)]
    if known:
        drawn = drawn.with_columns(known)
    return drawn.filter((pl.col(day) <= until).fill_null(value=True) for day in table.dates)
