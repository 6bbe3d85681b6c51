"""How hard the invented city is: what even the truth cannot foresee, and what the data can tell of the truth.

Run it with `python -m benchmarks.hardness`. Every figure is of firms that the models behind it have never seen.
"""

import argparse
import datetime as dt
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import lightgbm as lgb
import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer

from features.profile import profiles
from features.sets import ALL, FEATURES
from simulation.community import draw_community
from simulation.firms import IDLE, SHELL
from simulation.futures import default_probability
from simulation.months import Calendar, calendar
from simulation.tables import tables
from simulation.weather import Weather, weather
from sources.contracts import TABLES
from sources.records import Records

UNTIL = dt.date(2026, 10, 31)
MONTHS, AHEAD, SEED = 38, 12, 11
BOOTSTRAPS = 300
LEAST_CHANCE = 5e-4
"""Branched chances are kept off 0 and 1 before their logits are taken."""

TEN_RATIOS = (
    "age_months",
    "sales_growth_12m",
    "margin_12m",
    "top1_buyer_share_12m",
    "tax_burden_12m",
    "statement_debt_share",
    "statement_current_ratio",
    "bank_net_flow_ratio_12m",
    "debt_to_sales_12m",
    "headcount_growth_12m",
)
"""What an officer would work out on a sheet of paper."""

CLEAN = (
    "days_past_due_now",
    "worst_days_past_due_24m",
    "adverse_events_36m",
    "tax_arrears_now",
    "late_tax_payments_24m",
    "on_abnormal_list",
)
"""Nothing of these, as far as the data tell: a clean record."""

Sample = pl.DataFrame
Numbers = NDArray[np.floating]


@dataclass(frozen=True)
class Part:
    """Communities that are told together, and futures of each firm."""

    communities: tuple[int, ...]
    branches: int


