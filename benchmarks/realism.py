"""How far simulated invoices are from those of 425 real small enterprises.

Run it with `python -m benchmarks.realism --real var/cumcm`, on the folder that `xinpei import cumcm` made. Only the
invoices of that folder are opened, never its labels.

What is compared with what: the real firms are clients of a bank and larger than the city, so simulated firms are drawn,
with replacement, until their mean monthly sales are distributed as the real ones. Only firms that trade, with as many
observed months as the real ones, stand for the city. The real export ended on another day for each firm, between
October 2019 and February 2020, and what came later is missing, so every simulated firm is cut off on the last day of a
real firm drawn at random; profiles of both are as of 2020-03-01.
"""

import argparse
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import lightgbm as lgb
import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import ks_2samp
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer

from features.profile import profiles
from features.sets import INVOICE_FLOW
from simulation.community import Community, draw_community
from simulation.firms import IDLE, RING, SHELL, ZERO_FILER
from simulation.months import calendar
from simulation.weather import weather
from sources.contracts import TABLES
from sources.records import Records
from sources.validation import validate

AS_OF = dt.date(2020, 3, 1)
UNTIL = dt.date(2020, 2, 29)
MONTHS = 41
"""From the first of the real invoices, October 2016, to the last."""

NAMED = (
    "invoices_issued_12m",
    "invoices_received_12m",
    "invoice_median_12m",
    "void_share_36m",
    "red_amount_share_36m",
    "longest_gap_days_12m",
    "top1_buyer_share_12m",
    "sales_variation_36m",
    "season_shift_24m",
    "sales_growth_12m",
)
"""Ten features, one for each of: numbers, amounts, voids, red letters, gaps, concentration, seasons, growth."""

SIZE = "sales_monthly_36m"
LEAST_MONTHS = 18
"""Fewest months observed of a real firm."""

