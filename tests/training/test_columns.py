import datetime as dt
import decimal
import math

import numpy as np
import pandas as pd
import polars as pl
import pytest

from training.columns import (
    FARTHEST,
    Rates,
    TableError,
    as_categories,
    as_days,
    as_frame,
    as_numbers,
    fit_columns,
    rates_of,
)

ROWS = 120
BAD = np.tile([1, 0, 0], ROWS // 3)
NUMBER = pl.Series("x", np.random.default_rng(0).normal(size=ROWS))


def fitted(*columns, categorical=()):
    return fit_columns(pl.DataFrame([NUMBER, *columns]), BAD, categorical=categorical, seed=0)


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        (pl.Series([True, None, False]), [1.0, math.nan, 0.0]),
        (pl.Series([math.inf, -math.inf, math.nan]), [FARTHEST, -FARTHEST, math.nan]),
        (pl.Series([dt.date(1970, 1, 3), None]), [2.0, math.nan]),
        (pl.Series([dt.datetime(1970, 1, 1, 12)]), [0.5]),  # noqa: DTZ001 - a time of a table has no zone
        (pl.Series([dt.timedelta(hours=36)]), [1.5]),
        (pl.Series([dt.time(18)]), [0.75]),
        (pl.Series([decimal.Decimal("1.25")]), [1.25]),
        (pl.Series([7], dtype=pl.UInt64), [7.0]),
    ],
)
def test_values_of_every_kind_become_numbers(values, numbers):
    assert as_numbers(values) == pytest.approx(numbers, nan_ok=True)


def test_whole_numbers_are_the_same_words_where_gaps_made_them_fractions():
    assert as_categories(pl.Series([1, 20])).to_list() == ["1", "20"]
    assert as_categories(pl.Series([1.0, 20.0, 2.5, None])).to_list() == ["1", "20", "2.5", None]
    assert as_categories(pl.Series([decimal.Decimal("1.00")])).to_list() == ["1"]


@pytest.mark.parametrize(
    ("column", "why"),
    [
        (pl.Series("c", [7] * ROWS), "the same in every row"),
        (pl.Series("c", [None] * ROWS), "the same in every row"),
        (pl.Series("c", [math.nan] * ROWS), "the same in every row"),
        (pl.Series("c", [f"Y{n}" for n in range(ROWS)]), "120 different texts in 120 rows: names rows"),
        (pl.Series("c", range(500, 500 + ROWS)), "numbers the rows"),
        (pl.Series("c", [[1]] * ROWS), "holds no single value a row"),
        (pl.Series("c", [{"a": 1}] * ROWS), "holds no single value a row"),
        (pl.Series("c", [object()] * ROWS, dtype=pl.Object), "holds no single value a row"),
    ],
)
def test_a_column_that_tells_nothing_is_left_out_and_says_why(column, why):
    columns, matrix = fitted(column)
    assert columns.names == ("x",)
    assert why in columns.left_out["c"]
    assert matrix.shape == (ROWS, 1)


