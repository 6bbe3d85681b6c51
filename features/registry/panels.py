"""Panels of the register: the entry, what happened to it, the reports that are due, and who stands behind the firm."""

import datetime as dt

import polars as pl

from features.arithmetic import YEAR
from features.view import FIRM, View, panel
from sources.contracts.registry import LIST_CHANGES

LAST_DAY_TO_REPORT = (6, 30)
"""企业信息公示暂行条例, article 8: the report for a year is filed from 1 January to 30 June of the next."""


def newest_report_due(as_of: dt.date) -> int:
    """The newest year whose annual report should be there: on 30 June itself last year's may still be filed."""
    is_over = (as_of.month, as_of.day) > LAST_DAY_TO_REPORT
    return as_of.year - (1 if is_over else 2)


@panel("registry")
def register_entries(view: View) -> pl.DataFrame:
    """One row an enterprise: its newest entry in the register, with days turned into whole months up to `as_of`."""
    return view.rows("registry").select(
        FIRM,
        "registered_capital_fen",
        "paid_in_capital_fen",
        "legal_rep_firms",
        "address_firms",
        "phone_firms",
        age_months=view.months_since("established_on"),
        premises_months=view.months_since("premises_since").clip(lower_bound=0),
        premises_owned=pl.col("premises_kind") == "owned",
    )


@panel("registry_changes")
def register_events(view: View) -> pl.DataFrame:
    """One row an event in the register. Repaired entries of a list are gone.

    `new_legal_rep`, `new_address`, `new_owners`: a change of this kind, of the running month or of the 24 before it;
    `abnormal_in` and the like: days since an entry in a list or a release from it, null for other events.
    """
    kind, lately, days_ago = pl.col("kind"), view.months_ago("on") < 2 * YEAR, view.days_ago("on")
    return view.rows("registry_changes").select(
        FIRM,
        new_legal_rep=(kind == "legal_rep") & lately,
        new_address=(kind == "address") & lately,
        new_owners=((kind == "capital") | (kind == "shareholder")) & lately,
        **{name: pl.when(kind == name).then(days_ago) for name in LIST_CHANGES},
    )


@panel("registry", "registry_changes")
def reports_due(view: View) -> pl.DataFrame:
    """Rows of two sorts: one an enterprise with `founded_ago`, and one an event, with `reported_ago` if it is a report.

    Both count years back from the newest year whose report is due: 0 = that year, 1 = the year before. An enterprise
    owes a report for the year in which it was founded, and for every year since.
    """
    newest = newest_report_due(view.as_of)
    is_report = pl.col("kind") == "annual_report"
    founded = view.rows("registry").select(
        FIRM,
        founded_ago=newest - pl.col("established_on").dt.year().cast(pl.Int64),
        reported_ago=pl.lit(None, dtype=pl.Int64),
    )
    reported = view.rows("registry_changes").select(
        FIRM,
        founded_ago=pl.lit(None, dtype=pl.Int64),
        reported_ago=pl.when(is_report).then(newest - pl.col("report_year")),
    )
    return pl.concat([founded, reported])


@panel("related_parties")
def standing_parties(view: View) -> pl.DataFrame:
    """One row an enterprise and party: if it `stands` related on the day, and so is `adverse`, in default."""
    stands = pl.col("until").is_null() | (pl.col("until") >= view.as_of)
    relations = view.rows("related_parties").select(
        FIRM, "party", stands=stands, adverse=stands & pl.col("adverse_on").is_not_null()
    )
    return relations.group_by(FIRM, "party").agg(pl.col("stands").any(), pl.col("adverse").any())
