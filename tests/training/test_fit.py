"""`fit_credit` on tables as people have them."""

import datetime as dt
import math

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.special import logit
from small_samples import QUICK, few_trees, table_of

from training.fit import TableError, TableModel, fit_credit
from training.proof import prove

ROWS = 160
ODD = ('a"[]{}:,', "年销售额（万元）", "expected", "day", "truth", "trade", "mixed", "endless", "gaps")
LEFT_OUT = ("constant", "nothing", "code")


@pytest.fixture(scope="module", autouse=True)
def _few_trees():
    with few_trees():
        yield


def fit(table, **more):
    return fit_credit(table, label="bad", budget=QUICK, **more)


def odd_table(seed=0):
    """A column of every kind that people have, with names that LightGBM refuses."""
    plain = table_of(ROWS, seed=seed)
    place = pl.int_range(ROWS)
    x, z = pl.col("x"), pl.col("z")
    return plain.select(
        x.alias(ODD[0]),
        (z * 1e6).alias(ODD[1]),
        z.alias("expected"),
        (pl.lit(dt.date(2024, 1, 1)) + pl.duration(days=(x * 100).cast(pl.Int64))).alias("day"),
        (x > 0.5).alias("truth"),
        pl.when(x > 0).then(pl.lit("零售")).when(z > 0).then(pl.lit("餐饮")).alias("trade"),
        pl.when(x > 0).then(pl.lit("1")).otherwise(pl.lit("a")).alias("mixed"),
        pl.when(x > 1.5).then(math.inf).when(x < -1.5).then(-math.inf).otherwise(x).alias("endless"),
        pl.when(z > 0).then(math.nan).when(z > -0.5).then(None).otherwise(x).alias("gaps"),
        pl.lit(3).alias("constant"),
        pl.lit(None).alias("nothing"),
        pl.format("Y{}", place).alias("code"),
        "bad",
    )


@pytest.fixture(scope="module")
def table():
    return odd_table()


@pytest.fixture(scope="module")
def model(table):
    return fit(table)


@pytest.fixture(scope="module")
def plain():
    return fit(table_of(ROWS), monotone={"x": 1, "z": -1})


def test_columns_of_every_kind_are_learned_from_and_what_tells_nothing_is_left_out(model):
    assert model.columns.names == ODD
    assert tuple(model.columns.left_out) == LEFT_OUT
    assert set(model.columns.rates) == {"trade", "mixed"}


def test_probabilities_lie_between_none_and_all_and_rank(model):
    fresh = odd_table(seed=1)
    said = model.probability(fresh)
    assert ((said > 0.0) & (said < 1.0)).all()
    bad = fresh["bad"].to_numpy()
    assert said[bad == 1].mean() > said[bad == 0].mean() + 0.1


def test_contributions_of_a_row_sum_to_its_log_odds(model, table):
    """A column named like the base has it, so the base gets an underscore."""
    parts = model.contributions(table)
    assert parts.columns == [*ODD, "expected_"]
    assert parts.sum_horizontal().to_numpy() == pytest.approx(logit(model.probability(table)), abs=1e-9)


def test_a_saved_model_says_the_same_to_the_bit(model, table, tmp_path):
    model.save(tmp_path / "model")
    again = TableModel.load(tmp_path / "model")
    assert (again.probability(table) == model.probability(table)).all()
    assert again.contributions(table).equals(model.contributions(table))
    assert again.columns == model.columns
    assert dict(again.told) == dict(model.told)


def test_a_model_holds_text_only(model, tmp_path):
    model.save(tmp_path / "model")
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == ["booster.txt", "table.json"]
    assert "零售" in (tmp_path / "model" / "table.json").read_text("utf-8")


@pytest.mark.parametrize("name", ["booster.txt", "table.json"])
def test_a_folder_without_a_whole_model_is_refused(model, tmp_path, name):
    model.save(tmp_path)
    (tmp_path / name).write_text("broken", "utf-8")
    with pytest.raises(TableError, match="got no model of a table"):
        TableModel.load(tmp_path)
    with pytest.raises(TableError, match="got no model of a table"):
        TableModel.load(tmp_path / "nowhere")


