import datetime as dt
from decimal import Decimal
from itertools import permutations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from samples import TODAY, invoice, invoice_frame
from samples_broken import at_every_edge, rows_of

from sources.contracts import LABELS, REGISTRY, TABLES, VAT_INVOICES
from sources.validation import UnusableTableError, validate


def rejected_rules(rows):
    checked = validate(VAT_INVOICES, pl.DataFrame(rows, infer_schema_length=None), today=TODAY)
    return dict(zip(checked.rejects["row"], checked.rejects["rule"], strict=True))


@given(st.lists(invoice(), max_size=30))
def test_accepted_and_rejected_rows_add_up(rows):
    checked = validate(VAT_INVOICES, invoice_frame(rows), today=TODAY)
    assert checked.given == len(rows)
    assert checked.rejects["row"].is_unique().all()


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"net_fen": "1e3"}, "net_fen:type"),
        ({"issued_on": "2026-02-30"}, "issued_on:type"),
        ({"direction": "sideways"}, "direction:type"),
        ({"issued_on": "2027-01-01", "known_on": "2027-01-01"}, "after_today"),
        ({"enterprise_id": "Y1110108XP000001X6"}, "enterprise_id:check_digit"),
        ({"vat_fen": "-1300"}, "net_and_vat_sign"),
        ({"vat_fen": "9000"}, "vat_within_rates"),
        ({"voided_on": "2026-01-09"}, "voided_not_before_issued"),
        ({"known_on": "2026-01-09"}, "known_not_before_issued"),
        ({"net_fen": str(10**14), "vat_fen": "0"}, "net_fen:max"),
        ({"counterparty": ""}, "counterparty:min_length"),
        ({"number": "1" * 21}, "number:max_length"),
    ],
)
def test_each_broken_rule_is_named_and_the_good_row_beside_it_is_kept(simple_invoice, change, rule):
    good = {name: None if value is None else str(value) for name, value in simple_invoice.items()}
    rows = [good, {**good, "number": "2", **change}]
    checked = validate(VAT_INVOICES, pl.DataFrame(rows, infer_schema_length=None), today=TODAY)
    assert checked.rejects["rule"].to_list() == [rule]
    assert checked.rejects["row"].to_list() == [1]
    assert checked.rows["number"].to_list() == ["1"]


def test_a_reject_carries_the_value_at_fault(simple_invoice):
    checked = validate(VAT_INVOICES, invoice_frame([{**simple_invoice, "vat_fen": -1_300}]), today=TODAY)
    assert checked.rejects.row(0) == ("vat_invoices", 0, "net_and_vat_sign", "net_fen 10000, vat_fen -1300")


def test_exact_copies_are_rejected_once_each(simple_invoice):
    assert rejected_rules([simple_invoice] * 3) == {1: "duplicate", 2: "duplicate"}


def test_of_two_versions_of_an_invoice_one_is_kept_with_its_void_in_any_order(simple_invoice):
    versions = [simple_invoice, {**simple_invoice, "voided_on": dt.date(2026, 1, 20)}]
    for order in permutations(versions):
        checked = validate(VAT_INVOICES, invoice_frame(list(order)), today=TODAY)
        assert checked.rows["voided_on"].to_list() == [dt.date(2026, 1, 20)]
        assert checked.rejects["rule"].to_list() == ["duplicate_key"]


def test_a_void_told_by_a_later_version_counts_from_the_day_it_could_be_known(simple_invoice):
    told = {"voided_on": dt.date(2026, 1, 20), "known_on": dt.date(2026, 5, 2)}
    checked = validate(VAT_INVOICES, invoice_frame([{**simple_invoice, **told}, simple_invoice]), today=TODAY)
    assert checked.rows.select("known_on", "voided_on").row(0) == (simple_invoice["known_on"], dt.date(2026, 5, 2))


def test_known_on_defaults_to_the_day_of_issue(simple_invoice):
    rows = invoice_frame([simple_invoice]).drop("known_on")
    assert validate(VAT_INVOICES, rows, today=TODAY).rows["known_on"].to_list() == [simple_invoice["issued_on"]]


def test_an_unknown_column_is_refused_with_a_suggestion(simple_invoice):
    with pytest.raises(UnusableTableError, match="unknown column 'net_fenn'; did you mean 'net_fen'"):
        validate(VAT_INVOICES, pl.DataFrame([{**simple_invoice, "net_fenn": 1}]), today=TODAY)


def test_a_missing_required_column_is_named(simple_invoice):
    with pytest.raises(UnusableTableError, match="column 'net_fen' is missing"):
        validate(VAT_INVOICES, invoice_frame([simple_invoice]).drop("net_fen"), today=TODAY)


def test_whole_floats_are_amounts_and_broken_ones_are_not(simple_invoice):
    rows = [{**simple_invoice, "net_fen": 10_000.0}, {**simple_invoice, "number": "2", "net_fen": 10_000.5}]
    assert rejected_rules(rows) == {1: "net_fen:type"}


