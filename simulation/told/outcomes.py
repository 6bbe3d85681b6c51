"""What became of applications and of borrowers: read by training only."""

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from simulation.assumed import outcomes as a
from simulation.assumed.calendar import LABEL_MONTHS
from simulation.told.accounts import BP, UNKNOWN, moves
from simulation.told.lines import NOT_YET, fen

if TYPE_CHECKING:
    from simulation.community import Community


def applications(community: "Community") -> pl.DataFrame:
    """Applications of the told months, with the bank's answer.

    The answer follows within the month. A loan that was drawn is the one of `loans` that was granted on the same day.
    """
    asked, on = community.lives.applications, moves(community)
    luck = community.random("withdrawn").random(len(asked.firm))
    drawn = asked.loan != UNKNOWN
    withdrawn = np.where(asked.granted, ~drawn & (luck < a.WITHDRAWN), luck < a.WITHDRAWN_REFUSED)
    granted, refused = asked.granted & ~withdrawn, ~asked.granted & ~withdrawn
    rows = pl.DataFrame(
        {
            "firm": asked.firm,
            "month": asked.month,
            "product_id": np.array(community.offers.ids)[asked.offer],
            "applied_on": on.applied_on,
            "docs_complete_on": on.docs_complete_on,
            "decided_on": on.decided_on,
            "decision": np.select([granted, refused], ["granted", "refused"], "withdrawn"),
            "refusal_codes": asked.code,
            "wanted_fen": fen(asked.wanted),
            "limit_fen": fen(asked.limit),
            "rate_bp": np.round(asked.rate * BP).astype(np.int64),
            "drawn_on": np.where(drawn, on.drawn_on, NOT_YET),
            "drawn_fen": fen(asked.drawn),
            "known_on": on.applied_on,
        }
    )
    number = pl.format("application-{}", pl.int_range(1, pl.len() + 1).over("firm"))
    told = rows.sort("firm", "applied_on").with_columns(application=number)
    was = pl.col("decision")
    return told.filter(pl.col("month") >= community.calendar.first).select(
        pl.exclude("month", "refusal_codes", "limit_fen", "rate_bp", "drawn_fen"),
        pl.when(was == "refused").then("refusal_codes"),
        pl.when(was == "granted").then("limit_fen"),
        pl.when(was == "granted").then("rate_bp"),
        pl.when(pl.col("drawn_on").is_not_null()).then("drawn_fen"),
    )


def labels(community: "Community") -> pl.DataFrame:
    """Whether borrowers defaulted within twelve months from the first day of a quarter.

    On a first day the month before is complete, so that features see it.

    Judged are the firms that then owed a bank something and were not in default, whether they still traded or not: as
    in life, nobody knows what would have become of the others.
    """
    calendar, default = community.calendar, community.lives.default
    book = community.accounts
    judged = np.arange(calendar.first, calendar.months - 1 - LABEL_MONTHS)
    judged = judged[calendar.month_of_year[judged] % a.QUARTER == 0]
    owes = (book.began[:, None] <= judged) & (judged < book.closes[:, None]) & book.is_bank_loan[:, None]
    borrower = np.zeros((len(default), len(judged)), bool)
    np.logical_or.at(borrower, book.firm, owes)
    firm, place = np.nonzero(borrower & (default[:, None] > judged))
    month = judged[place]
    return pl.DataFrame(
        {
            "firm": firm,
            "as_of": calendar.starts[month + 1],
            "defaulted": default[firm] <= month + LABEL_MONTHS,
            "known_on": calendar.starts[month + 1 + LABEL_MONTHS],
        }
    ).with_columns(window=pl.lit("next_12_months"))
