"""From records to what screening says: one enterprise as in its city, and nothing from the future."""

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from screened_firms import AS_OF, CODE, SOUND, policy

from decisions.screening.columns import SINCE, UNITS
from decisions.screening.screening import screen
from decisions.screening.signals import signals_of
from decisions.screening.words import answer_of
from simulation.plan import City
from simulation.tables import tables_in_memory
from sources.contracts import CREDIT_REPORTS, LEGAL_EVENTS, LOANS, REGISTRY, REGISTRY_CHANGES, TABLES
from sources.records import Records

FIRMS = 24
MIDDLE = dt.date(2026, 3, 31)


@pytest.fixture(scope="module")
def city():
    told = tables_in_memory(City(enterprises=FIRMS, months=20, seed=3, until=AS_OF))
    return Records.of({name: told[name] for name in TABLES if name in told})


def of(**frames):
    return Records.of(frames, enterprises=pl.Series([CODE]))


def entry(**changes):
    row = dict.fromkeys(REGISTRY.dtypes) | {
        "enterprise_id": CODE, "legal_form": "limited_company", "status": "active", "industry": "C3525",
        "district": "110108", "established_on": dt.date(2020, 5, 1), "known_on": dt.date(2020, 5, 1),
    }  # fmt: skip
    return typed(REGISTRY, [row | changes])


def typed(table, rows):
    schema = {name: pl.String() if isinstance(kind, pl.Enum) else kind for name, kind in table.dtypes.items()}
    return table.typed(pl.DataFrame([dict.fromkeys(schema) | row for row in rows], schema=schema))


def one(records, as_of=AS_OF, needs=None):
    found = screen(records, as_of=as_of, policy=policy(), needs=needs)
    return found.firms.row(0, named=True)


def test_an_enterprise_by_itself_is_screened_as_in_its_city(city):
    together = screen(city, as_of=AS_OF, policy=policy())
    for place in (0, 7, FIRMS - 1):
        alone = screen(city.only(city.enterprises.slice(place, 1)), as_of=AS_OF, policy=policy())
        assert_frame_equal(alone.firms, together.firms[place : place + 1])


def test_what_becomes_known_later_changes_nothing(city):
    cut = replace(city, **{name: frame.filter(pl.col("known_on") <= MIDDLE) for name, frame in city.tables()})
    before, after = (screen(some, as_of=MIDDLE, policy=policy()).firms for some in (cut, city))
    assert_frame_equal(before, after)


def test_every_enterprise_of_a_city_gets_an_answer_with_reasons(city):
    found = screen(city, as_of=AS_OF, policy=policy())
    answers = [answer_of(row, found) for row in found.rows()]
    assert [answer["enterprise_id"] for answer in answers] == city.enterprises.to_list()
    assert all(answer["reasons"] for answer in answers)


def test_signals_have_every_column_that_a_rule_may_ask_about(city):
    columns = set(signals_of(city, AS_OF, policy()).columns)
    assert (set(UNITS) | SINCE) - {"zombie", "shell"} <= columns
    assert set(SOUND) <= columns


def test_a_district_brings_its_own_least_age():
    rules = policy()
    own = rules.minimum_age.model_copy(update={"district": "110105", "months": 3, "fails_below": None})
    rules = replace(rules, minimum_age_of={"110105": own})
    for district, ages in {"110105": (3, 3), "110108": (12, 6)}.items():
        row = screen(of(registry=entry(district=district)), as_of=AS_OF, policy=rules).firms.row(0, named=True)
        assert (row["minimum_age_months"], row["fail_age_months"]) == ages


def test_with_the_register_alone_nothing_is_said_of_loans():
    assert one(of(registry=entry()))["never_lent"] is None


def test_without_a_loan_on_record_a_firm_was_never_lent_to():
    assert one(of(registry=entry(), loans=LOANS.empty()))["never_lent"] == 1


def test_a_credit_report_with_an_old_loan_outweighs_an_empty_list_of_loans():
    report = {
        "enterprise_id": CODE, "reported_on": dt.date(2026, 9, 1), "known_on": dt.date(2026, 9, 1),
        "short_term_loans": 1, "mid_long_term_loans": 0,
    }  # fmt: skip
    known = {name: value for name, value in report.items() if name in CREDIT_REPORTS.dtypes}
    records = of(registry=entry(), loans=LOANS.empty(), credit_reports=typed(CREDIT_REPORTS, [known]))
    assert one(records)["never_lent"] == 0


def test_a_list_entry_with_every_report_filed_points_to_the_address():
    events = [
        {"enterprise_id": CODE, "kind": "annual_report", "on": dt.date(year + 1, 3, 1), "report_year": year,
         "known_on": dt.date(year + 1, 3, 1)}
        for year in range(2020, 2026)
    ]  # fmt: skip
    listed = {"enterprise_id": CODE, "kind": "abnormal_in", "on": dt.date(2026, 8, 3), "known_on": dt.date(2026, 8, 3)}
    row = one(of(registry=entry(premises_kind="leased"), registry_changes=typed(REGISTRY_CHANGES, [*events, listed])))
    assert (row["standard:fixed_premises"], row["listed_since"]) == ("fail", dt.date(2026, 8, 3))
    row = one(of(registry=entry(premises_kind="leased"), registry_changes=typed(REGISTRY_CHANGES, [listed])))
    assert row["standard:fixed_premises"] == "unknown"


def test_a_dishonest_debtor_is_told_since_when():
    event = {
        "enterprise_id": CODE, "case": "1", "kind": "dishonest_list", "opened_on": dt.date(2026, 5, 26),
        "known_on": dt.date(2026, 5, 26),
    }  # fmt: skip
    row = one(of(registry=entry(), legal_events=typed(LEGAL_EVENTS, [event])))
    assert (row["standard:good_credit"], row["dishonest_since"]) == ("fail", dt.date(2026, 5, 26))


def test_a_stated_need_is_set_against_sales_and_its_purpose_against_the_law():
    needs = pl.DataFrame(
        {"enterprise_id": [CODE], "wanted_fen": [10_000_000], "purpose": ["securities"]},
    )
    row = one(of(registry=entry()), needs=needs)
    assert (row["need"], row["purpose_lawful"], row["standard:lawful_use"]) == ("stated", "no", "fail")


def test_who_was_asked_and_states_nothing_has_no_need_where_credit_shows_none():
    needs = pl.DataFrame(schema={"enterprise_id": pl.String, "wanted_fen": pl.Int64, "purpose": pl.String})
    assert one(of(registry=entry()), needs=needs)["need"] is None
