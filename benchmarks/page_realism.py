"""Real and simulated invoices side by side, as the page about the invented city shows them.

Of the real firms only quantiles over firms leave this module, never a value of one firm.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks import realism
from benchmarks.realism import NAMED, Told
from features.sets import INVOICE_FLOW

LEVELS = np.linspace(0.02, 0.98, 21)
"""Of the quantiles that a curve is drawn from; the smallest and largest firm stay out."""

MONTHS_OF_A_YEAR = 12
FEWEST = 24
"""Sales invoices of a year without which its months say nothing."""

EACH = 2
"""Simulated firms drawn for a real one."""


@dataclass(frozen=True)
class Realism:
    """What the comparison found.

    Attributes:
        real, simulated: firms compared; simulated ones before they are matched by size.
        table: one row a feature, as `realism.compare` gives it.
        named, every: how well a classifier tells real from simulated, by `realism.NAMED` and by all features.
        curves: rows of `feature`, `side`, `level`, `value`: values at `LEVELS`.
        months: rows of `side`, `month` (1 to 12), `share` of a year's sales invoices, median over firm-years, and
            `firm_years`.
    """

    real: int
    simulated: int
    table: pl.DataFrame
    named: Told
    every: Told
    curves: pl.DataFrame
    months: pl.DataFrame


def measure(invoices: pl.DataFrame, communities: int, *, seed: int) -> Realism:
    """Compare the real invoices with those of some simulated communities."""
    ends = realism.last_days(invoices)
    profiles, shares = [], []
    for told in realism.simulated_invoices(range(communities), ends, seed=seed):
        profiles.append(realism.profiles_of(told))
        shares.append(month_shares(told))
    real, simulated = realism.profiles_of(invoices), realism.comparable(pl.concat(profiles))
    alike = realism.matched(real, simulated, each=EACH, seed=0)
    sides = {
        "real": month_shares(invoices),
        "simulated": pl.concat(shares).join(alike, on="enterprise_id", how="semi"),
    }
    return Realism(
        real=real.height,
        simulated=simulated.height,
        table=realism.compare(real, alike),
        named=realism.two_sample_auc(real, simulated, NAMED),
        every=realism.two_sample_auc(real, simulated, [one.name for one in INVOICE_FLOW]),
        curves=pl.concat([curves(real, NAMED, side="real"), curves(alike, NAMED, side="simulated")]),
        months=pl.concat([usual_months(firm_years, side=side) for side, firm_years in sides.items()]),
    )


def curves(profiles: pl.DataFrame, names: Sequence[str], *, side: str) -> pl.DataFrame:
    """Quantiles of features at `LEVELS`: what their distribution functions are drawn from; money in yuan."""
    units = {one.name: one.unit for one in INVOICE_FLOW}
    return pl.concat([_curve(name, profiles[name], units[name], side) for name in names])


def _curve(name: str, values: pl.Series, unit: str, side: str) -> pl.DataFrame:
    known = values.drop_nulls().to_numpy().astype(float) / (100 if unit == "fen" else 1)
    at: NDArray[np.floating] = np.quantile(known, LEVELS) if len(known) else np.full(len(LEVELS), np.nan)
    return pl.DataFrame({"feature": name, "side": side, "level": LEVELS, "value": at})


def month_shares(invoices: pl.DataFrame) -> pl.DataFrame:
    """Share of each calendar month in the sales invoices of a year, one row a firm and year, `1` to `12`.

    Only years that lie wholly between the first and the last invoice of a firm, with `FEWEST` sales invoices at least.
    """
    day = pl.col("issued_on")
    years = invoices.group_by("enterprise_id").agg(
        first=(day.min().dt.offset_by("-1d").dt.year() + 1), last=(day.max().dt.offset_by("1d").dt.year() - 1)
    )
    by_month = [(day.dt.month() == month).mean().alias(str(month)) for month in range(1, MONTHS_OF_A_YEAR + 1)]
    return (
        invoices.filter(pl.col("direction") == "issued")
        .with_columns(year=day.dt.year())
        .join(years, on="enterprise_id")
        .filter(pl.col("year").is_between("first", "last"))
        .group_by("enterprise_id", "year")
        .agg(pl.len().alias("invoices"), *by_month)
        .filter(pl.col("invoices") >= FEWEST)
        .sort("enterprise_id", "year")
        .drop("invoices")
    )


def usual_months(shares: pl.DataFrame, *, side: str) -> pl.DataFrame:
    """Median share of each calendar month over firm-years."""
    months = [str(month) for month in range(1, MONTHS_OF_A_YEAR + 1)]
    return pl.DataFrame(
        {
            "side": side,
            "month": range(1, MONTHS_OF_A_YEAR + 1),
            "share": [shares[month].median() for month in months],
            "firm_years": shares.height,
        },
        schema_overrides={"share": pl.Float64},
    )
