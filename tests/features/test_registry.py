"""The register: the laws of every block, and the edges of its features worked out by hand.

Unless said otherwise all stand on 15 March 2026.
"""

import datetime as dt

import block_laws
import pytest
from block_laws import of_first
from hypothesis import given, settings
from hypothesis import strategies as st
from references.registry import reference
from samples import AS_OF, ENTERPRISES
from samples_registry import STRATEGIES

from features.definition import Feature
from features.registry import entry, governance

FEATURES = [value for module in (entry, governance) for value in vars(module).values() if isinstance(value, Feature)]
DAYS = (AS_OF, dt.date(2026, 3, 1), dt.date(2025, 6, 30), dt.date(2025, 7, 1), dt.date(2024, 2, 29))
tables = st.fixed_dictionaries(STRATEGIES)


@given(tables)
def test_the_samples_keep_their_contracts(rows):
    block_laws.the_samples_keep_their_contracts(rows)


@given(tables)
def test_a_profile_is_the_same_alone_and_in_a_batch(rows):
    block_laws.alone_is_as_in_a_batch(rows, FEATURES)


@given(tables, tables)
def test_nothing_known_later_changes_a_profile(rows, more):
    block_laws.what_is_known_later_changes_nothing(rows, more, FEATURES)


@given(tables)
def test_neither_order_nor_unit_matters_and_every_value_is_finite(rows):
    block_laws.the_order_of_rows_is_nothing(rows, FEATURES)
    block_laws.money_has_no_unit(rows, FEATURES)
    block_laws.every_value_is_null_or_finite(rows, FEATURES)


@settings(max_examples=150)
@given(tables, st.sampled_from(DAYS))
def test_the_slow_reference_says_the_same(rows, as_of):
    block_laws.equals_the_reference(rows, FEATURES, reference, as_of)


def entered(**given):
    """A version of the entry; what is not given is unknown."""
    names = [name for name in block_laws.TABLES["registry"].dtypes if name not in {"enterprise_id", "known_on"}]
    known = {"enterprise_id": ENTERPRISES[0], "known_on": dt.date(2026, 1, 1)}
    return dict.fromkeys(names) | known | given


def event(kind, on, **other):
    row = {"enterprise_id": ENTERPRISES[0], "kind": kind, "on": on, "report_year": None, "repaired_on": None}
    return {**row, "known_on": on} | other


def report(year, on):
    return event("annual_report", on, report_year=year)


def party(name, **other):
    row = {"enterprise_id": ENTERPRISES[0], "party": name, "kind": "shareholder", "share_bp": None, "until": None}
    return row | {"since": dt.date(2020, 1, 1), "adverse_on": None, "known_on": dt.date(2020, 1, 1)} | other


def value_of(name, as_of=AS_OF, **tables):
    empty = {"registry": [], "registry_changes": [], "related_parties": []}
    return of_first(empty | tables, FEATURES, as_of)[name]


@pytest.mark.parametrize(
    ("established_on", "months"),
    [(dt.date(2025, 3, 15), 12), (dt.date(2025, 3, 16), 11), (dt.date(2026, 3, 15), 0), (dt.date(2016, 2, 29), 120)],
)
def test_a_month_of_age_is_whole_when_its_day_is_reached(established_on, months):
    assert value_of("age_months", registry=[entered(established_on=established_on)]) == months


def test_the_newest_entry_known_speaks():
    old = entered(registered_capital_fen=100, known_on=dt.date(2024, 1, 1))
    new = entered(registered_capital_fen=400, paid_in_capital_fen=100, premises_kind="leased")
    future = entered(registered_capital_fen=900, known_on=dt.date(2026, 3, 16))
    seen = of_first({"registry": [future, old, new]}, FEATURES)
    assert (seen["registered_capital"], seen["paid_in_share"], seen["premises_owned"]) == (400, 0.25, 0)


@pytest.mark.parametrize(
    ("registered", "paid", "share"), [(100, 150, 1), (100, 0, 0), (100, None, None), (0, 0, None), (None, 5, None)]
)
def test_paid_in_capital_is_a_share_of_what_was_registered(registered, paid, share):
    row = entered(registered_capital_fen=registered, paid_in_capital_fen=paid)
    assert value_of("paid_in_share", registry=[row]) == share


