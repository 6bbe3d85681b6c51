"""`xinpei train`: retrain a model and register it."""

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.failing import clear_line_on
from cli.labels import FromLoans, labels_of
from cli.options import TRACKING, MappingFile, Source, Tracking, TrackingUri, name_of
from cli.train_fit import fit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from polars import DataFrame
    from rich.console import Console

    from sources.records import Records
    from training.cohort import Cohort
    from training.credit import Trained
    from training.learner.learn import Budget, Grow
    from training.registry import Registry
    from training.report import Judged

DAYS_OF_A_YEAR = 365

app = typer.Typer(help="Train a model and register it in MLflow.  训练模型并登记到 MLflow。", no_args_is_help=True)
app.command("fit")(fit)


@dataclass(frozen=True)
class Sample:
    """What a model is trained on, and the name of the data it came from."""

    name: str
    records: "Records"
    labels: "DataFrame"
    cohort: "Cohort"


FeatureSet = Annotated[str, typer.Option(metavar="SET", help="Feature set: invoice_flow, bank_flow or all.")]
Truth = Annotated[Path | None, typer.Option(help="Truth of a simulated city, for the width of the PD's interval.")]
MayRise = Annotated[
    float, typer.Option(min=0.0, max=1.0, help="Share of firms that may gain by withholding a block; 1 = all.")
]
Scheduler = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="Grow the trees on a Dask cluster: tcp://host:8786, or local:2.")
]
Ablations = Annotated[bool, typer.Option(help="Also judge a small sample without recent windows and a year earlier.")]


@app.command("credit")
def credit(
    data: Source,
    tracking: Tracking = TRACKING,
    tracking_uri: TrackingUri = None,
    features: FeatureSet = "invoice_flow",
    peers: Annotated[bool, typer.Option(help="Also compare with enterprises of the same trade and size.")] = False,
    mapping: MappingFile = None,
    truth: Truth = None,
    from_loans: FromLoans = False,
    trials: Annotated[int, typer.Option(min=1, help="Settings that Optuna may try, where defaults are many.")] = 8,
    repeats: Annotated[int, typer.Option(min=1, help="Repeats of a 5-fold cross-validation, on a small sample.")] = 5,
    seed: Annotated[int, typer.Option(help="Seed of every draw.")] = 0,
    may_rise: MayRise = 0.008,
    scheduler: Scheduler = None,
    ablations: Ablations = True,
) -> None:
    """Train the creditworthiness model and register it as challenger.  训练信用评分模型并登记为挑战者。

    Then: xinpei evaluate, and xinpei promote to put it into use.

    Example: xinpei train credit --data var/cumcm

    Example: xinpei train credit --data var/demo/city --features all --truth var/demo/city/truth
    """
    from rich.console import Console

    from features.sets import UnknownFeatureSetError
    from scoring.folder import ModelFolderError
    from sources.validation import UnusableTableError
    from training.cohort import CohortError
    from training.distributed import DistributedError
    from training.learner.learn import Budget
    from training.registry import Registry, RegistryError
    from training.tracking import Tracker, TrackerError
    from training.truths import TruthError

    console, options = Console(), Options(repeats, seed, Budget(trials=trials), may_rise, scheduler)
    known = (UnusableTableError, CohortError, ModelFolderError, TrackerError, UnknownFeatureSetError, RegistryError)
    with clear_line_on(*known, TruthError, DistributedError, OSError):
        tracker = Tracker.of(tracking_uri, tracking)
        registry = Registry(tracker)
        sample = _sample(data, mapping, features, peers=peers, seed=seed, from_loans=from_loans)
        with tracker.run(f"credit {sample.name}") as run_id:
            trained = _train(sample.cohort, options, true_pd=_true_pd(truth), console=console)
            tracker.log(trained, data_name=sample.name)
            for kind, ablated in _ablated(sample) if ablations and trained.split is None else ():
                tracker.log_ablation(kind, _ablation(kind, ablated, options, console))
            version = _registered(registry, run_id, trained)
    console.print(f"challenger: version {version}; next: {_further(trained)}")


def _further(trained: "Trained") -> str:
    if trained.model.pd is None:
        return "xinpei fetch; it claims no PD, so it cannot be promoted  不给出违约概率，不能上线"
    return "xinpei evaluate, then xinpei promote  下一步：评估，再上线"


