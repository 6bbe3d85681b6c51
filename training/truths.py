"""The true probability of default of simulated enterprises, as a simulation leaves it beside its tables."""

from pathlib import Path

import polars as pl

from training.cohort import KEY

FRAME = "pd"
"""Name of the frame of a truth that holds probabilities, and of the column in it."""

PLACES = (Path(), Path(FRAME), Path("truth") / FRAME)
"""Where the files may lie: in the folder given, in that of a truth, in that of a city."""


class TruthError(ValueError):
    """A truth that cannot be read or cannot be true."""


def read_truth(path: Path) -> pl.DataFrame:
    """The chance that simulated enterprises had, on a day, of defaulting within the twelve months after it.

    Args:
        path: a Parquet file with `enterprise_id`, `pd` and `as_of` or `month`; a folder of such files; or a simulated
            city, or its folder `truth`. A month means its end: `as_of` is the first day after it.

    Returns:
        `enterprise_id`, `as_of`, `pd` (a fraction), one row an enterprise and day.

    Raises:
        TruthError: there is none, a column lacks or is of another kind, a probability is null or not within 0 and 1,
            or an enterprise has two on one day.
    """
    try:
        found = pl.concat([pl.read_parquet(file) for file in _files(path)], how="diagonal")
    except (pl.exceptions.PolarsError, OSError) as error:
        raise TruthError(f"{path}: cannot be read as Parquet ({str(error).splitlines()[0]})") from error
    truth = _with_day(found, path)
    if wrong := [name for name, dtype in _expected().items() if truth.schema[name] != dtype]:
        raise TruthError(f"{path}: {wrong[0]}: got {truth.schema[wrong[0]]}, expected {_expected()[wrong[0]]}")
    _check(truth, path)
    return truth


def _expected() -> dict[str, pl.DataType]:
    return {"enterprise_id": pl.String(), "as_of": pl.Date(), FRAME: pl.Float64()}


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    for place in PLACES:
        if files := sorted((path / place).glob("*.parquet")):
            return files
    raise TruthError(
        f"got {path}, expected a Parquet file with the column {FRAME!r}, or a folder of them such as truth/{FRAME} of "
        "a simulated city; `xinpei simulate --firm-months N --futures M` makes one"
    )


def _with_day(found: pl.DataFrame, path: Path) -> pl.DataFrame:
    columns = set(found.columns)
    if lacking := [name for name in ("enterprise_id", FRAME) if name not in columns]:
        raise TruthError(f"{path}: got the columns {', '.join(found.columns)}, expected also {lacking[0]!r}")
    if "as_of" not in columns and found.schema.get("month") != pl.Date:
        raise TruthError(f"{path}: got the columns {', '.join(found.columns)}, expected days in 'as_of' or 'month'")
    day = pl.col("as_of") if "as_of" in columns else pl.col("month").dt.month_end().dt.offset_by("1d").alias("as_of")
    return found.select("enterprise_id", day, FRAME)


def _check(truth: pl.DataFrame, path: Path) -> None:
    if impossible := truth.filter(~pl.col(FRAME).is_between(0.0, 1.0).fill_null(value=False)).height:
        raise TruthError(f"{path}: got {impossible} values of {FRAME!r} outside 0 to 1, expected probabilities")
    if nameless := truth.filter(pl.any_horizontal(pl.col(KEY).is_null())).height:
        raise TruthError(f"{path}: got {nameless} rows without enterprise or day, expected both in each")
    if repeated := truth.filter(pl.struct(KEY).is_duplicated()).height:
        raise TruthError(f"{path}: got {repeated} rows that share enterprise and day, expected one each")
