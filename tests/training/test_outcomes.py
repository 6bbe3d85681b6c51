"""Outcomes by hand at every edge, and beside the labels of a simulated city."""

import datetime as dt

import polars as pl
import pytest

from simulation.plan import City
from simulation.tables import TELLERS, tables_in_memory
from sources.codes import placeholder_code
from sources.contracts import LOANS, REPAYMENTS
from sources.contracts.aside import LABELS
from sources.validation import validate
from training.outcomes import first_days, labels, outcomes

FIRM = placeholder_code("QQ", 1, registrar_area="110105")
AS_OF = dt.date(2024, 7, 1)
"""So the window is 2 July 2024 to 1 July 2025."""
KNOWN = dt.date(2026, 1, 1)
LOAN = {
    "enterprise_id": FIRM,
    "loan": "A",
    "lender": "L1",
    "lender_kind": "bank",
    "kind": "working_capital",
    "granted_on": "2024-01-05",
    "amount_fen": 100,
    "matures_on": "2025-12-05",
    "balance_fen": 100,
    "known_on": "2024-01-06",
}
INSTALMENT = {"enterprise_id": FIRM, "loan": "A", "instalment": 1, "due_fen": 10, "known_on": "2024-02-01"}
PUNCTUAL = INSTALMENT | {"due_on": "2024-02-05", "paid_on": "2024-02-05", "paid_fen": 10}


def rows(table, given):
    days = [name for name, dtype in table.dtypes.items() if dtype == pl.Date]
    frame = pl.DataFrame(given, infer_schema_length=None) if given else table.empty()
    texts = [name for name in days if name in frame.columns and frame.schema[name] == pl.String]
    return table.typed(frame.with_columns(pl.col(texts).str.to_date()))


def what_became(loans, instalments=(), *, as_of=AS_OF, known_until=KNOWN):
    """The outcome of the firm on one day; None where it owed nothing."""
    found = outcomes(rows(LOANS, loans), rows(REPAYMENTS, instalments), [as_of], known_until=known_until)
    return found["outcome"].item() if found.height else None


def late(due_on, paid_on=None):
    return [PUNCTUAL, INSTALMENT | {"instalment": 2, "due_on": due_on, "paid_on": paid_on}]


@pytest.mark.parametrize(
    ("due_on", "paid_on", "outcome"),
    [
        ("2024-09-01", "2024-09-01", "sound"),
        ("2024-09-01", "2024-10-01", "sound"),  # 30 days later it was paid: unpaid at the end of 29 days
        ("2024-09-01", "2024-10-02", "indeterminate"),
        ("2024-09-01", "2024-11-29", "indeterminate"),
        ("2024-09-01", "2024-11-30", "indeterminate"),  # day 90 is 30 November: on it, it was paid
        ("2024-09-01", "2024-12-01", "default"),
        ("2024-09-01", None, "default"),
    ],
)
def test_a_default_is_ninety_days_past_due_and_not_paid_by_the_end_of_that_day(due_on, paid_on, outcome):
    assert what_became([LOAN], late(due_on, paid_on)) == outcome


@pytest.mark.parametrize(
    ("due_on", "outcome"),
    [
        ("2024-04-02", "already_bad"),  # day 90 is 1 July 2024, the day itself
        ("2024-04-03", "default"),  # 2 July 2024, the first day of the window
        ("2025-04-02", "default"),  # 1 July 2025, its last day
        ("2025-04-03", "indeterminate"),  # 89 days at its end
        ("2025-06-01", "indeterminate"),  # 30 days at its end
        ("2025-06-02", "sound"),
    ],
)
def test_the_window_begins_the_day_after_and_ends_with_the_same_day_of_the_next_year(due_on, outcome):
    assert what_became([LOAN], late(due_on)) == outcome


@pytest.mark.parametrize(("paid_on", "outcome"), [("2024-07-02", "sound"), ("2024-07-03", "indeterminate")])
def test_arrears_count_on_days_of_the_window_only(paid_on, outcome):
    assert what_became([LOAN], late("2024-05-01", paid_on)) == outcome


def test_who_has_paid_all_that_was_overdue_is_judged_again():
    assert what_became([LOAN], late("2024-03-01", "2024-06-30")) == "sound"
    assert what_became([LOAN], late("2024-03-01", "2024-07-01")) == "sound"
    assert what_became([LOAN], late("2024-03-01", "2024-07-02")) == "already_bad"


def test_what_is_partly_paid_is_unpaid():
    part = INSTALMENT | {"due_on": "2024-09-01", "paid_on": None, "paid_fen": 9}
    assert what_became([LOAN], [PUNCTUAL, part | {"instalment": 2}]) == "default"


