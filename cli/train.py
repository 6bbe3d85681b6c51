"""`xinpei train`: retrain a model and register it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.failing import clear_line_on
from cli.options import MappingFile, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from polars import DataFrame
    from rich.console import Console

    from sources.records import Records
    from training.cohort import Cohort
    from training.credit import Recipe, Trained
    from training.report import Judged

DAYS_OF_A_YEAR = 365

app = typer.Typer(help="Train a model and register it in MLflow.  训练模型并登记到 MLflow。", no_args_is_help=True)


@dataclass(frozen=True)
class Sample:
    """What a model is trained on, and the name of the data it came from."""

    name: str
    records: "Records"
    labels: "DataFrame"
    cohort: "Cohort"


@app.callback()
def _models() -> None:
    """Keep `train` a group, whatever the number of models."""


@app.command("credit")
def credit(
    data: Source,
    out: Annotated[Path, typer.Option(help="Where the champion's folder is put for the service.")] = Path(
        "var/models/champion"
    ),
    tracking: Annotated[Path, typer.Option(help="Folder of the local MLflow store.")] = Path("var/mlflow"),
    tracking_uri: Annotated[
        str | None, typer.Option(help="An MLflow server to use instead of the local store.")
    ] = None,
    features: Annotated[
        str, typer.Option(metavar="SET", help="Feature set: invoice_flow, bank_flow or all.")
    ] = "invoice_flow",
    peers: Annotated[bool, typer.Option(help="Also compare with enterprises of the same trade and size.")] = False,
    mapping: MappingFile = None,
    repeats: Annotated[int, typer.Option(min=1, help="Repeats of the 5-fold cross-validation.")] = 5,
    seed: Annotated[int, typer.Option(help="Seed of every draw.")] = 0,
    ablations: Annotated[bool, typer.Option(help="Also judge without recent windows and a year earlier.")] = True,
) -> None:
    """Train the creditworthiness model and make it champion.  训练信用评分模型。

    Example: xinpei train credit --data var/cumcm
    """
    from rich.console import Console

    from features.sets import UnknownFeatureSetError
    from scoring.folder import ModelFolderError, check_replaceable
    from sources.validation import UnusableTableError
    from training.cohort import CohortError
    from training.credit import Recipe
    from training.tracking import Tracker, TrackerError

    console, recipe = Console(), Recipe(repeats=repeats, seed=seed)
    known = (UnusableTableError, CohortError, ModelFolderError, TrackerError, UnknownFeatureSetError, OSError)
    with clear_line_on(*known):
        check_replaceable(out)
        sample = _sample(data, mapping, features, peers=peers)
        tracker = Tracker(tracking_uri) if tracking_uri else Tracker.local(tracking)
        with tracker.run(f"credit {sample.name}") as run_id:
            version = tracker.new_version(run_id)
            trained = _train(sample.cohort, recipe, version=version, console=console)
            tracker.log(trained, data_name=sample.name)
            for kind, ablated in _ablated(sample) if ablations else ():
                tracker.log_ablation(kind, _ablation(kind, ablated, recipe, console))
        tracker.make_champion(version)
        champion = tracker.export_champion(out)
    console.print(f"champion: version {champion.card.version}, {champion.digest}, written to {out}")


def _sample(data: str, mapping: str | None, features: str, *, peers: bool) -> Sample:
    from cli.rendering import tell_rejects
    from features.peers import deviations_of
    from features.sets import feature_set
    from sources.clock import today_in_beijing
    from sources.readers import read_source
    from training.cohort import CohortError, build_cohort, one_label_each

    wanted = feature_set(features)
    wanted += deviations_of(wanted) if peers else ()
    given = read_source(data, mapping=mapping, today=today_in_beijing())
    tell_rejects(given.rejects)
    if given.labels is None:
        raise CohortError(f"{data}: no table `labels`; nothing to learn from")
    name = Path(data.partition("?")[0]).name  # what follows in a URL may hold a password
    labels = one_label_each(given.labels)
    if labels.height < given.labels.height:
        typer.echo(f"labels: {given.labels.height:,} of {labels.height:,} enterprises; one each is used, drawn by code")
    return Sample(name, given.records, labels, build_cohort(given.records, labels, wanted))


def _ablated(sample: Sample) -> "Iterator[tuple[str, Cohort]]":
    """The same enterprises seen with less: without recent windows, and with what was known a year earlier."""
    from training.cohort import build_cohort

    features = sample.cohort.features
    yield "whole_history_only", sample.cohort.restricted_to([f for f in features if f.sees_whole_history])
    yield "one_year_earlier", build_cohort(sample.records, sample.labels, features, days_earlier=DAYS_OF_A_YEAR)


def _train(cohort: "Cohort", recipe: "Recipe", *, version: str, console: "Console") -> "Trained":
    from rich.progress import Progress

    from training.credit import train_credit
    from training.crossvalidation import FOLDS

    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("outer folds 外层折", total=FOLDS * recipe.repeats)
        trained = train_credit(cohort, recipe, version=version, on_fold=lambda _: progress.advance(task))
    _show(trained, console)
    return trained


def _show(trained: "Trained", console: "Console") -> None:
    from rich.table import Table

    from training.crossvalidation import OURS
    from training.report import difference

    cohort = trained.cohort
    console.print(
        f"{len(cohort.defaulted)} enterprises, {int(cohort.defaulted.sum())} defaults, "
        f"{len(cohort.features)} features, as of {cohort.judged_on}, label window {cohort.window}"
    )
    table = Table(title="Nested cross-validation, the same outer folds for all  嵌套交叉验证")
    table.add_column("")
    for name in trained.judged:
        table.add_column(name, justify="right")
    table.add_row("AUC, mean of folds", *(str(judged.auc_of_folds) for judged in trained.judged.values()))
    table.add_row("AUC, sd of folds", *(f"{judged.spread_of_folds:.3f}" for judged in trained.judged.values()))
    for name in trained.judged[OURS].pooled:
        table.add_row(f"{name}, pooled", *(str(judged.pooled[name]) for judged in trained.judged.values()))
    console.print(table)
    for model, judged in trained.judged.items():
        console.print(f"{model}: pooled AUC of each repeat {', '.join(map(str, judged.auc_of_repeats))}")
        if model != OURS:
            console.print(f"{OURS} less {model}, AUC on the same folds: {difference(trained.judged[OURS], judged)}")
    console.print(f"settings chosen by the inner folds: {trained.settings_chosen}; at last {trained.chosen.settings}")


def _ablation(name: str, cohort: "Cohort", recipe: "Recipe", console: "Console") -> "Judged":
    from training.crossvalidation import OURS, judge
    from training.report import judged_by_recipe

    answers = list(judge(cohort, repeats=recipe.repeats, seed=recipe.seed, with_peers=False))
    judged = judged_by_recipe(cohort, answers, seed=recipe.seed)[OURS]
    console.print(
        f"ablation {name} ({len(cohort.features)} features): AUC, mean of folds {judged.auc_of_folds}, "
        f"sd {judged.spread_of_folds:.3f}, pooled {judged.pooled['auc']}"
    )
    return judged
