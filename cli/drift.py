"""`xinpei drift`: whether recent requests are still what the model knows, and what to do if not."""

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.failing import clear_line_on
from cli.options import TRACKING, MappingFile, Tracking, TrackingUri

if TYPE_CHECKING:
    from rich.console import Console

    from scoring.model import Model
    from training.drift.kinds import Alarm, Report
    from training.drift.reference import Reference
    from training.drift.requests import Requests, Span

MONTH, DAY = "%Y-%m", "%Y-%m-%d"
ASKS_FOR_ACTION = 1
MONTHS_BEFORE = 2
"""A month is also looked at together with so many before it."""

MONTHS_OF_OUTCOMES = 18
MODEL = Path("var/models/champion")
MOST_FEATURES = 8


class CannotLookError(Exception):
    """What was asked for cannot be looked at as asked."""


@dataclass(frozen=True)
class Months:
    """The first days of the months asked for, and the last day that anything is known of."""

    days: tuple[dt.date, ...]
    until: dt.date


@dataclass(frozen=True)
class Origin:
    """Where requests come from: the store of the service, or tables of enterprises."""

    store: str | None
    data: str | None
    mapping: str | None


Store = Annotated[
    str | None, typer.Option(metavar="URL", help="Store of the service, such as sqlite:///var/xinpei.db.")
]
Data = Annotated[
    str | None, typer.Option(help="Instead: a lake, folder or PostgreSQL URL, all enterprises at the ends of months.")
]
First = Annotated[
    dt.datetime | None, typer.Option("--from", formats=[MONTH], help="First month.  [default: that of --until]")
]
Until = Annotated[
    dt.datetime | None, typer.Option(formats=[MONTH], help="Last month.  [default: the last one that is over]")
]
ReferenceFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="What to compare with.  [default: drift.json of the model]")
]
MakeReference = Annotated[
    Path | None,
    typer.Option(metavar="FILE", dir_okay=False, help="Write a reference of these months instead of looking at them."),
]
ThresholdsOn = Annotated[
    dt.datetime | None, typer.Option(formats=[DAY], help="Day of the thresholds.  [default: today]")
]
Log = Annotated[bool, typer.Option("--log", help="Also log the figures as a run of MLflow.")]


def drift(
    store: Store = None,
    data: Data = None,
    first: First = None,
    until: Until = None,
    model: Annotated[Path, typer.Option(help="Model folder.")] = MODEL,
    reference: ReferenceFile = None,
    make_reference: MakeReference = None,
    mapping: MappingFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the reports as JSON.")] = False,
    on: ThresholdsOn = None,
    log: Log = False,
    tracking: Tracking = TRACKING,
    tracking_uri: TrackingUri = None,
) -> None:
    """Compare recent requests with what the model knows.  比较近期请求与模型参照，判断是否需要重新训练。

    Tells shifts of inputs, mistakes in units, missing blocks, the tax calendar, changes of policy, outcomes that differ
    and labels that come late from each other. Ends with 1 when an alarm asks for action, 2 on bad input.

    Example: xinpei drift --store sqlite:///var/xinpei.db

    Example: xinpei drift --data var/lake --from 2026-08 --until 2026-10 --json

    Example: xinpei drift --data var/lake --from 2024-01 --until 2025-12 --make-reference var/drift.json
    """
    from rich.console import Console

    from sources.clock import today_in_beijing

    today = today_in_beijing()
    with _one_line_for_what_can_be_mended():
        months, origin = _months(first, until, today), Origin(store, data, mapping)
        _check(origin)
        loaded = _model(model)
        if make_reference is not None:
            _make(origin, loaded, months, make_reference)
            return
        known = _reference(reference or model, loaded)
        requests = _requests(origin, loaded, months, before=MONTHS_BEFORE)
        reports = list(_looked(known, requests, months, on.date() if on else today))
        if log:
            _log(reports, tracking, tracking_uri)
    if as_json:
        typer.echo(json.dumps(_as_json(known, reports), ensure_ascii=False, indent=1))
    else:
        _show(known, reports, Console(markup=False, highlight=False))
    if any(report.asks_for_action for report in reports):
        raise typer.Exit(ASKS_FOR_ACTION)


def _one_line_for_what_can_be_mended() -> AbstractContextManager[None]:
    from decisions.dated import NotInForceError
    from decisions.files import FileMistakesError
    from features.peers import PeersError
    from scoring.folder import ModelFolderError
    from sources.validation import UnusableTableError
    from training.drift.requests import DriftError
    from training.posted.store import StoreError
    from training.tracking import TrackerError

    of_files = (ModelFolderError, UnusableTableError, FileMistakesError, PeersError, OSError)
    return clear_line_on(CannotLookError, DriftError, StoreError, TrackerError, NotInForceError, *of_files)


def _check(origin: Origin) -> None:
    if (origin.store is None) == (origin.data is None):
        both = "neither" if origin.store is None else "both"
        raise CannotLookError(f"got {both} of --store and --data, expected one of them")
    if origin.mapping is not None and origin.data is None:
        raise CannotLookError("--mapping: got one for the store, which needs none")


def _months(first: dt.datetime | None, until: dt.datetime | None, today: dt.date) -> Months:
    from training.drift.requests import Span

    last = until.date() if until else today.replace(day=1) - dt.timedelta(days=1)
    begin = first.date() if first else last.replace(day=1)
    if begin > last:
        raise CannotLookError(f"--from: got {begin:%Y-%m}, expected a month before {last:%Y-%m}")
    if last.replace(day=1) > today:
        raise CannotLookError(f"--until: got {last:%Y-%m}, expected a month that has begun by {today}")
    days, day = [], begin.replace(day=1)
    while day <= last:
        days.append(day)
        day = Span.of_month(day).last + dt.timedelta(days=1)
    return Months(tuple(days), min(Span.of_month(last).last, today))


