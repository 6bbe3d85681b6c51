"""A quick look at a whole table: whether surely every row keeps every rule, so that no row need be judged alone.

Nearly every table is clean. The smallest and the largest value of a column then say what a rule would say row by row;
only what they cannot say is asked of the rows. The look may doubt a clean table, but never passes one that is not.
"""

import datetime as dt
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations, product
from typing import Any

import dataframely as dy
import polars as pl

from sources.codes import is_valid_code, valid_code
from sources.contracts import Table

FEW_ROWS, FEW_TEXTS = 1_000, 64
"""Up to so many, plain Python is quicker than a query."""

COMPARISONS: tuple[Callable[[Any, Any], Any], ...] = (operator.ge, operator.gt, operator.le, operator.lt)


@dataclass(frozen=True)
class _Limits:
    """What the values of one column must keep; all but the first are kept by null.

    Attributes:
        never_null: whether null breaks a rule.
        least, most: inclusive bounds.
        not_empty: whether the empty text breaks a rule.
        most_bytes: longest text.
        is_code: whether the values are social credit codes.
        is_month: whether the values are first days of months.
        pattern: regular expression that is found in every text.
    """

    never_null: bool = False
    least: Any = None
    most: Any = None
    not_empty: bool = False
    most_bytes: int | None = None
    is_code: bool = False
    is_month: bool = False
    pattern: str | None = None


@dataclass(frozen=True)
class _Rules:
    """The rules of a table, by how they are looked at.

    Attributes:
        limits: for each column in order, what its values must keep.
        comparisons: pairs of columns that are compared row by row.
        asked: other rules, asked of the rows.
    """

    limits: tuple[_Limits, ...]
    comparisons: tuple[tuple[str, Callable[[Any, Any], Any], str], ...]
    asked: tuple[pl.Expr, ...]


_rules: dict[tuple[type[dy.Schema], tuple[str, ...]], _Rules] = {}
"""By contract, since sorting the rules of a table takes longer than looking at it."""


def surely_clean(table: Table, frame: pl.DataFrame, *, today: dt.date) -> bool:
    """Whether surely no row is dated after `today`, breaks a rule of the contract, or has the key of another.

    Args:
        table: the contract.
        frame: all its columns, in its order and types.
        today: rows dated later are rejects.
    """
    rules = _rules.get((table.schema, table.dates)) or _rules.setdefault((table.schema, table.dates), _sorted(table))
    columns = dict(zip(table.dtypes, frame.get_columns(), strict=True))
    for limits, values in zip(rules.limits, columns.values(), strict=True):
        nulls = values.null_count()
        if nulls and limits.never_null:
            return False
        if nulls < len(values) and not _within(limits, values):
            return False
    return (
        not any(_ends_after(today, columns[name]) for name in table.dates)
        and all(holds(columns[left], columns[right]).all() for left, holds, right in rules.comparisons)
        and _all_hold(rules.asked, frame)
        and is_unique([columns[name] for name in table.key])
    )


def _ends_after(today: dt.date, days: pl.Series) -> bool:
    newest: Any = days.max()
    return newest is not None and newest > today


def _within(limits: _Limits, values: pl.Series) -> bool:
    """Whether the values of a column, not all null, keep what can be said without a query."""
    least: Any = values.min()
    most: Any = values.max()
    return (
        (limits.most is None or most <= limits.most)
        and (limits.least is None or least >= limits.least)
        and not (limits.not_empty and least == "")
        and (limits.most_bytes is None or _longest(values) <= limits.most_bytes)
        and (not limits.is_code or all(map(is_valid_code, [least] if least == most else values.drop_nulls().unique())))
        and (not limits.is_month or values.dt.day().max() == 1)
        and (limits.pattern is None or values.str.contains(limits.pattern).all())
    )


def _longest(texts: pl.Series) -> int:
    if len(texts) > FEW_TEXTS:
        longest: Any = texts.str.len_bytes().max()
        return int(longest)
    return max(len(text.encode()) for text in texts.to_list() if text is not None)


def _all_hold(rules: Sequence[pl.Expr], frame: pl.DataFrame) -> bool:
    return not rules or all(frame.select(rule.all().alias(str(place)) for place, rule in enumerate(rules)).row(0))


def is_unique(key: Sequence[pl.Series]) -> bool:
    """Whether no two rows have the same key; null is the same as null."""
    rows = len(key[0])
    if rows > FEW_ROWS:
        return not pl.DataFrame(key).select(pl.struct(pl.all()).is_duplicated().any()).item()
    return any(part.n_unique() == rows for part in key if part.dtype == pl.String) or (
        len(set(zip(*(part.to_list() for part in key), strict=True))) == rows
    )


def _sorted(table: Table) -> _Rules:
    """The rules of a table by how they are looked at; one that is not known for certain is asked of the rows."""
    columns = table.schema.columns()
    limits = dict.fromkeys(columns, _Limits())
    comparisons, asked = [], []
    for rule_name, rule in table.rules.items():
        name, _, check = rule_name.partition(":")
        if comparison := _comparison(rule):
            comparisons.append(comparison)
        elif check and (limit := _limit(columns[name], name, check, rule)):
            limits[name] = replace(limits[name], **limit)
        else:
            asked.append(rule)
    return _Rules(tuple(limits.values()), tuple(comparisons), tuple(asked))


def _comparison(rule: pl.Expr) -> tuple[str, Callable[[Any, Any], Any], str] | None:
    """The two columns that a rule compares, when it does no more."""
    for (left, right), holds in product(permutations(rule.meta.root_names(), 2), COMPARISONS):
        if rule.meta.eq(holds(pl.col(left), pl.col(right))):
            return left, holds, right
    return None


def _limit(column: dy.Column, name: str, check: str, rule: pl.Expr) -> Mapping[str, Any] | None:
    """The limit that a rule of one column sets, when it sets one and does no more."""
    if isinstance(column.check, Mapping) and column.check.get(check) is valid_code:
        return {"is_code": True}
    return next((limit for known, limit in _known(column, pl.col(name)) if rule.meta.eq(known)), None)


def _known(column: dy.Column, values: pl.Expr) -> Iterator[tuple[pl.Expr, Mapping[str, Any]]]:
    yield values.is_not_null(), {"never_null": True}
    if isinstance(column, (dy.Int64, dy.Date)):
        if column.min is not None:
            yield values >= column.min, {"least": column.min}
        if column.max is not None:
            yield values <= column.max, {"most": column.max}
    if isinstance(column, dy.Date):
        yield values.dt.truncate("1mo") == values, {"is_month": True}
    if isinstance(column, dy.String):
        yield values.str.len_bytes() >= 1, {"not_empty": True}
        if column.max_length is not None:
            yield values.str.len_bytes() <= column.max_length, {"most_bytes": column.max_length}
        if column.regex is not None:
            yield values.str.contains(column.regex), {"pattern": column.regex}