def test_nothing_due_is_never_overdue():
    nothing = INSTALMENT | {"due_on": "2024-09-01", "due_fen": 0}
    assert what_became([LOAN], [PUNCTUAL, nothing | {"instalment": 2}]) == "sound"


def test_a_closed_account_owes_no_instalment():
    closed = LOAN | {"closed_on": "2024-10-15", "balance_fen": 0, "known_on": "2024-10-16"}
    assert what_became([LOAN, closed], late("2024-09-01")) == "indeterminate"  # 44 days


@pytest.mark.parametrize("what", ["written_off_on", "restructured_on"])
@pytest.mark.parametrize(
    ("day", "outcome"), [("2024-07-01", "already_bad"), ("2024-07-02", "default"), ("2025-07-02", "sound")]
)
def test_an_account_written_off_or_restructured_in_distress_is_a_default(what, day, outcome):
    assert what_became([LOAN, LOAN | {what: day, "known_on": day}], [PUNCTUAL]) == outcome


def test_a_restructured_account_is_in_default_until_it_is_closed():
    other = LOAN | {"loan": "B", "granted_on": "2024-02-01", "known_on": "2024-02-02"}
    bad = LOAN | {"restructured_on": "2024-03-01", "known_on": "2024-03-02"}
    closed = bad | {"closed_on": "2024-06-01", "balance_fen": 0, "known_on": "2024-06-02"}
    assert what_became([other, bad], [PUNCTUAL]) == "already_bad"
    assert what_became([other, bad, closed], [PUNCTUAL]) == "sound"


def renewed():
    closed = LOAN | {"closed_on": "2024-10-05", "balance_fen": 0, "known_on": "2024-10-06"}
    return [LOAN, closed, LOAN | {"loan": "B", "renewal_of": "A", "granted_on": "2024-10-05", "known_on": "2024-10-06"}]


def test_a_renewal_is_no_default():
    principal = INSTALMENT | {"instalment": 2, "due_on": "2024-10-05", "paid_on": "2024-10-05"}
    assert what_became(renewed(), [PUNCTUAL, principal]) == "sound"


def test_the_obligor_defaults_whichever_account_it_leaves_unpaid():
    later = INSTALMENT | {"loan": "B", "due_on": "2024-11-05"}
    assert what_became(renewed(), [PUNCTUAL, later]) == "default"


@pytest.mark.parametrize(
    ("until", "outcome"), [("2025-07-01", "default"), ("2025-06-30", "immature"), ("2024-08-01", "immature")]
)
def test_a_window_that_is_not_over_is_immature_even_where_a_default_was_seen(until, outcome):
    known = dt.date.fromisoformat(until)
    assert what_became([LOAN], late("2024-04-03"), known_until=known) == outcome


def test_what_was_known_later_does_not_count():
    paid_later = late("2024-09-01", "2026-01-02")
    assert what_became([LOAN], paid_later) == "default"
    told_later = [PUNCTUAL, INSTALMENT | {"instalment": 2, "due_on": "2024-09-01", "known_on": "2026-01-02"}]
    assert what_became([LOAN], told_later) == "sound"


def test_of_versions_of_an_instalment_the_newest_counts():
    first = INSTALMENT | {"instalment": 2, "due_on": "2024-09-01"}
    second = first | {"paid_on": "2024-09-01", "known_on": "2024-12-20"}
    assert what_became([LOAN], [PUNCTUAL, second, first]) == "sound"


def test_unlike_in_features_old_arrears_are_not_forgotten():
    old = LOAN | {"granted_on": "2016-01-05", "known_on": "2016-01-06", "matures_on": "2020-01-05"}
    instalment = INSTALMENT | {"due_on": "2016-08-01", "paid_on": "2017-01-01", "known_on": "2016-08-02"}
    assert what_became([old], [instalment], as_of=dt.date(2016, 7, 1)) == "default"


@pytest.mark.parametrize(
    "change",
    [
        {"granted_on": "2024-07-02"},
        {"closed_on": "2024-07-01"},
        {"balance_fen": 0},  # paid down, though nobody said closed
        {"kind": "acceptance"},
        {"known_on": "2026-01-02"},
    ],
)
def test_who_owes_nothing_on_the_day_is_not_judged(change):
    assert what_became([LOAN | change], [PUNCTUAL]) is None


def test_who_was_granted_a_loan_on_the_day_is_judged():
    assert what_became([LOAN | {"granted_on": "2024-07-01"}], []) == "sound"


