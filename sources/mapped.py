"""The rows of a source's own files as columns of a contract, by a mapping."""

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl

from sources.clock import BEIJING_NAME
from sources.contracts import Table
from sources.conversion import (
    BROKEN_BY_A_SPREADSHEET,
    answer,
    day,
    month,
    moved_point,
    plain,
    plain_code,
    pseudonym,
    stripped,
    written_out,
)
from sources.found import Found
from sources.lines import FILE, PLACE, REVERSED, RULE, VALUE, merge_lines
from sources.mapping import ANY_OTHER, MONEY, RATES, ColumnMapping, Header, Sides, TableMapping, header_key
from sources.validation import UnusableTableError, no_rejects

NOT_A_SIDE = "enterprise_is_a_side"
"""The rule that an invoice breaks whose seller and buyer are both others."""


@dataclass(frozen=True)
class _Source:
    """One file: its columns as text under their plain headers."""

    path: Path
    frame: pl.DataFrame

    def first_of(self, headers: Sequence[str]) -> pl.Expr | None:
        """The first text that is not empty; None when no such header is there."""
        there = [pl.col(key) for header in headers if (key := header_key(header)) in self.frame.columns]
        return pl.coalesce(there) if there else None


@dataclass(frozen=True)
class _Value:
    """A column under contract: the text it is read from, and what such a text means; null where it means nothing."""

    name: str
    text: pl.Expr
    meaning: Callable[[pl.Expr], pl.Expr]


def mapped(table: Table, spec: TableMapping, parts: Sequence[tuple[Path, Found]]) -> Found:
    """The rows of all files of one table, under contract but not yet judged by it.

    Raises:
        UnusableTableError: a header is unknown or missing.
    """
    frames, rejects, before = [], [no_rejects()], 0
    for number, (path, found) in enumerate(parts):
        rows = _under_contract(table, spec, _source(path, found.frame, spec))
        frames.append(rows.with_columns((found.places + before).alias(PLACE), pl.lit(number).alias(FILE)))
        rejects.append(found.rejects.with_columns(pl.col("row") + before))
        before += found.given
    rows = pl.concat(frames, how="diagonal_relaxed")
    merged = 0
    if spec.lines_of:
        rows, merged = merge_lines(table, rows, spec.lines_of)
    rows = _with_signs(rows)
    bad = rows.filter(pl.col(RULE).is_not_null())
    rejects.append(bad.select(table=pl.lit(table.name), row=PLACE, rule=RULE, value=pl.col(VALUE).str.slice(0, 200)))
    good = rows.filter(pl.col(RULE).is_null())
    columns = [name for name in table.dtypes if name in good.columns]
    return Found(good.select(columns), good[PLACE].alias("row"), pl.concat(rejects), merged)


def _source(path: Path, frame: pl.DataFrame, spec: TableMapping) -> _Source:
    keys = [header_key(name) for name in frame.columns]
    twice = [name for name, key in zip(frame.columns, keys, strict=True) if keys.count(key) > 1]
    if twice:
        raise UnusableTableError(f"{path}: got columns {' and '.join(map(repr, twice))}, expected one of them")
    texts = pl.DataFrame([_as_text(path, column).alias(key) for column, key in zip(frame, keys, strict=True)])
    known_as_empty = [header_key(text) for text in spec.empty]
    unknown = plain(pl.all()).str.to_lowercase().is_in(known_as_empty)
    bare = stripped(pl.all())
    return _Source(path, texts.lazy().select(pl.when(~unknown).then(bare) if known_as_empty else bare).collect())


def _as_text(path: Path, column: pl.Series) -> pl.Series:
    match column.dtype:
        case pl.Datetime(time_zone=zone):
            local = column.dt.convert_time_zone(BEIJING_NAME) if zone else column
            return local.dt.date().cast(pl.String)
        case pl.List() | pl.Array() | pl.Struct() | pl.Binary() | pl.Object():
            raise UnusableTableError(f"{path}: column {column.name!r} holds {column.dtype}, expected text or values")
    return written_out(column) if column.dtype.is_float() or column.dtype.is_decimal() else column.cast(pl.String)


