"""Panels that only terms of products need: representatives, payments of tax, and awards."""

import polars as pl

from features.arithmetic import YEAR
from features.columns import columns, once_a_day
from features.trade.panels import order_book
from features.view import FIRM, View, panel

BY_GOVERNMENT = "government"
AWARD_MONTHS = 12
"""To the day: for so long an award counts whatever became of it, and longer while it is to be delivered."""


@panel("registry", "registry_changes")
def legal_reps(view: View) -> pl.DataFrame:
    """Rows of two sorts: one an enterprise with `founded`, one a change of its legal representative with `changed`.

    Both are whole months back.
    """
    of_entry, is_change, of_change = _of_legal_reps(view)
    changes = view.rows("registry_changes").filter(is_change)
    return pl.concat([view.rows("registry").select(of_entry), changes.select(of_change)])


@once_a_day
def _of_legal_reps(view: View) -> tuple[tuple[pl.Expr, ...], pl.Expr, tuple[pl.Expr, ...]]:
    """What is taken of an entry in the register, which events are taken, and what of them."""
    unknown = pl.lit(None, dtype=pl.Int32)
    return (
        columns(FIRM, founded=view.months_since("established_on"), changed=unknown),
        pl.col("kind") == "legal_rep",
        columns(FIRM, founded=unknown, changed=view.months_since("on")),
    )


@panel("tax_filings")
def tax_payments(view: View) -> pl.DataFrame:
    """One row a return of any tax, in its newest known version.

    `paid_since` is whole months since tax was paid for it; `paid_ago` and `filed_ago` are calendar months back to the
    payment and to the day on which it was first filed, 0 = the last complete month. Where no tax was paid for it both
    `paid_…` are null, and `paid_ago` also outside the last 24 complete months; a day of payment without an amount
    stands for what was due.
    """
    return view.rows("tax_filings").select(_of_payments(view))


@once_a_day
def _of_payments(view: View) -> tuple[pl.Expr, ...]:
    is_paid = pl.coalesce("paid_fen", "due_fen") > 0
    lately = view.in_months(pl.col("paid_on"), months=2 * YEAR)
    return columns(
        FIRM,
        paid_since=pl.when(is_paid).then(view.months_since("paid_on")),
        paid_ago=pl.when(is_paid & lately).then(view.months_ago("paid_on")),
        filed_ago=pl.coalesce(view.months_ago("first_filed_on"), view.months_ago("filed_on")),
    )


@panel("orders")
def awards(view: View) -> pl.DataFrame:
    """One row an order: whether it `counts` as an award if it is one, and whether it `is_award`, null = buyer unknown.

    It counts if it was not called off, and is at hand or was signed in the last 12 months, to the day.
    """
    backlog = view.panel(order_book)["backlog"]
    return view.rows("orders").hstack([backlog]).select(_of_awards(view))


@once_a_day
def _of_awards(view: View) -> tuple[pl.Expr, ...]:
    is_lately = view.months_since("signed_on") < AWARD_MONTHS
    return columns(
        FIRM,
        counts=pl.col("cancelled_on").is_null() & (is_lately | (pl.col("backlog") > 0)),
        is_award=pl.col("buyer_kind") == BY_GOVERNMENT,
    )
