"""What every contract must be, so that readers, time-travel and documents can rely on it."""

import polars as pl
import pytest

from sources.contracts import ASIDE, BLOCKS, TABLES
from sources.contracts.aside import BLOCKS_WITH_CONSENT

EVERY = {**TABLES, **ASIDE}
every_table = pytest.mark.parametrize("table", EVERY.values(), ids=list(EVERY))


def test_the_blocks_are_those_of_the_house_in_their_order():
    assert BLOCKS == ("registry", "tax", "invoice", "bank", "people", "ip", "legal", "trade", "credit")
    assert set(BLOCKS_WITH_CONSENT) < set(BLOCKS)


@every_table
def test_a_table_names_only_columns_that_it_has(table):
    named = {
        *table.known_on_default, *table.key, *table.versions_of, *table.planned, *table.negative_changes,
        *table.first_order, *table.changes_later, *(name for told in table.changes_later.values() for name in told),
        *((table.repaired_on,) if table.repaired_on else ()),
        *(table.negative_until.meta.root_names() if table.negative_until is not None else ()),
    }  # fmt: skip
    assert named <= set(table.dtypes)


@every_table
def test_every_row_has_an_enterprise_and_the_day_it_was_known(table):
    assert table.key[0] == "enterprise_id"
    assert table.dtypes["enterprise_id"] == pl.String
    assert table.dtypes["known_on"] == pl.Date
    assert not table.schema.columns()["known_on"].nullable


@every_table
def test_days_that_stand_for_known_on_are_days_that_have_been(table):
    assert {table.dtypes[name] for name in table.known_on_default} <= {pl.Date()}
    planned_only = set(table.known_on_default) <= set(table.planned)
    assert table.name == "repayments" or not table.known_on_default or not planned_only


@every_table
def test_a_version_is_told_from_another_by_the_day_it_was_known(table):
    if table.versions_of:
        assert "known_on" in table.key
        assert set(table.versions_of) <= set(table.key)


@every_table
def test_what_changes_later_may_be_unknown_and_is_no_part_of_the_key(table):
    columns = table.schema.columns()
    later = {name for change, told in table.changes_later.items() for name in (change, *told)}
    assert all(columns[name].nullable for name in later)
    assert not later & set(table.key)
    assert set(table.negative_changes) <= set(table.changes_later)


@every_table
def test_every_column_says_what_it_is(table):
    for name, column in table.schema.columns().items():
        assert column.description, f"{table.name}.{name}"
        assert (name.endswith("_fen")) == ("fen" in (column.description or "").split()), f"{table.name}.{name}"


@every_table
def test_money_is_whole_fen_and_a_rule_tells_which_columns_it_compares(table):
    assert {table.dtypes[name] for name in table.dtypes if name.endswith(("_fen", "_bp"))} <= {pl.Int64()}
    for rule in table.rules:
        assert set(table.columns_of(rule)) <= set(table.dtypes)
        assert table.columns_of(rule)


@every_table
def test_typed_adds_what_may_be_missing(table):
    required = [name for name, column in table.schema.columns().items() if not column.nullable]
    bare = table.empty().select(required)
    assert dict(table.typed(bare).schema) == table.dtypes
