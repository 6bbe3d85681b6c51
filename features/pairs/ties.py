"""Banks that an enterprise has borrowed from: which, how much it owes them, and whether it pays."""

import datetime as dt

import polars as pl

from features.columns import columns, once_a_day
from features.credit.panels import NO_BORROWING
from features.view import FIRM, View
from sources.contracts.offers import Ties
from sources.records import Records

TABLES_READ = ("loans", "repayments")
OF_BANKS = (pl.col("lender_kind") == "bank") & ~pl.col("kind").is_in(NO_BORROWING)
OPEN = pl.col("closed_on").is_null() & (pl.col("balance_fen") > 0)
LATE = OPEN & ((pl.col("days_past_due") > 0).fill_null(value=False) | pl.col("is_unpaid"))
LOAN = pl.struct(FIRM, "loan")


def bank_ties(records: Records, as_of: dt.date) -> pl.DataFrame:
    """Every bank that lent to an enterprise, as could be known at the end of `as_of`: contract `Ties`, sorted.

    Loans of banks only, short-term or longer: bills and letters of credit are no loans. A loan is overdue if it is open
    and its newest version says so, or an instalment of it that fell due is unpaid. Where loans were not given, or the
    credit block may not be used, there are no rows: that nothing is known there is told by a null `loans_ever`.
    """
    view = View.of(_loans_of(records), as_of)
    if view.records.loans is None or view.records.loans.is_empty():
        return Ties.create_empty()
    told, named = _expressions(view)
    lent = view.rows("loans").filter(OF_BANKS)
    ties = lent.with_columns(is_unpaid=_is_unpaid(view, lent)).group_by(FIRM, "lender").agg(told)
    return ties.sort(FIRM, "lender").select(pl.lit(view.records.enterprises).gather(FIRM), *named)


def _loans_of(records: Records) -> Records:
    """The tables that are read, and the consents to them."""
    given = {name: frame for name in (*TABLES_READ, "consents") if (frame := getattr(records, name)) is not None}
    return Records(records.enterprises, **given)


@once_a_day
def _expressions(view: View) -> tuple[tuple[pl.Expr, ...], tuple[pl.Expr, ...]]:
    """What is told of the loans of one bank, and the columns that it becomes."""
    told = columns(
        loans_open=OPEN.sum().cast(pl.Int64),
        loans_ever=pl.len().cast(pl.Int64),
        balance_fen=pl.when(OPEN).then("balance_fen").otherwise(0).sum(),
        is_overdue=LATE.any(),
        months_since=view.months_since("granted_on").min().cast(pl.Int64).clip(lower_bound=0),
    )
    rest = (one.meta.output_name() for one in told)
    return told, (pl.lit(view.as_of).alias("as_of"), pl.col("lender").alias("bank_id"), *map(pl.col, rest))


def _is_unpaid(view: View, lent: pl.DataFrame) -> pl.Series:
    """For each loan, whether an instalment that fell due before the day is unpaid."""
    if view.records.repayments is None:
        return pl.Series([False]).new_from_index(0, lent.height)
    unpaid = view.rows("repayments").filter(pl.col("paid_on").is_null() & (pl.col("due_on") < view.as_of))
    if unpaid.is_empty():
        return pl.Series([False]).new_from_index(0, lent.height)
    return lent.select(LOAN.is_in(unpaid.select(LOAN).to_series().implode())).to_series()
