"""What holds of every feature over every source."""

import datetime as dt
import math

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from samples import AS_OF, ENTERPRISES
from samples_all import STRATEGIES, everything, records_of_all

from features.profile import profiles
from features.sets import FEATURES
from sources.contracts import BLOCKS, BLOCKS_WITH_CONSENT, CONSENTS, TABLES

LATER = AS_OF + dt.timedelta(days=1)
ALL = tuple(FEATURES.values())
TOLD_BY_THRESHOLD = {
    "round_amount_share_12m": "counts multiples of 1,000 yuan",
    "zero_balance_days_12m": "compares a balance with one yuan",
    "zero_balance_share_12m": "compares a balance with one yuan",
}
"""Features that are no amounts but compare one with a fixed number of yuan, and why."""

few = settings(max_examples=12)
every_table = pytest.mark.parametrize("name", TABLES)
every_block = pytest.mark.parametrize("block", BLOCKS)


def profile(tables, **more):
    return profiles(records_of_all(tables, **more), ALL, AS_OF)


def same(left, right, *, but=()):
    names = [one.name for one in ALL if one.name not in but]
    assert_frame_equal(left.select(names), right.select(names), check_exact=True)


def test_every_table_is_sampled():
    assert set(STRATEGIES) == set(TABLES)


def test_every_table_is_read_by_a_feature():
    assert {name for one in ALL for name in one.sources} == set(TABLES)


@few
@given(everything())
def test_a_profile_is_the_same_alone_and_in_a_batch(tables):
    together = profile(tables)
    for code in ENTERPRISES:
        alone = profiles(records_of_all(tables).only(pl.Series([code])), ALL, AS_OF)
        assert_frame_equal(alone, together.filter(enterprise_id=code), check_exact=True)


@few
@given(everything(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(tables, random):
    """And every value is a number or null."""
    shuffled, straight = (
        profile({name: random.sample(rows, len(rows)) for name, rows in tables.items()}),
        profile(tables),
    )
    same(shuffled, straight)
    for row in straight.select(one.name for one in ALL).iter_rows():
        assert all(value is None or math.isfinite(value) for value in row)


def resting_on(name):
    """The features that read a table, and rows of all tables that these read."""
    features = tuple(one for one in ALL if name in one.sources)
    sources = {source for one in features for source in one.sources}
    return features, st.fixed_dictionaries({source: STRATEGIES[source] for source in sources})


@every_table
@settings(max_examples=10)
@given(data=st.data())
def test_rows_known_later_change_nothing(name, data):
    features, sources = resting_on(name)
    tables = data.draw(sources)
    later = [{**row, "known_on": max(row["known_on"], LATER)} for row in data.draw(STRATEGIES[name])]
    before = profiles(records_of_all(tables), features, AS_OF)
    after = profiles(records_of_all({**tables, name: tables[name] + later}), features, AS_OF)
    assert_frame_equal(after, before, check_exact=True)


CHANGES = [(name, change) for name, table in TABLES.items() for change in table.changes_later]


@pytest.mark.parametrize(("name", "change"), CHANGES, ids=[f"{name}-{change}" for name, change in CHANGES])
@settings(max_examples=10)
@given(data=st.data())
def test_what_changes_later_changes_nothing_before(name, change, data):
    """A void, a repair, a closed case, a payment: where none was, one of tomorrow; where one was, it stays."""
    features, sources = resting_on(name)
    tables = data.draw(sources)
    changed = [row if row.get(change) else {**row, change: LATER} for row in tables[name]]
    before = profiles(records_of_all(tables), features, AS_OF)
    after = profiles(records_of_all({**tables, name: changed}), features, AS_OF)
    assert_frame_equal(after, before, check_exact=True)


@every_block
@settings(max_examples=4)
@given(tables=everything())
def test_a_missing_block_touches_only_its_own_features(block, tables):
    without = profile({name: rows for name, rows in tables.items() if TABLES[name].block != block})
    own = {one.name for one in ALL if block in one.blocks}
    same(without, profile(tables), but=own)
    assert without.select(own).null_count().sum_horizontal().item() == len(own) * len(ENTERPRISES)
    assert without[f"has_{block}"].to_list() == [False, False]


@settings(max_examples=3)
@given(tables=everything())
def test_a_missing_table_touches_only_features_that_rest_on_it(tables):
    whole = profile(tables)
    for name in TABLES:
        without = profile({other: rows for other, rows in tables.items() if other != name})
        own = {one.name for one in ALL if name in one.sources}
        same(without, whole, but=own)
        assert without.select(own).null_count().sum_horizontal().item() == len(own) * len(ENTERPRISES)


@pytest.mark.parametrize("block", BLOCKS_WITH_CONSENT)
@settings(max_examples=3)
@given(tables=everything())
def test_without_consent_to_a_block_its_features_are_null_for_that_enterprise_only(block, tables):
    """All consented to all, but the first enterprise not to this block."""
    day = AS_OF - dt.timedelta(days=1)
    rows = [
        {"enterprise_id": code, "block": given, "granted_on": day, "known_on": day}
        for code in ENTERPRISES for given in BLOCKS_WITH_CONSENT if (code, given) != (ENTERPRISES[0], block)
    ]  # fmt: skip
    asked, whole = profile(tables, consents=CONSENTS.typed(pl.DataFrame(rows))), profile(tables)
    own = [one.name for one in ALL if block in one.blocks]
    first, second = (pl.col("enterprise_id") == code for code in ENTERPRISES)
    same(asked.filter(second), whole.filter(second))
    same(asked.filter(first), whole.filter(first), but=own)
    assert asked.filter(first).select(own).null_count().sum_horizontal().item() == len(own)
    assert asked.filter(first)[f"has_{block}"].to_list() == [False]


@few
@given(everything())
def test_doubling_all_money_leaves_every_share_and_ratio_unchanged(tables):
    doubled = {
        name: [{column: _doubled(column, value) for column, value in row.items()} for row in rows]
        for name, rows in tables.items()
    }
    scale_free = [one.name for one in ALL if one.unit != "fen" and one.name not in TOLD_BY_THRESHOLD]
    assert_frame_equal(profile(doubled).select(scale_free), profile(tables).select(scale_free), rel_tol=1e-12)


def _doubled(column, value):
    return 2 * value if column.endswith("_fen") and value is not None else value


def test_nothing_at_all_is_no_error_and_no_number():
    without = profile({})
    assert without.select(one.name for one in ALL).null_count().sum_horizontal().item() == len(ALL) * len(ENTERPRISES)
    assert not any(without[f"has_{block}"].any() for block in BLOCKS)


def test_empty_tables_are_observed():
    given_empty = profile({name: [] for name in TABLES})
    assert all(given_empty[f"has_{block}"].all() for block in BLOCKS)
    assert given_empty["sales_12m"].to_list() == [0, 0]


def test_there_are_enough_features_in_every_block():
    by_block = {block: sum(block in one.blocks for one in ALL) for block in BLOCKS}
    assert len(ALL) >= 150
    assert min(by_block.values()) >= 10


def test_no_feature_reads_an_identifier():
    codes = {"enterprise_id", "number", "code", "counterparty", "alias"}
    names = codes | {"legal_rep", "legal_rep_birth_year", "district"}
    for one in ALL:
        assert not names & set(one.expression.meta.root_names()), one.name


def test_every_feature_has_both_phrases():
    for one in ALL:
        assert not one.en.endswith("."), one.name
        assert any("一" <= character <= "鿿" for character in one.zh), one.name
        assert not one.zh.endswith("。"), one.name
