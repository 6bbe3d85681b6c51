"""Any table's columns as numbers: what each becomes is fixed on the rows learned from and kept with the model."""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from scoring.model import Matrix
from training.learner.sample import Labels

Floats = NDArray[np.float64]

FARTHEST = 1e300
"""An infinite value is taken for one beyond all others."""

PRIOR_ROWS = 10.0
"""A category's log odds are shrunk as if so many more of its rows had the share of defaults of all."""

ROWS_FOR_A_PLAIN_RATE = 50
"""With fewer rows a category, a row's own outcome would show in its category's rate: rates are cross-fitted."""

FOLDS = 5
SECONDS_A_DAY = 86_400
SHARE_OF_AN_IDENTIFIER = 0.5
"""A text column with more distinct values than this share of the rows names the rows rather than describes them."""


class TableError(ValueError):
    """A table that nothing can be learned from, or that a model cannot read."""


@dataclass(frozen=True)
class Rates:
    """Log odds of default of each category, shrunk; of one never seen, those of all rows."""

    by_category: Mapping[str, float]
    unseen: float

    def of(self, values: pl.Series) -> Floats:
        """Log odds by row; NaN for null."""
        known = values.replace_strict(dict(self.by_category), default=self.unseen, return_dtype=pl.Float64)
        return pl.select(pl.when(values.is_not_null()).then(known)).to_series().to_numpy().astype(np.float64)


@dataclass(frozen=True)
class Columns:
    """How a frame is read.

    Attributes:
        names: of the columns used, in order.
        rates: of those that are categories.
        left_out: for each column that tells nothing, why.
    """

    names: tuple[str, ...]
    rates: Mapping[str, Rates]
    left_out: Mapping[str, str]

    def matrix(self, frame: pl.DataFrame) -> Matrix:
        """One row a row, one column a name, NaN for null.

        Raises:
            TableError: a column is missing, is text where the model learned from numbers, or holds no single values.
        """
        missing = [name for name in self.names if name not in frame.columns]
        if missing:
            raise TableError(f"got a table without {missing[0]!r}, expected the columns {', '.join(self.names)}")
        read = [self._read(frame[name]) for name in self.names]
        return np.column_stack(read) if read else np.empty((frame.height, 0))

    def _read(self, values: pl.Series) -> Floats:
        if values.null_count() == len(values):
            return np.full(len(values), np.nan)
        if values.name in self.rates and not _is_strange(values):
            return self.rates[values.name].of(as_categories(values))
        if is_text(values) or _is_strange(values):
            expected = "words" if values.name in self.rates else "numbers"
            raise TableError(f"column {values.name!r}: got {values.dtype}, expected {expected} as were learned from")
        return as_numbers(values)


def as_frame(given: Any) -> pl.DataFrame:
    """A polars frame of a polars or pandas one, with text for column names.

    Raises:
        TableError: it is neither, or two columns have one name.
    """
    if isinstance(given, pl.DataFrame):
        return given
    if not hasattr(given, "iloc") or not hasattr(given, "columns"):
        raise TableError(f"got {type(given).__name__}, expected a polars or pandas frame")
    names = [str(name) for name in given.columns]
    twice = [name for place, name in enumerate(names) if name in names[:place]]
    if twice:
        raise TableError(f"got two columns named {twice[0]!r}, expected one of each name")
    read = [_of_pandas(given.iloc[:, place], name) for place, name in enumerate(names)]
    return pl.DataFrame(read)


def _of_pandas(column: Any, name: str) -> pl.Series:
    """A pandas column; one of mixed objects, of periods or of intervals is read as text."""
    try:
        read = pl.Series(name, pl.from_pandas(column))
    except Exception:  # noqa: BLE001 - polars, pyarrow and pandas each have errors of their own for what they cannot read
        return _as_text(column, name)
    return _as_text(column, name) if isinstance(read.dtype, pl.BaseExtension) else read


def _as_text(column: Any, name: str) -> pl.Series:
    return pl.Series(name, [None if gone else str(value) for value, gone in zip(column, column.isna(), strict=True)])


def is_text(values: pl.Series) -> bool:
    """Whether it holds words."""
    return isinstance(values.dtype, pl.String | pl.Categorical | pl.Enum | pl.Null | pl.Binary)


def _is_strange(values: pl.Series) -> bool:
    """Whether it holds anything but numbers, words, truth and times."""
    dtype = values.dtype
    return dtype.is_nested() or dtype == pl.Object or isinstance(dtype, pl.BaseExtension)


def as_categories(values: pl.Series) -> pl.Series:
    """Every value as a word; 1.0 is 1, for whole numbers become fractions where a frame has gaps."""
    words = values.cast(pl.String, strict=False)
    if values.dtype.is_float() or values.dtype.is_decimal():
        return words.str.replace(r"\.0+$", "")
    return words


def as_numbers(values: pl.Series) -> Floats:
    """Numbers as they are, truth as 1 and 0, days as days since 1970, spans as days; infinite ones as very large."""
    plain = _as_plain(values).cast(pl.Float64).to_numpy().astype(np.float64)
    return np.asarray(np.clip(plain, -FARTHEST, FARTHEST))


