"""Posted outcomes as applications, loans kept, and labels of credit: each rule once, days by hand."""

import datetime as dt
import math

import polars as pl
import pytest

from training.posted.outcomes import application_of, applications, credit_labels, kept, reported
from training.posted.store import REPORTED

CODE = "Y1110108XP000001X5"
DAY = dt.date
TODAY = DAY(2026, 11, 22)
DECISIONS = pl.DataFrame(
    {"decision_id": ["d-1", "d-2"], "enterprise_id": [CODE, CODE], "as_of": [DAY(2025, 3, 10), DAY(2026, 5, 1)]}
)


def told(*reports, decision_id="d-1"):
    """Reports on one product, given as (day, decision, more)."""
    rows = [
        {"outcome_id": f"o-{place}", "decision_id": decision_id, "product_id": "a-loan", "on": on, "decision": decision}
        | more
        for place, (on, decision, more) in enumerate(reports)
    ]
    return reported(DECISIONS, pl.DataFrame(rows, schema=dict(REPORTED)))


def one(*reports):
    wanted = pl.DataFrame({"decision_id": ["d-1"], "wanted_fen": [50_000_000]})
    [row] = applications(told(*reports), wanted, today=TODAY).rows.to_dicts()
    return row


def test_an_approval_is_a_granted_application_made_on_the_day_stood_on():
    row = one((DAY(2025, 3, 20), "approved", {"limit_fen": 30_000_000, "rate": 0.0385}))
    assert row["application"] == application_of("d-1", "a-loan")
    assert (row["enterprise_id"], row["product_id"], row["wanted_fen"]) == (CODE, "a-loan", 50_000_000)
    assert (row["applied_on"], row["known_on"]) == (DAY(2025, 3, 10), DAY(2025, 3, 10))
    assert (row["decided_on"], row["decision"]) == (DAY(2025, 3, 20), "granted")
    assert (row["limit_fen"], row["rate_bp"], row["drawn_on"]) == (30_000_000, 385, None)


def test_several_reports_of_one_application_are_one_row():
    row = one(
        (DAY(2025, 4, 2), "approved", {"drawn_fen": 20_000_000, "days_past_due": 0}),
        (DAY(2025, 3, 20), "approved", {"limit_fen": 30_000_000}),
        (DAY(2025, 9, 1), "approved", {"drawn_fen": 25_000_000}),
    )
    assert (row["decided_on"], row["drawn_on"]) == (DAY(2025, 3, 20), DAY(2025, 4, 2))
    assert (row["limit_fen"], row["drawn_fen"]) == (30_000_000, 20_000_000)


def test_a_grant_that_was_withdrawn_keeps_its_limit_so_that_it_still_counts_as_approved():
    row = one((DAY(2025, 3, 20), "approved", {"limit_fen": 30_000_000}), (DAY(2025, 3, 25), "withdrawn", {}))
    assert (row["decision"], row["limit_fen"], row["decided_on"]) == ("withdrawn", 30_000_000, DAY(2025, 3, 25))


def test_reasons_of_a_refusal_are_joined():
    assert one((DAY(2025, 3, 20), "refused", {"refusal_codes": ["debt", "age"]}))["refusal_codes"] == "debt|age"


def test_an_answer_before_the_day_it_answers_is_a_reject():
    checked = applications(told((DAY(2025, 3, 9), "refused", {})), pl.DataFrame(schema=WANTED), today=TODAY)
    assert checked.rows.is_empty()
    assert checked.rejects["rule"].to_list() == ["decided_not_before_applied"]


WANTED = {"decision_id": pl.String, "wanted_fen": pl.Int64}


def kept_of(*reports, known_until=TODAY):
    found = kept(told(*reports), known_until=known_until)
    return found["kept"].to_list()


APPROVED = (DAY(2025, 3, 20), "approved", {"limit_fen": 10})
DRAWN = (DAY(2025, 4, 1), "approved", {"drawn_fen": 10})


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        ([APPROVED, DRAWN, (DAY(2026, 4, 1), "approved", {"days_past_due": 0})], 1.0),
        ([APPROVED, DRAWN, (DAY(2026, 3, 31), "approved", {"days_past_due": 0})], None),
        ([APPROVED, DRAWN, (DAY(2026, 4, 1), "approved", {"days_past_due": 90})], 0.0),
        ([APPROVED, DRAWN, (DAY(2026, 4, 2), "approved", {"days_past_due": 90})], None),
        ([APPROVED, DRAWN], None),
        ([APPROVED, (DAY(2025, 6, 1), "approved", {"drawn_fen": 0})], 0.0),
        ([APPROVED], None),
    ],
    ids=["fine after a year", "fine too soon", "late at its end", "late after it", "silence", "unused", "nothing told"],
)
def test_a_loan_is_kept_when_it_is_told_so_after_twelve_months(reports, expected):
    [value] = kept_of(*reports)
    assert (None if math.isnan(value) else value) == expected


def test_a_young_loan_is_not_judged_though_it_already_failed():
    [value] = kept_of(
        APPROVED, DRAWN, (DAY(2025, 8, 1), "approved", {"days_past_due": 95}), known_until=DAY(2026, 3, 31)
    )
    assert math.isnan(value)


def test_a_refused_application_has_no_loan_to_keep():
    assert kept_of((DAY(2025, 3, 20), "refused", {})) == []


def labels_of(*reports, known_until=TODAY):
    return credit_labels(told(*reports), known_until=known_until).select("as_of", "defaulted", "known_on").rows()


def test_ninety_days_past_due_within_a_year_is_a_default_from_the_day_stood_on():
    late = (DAY(2025, 9, 1), "approved", {"days_past_due": 91})
    assert labels_of(DRAWN, late) == [(DAY(2025, 3, 10), True, DAY(2026, 3, 10))]


def test_sound_is_only_who_is_told_to_be_fine_after_twelve_months():
    soon, after = ((day, "approved", {"days_past_due": 0}) for day in (DAY(2026, 3, 9), DAY(2026, 3, 10)))
    assert labels_of(DRAWN, soon) == []
    assert labels_of(DRAWN, soon, after) == [(DAY(2025, 3, 10), False, DAY(2026, 3, 10))]


def test_neither_good_nor_bad_has_no_label():
    doubtful = (DAY(2025, 9, 1), "approved", {"days_past_due": 30})
    assert labels_of(DRAWN, doubtful, (DAY(2026, 3, 10), "approved", {"days_past_due": 0})) == []


def test_a_default_of_a_young_decision_waits_for_the_end_of_the_window():
    late = (DAY(2025, 9, 1), "approved", {"days_past_due": 91})
    assert labels_of(DRAWN, late, known_until=DAY(2026, 3, 9)) == []


def test_who_never_drew_is_no_borrower():
    assert labels_of((DAY(2025, 3, 20), "refused", {}), (DAY(2026, 4, 1), "refused", {})) == []
