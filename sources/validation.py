"""Soft validation: good rows go on, bad rows become rejects with table, row, rule and value."""

import datetime as dt
import difflib
from dataclasses import dataclass

import polars as pl

from sources.clean import surely_clean
from sources.clock import BEIJING_NAME
from sources.contracts import Table

ROW = "__row"
RULE = "__rule"
REJECT_SCHEMA = {"table": pl.String, "row": pl.UInt32, "rule": pl.String, "value": pl.String}


class UnusableTableError(ValueError):
    """A table whose columns do not fit its contract, so that no row of it can be judged."""


@dataclass(frozen=True)
class Checked:
    """Rows that keep every rule, and one reject for each row that does not.

    A row that breaks several rules is rejected under the first: `duplicate`, then `<column>:type`, `after_today`,
    the contract's own rules in its order, then `duplicate_key`. So accepted + rejected = given.
    """

    rows: pl.DataFrame
    rejects: pl.DataFrame

    @property
    def given(self) -> int:
        return self.rows.height + self.rejects.height


def no_rejects() -> pl.DataFrame:
    return pl.DataFrame(schema=REJECT_SCHEMA)


def validate(table: Table, raw: pl.DataFrame, *, today: dt.date) -> Checked:
    """Judge every row of `raw` by the table's contract.

    Args:
        table: the contract.
        raw: columns of the contract in any order, as text or typed; optional columns may be missing.
        today: rows dated later are rejects.

    Raises:
        UnusableTableError: a required column is missing, an unknown one is there, or one holds what cannot be meant.
    """
    given = _with_all_columns(table, raw)
    typed = _surely_typed(table, given)
    if typed is not None and surely_clean(table, typed, today=today):
        return Checked(typed, no_rejects())
    left, rejected = given.with_row_index(ROW), [no_rejects()]
    for step in (_duplicates, _typed, _after_today, _contract, _duplicate_keys):
        left, bad = step(table, left, today)
        if bad.height:
            rejected.append(_as_rejects(table, bad))
    rows = left.drop(ROW).select(*table.dtypes)
    return Checked(rows, pl.concat(rejected).sort("row"))


