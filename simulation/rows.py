"""Rows for every table at once, quickly: scaffolding for benchmarks and for tests over all blocks.

Every row keeps its contract and features vary with them, but this is no economy: sources agree only roughly and nothing
is planted that a model should find. For that see `simulation.community`.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

import numpy as np
import polars as pl

from simulation.cutoff import told_by
from simulation.drawn import credit, flows, people, register, tax
from simulation.drawn.lot import Columns, Firms, Lot, Whole, luck, whole
from sources.codes import placeholder_code
from sources.contracts import TABLES, Table
from sources.records import Records

DRAWN: Mapping[str, Callable[[Lot], Columns]] = MappingProxyType(
    {
        draw.__name__: draw
        for draw in (
            register.registry,
            register.registry_changes,
            register.related_parties,
            tax.tax_filings,
            tax.tax_ratings,
            tax.financial_statements,
            tax.vat_returns,
            tax.vat_returns_small_scale,
            flows.vat_invoices,
            flows.bank_transactions,
            people.social_insurance,
            people.housing_fund,
            people.utilities,
            register.ip_rights,
            register.qualifications,
            register.legal_events,
            people.orders,
            people.customs,
            credit.credit_reports,
            credit.loans,
            credit.repayments,
            credit.guarantees,
            credit.enquiries,
            credit.real_estate,
        )
    }
)
"""How the rows of each table are drawn."""

SHARES: Mapping[str, float] = MappingProxyType(
    {
        "vat_invoices": 0.45,
        "bank_transactions": 0.40,
        "tax_filings": 0.024,
        "utilities": 0.022,
        "social_insurance": 0.020,
        "housing_fund": 0.014,
        "repayments": 0.012,
        "vat_returns": 0.010,
        "vat_returns_small_scale": 0.004,
        "financial_statements": 0.008,
        "orders": 0.006,
        "customs": 0.005,
        "loans": 0.004,
        "enquiries": 0.004,
        "ip_rights": 0.003,
        "registry_changes": 0.003,
        "tax_ratings": 0.002,
        "related_parties": 0.002,
        "legal_events": 0.0015,
        "registry": 0.001,
        "qualifications": 0.0015,
        "credit_reports": 0.001,
        "guarantees": 0.001,
        "real_estate": 0.001,
    }
)
"""Share of a usual firm's rows that each table has."""

FLOWS = ("vat_invoices", "bank_transactions")
MOST_OF_A_FIRM: Mapping[str, int] = MappingProxyType({"registry": register.MOST_VERSIONS, "tax_ratings": 5})
MOST_MONTHS = 240
FIRMS_OF_A_PREFIX = 1_000_000
MOST_FIRMS = 10 * FIRMS_OF_A_PREFIX
AREA = "110000"
"""The same for all, so that codes sort by number."""


def rows(enterprises: int, *, rows_each: int, seed: int, until: dt.date, first: int = 0) -> Records:
    """Rows of invented firms in all tables, none of them dated after `until`.

    A firm's rows depend on the seed, its number, `rows_each` and `until` only, not on the firms drawn with it.

    Args:
        enterprises: how many firms, numbered from `first`.
        rows_each: rows of a firm over all tables, on average and roughly.
        seed: the same seed draws the same.
        until: last day that anything is known.
        first: number of the first firm.

    Raises:
        ValueError: a number out of range.
    """
    if enterprises < 0 or first < 0 or first + enterprises > MOST_FIRMS:
        raise ValueError(f"got firms {first} to {first + enterprises - 1}, expected some of 0 to {MOST_FIRMS - 1}")
    if rows_each < 1:
        raise ValueError(f"rows_each: got {rows_each}, expected at least 1")
    firms = Firms(np.arange(first, first + enterprises, dtype=np.int64), seed, until)
    codes = pl.Series("enterprise_id", [code(number) for number in firms.numbers.tolist()], dtype=pl.String)
    tables = {name: _table(TABLES[name], _lot(firms, name, rows_each), codes) for name in TABLES}
    return Records.of(tables, enterprises=codes)


def row_chunks(
    enterprises: int, *, rows_each: int, seed: int, until: dt.date, firms_each: int = 5_000
) -> Iterator[Records]:
    """The same firms in chunks of `firms_each`, so that no more than one chunk is in memory."""
    for first in range(0, enterprises, firms_each):
        several = min(firms_each, enterprises - first)
        yield rows(several, rows_each=rows_each, seed=seed, until=until, first=first)


def code(number: int) -> str:
    """Unified social credit code of the invented firm with this number."""
    prefix, rest = divmod(number, FIRMS_OF_A_PREFIX)
    return placeholder_code(f"R{prefix}", rest, registrar_area=AREA)


def _lot(firms: Firms, table: str, rows_each: int) -> Lot:
    count = _counts(firms, table, rows_each)
    firm = np.repeat(np.arange(len(count)), count)
    starts = np.cumsum(count) - count
    number: Whole = np.arange(len(firm)) - starts[firm]
    return Lot(firms, table, firm, number, count[firm])


def _counts(firms: Firms, table: str, rows_each: int) -> Whole:
    """Rows of each firm: a fraction of a row is a chance of one."""
    expected = np.full(len(firms.numbers), rows_each * SHARES[table])
    if table in FLOWS:
        expected *= firms.activity
    if table == tax.vat_returns.__name__:
        expected *= ~firms.small_scale
    if table == tax.vat_returns_small_scale.__name__:
        expected *= firms.small_scale
    count = whole(expected + luck(firms.seed, f"count {table}", firms.numbers))
    if table == register.registry.__name__:
        count = np.maximum(count, 1)
    if table not in FLOWS:
        count = np.minimum(count, MOST_OF_A_FIRM.get(table, MOST_MONTHS))
    return count


def _table(table: Table, lot: Lot, codes: pl.Series) -> pl.DataFrame:
    if not len(lot.firm):
        return table.empty()
    drawn = pl.DataFrame(DRAWN[table.name](lot)).with_columns(codes.gather(pl.Series(lot.firm.astype(np.uint32))))
    return told_by(table.typed(drawn), table, lot.firms.until)
