"""`xinpei evaluate`: judge a registered model on rows it has not seen, and keep what was found beside it."""

import datetime as dt
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.failing import clear_line_on
from cli.fit_pairs import Data, Illustrative, Store
from cli.kinds import Which, WhichModel, kind_of
from cli.labels import FromLoans, labels_of
from cli.options import TRACKING, MappingFile, Tracking, TrackingUri, name_of
from cli.promote import DAY, one_line_for_what_can_be_mended

if TYPE_CHECKING:
    import polars as pl
    from rich.console import Console
    from rich.status import Status

    from cli.evaluate_fit import Wanted
    from scoring.model import Model
    from sources.lake import Lake
    from sources.records import Records
    from training.evaluation.types import Evaluation, Identity
    from training.judging import Shown
    from training.metrics import Estimate
    from training.registry import Registry

OUT = Path("var/evaluation")
NOBODY = "none"
KEY_FIGURES = {"auc": "AUC", "gini": "Gini", "ks": "KS", "ece": "ECE 校准误差", "log_loss": "log loss 对数损失"}
DASH = "—"


class CannotEvaluateError(Exception):
    """What was asked for cannot be evaluated as asked."""


@dataclass(frozen=True)
class Given:
    """What a source holds, a lake unread but for its labels."""

    name: str
    labels: "pl.DataFrame"
    source: "Records | Lake"


@dataclass(frozen=True)
class Pair:
    """The model to judge and the one in use, if it is to be compared with one."""

    model: "Model"
    champion: "Model | None"

    @property
    def rival(self) -> "Identity | None":
        from training.evaluation.types import Identity

        return Identity(self.champion.card.version, self.champion.digest) if self.champion else None


Every = Annotated[
    bool,
    typer.Option(
        "--all",
        help="Judge on all rows, also those the models were fitted on; right for data that they never saw at all, "
        "such as another source. 使用全部样本，适用于模型从未见过的数据。",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        file_okay=False,
        help="For page and values.  [default: var/evaluation/VERSION, of product fit var/evaluation/fit/VERSION]",
    ),
]


