import datetime as dt
from dataclasses import fields

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import AS_OF, ENTERPRISES, invoice, invoice_frame, records_of

from sources.contracts import TABLES
from sources.records import Records


@given(st.lists(invoice(newest=AS_OF + dt.timedelta(days=100)), max_size=20))
def test_nothing_known_later_is_left_and_the_rest_is_counted(rows):
    records = records_of(rows)
    known = records.known_by(AS_OF)
    assert (known.vat_invoices["known_on"] <= AS_OF).all()
    assert known.vat_invoices.height + records.cut_off(AS_OF)["vat_invoices"] == len(rows)


def test_a_later_void_is_undone(simple_invoice):
    rows = [{**simple_invoice, "voided_on": AS_OF + dt.timedelta(days=1)}]
    assert records_of(rows).known_by(AS_OF).vat_invoices["voided_on"].to_list() == [None]


def test_a_void_of_the_day_counts(simple_invoice):
    assert records_of([{**simple_invoice, "voided_on": AS_OF}]).known_by(AS_OF).vat_invoices["voided_on"][0] == AS_OF


def test_an_enterprise_without_rows_stays_in_scope(simple_invoice):
    assert records_of([simple_invoice]).enterprises.to_list() == sorted(ENTERPRISES)


def test_an_unknown_table_is_refused(simple_invoice):
    with pytest.raises(ValueError, match="got table 'invoices', expected some of registry, registry_changes"):
        Records.of({"invoices": invoice_frame([simple_invoice])})


def test_an_enterprise_is_found_by_alias_and_a_stranger_is_not():
    registry = pl.DataFrame({"enterprise_id": [ENTERPRISES[0]], "alias": ["E1"]})
    records = Records.of({"registry": registry})
    assert records.find("E1") == records.find(ENTERPRISES[0]) == ENTERPRISES[0]
    with pytest.raises(KeyError, match="got enterprise 'E2'"):
        records.find("E2")


def test_records_have_a_field_for_every_table():
    assert [field.name for field in fields(Records)] == ["enterprises", *TABLES, "consents"]
