"""Derived panels: what an expression over single rows cannot say is said over months and counterparties.

Amounts stay whole fen, so that sums do not depend on the order of rows. Windows are whole calendar months before
`as_of`: `months_ago` 0 is the last complete month, 11 the oldest of the last twelve, -1 the month that `as_of` is in.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from types import MappingProxyType

import polars as pl

from sources.records import Records

LONGEST_HISTORY = 36
"""Months that the monthly panel reaches back."""


def invoices(known: Records, as_of: dt.date) -> pl.DataFrame | None:
    """One row an invoice: `issued` (a sale) or not, `void`, `red`, `months_ago`, `days_ago`, amounts, counterparty."""
    if known.vat_invoices is None:
        return None
    on = pl.col("issued_on")
    month = on.dt.year() * 12 + on.dt.month()
    return known.vat_invoices.select(
        "enterprise_id",
        "counterparty",
        "net_fen",
        "vat_fen",
        "issued_on",
        issued=pl.col("direction") == "issued",
        void=pl.col("voided_on").is_not_null(),
        red=pl.col("net_fen") < 0,
        months_ago=(as_of.year * 12 + as_of.month - 1 - month).cast(pl.Int32),
        days_ago=(pl.lit(as_of) - on).dt.total_days().cast(pl.Int32),
    )


def months(rows: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """One row an enterprise and complete month, without holes, from its first invoice (at most 36 months) to `as_of`.

    `sales` and `purchases` are net of VAT and of red letters, without voided invoices; counts are named `…_n`; `month`
    is 1 to 12; `pair_ago` counts complete calendar two-month periods back (January goes with February, so that the
    moving Spring Festival stays inside one); it is -1 for a month whose period is not over.
    """
    complete = rows.filter(pl.col("months_ago").is_between(0, LONGEST_HISTORY - 1))
    issued, void, red, net, vat = (pl.col(name) for name in ("issued", "void", "red", "net_fen", "vat_fen"))
    observed = complete.group_by("enterprise_id", "months_ago").agg(
        sales=net.filter(issued & ~void).sum(),
        purchases=net.filter(~issued & ~void).sum(),
        output_vat=vat.filter(issued & ~void).sum(),
        input_vat=vat.filter(~issued & ~void).sum(),
        issued_n=issued.sum(),
        received_n=(~issued).sum(),
        issued_valid_n=(issued & ~void).sum(),
        received_valid_n=(~issued & ~void).sum(),
        issued_void_n=(issued & void).sum(),
        received_void_n=(~issued & void).sum(),
        issued_red_n=(issued & ~void & red).sum(),
        issued_blue=net.filter(issued & ~void & ~red).sum(),
        issued_red=-net.filter(issued & ~void & red).sum(),
        issued_void=net.filter(issued & void).abs().sum(),
        received_blue=net.filter(~issued & ~void & ~red).sum(),
        received_red=-net.filter(~issued & ~void & red).sum(),
    )
    grid = (
        observed.group_by("enterprise_id")
        .agg(months_ago=pl.int_ranges(0, pl.col("months_ago").max() + 1, dtype=pl.Int32))
        .explode("months_ago")
    )
    last_complete = as_of.year * 12 + as_of.month - 2
    month = (last_complete - pl.col("months_ago")) % 12 + 1
    in_open_pair = 1 - last_complete % 2
    return (
        grid.join(observed, on=["enterprise_id", "months_ago"], how="left")
        .with_columns(pl.col(pl.Int64, pl.UInt32).fill_null(0).cast(pl.Int64))
        .with_columns(month=month, pair_ago=(pl.col("months_ago") - in_open_pair).floordiv(2))
    )


def partners(rows: pl.DataFrame, _as_of: dt.date) -> pl.DataFrame:
    """One row an enterprise and counterparty: sales to it and purchases from it, last 12 months and the 12 before.

    Amounts are floored at zero: a counterparty to whom more was credited than sold is not a negative share.
    `first_sale_ago` and `first_purchase_ago` are the months since the first valid invoice with it.
    """
    issued, net, ago = pl.col("issued"), pl.col("net_fen"), pl.col("months_ago")
    last, previous = ago.is_between(0, 11), ago.is_between(12, 23)
    return (
        rows.filter(~pl.col("void") & (ago >= 0))
        .group_by("enterprise_id", "counterparty")
        .agg(
            sales=net.filter(issued & last).sum().clip(lower_bound=0),
            purchases=net.filter(~issued & last).sum().clip(lower_bound=0),
            sales_before=net.filter(issued & previous).sum().clip(lower_bound=0),
            purchases_before=net.filter(~issued & previous).sum().clip(lower_bound=0),
            first_sale_ago=ago.filter(issued).max(),
            first_purchase_ago=ago.filter(~issued).max(),
            active_sale_months=ago.filter(issued & last).n_unique(),
        )
    )


DERIVED: Mapping[str, Callable[[pl.DataFrame, dt.date], pl.DataFrame]] = MappingProxyType(
    {"months": months, "partners": partners}
)


def build(known: Records, as_of: dt.date, names: frozenset[str]) -> dict[str, pl.DataFrame | None]:
    """The named panels of records already cut off at `as_of`; None where the source was not given."""
    rows = invoices(known, as_of)
    built: dict[str, pl.DataFrame | None] = {"invoices": rows} if "invoices" in names else {}
    for name in sorted(names & set(DERIVED)):
        built[name] = None if rows is None else DERIVED[name](rows, as_of)
    return built
