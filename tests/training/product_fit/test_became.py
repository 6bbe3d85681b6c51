import datetime as dt
import math

import polars as pl
import pytest

from training.product_fit.became import approved, cleared, kept

UNTIL = dt.date(2026, 10, 31)
DRAWN = dt.date(2025, 1, 10)
BAD_DAY = dt.date(2025, 6, 1)


def application(**changes):
    row = {
        "enterprise_id": "firm",
        "bank_id": "bank",
        "decision": "granted",
        "decided_on": dt.date(2025, 1, 8),
        "limit_fen": 100,
        "drawn_on": DRAWN,
    } | changes
    return pl.DataFrame([row], schema_overrides={"drawn_on": pl.Date, "decided_on": pl.Date, "limit_fen": pl.Int64})


def loan(**changes):
    row = {
        "enterprise_id": "firm",
        "loan": "loan-1",
        "lender": "bank",
        "granted_on": DRAWN,
        "days_past_due": 0,
        "closed_on": None,
        "restructured_on": None,
        "written_off_on": None,
        "known_on": DRAWN,
    } | changes
    days = dict.fromkeys(("closed_on", "restructured_on", "written_off_on"), pl.Date)
    return pl.DataFrame([row], schema_overrides=days)


def instalment(due_on, paid_on):
    row = {
        "enterprise_id": "firm",
        "loan": "loan-1",
        "instalment": 1,
        "due_on": due_on,
        "due_fen": 10,
        "paid_on": paid_on,
        "known_on": paid_on or due_on,
    }
    return pl.DataFrame([row], schema_overrides={"paid_on": pl.Date})


def said(values):
    return [None if math.isnan(one) else one for one in values]


@pytest.mark.parametrize(
    ("decision", "limit", "answer"),
    [("granted", 1, 1.0), ("refused", None, 0.0), ("withdrawn", None, None), ("withdrawn", 1, 1.0), (None, None, None)],
)
def test_an_answer_is_a_grant_or_a_refusal_or_not_known(decision, limit, answer):
    asked = application(decision=decision, limit_fen=limit)
    assert said(approved(asked, known_until=UNTIL)) == [answer]


def test_an_answer_given_later_is_not_known_yet():
    assert said(approved(application(), known_until=dt.date(2025, 1, 7))) == [None]


def test_a_loan_without_a_fault_is_kept():
    assert said(kept(application(), loan(), None, known_until=UNTIL)) == [1.0]


def test_a_grant_that_is_never_drawn_is_not_kept():
    assert said(kept(application(drawn_on=None), loan(), None, known_until=UNTIL)) == [0.0]


def test_what_became_is_not_known_before_12_months_are_over_even_where_it_failed():
    failed = loan(written_off_on=BAD_DAY)
    assert said(kept(application(), failed, None, known_until=dt.date(2026, 1, 9))) == [None]
    assert said(kept(application(), failed, None, known_until=dt.date(2026, 1, 10))) == [0.0]


@pytest.mark.parametrize("ended", ["written_off_on", "restructured_on"])
def test_an_end_in_distress_within_12_months_is_a_failure(ended):
    assert said(kept(application(), loan(**{ended: BAD_DAY}), None, known_until=UNTIL)) == [0.0]
    assert said(kept(application(), loan(**{ended: dt.date(2026, 1, 11)}), None, known_until=UNTIL)) == [1.0]


def test_a_report_of_90_days_past_due_is_a_failure():
    assert said(kept(application(), loan(days_past_due=90, known_on=BAD_DAY), None, known_until=UNTIL)) == [0.0]
    assert said(kept(application(), loan(days_past_due=89, known_on=BAD_DAY), None, known_until=UNTIL)) == [1.0]


def test_an_instalment_unpaid_after_90_days_is_a_failure():
    # Due on 1 June 2025: 90 days later is 30 August.
    on_the_day, after = instalment(BAD_DAY, dt.date(2025, 8, 30)), instalment(BAD_DAY, dt.date(2025, 8, 31))
    assert said(kept(application(), loan(), on_the_day, known_until=UNTIL)) == [1.0]
    assert said(kept(application(), loan(), after, known_until=UNTIL)) == [0.0]
    assert said(kept(application(), loan(), instalment(BAD_DAY, None), known_until=UNTIL)) == [0.0]


def test_a_loan_of_the_bank_goes_before_another_of_the_same_day():
    other = loan(loan="loan-2", lender="other", written_off_on=BAD_DAY)
    assert said(kept(application(), pl.concat([loan(), other]), None, known_until=UNTIL)) == [1.0]


def test_a_drawn_loan_that_is_not_on_record_is_not_known():
    assert said(kept(application(), loan(granted_on=BAD_DAY), None, known_until=UNTIL)) == [None]
    assert said(kept(application(), None, None, known_until=UNTIL)) == [None]


def test_a_refusal_is_never_kept_nor_failed():
    assert said(kept(application(decision="refused"), loan(), None, known_until=UNTIL)) == [None]


@pytest.mark.parametrize(
    ("decision", "codes", "answer"),
    [
        ("granted", None, 1.0),
        ("refused", "SCORE", 1.0),
        ("refused", None, 1.0),
        ("refused", "TAX_GRADE", 0.0),
        ("refused", "SCORE|OVERDUE", 0.0),
        ("withdrawn", None, None),
    ],
)
def test_a_refusal_that_names_a_rule_is_one_by_rule(decision, codes, answer):
    limit = 1 if decision == "granted" else None
    asked = application(decision=decision, limit_fen=limit).with_columns(refusal_codes=pl.lit(codes, pl.String))
    assert said(cleared(asked, known_until=UNTIL)) == [answer]