def _under_contract(table: Table, spec: TableMapping, source: _Source) -> pl.DataFrame:
    _refuse_unknown_headers(table, spec, source)
    values = [*_sides(spec.sides, source)] if spec.sides else []
    told = {value.name for value in values}
    values += [
        value for name in table.dtypes if name not in told and (value := _column(table, name, spec, source)) is not None
    ]
    # Lazily, for an expression that occurs twice is then evaluated once.
    texts = source.frame.lazy().select(value.text.alias(value.name) for value in values).collect()
    columns = [_read(texts[value.name], value.meaning) for value in values]
    signs = source.frame.lazy().select(_reversed_columns(table, spec, source)).collect()
    read = pl.DataFrame([*columns, *signs])
    failed = [column.name for column in columns if column.null_count() > texts[column.name].null_count()]
    fails = {name: texts[name].is_not_null() & read[name].is_null() for name in failed}
    rules = [pl.when(fails[name]).then(pl.lit(_rule_of(name, told))) for name in failed]
    shown = [pl.when(fails[name]).then(pl.concat_str(pl.lit(f"{name} "), texts[name])) for name in failed]
    nothing = pl.lit(None, dtype=pl.String)
    return read.with_columns(pl.coalesce(*rules, nothing).alias(RULE), pl.coalesce(*shown, nothing).alias(VALUE))


def _read(texts: pl.Series, meaning: Callable[[pl.Expr], pl.Expr]) -> pl.Series:
    """What the texts of a column mean; each distinct one is read once."""
    distinct = texts.drop_nulls().unique()
    meant = distinct.to_frame().lazy().select(meaning(pl.col(texts.name))).collect().to_series()
    return texts.replace_strict(distinct, meant, default=None, return_dtype=meant.dtype)


def _rule_of(name: str, told_by_sides: set[str]) -> str:
    return NOT_A_SIDE if name in told_by_sides else f"{name}:type"


def _refuse_unknown_headers(table: Table, spec: TableMapping, source: _Source) -> None:
    if spec.ignore_others:
        return
    read = [header for column in spec.columns.values() for header in column.read_headers()]
    sides = spec.sides.read_headers() if spec.sides else ()
    known = {header_key(header): header for header in (*table.dtypes, *read, *spec.ignore, *sides)}
    unknown = [key for key in source.frame.columns if key not in known]
    if unknown:
        close = difflib.get_close_matches(unknown[0], list(known), n=1)
        hint = f"; did you mean {known[close[0]]!r}?" if close else ""
        raise UnusableTableError(
            f"{table.name}: {source.path}: got unknown column {unknown[0]!r}{hint} Name it under columns or ignore of "
            f"the mapping, or set ignore_others = true"
        )


def _column(table: Table, name: str, spec: TableMapping, source: _Source) -> _Value | None:
    """The column of a contract; None when the source does not have it and need not."""
    one = spec.columns.get(name, ColumnMapping())
    if one.constant is not None:
        told = str(one.constant).lower() if isinstance(one.constant, bool) else str(one.constant)
        return _Value(
            name, pl.repeat(told, pl.len()), partial(_converted, table, name, ColumnMapping(), TableMapping())
        )
    text = source.first_of((*one.headers, name))
    if text is None:
        if name in table.optional:
            return None
        expected = " or ".join(map(repr, (*one.headers, name)))
        raise UnusableTableError(
            f"{table.name}: {source.path}: column {expected} is missing. "
            f"Given columns: {', '.join(source.frame.columns)}"
        )
    if one.values:
        text = _meant(table, name, one, text)
    if one.when:
        text = pl.when(_holds(one.when, source)).then(text)
    return _Value(name, text, partial(_converted, table, name, one, spec))


def _meant(table: Table, name: str, one: ColumnMapping, text: pl.Expr) -> pl.Expr:
    """The values that the mapping gives for texts of the source; an empty one means unknown."""
    values = {_cell(given): value for given, value in one.values.items() if given != ANY_OTHER}
    meant = plain(text).replace(values)
    if ANY_OTHER in one.values:
        labels = _labels(table, name)
        known = [*values, *labels, *map(_cell, labels.values())]
        meant = (
            pl.when(plain(text).is_in(known)).then(meant).when(text.is_not_null()).then(pl.lit(one.values[ANY_OTHER]))
        )
    return pl.when(meant != "").then(meant)


def _cell(text: str) -> str:
    """A text of the mapping as `plain` gives that of a cell."""
    return str(pl.select(plain(pl.lit(text))).item() or "")


