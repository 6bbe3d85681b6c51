"""`xinpei screen`: whom to visit first, whom to recommend, what to check, and which bank goes where."""

import datetime as dt
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.failing import clear_line_on
from cli.options import MappingFile

if TYPE_CHECKING:
    import polars as pl
    from rich.console import Console

    from decisions.screening.assignment import Assignment, Team
    from decisions.screening.lists import Lists
    from decisions.screening.policy import ScreeningPolicy
    from sources.records import Records

DAY = "%Y-%m-%d"
FIRMS_OF_A_CHUNK = 1_000
FEN_OF_A_YUAN = 100
MOST_OF_ANYTHING = 10**11
"""Yuan, as much as a table may tell of one amount, or visits."""

BYTES_OF_A_MIB = 2**20
LEGEND = "columns.csv"
OF_BANKS = ("pairs", "visits")


class CannotScreenError(Exception):
    """What was asked for cannot be screened as asked."""


@dataclass(frozen=True)
class Given:
    """Files beside the city.

    Attributes:
        towns: `enterprise_id`, `town`. needs: `enterprise_id`, `wanted_fen`, `purpose`. banks: a team each.
    """

    towns: "pl.DataFrame | None"
    needs: "pl.DataFrame | None"
    banks: "tuple[Team, ...]"


def screen(
    data: Annotated[str, typer.Option(help="Folder with the tables, lake, or PostgreSQL URL.")],
    as_of: Annotated[dt.datetime, typer.Option(formats=[DAY], help="Day to stand on.")],
    out: Annotated[Path, typer.Option(file_okay=False, help="Folder for the lists.  输出目录")],
    needs: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="CSV of stated needs: enterprise_id, amount_yuan, purpose.  申报清单"),
    ] = None,
    towns: Annotated[
        Path | None, typer.Option(dir_okay=False, help="CSV: enterprise_id, town.  [default: the district]")
    ] = None,
    banks: Annotated[
        Path | None, typer.Option(dir_okay=False, help="CSV: bank_id, visits that its people can make.  银行走访能力")
    ] = None,
    top: Annotated[int | None, typer.Option(min=1, help="Most enterprises of a district on a list.")] = None,
    mapping: MappingFile = None,
) -> None:
    """Screen a city: visiting and recommended lists, what to check first, banks for towns.  走访清单与推荐清单。

    Writes firms (everybody), visiting, recommended, to_check, to_help and, with --banks, pairs and visits, each as CSV
    and as Parquet, and columns.csv, which says what every column is. Possible shells and zombies are never visited
    unseen and never dropped: they stand in to_check.

    Example: xinpei screen --data var/city --as-of 2026-10-31 --out var/screening --top 50

    Example: xinpei screen --data var/lake --as-of 2026-10-31 --out var/screening --towns towns.csv --banks banks.csv
    """
    start = time.perf_counter()
    with _one_line_for_what_can_be_mended():
        day = as_of.date()
        policy = _policy(day)
        given = Given(_read_towns(towns), _read_needs(needs), _read_banks(banks, policy))
        out.mkdir(parents=True, exist_ok=True)  # now: after the screening it is late to find that it cannot be
        firms = _screened(data, day, policy, given.needs, mapping=mapping)
        _say_who_is_unknown(firms, ((towns, given.towns), (needs, given.needs)))
        _write_all(firms, given, policy, top=top, out=out)
    _say_least_age(policy)
    _say_end(firms.height, time.perf_counter() - start, out)


def _one_line_for_what_can_be_mended() -> AbstractContextManager[None]:
    from cli.configuration import BadSettingError
    from decisions.files import FileMistakesError
    from decisions.screening.assignment import AssignmentError
    from sources.mapping import MappingMistakesError
    from sources.validation import UnusableTableError

    of_parts = (UnusableTableError, MappingMistakesError, FileMistakesError, AssignmentError, BadSettingError)
    return clear_line_on(CannotScreenError, OSError, *of_parts)