def test_each_row_is_judged_by_itself(model, table):
    said = model.probability(table)
    order = np.random.default_rng(0).permutation(ROWS)
    assert (model.probability(table[order]) == said[order]).all()
    assert (model.probability(table[7]) == said[7]).all()


def test_a_frame_may_have_more_columns_in_another_order_and_no_label(model, table):
    other = table.drop("bad").with_columns(note=pl.lit("q"))
    backwards = other.select(reversed(other.columns))
    assert (model.probability(backwards) == model.probability(table)).all()


def test_no_row_gets_no_answer(model, table):
    assert model.probability(table.head(0)).shape == (0,)


def test_a_row_of_which_nothing_is_known_gets_an_answer(model):
    nothing = pl.DataFrame({name: [None] for name in ODD})
    assert 0.0 < model.probability(nothing)[0] < 1.0


def test_a_category_never_seen_gets_an_answer(model, table):
    strange = table.with_columns(trade=pl.lit("造船"))
    assert np.isfinite(model.probability(strange)).all()


def test_the_same_table_and_seed_give_the_same_model(plain):
    again = fit(table_of(ROWS), monotone={"x": 1, "z": -1})
    assert again.booster.model_to_string() == plain.booster.model_to_string()
    assert (again.intercept, again.slope) == (plain.intercept, plain.slope)


def test_pandas_and_polars_give_the_same_model(plain):
    given = table_of(ROWS).to_pandas()
    for frame in (given, given.convert_dtypes()):
        model = fit(frame, monotone={"x": 1, "z": -1})
        assert (model.probability(frame) == plain.probability(table_of(ROWS))).all()


def test_the_risk_never_moves_against_a_promise(plain):
    assert prove(plain.booster, (1, -1)).faults == ()
    risen = table_of(ROWS).with_columns(pl.col("x") + 0.7, pl.col("z") - 0.7)
    assert (plain.probability(risen) >= plain.probability(table_of(ROWS))).all()


def test_the_rate_of_a_category_counts_as_risk(model):
    """Trade and mixed are the columns that hold rates."""
    directions = tuple(1 if name in model.columns.rates else 0 for name in ODD)
    assert prove(model.booster, directions).faults == ()


@pytest.mark.parametrize(
    "words",
    [
        pl.col("bad") == 1,
        pl.col("bad").cast(pl.Float64),
        pl.col("bad").cast(pl.Decimal(10, 2)),
        pl.when(pl.col("bad") == 1).then(pl.lit(" 违约")).otherwise(pl.lit("正常")),
        pl.when(pl.col("bad") == 1).then(pl.lit("Bad")).otherwise(pl.lit("GOOD")),
    ],
)
def test_outcomes_may_be_told_in_many_ways(plain, words):
    model = fit(table_of(ROWS).with_columns(words.alias("bad")), monotone={"x": 1, "z": -1})
    assert model.booster.model_to_string() == plain.booster.model_to_string()


def test_rows_without_an_outcome_are_left_out_and_counted(plain):
    known = table_of(ROWS)
    unknown = known.head(5).with_columns(bad=pl.lit(None, dtype=pl.Int64))
    model = fit(pl.concat([known, unknown]), monotone={"x": 1, "z": -1})
    assert (model.told["rows"], model.told["rows_without_label"]) == (ROWS, 5)
    assert model.booster.model_to_string() == plain.booster.model_to_string()


def test_eight_defaults_are_enough():
    some = table_of(ROWS)
    few = pl.concat([some.filter(bad=1).head(8), some.filter(bad=0)])
    model = fit(few)
    assert model.told["defaults"] == 8
    assert model.probability(few).mean() == pytest.approx(8 / len(few), abs=0.05)


