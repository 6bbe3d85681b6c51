"""Panels of invoices: what an expression over single rows cannot say is said over months and counterparties.

Amounts stay whole fen, so that sums do not depend on the order of rows. Windows are whole calendar months before
`as_of`: `months_ago` 0 is the last complete month, 11 the oldest of the last twelve, -1 the month that `as_of` is in.
"""

import datetime as dt

import polars as pl

from features.arithmetic import PAIRS_IN_A_YEAR, YEAR, before, last
from features.definition import LONGEST_HISTORY
from features.view import FIRM, View, panel

LAST_VOIDABLE_DAY = dt.date(2024, 11, 30)
"""Since 1 December 2024 invoices are digital nationwide; these cannot be voided, only reversed by a red letter."""

DIGITAL_NUMBER_LENGTH = 20


@panel("vat_invoices")
def invoices(view: View) -> pl.DataFrame:
    """One row an invoice: `issued` (a sale) or not, `void`, `red`, `voidable`, `months_ago`, `days_ago`, amounts.

    `year_start_ago` and `month_end_ago` are the days since the first day of the last twelve complete months and since
    the day after them, the same on every row.
    """
    as_of = view.as_of
    on = pl.col("issued_on")
    month_start = as_of.replace(day=1)
    digital = pl.col("number").str.len_chars() == DIGITAL_NUMBER_LENGTH
    return view.rows("vat_invoices").select(
        FIRM,
        "counterparty",
        "net_fen",
        "vat_fen",
        "issued_on",
        issued=pl.col("direction") == "issued",
        void=pl.col("voided_on").is_not_null(),
        red=pl.col("net_fen") < 0,
        voidable=(on <= LAST_VOIDABLE_DAY) & ~digital,
        months_ago=view.months_ago("issued_on"),
        days_ago=view.days_ago("issued_on"),
        year_start_ago=(as_of - month_start.replace(year=month_start.year - 1)).days,
        month_end_ago=(as_of - month_start).days,
    )


@panel("vat_invoices")
def months(view: View) -> pl.DataFrame:
    """One row an enterprise and complete month, without holes, from its first invoice ever, at most 36, to `as_of`.

    `sales` and `purchases` are net of VAT and of red letters, without voided invoices; counts are named `…_n`; voids
    are counted among voidable invoices only; `month` is 1 to 12; `pair_ago` counts complete calendar two-month periods
    back (January goes with February, so that the moving Spring Festival stays inside one); it is -1 for a month whose
    period is not over.
    """
    complete = (
        view.panel(invoices)
        .filter(pl.col("months_ago") >= 0)
        .with_columns(months_ago=pl.col("months_ago").clip(upper_bound=LONGEST_HISTORY))
    )
    issued, void, red, net, vat = (pl.col(name) for name in ("issued", "void", "red", "net_fen", "vat_fen"))
    voidable = pl.col("voidable")
    observed = complete.group_by(FIRM, "months_ago").agg(
        sales=net.filter(issued & ~void).sum(),
        purchases=net.filter(~issued & ~void).sum(),
        output_vat=vat.filter(issued & ~void).sum(),
        input_vat=vat.filter(~issued & ~void).sum(),
        issued_blue_n=(issued & ~void & ~red).sum(),
        issued_red_n=(issued & ~void & red).sum(),
        received_blue_n=(~issued & ~void & ~red).sum(),
        issued_voidable_n=(issued & voidable).sum(),
        issued_void_n=(issued & voidable & void).sum(),
        received_voidable_n=(~issued & voidable).sum(),
        received_void_n=(~issued & voidable & void).sum(),
        issued_voidable_blue=net.filter(issued & voidable & ~void & ~red).sum(),
        issued_blue=net.filter(issued & ~void & ~red).sum(),
        issued_red=-net.filter(issued & ~void & red).sum(),
        issued_void=net.filter(issued & voidable & void).abs().sum(),
        received_blue=net.filter(~issued & ~void & ~red).sum(),
        received_red=-net.filter(~issued & ~void & red).sum(),
    )
    grid = (
        observed.group_by(FIRM)
        .agg(months_ago=pl.int_ranges(0, pl.min_horizontal(pl.col("months_ago").max() + 1, LONGEST_HISTORY)))
        .explode("months_ago")
        .with_columns(pl.col("months_ago").cast(pl.Int32))
    )
    last_complete = view.last_complete_month
    month = (last_complete - pl.col("months_ago")) % 12 + 1
    in_open_pair = 1 - last_complete % 2
    return (
        grid.join(observed, on=[FIRM, "months_ago"], how="left")
        .with_columns(pl.col(pl.Int64, pl.UInt32).exclude(FIRM).fill_null(0).cast(pl.Int64))
        .with_columns(month=month, pair_ago=(pl.col("months_ago") - in_open_pair).floordiv(2))
    )


@panel("vat_invoices")
def partners(view: View) -> pl.DataFrame:
    """One row an enterprise and counterparty: sales to it and purchases from it, last 12 months and the 12 before.

    Amounts are floored at zero: a counterparty to whom more was credited than sold is not a negative share.
    `first_sale_ago` and `first_purchase_ago` are the months since the first valid invoice with it; `observed` the
    months since the enterprise's first invoice with anybody, the same on every row of the enterprise.
    """
    issued, net, ago = pl.col("issued"), pl.col("net_fen"), pl.col("months_ago")
    this_year, year_before = last(YEAR), before(YEAR)
    return (
        view.panel(invoices)
        .filter(ago >= 0)
        .with_columns(observed=ago.max().over(FIRM) + 1)
        .filter(~pl.col("void"))
        .group_by(FIRM, "counterparty")
        .agg(
            sales=net.filter(issued & this_year).sum().clip(lower_bound=0),
            purchases=net.filter(~issued & this_year).sum().clip(lower_bound=0),
            sales_before=net.filter(issued & year_before).sum().clip(lower_bound=0),
            purchases_before=net.filter(~issued & year_before).sum().clip(lower_bound=0),
            first_sale_ago=ago.filter(issued).max(),
            first_purchase_ago=ago.filter(~issued).max(),
            active_sale_months=ago.filter(issued & this_year & ~pl.col("red")).n_unique(),
            observed=pl.col("observed").first(),
        )
    )


@panel("vat_invoices")
def periods(view: View) -> pl.DataFrame:
    """One row an enterprise and each of its six newest complete two-month periods: sales then and a year before.

    Amounts are floored at zero, as with partners. Enterprises whose history does not reach back so far have no rows.
    """
    pair, sales = pl.col("pair_ago"), pl.col("sales")
    this_year = pair < PAIRS_IN_A_YEAR
    return (
        view.panel(months)
        .filter(pair.is_between(0, 2 * PAIRS_IN_A_YEAR - 1))
        .filter(pl.len().over(FIRM) == 4 * PAIRS_IN_A_YEAR)
        .group_by(FIRM, pair % PAIRS_IN_A_YEAR)
        .agg(
            sales=sales.filter(this_year).sum().clip(lower_bound=0),
            sales_before=sales.filter(~this_year).sum().clip(lower_bound=0),
        )
    )
