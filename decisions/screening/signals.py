"""What screening looks at: one row an enterprise, and one column for each thing that can be said of it on the day."""

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

from decisions.screening.columns import DAYS, ENTRY, READ
from decisions.screening.policy import ScreeningPolicy
from features.profile import profiles
from features.standing.standing import standing_of
from sources.contracts import REGISTRY
from sources.records import Records

NEVER = 1_000_000
"""Days since something that has never been."""

NEEDS: Mapping[str, pl.DataType] = MappingProxyType(
    {"enterprise_id": pl.String(), "wanted_fen": pl.Int64(), "purpose": pl.String()}
)
"""A frame of stated needs: null amount or purpose = it did not say; an enterprise that is absent stated none."""


def signals_of(
    records: Records, as_of: dt.date, policy: ScreeningPolicy, needs: pl.DataFrame | None = None
) -> pl.DataFrame:
    """The columns of `UNITS` but the two flags of activity, and of `SINCE`; one row an enterprise, sorted by code.

    Args:
        records: of one enterprise or of many; nothing known later counts.
        as_of: the day stood on.
        policy: what is in force.
        needs: a frame with the columns of `NEEDS`; None = nobody was asked.

    Raises:
        LookupError: `as_of` lies before the first version of a rule of size or inactivity.
    """
    known = records.known_by(as_of)
    profile = profiles(records, READ, as_of)
    stands = standing_of(profile, records, as_of).select(
        "enterprise_id", "size_class", pl.col("dormant_seasonal").cast(pl.Float64)
    )
    firms = profile
    for more in (stands, _entries(known), _days_of_events(known), _listed_since(known), _asked(needs)):
        firms = firms.join(more, on="enterprise_id", how="left", maintain_order="left")
    return firms.with_columns(_derived(policy)).with_columns(_of_needs(policy, were_asked=needs is not None))


def _entries(known: Records) -> pl.DataFrame:
    entry = REGISTRY.empty() if known.registry is None else known.registry
    words = [pl.col(name).cast(pl.String) for name in ENTRY if name != "established_on"]
    return entry.select("enterprise_id", *words, "established_on")


def _days_of_events(known: Records) -> pl.DataFrame:
    """The newest open event of each kind; penalties are events of a day and are never closed."""
    if known.legal_events is None:
        return pl.DataFrame(schema={"enterprise_id": pl.String(), **dict.fromkeys(DAYS, pl.Date())})
    kind, opened = pl.col("kind").cast(pl.String), pl.col("opened_on")
    newest = (opened.filter(kind == word).max().alias(name) for name, word in DAYS.items())
    return known.legal_events.filter(pl.col("closed_on").is_null()).group_by("enterprise_id").agg(*newest)


def _listed_since(known: Records) -> pl.DataFrame:
    """The newest entry in the list of abnormal operations."""
    if known.registry_changes is None:
        return pl.DataFrame(schema={"enterprise_id": pl.String(), "listed_since": pl.Date()})
    entries = known.registry_changes.filter(pl.col("kind").cast(pl.String) == "abnormal_in")
    return entries.group_by("enterprise_id").agg(listed_since=pl.col("on").max())


def _asked(needs: pl.DataFrame | None) -> pl.DataFrame:
    frame = pl.DataFrame(schema=dict(NEEDS)) if needs is None else needs
    return frame.select(*NEEDS).with_columns(is_asked=pl.lit(value=True))


def _derived(policy: ScreeningPolicy) -> list[pl.Expr]:
    """Columns that need no answer of the firm. A division by nothing is unknown, not endless."""
    return [*_of_the_register(policy), *_of_trade(), *_of_credit()]


