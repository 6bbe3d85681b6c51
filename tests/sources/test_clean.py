"""The quick look at a table, held equal to the rules as dataframely applies them."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import TODAY
from samples_broken import at_every_edge, quiet, rows_of

from sources.clean import FEW_ROWS, surely_clean
from sources.contracts import ASIDE, TABLES

EVERY = [*TABLES.values(), *ASIDE.values()]
every_table = pytest.mark.parametrize("table", EVERY, ids=[table.name for table in EVERY])


def framed(table, rows):
    return pl.DataFrame(rows, schema=table.dtypes, orient="row")


def kept_by_dataframely(table, rows):
    """Rows that break no rule of the contract and lie in no future."""
    good, _ = table.schema.filter(framed(table, rows))
    return good.filter(~pl.any_horizontal((pl.col(table.dates) > TODAY).fill_null(value=False))).rows(named=True)


def clean(table, rows):
    return surely_clean(table, framed(table, rows), today=TODAY)


def key_of(table, row):
    return tuple(row[name] for name in table.key)


@every_table
def test_one_row_at_any_edge_is_clean_when_dataframely_keeps_it(table):
    rows = at_every_edge(table)
    kept = kept_by_dataframely(table, rows)
    assert [row for row in rows if clean(table, [row])] == kept


@every_table
@settings(max_examples=20)
@given(data=st.data())
def test_a_table_is_clean_when_no_row_breaks_a_rule_and_no_two_have_one_key(table, data):
    rows = data.draw(rows_of(table))
    keeps_all = len(kept_by_dataframely(table, rows)) == len(rows)
    assert clean(table, rows) == (keeps_all and len({key_of(table, row) for row in rows}) == len(rows))


@pytest.mark.parametrize("name", ["bank_transactions", "loans"])
def test_many_rows_are_looked_at_by_the_same_rules(name):
    table = TABLES[name]
    many = [quiet(table, number) for number in range(FEW_ROWS + 1)]
    assert clean(table, many)
    assert not clean(table, [*many, {**many[7], "known_on": many[7]["known_on"]}]), "a key twice"
    edges = at_every_edge(table)[::7]
    kept = kept_by_dataframely(table, edges)
    for row in edges:
        other = row | {name: f"other {row[name]}" for name in ("booking", "loan") if row.get(name) == "x0"}
        if key_of(table, other) not in {key_of(table, one) for one in many}:
            assert clean(table, [*many, other]) == (row in kept)


def test_an_empty_table_is_clean():
    assert all(surely_clean(table, table.empty(), today=TODAY) for table in EVERY)
