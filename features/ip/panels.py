"""Panels of intellectual property and certificates: what of it holds on the day."""

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import cache

import polars as pl

from features.arithmetic import YEAR
from features.columns import columns, once_a_day
from features.view import FIRM, View, panel
from sources.contracts.ip import IP_KINDS, QUALIFICATION_KINDS

TERM_MONTHS = {"invention": 240, "utility_model": 120, "design": 180, "layout_design": 120}
"""专利法, article 42 (2020): 20, 10 and 15 years from the application; layout designs 10 years by their own rules."""

LONGER_DESIGNS_SINCE = dt.date(2021, 6, 1)
SHORTER_DESIGN_TERM = 120
"""Designs applied for before that day: 10 years."""

TITLE_MONTHS = {"hnte": 36, "innovative": 36, "srdi": 36, "little_giant": 36, "tech_sme": 12}
"""How long a title holds whose last day is not told: three years; a tech SME number is given year by year."""

PATENTS = ("invention", "utility_model", "design")
SRDI_LEVELS = {"innovative": 1, "srdi": 2, "little_giant": 3}


def _by_kind(values: Mapping[str, int], kinds: Iterable[str]) -> pl.Expr:
    """A number for each kind, null for others."""
    numbers = pl.Series([values.get(kind) for kind in kinds], dtype=pl.Int32)
    return pl.lit(numbers).gather(pl.col("kind").to_physical())


TERM, TITLE_TERM = _by_kind(TERM_MONTHS, IP_KINDS), _by_kind(TITLE_MONTHS, QUALIFICATION_KINDS)
IS_VALID = pl.col("open") & (pl.col("months_left") >= 0).fill_null(value=True)
SRDI_LEVEL = _by_kind(SRDI_LEVELS, QUALIFICATION_KINDS)


def _months_left(view: View, end: str, *, start: str, term: pl.Expr) -> pl.Expr:
    """Whole months to the last day, that day included: below 0 once it is over, null where it cannot be told."""
    day, today = pl.coalesce(end, start), view.as_of
    months = day.dt.year() * YEAR + day.dt.month() - (today.year * YEAR + today.month)
    began_another = (day.dt.day() < today.day).cast(pl.Int32)
    return months - began_another + pl.when(pl.col(end).is_null()).then(term).otherwise(0)


@panel("ip_rights")
def ip_portfolio(view: View) -> pl.DataFrame:
    """One row a right that the enterprise applied for, holds, held or uses.

    `held`: granted, not ceased, not expired, fees not in arrears; `pending`: neither granted nor ceased; `fee_lapsed`:
    would be held, were its fees paid; none of them is a right used under licence. `own`: neither bought nor licensed;
    `months_left`: whole months of its term; `own_…`: `own`, and applied for in the last 36, the last 12 or the 12
    months before these; `bought_12m`: bought in the last 12 months.
    """
    return view.rows("ip_rights").select(_of_rights(view)).with_columns(_standing())


@once_a_day
def _of_rights(view: View) -> tuple[pl.Expr, ...]:
    applied_on, origin = pl.col("applied_on"), pl.col("origin")
    is_short = (pl.col("kind") == "design") & (applied_on < LONGER_DESIGNS_SINCE)
    term = pl.when(is_short).then(SHORTER_DESIGN_TERM).otherwise(TERM)
    three_years, two_years, year, now = (view.month_start(months - 1) for months in (3 * YEAR, 2 * YEAR, YEAR, 0))
    own, bought = origin.is_null() | (origin == "own"), (origin == "bought").fill_null(value=False)
    return columns(
        FIRM,
        "kind",
        "citations",
        own=own,
        bought=bought,
        granted=pl.col("granted_on").is_not_null(),
        open=pl.col("ceased_on").is_null() & origin.ne_missing("licensed_in"),
        is_paid=(pl.col("fee_paid_until") >= view.as_of).fill_null(value=True),
        pledged=pl.col("pledged_on").is_not_null() & pl.col("released_on").is_null(),
        months_left=_months_left(view, "expires_on", start="applied_on", term=term),
        applied_days_ago=pl.when(own).then(view.days_ago("applied_on")),
        own_36m=own & applied_on.is_between(three_years, now, closed="left"),
        own_12m=own & applied_on.is_between(year, now, closed="left"),
        own_before=own & applied_on.is_between(two_years, year, closed="left"),
        bought_12m=bought & pl.col("acquired_on").is_between(year, now, closed="left"),
    )


@cache
def _standing() -> tuple[pl.Expr, ...]:
    granted, is_paid = pl.col("granted"), pl.col("is_paid")
    alive = IS_VALID
    return columns(held=granted & alive & is_paid, pending=~granted & alive, fee_lapsed=granted & alive & ~is_paid)


@panel("qualifications")
def certificates(view: View) -> pl.DataFrame:
    """One row a certificate: `kind`, whether it is `valid` on the day, its `months_left`, its `srdi_level`."""
    return view.rows("qualifications").select(_of_certificates(view)).with_columns(valid=IS_VALID)


@once_a_day
def _of_certificates(view: View) -> tuple[pl.Expr, ...]:
    return columns(
        FIRM,
        "kind",
        open=(pl.col("valid_from") <= view.as_of) & pl.col("revoked_on").is_null(),
        months_left=_months_left(view, "valid_to", start="valid_from", term=TITLE_TERM),
        srdi_level=SRDI_LEVEL,
    )
