"""What became of applications: approved or not, and of the approved whether the loan was drawn and repaid."""

import datetime as dt

import numpy as np
import polars as pl
from numpy.typing import NDArray

from training.outcomes import DAYS_OF_DEFAULT, WINDOW_MONTHS

Floats = NDArray[np.float64]

JUDGED = "SCORE"
"""Code of a refusal by the bank's judgement, no rule of its own being broken."""

LOAN = ("enterprise_id", "loan")
NO_ANSWER = float("nan")


def approved(applications: pl.DataFrame, *, known_until: dt.date) -> Floats:
    """1 where the bank approved, 0 where it refused, NaN where no answer is known.

    Withdrawn after a grant, which names its limit, is approved; withdrawn without a word of the bank is no answer.

    Args:
        applications: rows of the contract `Applications`.
        known_until: an answer given later does not count.
    """
    yes = (pl.col("decision") == "granted") | ((pl.col("decision") == "withdrawn") & pl.col("limit_fen").is_not_null())
    answer = pl.when(yes).then(1.0).when(pl.col("decision") == "refused").then(0.0)
    known = pl.when(pl.col("decided_on") <= known_until).then(answer)
    return applications.select(known.fill_null(NO_ANSWER)).to_series().to_numpy()


def cleared(applications: pl.DataFrame, *, known_until: dt.date) -> Floats:
    """0 where the bank refused and named a rule of its own, 1 where it answered otherwise, NaN where not at all.

    A refusal without a code counts as one by judgement: nobody says that a rule stood against it.
    """
    named = pl.col("refusal_codes").str.split("|").list.eval(pl.element().str.strip_chars())
    by_rule = named.list.eval((pl.element() != "") & (pl.element() != JUDGED)).list.any().fill_null(value=False)
    told = applications.select(
        pl.when((pl.col("decision") == "refused") & by_rule).then(0.0).otherwise(1.0)
    ).to_series()
    answer = approved(applications, known_until=known_until)
    return np.where(np.isnan(answer), NO_ANSWER, told.to_numpy())


def kept(
    applications: pl.DataFrame,
    loans: pl.DataFrame | None,
    repayments: pl.DataFrame | None,
    *,
    known_until: dt.date,
) -> Floats:
    """Of each approved application 1 where its loan was drawn and repaid as agreed, 0 where not, else NaN.

    Repaid as agreed: in the 12 months after the day of drawing no instalment of it is 90 days past due, no report of
    it says so, and it is neither written off nor restructured in distress. Never drawn is 0. The 12 months, from the
    drawing or else from the answer, must be over by `known_until`, also where an end is seen already: of young grants
    only the bad ones would be known. NaN too where the drawn loan is not on record.

    Args:
        applications: rows of the contract `Applications`, with `bank_id` of the product's bank.
        loans: rows of the contract `Loans`, all versions; None = not given.
        repayments: rows of the contract `Repayments`; None = not given.
        known_until: what was known later does not count.
    """
    is_drawn = (pl.col("drawn_on") <= known_until).fill_null(value=False)
    begins = pl.when(is_drawn).then("drawn_on").otherwise("decided_on")
    asked = applications.with_row_index("place").select(
        "place", "enterprise_id", "bank_id", begins.alias("begins"), is_drawn.alias("is_drawn")
    )
    asked = asked.with_columns(ends=pl.col("begins").dt.offset_by(f"{WINDOW_MONTHS}mo"))
    drawn = asked.filter("is_drawn").join(_fates(loans, repayments, known_until), on="enterprise_id")
    own = drawn.filter(pl.col("granted_on") == pl.col("begins"))
    of_bank = own.filter((pl.col("lender") == pl.col("bank_id")).any().over("place").not_() | _is_of_bank())
    is_bad = (pl.col("bad_on") > pl.col("begins")) & (pl.col("bad_on") <= pl.col("ends"))
    fate = of_bank.group_by("place").agg(is_bad.fill_null(value=False).any().alias("is_bad"))
    told = asked.join(fate, on="place", how="left", maintain_order="left")
    outcome = (
        pl.when(pl.col("is_drawn").not_()).then(0.0).when("is_bad").then(0.0).when(pl.col("is_bad").not_()).then(1.0)
    )
    over = told.select(pl.when(pl.col("ends") <= known_until).then(outcome).fill_null(NO_ANSWER)).to_series()
    return np.where(approved(applications, known_until=known_until) == 1.0, over.to_numpy(), NO_ANSWER)


def _is_of_bank() -> pl.Expr:
    return pl.col("lender") == pl.col("bank_id")


def _fates(loans: pl.DataFrame | None, repayments: pl.DataFrame | None, known_until: dt.date) -> pl.DataFrame:
    """One row a loan: `enterprise_id`, `lender`, `granted_on`, `bad_on`: the first day on which it failed."""
    if loans is None:
        schema = {"enterprise_id": pl.String, "lender": pl.String, "granted_on": pl.Date, "bad_on": pl.Date}
        return pl.DataFrame(schema=schema)
    known = loans.filter(pl.col("known_on") <= known_until).sort("known_on", maintain_order=True)
    late = known.filter(pl.col("days_past_due") >= DAYS_OF_DEFAULT)
    ended = (known.select(*LOAN, bad_on=pl.col(name)).drop_nulls("bad_on") for name in FAILED_ON)
    failed = [late.select(*LOAN, bad_on="known_on"), *ended, _overdue(repayments, known, known_until)]
    bad = pl.concat(failed).filter(pl.col("bad_on") <= known_until).group_by(LOAN).agg(pl.col("bad_on").min())
    newest = known.unique(LOAN, keep="last", maintain_order=True)
    return newest.join(bad, on=LOAN, how="left", maintain_order="left").select(
        "enterprise_id", "lender", "granted_on", "bad_on"
    )


FAILED_ON = ("restructured_on", "written_off_on")


def _overdue(repayments: pl.DataFrame | None, loans: pl.DataFrame, known_until: dt.date) -> pl.DataFrame:
    """`bad_on` of each instalment that was still unpaid after 90 days, while its loan was open."""
    if repayments is None:
        return loans.clear().select(*LOAN, bad_on="known_on")
    known = repayments.filter((pl.col("known_on") <= known_until) & (pl.col("due_fen") > 0))
    newest = known.sort("known_on", maintain_order=True).unique((*LOAN, "instalment"), keep="last", maintain_order=True)
    closed = loans.drop_nulls("closed_on").group_by(LOAN).agg(pl.col("closed_on").min())
    owed = newest.join(closed, on=LOAN, how="left", maintain_order="left")
    bad_on = pl.col("due_on") + pl.duration(days=DAYS_OF_DEFAULT)
    ends = pl.min_horizontal("paid_on", "closed_on")
    return owed.filter(ends.is_null() | (ends > bad_on)).select(*LOAN, bad_on=bad_on)
