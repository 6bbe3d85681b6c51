"""Rows of every table of evidence at once, made by hypothesis."""

import polars as pl
import samples_bank
import samples_credit
import samples_ip
import samples_legal
import samples_people
import samples_registry
import samples_tax
import samples_trade
from hypothesis import strategies as st
from samples import ENTERPRISES, invoice

from sources.contracts import TABLES
from sources.records import Records

Rows = list[dict[str, object]]
Tables = dict[str, Rows]

STRATEGIES: dict[str, st.SearchStrategy[Rows]] = {
    "vat_invoices": st.lists(invoice(), max_size=12),
    **samples_bank.STRATEGIES,
    **samples_credit.STRATEGIES,
    **samples_ip.STRATEGIES,
    **samples_legal.STRATEGIES,
    **samples_people.STRATEGIES,
    **samples_registry.STRATEGIES,
    **samples_tax.STRATEGIES,
    **samples_trade.STRATEGIES,
}


def everything() -> st.SearchStrategy[Tables]:
    """Rows of both sample enterprises in all tables."""
    return st.fixed_dictionaries(STRATEGIES)


def records_of_all(tables: Tables, **more: pl.DataFrame) -> Records:
    """Records of both enterprises, whether they have rows or not."""
    frames = {name: framed(name, rows) for name, rows in tables.items()}
    return Records.of({**frames, **more}, enterprises=pl.Series(ENTERPRISES))


def framed(name: str, rows: Rows) -> pl.DataFrame:
    """Rows of one table as a frame of its contract."""
    table = TABLES[name]
    return pl.DataFrame([{column: row.get(column) for column in table.dtypes} for row in rows], schema=table.dtypes)
