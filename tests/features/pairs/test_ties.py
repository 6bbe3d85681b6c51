"""Ties to banks, by hand: all stand on 15 March 2026."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pairs_by_hand import DAY, FIRM_CODE
from polars.testing import assert_frame_equal
from samples import AS_OF, ENTERPRISES
from samples_all import records_of_all
from samples_credit import STRATEGIES

from features.credit.debt import loans_ever
from features.pairs.ties import bank_ties
from features.profile import profiles
from sources.contracts import CONSENTS, TABLES
from sources.contracts.offers import Ties
from sources.records import Records


def day(text):
    return dt.date.fromisoformat(text)


LOAN = {
    "enterprise_id": FIRM_CODE, "loan": "l-1", "lender": "bob", "lender_kind": "bank", "kind": "working_capital",
    "granted_on": day("2025-03-20"), "amount_fen": 100, "matures_on": day("2026-09-20"), "balance_fen": 60,
    "known_on": day("2025-03-20"),
}  # fmt: skip
INSTALMENT = {
    "enterprise_id": FIRM_CODE, "loan": "l-1", "instalment": 1, "due_on": day("2026-03-14"), "due_fen": 10,
    "known_on": day("2026-01-01"),
}  # fmt: skip


def table(name, plain, rows):
    made = TABLES | {"consents": CONSENTS}
    return made[name].typed(pl.DataFrame([plain | row for row in rows])) if rows else made[name].empty()


def found(*loans, instalments=None, consents=None, as_of=DAY):
    given = {"loans": table("loans", LOAN, loans)}
    if instalments is not None:
        given["repayments"] = table("repayments", INSTALMENT, instalments)
    if consents is not None:
        given["consents"] = table("consents", {"enterprise_id": FIRM_CODE}, consents)
    return bank_ties(Records.of(given, enterprises=pl.Series([FIRM_CODE])), as_of).rows(named=True)


def test_a_tie_says_what_the_bank_lent_and_what_is_owed():
    """Two open loans of 60 and 40, one paid down; the newest was granted a day less than a year ago."""
    [tie] = found(
        {}, {"loan": "l-2", "balance_fen": 40, "granted_on": day("2024-03-20")}, {"loan": "l-3", "balance_fen": 0}
    )
    assert tie == {
        "enterprise_id": FIRM_CODE, "as_of": DAY, "bank_id": "bob", "loans_open": 2, "loans_ever": 3,
        "balance_fen": 100, "is_overdue": False, "months_since": 11,
    }  # fmt: skip


def test_ties_are_those_of_banks_and_of_loans():
    others = [
        {"loan": "l-2", "lender_kind": "leasing"},
        {"loan": "l-3", "kind": "acceptance"},
        {"loan": "l-4", "kind": "discount"},
    ]
    assert found(*others) == []


def test_banks_are_told_in_the_order_of_their_ids():
    ties = found({"lender": "icbc"}, {"loan": "l-2", "lender": "abc"})
    assert [tie["bank_id"] for tie in ties] == ["abc", "icbc"]


@pytest.mark.parametrize(
    ("loan", "instalment", "overdue"),
    [
        ({"days_past_due": 1}, None, True),
        ({"days_past_due": 0}, {}, True),
        ({}, {}, True),
        ({}, {"due_on": day("2026-03-15")}, False),
        ({}, {"paid_on": day("2026-03-15")}, False),
        ({}, {"loan": "l-2"}, False),
        ({"days_past_due": 9, "balance_fen": 0}, {}, False),
        ({"days_past_due": 9, "closed_on": day("2026-03-01")}, {}, False),
    ],
)
def test_a_tie_is_overdue_while_an_open_loan_is(loan, instalment, overdue):
    [tie] = found(loan, instalments=None if instalment is None else [instalment])
    assert tie["is_overdue"] is overdue


def test_a_loan_is_told_by_its_newest_version():
    """Paid down by a version known in March; what a later version says is not known yet."""
    paid = {"balance_fen": 0, "known_on": day("2026-03-01")}
    late = {"days_past_due": 30, "known_on": day("2026-03-16")}
    [tie] = found({}, paid, late)
    assert (tie["loans_open"], tie["loans_ever"], tie["is_overdue"]) == (0, 1, False)


def test_a_loan_of_tomorrow_is_not_known():
    assert found({"granted_on": day("2026-03-16"), "known_on": day("2026-03-16")}) == []


CONSENT = {"block": "credit", "granted_on": day("2026-01-01"), "known_on": day("2026-01-01")}


@pytest.mark.parametrize(("consents", "count"), [([], 0), ([CONSENT], 1), ([CONSENT | {"block": "tax"}], 0)])
def test_without_consent_to_the_credit_block_nothing_is_known(consents, count):
    assert len(found({}, consents=consents)) == count


def test_where_loans_were_not_given_there_are_no_ties():
    ties = bank_ties(Records.of({}, enterprises=pl.Series([FIRM_CODE])), DAY)
    assert ties.is_empty()
    assert ties.columns == list(Ties.columns())


few = settings(max_examples=25)
CREDIT = st.fixed_dictionaries({name: STRATEGIES[name] for name in ("loans", "repayments")})


@few
@given(CREDIT)
def test_ties_keep_their_contract_and_never_say_more_than_the_loans_on_record(rows):
    records = records_of_all(rows)
    ties = bank_ties(records, AS_OF)
    Ties.validate(ties)
    lent = dict(profiles(records, [loans_ever], AS_OF).select("enterprise_id", "loans_ever").iter_rows())
    for firm, known in lent.items():
        assert sum(ties.filter(enterprise_id=firm)["loans_ever"]) <= (known or 0)


@few
@given(CREDIT)
def test_ties_of_one_are_as_in_a_batch(rows):
    records = records_of_all(rows)
    together = bank_ties(records, AS_OF)
    for firm in ENTERPRISES:
        alone = bank_ties(records.only(pl.Series([firm])), AS_OF)
        assert_frame_equal(alone, together.filter(enterprise_id=firm))
