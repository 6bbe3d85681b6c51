"""What `known_by` leaves of each kind of table: versions, later changes, forgotten negatives, consents."""

import datetime as dt

import polars as pl
from samples import ENTERPRISES

from sources.contracts import CONSENTS, LEGAL_EVENTS, LOANS, TAX_FILINGS, TAX_RATINGS
from sources.records import Records

FIRM, OTHER = ENTERPRISES
JANUARY, MARCH, MAY = dt.date(2026, 1, 10), dt.date(2026, 3, 10), dt.date(2026, 5, 10)


def frame(table, *rows):
    return table.typed(pl.DataFrame([{"enterprise_id": FIRM, **row} for row in rows], infer_schema_length=None))


def loan(**changed):
    return {
        "loan": "l-1", "lender": "b-1", "lender_kind": "bank", "kind": "working_capital", "granted_on": JANUARY,
        "amount_fen": 100, "matures_on": dt.date(2027, 1, 9), "balance_fen": 100, "known_on": JANUARY,
    } | changed  # fmt: skip


def known(as_of, **tables):
    return Records.of(tables, enterprises=pl.Series(ENTERPRISES)).known_by(as_of)


def test_of_versions_the_newest_known_is_left():
    loans = frame(LOANS, loan(), loan(balance_fen=60, known_on=MARCH), loan(balance_fen=0, known_on=MAY))
    assert [known(day, loans=loans).loans["balance_fen"].to_list() for day in (JANUARY, MARCH, MAY)] == [
        [100],
        [60],
        [0],
    ]


def test_the_same_number_with_another_enterprise_is_another_thing():
    loans = frame(LOANS, loan(), loan(enterprise_id=OTHER, known_on=MARCH))
    assert known(MAY, loans=loans).loans.height == 2


def test_what_a_version_says_of_a_day_to_come_is_not_known_yet():
    told = loan(closed_on=MARCH, known_on=JANUARY)
    assert known(JANUARY, loans=frame(LOANS, told)).loans["closed_on"].to_list() == [None]
    assert known(MARCH, loans=frame(LOANS, told)).loans["closed_on"].to_list() == [MARCH]


def filing(**changed):
    return {
        "tax_type": "vat", "period_start": dt.date(2025, 12, 1), "period_end": dt.date(2025, 12, 31), "due_fen": 50,
        "filed_on": JANUARY, "paid_on": MARCH, "paid_fen": 50, "known_on": JANUARY,
    } | changed  # fmt: skip


def test_what_comes_with_a_change_is_unknown_before_it():
    filings = frame(TAX_FILINGS, filing())
    assert known(JANUARY, tax_filings=filings).tax_filings.select("paid_on", "paid_fen").row(0) == (None, None)
    assert known(MARCH, tax_filings=filings).tax_filings.select("paid_on", "paid_fen").row(0) == (MARCH, 50)


def test_an_amended_return_stands_in_the_place_of_the_first():
    filings = frame(TAX_FILINGS, filing(), filing(due_fen=80, filed_on=MARCH, known_on=MARCH))
    assert known(JANUARY, tax_filings=filings).tax_filings["due_fen"].to_list() == [50]
    assert known(MARCH, tax_filings=filings).tax_filings["due_fen"].to_list() == [80]


def test_a_grade_is_mended_on_the_day_of_repair():
    rating = {
        "year": 2024, "grade": "D", "published_on": dt.date(2025, 4, 20), "repaired_on": MARCH,
        "grade_after_repair": "C", "known_on": dt.date(2025, 4, 20),
    }  # fmt: skip
    ratings = frame(TAX_RATINGS, rating)
    seen = [known(day, tax_ratings=ratings).tax_ratings["grade_after_repair"].to_list() for day in (JANUARY, MARCH)]
    assert seen == [[None], ["C"]]


def case(**changed):
    return {
        "case": "x",
        "kind": "enforcement",
        "opened_on": dt.date(2019, 1, 1),
        "known_on": dt.date(2019, 1, 1),
    } | changed


def test_an_older_version_does_not_come_back_when_the_newest_is_forgotten_or_repaired():
    closed = case(closed_on=dt.date(2020, 1, 1), known_on=dt.date(2020, 1, 1))
    repaired = case(case="y", repaired_on=MARCH, known_on=MARCH)
    cases = frame(LEGAL_EVENTS, case(), closed, case(case="y"), repaired)
    assert known(dt.date(2025, 1, 1), legal_events=cases).legal_events["case"].sort().to_list() == ["x", "y"]
    assert known(MAY, legal_events=cases).legal_events["case"].to_list() == []


def test_a_negative_counts_for_five_years_to_the_day():
    cases = frame(LEGAL_EVENTS, case(closed_on=dt.date(2020, 2, 29)))
    assert known(dt.date(2025, 2, 28), legal_events=cases).legal_events.height == 1
    assert known(dt.date(2025, 3, 1), legal_events=cases).legal_events.height == 0


def test_what_is_known_by_a_day_is_known_by_it_twice():
    loans, cases = frame(LOANS, loan(), loan(balance_fen=60, known_on=MARCH)), frame(LEGAL_EVENTS, case())
    once = known(MAY, loans=loans, legal_events=cases)
    assert dict(once.known_by(MAY).tables())["loans"].equals(once.loans)
    assert dict(once.known_by(MAY).tables())["legal_events"].equals(once.legal_events)


def consent(**changed):
    return {
        "block": "credit",
        "granted_on": JANUARY,
        "ends_on": None,
        "revoked_on": None,
        "known_on": JANUARY,
    } | changed


def loans_seen(as_of, *consents):
    loans = frame(LOANS, loan(), loan(enterprise_id=OTHER))
    return known(as_of, loans=loans, consents=frame(CONSENTS, *consents)).loans["enterprise_id"].to_list()


def test_rows_of_a_block_are_used_for_whoever_consented_to_it():
    assert loans_seen(MARCH, consent()) == [FIRM]
    assert loans_seen(MARCH, consent(), consent(enterprise_id=OTHER)) == [FIRM, OTHER]
    assert loans_seen(MARCH, consent(block="tax")) == []


def test_a_consent_lasts_to_its_last_day_and_ends_with_the_day_it_is_revoked():
    assert [loans_seen(day, consent(ends_on=MARCH)) for day in (MARCH, MARCH + dt.timedelta(days=1))] == [[FIRM], []]
    assert [loans_seen(day, consent(revoked_on=MARCH)) for day in (MARCH - dt.timedelta(days=1), MARCH)] == [[FIRM], []]


def test_a_consent_given_later_does_not_open_the_past():
    assert loans_seen(JANUARY, consent(granted_on=MARCH, known_on=MARCH)) == []


def test_public_blocks_need_no_consent():
    seen = known(MARCH, legal_events=frame(LEGAL_EVENTS, case()), consents=frame(CONSENTS, consent(block="tax")))
    assert seen.legal_events.height == 1