def test_text_and_typed_columns_give_the_same_rows(simple_invoice):
    typed = invoice_frame([simple_invoice])
    text = typed.with_columns(pl.all().cast(pl.String))
    assert_frame_equal(*(validate(VAT_INVOICES, frame, today=TODAY).rows for frame in (typed, text)))


@pytest.mark.parametrize("table", TABLES.values(), ids=str)
def test_an_empty_table_is_valid(table):
    assert validate(table, table.empty(), today=TODAY).given == 0


def test_a_registry_row_needs_only_its_code_and_a_day():
    rows = pl.DataFrame({"enterprise_id": ["Y1110108XP000001X5"], "known_on": [dt.date(2020, 1, 1)]})
    assert validate(REGISTRY, rows, today=TODAY).rows.height == 1


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "UTC"])
def test_midnight_in_beijing_is_that_day_in_whatever_zone_it_is_given(simple_invoice, zone):
    midnight = pl.col("issued_on").cast(pl.Datetime).dt.replace_time_zone("Asia/Shanghai").dt.convert_time_zone(zone)
    checked = validate(VAT_INVOICES, invoice_frame([simple_invoice]).with_columns(midnight), today=TODAY)
    assert checked.rows["issued_on"].to_list() == [simple_invoice["issued_on"]]


def test_a_decimal_amount_with_part_of_a_fen_is_not_cut(simple_invoice):
    frame = invoice_frame([simple_invoice]).with_columns(net_fen=pl.lit(Decimal("10000.50")))
    assert validate(VAT_INVOICES, frame, today=TODAY).rejects["rule"].to_list() == ["net_fen:type"]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("net_fen", pl.lit([1])),
        ("net_fen", pl.struct(a=1)),
        ("counterparty", pl.lit(b"\xff")),
        ("issued_on", pl.lit(20260110)),
        ("number", pl.lit(12345678.0)),
    ],
)
def test_a_column_that_holds_what_cannot_be_meant_is_named(simple_invoice, column, value):
    frame = invoice_frame([simple_invoice]).with_columns(value.alias(column))
    with pytest.raises(UnusableTableError, match=f"column '{column}' holds .*, expected .* or text"):
        validate(VAT_INVOICES, frame, today=TODAY)


@pytest.mark.parametrize(("given", "rules"), [(0, []), (1, []), (2, ["defaulted:type"])])
def test_a_label_may_be_nought_or_one_and_no_other_number(given, rules):
    day = dt.date(2020, 3, 1)
    row = {
        "enterprise_id": "Y1110108XP000001X5",
        "as_of": day,
        "defaulted": given,
        "window": "undated",
        "known_on": day,
    }
    checked = validate(LABELS, pl.DataFrame([row]), today=TODAY)
    assert checked.rejects["rule"].to_list() == rules
    assert checked.rows["defaulted"].to_list() == ([] if rules else [bool(given)])


@pytest.mark.parametrize(("column", "value"), [("district", "１１０１０８"), ("industry", "I６５")])
def test_codes_of_the_register_take_plain_digits_only(column, value):
    row = {"enterprise_id": "Y1110108XP000001X5", "known_on": dt.date(2020, 1, 1), column: value}
    assert validate(REGISTRY, pl.DataFrame([row]), today=TODAY).rejects["rule"].to_list() == [f"{column}:regex"]


every_table = pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))


def broken_rules(table, rows):
    """For each row the rules that dataframely says it breaks."""
    broken = {}
    for row in rows:
        _, failure = table.schema.filter(pl.DataFrame([row], schema=table.dtypes))
        broken[tuple(row.values())] = {rule.replace("|", ":").replace("check__", "") for rule in failure.counts()}
    return broken


@every_table
def test_a_row_at_any_edge_is_rejected_under_a_rule_that_dataframely_says_it_breaks(table):
    rows = [row for row in at_every_edge(table)[::3] if row["known_on"]]
    broken = broken_rules(table, rows)
    rejects = validate(table, pl.DataFrame(rows, schema=table.dtypes), today=TODAY).rejects
    rejected = dict(zip(rejects["row"], rejects["rule"], strict=True))
    for place, row in enumerate(rows):
        late = any(row[name] is not None and row[name] > TODAY for name in table.dates)
        expected = {"after_today"} if late else broken[tuple(row.values())]
        repeated = {"duplicate", "duplicate_key"}
        assert rejected.get(place) in (expected | repeated if expected else {None, *repeated})


@every_table
@settings(max_examples=15)
@given(data=st.data())
def test_a_table_is_judged_as_its_text_is_and_one_broken_row_changes_no_other(table, data):
    """Text takes every slow step; so does a table with a row that is surely broken."""
    rows = data.draw(rows_of(table, fixed=("enterprise_id",)))
    frame = pl.DataFrame(rows, schema=table.dtypes)
    nobody = dict.fromkeys(table.dtypes) | {"enterprise_id": "nobody"}
    with_nobody = pl.DataFrame([*rows, nobody], schema=table.dtypes)
    alone, beside = (validate(table, some, today=TODAY) for some in (frame, with_nobody))
    assert_frame_equal(alone.rows, beside.rows)
    assert_frame_equal(alone.rejects, beside.rejects.filter(pl.col("row") < len(rows)))
