"""Visiting and recommended lists: everybody has one place, with its reason."""

import polars as pl
import pytest
from screened_firms import SHELL, SILENT, SOUND, screened

from decisions.screening.lists import COLUMNS, lists_of, table_of

FIRMS = (
    {**SOUND, "enterprise_id": "a"},
    {**SOUND, "enterprise_id": "b", "never_lent": 1.0},
    {**SOUND, "enterprise_id": "c", "need": None},
    {**SOUND, "enterprise_id": "d", "district": "110105"},
    {**SHELL, "enterprise_id": "e"},
    {**SILENT, "enterprise_id": "f"},
    {**SOUND, "enterprise_id": "g", "account_frozen_now": 1.0},
    {**SOUND, "enterprise_id": "h", "status": "cancelled"},
    {**SOUND, "enterprise_id": "i", "size_class": "large"},
)


@pytest.fixture(scope="module")
def table():
    return table_of(screened(*FIRMS))


def codes(frame):
    return frame["enterprise_id"].to_list()


def test_everybody_stands_somewhere_and_nobody_is_dropped(table):
    lists = lists_of(table)
    assert sorted(codes(lists.everybody)) == [firm["enterprise_id"] for firm in FIRMS]


def test_shells_and_zombies_stand_apart_and_are_never_visited(table):
    lists = lists_of(table)
    assert codes(lists.to_check) == ["e", "f"]
    assert not {"e", "f"} & set(codes(lists.visiting)) | {"e", "f"} & set(codes(lists.recommended))


def test_the_best_stand_first_within_their_district(table):
    visiting = lists_of(table).visiting
    assert visiting.select("district", "rank", "enterprise_id").rows() == [
        ("110105", 1, "d"), ("110108", 1, "b"), ("110108", 2, "a"), ("110108", 3, "c"),
    ]  # fmt: skip


def test_who_states_no_need_is_visited_and_not_recommended(table):
    assert sorted(codes(lists_of(table).recommended)) == ["a", "b", "d"]


def test_who_fails_a_standard_is_listed_for_help(table):
    lists = lists_of(table)
    assert codes(lists.to_help) == ["g"]
    assert lists.to_help["reasons_zh"].item() == "账户被司法冻结"
    assert lists.to_help["needs_en"].item() == "the ruling that lifts the freeze; it clears once the dispute is settled"


def test_every_place_has_its_reason_in_both_languages(table):
    everybody = lists_of(table).everybody
    assert all(everybody["reasons_zh"])
    assert all(everybody["reasons_en"])


def test_at_most_so_many_of_a_district_are_listed(table):
    lists = lists_of(table, top=1)
    assert codes(lists.visiting) == ["d", "b"]
    assert codes(lists.to_check) == ["e", "f"]


def test_the_order_does_not_depend_on_that_of_the_rows(table):
    assert codes(lists_of(table.reverse()).everybody) == codes(lists_of(table).everybody)


def test_a_town_is_the_one_named_or_else_the_district(table):
    towns = pl.DataFrame({"enterprise_id": ["a"], "town": ["回龙观"]})
    placed = dict(lists_of(table, towns=towns).everybody.select("enterprise_id", "town").iter_rows())
    assert (placed["a"], placed["b"]) == ("回龙观", "110108")


def test_every_column_is_explained(table):
    assert set(lists_of(table).everybody.columns) <= set(COLUMNS)