def _policy(day: dt.date) -> "ScreeningPolicy":
    from decisions.dated import NotInForceError
    from decisions.screening.policy import screening_on
    from sources.clock import explain_day, today_in_beijing

    if fault := explain_day(day, today=today_in_beijing()):
        raise CannotScreenError(f"--as-of: {fault}")
    try:
        return screening_on(day)
    except NotInForceError as error:
        raise CannotScreenError(f"--as-of: {error}") from error


def _screened(
    data: str, as_of: dt.date, policy: "ScreeningPolicy", needs: "pl.DataFrame | None", *, mapping: str | None
) -> "pl.DataFrame":
    """One small row an enterprise; the city is held a chunk at a time beyond what reading it takes."""
    import polars as pl
    from rich.console import Console
    from rich.progress import Progress

    from decisions.screening.lists import table_of
    from decisions.screening.screening import screen

    chunks, count = _chunks(data, mapping)
    tables = []
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("screening 筛选", total=count)
        for records in chunks:
            if not records.enterprises.is_empty():
                tables.append(table_of(screen(records, as_of=as_of, policy=policy, needs=needs)))
            progress.advance(bar)
    if not tables:
        raise CannotScreenError(f"{data}: got no enterprise, expected some to screen")
    return pl.concat(tables)


def _chunks(data: str, mapping: str | None) -> "tuple[Iterator[Records], int]":
    """The records of some enterprises at a time, and how many times: buckets of a lake, or slices of a folder."""
    from cli.rendering import tell_rejects
    from decisions.screening.columns import READ
    from features.population import tables_for
    from sources.clock import today_in_beijing
    from sources.lake import LAKE_FILE, open_lake
    from sources.readers import read_source

    if (Path(data) / LAKE_FILE).is_file() and mapping is None:
        lake = open_lake(Path(data))
        wanted = {*tables_for(lake, READ), "legal_events", "registry", "registry_changes"} & set(lake.tables)
        return (lake.read(bucket, tables=wanted).records for bucket in range(lake.buckets)), lake.buckets
    folder = read_source(data, mapping=mapping, today=today_in_beijing())
    tell_rejects(folder.rejects)
    codes = folder.records.enterprises
    starts = range(0, len(codes), FIRMS_OF_A_CHUNK)
    return (folder.records.only(codes.slice(start, FIRMS_OF_A_CHUNK)) for start in starts), len(starts)


def _read_towns(path: Path | None) -> "pl.DataFrame | None":
    if path is None:
        return None
    frame = _csv(path, "enterprise_id", "town")
    return _once_each(frame.drop_nulls("town"), path, "enterprise_id")


def _read_needs(path: Path | None) -> "pl.DataFrame | None":
    """Amounts in fen and purposes; a column may be left out, and a cell empty."""
    if path is None:
        return None
    import polars as pl

    from decisions.fact_definitions import facts

    frame = _once_each(_csv(path, "enterprise_id", may_have=("amount_yuan", "purpose")), path, "enterprise_id")
    for name in ("amount_yuan", "purpose"):
        if name not in frame.columns:
            frame = frame.with_columns(pl.lit(None, dtype=pl.String).alias(name))
    _check_words(frame, path, "purpose", facts()["purpose"].words)
    amounts = _whole_numbers(frame, path, "amount_yuan") * FEN_OF_A_YUAN
    return frame.select("enterprise_id", amounts.alias("wanted_fen"), "purpose")


def _read_banks(path: Path | None, policy: "ScreeningPolicy") -> "tuple[Team, ...]":
    """A team a bank, with the categories of what it offers today, for it is today that it visits."""
    if path is None:
        return ()
    from cli.configuration import read_settings
    from decisions.offered.catalogue import load_catalogue
    from decisions.screening.assignment import Team
    from sources.clock import today_in_beijing

    frame = _once_each(_csv(path, "bank_id", "visits"), path, "bank_id")
    offered = load_catalogue(illustrative=read_settings().illustrative).on(today_in_beijing())
    categories: dict[str, set[str]] = {}
    for entry in offered.entries:
        categories.setdefault(entry.bank.id, set()).add(entry.product.category)
    _check_words(frame, path, "bank_id", tuple(sorted(categories)))
    visits = _whole_numbers(frame, path, "visits").fill_null(0)
    fewest = int(policy.numbers.fewest_banks_of_a_town.value)
    if frame.height < fewest:
        raise CannotScreenError(f"{path}: got {frame.height} banks, expected at least {fewest}, the fewest of a town")
    return tuple(
        Team(bank_id, count, frozenset(categories[bank_id]))
        for bank_id, count in zip(frame["bank_id"], visits, strict=True)
    )


