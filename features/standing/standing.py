"""What an enterprise is, beside its features: trade, size class, and whether it seems to be at work."""

import datetime as dt

import polars as pl

from features.bank.conduct import quick_turn_share_12m
from features.definition import Feature
from features.invoice.rhythm import days_since_last_purchase, days_since_last_sale
from features.invoice.sales import invoices_issued_12m, invoices_received_12m, sales_12m
from features.people.contributions import headcount
from features.profile import profiles
from features.registry.entry import age_months, firms_at_address, firms_of_legal_rep, firms_with_phone
from features.registry.governance import on_abnormal_list
from features.standing.activity import (
    last_annual_report_missing,
    new_zero_filing_months_12m,
    top2_related_sales_12m,
    vat_returns_365d,
)
from features.standing.inactive import inactivity
from features.standing.size_class import size_classes
from features.tax.declared import declared_sales_12m, zero_filing_months_12m
from features.tax.statements import statement_assets, statement_revenue
from sources.contracts import REGISTRY
from sources.records import Records

NEEDED: tuple[Feature, ...] = (
    age_months, firms_at_address, firms_with_phone, firms_of_legal_rep, on_abnormal_list, last_annual_report_missing,
    headcount, sales_12m, invoices_issued_12m, invoices_received_12m, days_since_last_sale, days_since_last_purchase,
    top2_related_sales_12m, declared_sales_12m, zero_filing_months_12m, new_zero_filing_months_12m, vat_returns_365d,
    statement_revenue, statement_assets, quick_turn_share_12m,
)  # fmt: skip
"""The features that the facts rest on."""

SIZE_NEEDED: tuple[Feature, ...] = (
    headcount, sales_12m, declared_sales_12m, zero_filing_months_12m, statement_revenue, statement_assets,
)  # fmt: skip
"""Those of them that trade and size rest on."""

ENTRY = ("status", "industry", "employees")
"""What of the newest entry in the register they rest on."""


def standing(records: Records, as_of: dt.date) -> pl.DataFrame:
    """Facts of every enterprise in scope, as they could be known at the end of `as_of`.

    Returns:
        One row an enterprise, sorted by code: `enterprise_id`, `industry_section` (letter of GB/T 4754), `size_class`
        (micro, small, medium, large), what `inactivity` tells, and `size_evidence` (where the indicators of the class
        come from) and `size_unknown` (what is missing where the class is unknown), lists of codes. Null = unknown.

    Raises:
        LookupError: `as_of` lies before the first version of a rule.
    """
    return standing_of(profiles(records, NEEDED, as_of), records, as_of)


def standing_of(profile: pl.DataFrame, records: Records, as_of: dt.date) -> pl.DataFrame:
    """The same facts from a profile that was made before.

    Args:
        profile: of all enterprises of `records` as of that day, with the columns of `NEEDED`.
        records: what the profile was made of.
        as_of: the day stood on.

    Raises:
        LookupError: `as_of` lies before the first version of a rule.
    """
    firms = _with_indicators(_with_entry(profile, records, as_of))
    size = size_classes(firms, as_of)
    facts = firms.select(
        "enterprise_id", "size_evidence", "size_unknown", industry_section=pl.col("industry").str.slice(0, 1)
    )
    facts = pl.concat([facts, size.to_frame(), inactivity(firms, as_of)], how="horizontal")
    is_settled = pl.col("size_class").is_not_null()
    nothing = pl.lit([], dtype=pl.List(pl.String))
    return facts.with_columns(size_unknown=pl.when(is_settled).then(nothing).otherwise("size_unknown"))


def trade_and_size(profile: pl.DataFrame, records: Records, as_of: dt.date) -> pl.DataFrame:
    """`enterprise_id`, `industry_section` and `size_class` as `standing` tells them.

    Args:
        profile: of all enterprises of `records` as of that day, with the columns of `SIZE_NEEDED`.
        records: what the profile was made of.
        as_of: the day stood on.

    Raises:
        LookupError: `as_of` lies before the first version of the standard.
    """
    firms = _with_indicators(_with_entry(profile, records, as_of))
    section = pl.col("industry").str.slice(0, 1)
    return firms.select("enterprise_id", industry_section=section).hstack([size_classes(firms, as_of)])


def _with_entry(profile: pl.DataFrame, records: Records, as_of: dt.date) -> pl.DataFrame:
    """Profiles beside the newest entry in the register; all null without one."""
    entry = Records(records.enterprises, registry=records.registry, consents=records.consents).known_by(as_of).registry
    newest = REGISTRY.empty() if entry is None else entry
    return profile.join(newest.select("enterprise_id", *ENTRY), on="enterprise_id", how="left", maintain_order="left")


def _with_indicators(firms: pl.DataFrame) -> pl.DataFrame:
    """Employees, revenue and assets from the best source that tells them, and which that is.

    People are those of the register, else the insured ones: nobody insured is no proof that nobody works there. Revenue
    is that of the newest yearly statement, else the larger of declared and invoiced sales, for both miss some.
    """
    insured = pl.when(pl.col("headcount") > 0).then("headcount")
    has_declared = pl.col("zero_filing_months_12m").is_not_null() | (pl.col("declared_sales_12m") > 0)
    declared, invoiced = pl.when(has_declared).then("declared_sales_12m"), pl.col("sales_12m")
    sources = {
        "employees": {"employees_from_registry": pl.col("employees"), "employees_from_insurance": insured},
        "revenue": {
            "revenue_from_statement": pl.col("statement_revenue"),
            "revenue_from_vat_returns": pl.when(declared >= invoiced.fill_null(0)).then(declared),
            "revenue_from_invoices": invoiced,
        },
        "assets": {"assets_from_statement": pl.col("statement_assets")},
    }
    indicators = {name: pl.coalesce(*given.values()).cast(pl.Float64) for name, given in sources.items()}
    missing = [pl.when(value.is_null()).then(pl.lit(name)) for name, value in indicators.items()]
    no_industry = pl.when(pl.col("industry").is_null()).then(pl.lit("industry"))
    return firms.with_columns(
        **indicators,
        size_evidence=pl.concat_list(_first_known(given) for given in sources.values()).list.drop_nulls(),
        size_unknown=pl.concat_list(no_industry, *missing).list.drop_nulls(),
    )


def _first_known(given: dict[str, pl.Expr]) -> pl.Expr:
    return pl.coalesce(pl.when(value.is_not_null()).then(pl.lit(code)) for code, value in given.items())
