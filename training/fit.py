"""Learn the risk of default from any labelled table: `fit_credit`."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import expit

from scoring.model import Matrix
from training.columns import Columns, Rates, TableError, as_categories, as_days, as_frame, fit_columns
from training.learner.learn import Budget, Learned, learn
from training.learner.sample import Labels, Sample
from training.metrics import auc

__all__ = ["TableError", "TableModel", "fit_credit"]

Floats = NDArray[np.float64]

BASE = "expected"
"""Column of contributions for the log odds of a row of which nothing is known."""

YES = frozenset({"1", "1.0", "true", "yes", "y", "bad", "default", "defaulted", "是", "违约", "坏"})
NO = frozenset({"0", "0.0", "false", "no", "n", "good", "sound", "paid", "否", "正常", "未违约", "好"})
FEWEST_OF_A_KIND = 4
"""Defaults, and sound rows: with fewer no two folds hold both kinds twice."""

BOOSTER, TABLE = "booster.txt", "table.json"


@dataclass(frozen=True)
class TableModel:
    """A model of one table: one booster, whose margin is turned into log odds of default.

    Attributes:
        booster: boosted trees and a smooth scorecard together, over the columns in order.
        intercept, slope: log odds of default = intercept + slope × margin.
        columns: how a frame is read.
        told: how it was come by: rows, defaults, settings, share of the trees, log loss of unseen rows.
    """

    booster: lgb.Booster
    intercept: float
    slope: float
    columns: Columns
    told: Mapping[str, Any] = field(default_factory=dict)

    def probability(self, frame: Any) -> Floats:
        """Probability of default of each row of a polars or pandas frame, in the table's mix of good and bad.

        Raises:
            TableError: a column is missing or of another kind.
        """
        return np.asarray(expit(self._log_odds(self._matrix(frame))))

    def contributions(self, frame: Any) -> pl.DataFrame:
        """What each column adds to the log odds of default, and `expected`; the columns of a row sum to its log odds.

        Path-dependent Shapley values (Lundberg and others 2020), one column for each one used.

        Raises:
            TableError: a column is missing or of another kind.
        """
        raw = np.asarray(self.booster.predict(self._matrix(frame), pred_contrib=True))
        parts = self.slope * raw
        named = {name: parts[:, place] for place, name in enumerate(self.columns.names)}
        return pl.DataFrame({**named, _unused(BASE, named): self.intercept + parts[:, -1]})

    def _matrix(self, frame: Any) -> Matrix:
        return self.columns.matrix(as_frame(frame))

    def _log_odds(self, matrix: Matrix) -> Floats:
        if not len(matrix):
            return np.empty(0)
        return np.asarray(self.intercept + self.slope * self.booster.predict(matrix, raw_score=True))

    def save(self, folder: Path) -> None:
        """Write the model as text and JSON; an older one there is replaced."""
        folder.mkdir(parents=True, exist_ok=True)
        self.booster.save_model(str(folder / BOOSTER))
        rates = {name: asdict(one) for name, one in self.columns.rates.items()}
        columns = {"names": self.columns.names, "rates": rates, "left_out": dict(self.columns.left_out)}
        parts = {"intercept": self.intercept, "slope": self.slope, "columns": columns, "told": dict(self.told)}
        (folder / TABLE).write_text(json.dumps(parts, ensure_ascii=False, indent=1) + "\n", "utf-8")

    @classmethod
    def load(cls, folder: Path) -> "TableModel":
        """Read what `save` wrote.

        Raises:
            TableError: the folder holds no such model.
        """
        try:
            parts = json.loads((folder / TABLE).read_text("utf-8"))
            booster = lgb.Booster(model_str=(folder / BOOSTER).read_text("utf-8"))
            given = parts["columns"]
            rates = {name: Rates(**one) for name, one in given["rates"].items()}
            columns = Columns(tuple(given["names"]), rates, given["left_out"])
            return cls(booster, parts["intercept"], parts["slope"], columns, parts["told"])
        except (OSError, ValueError, KeyError, TypeError, lgb.basic.LightGBMError) as error:
            raise TableError(f"{folder}: got no model of a table ({error}); `xinpei train table` writes one") from error


def fit_credit(  # noqa: PLR0913 - the table, and what its owner knows of it, by keyword
    frame: Any,
    *,
    label: str,
    monotone: Mapping[str, int] | None = None,
    categorical: Sequence[str] = (),
    time: str | None = None,
    seed: int = 0,
    budget: Budget | None = None,
) -> TableModel:
    """Learn from a labelled table: boosted trees and a smooth scorecard, weighed by what they say of unseen rows.

    Text becomes the shrunk log odds of its category, days become numbers, infinite values count as very large ones,
    missing values are told apart; columns that tell nothing are left out, with a reason in `columns.left_out`.

    Args:
        frame: polars or pandas; any column names.
        label: column with the outcome: truth, 1 and 0, or words such as bad and good, 违约 and 正常. Rows without are
            left out.
        monotone: 1 for columns with whose value the risk must rise, -1 where it must fall.
        categorical: columns whose numbers are names.
        time: column by which rows came, learned from in that order and not as a column: settings are judged on later
            rows than those they were fitted on.
        seed: of every draw; the same table and seed give the same model on any number of threads.
        budget: what may be spent on the choice.

    Raises:
        TableError: nothing can be learned, in words that say why.
    """
    if isinstance(categorical, str):
        raise TableError(f"categorical: got the text {categorical!r}, expected a list of columns")
    given = as_frame(frame)
    table, defaulted = _labelled(given, label)
    asked = table.drop(label)
    days = as_days(asked[time]) if time is not None and _present(asked, time) else np.empty(0, np.int64)
    asked = asked.drop(time or [])
    columns, matrix = fit_columns(asked, defaulted, categorical=categorical, seed=seed)
    directions = _directions(columns, asked, monotone or {})
    sample = Sample(
        matrix=matrix,
        defaulted=defaulted,
        names=tuple(f"column_{place}" for place in range(len(columns.names))),
        monotone=directions,
        groups=np.arange(len(defaulted)),
        days=days,
        window_months=0,
    )
    learned = learn(sample, budget, seed=seed)
    told = _told(learned, sample, label=label, left=given.height - len(defaulted))
    return TableModel(learned.booster, learned.intercept, learned.slope, columns, told)


def _present(table: pl.DataFrame, name: str) -> bool:
    if name not in table.columns:
        raise TableError(f"got {name!r}, expected one of the columns {', '.join(table.columns)}")
    return True


def _labelled(table: pl.DataFrame, label: str) -> tuple[pl.DataFrame, Labels]:
    """The rows with an outcome, and the outcomes as 1 and 0."""
    _present(table, label)
    known = table.filter(table[label].is_not_null() & ~_is_nan(table[label]))
    if known[label].dtype.is_nested() or known[label].dtype == pl.Object:
        raise TableError(f"label {label!r}: got {known[label].dtype}, expected a column of 1 and 0")
    words = as_categories(known[label]).str.to_lowercase().str.strip_chars()
    strange = words.filter(~words.is_in([*YES, *NO])).unique().sort()
    if len(strange):
        shown = ", ".join(repr(word) for word in strange[:3])
        raise TableError(f"label {label!r}: got {shown}, expected 1 and 0, true and false, bad and good, 违约 and 正常")
    defaulted = words.is_in([*YES]).cast(pl.Int64).to_numpy()
    bads = int(defaulted.sum())
    if min(bads, len(defaulted) - bads) < FEWEST_OF_A_KIND:
        raise TableError(
            f"label {label!r}: got {bads} defaults among {len(defaulted)} rows, expected at least {FEWEST_OF_A_KIND} "
            "of either kind"
        )
    return known, defaulted


def _is_nan(values: pl.Series) -> pl.Series:
    return values.is_nan().fill_null(value=False) if values.dtype.is_float() else values.is_null()


def _directions(columns: Columns, asked: pl.DataFrame, monotone: Mapping[str, int]) -> tuple[int, ...]:
    """Of every column; the rate of a category is a risk already, and cannot count the other way."""
    for name, sign in monotone.items():
        _present(asked, name)
        if sign not in {-1, 0, 1}:
            raise TableError(f"monotone {name!r}: got {sign!r}, expected 1, 0 or -1")
        if name in columns.rates and sign:
            raise TableError(f"monotone {name!r}: got {sign} for categories, which have no order")
    return tuple(1 if name in columns.rates else int(monotone.get(name, 0)) for name in columns.names)


def _told(learned: Learned, sample: Sample, *, label: str, left: int) -> dict[str, Any]:
    return {
        "label": label,
        "rows": len(sample),
        "defaults": int(sample.defaulted.sum()),
        "rows_without_label": left,
        "settings": learned.settings.describe(),
        "scorecard_penalty": learned.penalty,
        "share_of_the_trees": learned.weight,
        "log_loss_of_unseen_rows": learned.losses,
        "auc_of_unseen_rows": auc(sample.defaulted[learned.judged], learned.out_of_fold),
    }


def _unused(name: str, taken: Mapping[str, Any]) -> str:
    """The name, or with underscores behind it where a column has it."""
    return name if name not in taken else _unused(f"{name}_", taken)
