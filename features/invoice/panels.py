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
ROUND_FEN = 100_000
"""A thousand yuan."""

KINDS, MOST_DAYS = 8, 2**33
"""More kinds of invoices, and more days either side of 1970, than there can be."""

MONTH_BITS = pl.Series([0, *(2**month for month in range(12))], dtype=pl.Int16)
"""A bit for each month of the year, by its number from 1 on."""

MANY_ROWS = 50_000
"""From so many rows on, grouping them piece by piece on all cores is quicker than at once."""

FLAGS = ("issued", "void", "red")


@panel("vat_invoices")
def invoices(view: View) -> pl.DataFrame:
    """One row an invoice: `issued` (a sale) or not, `void`, `red`, `voidable`, `partner`, amounts.

    `partner` is a number that stands for the counterparty in this panel only. `this_year` marks the last twelve
    complete months, `year_before` the twelve before, `earlier` all days before `this_year`.
    """
    on = pl.col("issued_on")
    year_before, this_year, this_month = (_months_before(view, months) for months in (2 * YEAR, YEAR, 0))
    numbers = pl.Categorical(pl.Categories.random())
    digital = pl.col("number").str.len_chars() == DIGITAL_NUMBER_LENGTH
    return view.rows("vat_invoices").select(
        FIRM,
        "net_fen",
        "vat_fen",
        "issued_on",
        partner=pl.col("counterparty").cast(numbers).to_physical(),
        issued=pl.col("direction") == "issued",
        void=pl.col("voided_on").is_not_null(),
        red=pl.col("net_fen") < 0,
        voidable=(on <= LAST_VOIDABLE_DAY) & ~digital,
        this_year=(on >= this_year) & (on < this_month),
        year_before=(on >= year_before) & (on < this_year),
        earlier=on < this_year,
    )