def _with_all_columns(table: Table, raw: pl.DataFrame) -> pl.DataFrame:
    columns = raw.columns
    unknown = [name for name in columns if name not in table.dtypes]
    if unknown:
        close = difflib.get_close_matches(unknown[0], list(table.dtypes), n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise UnusableTableError(
            f"{table.name}: got unknown column {unknown[0]!r}{hint} Expected columns: {', '.join(table.dtypes)}"
        )
    missing = [name for name in table.dtypes if name not in columns and name not in table.optional]
    if missing:
        raise UnusableTableError(f"{table.name}: column {missing[0]!r} is missing. Given columns: {', '.join(columns)}")
    for name, given in zip(columns, raw.dtypes, strict=True):
        if not _can_hold(given, table.dtypes[name]):
            raise UnusableTableError(
                f"{table.name}: column {name!r} holds {given}, expected {table.dtypes[name]} or text"
            )
    if columns == list(table.dtypes):
        return raw
    absent = [pl.lit(None, dtype=dtype).alias(name) for name, dtype in table.dtypes.items() if name not in columns]
    return raw.with_columns(absent).select(*table.dtypes)


def _can_hold(given: pl.DataType, expected: pl.DataType) -> bool:
    """Whether values of one type may stand for the other: a whole number for text, but no number for a day."""
    if given in (expected, pl.String, pl.Null):
        return True
    match expected:
        case pl.Date():
            return isinstance(given, pl.Datetime)
        case pl.Int64():
            return given.is_numeric()
        case pl.Boolean():
            return given.is_integer()
    return isinstance(given, (pl.Categorical, pl.Enum)) or (expected == pl.String and given.is_integer())


def _surely_typed(table: Table, frame: pl.DataFrame) -> pl.DataFrame | None:
    """The columns in the types of the contract, or None when a value may be lost on the way."""
    columns = []
    for given, dtype in zip(frame.get_columns(), table.dtypes.values(), strict=True):
        cast = given if given.dtype == dtype else _cast_whole(given, dtype)
        if cast.null_count() != given.null_count():
            return None
        columns.append(cast)
    typed = pl.DataFrame(columns)
    if not typed["known_on"].null_count():
        return typed
    return typed.with_columns(known_on=pl.coalesce("known_on", *table.known_on_default))


def _cast_whole(given: pl.Series, dtype: pl.DataType) -> pl.Series:
    if isinstance(dtype, pl.Enum) and given.dtype == pl.String:
        return given.cast(dtype, strict=False)
    return given.to_frame().select(_cast(given.name, dtype, given.dtype)).to_series()


def _split(frame: pl.DataFrame, rule: pl.Expr) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows for which `rule` gives no name, and the others with that name in RULE."""
    judged = frame.with_columns(rule.alias(RULE))
    is_bad = pl.col(RULE).is_not_null()
    return judged.filter(~is_bad).drop(RULE), judged.filter(is_bad)


def _duplicates(table: Table, frame: pl.DataFrame, _today: dt.date) -> tuple[pl.DataFrame, pl.DataFrame]:
    copies = ~pl.struct(*table.dtypes).is_first_distinct()
    return _split(frame, pl.when(copies).then(pl.lit("duplicate")))


def _typed(table: Table, frame: pl.DataFrame, _today: dt.date) -> tuple[pl.DataFrame, pl.DataFrame]:
    casts = {
        name: _cast(name, dtype, frame.schema[name])
        for name, dtype in table.dtypes.items()
        if frame.schema[name] != dtype
    }
    failed = [
        pl.when(pl.col(name).is_not_null() & cast.is_null()).then(pl.lit(f"{name}:type"))
        for name, cast in casts.items()
    ]
    good, bad = _split(frame, pl.coalesce(*failed, pl.lit(None, dtype=pl.String)))
    good = good.with_columns(**casts)
    return good.with_columns(known_on=pl.coalesce("known_on", *table.known_on_default)), bad


def _cast(name: str, dtype: pl.DataType, given: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if given == pl.String:
        column = column.str.strip_chars()
        column = pl.when(column != "").then(column)
        if dtype == pl.Date:
            return column.str.to_date("%Y-%m-%d", strict=False)
        if dtype == pl.Boolean:
            return column.str.to_lowercase().replace_strict(["true", "false"], [True, False], default=None)
    if isinstance(given, pl.Datetime) and given.time_zone:
        # A cast would make midnight in Beijing the day before.
        return column.dt.convert_time_zone(BEIJING_NAME).dt.date()
    if dtype == pl.Boolean and given.is_integer():
        return pl.when(column.is_between(0, 1)).then(column.cast(pl.Boolean))
    if dtype == pl.Int64 and (given.is_float() or given.is_decimal()):
        return pl.when(column == column.round()).then(column.cast(pl.Int64, strict=False))
    return column.cast(dtype, strict=False)


def _after_today(table: Table, frame: pl.DataFrame, today: dt.date) -> tuple[pl.DataFrame, pl.DataFrame]:
    late = pl.any_horizontal(pl.col(table.dates) > today)
    return _split(frame, pl.when(late).then(pl.lit("after_today")))


def _contract(table: Table, frame: pl.DataFrame, _today: dt.date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rules judge the rows given, so a row that breaks none needs no look at each rule."""
    kept = frame.select(pl.all_horizontal(rule.fill_null(value=True) for rule in table.rules.values())).to_series()
    if kept.all():
        return frame, frame.clear()
    first_broken = pl.coalesce(pl.when(~rule).then(pl.lit(name)) for name, rule in table.rules.items())
    return frame.filter(kept), frame.filter(~kept).with_columns(first_broken.alias(RULE))


def _duplicate_keys(table: Table, frame: pl.DataFrame, _today: dt.date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Of several versions of one fact the earliest known is kept; what changed later it takes from the others.

    A change counts from the day on which a version that tells of it could be known, so that rows which arrive later
    never alter what was known before.
    """
    if not frame.select(pl.struct(*table.key).is_duplicated().any()).item():
        return frame, frame.clear()
    merged = frame.with_columns(one for change in table.changes_later for one in _first_known(change, table))
    kept = merged.sort(*table.key_order, nulls_last=True, maintain_order=True).unique(
        table.key, keep="first", maintain_order=True
    )
    return _split(merged, pl.when(~pl.col(ROW).is_in(kept[ROW].implode())).then(pl.lit("duplicate_key")))


def _first_known(change: str, table: Table) -> list[pl.Expr]:
    """The earliest day on which a version of a fact could tell of its change, and what that version said of it.

    A fact of one version stays as it is.
    """
    several = pl.len().over(table.key) > 1
    told = pl.when(pl.col(change).is_not_null()).then(pl.max_horizontal(change, "known_on"))
    said = table.changes_later[change]
    first = [pl.col(name).sort_by(told, *table.key_order, nulls_last=True).first().over(table.key) for name in said]
    merged = {change: told.min().over(table.key), **dict(zip(said, first, strict=True))}
    return [pl.when(several).then(value).otherwise(pl.col(name)).alias(name) for name, value in merged.items()]


def _as_rejects(table: Table, bad: pl.DataFrame) -> pl.DataFrame:
    """One line a bad row: the value of the column at fault, or of the columns that a rule over several compares."""

    def shown(columns: tuple[str, ...]) -> pl.Expr:
        return pl.concat_str(
            *(pl.concat_str(pl.lit(f"{name} "), pl.col(name).cast(pl.String).fill_null("null")) for name in columns),
            separator=", ",
        )

    value = pl.lit(None, dtype=pl.String)
    for rule in bad[RULE].unique():
        columns = table.columns_of(rule)
        value = pl.when(pl.col(RULE) == rule).then(shown(columns)).otherwise(value)
    return bad.select(table=pl.lit(table.name), row=pl.col(ROW), rule=pl.col(RULE), value=value.str.slice(0, 200))
