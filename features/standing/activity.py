"""What only the judgement of activity needs: VAT returns of the last year, new silence, sales to related buyers."""

import polars as pl

from features.arithmetic import YEAR, last
from features.definition import feature
from features.registry.governance import report_missing
from features.registry.panels import reports_due
from features.tax.panels import filed_months
from features.view import FIRM, View, panel

DAYS_OF_A_YEAR = 365
RELATED_BUYERS = 2


@panel("tax_filings")
def vat_returns_filed(view: View) -> pl.DataFrame:
    """One row a VAT return, with the days since it was filed."""
    vat = view.rows("tax_filings").filter(pl.col("tax_type") == "vat")
    return vat.select(FIRM, days_ago=view.days_ago("filed_on"))


@panel("tax_filings")
def empty_seasons(view: View) -> pl.DataFrame:
    """One row an enterprise and month of the year of returns: whether zero was declared, this year and last year."""
    ago, zero = pl.col("period_ago"), pl.col("zero")
    two_years = view.panel(filed_months).filter(ago.is_between(0, 2 * YEAR - 1))
    slots = two_years.group_by(FIRM, ago % YEAR)
    return slots.agg(now=(zero & (ago < YEAR)).any(), then=(zero & (ago >= YEAR)).any())


@panel("vat_invoices", "related_parties")
def related_buyers(view: View) -> pl.DataFrame:
    """One row an enterprise and buyer that is its related party now: sales to it of the last 12 months, net of VAT.

    Counterparties of invoices and related parties carry the same pseudonyms.
    """
    stands = pl.col("until").is_null() | (pl.col("until") >= view.as_of)
    related = view.rows("related_parties").filter(stands).select(FIRM, counterparty="party")
    sold = view.rows("vat_invoices").join(related, on=[FIRM, "counterparty"], how="semi")
    is_valid = (pl.col("direction") == "issued") & pl.col("voided_on").is_null()
    in_year = sold.with_columns(months_ago=view.months_ago("issued_on")).filter(is_valid, last(YEAR))
    return in_year.group_by(FIRM, "counterparty").agg(sales=pl.col("net_fen").sum().clip(lower_bound=0))


@feature(vat_returns_filed, unit="count", risk="falls", group="TAX_CONDUCT", window=0, zh="近一年增值税申报次数")
def vat_returns_365d() -> pl.Expr:
    """VAT returns filed in the last 365 days"""
    return (pl.col("days_ago") < DAYS_OF_A_YEAR).sum()


@feature(
    empty_seasons,
    unit="months",
    risk="rises",
    group="TAX_CONDUCT",
    window=24,
    zh="近12个月新增零申报月数（上年同月非零申报）",
)
def new_zero_filing_months_12m() -> pl.Expr:
    """Months of the last 12 with declared sales of zero that were not so a year before"""
    return (pl.col("now") & ~pl.col("then")).sum()


@feature(reports_due, unit="flag", risk="rises", group="GOVERNANCE", window=0, zh="最近一个应报年度未报送年报")
def last_annual_report_missing() -> pl.Expr:
    """Whether the newest annual report due is missing"""
    return report_missing(0)


@feature(related_buyers, unit="fen", risk="either", group="BUYERS", window=12, zh="近12个月向前两大关联客户的销售额")
def top2_related_sales_12m() -> pl.Expr:
    """Sales of the last 12 months to the two largest buyers that are related parties"""
    return pl.col("sales").top_k(RELATED_BUYERS).sum()
