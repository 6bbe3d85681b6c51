"""Invoices of a community."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from simulation.chance import Flags, Numbers
from simulation.told import invoice_values as values
from simulation.told.invoice_lines import FEN, Lines, issued_lines, received_lines, ring_lines
from simulation.told.invoice_papers import with_mistakes
from simulation.told.invoice_rows import received_inside, rows

if TYPE_CHECKING:
    from simulation.community import Community


@dataclass(frozen=True)
class Books:
    """Sums of the valid invoices, red ones included, firm × month of the calendar, in fen; 0 before the told months."""

    issued_net: Numbers
    issued_vat: Numbers
    received_net: Numbers
    received_vat: Numbers


def vat_invoices(community: "Community") -> pl.DataFrame:
    """Rows of the contract `vat_invoices`; an invoice between two firms of the community is told to both."""
    sold = Lines.joined(
        issued_lines(values.sales_flow(community), community), ring_lines(values.ring_values(community), community)
    )
    issued = rows(with_mistakes(sold, community, "issued"), community, "issued")
    bought = received_lines(values.purchases_flow(community), community, _bought_inside(sold, community))
    received = rows(with_mistakes(bought, community, "received"), community, "received")
    told = pl.concat([issued, received, received_inside(issued, community)]).drop("inside")
    return told.sort("firm", "direction", "issued_on", maintain_order=True)


def _bought_inside(sold: Lines, community: "Community") -> Numbers:
    """Yuan that each firm bought inside, rings not counted, firm × month."""
    firms = community.firms
    bought = np.zeros_like(community.lives.sales)
    inside = (sold.inside >= 0) & (firms.ring[sold.firm] < 0)
    np.add.at(bought, (sold.inside[inside], sold.month[inside]), sold.net[inside] / FEN)
    return bought


def books(invoices: pl.DataFrame, community: "Community") -> Books:
    """What the valid invoices of each month add up to, by month of issue."""
    calendar = community.calendar
    valid = invoices.filter(pl.col("voided_on").is_null())
    start = calendar.starts[0].astype("M8[M]").astype(np.int64)
    month = valid["issued_on"].to_numpy().astype("M8[M]").astype(np.int64) - start
    cell = valid["firm"].to_numpy() * calendar.months + month
    issued = (valid["direction"] == "issued").to_numpy()
    shape = len(community.firms), calendar.months

    def summed(column: str, chosen: Flags) -> Numbers:
        # Sums of whole fen below 2^53 are exact in floating point.
        amounts = np.where(chosen, valid[column].to_numpy(), 0).astype(np.float64)
        sums: Numbers = np.bincount(cell, amounts, shape[0] * shape[1]).reshape(shape).astype(np.float64)
        return sums

    return Books(*(summed(column, side) for side in (issued, ~issued) for column in ("net_fen", "vat_fen")))
