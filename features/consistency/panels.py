"""Panels that lay two sources of one enterprise side by side, month by month; amounts stay whole fen."""

import polars as pl

from features.arithmetic import YEAR, last
from features.bank.panels import kinds
from features.bank.panels import months as booked_months
from features.invoice.panels import months as invoiced_months
from features.tax.panels import filed_months, yearly_statement
from features.view import FIRM, View, panel


@panel("tax_filings", "vat_invoices")
def declared_beside_invoiced(view: View) -> pl.DataFrame:
    """One row an enterprise and VAT period of its last year of returns: `declared` sales, `invoiced` sales net of VAT.

    A period stands here when returns that tell their sales cover it and it began after the first invoice known.
    """
    returns = view.panel(filed_months).filter(pl.col("period_ago").is_between(0, YEAR - 1))
    invoiced = view.panel(invoiced_months).select(FIRM, "months_ago", "sales")
    periods = (
        returns.join(invoiced, on=[FIRM, "months_ago"], how="left")
        .group_by(FIRM, "period_ago")
        .agg(
            declared=pl.col("declared_sales").sum(),
            invoiced=pl.col("sales").sum(),
            known=(pl.col("covered") & pl.col("sales").is_not_null()).all(),
        )
    )
    return periods.filter("known").select(FIRM, "declared", "invoiced")


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
    """One row an enterprise and month of its newest yearly statement: `declared` sales, `covered` by a return or not.

    `stated` is the revenue of the statement, the same on every row.
    """
    end_ago = view.months_ago("period_end")
    stated = view.panel(yearly_statement).select(FIRM, end_ago=end_ago, stated="revenue_fen")
    returns = view.panel(filed_months).select(FIRM, "months_ago", "covered", declared="declared_sales")
    months_before_end = pl.col("months_ago") - pl.col("end_ago")
    return returns.join(stated, on=FIRM).filter(months_before_end.is_between(0, YEAR - 1))


@panel("bank_transactions", "social_insurance")
def wages_beside_insured(view: View) -> pl.DataFrame:
    """Rows of either source in the last 12 months: `wages` that left the accounts, insured `heads`, their `base` (fen).

    `booked_ago` is the month of a row of bookings, `classified` how many of them tell what they are for; null in the
    others.
    """
    is_wage = (pl.col("direction") == "out") & (pl.col("purpose") == "salary")
    booked = view.panel(kinds).select(
        FIRM,
        wages=pl.when(is_wage).then("amount").otherwise(0),
        classified=pl.when(pl.col("purpose").is_not_null()).then("bookings").otherwise(0),
        booked_ago="months_ago",
    )
    in_year = view.months_ago("month").is_between(0, YEAR - 1)
    insured = view.rows("social_insurance").filter(in_year).select(FIRM, heads="headcount", base="base_fen")
    return pl.concat([booked, insured], how="diagonal")