def _csv(path: Path, *columns: str, may_have: tuple[str, ...] = ()) -> "pl.DataFrame":
    """A CSV file with at least these columns, all as text; says which others it has, for they may be misspelt."""
    import polars as pl

    try:
        frame = pl.read_csv(path, infer_schema=False, encoding="utf8")
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise CannotScreenError(f"{path}: got a file that is no CSV in UTF-8: {str(error).splitlines()[0]}") from error
    names = [name.strip().removeprefix("\ufeff") for name in frame.columns]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise CannotScreenError(f"{path}: got column {twice[0]!r} more than once, expected it once")
    frame.columns = names
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise CannotScreenError(f"{path}: got columns {', '.join(frame.columns)}, expected also {missing[0]}")
    known = (*columns, *may_have)
    if unread := [name for name in frame.columns if name not in known]:
        sys.stderr.write(f"{path}: columns not read 未读取的列: {', '.join(unread)}; read 读取: {', '.join(known)}\n")
    return frame.with_columns(pl.all().str.strip_chars().replace("", None)).drop_nulls(columns[0])


def _once_each(frame: "pl.DataFrame", path: Path, column: str) -> "pl.DataFrame":
    twice = frame.filter(frame[column].is_duplicated())
    if not twice.is_empty():
        raise CannotScreenError(f"{path}: got {column} {twice[column][0]} twice, expected each once")
    return frame


def _say_who_is_unknown(firms: "pl.DataFrame", told: "Iterable[tuple[Path | None, pl.DataFrame | None]]") -> None:
    """Say how many lines of a file are about nobody in the data: they change nothing."""
    for path, frame in told:
        if frame is None:
            continue
        unknown = frame.join(firms, on="enterprise_id", how="anti")["enterprise_id"]
        if not unknown.is_empty():
            sys.stderr.write(
                f"{path}: {len(unknown):,} of {frame.height:,} enterprises are not in the data 不在数据中, "
                f"first 首个: {unknown[0]}\n"
            )


def _check_words(frame: "pl.DataFrame", path: Path, column: str, expected: tuple[str, ...]) -> None:
    foreign = sorted(set(frame[column].drop_nulls()) - set(expected))
    if foreign:
        raise CannotScreenError(f"{path}: {column}: got {foreign[0]!r}, expected one of {', '.join(expected)}")


def _whole_numbers(frame: "pl.DataFrame", path: Path, column: str) -> "pl.Series":
    import polars as pl

    numbers = frame[column].cast(pl.Int64, strict=False)
    bad = frame.filter(frame[column].is_not_null() & ~numbers.is_between(0, MOST_OF_ANYTHING).fill_null(value=False))
    if not bad.is_empty():
        expected = f"a whole number from 0 to {MOST_OF_ANYTHING:,}"
        raise CannotScreenError(f"{path}: {column}: got {bad[column][0]!r}, expected {expected}")
    return numbers


def _write_all(firms: "pl.DataFrame", given: Given, policy: "ScreeningPolicy", *, top: int | None, out: Path) -> None:
    from rich.console import Console

    from decisions.screening.assignment import assign
    from decisions.screening.lists import lists_of, with_towns

    lists = lists_of(firms, towns=given.towns, top=top)
    found = {
        "firms": lists.everybody,
        "visiting": lists.visiting,
        "recommended": lists.recommended,
        "to_check": lists.to_check,
        "to_help": lists.to_help,
    }
    assignment = None
    if given.banks:
        to_visit = with_towns(firms, given.towns)
        to_visit = to_visit.join(lists.visiting.select("enterprise_id"), on="enterprise_id", how="semi")
        assignment = assign(to_visit, given.banks, policy)
        found |= {"pairs": assignment.pairs, "visits": assignment.visits}
    for name, frame in found.items():
        _write(frame, out / name)
    for name in OF_BANKS if assignment is None else ():
        _remove(out / name)
    _write_legend(out)
    _show(firms, lists, assignment, Console())