def main() -> None:
    """Print the ceilings, what plain models reach below them, and the anchors."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--learn", type=int, default=100, help="communities of 200 firms that models learn from")
    asked.add_argument("--judge", type=int, default=60, help="communities that they are judged on")
    asked.add_argument("--branches", type=int, default=1000, help="futures of each firm")
    wanted = asked.parse_args()
    every = range(wanted.learn + wanted.judge)
    sample = draw(every, branches=wanted.branches)
    learn = sample.filter(pl.col("community") < wanted.learn)
    judge = sample.filter((pl.col("community") >= wanted.learn) & pl.col("borrower"))
    for line in report(learn, judge):
        print(line)


def report(learn: Sample, judge: Sample) -> list[str]:
    """Lines of the report; `judge` holds borrowers that `learn` has no firm of."""
    happened = judge["defaulted"].to_numpy()
    lines = [
        f"{len(judge):,} borrowers judged, {happened.sum()} defaults in 12 months: {happened.mean():.2%}",
        f"mean true PD {judge['pd'].mean():.2%}, of all firms {learn['pd'].mean():.2%}",
        f"Monte Carlo error of a PD: median {judge['pd_error'].median():.4f}",
        f"{'AUC with 95 % interval':40} of defaults            expected under the true PD",
    ]
    for name, score in scores(learn, judge).items():
        low, high = interval(happened, score)
        lines.append(
            f"{name:40} {roc_auc_score(happened, score):.3f} [{low:.3f}, {high:.3f}]"
            f"    {expected_auc(judge['pd'].to_numpy(), score):.3f}"
        )
    clean = clean_record(judge).to_numpy()
    lines.append(f"clean records: {clean.mean():.1%} of borrowers, {clean[happened].mean():.1%} of those who defaulted")
    return lines


def scores(learn: Sample, judge: Sample) -> dict[str, Numbers]:
    """What each model makes of `judge`, from the truth itself down to what an officer works out."""
    borrowers = learn.filter("borrower")
    return {
        "true PD": judge["pd"].to_numpy(),
        "true PD regressed on all features": observable(learn, judge),
        "LightGBM on defaults, all features": boosted(borrowers, judge),
        "logistic regression on 10 ratios": ten_ratios(borrowers, judge),
    }


def draw(communities: Sequence[int], *, branches: int) -> Sample:
    """Profiles of all trading firms of some communities a year before the end, with the truth beside them."""
    each = 4
    parts = [Part(tuple(communities[start : start + each]), branches) for start in range(0, len(communities), each)]
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        return pl.concat(list(pool.map(_drawn, parts)))


def _drawn(part: Part) -> Sample:
    months = calendar(MONTHS, UNTIL)
    sky = weather(months, seed=SEED)
    return pl.concat([_sampled(number, part.branches, months, sky) for number in part.communities])


def _sampled(number: int, branches: int, months: Calendar, sky: Weather) -> Sample:
    community = draw_community(number, months, sky, seed=SEED)
    month = months.months - 1 - AHEAD
    lives = community.lives
    real = ~np.isin(community.firms.role, [SHELL, IDLE])
    places = np.flatnonzero(lives.trading[:, month] & (lives.default > month) & real)
    chance, error = default_probability(community, places, month, branches=branches)
    told = tables(community, keep=range(len(community.firms)))
    records = Records.of(
        {name: told[name] for name in TABLES} | {"consents": told["consents"]}, enterprises=community.firms.codes
    )
    features = profiles(records, ALL, months.starts[month + 1].item())
    truth = pl.DataFrame(
        {
            "enterprise_id": community.firms.codes.gather(pl.Series(places, dtype=pl.UInt32)),
            "community": np.full(len(places), number),
            "role": community.firms.role[places],
            "pd": chance,
            "pd_error": error,
            "defaulted": lives.default[places] <= month + AHEAD,
            "borrower": (community.states[month + 1].left[places] > 0).any(axis=1),
        }
    )
    return truth.join(features, on="enterprise_id", how="left")


def matrix(sample: Sample, names: Sequence[str]) -> Numbers:
    return sample.select(names).to_numpy().astype(float)


def observable(learn: Sample, judge: Sample) -> Numbers:
    """The true PD as far as the features tell it: its logit regressed on them."""
    target = logit(np.clip(learn["pd"].to_numpy(), LEAST_CHANCE, 1 - LEAST_CHANCE))
    return expit(_booster("regression", learn, target).predict(matrix(judge, list(FEATURES))))


def boosted(learn: Sample, judge: Sample) -> Numbers:
    """What a plain booster makes of realised defaults."""
    return _booster("binary", learn, learn["defaulted"].to_numpy()).predict(matrix(judge, list(FEATURES)))


def _booster(objective: str, learn: Sample, target: Numbers) -> lgb.Booster:
    settings = {
        "objective": objective,
        "learning_rate": 0.04,
        "num_leaves": 15,
        "min_data_in_leaf": 60,
        "verbosity": -1,
        "feature_fraction": 0.3,
        "bagging_fraction": 0.7,
        "bagging_freq": 1,
        "lambda_l2": 5.0,
        "seed": SEED,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 2,
    }
    data = lgb.Dataset(matrix(learn, list(FEATURES)), target)
    return lgb.train(settings, data, num_boost_round=400 if objective == "regression" else 150)


def ten_ratios(learn: Sample, judge: Sample) -> Numbers:
    """Logistic regression on ranks of ten ratios, missing ones at the median with a flag."""
    model = make_pipeline(
        QuantileTransformer(output_distribution="normal", n_quantiles=min(1000, len(learn))),
        LogisticRegression(max_iter=1000),
    )
    middle = np.nanmedian(matrix(learn, TEN_RATIOS), axis=0)

    def filled(sample: Sample) -> Numbers:
        values = matrix(sample, TEN_RATIOS)
        missing = np.isnan(values)
        return np.hstack([np.where(missing, middle, values), missing])

    model.fit(filled(learn), learn["defaulted"].to_numpy())
    return model.predict_proba(filled(judge))[:, 1]


def expected_auc(chance: Numbers, score: Numbers) -> float:
    """AUC of a score over all defaults that the true chances could bring, not only those that came."""
    order = np.argsort(score, kind="stable")
    bad, good = chance[order], 1 - chance[order]
    below = np.cumsum(good) - good
    return float((bad * (below + good / 2)).sum() / (bad.sum() * good.sum()))


def interval(happened: NDArray[np.bool_], score: Numbers) -> tuple[float, float]:
    """95 % bootstrap interval of an AUC."""
    random = np.random.default_rng(SEED)
    drawn = (random.integers(0, len(happened), len(happened)) for _ in range(BOOTSTRAPS))
    low, high = np.quantile([roc_auc_score(happened[rows], score[rows]) for rows in drawn], [0.025, 0.975])
    return float(low), float(high)


def clean_record(sample: Sample) -> pl.Series:
    """Firms about which no data tell anything bad."""
    return sample.select(pl.all_horizontal(pl.col(name).fill_null(0) <= 0 for name in CLEAN)).to_series()


if __name__ == "__main__":
    main()
