"""What is bad counts as long as it lasts, for five years from its end, and not once it is repaired.

征信业管理条例, article 16. All stand on 15 March 2026: what ended on 15 March 2021 counts for the last day, what ended
the day before is forgotten.
"""

import datetime as dt
from dataclasses import dataclass

import polars as pl
import pytest
from samples import AS_OF, ENTERPRISES

from features.credit import debt, exposure, repayment
from features.definition import Feature
from features.ip import titles
from features.legal import courts, penalties
from features.people import contributions
from features.profile import profiles
from features.registry import governance
from features.tax import filings, grades
from features.trade import orders
from sources.contracts import TABLES
from sources.records import Records

FIRM = ENTERPRISES[0]
LONG_AGO = dt.date(2016, 1, 1)
LAST_DAY = dt.date(2021, 3, 15)
FORGOTTEN = dt.date(2021, 3, 14)
LATER = AS_OF + dt.timedelta(days=1)


@dataclass(frozen=True)
class Negative:
    """A fact of one table that is bad.

    Attributes:
        row: what it is, without its end.
        ends: the column that says when it ended, or when it happened for what is over with its day.
        beside: further rows that end with it.
        can_last: whether it lasts while that column is null.
    """

    table: str
    row: dict[str, object]
    ends: str
    beside: tuple[dict[str, object], ...] = ()
    can_last: bool = True

    @property
    def is_change(self) -> bool:
        """Whether only the change is forgotten and not the row that carries it."""
        return self.ends in TABLES[self.table].negative_changes

    def rows(self, end: dt.date | None) -> list[dict[str, object]]:
        """The rows as they stand with this end, known from their beginning."""
        known_on = LONG_AGO if self.ends in TABLES[self.table].changes_later else end
        return [{"known_on": known_on, **row, self.ends: end} for row in (self.row, *self.beside)]


MONTH = {"month": LONG_AGO, "declared_on": LONG_AGO, "headcount": 3, "due_fen": 10}
TAX_RETURN = {"tax_type": "vat", "period_start": LONG_AGO, "period_end": LONG_AGO, "filed_on": LONG_AGO}
CERTIFICATE = {"certificate": "c", "kind": "quality_system", "valid_from": LONG_AGO, "valid_to": dt.date(2030, 1, 1)}
CONTRACT = {"order": "o", "buyer": "b", "signed_on": LONG_AGO, "amount_fen": 10, "due_on": dt.date(2030, 1, 1)}
LOAN = {
    "loan": "l", "lender": "b", "lender_kind": "bank", "kind": "working_capital", "granted_on": LONG_AGO,
    "amount_fen": 10, "matures_on": dt.date(2030, 1, 1), "balance_fen": 10,
}  # fmt: skip
INSTALMENT = {"loan": "l", "instalment": 1, "due_on": LONG_AGO, "due_fen": 10}
GUARANTEE = {"guarantee": "g", "guaranteed": "f", "amount_fen": 10, "starts_on": LONG_AGO}

NEGATIVES = {
    "an entry in a list of the register": Negative(
        "registry_changes", {"kind": "abnormal_in"}, "on", beside=({"kind": "abnormal_out"},), can_last=False
    ),
    "a related party in default": Negative(
        "related_parties",
        {"party": "p", "kind": "subsidiary", "since": LONG_AGO},
        "adverse_on",
        can_last=False,
    ),
    "tax paid late": Negative("tax_filings", {**TAX_RETURN, "due_fen": 10, "arrears_fen": 10}, "paid_on"),
    "a return without tax filed late": Negative(
        "tax_filings", {**TAX_RETURN, "due_fen": 0}, "filed_on", can_last=False
    ),
    "a tax-credit grade": Negative("tax_ratings", {"year": 2015, "grade": "D"}, "published_on", can_last=False),
    "social insurance paid late": Negative("social_insurance", MONTH, "paid_on"),
    "housing fund paid late": Negative("housing_fund", MONTH, "paid_on"),
    "a bill paid late": Negative(
        "utilities", {"month": LONG_AGO, "kind": "gas", "billed_fen": 10, "billed_on": LONG_AGO}, "paid_on"
    ),
    "a certificate withdrawn": Negative("qualifications", CERTIFICATE, "revoked_on", can_last=False),
    "a suit": Negative("legal_events", {"case": "x", "kind": "defendant", "opened_on": LONG_AGO}, "closed_on"),
    "an entry in the list of dishonest debtors": Negative(
        "legal_events", {"case": "x", "kind": "dishonest_list", "opened_on": LONG_AGO}, "closed_on"
    ),
    "a penalty": Negative("legal_events", {"case": "x", "kind": "penalty"}, "opened_on", can_last=False),
    "an order called off": Negative("orders", CONTRACT, "cancelled_on", can_last=False),
    "a loan restructured": Negative("loans", LOAN, "restructured_on", can_last=False),
    "a loan written off": Negative("loans", LOAN, "written_off_on", can_last=False),
    "an instalment paid late": Negative("repayments", INSTALMENT, "paid_on"),
    "a guarantee called": Negative("guarantees", GUARANTEE, "called_on", can_last=False),
    "an enquiry": Negative("enquiries", {"lender": "b", "reason": "loan_approval"}, "on", can_last=False),
}
every_negative = pytest.mark.parametrize("negative", NEGATIVES.values(), ids=NEGATIVES)
every_lasting = pytest.mark.parametrize(
    "negative",
    [one for one in NEGATIVES.values() if one.can_last],
    ids=[name for name, one in NEGATIVES.items() if one.can_last],
)