def _model(folder: Path) -> "Model":
    from scoring.folder import load

    return load(folder)


def _reference(path: Path, model: "Model") -> "Reference":
    from training.drift.reference import read

    known = read(path)
    if path.is_dir():  # a model was numbered only after its reference was made
        known = replace(known, model_version=model.card.version)
    lacking = sorted(set(known.features) - {feature.name for feature in model.features})
    if lacking:
        raise CannotLookError(f"{path}: looks at {lacking[0]!r}, which the model does not see; make a new reference")
    return known


def _span(months: Months, *, before: int) -> "Span":
    from training.drift.requests import Span

    return Span(Span.of_month(months.days[0], months=before + 1).first, months.until)


def _requests(origin: Origin, model: "Model", months: Months, *, before: int) -> "Requests":
    """The requests of the months and of some before them; of a store, older ones too, for what became of them."""
    from training.drift.gathering import month_ends, of_lake, of_records, of_store

    span = _span(months, before=before)
    if origin.store is not None:
        older = _span(months, before=MONTHS_OF_OUTCOMES)
        return of_store(origin.store, model, older, features_from=span.first)
    data = str(origin.data)
    ends = month_ends(span, until=months.until)
    if _is_lake(data):
        from sources.lake import open_lake

        if origin.mapping is not None:
            raise CannotLookError("--mapping: got one for a lake, whose tables are under contract already")
        return of_lake(open_lake(Path(data)), model, ends)
    from cli.rendering import tell_rejects
    from sources.clock import today_in_beijing
    from sources.readers import read_source

    given = read_source(data, mapping=origin.mapping, today=today_in_beijing())
    tell_rejects(given.rejects)
    return of_records(given.records, model, ends)


def _is_lake(data: str) -> bool:
    from sources.lake import LAKE_FILE

    return (Path(data) / LAKE_FILE).is_file()


def _make(origin: Origin, model: "Model", months: Months, path: Path) -> None:
    from training.drift.reference import Reference, write

    requests = _requests(origin, model, months, before=0).within(_span(months, before=0))
    made = Reference.of_requests(requests, model.features, model_version=model.card.version, on=months.until)
    write(made, path)
    typer.echo(f"reference 参照: {made.rows:,} requests of {made.enterprises:,} enterprises, {made.span}, in {path}")


def _looked(known: "Reference", requests: "Requests", months: Months, on: dt.date) -> Iterator["Report"]:
    from training.drift.calendar import tax_calendar
    from training.drift.judging import judge
    from training.drift.policy import drift_policy

    policy, calendar = drift_policy(on), tax_calendar()
    for day in months.days:
        yield judge(known, requests, day, policy=policy, calendar=calendar)


def _as_json(known: "Reference", reports: "Sequence[Report]") -> dict[str, Any]:
    from training.drift.as_json import as_json
    from training.drift.kinds import most_urgent

    span = {"from": known.span.first.isoformat(), "until": known.span.last.isoformat()}
    reference = {"model_version": known.model_version, "requests": known.rows, "enterprises": known.enterprises, **span}
    advice = most_urgent(report.advice for report in reports)
    return {"advice": advice, "reference": reference, "months": [as_json(report) for report in reports]}


def _log(reports: "Sequence[Report]", tracking: Path, tracking_uri: str | None) -> None:
    """One run: figures by month as steps, alarms as tags."""
    import mlflow

    from training.drift.as_json import as_json
    from training.tracking import Tracker

    with Tracker.of(tracking_uri, tracking).run("drift"):
        for step, report in enumerate(reports):
            figures = {name: value for name, value in as_json(report)["figures"].items() if value is not None}
            mlflow.log_metrics({"requests": report.rows, "alarms": len(report.alarms), **figures}, step=step)
            mlflow.set_tag(f"drift.{report.span.first:%Y-%m}", report.advice)
        mlflow.log_dict({"months": [as_json(report) for report in reports]}, "drift.json")


def _show(known: "Reference", reports: "Sequence[Report]", console: "Console") -> None:
    from rich.table import Table

    from training.drift.kinds import ADVICES

    console.print(
        f"reference 参照: version {known.model_version}, {known.rows:,} rows of {known.enterprises:,} enterprises,"
        f" {known.span}",
        soft_wrap=True,
    )
    for report in reports:
        title = f"Drift {report.span.first:%Y-%m}, {report.rows:,} requests  漂移检查"
        table = Table(title=title, show_lines=True)
        for column, ratio in (("kind 类别", 2), ("what was seen 发现", 6), ("advice 建议", 2)):
            table.add_column(column, overflow="fold", ratio=ratio)
        for alarm in report.alarms:
            table.add_row(*_cells(alarm))
        if report.alarms:
            console.print(table)
        for note in report.notes:
            console.print(f"{note.zh} {note.en}", soft_wrap=True)
        advice = ADVICES[report.advice]
        console.print(f"{report.span.first:%Y-%m}: {advice.en} {advice.zh}", soft_wrap=True)


def _cells(alarm: "Alarm") -> tuple[str, str, str]:
    from training.drift.kinds import ADVICES, KINDS

    kind, advice = KINDS[alarm.kind], ADVICES[alarm.advice]
    moved = [f"{one.name} {one.move.excess:.2f} (usual 平时 {one.usual:.2f})" for one in alarm.features[:MOST_FEATURES]]
    seen = "\n".join((alarm.text.zh, alarm.text.en, *moved))
    return f"{kind.en}\n{kind.zh}", seen, f"{advice.en}\n{advice.zh}"
