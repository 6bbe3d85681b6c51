"""What the tax bureau tells of a community."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from simulation.assumed import tax as a
from simulation.months import MONTHS_OF_A_YEAR
from simulation.told.tax_dues import other_dues, surcharges, vat_dues
from simulation.told.tax_general import general_returns
from simulation.told.tax_grades import ratings
from simulation.told.tax_profit import IncomeTax, Profit, income_tax, profit
from simulation.told.tax_sales import Declared, declared
from simulation.told.tax_small import small_scale_returns
from simulation.told.tax_statements import statements
from simulation.told.tax_timing import Visits, monthly_visits, yearly_visits

if TYPE_CHECKING:
    from simulation.community import Community

HELPERS = ("period", "first_filed_on")
"""Columns of the returns that only the filings tell."""


@dataclass(frozen=True)
class _Affairs:
    """What the filings and the statements of a community are told from."""

    declared: Declared
    visits: tuple[Visits, Visits]
    books: Profit
    tax: IncomeTax


def vat_returns(community: "Community") -> pl.DataFrame:
    """Monthly returns of general taxpayers."""
    return general_returns(community, declared(community), monthly_visits(community)).drop(HELPERS)


def vat_returns_small_scale(community: "Community") -> pl.DataFrame:
    """Quarterly returns of small-scale taxpayers."""
    return small_scale_returns(community, declared(community), monthly_visits(community)).drop(HELPERS)


def tax_filings(community: "Community") -> pl.DataFrame:
    """Filings of every tax; one that is not paid in time is told again when it is overdue, and when it is paid."""
    affairs = _affairs(community)
    visits = affairs.visits[0]
    lines = ("rated_sales_fen", "simple_sales_fen", "export_sales_fen", "exempt_sales_fen")
    small_lines = ("sales_3_fen", "sales_5_fen", "used_assets_sales_fen", "exempt_sales_fen", "export_exempt_sales_fen")
    general = vat_dues(
        general_returns(community, affairs.declared, visits), pl.sum_horizontal(lines), pl.col("relief_fen"), visits
    )
    small = vat_dues(
        small_scale_returns(community, affairs.declared, visits),
        pl.sum_horizontal(small_lines),
        pl.col("relief_fen") + pl.col("exempt_tax_fen"),
        visits,
    )
    vat = pl.concat([general, small])
    others = other_dues(community, affairs.books, affairs.tax, affairs.declared, affairs.visits)
    dues = pl.concat([vat, surcharges(vat, community), *others], how="diagonal")
    told = _told_again(dues.sort("firm", "tax_type", "period_start", "period_end", "filed_on"), community)
    return told.drop("period", "charged_fen").sort("firm", maintain_order=True)


def tax_ratings(community: "Community") -> pl.DataFrame:
    """Yearly tax credit grades."""
    return ratings(community)


def financial_statements(community: "Community") -> pl.DataFrame:
    """Statements of quarters and years."""
    affairs = _affairs(community)
    return statements(community, affairs.books, affairs.tax, affairs.declared, affairs.visits)


def _affairs(community: "Community") -> _Affairs:
    sales = declared(community)
    books = profit(community, sales)
    decembers = np.flatnonzero(community.calendar.month_of_year == MONTHS_OF_A_YEAR)
    visits = monthly_visits(community), yearly_visits(community, decembers)
    return _Affairs(sales, visits, books, income_tax(books, community))


def _told_again(dues: pl.DataFrame, community: "Community") -> pl.DataFrame:
    """Filings with what is paid, owed and charged as known with each row, and further rows where that changed.

    A filing whose deadline passes without payment is told again some days later as arrears, and again when it is paid,
    with its late fee.
    """
    luck = pl.Series(community.random("tax", "told").random(dues.height))
    due, paid_on, due_on, known_on = (pl.col(name) for name in ("due_fen", "paid_on", "due_on", "known_on"))
    owes = due > 0
    charged = (pl.col("charged_fen") * a.LATE_FEE * (paid_on - due_on).dt.total_days().clip(lower_bound=0)).round()
    is_ever_paid = owes & paid_on.is_not_null()
    dues = dues.with_columns(
        paid_on=pl.when(owes).then(paid_on), paid_fen=pl.when(is_ever_paid).then(due)
    ).with_columns(
        overdue_told=due_on + _days(a.ARREARS_TOLD, luck),
        payment_told=paid_on + _days(a.PAYMENT_TOLD, luck),
        is_late=owes & (pl.col("first_filed_on").is_null()) & (paid_on.is_null() | (paid_on > due_on)),
        fee=charged.fill_null(0).cast(pl.Int64),
    )
    is_paid = (paid_on <= known_on).fill_null(value=False)
    first = dues.with_columns(
        arrears_fen=pl.when(pl.col("is_late") & ~is_paid & (known_on > due_on)).then(due).otherwise(0),
        late_fee_fen=pl.when(is_paid).then("fee").otherwise(0),
    )
    late = first.filter("is_late")
    open_then = paid_on.is_null() | (paid_on > pl.col("overdue_told"))
    overdue = late.filter((pl.col("overdue_told") > known_on) & open_then).with_columns(
        known_on="overdue_told", arrears_fen=due
    )
    paid = late.filter(paid_on > known_on).with_columns(
        known_on="payment_told", arrears_fen=pl.lit(0, pl.Int64), late_fee_fen="fee"
    )
    return pl.concat([first, overdue, paid]).drop("overdue_told", "payment_told", "is_late", "fee")


def _days(bounds: tuple[int, int], luck: pl.Series) -> pl.Expr:
    low, high = bounds
    return pl.duration(days=pl.lit(low + ((high - low) * luck).floor().cast(pl.Int64)))