def evaluate(
    data: Data = None,
    version: Annotated[str, typer.Argument(help="Number of a registered version, or an alias.")] = "challenger",
    model: WhichModel = Which.CREDIT,
    store: Store = None,
    champion: Annotated[
        str, typer.Option(metavar="VERSION|none", help="What to compare with: a number, an alias, or none.")
    ] = "champion",
    every: Every = False,
    truth: Annotated[
        Path | None, typer.Option(help="Truth of a simulated city: its folder, or Parquet with true probabilities.")
    ] = None,
    mapping: MappingFile = None,
    from_loans: FromLoans = False,
    illustrative: Illustrative = False,
    out: Out = None,
    tracking: Tracking = TRACKING,
    tracking_uri: TrackingUri = None,
    on: Annotated[dt.datetime | None, typer.Option(formats=[DAY], help="Day of the terms.  [default: today]")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of every draw.")] = 0,
) -> None:
    """Judge a model on rows it has not seen, beside the champion.  在模型未见过的样本上评估。

    Rows are those that training kept apart, later in time and of other enterprises, for both models. The page and the
    values are written, and kept in the registry for `xinpei promote`.

    Example: xinpei evaluate --data var/demo/city

    Example: xinpei evaluate 7 --data var/other-bank --all --champion none

    Example: xinpei evaluate --model fit --store sqlite:///var/xinpei.db
    """
    from rich.console import Console

    from cli.evaluate_fit import Wanted, evaluate_fit
    from training.registry import Registry
    from training.tracking import Tracker

    console, kind = Console(markup=False, highlight=False), kind_of(model)
    with one_line_for_what_can_be_mended(kind), _one_line_for_data():
        day = _day(on)
        truths = Truths(truth, from_loans)
        _check(model, data, store, truths)
        registry = Registry(Tracker.of(tracking_uri, tracking), kind)
        wanted = Wanted(version, champion, data, store, mapping, every, illustrative, out, on, seed)
        if model is Which.FIT:
            evaluate_fit(registry, wanted, console)
        else:
            _evaluate_credit(registry, wanted, truths, day, console)


@dataclass(frozen=True)
class Truths:
    """Where a credit model's outcomes come from beside the labels: a simulated city's truth, loans and instalments."""

    truth: Path | None
    from_loans: bool


def _check(model: Which, data: str | None, store: str | None, truths: Truths) -> None:
    """Refuse what the other model alone is judged on, before anything is read."""
    if model is Which.CREDIT and data is None:
        raise CannotEvaluateError("--data: got none, expected the tables to judge on")
    if model is Which.CREDIT and store is not None:
        raise CannotEvaluateError("--store: got one for the credit model, which is judged on --data alone")
    if model is Which.FIT and truths != Truths(None, from_loans=False):
        raise CannotEvaluateError("--truth and --from-loans: got one for product fit, which is judged on applications")


def _evaluate_credit(registry: "Registry", wanted: "Wanted", truths: Truths, day: dt.date, console: "Console") -> None:
    from training.judging import judge

    assert wanted.data is not None  # noqa: S101 - refused before
    pair = _models(registry, wanted.version, wanted.champion, console)
    given = _given(wanted.data, wanted.mapping, from_loans=truths.from_loans)
    rows = _rows(given, pair, truths.truth, every=wanted.every)
    with _busy("judging, drawing thousands of samples 评估与重抽样"):
        judged = judge(rows, pair.model, champion=pair.rival, on=day, seed=wanted.seed)
    folder = wanted.out or OUT / pair.model.card.version
    with _busy("drawing the page 绘制报告"):
        page = _written(judged, pair.model, rows, folder)
        _logged(registry, judged, folder)
    _show(judged, page, console)


@contextmanager
def _one_line_for_data() -> Iterator[None]:
    """Every error of the data and of judging that a user can mend."""
    from cli.configuration import BadSettingError
    from features.peers import PeersError
    from scoring.model import NoPdError
    from sources.validation import UnusableTableError
    from training.cohort import CohortError
    from training.evaluation.evaluate import EvaluationError
    from training.truths import TruthError
    from training.unseen import SeenError

    of_data = (UnusableTableError, CohortError, TruthError, SeenError, CannotEvaluateError, BadSettingError)
    with clear_line_on(*of_data, EvaluationError, NoPdError, PeersError):
        yield


@contextmanager
def _busy(step: str) -> Iterator["Status"]:
    """Say what is done while it is done, on a terminal."""
    from rich.console import Console

    with Console(stderr=True).status(step) as status:
        yield status


def _day(on: dt.datetime | None) -> dt.date:
    """The day of the evaluation, refused before anything is read."""
    from sources.clock import explain_day, today_in_beijing
    from training.evaluation.profit import terms_on

    day = on.date() if on else today_in_beijing()
    if fault := explain_day(day, today=today_in_beijing()):
        raise CannotEvaluateError(f"--on: {fault}")
    terms_on(day)
    return day


def _models(registry: "Registry", version: str, champion: str, console: "Console") -> Pair:
    from scoring.folder import ModelFolderError
    from training.registry import CHAMPION

    number = registry.resolve(version)
    with _busy("fetching models 读取模型"):
        model = _fetched(registry, number)
        rival = registry.champion() if champion == CHAMPION else champion
        if rival is None or rival == NOBODY:
            console.print("no champion to compare with 无冠军模型可比")
            return Pair(model, None)
        rival = registry.resolve(rival)
        if rival == number:
            console.print(f"version {number} is the champion itself: nothing to compare with 即为冠军模型，无可比对象")
            return Pair(model, None)
        try:
            return Pair(model, _fetched(registry, rival))
        except ModelFolderError as error:
            if champion != CHAMPION:
                raise
            console.print(f"champion {rival} cannot be run by this code, so none is compared with 不可比: {error}")
            return Pair(model, None)


def _fetched(registry: "Registry", number: str) -> "Model":
    with tempfile.TemporaryDirectory() as scratch:
        return registry.fetch(number, Path(scratch) / "model")


def _given(data: str, mapping: str | None, *, from_loans: bool) -> Given:
    """A lake is opened and its labels read; anything else is read whole."""
    from sources.lake import LAKE_FILE

    with _busy("reading 读取数据"):
        is_lake = (Path(data) / LAKE_FILE).is_file()
        if is_lake and not from_loans:
            return _of_lake(data, mapping)
        return _of_tables(data, mapping, from_loans=from_loans)


def _of_lake(data: str, mapping: str | None) -> Given:
    import polars as pl

    from sources.contracts import LABELS
    from sources.lake import open_lake

    if mapping is not None:
        raise CannotEvaluateError("--mapping: got one for a lake, whose tables are under contract already")
    lake = open_lake(Path(data))
    if LABELS.name not in lake.tables:
        raise CannotEvaluateError(f"{name_of(data)}: no table `labels`; nothing to judge by, unless --from-loans")
    read = (lake.read(bucket, tables={LABELS.name}).labels for bucket in range(lake.buckets))
    return Given(name_of(data), pl.concat(labels for labels in read if labels is not None), lake)


def _of_tables(data: str, mapping: str | None, *, from_loans: bool) -> Given:
    from cli.rendering import tell_rejects
    from sources.clock import today_in_beijing
    from sources.readers import read_source

    found = read_source(data, mapping=mapping, today=today_in_beijing())
    tell_rejects(found.rejects)
    name = name_of(data)
    return Given(name, labels_of(found, name, from_loans=from_loans), found.records)


def _rows(given: Given, pair: Pair, truth: Path | None, *, every: bool) -> "Shown":
    from training.judging import Sample, shown
    from training.truths import read_truth

    true_pd = None if truth is None else read_truth(truth)
    labels = given.labels if every else _unseen(given.labels, pair)
    told = "all, seen or not 全部" if every else "of rows that no model here was fitted on 模型未见"
    typer.echo(f"labels 标签: {labels.height:,} of {given.labels.height:,}, {told}")
    name = f"{given.name} (all rows: in sample unless never seen 含训练样本)" if every else given.name
    step, done = f"profiling {labels.height:,} rows 生成特征画像", count(1)
    with _busy(step) as status:

        def tell(_: int) -> None:
            status.update(f"{step}, buckets 分桶: {next(done):,}")

        return shown(Sample(name, labels, given.source, true_pd, tell), pair.model, pair.champion)


def _unseen(labels: "pl.DataFrame", pair: Pair) -> "pl.DataFrame":
    from training.unseen import Division, unseen

    divisions = []
    for model in (pair.model, pair.champion):
        if model is None:
            continue
        division = Division.of(model.card.training)
        if division is None:
            without = "--champion none, or " if model is pair.champion else ""
            raise CannotEvaluateError(
                f"version {model.card.version}: it was judged by cross-validation, so no row is left that it has not "
                f"seen; give {without}--all to judge on all rows, which is right for data it never saw 无样本外数据"
            )
        divisions.append(division)
    return unseen(labels, divisions)


def _written(judged: "Evaluation", model: "Model", rows: "Shown", folder: Path) -> Path:
    """Write page, values and pictures; the path of the page."""
    from training.evaluation.as_json import to_json
    from training.evaluation.explanations import pictures
    from training.evaluation.page.page import page

    drawn = pictures(model, rows.rows.profiles)
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    for old in (folder / "pictures").glob("*.png"):
        old.unlink()
    for name, png in drawn.items():
        (folder / "pictures" / f"{name}.png").write_bytes(png)
    values = json.dumps(to_json(judged), ensure_ascii=False, allow_nan=False, indent=1)
    (folder / "evaluation.json").write_text(values + "\n", "utf-8")
    path = folder / "evaluation.html"
    path.write_text(page(judged, card=model.card, pictures=drawn), "utf-8")
    return path


def _logged(registry: "Registry", judged: "Evaluation", folder: Path) -> None:
    """Pictures first: with the evaluation itself the version counts as evaluated."""
    from training.evaluation.as_json import to_json
    from training.registry import EVALUATION
    from training.tracking import NAME

    run_id = str(registry.client.get_model_version(NAME, judged.model.version).run_id)
    registry.client.log_artifacts(run_id, str(folder / "pictures"), f"{EVALUATION}/pictures")
    html = (folder / "evaluation.html").read_text("utf-8")
    registry.log_evaluation(judged.model.version, to_json(judged), html)


def _show(judged: "Evaluation", page: Path, console: "Console") -> None:
    from rich.table import Table

    console.print(
        f"version {judged.model.version} on {judged.data}: {judged.rows:,} rows 行, {judged.enterprises:,} enterprises "
        f"企业, {judged.defaults:,} defaults 违约, {judged.first_as_of} – {judged.last_as_of}",
        soft_wrap=True,
    )
    table = Table(title=f"Evaluation of version {judged.model.version}  第{judged.model.version}版评估")
    for column in ("", "value 值", "95 %"):
        table.add_column(column, overflow="fold", justify="right" if column else "left")
    for name, value, interval in _lines(judged):
        table.add_row(name, value, interval)
    console.print(table)
    for finding in judged.findings:
        console.print(f"finding 疑点: {finding.zh} {finding.en}", soft_wrap=True)
    for fault in judged.proof.faults:
        console.print(f"not monotone 单调性不成立: {fault}", soft_wrap=True)
    console.print(f"page 报告: {page}", soft_wrap=True)


def _lines(judged: "Evaluation") -> Iterator[tuple[str, str, str]]:
    """Name, value and interval of each line of the table."""
    for name, shown in KEY_FIGURES.items():
        yield (shown, *_told(judged.metrics.get(name)))
    if judged.comparison is not None:
        beside = f"less champion {judged.comparison.champion.version} 较冠军"
        yield (f"AUC, {beside}", *_told(judged.comparison.auc))
        yield (f"log loss, {beside}", *_told(judged.comparison.loss))
    yield _worst_segment(judged)
    yield _worst_block(judged)
    yield ("findings of leaks 泄漏疑点", str(len(judged.findings)), "")
    yield ("monotone 单调性", "FAULTY 有误" if judged.proof.faults else "proved 已证明", "")
    if judged.truth is not None:
        yield ("share of the true Gini 占真值Gini", *_told(judged.truth.gini_ratio))


def _worst_segment(judged: "Evaluation") -> tuple[str, str, str]:
    ranked = [one for one in judged.segments if one.auc.value == one.auc.value]
    if not ranked:
        return ("worst segment 最差分组", DASH, "")
    worst = min(ranked, key=lambda one: one.auc.value)
    return (f"worst segment 最差分组: {worst.by} {worst.name}, AUC", *_told(worst.auc))


def _worst_block(judged: "Evaluation") -> tuple[str, str, str]:
    tried = [one for one in judged.withheld if one.rows]
    if not tried:
        return ("withholding 隐瞒数据", DASH, "")
    worst = max(tried, key=lambda one: one.rises)
    name = f"withholding {worst.block} 隐瞒该类数据: scores that rise 分数上升占比"
    return (name, f"{worst.rises:.2%}", f"{worst.rows:,} rows 行")


def _told(estimate: "Estimate | None") -> tuple[str, str]:
    if estimate is None or estimate.value != estimate.value:
        return DASH, ""
    return f"{estimate.value:.4f}", f"{estimate.low:.4f} – {estimate.high:.4f}"
