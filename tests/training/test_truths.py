"""Reading the truth that a simulation leaves."""

import datetime as dt

import polars as pl
import pytest

from training.truths import TruthError, read_truth

TOLD = pl.DataFrame(
    {
        "enterprise_id": ["Y1", "Y1", "Y2"],
        "month": [dt.date(2024, 1, 1), dt.date(2024, 12, 1), dt.date(2024, 2, 1)],
        "pd": [0.1, 0.0, 1.0],
    }
)


def test_a_month_means_the_first_day_after_it(tmp_path):
    TOLD.write_parquet(tmp_path / "pd.parquet")
    truth = read_truth(tmp_path / "pd.parquet")
    assert truth.columns == ["enterprise_id", "as_of", "pd"]
    assert truth["as_of"].to_list() == [dt.date(2024, 2, 1), dt.date(2025, 1, 1), dt.date(2024, 3, 1)]


def test_a_day_goes_before_the_month(tmp_path):
    TOLD.with_columns(as_of=dt.date(2020, 5, 5)).unique("enterprise_id").write_parquet(tmp_path / "pd.parquet")
    assert set(read_truth(tmp_path / "pd.parquet")["as_of"]) == {dt.date(2020, 5, 5)}


@pytest.mark.parametrize("place", ["truth/pd", "pd", "."])
def test_a_city_its_truth_and_the_folder_of_the_files_are_read_alike(tmp_path, place):
    folder = tmp_path / place
    folder.mkdir(parents=True, exist_ok=True)
    for part in range(3):
        TOLD[part : part + 1].write_parquet(folder / f"part-0000{part}.parquet")
    (tmp_path / "loans").mkdir()
    pl.DataFrame({"x": [1]}).write_parquet(tmp_path / "loans" / "part-00000.parquet")
    assert read_truth(tmp_path)["pd"].to_list() == TOLD["pd"].to_list()


@pytest.mark.parametrize(
    ("told", "message"),
    [
        (TOLD.drop("pd"), "expected also 'pd'"),
        (TOLD.drop("enterprise_id"), "expected also 'enterprise_id'"),
        (TOLD.drop("month"), "expected days in 'as_of' or 'month'"),
        (TOLD.with_columns(month=pl.lit("2024-01")), "expected days in 'as_of' or 'month'"),
        (TOLD.with_columns(as_of=pl.lit("2024-01-01")), "as_of: got String, expected Date"),
        (TOLD.with_columns(pd=pl.lit("low")), "pd: got String, expected Float64"),
        (TOLD.with_columns(pd=pl.lit(1.5)), "got 3 values of 'pd' outside 0 to 1"),
        (TOLD.with_columns(pd=pl.lit(None, pl.Float64)), "got 3 values of 'pd' outside 0 to 1"),
        (pl.concat([TOLD, TOLD[:1]]), "got 2 rows that share enterprise and day"),
        (TOLD.with_columns(enterprise_id=pl.lit(None, pl.String)), "got 3 rows without enterprise or day"),
    ],
)
def test_what_cannot_be_a_truth_is_refused_in_words(tmp_path, told, message):
    told.write_parquet(tmp_path / "pd.parquet")
    with pytest.raises(TruthError, match=message):
        read_truth(tmp_path / "pd.parquet")


def test_what_is_no_parquet_and_what_is_not_there_are_refused(tmp_path):
    (tmp_path / "pd.parquet").write_text("no")
    with pytest.raises(TruthError, match="cannot be read as Parquet"):
        read_truth(tmp_path / "pd.parquet")
    with pytest.raises(TruthError, match="expected a Parquet file with the column 'pd'"):
        read_truth(tmp_path / "nowhere")
