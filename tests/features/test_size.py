"""Size classes: cases that a credit officer can read, and a slow way that must agree."""

import datetime as dt
import itertools
import tomllib
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.standing.dated_files import version_on
from features.standing.size_class import CLASSES, FEN_PER_UNIT, size_classes

DAY = dt.date(2026, 3, 15)
CASES = tomllib.loads(Path(__file__).with_name("size_cases.toml").read_text("utf-8"))["case"]
SCHEMA = {"industry": pl.String, "employees": pl.Float64, "revenue": pl.Float64, "assets": pl.Float64}
GROUPS = version_on("size_classes.toml", DAY)["group"]
UNITS = st.none() | st.sampled_from([0, 5, 10, 20, 100, 299, 300, 1000, 40_000]) | st.integers(0, 250_000)


def frame_of(firms):
    """Firms given in persons and ten thousand yuan."""
    rows = [
        {"industry": firm.get("industry")}
        | {name: None if firm.get(name) is None else firm[name] * unit for name, unit in FEN_PER_UNIT.items()}
        for firm in firms
    ]
    return pl.DataFrame(rows, schema=SCHEMA)


def classes_of(firms):
    return size_classes(frame_of(firms), DAY).to_list()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_class_is_as_worked_out(case):
    assert classes_of([case]) == [None if case["is"] == "unknown" else case["is"]]


def test_many_firms_at_once_stay_in_their_order():
    expected = [None if case["is"] == "unknown" else case["is"] for case in CASES]
    assert classes_of(CASES) == expected
    assert classes_of(CASES[::-1]) == expected[::-1]


def test_no_firms_have_no_classes():
    assert classes_of([]) == []


def test_every_group_says_where_its_bounds_come_from():
    assert len(GROUPS) == 16
    assert {group["mark"] for group in GROUPS} == {"seen", "recalled"}
    assert all(group["source"] for group in GROUPS)


def test_the_bounds_of_a_higher_class_are_never_lower():
    for group in GROUPS:
        for name in FEN_PER_UNIT.keys() & group.keys():
            bounds = [group[name][one] for one in CLASSES[1:]]
            assert bounds == sorted(bounds), group["code"]


def test_no_industry_stands_in_two_groups():
    prefixes = [prefix for group in GROUPS for prefix in group["industries"]]
    prefixes += version_on("size_classes.toml", DAY)["not_covered"]
    assert len(prefixes) == len(set(prefixes))


def test_before_the_standard_there_is_no_class():
    with pytest.raises(LookupError, match="got 2011-06-17, expected a day from 2011-06-18 on"):
        size_classes(frame_of(CASES), dt.date(2011, 6, 17))


def slow_class(group, values):
    for one in reversed(CLASSES[1:]):
        if all(values[name] >= group[name][one] for name in FEN_PER_UNIT if name in group):
            return one
    return "micro"


@given(st.sampled_from(GROUPS), st.fixed_dictionaries(dict.fromkeys(FEN_PER_UNIT, UNITS)))
def test_a_missing_indicator_matters_only_if_it_could_change_the_class(group, values):
    """The slow way tries a little and a lot of everything that is missing, and every bound between."""
    tried = {
        name: [value] if value is not None else [0, *group.get(name, {}).values()] for name, value in values.items()
    }
    possible = {
        slow_class(group, dict(zip(tried, choice, strict=True))) for choice in itertools.product(*tried.values())
    }
    expected = possible.pop() if len(possible) == 1 else None
    assert classes_of([{"industry": group["industries"][0], **values}]) == [expected]