@dataclass(frozen=True)
class Options:
    """How to train."""

    repeats: int
    seed: int
    budget: "Budget"
    may_rise: float
    scheduler: str | None


def _registered(registry: "Registry", run_id: str, trained: "Trained") -> str:
    import tempfile

    from scoring.folder import save

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "model"
        save(trained.model, folder)
        return registry.register(run_id, folder)


def _true_pd(truth: Path | None) -> "DataFrame | None":
    from training.truths import read_truth

    return None if truth is None else read_truth(truth)


def _sample(data: str, mapping: str | None, features: str, *, peers: bool, seed: int, from_loans: bool) -> Sample:
    from cli.rendering import tell_rejects
    from features.peers import deviations_of
    from features.sets import feature_set
    from sources.clock import today_in_beijing
    from sources.readers import read_source
    from training.cohort import build_cohort, one_label_each
    from training.credit import split_of

    wanted = feature_set(features)
    wanted += deviations_of(wanted) if peers else ()
    given = read_source(data, mapping=mapping, today=today_in_beijing())
    tell_rejects(given.rejects)
    name = name_of(data)
    labels = given_labels = labels_of(given, name, from_loans=from_loans)
    cohort = build_cohort(given.records, labels, wanted)
    if split_of(cohort, seed=seed) is None and labels["enterprise_id"].is_duplicated().any():
        labels = one_label_each(labels)
        typer.echo(
            f"labels: too few to be kept apart in time; {labels.height:,} of {given_labels.height:,} are used, "
            "one of each enterprise, drawn by code  标签太少，无法按时间切分，每户取一个"
        )
        cohort = build_cohort(given.records, labels, wanted)
    return Sample(name, given.records, labels, cohort)


def _ablated(sample: Sample) -> "Iterator[tuple[str, Cohort]]":
    """The same enterprises seen with less: without recent windows, and with what was known a year earlier."""
    from training.cohort import build_cohort

    features = sample.cohort.features
    yield "whole_history_only", sample.cohort.restricted_to([f for f in features if f.sees_whole_history])
    yield "one_year_earlier", build_cohort(sample.records, sample.labels, features, days_earlier=DAYS_OF_A_YEAR)


def _train(cohort: "Cohort", options: Options, *, true_pd: "DataFrame | None", console: "Console") -> "Trained":
    from rich.progress import Progress

    from training.credit import Recipe, split_of, train_credit
    from training.crossvalidation import FOLDS

    split = split_of(cohort, seed=options.seed)
    console.print(
        "rows kept apart: {1}  留出样本：{0}".format(*split.told())
        if split
        else "too few rows: cross-validation 交叉验证"
    )
    with Progress(console=console, transient=True) as progress, _grower(options) as grow:
        recipe = Recipe(options.repeats, options.seed, options.budget, may_rise=options.may_rise, grow=grow)
        total = None if split else FOLDS * options.repeats
        task = progress.add_task("learning 训练" if split else "outer folds 外层折", total=total)
        trained = train_credit(cohort, recipe, version="", on_fold=lambda _: progress.advance(task), true_pd=true_pd)
    _show(trained, console)
    return trained


@contextmanager
def _grower(options: Options) -> "Iterator[Grow]":
    """How the trees are grown at last: here, or on the workers of a cluster."""
    from training.learner.boosting import fit_members

    if options.scheduler is None:
        yield fit_members
        return
    from training.distributed import cluster, grow_on

    with cluster(options.scheduler) as client:
        yield grow_on(client)


def _show(trained: "Trained", console: "Console") -> None:
    from rich.table import Table

    from training.crossvalidation import OURS

    cohort, tested = trained.learned_from, trained.judged_on
    console.print(
        f"{cohort.codes.n_unique()} enterprises, {len(cohort)} rows, {int(cohort.defaulted.sum())} defaults, "
        f"{len(cohort.features)} features, as of {cohort.judged_on}, label window {cohort.window}"
    )
    title = "Nested cross-validation, the same outer folds for all  嵌套交叉验证"
    if trained.split:
        title = f"{len(tested)} rows of other enterprises on later days, {tested.judged_on}  时间外检验"
    table = Table(title=title)
    table.add_column("")
    for name in trained.judged:
        table.add_column(name, justify="right")
    if not trained.split:
        table.add_row("AUC, mean of folds", *(str(judged.auc_of_folds) for judged in trained.judged.values()))
        table.add_row("AUC, sd of folds", *(f"{judged.spread_of_folds:.3f}" for judged in trained.judged.values()))
    for name in trained.judged[OURS].pooled:
        table.add_row(name, *(str(judged.pooled[name]) for judged in trained.judged.values()))
    console.print(table)
    for name, difference in trained.differences.items():
        console.print(f"{OURS} less {name}, AUC on the same rows: {difference}")
    learned = trained.learned
    console.print(
        f"trees {learned.weight:.0%}, scorecard {1 - learned.weight:.0%} of the margin; settings {learned.settings}"
    )