def test_changes_of_the_running_month_count_and_those_before_24_months_do_not():
    days = [dt.date(2026, 3, 14), dt.date(2024, 3, 1), dt.date(2024, 2, 29)]
    rows = [event("legal_rep", day) for day in days] + [event("capital", days[0]), event("shareholder", days[1])]
    seen = of_first({"registry_changes": rows}, FEATURES)
    assert (seen["legal_rep_changes_24m"], seen["ownership_changes_24m"], seen["address_changes_24m"]) == (2, 2, 0)


def test_a_firm_is_on_the_list_until_it_is_taken_off():
    listed, off = event("abnormal_in", dt.date(2024, 5, 1)), event("abnormal_out", dt.date(2024, 9, 1))
    again = event("abnormal_in", dt.date(2025, 5, 1))
    assert value_of("on_abnormal_list", registry_changes=[listed]) == 1
    assert value_of("on_abnormal_list", registry_changes=[listed, off]) == 0
    assert value_of("on_abnormal_list", registry_changes=[again, off, listed]) == 1
    assert value_of("abnormal_entries_5y", registry_changes=[again, off, listed]) == 2


def test_taken_off_on_the_day_of_entry_is_off():
    day = dt.date(2025, 5, 1)
    assert value_of("on_serious_list", registry_changes=[event("serious_in", day), event("serious_out", day)]) == 0


def test_a_repaired_entry_and_one_of_more_than_five_years_ago_count_no_more():
    """Five years run from the day on which the firm left the list; while it is on it, the entry counts."""
    repaired = event("abnormal_in", dt.date(2025, 5, 1), repaired_on=AS_OF)
    entry = event("abnormal_in", dt.date(2020, 1, 1))
    old, recent = event("abnormal_out", dt.date(2021, 3, 14)), event("abnormal_out", dt.date(2021, 3, 15))
    assert value_of("abnormal_entries_5y", registry_changes=[repaired, entry, old]) == 0
    assert value_of("abnormal_entries_5y", registry_changes=[repaired, entry, recent]) == 1
    assert value_of("abnormal_entries_5y", registry_changes=[repaired, entry]) == 1
    tomorrow = event("abnormal_in", dt.date(2025, 5, 1), repaired_on=dt.date(2026, 3, 16))
    assert value_of("on_abnormal_list", registry_changes=[tomorrow]) == 1


@pytest.mark.parametrize(
    ("as_of", "missing"),
    [(dt.date(2026, 6, 30), 1), (dt.date(2026, 7, 1), 2), (dt.date(2025, 6, 30), 0), (dt.date(2025, 7, 1), 1)],
)
def test_a_report_is_missing_when_its_time_is_over(as_of, missing):
    """Reports for 2022 and 2023 are there. To 30 June 2026 those for 2023 and 2024 are due, then 2024 and 2025."""
    known = {"known_on": dt.date(2024, 1, 1)}
    rows = [report(2022, dt.date(2023, 5, 1)), report(2023, dt.date(2024, 5, 1))]
    entries = [entered(established_on=dt.date(2015, 1, 1), **known)]
    assert value_of("missing_annual_reports", as_of, registry=entries, registry_changes=rows) == missing


def test_no_report_is_owed_for_years_before_the_firm_was_there():
    """Founded in 2024: it owes the report for 2024, not the one for 2023."""
    entries = [entered(established_on=dt.date(2024, 12, 31))]
    assert value_of("missing_annual_reports", registry=entries) == 1
    entries = [entered(established_on=dt.date(2025, 1, 1))]
    assert value_of("missing_annual_reports", registry=entries) == 0


def test_without_a_founding_day_only_filed_reports_are_certain():
    both = [report(2023, dt.date(2024, 5, 1)), report(2024, dt.date(2025, 5, 1))]
    assert value_of("missing_annual_reports", registry=[entered()], registry_changes=both) == 0
    assert value_of("missing_annual_reports", registry=[entered()], registry_changes=both[:1]) is None


def test_parties_are_counted_once_and_while_they_are_related():
    rows = [
        party("p-1", adverse_on=AS_OF), party("p-1", kind="same_phone"), party("p-2", adverse_on=dt.date(2021, 3, 14)),
        party("p-3", adverse_on=AS_OF, until=dt.date(2026, 3, 14)), party("p-4", until=AS_OF),
    ]  # fmt: skip
    seen = of_first({"related_parties": rows}, FEATURES)
    assert (seen["related_parties_now"], seen["adverse_parties"]) == (3, 1)