def _as_plain(values: pl.Series) -> pl.Series:
    if values.dtype == pl.Date:
        return values.to_physical()
    if values.dtype == pl.Datetime:
        return values.dt.epoch("s") / SECONDS_A_DAY
    if values.dtype == pl.Duration:
        return values.dt.total_seconds() / SECONDS_A_DAY
    if values.dtype == pl.Time:
        return values.to_physical() / 1e9 / SECONDS_A_DAY
    return values


def fit_columns(
    frame: pl.DataFrame, defaulted: Labels, *, categorical: Sequence[str], seed: int
) -> tuple[Columns, Matrix]:
    """How to read the columns, and the matrix of these very rows with categories' rates cross-fitted.

    Raises:
        TableError: a column named as categorical is not there, or no column tells anything.
    """
    absent = [name for name in categorical if name not in frame.columns]
    if absent:
        raise TableError(f"categorical: got {absent[0]!r}, expected some of the columns {', '.join(frame.columns)}")
    left_out: dict[str, str] = {}
    rates: dict[str, Rates] = {}
    read: dict[str, Floats] = {}
    folds = np.random.default_rng(seed).permutation(frame.height) % FOLDS
    for name in frame.columns:
        values = frame[name]
        why = _tells_nothing(values, is_category=name in categorical)
        if why:
            left_out[name] = why
        elif name in categorical or is_text(values):
            words = as_categories(values)
            rates[name] = rates_of(words, defaulted)
            read[name] = _cross_fitted(words, defaulted, folds, rates[name])
        else:
            read[name] = as_numbers(values)
    if not read:
        told = "; ".join(f"{name}: {why}" for name, why in left_out.items()) or "there is none"
        raise TableError(f"got no column to learn from ({told})")
    return Columns(tuple(read), rates, left_out), np.column_stack(list(read.values()))


def _tells_nothing(values: pl.Series, *, is_category: bool) -> str | None:
    if _is_strange(values):
        return f"{values.dtype} holds no single value a row"
    if values.drop_nulls().n_unique() <= 1 and (values.null_count() in {0, len(values)}):
        return "the same in every row"
    if is_category:
        return None
    distinct, rows = values.drop_nulls().n_unique(), len(values) - values.null_count()
    if is_text(values) and distinct > max(SHARE_OF_AN_IDENTIFIER * rows, FOLDS):
        return f"{distinct:,} different texts in {rows:,} rows: names rows"
    if values.dtype.is_integer() and distinct == rows == len(values) and _is_a_count(values):
        return "numbers the rows"
    return None


def _is_a_count(values: pl.Series) -> bool:
    """Whether whole numbers run through without a gap: a row number."""
    fewest = 20
    low, high = values.min(), values.max()
    return len(values) >= fewest and isinstance(low, int) and isinstance(high, int) and high - low + 1 == len(values)


def rates_of(words: pl.Series, defaulted: Labels) -> Rates:
    """Shrunk log odds of default by category."""
    overall = float(defaulted.mean())
    known = pl.DataFrame({"word": words, "bad": defaulted}).drop_nulls("word")
    counted = known.group_by("word").agg(pl.len(), pl.col("bad").sum()).sort("word")
    share = (counted["bad"] + PRIOR_ROWS * overall) / (counted["len"] + PRIOR_ROWS)
    odds = np.log(share.to_numpy()) - np.log1p(-share.to_numpy())
    by_category = dict(zip(counted["word"].to_list(), odds.tolist(), strict=True))
    return Rates(by_category, math.log(overall / (1 - overall)))


def _cross_fitted(words: pl.Series, defaulted: Labels, folds: NDArray[np.int64], plain: Rates) -> Floats:
    """Rates of each row's category among the rows of the other folds, where a row could else see its own outcome."""
    if len(words) >= ROWS_FOR_A_PLAIN_RATE * len(plain.by_category):
        return plain.of(words)
    read = np.full(len(words), np.nan)
    for fold in range(FOLDS):
        own = folds == fold
        others = defaulted[~own]
        if 0 < others.sum() < len(others):
            read[own] = rates_of(words.filter(pl.Series(~own)), others).of(words.filter(pl.Series(own)))
    return read


def as_days(values: pl.Series) -> NDArray[np.int64]:
    """Days since 1970 of a column of time; numbers such as 202410 or 0.7 only give an order.

    Raises:
        TableError: some rows have no time, or it is neither a day nor a number.
    """
    if _is_strange(values):
        raise TableError(f"time {values.name!r}: got {values.dtype}, expected days or numbers")
    given = _parsed(values) if is_text(values) and not values.null_count() else values
    gone = given.null_count() if is_text(given) else int(np.isnan(as_numbers(given)).sum())
    if gone:
        raise TableError(f"time {values.name!r}: got {gone} rows without, expected a time in each")
    if given.dtype.is_temporal():
        return np.floor(as_numbers(given)).astype(np.int64)
    return np.asarray(np.unique(as_numbers(given), return_inverse=True)[1], np.int64)


def _parsed(values: pl.Series) -> pl.Series:
    try:
        return pl.Series(values.name, [dt.date.fromisoformat(str(one)[:10]) for one in values])
    except ValueError as error:
        raise TableError(f"time {values.name!r}: {error}; expected days such as 2026-11-22") from error
