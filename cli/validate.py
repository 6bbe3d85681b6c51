"""`xinpei validate`: judge every row of a source and say what was good, what was not and what is missing."""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from cli.failing import BAD_INPUT, clear_line_on

if TYPE_CHECKING:
    from sources.readers import Folder
    from sources.readers.summary import BlockSummary, Summary, TableSummary

LONGEST_NAME = 23
"""Characters: no name of a table is longer."""


def validate(
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="Folder with the tables, lake, or URL of a PostgreSQL database.")
    ],
    mapping: Annotated[
        str | None, typer.Option(metavar="FILE", help="Mapping file, or the name of one that ships with the project.")
    ] = None,
    rejects: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Parquet file for the rows that were left out, with their rule.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the numbers as JSON.")] = False,
) -> None:
    """Judge every row of a source by its contract.  校验数据：逐行检查，统计合格与剔除。

    Ends with 0 when every table could be judged, be there rejects or not, and with 2 when one could not.

    Example: xinpei validate var/city

    Example: xinpei validate exports/ --mapping chinese --rejects var/rejects.parquet
    """
    from sources.clock import today_in_beijing
    from sources.mapping import MappingMistakesError
    from sources.readers import UnusableTableError, judge_source
    from sources.readers.summary import summarise
    from sources.writers import write_parquet

    with clear_line_on(UnusableTableError, OSError):
        try:
            folder = judge_source(source, mapping=mapping, today=today_in_beijing())
        except MappingMistakesError as error:
            _fail(error.lines)
        if rejects is not None:
            write_parquet(folder.rejects, rejects)
    if as_json:
        typer.echo(json.dumps(_json(folder, summarise(folder)), ensure_ascii=False, indent=1, default=str))
    else:
        _show(folder, summarise(folder), rejects)
    if folder.unusable:
        _fail(folder.unusable.values())


def _fail(lines: Iterable[str]) -> NoReturn:
    for line in lines:
        sys.stderr.write(f"xinpei: {' '.join(line.split())}\n")
    raise typer.Exit(BAD_INPUT)


def _json(folder: "Folder", summary: "Summary") -> dict[str, Any]:
    return {**asdict(summary), "unusable": dict(folder.unusable), "unread_files": list(folder.unread)}


def _show(folder: "Folder", summary: "Summary", rejects: Path | None) -> None:
    from rich.console import Console

    console = Console()
    console.print(_tables(summary))
    console.print(_blocks(summary))
    for line in _closing_lines(folder, summary, rejects):
        console.print(line, highlight=False, soft_wrap=True, markup=False)


def _tables(summary: "Summary") -> Any:
    from rich.table import Table

    shown = Table(title="Tables  数据表", box=None, padding=(0, 1, 0, 0))
    shown.add_column("table 表", overflow="fold", min_width=LONGEST_NAME)
    for head in ("given\n原始", "accepted\n合格", "rejected\n剔除", "firms\n企业"):
        shown.add_column(head, justify="right", no_wrap=True)
    shown.add_column("facts\n事实日期", no_wrap=True)
    shown.add_column("known\n获知日期", no_wrap=True)
    for one in summary.tables:
        numbers = (one.given, one.accepted, sum(one.rejected.values()), one.enterprises)
        shown.add_row(
            f"{one.name}\n{one.zh}", *(f"{number:,}" for number in numbers), _days(one.happened), _days(one.known)
        )
        for line in _rows_not_accepted(one):
            shown.add_row(*line)
    return shown


def _rows_not_accepted(one: "TableSummary") -> Iterator[tuple[str, ...]]:
    for rule, rows in one.rejected.items():
        yield f"  {rule}", "", "", f"{rows:,}"
    if one.merged:
        yield "  lines of invoices\n  合并的发票行", "", f"({one.merged:,})"


def _days(days: "tuple[Any, Any] | None") -> str:
    return "—" if days is None else f"{days[0]}\n{days[1]}"


def _blocks(summary: "Summary") -> Any:
    from rich.table import Table

    from sources.contracts import BLOCK_NAMES

    shown = Table(title=f"Coverage of {summary.enterprises:,} enterprises  企业覆盖率")
    shown.add_column("block 数据类别", no_wrap=True)
    shown.add_column("firms\n企业", justify="right", no_wrap=True)
    shown.add_column("share\n占比", justify="right", no_wrap=True)
    shown.add_column("tables not given 未提供的表", overflow="fold")
    for one in summary.blocks:
        shown.add_row(f"{one.name} {BLOCK_NAMES[one.name][0]}", *_covered(one), _not_given(one))
    return shown


def _covered(one: "BlockSummary") -> tuple[str, str]:
    share = "—" if one.share is None or one.is_missing else f"{one.share:.1%}"
    return ("—" if one.is_missing else f"{one.enterprises:,}"), share


def _not_given(one: "BlockSummary") -> str:
    return "all 全部未提供" if one.is_missing else ", ".join(one.tables_missing)


def _closing_lines(folder: "Folder", summary: "Summary", rejects: Path | None) -> Iterator[str]:
    given = sum(one.given for one in summary.tables)
    accepted = sum(one.accepted for one in summary.tables)
    merged = sum(one.merged for one in summary.tables)
    into = f" + merged 合并 {merged:,}" if merged else ""
    yield f"given 原始 {given:,} = accepted 合格 {accepted:,} + rejected 剔除 {folder.rejects.height:,}{into}"
    if folder.unread:
        yield f"files that are no table 未识别的文件: {', '.join(folder.unread)}"
    if folder.rejects.height and rejects is None:
        table, row, rule, value = folder.rejects.row(0)
        yield f"first reject 首条剔除: {table}, row 行 {row}, {rule}: {value} (all of them 全部: --rejects FILE)"
    if rejects is not None:
        yield f"rejects written to 剔除行已写入 {rejects}"
    if not folder.unusable:
        yield "every table could be judged 各表均可使用"
