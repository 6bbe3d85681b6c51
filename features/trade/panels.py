"""Panels of orders and of foreign trade by the month; amounts stay whole fen."""

import polars as pl

from features.view import FIRM, View, panel

SECURE_BUYERS = ("government", "state_owned", "listed")
LATEST_DELIVERY = 90
"""Days after its due date for which an undelivered order still counts as work at hand."""

UNDATED_MONTHS = 24
"""Complete months since signing for which an undelivered order without a due date counts as work at hand."""


@panel("orders")
def order_book(view: View) -> pl.DataFrame:
    """One row an order, by its newest version: `backlog` is what is still to be delivered, 0 unless at hand.

    An order whose delivery is unknown counts as undelivered. `of_buyer` is the backlog with the same buyer, `secure`
    whether that is a government body, state-owned or listed (null = unknown), `due_in` the days to its due date,
    negative when past; `unpaid` is what was delivered and not paid, null where either is unknown. `this_year` and
    `year_before` are its value if it was signed then and not called off; `fell_due` and `undelivered` its value and
    what is missing if it was to be delivered this year and tells how much was. Years are of complete months.
    """
    amount, delivered, cancelled = pl.col("amount_fen"), pl.col("delivered_fen"), pl.col("cancelled")
    signed, due, due_in = pl.col("months_ago"), pl.col("due_months_ago"), pl.col("due_in")
    at_hand = ~cancelled & (due_in >= -LATEST_DELIVERY).fill_null(signed < UNDATED_MONTHS)
    stands = pl.when(~cancelled).then(amount)
    dated = view.rows("orders").with_columns(
        cancelled=pl.col("cancelled_on").is_not_null(),
        months_ago=view.months_ago("signed_on"),
        due_months_ago=view.months_ago("due_on"),
        due_in=-view.days_ago("due_on"),
        undelivered=amount - delivered,
    )
    orders = dated.select(
        FIRM,
        "buyer",
        "cancelled",
        "months_ago",
        "due_in",
        secure=pl.col("buyer_kind").is_in(SECURE_BUYERS),
        backlog=pl.when(at_hand).then(amount - delivered.fill_null(0)).otherwise(0),
        this_year=pl.when(signed.is_between(0, 11)).then(stands),
        year_before=pl.when(signed.is_between(12, 23)).then(stands),
        fell_due=pl.when(due.is_between(0, 11) & delivered.is_not_null()).then(stands),
        undelivered=pl.when(due.is_between(0, 11) & ~cancelled).then("undelivered"),
        unpaid=pl.when(~cancelled).then((delivered - pl.col("paid_fen")).clip(lower_bound=0)),
    )
    return orders.with_columns(of_buyer=pl.col("backlog").sum().over(FIRM, "buyer"))


@panel("customs")
def customs_months(view: View) -> pl.DataFrame:
    """One row a month of foreign trade, by its newest version; a month without a row had no trade.

    `this_year` and `year_before` are its exports if it is of the last twelve months or of the twelve before; `told`
    those of this year whose largest market is known, and `in_largest` these times its share in basis points.
    """
    ago, exports, share = pl.col("months_ago"), pl.col("exports_fen"), pl.col("largest_market_share_bp")
    dated = view.rows("customs").with_columns(months_ago=view.months_ago("month"))
    this_year = pl.when(ago.is_between(0, 11))
    return dated.select(
        FIRM,
        "imports_fen",
        "markets",
        "refund_pending_fen",
        "duty_fen",
        "months_ago",
        this_year=this_year.then(exports),
        year_before=pl.when(ago.is_between(12, 23)).then(exports),
        told=pl.when(ago.is_between(0, 11) & share.is_not_null()).then(exports),
        in_largest=this_year.then(exports * share),
    )