def records(**tables):
    frames = {
        name: TABLES[name].typed(
            pl.DataFrame([{"enterprise_id": FIRM, **row} for row in rows], infer_schema_length=None)
        )
        for name, rows in tables.items()
    }
    return Records.of(frames, enterprises=pl.Series(ENTERPRISES))


def counts(negative, end):
    """Whether the negative fact is still told by what is known."""
    known = records(**{negative.table: negative.rows(end)}).known_by(AS_OF).table(negative.table)
    return known[negative.ends].drop_nulls().len() > 0 if negative.is_change else known.height > 0


def test_every_table_with_negatives_is_tried():
    carrying = {
        table.name for table in TABLES.values()
        if table.negative_until is not None or table.negative_changes or table.repaired_on
    }  # fmt: skip
    assert {one.table for one in NEGATIVES.values()} == carrying
    changes = {(table.name, change) for table in TABLES.values() for change in table.negative_changes}
    assert changes <= {(one.table, one.ends) for one in NEGATIVES.values()}


@every_negative
def test_what_ended_five_years_ago_counts_for_the_last_day(negative):
    assert counts(negative, LAST_DAY)


@every_negative
def test_what_ended_more_than_five_years_ago_counts_no_more(negative):
    assert not counts(negative, FORGOTTEN)


@every_lasting
def test_what_has_not_ended_counts_however_long_ago_it_began(negative):
    assert counts(negative, None)


@every_lasting
def test_what_ends_tomorrow_has_not_ended(negative):
    assert counts(negative, LATER)


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("registry_changes", {"kind": "serious_in", "on": AS_OF}),
        ("legal_events", {"case": "x", "kind": "dishonest_list", "opened_on": AS_OF}),
        ("legal_events", {"case": "x", "kind": "penalty", "opened_on": AS_OF}),
    ],
)
def test_what_is_repaired_counts_no_more_from_that_day(table, row):
    def rows_left(repaired_on):
        given = records(**{table: [{**row, "known_on": AS_OF, "repaired_on": repaired_on}]})
        return given.known_by(AS_OF).table(table).height

    assert [rows_left(day) for day in (None, LATER, AS_OF)] == [1, 1, 0]


def test_every_table_that_knows_repair_is_tried():
    assert {table.name for table in TABLES.values() if table.repaired_on} == {"registry_changes", "legal_events"}


MODULES = (courts, penalties, orders, debt, exposure, repayment, governance, titles, contributions, filings, grades)
BY_NAME = {one.name: one for module in MODULES for one in vars(module).values() if isinstance(one, Feature)}


def value(name, negative, end):
    given = records(**{negative.table: negative.rows(end)})
    return profiles(given, [BY_NAME[name]], AS_OF).filter(enterprise_id=FIRM)[name].item()


@pytest.mark.parametrize(
    ("what", "name", "counted", "forgotten"),
    [
        ("an entry in a list of the register", "abnormal_entries_5y", 1, 0),
        ("a related party in default", "adverse_parties", 1, 0),
        ("a tax-credit grade", "low_tax_grade_years_5y", 1, 0),
        ("a suit", "days_since_adverse_event", 3726, None),
        ("a penalty", "days_since_adverse_event", 1826, None),
        ("a loan restructured", "loans_restructured_60m", 1, 0),
        ("a loan written off", "loans_written_off_60m", 1, 0),
        ("an instalment paid late", "days_since_late", 1826, None),
        ("a guarantee called", "guarantees_called_60m", 1, 0),
    ],
)
def test_features_forget_what_ended(what, name, counted, forgotten):
    """From 15 March 2021 there are 5 x 365 + 1 days, from 1 January 2016 10 x 365 + 3 and the 73 of this year."""
    assert value(name, NEGATIVES[what], LAST_DAY) == counted
    assert value(name, NEGATIVES[what], FORGOTTEN) == forgotten


@pytest.mark.parametrize(
    ("what", "name", "lasting"),
    [
        ("tax paid late", "tax_arrears_now", 10),
        ("social insurance paid late", "insurance_arrears", 10),
        ("a suit", "suits_against_now", 1),
        ("an entry in the list of dishonest debtors", "dishonest_now", 1),
        ("an instalment paid late", "days_past_due_now", 3726),
    ],
)
def test_features_tell_what_lasts_however_long_ago_it_began(what, name, lasting):
    assert value(name, NEGATIVES[what], None) == lasting
    assert value(name, NEGATIVES[what], LATER) == lasting
    assert value(name, NEGATIVES[what], AS_OF) == 0


def test_an_unpaid_loan_is_still_owed_when_its_write_off_is_forgotten():
    assert value("loan_balance", NEGATIVES["a loan written off"], FORGOTTEN) == 10


def test_who_never_left_a_list_is_on_it():
    entry = Negative("registry_changes", {"kind": "abnormal_in"}, "on")
    assert value("on_abnormal_list", entry, LONG_AGO) == 1


def test_a_certificate_does_not_come_back_when_its_withdrawal_is_forgotten():
    assert value("valid_certificates", NEGATIVES["a certificate withdrawn"], FORGOTTEN) == 0


def test_an_order_does_not_come_back_when_its_end_is_forgotten():
    assert value("order_backlog", NEGATIVES["an order called off"], FORGOTTEN) == 0
