"""`xinpei simulate`: invent a city of enterprises with all their tables, and the truth beside them."""

import datetime as dt
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.failing import clear_line_on

if TYPE_CHECKING:
    from rich.console import Console

    from simulation.city import Told
    from simulation.plan import City

BYTES_OF_A_MIB = 2**20
STOPPED = 130


Out = Annotated[Path, typer.Option(file_okay=False, help="Folder: new, empty, or of an earlier simulation.  输出目录")]
Until = Annotated[
    dt.datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Last day of a month.  截止日  [default: end of last month]"),
]
Workers = Annotated[int | None, typer.Option(min=1, help="Processes, one thread each.  进程数  [default: one a core]")]
FirmMonths = Annotated[
    int, typer.Option(metavar="K", help="Firm-months drawn for true chances of each product.  抽取数")
]
Futures = Annotated[
    int, typer.Option(metavar="N", help="Futures of each firm-month for its true PD, such as 1000.  未来数")
]
Mistakes = Annotated[
    bool, typer.Option(help="Plant mistakes that sources make, such as rows sent twice.  植入数据差错")
]


def simulate(
    out: Out,
    enterprises: Annotated[int, typer.Option(help="How many enterprises.  企业数")] = 400,
    months: Annotated[int, typer.Option(help="Months told, up to the last day; at least 14.  月数")] = 36,
    seed: Annotated[int, typer.Option(help="The same seed invents the same city.  随机种子")] = 1,
    until: Until = None,
    workers: Workers = None,
    chunk: Annotated[int, typer.Option(help="Enterprises a task tells, a multiple of 200.  每个任务的企业数")] = 200,
    firm_months: FirmMonths = 0,
    futures: Futures = 0,
    mistakes: Mistakes = True,
) -> None:
    """Invent a city: 24 tables, labels, applications, and the truth.  生成虚构城市：全部数据表、标签、申请与真值。

    The same numbers give the same bytes, whatever the workers and chunks. What no source tells lies in OUT/truth:
    hidden months, true chances, roles; no other command reads it. An earlier simulation in OUT is replaced.

    同样的参数生成完全相同的文件，与进程数和任务大小无关。OUT/truth 存放真值（隐藏状态、真实概率、企业角色），
    其他命令一概不读。OUT 中先前的模拟结果会被替换。

    Example: xinpei simulate --enterprises 400 --months 36 --seed 1 --until 2026-10-31 --out var/city

    Example: xinpei simulate --enterprises 20000 --firm-months 20000 --futures 1000 --workers 8 --out var/large
    """
    from rich.console import Console

    from simulation.city import CityError
    from simulation.city import simulate as invent
    from simulation.plan import City

    start = time.perf_counter()
    with clear_line_on(CityError, ValueError, OSError), _stoppable(out):
        city = City(
            enterprises=enterprises,
            months=months,
            seed=seed,
            until=_last_day(until),
            mistakes=mistakes,
            firm_months=firm_months,
            branches=futures,
        )
        with _progress(enterprises) as advance:
            told = invent(city, out, chunk=chunk, workers=workers or os.cpu_count() or 1, on_told=advance)
    _show(told, city, out, seconds=time.perf_counter() - start, console=Console())


def _last_day(until: dt.datetime | None) -> dt.date:
    """The last day that is told.

    Raises:
        ValueError: it lies ahead.
    """
    from sources.clock import today_in_beijing

    today = today_in_beijing()
    last_day = until.date() if until else today.replace(day=1) - dt.timedelta(days=1)
    if last_day > today:
        raise ValueError(f"until: got {last_day}, expected no day after today ({today})")
    return last_day


@contextmanager
def _stoppable(out: Path) -> Iterator[None]:
    """Ctrl-C ends with one line that says what is left."""
    try:
        yield
    except KeyboardInterrupt as stopped:
        sys.stderr.write(f"xinpei: stopped; the parts in {out} are not the whole city, the same command begins anew\n")
        raise typer.Exit(STOPPED) from stopped


@contextmanager
def _progress(enterprises: int) -> "Iterator[Callable[[int], None]]":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("inventing enterprises 正在生成企业", total=enterprises)
        yield lambda firms: progress.advance(bar, firms)


def _show(told: "Told", city: "City", out: Path, *, seconds: float, console: "Console") -> None:
    from rich.table import Table

    from sources.readers.folder import ALL_TABLES

    shown = Table(title=f"invented, not real  虚构数据，并非真实企业: {out}", box=None, padding=(0, 2, 0, 0))
    shown.add_column("table 表")
    shown.add_column("rows 行数", justify="right")
    for name, rows in told.tables.items():
        shown.add_row(f"{name} {ALL_TABLES[name].zh}", f"{rows:,}")
    shown.add_section()
    for name, rows in told.truth.items():
        shown.add_row(f"truth/{name} 真值", f"{rows:,}")
    console.print(shown)
    for line in _closing_lines(told, city, out, seconds=seconds):
        console.print(line, highlight=False, soft_wrap=True, markup=False)


def _closing_lines(told: "Told", city: "City", out: Path, *, seconds: float) -> Iterator[str]:
    rows = sum(told.tables.values())
    yield (
        f"{city.enterprises:,} enterprises 家企业, {city.months} months 个月 up to 截至 {city.until}: "
        f"{rows:,} rows 行 in {seconds:.1f} s, {rows / seconds:,.0f} a second 行/秒"
    )
    peaks = ", ".join(f"{peak / BYTES_OF_A_MIB:,.0f} MiB" for peak in told.peak_bytes)
    yield f"peak memory of each process 各进程内存峰值: {peaks}"
    if told.tables.get("labels"):
        yield _labelled(out)


def _labelled(out: Path) -> str:
    import polars as pl

    labels = pl.scan_parquet(out / "labels" / "*.parquet")
    told = (pl.len(), pl.n_unique("enterprise_id").alias("firms"), pl.min("as_of"), pl.max("as_of").alias("last"))
    rows, firms, first, last, defaults = labels.select(*told, pl.mean("defaulted")).collect().row(0)
    return (
        f"labels 标签: {rows:,} judgements 次判定 of {firms:,} borrowers 家借款企业, {first} – {last}; "
        f"{defaults:.1%} defaulted within a year 一年内违约"
    )