def test_more_columns_than_rows_are_no_hindrance():
    """500 columns and 300 rows, in well below a minute with few trees."""
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(300, 500))
    bad = (rng.random(300) < 1 / (1 + np.exp(1 - 2 * matrix[:, 0]))).astype(int)
    table = pl.DataFrame(matrix).with_columns(bad=bad)
    model = fit(table)
    assert len(model.columns.names) == 500
    assert model.contributions(table).sum_horizontal().to_numpy() == pytest.approx(
        logit(model.probability(table)), abs=1e-9
    )


def test_a_column_that_tells_all_is_believed():
    table = table_of(ROWS).with_columns(told=pl.col("bad") * 1.0)
    said = fit(table).probability(table)
    assert said[table["bad"].to_numpy() == 1].min() > said[table["bad"].to_numpy() == 0].max()


ORDER = {
    "date": pl.lit(dt.date(2023, 1, 1)) + pl.duration(days=pl.int_range(pl.len())),
    "moment": pl.lit(dt.datetime(2023, 1, 1)) + pl.duration(hours=pl.int_range(pl.len())),  # noqa: DTZ001 - a time of a table has no zone
    "number": pl.int_range(pl.len()) + 20240000,
    "text": (pl.lit(dt.date(2023, 1, 1)) + pl.duration(days=pl.int_range(pl.len()))).cast(pl.String),
    "one": pl.lit(7),
}


@pytest.mark.parametrize("kind", ORDER)
def test_time_may_be_days_numbers_or_text_and_is_no_column(kind):
    model = fit(table_of(ROWS).with_columns(when=ORDER[kind]), time="when")
    assert model.columns.names == ("x", "z")
    assert 0.0 < model.probability(pl.DataFrame({"x": [0.0], "z": [0.0]}))[0] < 1.0


BARE = table_of(40)


@pytest.mark.parametrize(
    ("table", "asked", "why"),
    [
        (BARE.drop("bad"), {}, "got 'bad', expected one of the columns x, z"),
        (BARE.head(0), {}, "got 0 defaults among 0 rows, expected at least 4 of either kind"),
        (pl.DataFrame(), {}, "got 'bad', expected one of the columns"),
        (BARE.select("bad"), {}, r"got no column to learn from \(there is none\)"),
        (BARE.with_columns(bad=pl.lit(1)), {}, "got 40 defaults among 40 rows"),
        (BARE.with_columns(bad=pl.lit(None)), {}, "got 0 defaults among 0 rows"),
        (BARE.with_columns(bad=pl.int_range(pl.len()) % 3), {}, "got '2', expected 1 and 0"),
        (BARE.with_columns(bad=pl.concat_list("bad")), {}, r"got List\(Int64\), expected a column of 1 and 0"),
        (pl.concat([BARE.filter(bad=1).head(3), BARE.filter(bad=0)]), {}, "got 3 defaults among"),
        (pd.DataFrame([[1, 2, 0]], columns=["a", "a", "bad"]), {}, "got two columns named 'a'"),
        (BARE, {"monotone": {"y": 1}}, "got 'y', expected one of the columns x, z"),
        (BARE, {"monotone": {"x": 2}}, "monotone 'x': got 2, expected 1, 0 or -1"),
        (BARE, {"monotone": {"bad": 1}}, "got 'bad', expected one of the columns x, z"),
        (BARE.with_columns(c=pl.int_range(pl.len()) % 3), {"monotone": {"c": 1}, "categorical": ["c"]}, "no order"),
        (BARE, {"categorical": ["c"]}, "categorical: got 'c', expected some of the columns x, z"),
        (BARE, {"time": "t"}, "got 't', expected one of the columns x, z"),
        (BARE, {"time": "bad"}, "got 'bad', expected one of the columns x, z"),
        (BARE.with_columns(t=pl.when(pl.col("x") > 0).then(1)), {"time": "t"}, "expected a time in each"),
        (np.zeros((3, 2)), {}, "got ndarray, expected a polars or pandas frame"),
    ],
)
def test_a_table_that_nothing_can_be_learned_from_is_refused(table, asked, why):
    with pytest.raises(TableError, match=why):
        fit(table, **asked)
