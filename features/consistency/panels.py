"""Panels that lay two sources of one enterprise side by side, month by month; amounts stay whole fen."""

from functools import cache

import polars as pl

from features.arithmetic import YEAR, last
from features.bank.panels import kinds
from features.bank.panels import months as booked_months
from features.columns import columns, once_a_day
from features.invoice.panels import months as invoiced_months
from features.tax.panels import filed_months, yearly_statement
from features.view import FIRM, View, panel


@panel("tax_filings", "vat_invoices")
def declared_beside_invoiced(view: View) -> pl.DataFrame:
    """One row an enterprise and VAT period of its last year of returns: `declared` sales, `invoiced` sales net of VAT.

    A period stands here when returns that tell their sales cover it and it began after the first invoice known.
    """
    is_recent, period, of_period = _of_periods()
    returns = view.panel(filed_months).filter(is_recent)
    invoiced = view.panel(invoiced_months)[[FIRM, "months_ago", "sales"]]
    months = returns.join(invoiced, on=[FIRM, "months_ago"], how="left")
    return months.group_by(period).agg(of_period).filter("known")[[FIRM, "declared", "invoiced"]]


@cache
def _of_periods() -> tuple[pl.Expr, pl.Expr, tuple[pl.Expr, ...]]:
    """Whether a month is in the last year of returns, the key of its period, and what is made of a period's months."""
    period_ago, sales = pl.col("period_ago"), pl.col("sales")
    period = pl.col(FIRM).cast(pl.Int64) * YEAR + period_ago
    return (
        period_ago.is_between(0, YEAR - 1),
        period.alias("period"),
        columns(
            firm=pl.col(FIRM).first(),
            declared=pl.col("declared_sales").sum(),
            invoiced=sales.sum(),
            known=(pl.col("covered") & sales.is_not_null()).all(),
        ),
    )


@panel("vat_invoices", "bank_transactions")
def inflow_beside_invoiced(view: View) -> pl.DataFrame:
    """Rows of either source, by month: `invoiced` sales with VAT, effective `inflow` on the accounts.

    `invoiced_ago` is the month of a row of invoices, `booked_ago` of a row of bookings; null in the others.
    """
    ago = pl.col("months_ago")
    gross = pl.col("sales") + pl.col("output_vat")
    invoiced = view.panel(invoiced_months).select(FIRM, "months_ago", invoiced=gross, invoiced_ago=ago)
    booked = view.panel(booked_months).select(FIRM, "months_ago", "inflow", booked_ago=ago)
    return pl.concat([invoiced, booked], how="diagonal")


@panel("tax_filings", "bank_transactions")
def inflow_beside_declared(view: View) -> pl.DataFrame:
    """Rows of either source, by month: `declared` sales of the last year of returns, `inflow` of the last 12 months.

    `booked_ago` is the month of a row of bookings, null in the others; it may lie further back.
    """
    this_year = pl.col("period_ago").is_between(0, YEAR - 1)
    returns = view.panel(filed_months).select(FIRM, declared=pl.when(this_year).then("declared_sales").otherwise(0))
    inflow = pl.when(last(YEAR)).then("inflow").otherwise(0)
    booked = view.panel(booked_months).select(FIRM, inflow=inflow, booked_ago="months_ago")
    return pl.concat([returns, booked], how="diagonal")


@panel("tax_filings", "financial_statements")
def declared_beside_stated(view: View) -> pl.DataFrame:
    """Rows of two sorts: months of returns, with `declared` sales and whether `covered`, and newest yearly statements.

    `stated` is the revenue, `end_ago` the month in which the statement ends, null in rows of months.
    """
    end_ago = view.months_ago("period_end")
    stated = view.panel(yearly_statement).select(FIRM, end_ago=end_ago, stated="revenue_fen")
    returns = view.panel(filed_months).select(FIRM, "months_ago", "covered", declared="declared_sales")
    return pl.concat([returns, stated], how="diagonal")


@panel("bank_transactions", "social_insurance")
def wages_beside_insured(view: View) -> pl.DataFrame:
    """Rows of either source in the last 12 months: `wages` that left the accounts, insured `heads`, their `base` (fen).

    `booked_ago` is the month of a row of bookings, `classified` how many of them tell what they are for; null in the
    others.
    """
    of_bookings, in_year, of_contributions = _of_wages(view)
    booked = view.panel(kinds).select(of_bookings)
    insured = view.rows("social_insurance").filter(in_year).select(of_contributions)
    return pl.concat([booked, insured], how="diagonal")


@once_a_day
def _of_wages(view: View) -> tuple[tuple[pl.Expr, ...], pl.Expr, tuple[pl.Expr, ...]]:
    """What is taken of the bookings of a month, which months of social insurance are taken, and what of these."""
    is_wage = (pl.col("direction") == "out") & (pl.col("purpose") == "salary")
    return (
        columns(
            FIRM,
            wages=pl.when(is_wage).then("amount").otherwise(0),
            classified=pl.when(pl.col("purpose").is_not_null()).then("bookings").otherwise(0),
            booked_ago="months_ago",
        ),
        view.months_ago("month").is_between(0, YEAR - 1),
        columns(FIRM, heads="headcount", base="base_fen"),
    )
