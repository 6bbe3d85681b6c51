import datetime as dt
import json

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from pydantic import TypeAdapter, ValidationError
from samples import ENTERPRISES, TODAY, invoice, invoice_frame
from samples_broken import quiet, rows_of

from sources.contracts import TABLES, VAT_INVOICES
from sources.online import RequestRecords, records_of_request
from sources.validation import validate

SHAPE = TypeAdapter(RequestRecords)


def as_request(rows, name="vat_invoices"):
    """Rows as a request carries them: JSON, without the enterprise, unknown fields left out."""
    bare = [{k: v for k, v in row.items() if k != "enterprise_id" and v is not None} for row in rows]
    return SHAPE.validate_json(json.dumps({name: bare}, default=str))


@st.composite
def row_of_one_enterprise(draw):
    """A row that may break a rule, but not the request's shape."""
    row = draw(invoice()) | {"enterprise_id": ENTERPRISES[0]}
    breaks = draw(st.sampled_from(["nothing", "nothing", "sign", "future", "void", "amount", "number"]))
    return (
        row
        | {
            "nothing": {},
            "sign": {"vat_fen": -row["net_fen"] - 1},
            "future": {"issued_on": dt.date(2027, 1, 1), "voided_on": None, "known_on": dt.date(2027, 1, 1)},
            "void": {"voided_on": row["issued_on"] - dt.timedelta(days=1)},
            "amount": {"net_fen": 10**17, "vat_fen": 0},
            "number": {"number": ""},
        }[breaks]
    )


@given(st.lists(row_of_one_enterprise(), min_size=1, max_size=20))
def test_bulk_and_online_agree_on_rows_and_rejects(rows):
    records, rejects = records_of_request(ENTERPRISES[0], as_request(rows), today=TODAY)
    checked = validate(VAT_INVOICES, invoice_frame(rows), today=TODAY)
    assert_frame_equal(records.vat_invoices, checked.rows)
    assert_frame_equal(rejects, checked.rejects)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"net_fen": "100"}, "int_type"),
        ({"net_fen": True}, "int_type"),
        ({"net_fen": 1.5}, "int_type"),
        ({"net_fen": 2**63}, "less_than_equal"),
        ({"issued_on": 20260101}, "date_type"),
        ({"issued_on": "2026-02-30"}, "date_parsing"),
        ({"number": 7}, "string_type"),
        ({"surprise": 1}, "extra_forbidden"),
        ({"enterprise_id": ENTERPRISES[0]}, "extra_forbidden"),
    ],
)
def test_a_wrong_shape_refuses_the_request(simple_invoice, change, problem):
    row = {k: v for k, v in simple_invoice.items() if k != "enterprise_id"} | change
    with pytest.raises(ValidationError) as refused:
        SHAPE.validate_json(json.dumps({"vat_invoices": [row]}, default=str))
    assert refused.value.errors()[0]["type"] == problem


def test_a_foreign_enumeration_is_a_reject_of_its_row_only(simple_invoice):
    rows = as_request([simple_invoice, {**simple_invoice, "number": "2", "direction": "sideways"}])
    records, rejects = records_of_request(ENTERPRISES[0], rows, today=TODAY)
    assert records.vat_invoices.height == 1
    assert rejects.rows() == [("vat_invoices", 1, "direction:type", "direction sideways")]


def test_an_absent_table_was_not_given_and_an_empty_one_was():
    absent, _ = records_of_request(ENTERPRISES[0], {}, today=TODAY)
    empty, _ = records_of_request(ENTERPRISES[0], {"vat_invoices": []}, today=TODAY)
    assert absent.vat_invoices is None
    assert empty.vat_invoices is not None
    assert empty.vat_invoices.is_empty()


def has_the_shape(table, row):
    return all(row[name] is not None for name in table.dtypes if name not in table.optional)


@pytest.mark.parametrize("name", TABLES)
@settings(max_examples=15)
@given(data=st.data())
def test_bulk_and_online_agree_on_broken_rows_of_every_table(name, data):
    table = TABLES[name]
    drawn = data.draw(rows_of(table, fixed=("enterprise_id",)))
    rows = [row for row in drawn if has_the_shape(table, row)]
    records, rejects = records_of_request(ENTERPRISES[0], as_request(rows, name), today=TODAY)
    checked = validate(table, pl.DataFrame(rows, schema=table.dtypes), today=TODAY)
    assert_frame_equal(records.table(name), checked.rows)
    assert_frame_equal(rejects, checked.rejects)


def test_many_tables_in_one_request_are_judged_each_by_its_own_rules():
    tables = {name: as_request([quiet(table, 0), quiet(table, 1)], name)[name] for name, table in TABLES.items()}
    tables["loans"][1]["balance_fen"] = 10**9
    records, rejects = records_of_request(ENTERPRISES[0], tables, today=TODAY)
    assert rejects.select("table", "row", "rule").rows() == [("loans", 1, "balance_within_amount")]
    assert {name: frame.height for name, frame in records.tables()} == dict.fromkeys(TABLES, 2) | {"loans": 1}


def test_a_field_first_given_after_many_rows_is_kept(simple_invoice):
    rows = [{**simple_invoice, "number": str(number)} for number in range(300)]
    rows[-1]["red_letter_of"] = "0"
    records, _ = records_of_request(ENTERPRISES[0], as_request(rows), today=TODAY)
    assert records.vat_invoices["red_letter_of"].to_list() == [None] * 299 + ["0"]
