"""Panels of intellectual property and certificates: what of it holds on the day."""

import datetime as dt
from collections.abc import Mapping

import polars as pl

from features.arithmetic import whole_months
from features.view import FIRM, View, panel

TERM_MONTHS = {"invention": 240, "utility_model": 120, "design": 180, "layout_design": 120}
"""专利法, article 42 (2020): 20, 10 and 15 years from the application; layout designs 10 years by their own rules."""

LONGER_DESIGNS_SINCE = dt.date(2021, 6, 1)
SHORTER_DESIGN_TERM = 120
"""Designs applied for before that day: 10 years."""

TITLE_MONTHS = {"hnte": 36, "innovative": 36, "srdi": 36, "little_giant": 36, "tech_sme": 12}
"""How long a title holds whose last day is not told: three years; a tech SME number is given year by year."""

PATENTS = ("invention", "utility_model", "design")
SRDI_LEVELS = {"innovative": 1, "srdi": 2, "little_giant": 3}


def _by_kind(values: Mapping[str, int]) -> pl.Expr:
    """A number for each kind, null for others; a few comparisons are faster than a look-up."""
    kind = pl.col("kind")
    return pl.coalesce(pl.when(kind == name).then(pl.lit(value, pl.Int32)) for name, value in values.items())


def _months_left(today: pl.Expr, end: str, *, start: str, term: pl.Expr) -> pl.Expr:
    """Whole months to the last day, that day included: below 0 once it is over, null where it cannot be told."""
    return whole_months(today, pl.col(end)).fill_null(whole_months(today, pl.col(start)) + term)


@panel("ip_rights")
def ip_portfolio(view: View) -> pl.DataFrame:
    """One row a right that the enterprise applied for, holds, held or uses.

    `held`: granted, not ceased, not expired, fees not in arrears; `pending`: neither granted nor ceased; `fee_lapsed`:
    would be held, were its fees paid; none of them is a right used under licence. `own`: neither bought nor licensed;
    `months_left`: whole months of its term.
    """
    today = pl.lit(view.as_of)
    is_short = (pl.col("kind") == "design") & (pl.col("applied_on") < LONGER_DESIGNS_SINCE)
    term = pl.when(is_short).then(SHORTER_DESIGN_TERM).otherwise(_by_kind(TERM_MONTHS))
    licensed = (pl.col("origin") == "licensed_in").fill_null(value=False)
    granted, ceased = pl.col("granted_on").is_not_null(), pl.col("ceased_on").is_not_null()
    rows = view.rows("ip_rights").select(
        FIRM,
        "kind",
        "citations",
        own=(pl.col("origin") == "own").fill_null(value=True),
        bought=(pl.col("origin") == "bought").fill_null(value=False),
        granted=granted,
        open=~ceased & ~licensed,
        is_paid=(pl.col("fee_paid_until") >= today).fill_null(value=True),
        pledged=pl.col("pledged_on").is_not_null() & pl.col("released_on").is_null(),
        months_left=_months_left(today, "expires_on", start="applied_on", term=term),
        applied_days_ago=view.days_ago("applied_on"),
        applied_ago=view.months_ago("applied_on"),
        acquired_ago=view.months_ago("acquired_on"),
    )
    alive = pl.col("open") & (pl.col("months_left") >= 0).fill_null(value=True)
    return rows.with_columns(
        held=pl.col("granted") & alive & pl.col("is_paid"),
        pending=~pl.col("granted") & alive,
        fee_lapsed=pl.col("granted") & alive & ~pl.col("is_paid"),
    )


@panel("qualifications")
def certificates(view: View) -> pl.DataFrame:
    """One row a certificate: `kind`, whether it is `valid` on the day, its `months_left`, its `srdi_level`."""
    today = pl.lit(view.as_of)
    rows = view.rows("qualifications").select(
        FIRM,
        "kind",
        begun=pl.col("valid_from") <= today,
        revoked=pl.col("revoked_on").is_not_null(),
        months_left=_months_left(today, "valid_to", start="valid_from", term=_by_kind(TITLE_MONTHS)),
        srdi_level=_by_kind(SRDI_LEVELS),
    )
    is_over = (pl.col("months_left") < 0).fill_null(value=False)
    return rows.with_columns(valid=pl.col("begun") & ~pl.col("revoked") & ~is_over)