def _ablation(name: str, cohort: "Cohort", options: Options, console: "Console") -> "Judged":
    from training.crossvalidation import OURS, judge
    from training.report import judged_by_recipe

    answers = list(judge(cohort, repeats=options.repeats, seed=options.seed, with_peers=False))
    judged = judged_by_recipe(cohort, answers, seed=options.seed)[OURS]
    console.print(
        f"ablation {name} ({len(cohort.features)} features): AUC, mean of folds {judged.auc_of_folds}, "
        f"sd {judged.spread_of_folds:.3f}, pooled {judged.pooled['auc']}"
    )
    return judged


@app.command("table")
def table(
    file: Annotated[Path, typer.Argument(help="CSV or Parquet file, one row a case.")],
    label: Annotated[str, typer.Option(help="Column with the outcome: 1 and 0, bad and good, 违约 and 正常 …")],
    out: Annotated[Path, typer.Option(help="Folder for the model.")] = Path("var/models/table"),
    rises: Annotated[list[str] | None, typer.Option(help="Column with which the risk must rise; repeatable.")] = None,
    falls: Annotated[list[str] | None, typer.Option(help="Column with which the risk must fall; repeatable.")] = None,
    categorical: Annotated[list[str] | None, typer.Option(help="Column whose numbers are names; repeatable.")] = None,
    time: Annotated[str | None, typer.Option(help="Column by which rows came; settings are judged forward.")] = None,
    trials: Annotated[int, typer.Option(min=1, help="Settings that Optuna may try.")] = 8,
    seed: Annotated[int, typer.Option(help="Seed of every draw.")] = 0,
) -> None:
    """Learn the risk of default from any labelled table.  用任意带标签的宽表训练违约模型。

    Example: xinpei train table clients.csv --label DEFAULT --falls LIMIT_BAL --categorical SEX
    """
    from rich.console import Console

    from training.fit import TableError, fit_credit
    from training.learner.learn import Budget
    from training.split import SplitError

    console = Console(markup=False, highlight=False)
    with clear_line_on(TableError, SplitError, OSError), console.status("learning 训练"):
        monotone = dict.fromkeys(rises or (), 1) | dict.fromkeys(falls or (), -1)
        model = fit_credit(
            _read_table(file),
            label=label,
            monotone=monotone,
            categorical=categorical or (),
            time=time,
            seed=seed,
            budget=Budget(trials=trials),
        )
        model.save(out)
    for name, why in model.columns.left_out.items():
        console.print(f"left out 未使用: {name}: {why}")
    _show_table(model.told, console)
    console.print(f"model of {len(model.columns.names)} columns written to {out}  模型已写入")


def _read_table(file: Path) -> "DataFrame":
    import polars as pl

    from training.columns import TableError

    try:
        if file.suffix == ".parquet":
            return pl.read_parquet(file)
        return pl.read_csv(file, try_parse_dates=True, infer_schema_length=None)
    except pl.exceptions.PolarsError as error:
        reason = str(error).splitlines()[0]
        raise TableError(f"{file}: no CSV or Parquet table ({reason})") from error


def _show_table(told: "Mapping[str, Any]", console: "Console") -> None:
    losses = told["log_loss_of_unseen_rows"]
    console.print(
        f"{told['rows']:,} rows, {told['defaults']:,} defaults; AUC of unseen rows {told['auc_of_unseen_rows']:.4f}; "
        f"log loss: trees {losses['trees']:.4f}, scorecard {losses['scorecard']:.4f}, both {losses['both']:.4f}"
    )
    console.print(f"trees {told['share_of_the_trees']:.0%} of the margin, the rest a scorecard  树模型占比")
