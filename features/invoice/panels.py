"""Panels of invoices: what an expression over single rows cannot say is said over months and counterparties.

Amounts stay whole fen, so that sums do not depend on the order of rows. Windows are whole calendar months before
`as_of`: `months_ago` 0 is the last complete month, 11 the oldest of the last twelve, -1 the month that `as_of` is in.
"""

import datetime as dt
from collections.abc import Mapping
from functools import cache

import polars as pl

from features.arithmetic import PAIRS_IN_A_YEAR, YEAR, before, last
from features.definition import LONGEST_HISTORY
from features.runs import MANY_ROWS, name_numbers
from features.view import FIRM, View, panel

LAST_VOIDABLE_DAY = dt.date(2024, 11, 30)
"""Since 1 December 2024 invoices are digital nationwide; these cannot be voided, only reversed by a red letter."""

DIGITAL_NUMBER_LENGTH = 20
ROUND_FEN = 100_000
"""A thousand yuan."""

SPAN_OF_DAYS = 2**32
"""More days than there can be, half of them before 1970."""

EPOCH = SPAN_OF_DAYS // 2

MONTH_SLOTS = 64
"""More months than `months_ago` tells apart."""

MONTH_BITS = pl.Series([*(2**month for month in range(YEAR)), *([0] * MONTH_SLOTS)], dtype=pl.Int16)
"""A bit for each of the last twelve months, by months ago; none for others, of which -1 is the last of the list."""

SATURDAY = 6


@panel("vat_invoices")
def invoices(view: View) -> pl.DataFrame:
    """One row an invoice: `issued` (a sale) or not, `void`, `red`, `voidable`, `partner`, `months_ago`, amounts.

    `partner` is a number that stands for the counterparty in this panel only. `sold` and `bought` mark valid ones,
    `sale` and `purchase` those of them that are blue. `months_ago` is 36 for all that is older than 36 months.
    `this_year` marks the last twelve complete months.
    """
    starts = pl.Series([view.month_start(months - 1) for months in range(LONGEST_HISTORY, -1, -1)])
    ago = LONGEST_HISTORY - pl.lit(starts).search_sorted(pl.col("issued_on"), side="right").cast(pl.Int32)
    year_start, year_end = starts[-1 - YEAR], starts[-1]
    on = pl.col("issued_on")
    is_issued, is_void, is_red = pl.col("issued"), pl.col("void"), pl.col("red")
    return (
        view.rows("vat_invoices")
        .select(
            FIRM,
            "net_fen",
            "vat_fen",
            "issued_on",
            partner=pl.col("counterparty").cast(name_numbers()).to_physical(),
            issued=pl.col("direction") == "issued",
            void=pl.col("voided_on").is_not_null(),
            red=pl.col("net_fen") < 0,
            voidable=(on <= LAST_VOIDABLE_DAY) & (pl.col("number").str.len_chars() != DIGITAL_NUMBER_LENGTH),
            months_ago=ago,
            this_year=(on >= year_start) & (on < year_end),
        )
        .with_columns(
            sold=is_issued & ~is_void,
            bought=~is_issued & ~is_void,
            sale=is_issued & ~is_void & ~is_red,
            purchase=~is_issued & ~is_void & ~is_red,
        )
    )


@panel("vat_invoices")
def amounts(view: View) -> pl.DataFrame:
    """One row a valid blue sales invoice of the last 12 months: `net_fen`."""
    return view.panel(invoices).select(pl.col(FIRM, "net_fen").filter(pl.col("sale") & pl.col("this_year")))