BINS = 17
FOLDS = 5
BAND = (2.5, 97.5)
QUANTILES = {"q05": 0.05, "q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95}


@dataclass(frozen=True)
class Told:
    """AUC of telling real from simulated firms; 0.5 = cannot be told.

    Attributes:
        auc: mean over repeats.
        low, high: 2.5th and 97.5th percentile over repeats, each with other simulated firms and other folds.
        by: which classifier of those tried was the better.
    """

    auc: float
    low: float
    high: float
    by: str


def real_invoices(folder: Path) -> pl.DataFrame:
    """Valid rows of the real invoices.

    Raises:
        FileNotFoundError: the folder has none; says where they come from.
    """
    file = folder / "vat_invoices.parquet"
    if not file.is_file():
        raise FileNotFoundError(
            f"--real: got {folder}, expected a folder with vat_invoices.parquet, as `xinpei import` makes it from the"
            " attachments of problem C of the 2020 contest; nothing can be compared without it"
        )
    return validate(TABLES["vat_invoices"], pl.read_parquet(file), today=AS_OF).rows


def last_days(invoices: pl.DataFrame) -> pl.Series:
    """Day of the newest invoice of each firm, in either direction: about the day of its export."""
    return invoices.group_by("enterprise_id").agg(pl.col("issued_on").max()).sort("enterprise_id")["issued_on"]


def profiles_of(invoices: pl.DataFrame) -> pl.DataFrame:
    """Profiles of the invoice flow as of `AS_OF`."""
    return profiles(Records.of({"vat_invoices": invoices}), INVOICE_FLOW, AS_OF)


def simulated_profiles(communities: Iterable[int], ends: pl.Series, *, seed: int) -> pl.DataFrame:
    """Profiles of the trading firms of some communities, each known up to one of the days `ends`."""
    return comparable(pl.concat([profiles_of(told) for told in simulated_invoices(communities, ends, seed=seed)]))


def comparable(simulated: pl.DataFrame) -> pl.DataFrame:
    """Profiles of firms that sell, and that were observed as long as any real one."""
    return simulated.filter(pl.col("months_observed") >= LEAST_MONTHS, pl.col(SIZE) > 0)


def simulated_invoices(communities: Iterable[int], ends: pl.Series, *, seed: int) -> Iterator[pl.DataFrame]:
    """Invoices of one community after another, each firm's up to one of the days `ends`."""
    months = calendar(MONTHS, UNTIL)
    sky = weather(months, seed=seed)
    for number in communities:
        community = draw_community(number, months, sky, seed=seed)
        random = community.random("benchmarks", "realism")
        yield exported(community, ends.gather(random.integers(len(ends), size=len(community.firms))))


def exported(community: Community, end: pl.Series) -> pl.DataFrame:
    """What a bank would have of the firms of a community: invoices up to a day of each, and known by `UNTIL`.

    Shells, rings, zero filers and idle firms are left out: no bank has them among its clients knowingly.
    """
    ordinary = ~np.isin(community.firms.role, [RING, SHELL, ZERO_FILER, IDLE])
    firms = pl.DataFrame({"enterprise_id": community.firms.codes, "end": end, "ordinary": ordinary}).with_row_index(
        "firm"
    )
    told = community.invoices.with_columns(pl.col("firm").cast(pl.UInt32)).join(firms, on="firm")
    kept = told.filter("ordinary", pl.col("issued_on") <= pl.col("end"), pl.col("known_on") <= UNTIL)
    return TABLES["vat_invoices"].typed(kept)


def matched(real: pl.DataFrame, simulated: pl.DataFrame, *, each: int, seed: int) -> pl.DataFrame:
    """Simulated firms drawn with replacement, `each` of them for a real one, so that sizes are distributed alike.

    Sizes are cut into `BINS` bins with equally many real firms.
    """
    random = np.random.default_rng(seed)
    edges = np.quantile(real[SIZE].to_numpy(), np.linspace(0, 1, BINS + 1)[1:-1])
    of_real = np.searchsorted(edges, real[SIZE].to_numpy())
    of_simulated = np.searchsorted(edges, simulated[SIZE].to_numpy())
    rows = []
    for place in range(BINS):
        there = np.flatnonzero(of_simulated == place)
        if not len(there):
            raise ValueError(f"simulated: got no firm in bin {place + 1} of {BINS} by {SIZE}, expected some; draw more")
        wanted = each * int((of_real == place).sum())
        # Without repeats as long as there are enough: a firm drawn twice would stand in two folds.
        rows.append(random.choice(there, wanted, replace=wanted > len(there)))
    return simulated[np.concatenate(rows)]


def compare(real: pl.DataFrame, simulated: pl.DataFrame, features: Sequence[str] | None = None) -> pl.DataFrame:
    """Quantiles of each feature in both, and the two-sample Kolmogorov–Smirnov distance; one row a feature."""
    names = features or [one.name for one in INVOICE_FLOW]
    return pl.DataFrame([_compared(name, real[name], simulated[name]) for name in names])


def _compared(name: str, real: pl.Series, simulated: pl.Series) -> dict[str, str | float | None]:
    row: dict[str, str | float | None] = {"feature": name, "ks": _distance(real, simulated)}
    for side, values in (("real", real), ("simulated", simulated)):
        row |= {f"{side}_{label}": values.quantile(share, "linear") for label, share in QUANTILES.items()}
        row[f"{side}_null"] = values.null_count() / len(values)
    return row


def _distance(real: pl.Series, simulated: pl.Series) -> float | None:
    a, b = real.drop_nulls(), simulated.drop_nulls()
    return float(ks_2samp(a.to_numpy(), b.to_numpy()).statistic) if len(a) and len(b) else None


def two_sample_auc(
    real: pl.DataFrame, simulated: pl.DataFrame, features: Sequence[str], *, repeats: int = 5, each: int = 2
) -> Told:
    """How well the better of two classifiers tells real from simulated firms of the same sizes.

    Each repeat draws simulated firms anew (`matched`) and takes the AUC over five folds that share no firm; classes
    weigh the same.
    """
    found: dict[str, list[float]] = {"LightGBM": [], "logistic regression": []}
    for repeat in range(repeats):
        drawn = matched(real, simulated, each=each, seed=repeat)
        x = np.concatenate([frame.select(features).to_numpy() for frame in (real, drawn)]).astype(float)
        y = np.repeat([1, 0], [real.height, drawn.height])
        firm = np.concatenate([real["enterprise_id"].to_numpy(), drawn["enterprise_id"].to_numpy()])
        for name, auc in zip(found, _aucs(x, y, firm, seed=repeat), strict=True):
            found[name].append(auc)
    best = max(found, key=lambda name: float(np.mean(found[name])))
    low, high = np.percentile(found[best], BAND)
    return Told(float(np.mean(found[best])), float(low), float(high), best)


def _aucs(
    x: NDArray[np.floating], y: NDArray[np.int64], firm: NDArray[np.object_], *, seed: int
) -> tuple[float, float]:
    """AUC of LightGBM and of logistic regression on ranks, from predictions for folds they did not learn from."""
    _, first, same = np.unique(firm, return_index=True, return_inverse=True)
    folds = np.empty(len(y), dtype=np.int64)
    for place, (_, held) in enumerate(StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(first, y[first])):
        folds[np.isin(same, held)] = place
    weight = np.where(y == 1, 0.5 / (y == 1).sum(), 0.5 / (y == 0).sum()) * len(y)
    told = np.zeros((2, len(y)))
    for place in range(FOLDS):
        train, held = folds != place, folds == place
        told[0, held] = _boosted(x[train], y[train], weight[train], seed=seed).predict(x[held])
        told[1, held] = _logistic(x[train], y[train], weight[train], x[held])
    return float(roc_auc_score(y, told[0], sample_weight=weight)), float(
        roc_auc_score(y, told[1], sample_weight=weight)
    )


def _boosted(x: NDArray[np.floating], y: NDArray[np.int64], weight: NDArray[np.floating], *, seed: int) -> lgb.Booster:
    parameters = {
        "objective": "binary",
        "num_leaves": 7,
        "learning_rate": 0.05,
        "min_data_in_leaf": 20,
        "feature_fraction": 0.7,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "num_threads": 1,
        "seed": seed,
        "verbosity": -1,
    }
    return lgb.train(parameters, lgb.Dataset(x, y, weight=weight), num_boost_round=150)


def _logistic(
    x: NDArray[np.floating], y: NDArray[np.int64], weight: NDArray[np.floating], held: NDArray[np.floating]
) -> NDArray[np.floating]:
    ranks = make_pipeline(QuantileTransformer(n_quantiles=100), LogisticRegression(C=1.0, max_iter=500))
    middle = np.nanmedian(x, axis=0)
    ranks.fit(np.where(np.isnan(x), middle, x), y, logisticregression__sample_weight=weight)
    scores: NDArray[np.floating] = ranks.predict_proba(np.where(np.isnan(held), middle, held))[:, 1]
    return scores


def asked_for(description: str | None, *, communities: int) -> tuple[argparse.Namespace, pl.DataFrame]:
    """What the command line asks for, and the real invoices; without them the command ends with one line."""
    asked = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--real", type=Path, default=Path("var/cumcm"), help="folder of the imported real invoices")
    asked.add_argument("--communities", type=int, default=communities, help="simulated, of 200 firms each")
    asked.add_argument("--seed", type=int, default=1, help="of the simulation")
    wanted = asked.parse_args()
    try:
        return wanted, real_invoices(wanted.real)
    except FileNotFoundError as missing:
        asked.exit(2, f"{missing}\n")


def main() -> None:
    """Print distances of all features and how well the two can be told apart."""
    wanted, invoices = asked_for(__doc__, communities=24)
    real = profiles_of(invoices)
    simulated = simulated_profiles(range(wanted.communities), last_days(invoices), seed=wanted.seed)
    print(f"{real.height} real firms; {simulated.height} simulated that trade, before they are matched by {SIZE}")
    table = compare(real, matched(real, simulated, each=2, seed=0))
    with pl.Config(tbl_rows=-1, tbl_cols=-1, tbl_width_chars=200, float_precision=3):
        print(
            table.select(
                "feature", "ks", *(f"{side}_{q}" for q in ("q25", "median", "q75") for side in ("real", "simulated"))
            )
        )
    for label, names in (("ten named features", NAMED), ("all features", [one.name for one in INVOICE_FLOW])):
        told = two_sample_auc(real, simulated, names)
        print(f"{label}: AUC {told.auc:.3f} ({told.low:.3f} to {told.high:.3f}), {told.by}")


if __name__ == "__main__":
    main()
