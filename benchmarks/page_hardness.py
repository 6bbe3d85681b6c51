"""Numbers of the page about how hard the invented city is, from the sample that `benchmarks.hardness` draws."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from benchmarks import hardness
from simulation.firms import ROLES

DECILES = 10
Z95 = 1.96
Flags = NDArray[np.bool_]
Numbers = NDArray[np.floating]


@dataclass(frozen=True)
class Model:
    """AUC on realised defaults, its 95 % interval, and the AUC expected over all that the true PDs could bring."""

    name: str
    auc: float
    low: float
    high: float
    expected: float


@dataclass(frozen=True)
class Hardness:
    """What the sample tells; "all" are trading firms, "borrowers" those that owe something on the day.

    Attributes:
        all, borrowers: firms in the whole sample; judged: borrowers that no model has seen.
        rate_all, rate_borrowers: realised defaults in 12 months.
        pd_all, pd_borrowers: mean true PD.
        error, most_error: mean and largest Monte Carlo standard error of a borrower's PD.
        clean, clean_of_defaulted: share of judged borrowers with a clean record, and of those that defaulted.
        models: from the truth down.
        chances: true PDs of all borrowers.
        deciles: one row a tenth of the borrowers by true PD: `decile`, `firms`, `pd`, `rate`, `low`, `high`.
        roles: one row a role of all firms: `role`, `firms`, `borrowers`, `pd`, `rate`, `share` of all defaults.
    """

    all: int
    borrowers: int
    judged: int
    rate_all: float
    rate_borrowers: float
    pd_all: float
    pd_borrowers: float
    error: float
    most_error: float
    clean: float
    clean_of_defaulted: float
    models: tuple[Model, ...]
    chances: Numbers
    deciles: pl.DataFrame
    roles: pl.DataFrame


Scores = Callable[[pl.DataFrame, pl.DataFrame], dict[str, Numbers]]


def measure(sample: pl.DataFrame, learn: int, *, scores: Scores = hardness.scores) -> Hardness:
    """Figures of a sample whose first `learn` communities models learn from."""
    borrowers = sample.filter("borrower")
    judge = borrowers.filter(pl.col("community") >= learn)
    happened, clean = judge["defaulted"].to_numpy(), hardness.clean_record(judge).to_numpy()
    found = scores(sample.filter(pl.col("community") < learn), judge)
    return Hardness(
        all=sample.height,
        borrowers=borrowers.height,
        judged=judge.height,
        rate_all=float(sample["defaulted"].to_numpy().mean()),
        rate_borrowers=float(borrowers["defaulted"].to_numpy().mean()),
        pd_all=float(sample["pd"].to_numpy().mean()),
        pd_borrowers=float(borrowers["pd"].to_numpy().mean()),
        error=float(borrowers["pd_error"].to_numpy().mean()),
        most_error=float(borrowers["pd_error"].to_numpy().max()),
        clean=float(clean.mean()),
        clean_of_defaulted=float(clean[happened].mean()),
        models=tuple(_judged(name, happened, judge["pd"].to_numpy(), score) for name, score in found.items()),
        chances=borrowers["pd"].to_numpy(),
        deciles=by_decile(borrowers),
        roles=by_role(sample),
    )


def _judged(name: str, happened: Flags, chance: Numbers, score: Numbers) -> Model:
    auc, expected = float(roc_auc_score(happened, score)), hardness.expected_auc(chance, score)
    return Model(name, auc, *hardness.interval(happened, score), expected)


def by_decile(borrowers: pl.DataFrame) -> pl.DataFrame:
    """Mean true PD and realised default rate of tenths of firms in the order of their true PD."""
    place = pl.col("pd").rank("ordinal") - 1
    tenth = (place * DECILES // pl.len() + 1).alias("decile")
    found = (
        borrowers.sort("pd", "enterprise_id")
        .group_by(tenth)
        .agg(firms=pl.len(), pd=pl.col("pd").mean(), defaults=pl.col("defaulted").sum())
        .sort("decile")
    )
    low, high = wilson(found["defaults"].to_numpy(), found["firms"].to_numpy())
    return found.with_columns(rate=pl.col("defaults") / pl.col("firms"), low=low, high=high).drop("defaults")


def by_role(sample: pl.DataFrame) -> pl.DataFrame:
    """True PD and realised defaults of each role that can default."""
    found = (
        sample.group_by("role")
        .agg(
            firms=pl.len(),
            borrowers=pl.col("borrower").sum(),
            pd=pl.col("pd").mean(),
            rate=pl.col("defaulted").mean(),
            defaults=pl.col("defaulted").sum(),
        )
        .sort("role")
    )
    names = pl.Series(ROLES).gather(found["role"])
    return found.with_columns(role=names, share=pl.col("defaults") / pl.col("defaults").sum()).drop("defaults")


def wilson(defaults: NDArray[np.integer], firms: NDArray[np.integer]) -> tuple[Numbers, Numbers]:
    """95 % interval of a share after Wilson (1927)."""
    share, z2 = defaults / firms, Z95**2
    middle = (share + z2 / (2 * firms)) / (1 + z2 / firms)
    half = Z95 / (1 + z2 / firms) * np.sqrt(share * (1 - share) / firms + z2 / (4 * firms**2))
    return np.maximum(middle - half, 0), np.minimum(middle + half, 1)
