"""The size class of one enterprise beside the frame that tells it of many."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.standing.standing import SIZE_NEEDED, trade_and_size
from features.terms.size_of_one import size_class_of
from sources.contracts import REGISTRY
from sources.records import Records

AS_OF = dt.date(2026, 3, 15)
CODE = "Y1110108XP000001X5"
MILLION = 1_000_000_00
FEN = st.none() | st.sampled_from([0, 1, MILLION, 3 * MILLION, 80 * MILLION, 400 * MILLION]) | st.integers(0, 10**12)
PEOPLE = st.none() | st.sampled_from([0, 1, 10, 20, 100, 300, 1000]) | st.integers(0, 5000)
MONTHS = st.none() | st.integers(0, 12)
INDUSTRIES = st.none() | st.sampled_from(["A", "C3910", "E", "F", "F51", "F5210", "G53", "G5810", "I65", "J", "K"])
INDUSTRIES |= st.sampled_from(["K7010", "K704", "L72", "R", "S", "T9600", "M7320", "G"])
PROFILES = st.fixed_dictionaries(
    {
        "headcount": PEOPLE,
        "sales_12m": FEN,
        "declared_sales_12m": FEN,
        "zero_filing_months_12m": MONTHS,
        "statement_revenue": FEN,
        "statement_assets": FEN,
    }
)
ENTRIES = st.fixed_dictionaries({"industry": INDUSTRIES, "employees": PEOPLE})


@given(PROFILES, ENTRIES)
def test_one_is_as_in_a_frame(profile, entry):
    assert set(profile) == {one.name for one in SIZE_NEEDED}
    frame = pl.DataFrame([{"enterprise_id": CODE, **profile}], schema={"enterprise_id": pl.String, **_floats()})
    row = {"enterprise_id": CODE, "known_on": AS_OF, **entry}
    records = Records.of({"registry": REGISTRY.typed(pl.DataFrame([row]))}, enterprises=pl.Series([CODE]))
    [expected] = trade_and_size(frame, records, AS_OF)["size_class"]
    assert size_class_of(frame.row(0, named=True), entry, AS_OF) == expected


def _floats():
    return {one.name: pl.Float64 for one in SIZE_NEEDED}


@pytest.mark.parametrize(
    ("revenue", "people", "size"),
    [(4 * MILLION, 20, "small"), (4 * MILLION, 19, "micro"), (4 * MILLION, None, None), (2 * MILLION, None, "micro")],
)
def test_a_factory_is_small_with_20_people_and_three_million_yuan(revenue, people, size):
    assert size_class_of({"statement_revenue": revenue}, {"industry": "C3910", "employees": people}, AS_OF) == size


def test_nothing_is_said_without_a_trade_or_before_there_was_a_standard():
    assert size_class_of({"statement_revenue": 1}, {}, AS_OF) is None
    assert size_class_of({"statement_revenue": 1}, {"industry": "C3910"}, dt.date(2005, 1, 1)) is None