@panel("vat_invoices")
def days(view: View) -> pl.DataFrame:
    """One row an enterprise and day with valid blue sales invoices: how many, and how long to the next such day.

    `gap` is the days to the next one, at most to the end of the last complete month, and null after that; `gap_12m`
    is the part of it within the last twelve complete months. `n_12m` and `weekend_n_12m` are zero outside of these.
    """
    firm_and_day = pl.col(FIRM).cast(pl.Int64) * SPAN_OF_DAYS + pl.col("issued_on").cast(pl.Int64) + EPOCH
    in_order = pl.col("value")
    runs = (
        view.panel(invoices)
        .select(firm_and_day.filter("sale").sort().rle().struct.unnest())
        .select(
            (in_order // SPAN_OF_DAYS).cast(pl.UInt32).alias(FIRM),
            on=in_order % SPAN_OF_DAYS - EPOCH,
            step=in_order.shift(-1) - in_order,
            n=pl.col("len").cast(pl.Int64),
        )
    )
    start, end = ((view.month_start(months - 1) - dt.date(1970, 1, 1)).days for months in (YEAR, 0))
    on, step = pl.col("on"), pl.min_horizontal("step", end - pl.col("on"))
    n_12m = pl.col("n") * on.is_between(start, end, closed="left")
    return runs.select(
        FIRM,
        n_12m=n_12m,
        weekend_n_12m=n_12m * (on.cast(pl.Int32).cast(pl.Date).dt.weekday() >= SATURDAY),
        gap=pl.when(on < end).then(step),
        gap_12m=pl.when(on < end).then((on + step).clip(lower_bound=start) - on.clip(lower_bound=start)),
    )


@panel("vat_invoices")
def spans(view: View) -> pl.DataFrame:
    """One row an enterprise with invoices: `oldest_ago`, months back to its first one, at most 36.

    `sale_ago` and `purchase_ago` are the days since its newest valid blue invoices.
    """
    days_ago = view.days_ago("issued_on")
    columns = {
        FIRM: pl.col(FIRM),
        "months_ago": pl.col("months_ago"),
        "sale_ago": pl.when("sale").then(days_ago),
        "purchase_ago": pl.when("purchase").then(days_ago),
    }
    return _folded_by(
        view.panel(invoices),
        columns,
        pl.col(FIRM).cast(pl.Int64),
        pl.col(FIRM).first(),
        pl.col("sale_ago", "purchase_ago").min(),
        oldest_ago=pl.col("months_ago").max(),
    )


def _folded_by(
    frame: pl.DataFrame, columns: Mapping[str, pl.Expr], key: pl.Expr, *folds: pl.Expr, **named: pl.Expr
) -> pl.DataFrame:
    """Aggregates of columns of the rows with one key; one whole number is quicker than several columns."""
    if frame.height < MANY_ROWS:
        folded = frame.select(**columns).group_by(key.alias("key")).agg(*folds, **named)
    else:
        lazily = frame.lazy().select(**columns).group_by(key.alias("key")).agg(*folds, **named)
        folded = lazily.collect(engine="streaming")
    return pl.DataFrame(folded.get_columns()[1:])


@panel("vat_invoices")
def months(view: View) -> pl.DataFrame:
    """One row an enterprise and complete month, without holes, from its first invoice ever, at most 36, to `as_of`.

    `sales` and `purchases` are net of VAT and of red letters, without voided invoices; counts are named `…_n`; voids
    are counted among voidable invoices only; `month` is 1 to 12; `pair_ago` counts complete calendar two-month periods
    back (January goes with February, so that the moving Spring Festival stays inside one); it is -1 for a month whose
    period is not over. `this_year` marks the last twelve months, `year_before` the twelve before.
    """
    reach = pl.min_horizontal(pl.col("oldest_ago") + 1, LONGEST_HISTORY)
    grid = view.panel(spans).select(FIRM, months_ago=pl.int_ranges(0, reach, dtype=pl.Int32)).explode("months_ago")
    sums = dict(_sums_of_months())
    last_complete = view.last_complete_month
    ago, in_open_pair = pl.col("months_ago"), 1 - last_complete % 2
    return (
        _folded_by(
            pl.concat([grid, view.panel(invoices)], how="diagonal"),
            {FIRM: pl.col(FIRM), "months_ago": ago} | sums,
            pl.col(FIRM).cast(pl.Int64) * MONTH_SLOTS + ago,
            pl.col(FIRM, "months_ago").first(),
            pl.col(list(sums)).sum(),
        )
        .filter(last(LONGEST_HISTORY))
        .with_columns(
            month=(last_complete - ago) % 12 + 1,
            pair_ago=(ago - in_open_pair).floordiv(2),
            this_year=last(YEAR),
            year_before=before(YEAR),
        )
    )


@cache
def _sums_of_months() -> Mapping[str, pl.Expr]:
    """What each invoice adds to its month."""
    sale, purchase, sold, bought = (pl.col(name) for name in ("sale", "purchase", "sold", "bought"))
    issued, void, red, voidable = (pl.col(name) for name in ("issued", "void", "red", "voidable"))
    net, vat = pl.col("net_fen"), pl.col("vat_fen")
    gross = net + vat
    flags = {
        "issued_blue_n": sale,
        "issued_red_n": sold & red,
        "issued_round_n": sold & (gross % ROUND_FEN == 0) & (gross != 0),
        "received_blue_n": purchase,
        "issued_voidable_n": voidable & issued,
        "issued_void_n": voidable & issued & void,
        "received_voidable_n": voidable & ~issued,
        "received_void_n": voidable & ~issued & void,
    }
    return {name: flag.cast(pl.Int64) for name, flag in flags.items()} | {
        "sales": net * sold,
        "purchases": net * bought,
        "output_vat": vat * sold,
        "input_vat": vat * bought,
        "issued_voidable_blue": net * (voidable & sale),
        "issued_blue": net * sale,
        "issued_red": -net * (sold & red),
        "issued_void": net.abs() * (voidable & issued & void),
        "received_blue": net * purchase,
        "received_red": -net * (bought & red),
    }


@panel("vat_invoices")
def partners(view: View) -> pl.DataFrame:
    """One row an enterprise and counterparty: sales to it and purchases from it, last 12 months and the 12 before.

    Amounts are floored at zero: a counterparty to whom more was credited than sold is not a negative share.
    `sold_earlier` and `bought_earlier` tell of valid invoices with it before the last 12 months; `two_years` of any
    invoice with it in the oldest of the last 24 months, or before.
    """
    net, ago = pl.col("net_fen"), pl.col("months_ago")
    sold, bought, sale = pl.col("sold"), pl.col("bought"), pl.col("sale")
    this_year, year_before, earlier = pl.col("this_year"), before(YEAR), ago >= YEAR
    month_bit = pl.lit(MONTH_BITS).gather(ago)
    columns = {
        FIRM: pl.col(FIRM),
        "partner": pl.col("partner"),
        "two_years": ago >= 2 * YEAR - 1,
        "sales": net * (sold & this_year),
        "purchases": net * (bought & this_year),
        "sales_before": net * (sold & year_before),
        "purchases_before": net * (bought & year_before),
        "sold_earlier": sold & earlier,
        "bought_earlier": bought & earlier,
        "active": month_bit * sale,
    }
    floored = pl.col("sales", "purchases", "sales_before", "purchases_before")
    return _folded_by(
        view.panel(invoices),
        columns,
        pl.col(FIRM).cast(pl.Int64) * 2**32 + pl.col("partner"),
        pl.col(FIRM).first(),
        floored.sum().clip(lower_bound=0),
        pl.col("two_years", "sold_earlier", "bought_earlier").max(),
        active_sale_months=pl.col("active").bitwise_or().bitwise_count_ones(),
    )


@panel("vat_invoices")
def periods(view: View) -> pl.DataFrame:
    """One row an enterprise and each of its six newest complete two-month periods: sales then and a year before.

    Amounts are floored at zero, as with partners. `months` is 4 where both years were observed in full.
    """
    pair, sales = pl.col("pair_ago"), pl.col("sales")
    this_year, year_before = (pair.is_between(first, first + PAIRS_IN_A_YEAR - 1) for first in (0, PAIRS_IN_A_YEAR))
    return (
        view.panel(months)
        .group_by(FIRM, pair % PAIRS_IN_A_YEAR)
        .agg(
            sales=sales.filter(this_year).sum().clip(lower_bound=0),
            sales_before=sales.filter(year_before).sum().clip(lower_bound=0),
            months=(this_year | year_before).sum(),
        )
    )
