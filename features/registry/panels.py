"""Panels of the register: the entry, what happened to it, the reports that are due, and who stands behind the firm."""

import datetime as dt

import polars as pl

from features.columns import columns, once_a_day
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
    return view.rows("registry").select(_of_entries(view))


@once_a_day
def _of_entries(view: View) -> tuple[pl.Expr, ...]:
    return columns(
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
    return view.rows("registry_changes").select(_of_events(view))


@once_a_day
def _of_events(view: View) -> tuple[pl.Expr, ...]:
    kind, days_ago = pl.col("kind"), view.days_ago("on")
    lately = pl.col("on") >= view.as_of.replace(day=1, year=view.as_of.year - 2)
    return columns(
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
    of_entry, of_event = _of_reports(view)
    return pl.concat([view.rows("registry").select(of_entry), view.rows("registry_changes").select(of_event)])


@once_a_day
def _of_reports(view: View) -> tuple[tuple[pl.Expr, ...], tuple[pl.Expr, ...]]:
    """What is taken of an entry in the register, and of an event."""
    newest = newest_report_due(view.as_of)
    unknown = pl.lit(None, dtype=pl.Int64)
    founded = newest - pl.col("established_on").dt.year().cast(pl.Int64)
    reported = pl.when(pl.col("kind") == "annual_report").then(newest - pl.col("report_year"))
    return (
        columns(FIRM, founded_ago=founded, reported_ago=unknown),
        columns(FIRM, founded_ago=unknown, reported_ago=reported),
    )


@panel("related_parties")
def standing_parties(view: View) -> pl.DataFrame:
    """One row an enterprise and party: if it `stands` related on the day, and so is `adverse`, in default."""
    of_relation, of_party = _of_relations(view)
    return view.rows("related_parties").select(of_relation).group_by(FIRM, "party").agg(of_party)


@once_a_day
def _of_relations(view: View) -> tuple[tuple[pl.Expr, ...], tuple[pl.Expr, ...]]:
    """What is taken of a relation, and of all relations with a party."""
    stands = pl.col("until").is_null() | (pl.col("until") >= view.as_of)
    return (
        columns(FIRM, "party", stands=stands, adverse=stands & pl.col("adverse_on").is_not_null()),
        (pl.col("stands", "adverse").any(),),
    )