@pytest.mark.parametrize(
    ("days_past_due", "known_on", "outcome"),
    [
        (90, "2024-12-01", "default"),
        (89, "2024-12-01", "indeterminate"),
        (29, "2024-12-01", "sound"),
        (91, "2024-07-02", "already_bad"),  # day 90 was 1 July
        (90, "2024-07-02", "default"),
    ],
)
def test_without_instalments_the_days_past_due_of_versions_count(days_past_due, known_on, outcome):
    version = LOAN | {"days_past_due": days_past_due, "known_on": known_on}
    assert what_became([LOAN, version]) == outcome


def test_with_instalments_versions_say_nothing_more():
    version = LOAN | {"days_past_due": 95, "known_on": "2024-12-01"}
    assert what_became([LOAN, version], [PUNCTUAL]) == "sound"


def test_a_default_told_by_a_version_lasts_until_the_next_one():
    bad = LOAN | {"days_past_due": 95, "known_on": "2024-05-01"}
    cured = LOAN | {"days_past_due": 0, "known_on": "2024-06-15"}
    assert what_became([LOAN, bad]) == "already_bad"
    assert what_became([LOAN, bad, cured]) == "sound"


def test_several_days_are_judged_one_by_one():
    days = [dt.date(2024, 1, 1), AS_OF, dt.date(2024, 12, 1), dt.date(2025, 3, 1)]
    found = outcomes(rows(LOANS, [LOAN]), rows(REPAYMENTS, late("2024-09-01")), days, known_until=KNOWN)
    assert found.rows() == [
        (FIRM, AS_OF, "default", dt.date(2025, 7, 1)),
        (FIRM, dt.date(2024, 12, 1), "already_bad", dt.date(2024, 12, 1)),
        (FIRM, dt.date(2025, 3, 1), "already_bad", dt.date(2025, 3, 1)),
    ]


def test_without_borrowers_there_is_an_empty_frame():
    found = outcomes(LOANS.empty(), REPAYMENTS.empty(), [AS_OF], known_until=KNOWN)
    assert found.is_empty()
    assert found.columns == ["enterprise_id", "as_of", "outcome", "known_on"]
    assert labels(found).is_empty()


def test_a_window_without_months_is_refused():
    with pytest.raises(ValueError, match="got 0 months, expected 1 or more"):
        outcomes(LOANS.empty(), REPAYMENTS.empty(), [AS_OF], known_until=KNOWN, window_months=0)


def test_another_window_ends_on_another_day():
    found = outcomes(
        rows(LOANS, [LOAN]), rows(REPAYMENTS, late("2024-09-01")), [AS_OF], known_until=KNOWN, window_months=4
    )
    assert found.select("outcome", "known_on").row(0) == ("indeterminate", dt.date(2024, 11, 1))


def test_labels_are_of_those_that_defaulted_and_of_the_sound():
    kinds = ["default", "sound", "indeterminate", "immature", "already_bad"]
    end = dt.date(2025, 7, 1)
    found = pl.DataFrame(
        {
            "enterprise_id": [placeholder_code("QQ", n, registrar_area="110105") for n in range(5)],
            "as_of": AS_OF,
            "outcome": kinds,
            "known_on": end,
        }
    )
    made = labels(found)
    assert made["defaulted"].to_list() == [True, False]
    assert made["enterprise_id"].to_list() == found["enterprise_id"].to_list()[:2]
    checked = validate(LABELS, made, today=KNOWN)
    assert checked.rejects.is_empty()
    assert checked.rows.equals(made)


def test_first_days_of_months():
    found = first_days(dt.date(2023, 11, 1), dt.date(2024, 2, 1))
    assert [day.isoformat() for day in found] == ["2023-11-01", "2023-12-01", "2024-01-01", "2024-02-01"]
    assert first_days(dt.date(2023, 11, 2), dt.date(2023, 12, 31)) == (dt.date(2023, 12, 1),)
    assert first_days(dt.date(2024, 2, 2), dt.date(2024, 2, 28)) == ()


def test_in_a_simulated_city_derived_labels_are_nearly_those_given():
    """They need not be equal: the city's default is the third month of unpaid bills, 83 to 90 days past due."""
    city = City(enterprises=2_000, months=30, seed=1, until=dt.date(2026, 10, 31))
    told = tables_in_memory(city, tellers={name: TELLERS[name] for name in ("loans", "repayments", "labels")})
    given = told["labels"]
    days = given["as_of"].unique().to_list()
    derived = labels(outcomes(told["loans"], told["repayments"], days, known_until=city.until))
    both = derived.join(given, on=["enterprise_id", "as_of"], suffix="_given")
    assert both.height > 0.85 * given.height  # the others are indeterminate
    assert (both["defaulted"] == both["defaulted_given"]).mean() > 0.985
    found = both.filter("defaulted_given")["defaulted"].mean()
    assert found > 0.85
