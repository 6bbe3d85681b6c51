"""`xinpei train fit`: learn from past applications who would approve, and what would be drawn and repaid."""

import datetime as dt
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.failing import clear_line_on
from cli.fit_pairs import DAY, Data, Given, Illustrative, RulesOn, Store, estimate_told, pairs_given, rules_of
from cli.options import TRACKING, MappingFile, Tracking, TrackingUri

if TYPE_CHECKING:
    from rich.console import Console

    from training.product_fit.sample import Rules
    from training.product_fit.train import TrainedFit
    from training.registry import Registry

SHOWN = ("auc", "log_loss", "ece", "ece_floor", "bank_ece", "bank_ece_floor", "mean_said")

TestFrom = Annotated[
    dt.datetime | None,
    typer.Option(
        formats=[DAY],
        help="Judge on applications from this day on, by enterprises without an earlier one.  "
        "[default: with --store the newest of its outcomes; without, other enterprises of the last 16 months]",
    ),
]
Out = Annotated[Path | None, typer.Option(help="Also write the model's folder here.  另存模型目录")]


def fit(
    data: Data = None,
    store: Store = None,
    test_from: TestFrom = None,
    out: Out = None,
    rules_on: RulesOn = None,
    illustrative: Illustrative = False,
    mapping: MappingFile = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of every draw.")] = 0,
    tracking: Tracking = TRACKING,
    tracking_uri: TrackingUri = None,
) -> None:
    """Train the model of product fit on past applications, and register it.  用历史申请训练产品匹配模型并登记。

    Each application is seen with what was known on the first day of its month. Later applications of other enterprises
    are kept apart and judged on. Outcomes posted to the service are learned from too, or alone.

    Then: xinpei evaluate --model fit, and xinpei promote --model fit to put it into use.

    Example: xinpei train fit --data var/demo/city --illustrative

    Example: xinpei train fit --data var/demo/city --store sqlite:///var/xinpei.db

    Example: xinpei train fit --data var/lake --rules-on 2026-11-01 --out var/models/fit/try
    """
    from rich.console import Console

    from training.product_fit.kind import FIT
    from training.registry import Registry
    from training.tracking import Tracker

    console = Console()
    with _one_line_for_what_can_be_mended():
        if out is not None:
            FIT.folder.check_replaceable(out)
        rules = rules_of(rules_on, illustrative=illustrative)
        registry = Registry(Tracker.of(tracking_uri, tracking), FIT)
        given = pairs_given(data, store, mapping, rules, console)
        day = test_from.date() if test_from else given.newest_from
        with registry.tracker.run(f"fit {given.name}") as run_id:
            trained = _trained(given, rules, day, seed=seed, console=console)
            version = _registered(registry, run_id, trained, out)
    console.print(f"challenger: version {version} of {FIT.name}  已登记为挑战者")


def _one_line_for_what_can_be_mended() -> AbstractContextManager[None]:
    from cli.configuration import BadSettingError
    from decisions.dated import NotInForceError
    from decisions.files import FileMistakesError
    from scoring.fit_folder import FitFolderError
    from sources.mapping import MappingMistakesError
    from sources.validation import UnusableTableError
    from training.posted.store import StoreError
    from training.product_fit.sample import PairSampleError
    from training.registry import RegistryError
    from training.tracking import TrackerError

    of_data = (UnusableTableError, MappingMistakesError, FileMistakesError, NotInForceError, PairSampleError)
    of_stores = (StoreError, TrackerError, RegistryError)
    return clear_line_on(*of_data, *of_stores, BadSettingError, FitFolderError, OSError)


def _trained(given: Given, rules: "Rules", test_from: dt.date | None, *, seed: int, console: "Console") -> "TrainedFit":
    from sources.clock import today_in_beijing
    from training.product_fit.train import train_fit

    today = today_in_beijing()
    with console.status("learning 训练"):
        trained = train_fit(
            given.sample, rules.policy.numbers, data=given.name, on=today, seed=seed, test_from=test_from
        )
    console.print("rows kept apart: {1}  留出样本：{0}".format(*trained.split.told()))
    _show(trained, console)
    return trained


def _show(trained: "TrainedFit", console: "Console") -> None:
    from rich.table import Table

    judged = trained.evaluation
    table = Table(title=f"{judged.first_day} – {judged.last_day}, {trained.model.card.training['judged_by']}")
    table.add_column("")
    table.add_column("approved 批准", justify="right")
    table.add_column("drawn and repaid 提款并按约归还", justify="right")
    heads = (judged.approval, judged.kept)
    table.add_row("rows 行", *(f"{one.rows:,}" if one else "0" for one in heads))
    for name in SHOWN:
        table.add_row(name, *(estimate_told(one.metrics[name] if one else None) for one in heads))
    console.print(table)
    for peer in judged.peers:
        console.print(
            f"ours less {peer.name}: AUC {peer.auc_difference}, log loss {peer.log_loss_difference}", highlight=False
        )


def _registered(registry: "Registry[Any]", run_id: str, trained: "TrainedFit", out: Path | None) -> str:
    import tempfile

    from scoring.fit_folder import save
    from training.product_fit.tracked import log_fit

    log_fit(trained)
    if out is not None:
        save(trained.model, out)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "model"
        save(trained.model, folder)
        return registry.register(run_id, folder)