def _write(frame: "pl.DataFrame", path: Path) -> None:
    from sources.writers import write_parquet

    write_parquet(frame, path.with_suffix(".parquet"))
    _write_csv(frame, path.with_suffix(".csv"))


def _write_csv(frame: "pl.DataFrame", path: Path) -> None:
    """With a BOM, so that spreadsheets read Chinese aright; beside and renamed, so that no half file is left."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    frame.write_csv(unfinished, include_bom=True)
    unfinished.replace(path)


def _remove(path: Path) -> None:
    """A list of an earlier run that this one did not make would look like its own."""
    for suffix in (".parquet", ".csv"):
        path.with_suffix(suffix).unlink(missing_ok=True)


def _write_legend(out: Path) -> None:
    import polars as pl

    from decisions.screening.lists import COLUMNS

    rows = [{"column 列": name, "含义": text.zh, "meaning": text.en} for name, text in COLUMNS.items()]
    _write_csv(pl.DataFrame(rows), out / LEGEND)


def _show(firms: "pl.DataFrame", lists: "Lists", assignment: "Assignment | None", console: "Console") -> None:
    from rich.table import Table

    shown = Table(title="Lists by district  各区清单", box=None, padding=(0, 2, 0, 0))
    shown.add_column("district 区")
    for head in ("firms\n企业", "visiting\n走访", "recommended\n推荐", "to check\n先核实", "to help\n先帮助"):
        shown.add_column(head, justify="right")
    parts = (firms, lists.visiting, lists.recommended, lists.to_check, lists.to_help)
    counts = [dict(part.group_by("district").len().iter_rows()) for part in parts]
    for district in sorted(counts[0], key=str):
        shown.add_row(str(district or "unknown 未知"), *(f"{count.get(district, 0):,}" for count in counts))
    shown.add_row("all 合计", *(f"{part.height:,}" for part in parts))
    console.print(shown)
    if assignment is not None:
        _show_assignment(assignment, console)


def _show_assignment(assignment: "Assignment", console: "Console") -> None:
    pairs, visits = assignment.pairs, assignment.visits
    without = visits["bank_id"].null_count()
    best = "best possible 最优" if assignment.is_optimal else "search ended early 提前结束"
    console.print(
        f"banks 银行 {pairs['bank_id'].n_unique()}, towns 镇街 {pairs['town'].n_unique()}, pairs 对接 {pairs.height}, "
        f"visits 走访 {visits.height - without:,}, without a bank 未分配 {without:,} ({best})",
        highlight=False,
        soft_wrap=True,
    )


def _say_least_age(policy: "ScreeningPolicy") -> None:
    """The one number of the five standards that differs from place to place, and how sure it is."""
    age = policy.minimum_age
    sure = "" if age.sure == age.months else f", under 低于 {age.sure} fails 未达到, between 之间 open 待核实"
    own = ", ".join(f"{district} {one.months}" for district, one in sorted(policy.minimum_age_of.items()))
    sys.stdout.write(
        f"least age 最低成立月数: {age.months} ({age.mark}{sure}){'; of districts 各区: ' + own if own else ''}\n"
    )


def _say_end(firms: int, seconds: float, out: Path) -> None:
    from features.population import peak_memory

    peak = peak_memory() / BYTES_OF_A_MIB
    sys.stdout.write(
        f"{firms:,} enterprises screened 家企业已筛选 in {seconds:.1f} s, peak memory {peak:,.0f} MiB; "
        f"lists in 清单已写入 {out} (columns explained in 列说明见 {LEGEND})\n"
    )
