"""The model of product fit as a registered model."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scoring import fit_folder
from scoring.product_fit import FitModel
from training.evaluation.as_json import from_json_as
from training.gates import Candidate, Gate
from training.kinds import Folder, Kind, Rules
from training.product_fit.beside import FitBeside
from training.product_fit.gates import NEVER_WAIVED, fit_gates, fit_policy
from training.product_fit.learn import NAME


def _judge(content: Mapping[str, Any], on: dt.date, candidate: Candidate) -> tuple[Gate, ...]:
    return fit_gates(from_json_as(FitBeside, content), fit_policy(on), candidate)


FIT: Kind[FitModel] = Kind(
    name=NAME,
    folder=Folder(
        fit_folder.load,
        fit_folder.save,
        fit_folder.digest_of,
        fit_folder.check_replaceable,
        fit_folder.FitFolderError,
    ),
    rules=Rules(_judge, lambda on: fit_policy(on).version, NEVER_WAIVED),
    out=Path("var/models/fit/champion"),
)
