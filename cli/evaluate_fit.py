"""`xinpei evaluate --model fit`: judge a model of product fit on applications it has not seen, beside the champion."""

import datetime as dt
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.failing import clear_line_on
from cli.fit_pairs import estimate_told, pairs_given, rules_of

if TYPE_CHECKING:
    from rich.console import Console

    from scoring.product_fit import FitModel
    from training.metrics import Estimate
    from training.product_fit.beside import FitBeside
    from training.registry import Registry

NOBODY = "none"
OUT = Path("var/evaluation/fit")
VALUES = "evaluation.json"
SHOWN = ("auc", "log_loss", "ece", "ece_floor", "bank_ece", "bank_ece_floor")


@dataclass(frozen=True)
class Wanted:
    """What is to be judged, on what, and where it is kept.

    Attributes:
        every: judge on all applications, also those that the model learned from.
        illustrative: applications may be for invented products.
        on: day of the evaluation, of the catalogue and of the policy.
    """

    version: str
    champion: str
    data: str | None
    store: str | None
    mapping: str | None
    every: bool
    illustrative: bool
    out: Path | None
    on: dt.datetime | None
    seed: int


def evaluate_fit(registry: "Registry[Any]", wanted: Wanted, console: "Console") -> None:
    """Judge the model, show it, and keep it in the registry for `xinpei promote --model fit`."""
    from sources.clock import today_in_beijing
    from training.product_fit.beside import judge_beside, unseen_pairs

    with _one_line_for_data():
        day = wanted.on.date() if wanted.on else today_in_beijing()
        model, rival = _models(registry, wanted, console)
        rules = rules_of(wanted.on, illustrative=wanted.illustrative)
        given = pairs_given(wanted.data, wanted.store, wanted.mapping, rules, console)
        sample = given.sample if wanted.every else unseen_pairs(given.sample, model)
        told = "all, seen or not 全部" if wanted.every else "that the model did not learn from 模型未见"
        console.print(f"applications 申请: {len(sample):,} of {len(given.sample):,}, {told}")
        name = f"{given.name} (all: in sample unless never seen 含训练样本)" if wanted.every else given.name
        judged = judge_beside(sample, model, rival, name=name, on=day, seed=wanted.seed)
    folder = wanted.out or OUT / judged.model.version
    _keep(registry, judged, folder)
    _show(judged, console)
    console.print(f"values 数值: {folder / VALUES}, kept in the registry 已登记", soft_wrap=True)


@contextmanager
def _one_line_for_data() -> Iterator[None]:
    """Every error of the data and of judging that a user can mend."""
    from sources.validation import UnusableTableError
    from training.posted.store import StoreError
    from training.product_fit.beside import BesideError
    from training.product_fit.sample import PairSampleError
    from training.unseen import SeenError

    with clear_line_on(UnusableTableError, StoreError, BesideError, PairSampleError, SeenError):
        yield


def _models(registry: "Registry[Any]", wanted: Wanted, console: "Console") -> "tuple[FitModel, FitModel | None]":
    """The model, and what it is compared with."""
    from training.registry import CHAMPION

    number = registry.resolve(wanted.version)
    model = _fetched(registry, number)
    rival = registry.champion() if wanted.champion == CHAMPION else wanted.champion
    if rival is None or rival == NOBODY or registry.resolve(rival) == number:
        console.print("no champion to compare with 无冠军模型可比")
        return model, None
    try:
        return model, _fetched(registry, registry.resolve(rival))
    except registry.kind.folder.fault as error:
        if wanted.champion != CHAMPION:
            raise
        console.print(f"champion {rival} cannot be run by this code, so none is compared with 不可比: {error}")
        return model, None


def _fetched(registry: "Registry[Any]", number: str) -> "FitModel":
    with tempfile.TemporaryDirectory() as scratch:
        model: FitModel = registry.fetch(number, Path(scratch) / "model")
        return model


def _keep(registry: "Registry[Any]", judged: "FitBeside", folder: Path) -> None:
    from html import escape

    from training.evaluation.as_json import to_json

    values = to_json(judged)
    text = json.dumps(values, ensure_ascii=False, allow_nan=False, indent=1)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / VALUES).write_text(text + "\n", "utf-8")
    registry.log_evaluation(
        judged.model.version, values, f"<!doctype html><meta charset=utf-8><pre>{escape(text)}</pre>"
    )


def _show(judged: "FitBeside", console: "Console") -> None:
    from rich.table import Table

    table = Table(title=f"Version {judged.model.version} on {judged.data}, {judged.first_day} – {judged.last_day}")
    for column in ("", "approved 批准", "drawn and repaid 提款并按约归还"):
        table.add_column(column, overflow="fold", justify="right" if column else "left")
    heads = (judged.approval, judged.kept)
    table.add_row("rows 行", *(f"{one.rows:,}" if one else "0" for one in heads))
    for name in SHOWN:
        table.add_row(name, *(estimate_told(one.metrics[name] if one else None) for one in heads))
    if judged.champion is not None:
        differences = (judged.approval_difference, judged.kept_difference)
        beside = f"log loss less champion {judged.champion.version} 较冠军"
        table.add_row(beside, *(_signed(one) for one in differences))
    console.print(table)


def _signed(estimate: "Estimate | None") -> str:
    return "—" if estimate is None else f"{estimate.value:+.4f} [{estimate.low:+.4f}, {estimate.high:+.4f}]"
