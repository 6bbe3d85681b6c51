"""All tables of one community, as the contracts have them."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import polars as pl

from simulation.community import Community, draw_community
from simulation.cutoff import told_by
from simulation.plan import City
from simulation.told import (
    bank,
    consents,
    courts,
    credit,
    exposure,
    outcomes,
    parties,
    people,
    register,
    rights,
    tax,
    trade,
)
from simulation.weather import weather
from sources.contracts import VAT_INVOICES, Table
from sources.readers.folder import ALL_TABLES

Teller = Callable[[Community], pl.DataFrame]
Spoiler = Callable[[Table, pl.DataFrame, np.random.Generator], pl.DataFrame]
"""Plants mistakes among the rows of a contract."""


def _invoices(community: Community) -> pl.DataFrame:
    return community.invoices


TELLERS: Mapping[str, Teller] = MappingProxyType(
    {VAT_INVOICES.name: _invoices}
    | {
        teller.__name__: teller
        for teller in (
            register.registry,
            register.registry_changes,
            parties.related_parties,
            tax.tax_filings,
            tax.tax_ratings,
            tax.financial_statements,
            tax.vat_returns,
            tax.vat_returns_small_scale,
            bank.bank_transactions,
            people.social_insurance,
            people.housing_fund,
            people.utilities,
            rights.ip_rights,
            rights.qualifications,
            courts.legal_events,
            trade.orders,
            trade.customs,
            credit.credit_reports,
            credit.loans,
            credit.repayments,
            exposure.guarantees,
            exposure.enquiries,
            exposure.real_estate,
            consents.consents,
            outcomes.labels,
            outcomes.applications,
        )
    }
)
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


def tables_in_memory(city: City, *, tellers: Mapping[str, Teller] = TELLERS) -> dict[str, pl.DataFrame]:
    """The tables of a small city as whole frames, without mistakes: for tests, notebooks and benchmarks."""
    sky = weather(city.calendar, seed=city.seed)
    told = [
        tables(draw_community(number, city.calendar, sky, seed=city.seed), keep=city.kept(number), tellers=tellers)
        for number in range(city.communities)
    ]
    return {name: pl.concat([frames[name] for frames in told], rechunk=True) for name in tellers}


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
