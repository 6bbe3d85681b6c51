"""The kinds of model that are registered: how the folder of each is read and written, and which gates judge it."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic

from typing_extensions import TypeVar

from scoring import folder
from scoring.model import Model
from scoring.product_fit import FitModel
from training.evaluation.as_json import from_json
from training.gates import NEVER_WAIVED, Candidate, Gate, gates, promotion_policy
from training.tracking import NAME

M = TypeVar("M", Model, FitModel, default=Model)


@dataclass(frozen=True)
class Folder(Generic[M]):
    """A kind of model on disk.

    Attributes:
        load: reads a folder; raises `fault` where it is no model of this code.
        save: writes a model into a folder and returns it with its digest.
        digest_of: digest over the files of a folder.
        check_replaceable: raises `fault` where a folder holds something that must not be replaced.
    """

    load: Callable[[Path], M]
    save: Callable[[M, Path], M]
    digest_of: Callable[[Path], str]
    check_replaceable: Callable[[Path], None]
    fault: type[Exception]


@dataclass(frozen=True)
class Rules:
    """What a promotion asks of a kind of model.

    Attributes:
        judge: every gate, from an evaluation as it was logged, on the numbers of a day.
        version: which numbers are in force on a day.
        never_waived: names of gates that nobody may answer for.
    """

    judge: Callable[[Mapping[str, Any], dt.date, Candidate], tuple[Gate, ...]]
    version: Callable[[dt.date], str]
    never_waived: frozenset[str]


@dataclass(frozen=True)
class Kind(Generic[M]):
    """One registered model.

    Attributes:
        name: of the registered model and of its experiment; on every card.
        out: where the service reads its champion unless told otherwise.
    """

    name: str
    folder: Folder[M]
    rules: Rules
    out: Path


def _judge_credit(content: Mapping[str, Any], on: dt.date, candidate: Candidate) -> tuple[Gate, ...]:
    return gates(from_json(content), promotion_policy(on), candidate)


CREDIT: Kind[Model] = Kind(
    name=NAME,
    folder=Folder(folder.load, folder.save, folder.digest_of, folder.check_replaceable, folder.ModelFolderError),
    rules=Rules(_judge_credit, lambda on: promotion_policy(on).version, NEVER_WAIVED),
    out=Path("var/models/champion"),
)