def _months_before(view: View, months: int) -> dt.date:
    """The first day of the oldest of so many complete months."""
    number = view.last_complete_month + 1 - months
    return dt.date(number // YEAR, number % YEAR + 1, 1)


@panel("vat_invoices")
def amounts(view: View) -> pl.DataFrame:
    """One row a valid blue sales invoice of the last 12 months: `net_fen`."""
    valid_sale = pl.col("issued") & ~pl.col("void") & ~pl.col("red")
    return view.panel(invoices).select(pl.col(FIRM, "net_fen").filter(valid_sale & pl.col("this_year")))


@panel("vat_invoices")
def days(view: View) -> pl.DataFrame:
    """One row an enterprise, day and kind of invoice: `issued` or not, `void`, `red`, with numbers and sums.

    `n` invoices, of which `voidable_n` could be voided and `round_n` have a gross amount of whole thousands of yuan.
    `year_start_ago` and `month_end_ago` are the days since the first day of the last twelve complete months and since
    the day after them, the same on every row.
    """
    net, gross = pl.col("net_fen"), pl.col("net_fen") + pl.col("vat_fen")
    kind = sum((pl.col(flag).cast(pl.Int64) * 2**place for place, flag in enumerate(FLAGS)), start=pl.lit(0))
    day = pl.col("issued_on").cast(pl.Int64) * KINDS + kind
    folded = _folded_by(
        view.panel(invoices),
        pl.col(FIRM).cast(pl.Int64) * (2 * KINDS * MOST_DAYS) + day,
        pl.col(FIRM, "issued_on", "this_year", *FLAGS).first(),
        pl.col("net_fen", "vat_fen").sum(),
        n=pl.len().cast(pl.Int64),
        voidable_n=pl.col("voidable").cast(pl.Int64).sum(),
        voidable_fen=(net * pl.col("voidable")).sum(),
        round_n=((gross % ROUND_FEN == 0) & (gross != 0)).cast(pl.Int64).sum(),
    )
    as_of, month_start = view.as_of, view.as_of.replace(day=1)
    valid = ~pl.col("void") & ~pl.col("red")
    return folded.with_columns(
        sale=pl.col("issued") & valid,
        purchase=~pl.col("issued") & valid,
        months_ago=view.months_ago("issued_on"),
        days_ago=view.days_ago("issued_on"),
        year_start_ago=(as_of - month_start.replace(year=month_start.year - 1)).days,
        month_end_ago=(as_of - month_start).days,
    )


def _folded_by(frame: pl.DataFrame, key: pl.Expr, *folds: pl.Expr, **named: pl.Expr) -> pl.DataFrame:
    """Aggregates of the rows with one key; one whole number is quicker than several columns."""
    if frame.height < MANY_ROWS:
        folded = frame.group_by(key.alias("key")).agg(*folds, **named)
    else:
        folded = frame.lazy().group_by(key.alias("key")).agg(*folds, **named).collect(engine="streaming")
    return pl.DataFrame(folded.get_columns()[1:])


@panel("vat_invoices")
def months(view: View) -> pl.DataFrame:
    """One row an enterprise and complete month, without holes, from its first invoice ever, at most 36, to `as_of`.

    `sales` and `purchases` are net of VAT and of red letters, without voided invoices; counts are named `…_n`; voids
    are counted among voidable invoices only; `month` is 1 to 12; `pair_ago` counts complete calendar two-month periods
    back (January goes with February, so that the moving Spring Festival stays inside one); it is -1 for a month whose
    period is not over. `this_year` marks the last twelve months, `year_before` the twelve before.
    """
    observed = view.panel(days).select(FIRM, "months_ago", **_sums_of_months())
    reach = pl.min_horizontal(pl.col("months_ago").max() + 1, LONGEST_HISTORY)
    grid = observed.group_by(FIRM).agg(months_ago=pl.int_ranges(0, reach, dtype=pl.Int32)).explode("months_ago")
    last_complete = view.last_complete_month
    month = (last_complete - pl.col("months_ago")) % 12 + 1
    in_open_pair = 1 - last_complete % 2
    return (
        pl.concat([grid, observed], how="diagonal")
        .group_by(FIRM, "months_ago")
        .agg(pl.all().sum())
        .filter(last(LONGEST_HISTORY))
        .with_columns(
            month=month,
            pair_ago=(pl.col("months_ago") - in_open_pair).floordiv(2),
            this_year=last(YEAR),
            year_before=before(YEAR),
        )
    )


def _sums_of_months() -> dict[str, pl.Expr]:
    """What each day adds to its month."""
    sale, purchase, issued, void, red = (pl.col(name) for name in ("sale", "purchase", *FLAGS))
    sold, bought = issued & ~void, ~issued & ~void
    n, net, vat, voidable_n = (pl.col(name) for name in ("n", "net_fen", "vat_fen", "voidable_n"))
    return {
        "sales": net * sold,
        "purchases": net * bought,
        "output_vat": vat * sold,
        "input_vat": vat * bought,
        "issued_blue_n": n * sale,
        "issued_red_n": n * (sold & red),
        "received_blue_n": n * purchase,
        "issued_voidable_n": voidable_n * issued,
        "issued_void_n": voidable_n * (issued & void),
        "received_voidable_n": voidable_n * ~issued,
        "received_void_n": voidable_n * (~issued & void),
        "issued_voidable_blue": pl.col("voidable_fen") * sale,
        "issued_blue": net * sale,
        "issued_red": -net * (sold & red),
        "issued_void": pl.col("voidable_fen").abs() * (issued & void),
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
    issued, net = pl.col("issued"), pl.col("net_fen")
    sold, bought = issued & ~pl.col("void"), ~issued & ~pl.col("void")
    this_year, year_before, earlier = pl.col("this_year"), pl.col("year_before"), pl.col("earlier")
    month_bit = pl.lit(MONTH_BITS).gather(pl.col("issued_on").dt.month())
    singly = view.panel(invoices).select(
        FIRM,
        "partner",
        two_years=pl.col("issued_on") < _months_before(view, 2 * YEAR - 1),
        sales=net * (sold & this_year),
        purchases=net * (bought & this_year),
        sales_before=net * (sold & year_before),
        purchases_before=net * (bought & year_before),
        sold_earlier=sold & earlier,
        bought_earlier=bought & earlier,
        active=month_bit * (sold & this_year & ~pl.col("red")),
    )
    floored = pl.col("sales", "purchases", "sales_before", "purchases_before")
    return _folded_by(
        singly,
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
