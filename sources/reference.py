"""The reference page of every table, written from its contract: `docs/data.md`."""

from collections.abc import Iterator
from itertools import groupby

import dataframely as dy
import polars as pl

from sources.contracts import ASIDE, BLOCKS_WITH_CONSENT, TABLES, Table
from sources.contracts.table import YEARS_A_NEGATIVE_COUNTS

BLOCKS_ZH = {
    "registry": "登记",
    "ip": "知识产权",
    "legal": "司法与行政处罚",
    "consent": "授权",
    "outcome": "结果",
    **BLOCKS_WITH_CONSENT,
}
LAST_YEAR = 2_199
"""Numbers up to here are written without a separator, for they may be years."""

UNITS = {"_fen": "fen 分", "_bp": "basis points 万分之一", "_m2": "m²"}
TYPES = {pl.String: "text", pl.Int64: "whole number", pl.Date: "day", pl.Boolean: "true or false", pl.Enum: "one of"}

HEAD = f"""# Data  数据

Written from the contracts by `python -m cli.documents`; do not edit it by hand.

A source is a folder with `<table>.parquet`, `<table>.csv` or a folder `<table>/` of such files per table, a lake, or
the tables of these names in a PostgreSQL database. Files with other names, headers, units or words are read through a
[mapping](mapping.md). `xinpei validate` judges every row by what stands here.

Common to all tables:

- Money is whole fen (分), shares and rates are basis points (1 % = 100), days are `2024-01-31`, a month is its first
  day.
- An empty field (`null`) is unknown; 0 is an observed zero.
- `enterprise_id` is the unified social credit code (统一社会信用代码) with its check digit.
- `known_on` is the day on which the fact could first be known; nothing is used before that day. Where a source does not
  give it, the columns named under *known on* stand in, the first that is not null.
- A row that breaks a rule is a reject with table, row, rule and value; it never costs another row. The rules that hold
  everywhere: `duplicate` (an exact copy), `<column>:type` (a text that is no such value), `<column>:nullability` (a
  required field is empty), `after_today` (a fact from the future), `<column>:min`, `:max`, `:regex` … (bounds of a
  column), the rules of the table, and `duplicate_key` (of several rows with one key the earliest known is kept). In a
  CSV file also `fields`: a line with more or fewer fields than the header. Through a mapping also
  `enterprise_is_a_side` and `lines_of_one_invoice`.
- A rule is kept by a row in which one of its columns is unknown, unless the rule is about being there.
- What changes later is unknown before the day of the change, together with the columns named beside it.
- Negative facts count for {YEARS_A_NEGATIVE_COUNTS} years from their end (征信业管理条例, article 16), repaired ones no
  more.
"""


def markdown() -> str:
    """The whole page: every block, its tables, their columns and rules."""
    parts = [HEAD, _contents()]
    for block, tables in groupby((*TABLES.values(), *ASIDE.values()), key=lambda table: table.block):
        parts.append(_block(block, list(tables)))
    return "\n".join(parts)


def _contents() -> str:
    lines = ["| block | table | one row is | consent |", "|---|---|---|---|"]
    for table in (*TABLES.values(), *ASIDE.values()):
        consent = "needed 需授权" if table.block in BLOCKS_WITH_CONSENT else ""
        link = f"[`{table.name}`](#{table.name}) {table.zh}"
        lines.append(f"| {table.block} {BLOCKS_ZH[table.block]} | {link} | {_grain(table)} | {consent} |")
    return "\n".join([*lines, ""])


def _block(block: str, tables: list[Table]) -> str:
    return "\n".join([f"## Block {block}  {BLOCKS_ZH[block]}", "", *(_table(table) for table in tables)])


def _table(table: Table) -> str:
    lines = [f"### {table.name}", "", f"{table.zh}. {_docstring(table)}", "", *_facts(table), ""]
    lines += ["| column | type | unit | may be null | allowed | meaning |", "|---|---|---|---|---|---|"]
    columns = table.schema.columns()
    lines += [_column(table, name, columns[name]) for name in table.dtypes]
    if rules := list(_rules(table)):
        lines += ["", "Rules:", "", *rules]
    return "\n".join([*lines, ""])


def _docstring(table: Table) -> str:
    return " ".join((table.schema.__doc__ or "").split())


def _grain(table: Table) -> str:
    grain = _docstring(table).removeprefix("One row ").split(":")[0].rstrip(".")
    return grain[0].lower() + grain[1:]


def _facts(table: Table) -> Iterator[str]:
    yield f"- Key: {_names(table.key)}"
    if table.versions_of:
        yield f"- Versions: the newest known row counts for each {_names(table.versions_of)}"
    default = f"given, else {_names(table.known_on_default)}" if table.known_on_default else "must be given"
    yield f"- Known on: {default}"
    for change, told in table.changes_later.items():
        beside = f", with {_names(told)}" if told else ""
        negative = " (negative: counts for 5 years)" if change in table.negative_changes else ""
        yield f"- Changes later: `{change}`{beside}{negative}"
    if table.planned:
        yield f"- May lie ahead: {_names(table.planned)}"
    if table.negative_until is not None:
        read = set(table.negative_until.meta.root_names())
        ends = [name for name in table.dtypes if name in read and name != "enterprise_id"]
        yield f"- Forgotten: negative rows {YEARS_A_NEGATIVE_COUNTS} years after their end (from {_names(ends)})"
    if table.repaired_on:
        yield f"- Repaired: rows count no more from `{table.repaired_on}`"


def _names(names: "tuple[str, ...] | list[str]") -> str:
    return ", ".join(f"`{name}`" for name in names)


def _column(table: Table, name: str, column: dy.Column) -> str:
    unit = next((unit for suffix, unit in UNITS.items() if name.endswith(suffix)), "")
    kind = "month" if getattr(column, "resolution", None) == "1mo" else TYPES[column.dtype.base_type()]
    may_be_null = (
        "may be left out" if name in table.optional and not column.nullable else "yes" if column.nullable else ""
    )
    cells = (f"`{name}`", kind, unit, may_be_null, _allowed(column), column.description or "")
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _allowed(column: dy.Column) -> str:
    if isinstance(column.dtype, pl.Enum):
        labels = (column.metadata or {}).get("zh", {})
        return ", ".join(f"`{code}` {labels.get(code, '')}".rstrip() for code in column.dtype.categories)
    lowest, highest = getattr(column, "min", None), getattr(column, "max", None)
    bounds = [f"≥ {_number(lowest)}"] if lowest is not None else []
    bounds += [f"≤ {_number(highest)}"] if highest is not None else []
    shortest, longest = getattr(column, "min_length", None), getattr(column, "max_length", None)
    if longest is not None:
        bounds.append(f"{shortest or 0} to {longest} characters")
    if pattern := getattr(column, "regex", None):
        bounds.append(f"`{pattern}`")
    if column.check is not None:
        bounds.append("check digit")
    return ", ".join(bounds)


def _number(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) and value > LAST_YEAR else str(value)


def _rules(table: Table) -> Iterator[str]:
    """The rules over several columns, each with the columns that it compares."""
    for rule in table.rules:
        if ":" not in rule:
            compared = [name for name in table.dtypes if name in table.rules[rule].meta.root_names()]
            yield f"- `{rule}`: {rule.replace('_', ' ')} ({_names(compared)})"
