"""`xinpei profile`: the features of every enterprise of a lake, on the workers of a Dask cluster."""

import datetime as dt
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.failing import clear_line_on
from cli.options import MappingFile

if TYPE_CHECKING:
    from distributed import Client
    from rich.console import Console

    from features.definition import Feature
    from features.population import Summary

DAY = "%Y-%m-%d"
SOME_FAILED, STOPPED = 1, 130
BYTES_OF_A_MIB = 2**20
LONGEST_WAIT = 20.0
"""Seconds for an answer of a scheduler, and for its first worker."""


class CannotProfileError(Exception):
    """What was asked for cannot be profiled as asked."""


@dataclass(frozen=True)
class Task:
    """What to build, and where it goes."""

    data: str
    features: "tuple[Feature, ...]"
    as_of: dt.date
    out: Path


def profile(
    data: Annotated[
        str, typer.Option(help="A lake; or a folder of tables or PostgreSQL URL, which this process alone profiles.")
    ],
    as_of: Annotated[dt.datetime, typer.Option(formats=[DAY], help="Day to stand on.")],
    out: Annotated[Path, typer.Option(file_okay=False, help="Folder for the profiles, one Parquet file a bucket.")],
    features: Annotated[str, typer.Option(metavar="SET", help="Feature set, such as all or invoice_flow.")] = "all",
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes, one thread each.  [default: one a core]")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Dask scheduler to use instead of processes of our own.")
    ] = None,
    mapping: MappingFile = None,
) -> None:
    """Profile every enterprise of a lake.  为全部企业生成特征画像。

    Buckets that are finished already are kept, so a build that was stopped goes on when it is started again. Ends with
    1 when a bucket could not be built, and with 2 when nothing could.

    Example: xinpei profile --data var/lake --as-of 2026-10-31 --out var/profiles --workers 4

    Example: xinpei profile --data var/lake --as-of 2026-10-31 --out var/profiles --scheduler tcp://10.0.0.5:8786
    """
    from rich.console import Console

    from features.population import PopulationError
    from features.sets import UnknownFeatureSetError, feature_set
    from sources.validation import UnusableTableError

    start = time.perf_counter()
    known = (UnusableTableError, PopulationError, CannotProfileError, UnknownFeatureSetError, OSError)
    with clear_line_on(*known), _stoppable(out):
        task = Task(data, feature_set(features), _checked(as_of.date()), out)
        summary = _build(task, mapping, workers=workers, scheduler=scheduler)
    _show(summary, seconds=time.perf_counter() - start, out=out, console=Console())
    if summary.failed:
        raise typer.Exit(SOME_FAILED)


def _build(task: Task, mapping: str | None, *, workers: int | None, scheduler: str | None) -> "Summary":
    from sources.lake import LAKE_FILE

    if (Path(task.data) / LAKE_FILE).is_file():
        if mapping is not None:
            raise CannotProfileError("--mapping: got one for a lake, whose tables are under contract already")
        return _profile_lake(task, workers=workers or os.cpu_count() or 1, scheduler=scheduler)
    if scheduler is not None:
        raise CannotProfileError(f"--scheduler: {task.data} is no lake; only the buckets of a lake can be spread out")
    return _profile_here(task, mapping)


def _checked(as_of: dt.date) -> dt.date:
    from sources.clock import explain_day, today_in_beijing

    if fault := explain_day(as_of, today=today_in_beijing()):
        raise CannotProfileError(f"--as-of: {fault}")
    return as_of


@contextmanager
def _stoppable(out: Path) -> Iterator[None]:
    """Ctrl-C ends with one line that says what is left to do."""
    try:
        yield
    except KeyboardInterrupt as stopped:
        sys.stderr.write(f"xinpei: stopped; finished buckets stay in {out}, the same command goes on from there\n")
        raise typer.Exit(STOPPED) from stopped


def _profile_here(task: Task, mapping: str | None) -> "Summary":
    from cli.rendering import tell_rejects
    from features.population import build_here
    from sources.clock import today_in_beijing
    from sources.readers import read_source

    given = read_source(task.data, mapping=mapping, today=today_in_beijing())
    tell_rejects(given.rejects)
    return build_here(given, task.features, task.as_of, out=task.out)


def _profile_lake(task: Task, *, workers: int, scheduler: str | None) -> "Summary":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from features.population import build_population, claim
    from sources.lake import open_lake

    lake = open_lake(Path(task.data))
    claim(lake, task.features, task.as_of, out=task.out)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with (
        _client(scheduler, workers=min(workers, lake.buckets)) as client,
        Progress(*columns, console=Console(stderr=True), transient=True) as progress,
    ):
        bar = progress.add_task("buckets 分桶", total=lake.buckets)
        return build_population(
            lake, task.features, task.as_of, out=task.out, client=client, on_bucket=lambda _: progress.advance(bar)
        )


@contextmanager
def _client(scheduler: str | None, *, workers: int) -> "Iterator[Client]":
    """A client of processes of our own, or of a cluster that is there."""
    from distributed import Client

    from features.population import local_client

    if scheduler is None:
        with local_client(workers) as client:
            yield client
        return
    try:
        client = Client(scheduler, timeout=LONGEST_WAIT)  # type: ignore[no-untyped-call]  # it ships few types
        client.wait_for_workers(1, timeout=LONGEST_WAIT)
    except ValueError as error:
        raise CannotProfileError(f"--scheduler: got {scheduler!r}, expected an address like tcp://host:8786") from error
    except (OSError, TimeoutError) as error:
        raise CannotProfileError(
            f"--scheduler: no worker at {scheduler} within {LONGEST_WAIT:g} s ({type(error).__name__})"
        ) from error
    with client:
        yield client


def _show(summary: "Summary", *, seconds: float, out: Path, console: "Console") -> None:
    def say(line: str) -> None:
        console.print(line, highlight=False, soft_wrap=True, markup=False)

    done, failed = len(summary.done), len(summary.failed)
    say(
        f"{summary.enterprises:,} enterprises profiled 家企业已生成画像 in {seconds:.1f} s: "
        f"{summary.enterprises / seconds:,.0f} a second 家/秒"
    )
    say(f"buckets 分桶: {done} written 新写, {len(summary.kept)} kept 保留, {failed} failed 失败 → {out}")
    peaks = ", ".join(f"{peak / BYTES_OF_A_MIB:,.0f} MiB" for peak in sorted(summary.peak_bytes.values()))
    if peaks:
        say(f"peak memory of each process 各进程内存峰值: {peaks}")
    if summary.done:
        lacking = {block: count for block, count in summary.without.items() if count}
        told = ", ".join(f"{block} {count:,}" for block, count in lacking.items()) or "none 无"
        say(f"enterprises without a block 缺少数据类别的企业: {told}")
    if summary.rejects:
        say(f"rows left out 剔除行: {summary.rejects:,} (the lake was judged by other contracts 契约版本不同)")
    for bucket, line in summary.failed.items():
        sys.stderr.write(f"xinpei: bucket {bucket} 分桶失败: {line}\n")