def _converted(table: Table, name: str, one: ColumnMapping, spec: TableMapping, text: pl.Expr) -> pl.Expr:
    dtype = table.dtypes[name]
    match dtype:
        case pl.Int64():
            unit = one.unit or (spec.unit if name.endswith("_fen") else spec.rate_unit if name.endswith("_bp") else "")
            places = {**MONEY, **RATES}.get(unit, 0)
            return moved_point(text, places, percent=unit == "percent")
        case pl.Date():
            return (month if _is_month(table, name) else day)(text, one.dates or spec.dates)
        case pl.Boolean():
            return answer(text)
        case pl.String():
            return _text(name, one, text)
        case _:
            labels = {_cell(label): code for code, label in _labels(table, name).items()}
            return plain(text).replace(labels)


def _text(name: str, one: ColumnMapping, text: pl.Expr) -> pl.Expr:
    if name == "enterprise_id":
        return plain(text).str.to_uppercase()
    if one.pseudonym:
        return pseudonym(text)
    return pl.when(~text.str.contains(BROKEN_BY_A_SPREADSHEET)).then(plain_code(text))


def _is_month(table: Table, name: str) -> bool:
    return getattr(table.schema.columns()[name], "resolution", None) == "1mo"


def _labels(table: Table, name: str) -> Mapping[str, str]:
    """Code → Chinese label."""
    metadata = table.schema.columns()[name].metadata or {}
    labels: Mapping[str, str] = metadata.get("zh", {})
    return labels


def _holds(conditions: Mapping[str, Sequence[str]], source: _Source) -> pl.Expr:
    """Whether any header has one of its texts; a header that is not there has none."""
    there = [(header_key(header), texts) for header, texts in conditions.items()]
    told = [
        plain(pl.col(key)).is_in([_cell(text) for text in texts]).fill_null(value=False)
        for key, texts in there
        if key in source.frame.columns
    ]
    return pl.any_horizontal(told) if told else pl.lit(value=False)


def _reversed_columns(table: Table, spec: TableMapping, source: _Source) -> list[pl.Expr]:
    return [
        _holds(one.negative_when, source).alias(f"{REVERSED}{name}")
        for name in table.dtypes
        if (one := spec.columns.get(name)) and one.negative_when
    ]


def _with_signs(rows: pl.DataFrame) -> pl.DataFrame:
    """Amounts that the source says are negative, whichever sign it wrote."""
    reversed_ = [name for name in rows.columns if name.startswith(REVERSED)]
    amounts = [(name.removeprefix(REVERSED), name) for name in reversed_]
    negative = [pl.when(pl.col(told)).then(-pl.col(name).abs()).otherwise(name).alias(name) for name, told in amounts]
    return rows.with_columns(negative).drop(reversed_)


def _sides(sides: Sides, source: _Source) -> list[_Value]:
    """Enterprise, direction and counterparty; an invoice between others has no direction."""
    enterprise = _enterprise(sides, source)
    seller, buyer = _named(sides.seller, source), _named(sides.buyer, source)
    seller_code, buyer_code = (
        plain(_named(side[:1], source)).str.to_uppercase() for side in (sides.seller, sides.buyer)
    )
    sells, buys = seller_code == enterprise, buyer_code == enterprise
    direction = pl.when(sells).then(pl.lit("issued")).when(buys).then(pl.lit("received"))
    told = pl.concat_str(pl.lit("seller "), seller.fill_null("?"), pl.lit(", buyer "), buyer.fill_null("?"))
    return [
        _Value("enterprise_id", enterprise, plain),
        _Value("direction", pl.coalesce(direction, told), _side),
        _Value("counterparty", pl.when(sells).then(buyer).otherwise(seller), pseudonym),
    ]


def _side(told: pl.Expr) -> pl.Expr:
    """The direction, unless it is the two sides that are told because there is none."""
    return pl.when(told.is_in(["issued", "received"])).then(told)


def _named(headers: Sequence[str], source: _Source) -> pl.Expr:
    found = source.first_of(headers)
    if found is None:
        raise UnusableTableError(f"{source.path}: column {headers[0]!r} is missing, which names a side of the invoice")
    return found


def _enterprise(sides: Sides, source: _Source) -> pl.Expr:
    match sides.enterprise:
        case str(code):
            return pl.repeat(code, pl.len())
        case Header(headers=headers):
            return plain(_named(headers, source)).str.to_uppercase()
    raise UnusableTableError(
        f"{source.path}: the mapping does not say whose invoices these are; expected in a mapping that extends it, "
        f'under [tables.….sides]: enterprise = "<unified social credit code>" or enterprise = {{ from = "<header>" }}'
    )