def _of_the_register(policy: ScreeningPolicy) -> list[pl.Expr]:
    """The list of abnormal operations tells no cause: with no report missing it must be another, mostly the address."""
    least = {district: float(age.months) for district, age in policy.minimum_age_of.items()}
    sure = {district: float(age.sure) for district, age in policy.minimum_age_of.items()}
    is_listed, missing = pl.col("on_abnormal_list") > 0, pl.col("missing_annual_reports")
    is_online = pl.col("premises_kind").eq_missing("online")
    return [
        _of_the_district(least, policy.minimum_age.months).alias("minimum_age_months"),
        _of_the_district(sure, policy.minimum_age.sure).alias("fail_age_months"),
        pl.when(~is_online).then("electricity_silent_months_12m").alias("dark_months"),
        (is_listed & (missing == 0)).cast(pl.Float64).alias("listed_unreachable"),
        (is_listed & (missing != 0).fill_null(value=True)).cast(pl.Float64).alias("listed_unclear"),
    ]


def _of_the_district(own: Mapping[str, float], everywhere: float) -> pl.Expr:
    found = pl.col("district").replace_strict(dict(own), default=None, return_dtype=pl.Float64)
    return found.fill_null(float(everywhere))


def _of_trade() -> list[pl.Expr]:
    has_invoices, has_bank = pl.col("invoices_issued_12m").is_not_null(), pl.col("bank_inflow_12m").is_not_null()
    last_invoice = pl.min_horizontal("days_since_last_sale", "days_since_last_purchase").fill_null(NEVER)
    larger = pl.max_horizontal("sales_12m", "declared_sales_12m")
    return [
        pl.when(has_invoices).then(last_invoice).alias("silent_days"),
        pl.when(has_bank).then(pl.col("days_since_last_inflow").fill_null(NEVER)).alias("days_without_inflow"),
        _over("purchases_12m", "sales_12m").alias("purchases_share"),
        _over("top2_related_sales_12m", "sales_12m").alias("related_sales_share"),
        _over("tax_paid_12m", "declared_sales_12m").alias("tax_to_sales"),
        larger.fill_null(pl.col("statement_revenue")).alias("sales"),
    ]


def _of_credit() -> list[pl.Expr]:
    given = pl.col("loans_ever").is_not_null()
    signs = (pl.col("bad_balance_share") > 0, pl.col("loans_written_off_60m") > 0, pl.col("recovery_reported") > 0)
    bad = pl.any_horizontal(sign.fill_null(value=False) for sign in signs)
    overdue = pl.max_horizontal("days_past_due_now", "loan_days_past_due_now")
    return [
        pl.when(given).then(bad).cast(pl.Float64).alias("bad_loans"),
        pl.when(given | overdue.is_not_null()).then(overdue.fill_null(0)).alias("worst_overdue_days"),
        _never_lent().cast(pl.Float64).alias("never_lent"),
    ]


def _never_lent() -> pl.Expr:
    """零贷户: no loan on record. One loan, by the list of loans or by the credit report, and it is none."""
    lent = (pl.col("loans_ever") > 0) | (pl.col("never_borrowed_reported") == 0)
    none = (pl.col("never_borrowed_reported") == 1) | (pl.col("loans_ever") == 0)
    return pl.when(lent).then(statement=False).when(none).then(statement=True)


def _over(part: str, whole: str) -> pl.Expr:
    return pl.when(pl.col(whole) > 0).then(pl.col(part) / pl.col(whole))


def _of_needs(policy: ScreeningPolicy, *, were_asked: bool) -> list[pl.Expr]:
    """Needs that were stated, and those that records show: a lender enquired lately, or a loan matures soon."""
    stated = pl.col("is_asked").fill_null(value=False)
    enquired, maturing = pl.col("enquiring_lenders_6m") > 0, pl.col("maturing_90d") > 0
    need = pl.when(stated).then(pl.lit("stated")).when(enquired | maturing).then(pl.lit("seen"))
    lawful = pl.col("purpose").replace_strict(dict(policy.lawful), default=None, return_dtype=pl.String)
    known_none = (~enquired & ~maturing) & pl.lit(were_asked)
    return [
        need.when(known_none).then(pl.lit("none")).alias("need"),
        _over("wanted_fen", "sales").alias("wanted_to_sales"),
        lawful.alias("purpose_lawful"),
    ]