def test_being_known_may_tell_even_where_the_value_does_not():
    columns, _ = fitted(pl.Series("c", [7.0, None] * (ROWS // 2)))
    assert columns.names == ("x", "c")


def test_a_category_is_the_shrunk_log_odds_of_its_rows():
    """Forty rows of 甲, all bad, and ten rows of all at 1/3: (40 + 10/3) ÷ (40 + 10) = 0.8667."""
    words = pl.Series(["甲" if bad else "乙" for bad in BAD])
    rates = rates_of(words, BAD)
    assert rates.by_category["甲"] == pytest.approx(math.log(0.86667 / 0.13333), abs=1e-3)
    assert rates.unseen == pytest.approx(math.log(1 / 2))


def test_rates_stand_in_the_order_of_their_words():
    words = pl.Series(["c", "a", "b"] * 40)
    assert list(rates_of(words, BAD).by_category) == ["a", "b", "c"]


def test_a_category_never_seen_is_like_everybody_and_null_is_null():
    rates = Rates({"a": 1.0}, unseen=-2.0)
    assert rates.of(pl.Series(["a", "z", None])) == pytest.approx([1.0, -2.0, math.nan], nan_ok=True)


def test_a_row_does_not_see_its_own_outcome_in_the_rate_of_a_rare_category():
    """Sixty categories of two rows, drawn by luck: their rates tell nothing of these very rows."""
    rng = np.random.default_rng(1)
    words = pl.Series("c", rng.permutation(np.repeat([f"w{n}" for n in range(60)], 2)))
    columns, matrix = fitted(words)
    seen = matrix[:, 1]
    assert abs(np.corrcoef(seen, BAD)[0, 1]) < 0.25
    own = columns.matrix(pl.DataFrame([NUMBER, words]))[:, 1]
    assert np.corrcoef(own, BAD)[0, 1] > 0.5


def test_of_a_word_that_only_one_row_has_the_others_know_nothing():
    columns, matrix = fitted(pl.Series("c", ["a", *[None] * (ROWS - 1)]))
    assert columns.names == ("x", "c")
    assert np.isnan(matrix[1:, 1]).all()


def test_numbers_named_as_categories_are_read_as_names():
    codes = pl.Series("c", [1, 2, 3] * 40)
    columns, _ = fitted(codes, categorical=["c"])
    assert set(columns.rates["c"].by_category) == {"1", "2", "3"}
    with_gap = pl.DataFrame({"x": [0.0, 0.0], "c": [1.0, None]})
    assert columns.matrix(with_gap)[0, 1] == columns.rates["c"].by_category["1"]


def test_a_column_of_nulls_only_is_read_whatever_its_kind():
    columns, _ = fitted(pl.Series("c", ["a", "b", "b"] * 40))
    for nothing in (pl.Null, pl.Float64, pl.String):
        frame = pl.DataFrame({"x": [None], "c": [None]}, schema={"x": nothing, "c": nothing})
        assert np.isnan(columns.matrix(frame)).all()


def test_columns_may_come_in_any_order_and_with_others():
    columns, _ = fitted(pl.Series("y", np.arange(ROWS) % 7))
    frame = pl.DataFrame({"other": ["q"], "y": [3], "x": [0.5]})
    assert columns.matrix(frame).tolist() == [[0.5, 3.0]]


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        (pl.DataFrame({"y": [1.0]}), "got a table without 'x', expected the columns x"),
        (pl.DataFrame({"x": ["much"]}), "column 'x': got String, expected numbers as were learned from"),
        (pl.DataFrame({"x": [[1.0]]}), r"column 'x': got List\(Float64\), expected numbers"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused(frame, why):
    columns, _ = fitted()
    with pytest.raises(TableError, match=why):
        columns.matrix(frame)


def test_a_table_of_nothing_that_tells_is_refused_with_reasons():
    frame = pl.DataFrame({"a": [1] * ROWS, "b": ["x"] * ROWS})
    with pytest.raises(TableError, match=r"got no column to learn from \(a: the same in every row; b: the same"):
        fit_columns(frame, BAD, categorical=(), seed=0)


def test_a_category_that_is_no_column_is_refused():
    with pytest.raises(TableError, match="categorical: got 'trade', expected some of the columns x"):
        fitted(categorical=["trade"])


def test_pandas_is_read_as_polars_is():
    given = pd.DataFrame(
        {
            "nullable": pd.array([1, None, 3], dtype="Int64"),
            "truth": pd.array([True, None, False], dtype="boolean"),
            "word": pd.array(["a", None, "b"], dtype="string"),
            "kind": pd.Categorical(["u", "v", "u"]),
            "day": pd.to_datetime(["2026-01-01", None, "2026-01-03"]),
            "money": [decimal.Decimal("1.5"), None, decimal.Decimal(2)],
            7: [0.5, math.nan, 1.5],
        }
    )
    read = as_frame(given)
    assert read.columns == ["nullable", "truth", "word", "kind", "day", "money", "7"]
    assert read["word"].to_list() == ["a", None, "b"]
    assert as_numbers(read["nullable"]) == pytest.approx([1.0, math.nan, 3.0], nan_ok=True)
    assert as_numbers(read["truth"]) == pytest.approx([1.0, math.nan, 0.0], nan_ok=True)
    assert as_numbers(read["money"]) == pytest.approx([1.5, math.nan, 2.0], nan_ok=True)
    assert as_numbers(read["7"]) == pytest.approx([0.5, math.nan, 1.5], nan_ok=True)


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (pd.Series(["a", 1, None, dt.date(2026, 1, 1)], dtype=object), ["a", "1", None, "2026-01-01"]),
        (pd.Series(pd.period_range("2026-01", periods=2, freq="M")), ["2026-01", "2026-02"]),
        (pd.Series(pd.interval_range(0, 2)), ["(0, 1]", "(1, 2]"]),
    ],
)
def test_what_is_neither_number_nor_time_is_read_as_text(column, words):
    assert as_frame(pd.DataFrame({"c": column}))["c"].to_list() == words


def test_two_columns_of_one_name_are_refused_and_a_number_is_its_text():
    for names in (["a", "a"], ["1", 1]):
        with pytest.raises(TableError, match="got two columns named"):
            as_frame(pd.DataFrame([[1.0, 2.0]], columns=names))


@pytest.mark.parametrize("given", [{"a": [1]}, np.zeros((2, 2)), None, pl.LazyFrame({"a": [1]})])
def test_what_is_no_frame_is_refused(given):
    with pytest.raises(TableError, match="expected a polars or pandas frame"):
        as_frame(given)


@pytest.mark.parametrize(
    ("times", "days"),
    [
        (pl.Series([dt.date(1970, 1, 2), dt.date(1970, 2, 1)]), [1, 31]),
        (pl.Series([dt.datetime(1970, 1, 2, 23)]), [1]),  # noqa: DTZ001 - a time of a table has no zone
        (pl.Series(["1970-01-02", "1970-01-03T08:00:00"]), [1, 2]),
        (pl.Series([202411, 202410, 202501, 202410]), [1, 0, 2, 0]),
        (pl.Series([20240101093000, 20240101080000]), [1, 0]),
        (pl.Series([0.25, 0.5, 0.125]), [1, 2, 0]),
    ],
)
def test_times_are_days_or_an_order(times, days):
    assert as_days(times).tolist() == days


@pytest.mark.parametrize(
    ("times", "why"),
    [
        (pl.Series("t", [1, None]), "got 1 rows without"),
        (pl.Series("t", [1.0, math.nan]), "got 1 rows without"),
        (pl.Series("t", ["2026-01-01", None]), "got 1 rows without"),
        (pl.Series("t", ["soon"]), "expected days such as 2026-11-22"),
        (pl.Series("t", [[1]]), "expected days or numbers"),
    ],
)
def test_rows_without_a_time_are_refused(times, why):
    with pytest.raises(TableError, match=why):
        as_days(times)
