"""Rows that no model was fitted on."""

import datetime as dt
from itertools import product

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.split import out_of_time
from training.unseen import Division, SeenError, unseen

DAYS = [dt.date(2023, 1, 1), dt.date(2024, 1, 1), dt.date(2025, 1, 1), dt.date(2025, 7, 1)]
CODES = [f"Y{number:03}" for number in range(200)]
LABELS = pl.DataFrame(list(product(CODES, DAYS)), schema=["enterprise_id", "as_of"], orient="row")


def split(division):
    days = LABELS["as_of"].to_physical().cast(pl.Int64).to_numpy()
    return out_of_time(
        days,
        LABELS["enterprise_id"],
        test_share=division.test_share,
        seed=division.seed,
        test_from=division.test_from,
    )


def test_one_division_leaves_the_test_side_of_its_split():
    division = Division(DAYS[2], 0.3, 5)
    assert unseen(LABELS, [division]).equals(LABELS.filter(pl.Series(split(division).test)))


def test_equal_seeds_leave_the_test_side_of_the_later_split():
    first, second = Division(DAYS[1], 0.3, 5), Division(DAYS[3], 0.3, 5)
    assert unseen(LABELS, [first, second]).equals(LABELS.filter(pl.Series(split(second).test)))


@given(
    st.lists(st.builds(Division, st.sampled_from(DAYS[1:]), st.just(0.3), st.integers(0, 20)), max_size=2, min_size=1)
)
def test_no_row_is_of_an_enterprise_that_any_model_learned_from_nor_before_any_test(divisions):
    left = unseen(LABELS, divisions)
    for division in divisions:
        learned = LABELS.filter(pl.Series(split(division).train))["enterprise_id"].unique()
        assert not set(left["enterprise_id"]) & set(learned)
        assert left["as_of"].min() >= division.test_from


def test_labels_of_tested_enterprises_alone_are_all_kept():
    division = Division(DAYS[2], 0.3, 5)
    apart = unseen(LABELS, [division])
    assert unseen(apart, [division]).equals(apart)


def test_nothing_left_is_said_with_the_way_out():
    with pytest.raises(SeenError, match=r"none from 2026-01-01 on .* --all for data of another source"):
        unseen(LABELS, [Division(dt.date(2026, 1, 1), 0.3, 0)])


def test_a_card_tells_the_division_or_that_there_was_none():
    told = {"test_from": "2025-01-01", "test_share": 0.3, "seed": 7}
    assert Division.of({"split": told}) == Division(dt.date(2025, 1, 1), 0.3, 7)
    assert Division.of({"split": None}) is Division.of({}) is None
    with pytest.raises(SeenError, match="expected test_from, test_share and seed"):
        Division.of({"split": {"seed": 7}})
