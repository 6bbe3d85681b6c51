"""Rows of one teller as a reader gets them: under contract, cut off at a day."""

import datetime as dt

import polars as pl

from simulation.community import Community
from simulation.cutoff import told_by
from simulation.tables import ALL_TABLES, TELLERS


def under_contract(community: Community, name: str, until: dt.date | None = None) -> pl.DataFrame:
    """The rows of a table as known on a day, by default the last."""
    told, table = TELLERS[name](community), ALL_TABLES[name]
    codes = community.firms.codes.gather(told["firm"].cast(pl.UInt32))
    return told_by(table.typed(told.with_columns(codes)), table, until or community.calendar.until)
