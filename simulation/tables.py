"""All tables of one community, as the contracts have them."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import polars as pl

from simulation.community import Community
from simulation.cutoff import told_by
from sources.contracts import ASIDE, TABLES, Table

Teller = Callable[[Community], pl.DataFrame]
Spoiler = Callable[[Table, pl.DataFrame, Any], pl.DataFrame]
"""Plants mistakes among the rows of a contract, by its random numbers."""

ALL_TABLES: Mapping[str, Table] = {**TABLES, **ASIDE}


def _tellers() -> dict[str, Teller]:
    found: dict[str, Teller] = {"vat_invoices": lambda community: community.invoices}
    modules = "register tax invoices bank people rights courts trade credit exposure consents outcomes"
    for name in modules.split():
        try:
            module = import_module(f"simulation.told.{name}")
        except ImportError:
            continue
        for table in ALL_TABLES:
            if hasattr(module, table) and table not in found:
                found[table] = getattr(module, table)
    return found


try:
    from simulation.told.mistakes import mistakes
except ImportError:
    mistakes = None

TELLERS: Mapping[str, Teller] = _tellers()
"""How the rows of each table are told."""


def tables(
    community: Community,
    *,
    keep: range,
    tellers: Mapping[str, Teller] = TELLERS,
    spoil: Spoiler | None = None,
) -> dict[str, pl.DataFrame]:
    """Frames of the contracts, by the name of the table; rows of a firm together, firms in order.

    Args:
        community: whose firms they are about.
        keep: places of the firms whose rows are wanted; the others live with them all the same.
        tellers: how each table is told.
        spoil: plants mistakes; None = every row keeps its contract.
    """
    codes = community.firms.codes
    others = codes.filter(~pl.Series([place in keep for place in range(len(codes))], dtype=pl.Boolean))
    told = {}
    for name, teller in tellers.items():
        table = ALL_TABLES[name]
        frame = _typed(teller(community), table, community)
        if spoil is not None:
            frame = spoil(table, frame, community.random("mistakes", name))
        told[name] = frame if others.is_empty() else frame.filter(~pl.col("enterprise_id").is_in(others.implode()))
    return told


def _typed(told: pl.DataFrame, table: Table, community: Community) -> pl.DataFrame:
    """Told rows under contract, with nothing in them that came after the last day."""
    firm = told["firm"]
    if not firm.is_sorted():
        told = told.sort("firm", maintain_order=True)
    codes = community.firms.codes.gather(told["firm"].cast(pl.UInt32))
    typed = told_by(table.typed(told.with_columns(codes)), table, community.calendar.until)
    if not typed["known_on"].null_count():
        return typed
    return typed.with_columns(known_on=pl.coalesce("known_on", *table.known_on_default))
