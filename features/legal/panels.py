"""The panel of cases, list entries and penalties: what each is, whether it lasts, and how long ago it began."""

import polars as pl

from features.columns import columns, once_a_day
from features.view import FIRM, View, panel
from sources.contracts.legal import OF_A_DAY

OWN_CLAIM = "plaintiff"
"""The only kind that says nothing against the enterprise."""


@panel("legal_events")
def cases(view: View) -> pl.DataFrame:
    """One row a case, list entry or penalty.

    `lasts` while it is neither closed nor over with its day; `adverse` unless it is the enterprise's own claim;
    `months_since` it began, to the day: 0 to 11 = within the last twelve months, today included.
    """
    return view.rows("legal_events").select(_of_cases(view))


@once_a_day
def _of_cases(view: View) -> tuple[pl.Expr, ...]:
    kind = pl.col("kind")
    return columns(
        FIRM,
        "kind",
        "cause",
        "severity",
        "amount_fen",
        lasts=pl.col("closed_on").is_null() & ~kind.is_in(OF_A_DAY),
        adverse=kind != OWN_CLAIM,
        months_since=view.months_since("opened_on"),
        days_ago=view.days_ago("opened_on"),
    )


def began_within(months: int) -> pl.Expr:
    """Cases that began in the newest months, to the day."""
    return pl.col("months_since") < months
