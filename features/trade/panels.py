"""Panels of orders and of foreign trade by the month; amounts stay whole fen."""

import datetime as dt

import polars as pl

from features.arithmetic import YEAR
from features.columns import columns, once_a_day
from features.view import FIRM, View, panel

QUARTER = 3
"""Months."""

SECURE_BUYERS = ("government", "state_owned", "listed")
LATEST_DELIVERY = 90
"""Days after its due date for which an undelivered order still counts as work at hand."""

UNDATED_MONTHS = 24
"""Complete months since signing for which an undelivered order without a due date counts as work at hand."""


@panel("orders")
def order_book(view: View) -> pl.DataFrame:
    """One row an order, by its newest version: `backlog` is what is still to be delivered, 0 unless at hand.

    An order whose delivery is unknown counts as undelivered. `of_buyer` is the backlog with the same buyer, `secure`
    whether that is a government body, state-owned or listed (null = unknown), `due_in` the days to its due date, null
    when past; `unpaid` is what was delivered and not paid of an order signed in the last 36 months or this one, null
    where either is unknown. `this_year` and `year_before` are its value if it was signed then and not called off;
    `fell_due` and `undelivered` its value and what is missing if it was to be delivered this year and tells how much
    was. `lately` says whether it was signed in the last 24 months, `earlier` whether in the oldest of these or before.
    Years are of complete months.
    """
    orders = view.rows("orders").select(_of_orders(view))
    buyer = ("buyer",) if view.firms == 1 else (FIRM, "buyer")
    return orders.with_columns(of_buyer=pl.col("backlog").sum().over(buyer))


@once_a_day
def _of_orders(view: View) -> tuple[pl.Expr, ...]:
    amount, delivered, signed_on, due_on = (
        pl.col(name) for name in ("amount_fen", "delivered_fen", "signed_on", "due_on")
    )
    stands = pl.col("cancelled_on").is_null()
    latest = view.as_of - dt.timedelta(days=LATEST_DELIVERY)
    at_hand = stands & (due_on >= latest).fill_null(signed_on >= view.month_start(UNDATED_MONTHS - 1))
    fell_due = stands & view.in_months(due_on)
    return columns(
        FIRM,
        "buyer",
        cancelled=~stands,
        secure=pl.col("buyer_kind").is_in(SECURE_BUYERS),
        backlog=pl.when(at_hand).then(amount - delivered.fill_null(0)).otherwise(0),
        due_in=pl.when(due_on >= view.as_of).then(-view.days_ago("due_on")),
        this_year=pl.when(stands & view.in_months(signed_on)).then(amount),
        year_before=pl.when(stands & view.in_months(signed_on, newest=YEAR)).then(amount),
        lately=view.in_months(signed_on, months=2 * YEAR),
        earlier=signed_on < view.month_start(2 * YEAR - 2),
        fell_due=pl.when(fell_due & delivered.is_not_null()).then(amount),
        undelivered=pl.when(fell_due).then(amount - delivered),
        unpaid=pl.when(stands & (signed_on >= view.month_start(3 * YEAR - 1))).then(
            (delivered - pl.col("paid_fen")).clip(lower_bound=0)
        ),
    )


@panel("customs")
def customs_months(view: View) -> pl.DataFrame:
    """One row a month of foreign trade, by its newest version; a month without a row had no trade.

    `in_year` says whether it is of the last twelve months, `earlier` whether of the oldest of the last 24 or before;
    `this_year` and `year_before` are its exports if it is of the last twelve months or of the twelve before; `told`
    those of this year whose largest market is known, and `in_largest` these times its share in basis points. `imports`,
    `markets` and `refund_pending` are null outside this year, `duty` outside the last three months.
    """
    return view.rows("customs").select(_of_customs(view))


@once_a_day
def _of_customs(view: View) -> tuple[pl.Expr, ...]:
    month, exports, share = pl.col("month"), pl.col("exports_fen"), pl.col("largest_market_share_bp")
    in_year = view.in_months(month)
    this_year = pl.when(in_year)
    return columns(
        FIRM,
        "month",
        in_year=in_year,
        earlier=month < view.month_start(2 * YEAR - 2),
        this_year=this_year.then(exports),
        year_before=pl.when(view.in_months(month, newest=YEAR)).then(exports),
        told=pl.when(in_year & share.is_not_null()).then(exports),
        in_largest=this_year.then(exports * share),
        imports=this_year.then("imports_fen"),
        markets=this_year.then("markets"),
        refund_pending=this_year.then("refund_pending_fen"),
        duty=pl.when(view.in_months(month, months=QUARTER)).then("duty_fen"),
    )
