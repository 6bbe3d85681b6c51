"""What posted outcomes come to: applications as training knows them, loans kept or not, and labels of credit."""

import datetime as dt
import hashlib
import math

import polars as pl

from sources.contracts.aside import APPLICATIONS, LABELS
from sources.validation import Checked, validate
from training.outcomes import DAYS_OF_DEFAULT, DAYS_OF_DOUBT, WINDOW_MONTHS

ANSWERS = {"approved": "granted", "refused": "refused", "withdrawn": "withdrawn"}
"""What the contract of applications calls what was posted."""

BASIS_POINTS = 10_000
ID_DIGITS = 16
APPLICATION = ("decision_id", "product_id")

KEPT = {"application": pl.String, "kept": pl.Float64}


def application_of(decision_id: str, product_id: str) -> str:
    """The number of the application that a decision led to: one for each product."""
    return f"{decision_id}.{hashlib.sha256(product_id.encode()).hexdigest()[:ID_DIGITS]}"


def reported(decisions: pl.DataFrame, outcomes: pl.DataFrame) -> pl.DataFrame:
    """Outcomes with the application, the enterprise and the day that each is about, in the order of their days.

    Args:
        decisions: columns `decision_id`, `enterprise_id`, `as_of`.
        outcomes: columns of `training.posted.store.REPORTED`.
    """
    asked = decisions.select("decision_id", "enterprise_id", "as_of")
    named = outcomes.join(asked, on="decision_id", maintain_order="left")
    ids = [application_of(*pair) for pair in named.select(APPLICATION).iter_rows()]
    return named.with_columns(pl.Series("application", ids, dtype=pl.String)).sort("on", "outcome_id")


def applications(told: pl.DataFrame, wanted: pl.DataFrame, *, today: dt.date) -> Checked:
    """One row of the contract `Applications` for each decision and product; bad rows are rejects.

    The application is made on the day the decision stood on. The answer is the newest one, on the first day on which
    it was given; limit and rate are the newest that were told, and the loan was drawn on the first day on which an
    amount was.

    Args:
        told: as `reported` returns it.
        wanted: `decision_id` and `wanted_fen`, the amount asked for.
        today: rows dated later are rejects.
    """
    newest = pl.col("decision").last()
    first_drawn = pl.col("on").filter(pl.col("drawn_fen") > 0).first()
    rows = told.group_by("application", maintain_order=True).agg(
        pl.col("enterprise_id", "product_id", "decision_id").first(),
        applied_on=pl.col("as_of").first(),
        decided_on=pl.col("on").filter(pl.col("decision") == newest).first(),
        decision=newest.replace_strict(ANSWERS, return_dtype=pl.String),
        refusal_codes=pl.col("refusal_codes").drop_nulls().last().list.join("|"),
        limit_fen=pl.col("limit_fen").drop_nulls().last(),
        rate_bp=(pl.col("rate").drop_nulls().last() * BASIS_POINTS).round().cast(pl.Int64),
        drawn_on=first_drawn,
        drawn_fen=pl.col("drawn_fen").filter(pl.col("drawn_fen") > 0).first(),
    )
    asked = rows.join(wanted, on="decision_id", how="left", maintain_order="left").drop("decision_id")
    return validate(APPLICATIONS, asked.with_columns(docs_complete_on=None, known_on="applied_on"), today=today)


def kept(told: pl.DataFrame, *, known_until: dt.date) -> pl.DataFrame:
    """Whether approved loans were drawn and repaid: `application` and `kept`, 1, 0, or NaN where it is not known.

    As `training.product_fit.became.kept` says of loans on record: judged over the 12 months after drawing, or after the
    approval where nothing was drawn, and only once they are over. 0 = 90 days past due within them, or told that
    nothing was drawn. 1 = drawn, and told to be less late at the end of the 12 months or later: silence proves nothing.

    Args:
        told: as `reported` returns it.
        known_until: what was reported of later days does not count.
    """
    known = told.filter(pl.col("on") <= known_until)
    approved = pl.col("on").filter(pl.col("decision") == "approved").first()
    drawn = pl.col("on").filter(pl.col("drawn_fen") > 0).first()
    begun = known.with_columns(begins=pl.coalesce(drawn, approved).over("application"), drawn=drawn.over("application"))
    windowed = begun.filter(approved.over("application").is_not_null()).with_columns(
        ends=pl.col("begins").dt.offset_by(f"{WINDOW_MONTHS}mo")
    )
    inside = pl.col("on").is_between("begins", "ends")
    late = (pl.col("days_past_due") >= DAYS_OF_DEFAULT) & inside
    fine = (pl.col("days_past_due") < DAYS_OF_DEFAULT) & (pl.col("on") >= pl.col("ends"))
    unused = pl.col("drawn").is_null() & (pl.col("drawn_fen") == 0)
    value = (
        pl.when(pl.col("ends").first() > known_until)
        .then(math.nan)
        .when(late.any() | unused.any())
        .then(0.0)
        .when(pl.col("drawn").first().is_not_null() & fine.any())
        .then(1.0)
        .otherwise(math.nan)
    )
    found = windowed.group_by("application", maintain_order=True).agg(kept=value)
    return found.cast(pl.Schema(KEPT))


def credit_labels(told: pl.DataFrame, *, known_until: dt.date) -> pl.DataFrame:
    """Rows of the contract `Labels`: whether enterprises defaulted in the 12 months after the day they were judged on.

    Only of enterprises that drew a loan, and only once the 12 months are over, also where a default has been reported
    already: of young decisions only the bad would be known, and their default rate would be far too high. A report of
    90 days past due within the window is a default; one of less than 30 at its end or later, with none of 30 or more
    within it, is sound; everything else is in doubt and left out. Days that several decisions share count once.

    Args:
        told: as `reported` returns it.
        known_until: what was reported of later days does not count.
    """
    ends = pl.col("as_of").dt.offset_by(f"{WINDOW_MONTHS}mo")
    known = told.filter(pl.col("on") <= known_until, ends <= known_until).with_columns(ends=ends)
    inside = (pl.col("on") > pl.col("as_of")) & (pl.col("on") <= pl.col("ends"))
    days = pl.col("days_past_due")
    judged = known.group_by("enterprise_id", "as_of").agg(
        pl.col("ends").first().alias("known_on"),
        drew=((pl.col("drawn_fen") > 0) | days.is_not_null()).any(),
        defaulted=((days >= DAYS_OF_DEFAULT) & inside).any(),
        doubtful=((days >= DAYS_OF_DOUBT) & inside).any(),
        fine=((days < DAYS_OF_DOUBT) & (pl.col("on") >= pl.col("ends"))).any(),
    )
    sound = pl.col("fine") & ~pl.col("doubtful")
    clear = judged.filter("drew").filter(pl.col("defaulted") | sound)
    return LABELS.typed(clear.with_columns(window=pl.lit("next_12_months"))).sort("enterprise_id", "as_of")
