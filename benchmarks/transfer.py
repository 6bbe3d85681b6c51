"""What a credit model that has only seen simulated invoices makes of 123 real, labelled enterprises.

Run it with `python -m benchmarks.transfer --real var/cumcm`. The labels of the real firms are read once, at the end,
to judge; nothing is fitted, chosen or tuned on them. A simulated firm counts as bad when it defaulted by the last day
of its data or within the year after it: the source of the real labels gives no day either.
"""

import datetime as dt
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import lightgbm as lgb
import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from benchmarks.realism import LEAST_MONTHS, MONTHS, asked_for, exported, last_days, profiles_of
from features.sets import INVOICE_FLOW
from simulation.community import draw_community
from simulation.firms import IDLE, RING, SHELL, ZERO_FILER
from simulation.months import calendar
from simulation.weather import weather
from sources.contracts import LABELS

AHEAD = 12
YEAR_LATER = dt.date(2021, 2, 28)
SEEDS = (1, 2, 3, 4, 5)
BOOTSTRAPS = 2000
PARAMETERS = {
    "objective": "binary",
    "num_leaves": 8,
    "learning_rate": 0.05,
    "min_data_in_leaf": 40,
    "lambda_l2": 10.0,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "num_threads": 2,
    "verbosity": -1,
    "deterministic": True,
    "force_row_wise": True,
}
ROUNDS = 150
Numbers = NDArray[np.floating]


def main() -> None:
    """Print the AUC on the real firms, with its interval."""
    wanted, invoices = asked_for(__doc__, communities=80)
    simulated = simulated_borrowers(range(wanted.communities), last_days(invoices), seed=wanted.seed)
    scores = scored(simulated, profiles_of(invoices))
    print(f"{simulated.height:,} simulated borrowers, {simulated['defaulted'].sum()} of them bad")
    labels = LABELS.typed(pl.read_parquet(wanted.real / "labels.parquet")).select("enterprise_id", "defaulted")
    judged = scores.join(labels, on="enterprise_id")
    auc, low, high = judged_auc(judged["defaulted"].to_numpy(), judged["score"].to_numpy())
    print(f"{judged.height} real firms, {judged['defaulted'].sum()} bad: AUC {auc:.3f}, 95 % [{low:.3f}, {high:.3f}]")


def simulated_borrowers(communities: Sequence[int], ends: pl.Series, *, seed: int) -> pl.DataFrame:
    """Profiles of simulated borrowers, each known up to one of the days `ends`, and whether they went bad."""
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        return pl.concat(list(pool.map(partial(_borrowers, ends=ends, seed=seed), communities)))


def _borrowers(number: int, ends: pl.Series, seed: int) -> pl.DataFrame:
    months = calendar(MONTHS + AHEAD, YEAR_LATER)
    community = draw_community(number, months, weather(months, seed=seed), seed=seed)
    end = ends.gather(community.random("benchmarks", "transfer").integers(len(ends), size=len(community.firms)))
    real = ~np.isin(community.firms.role, [RING, SHELL, ZERO_FILER, IDLE])
    last = months.months - 1 - AHEAD
    lent = community.states[last + 1].loans > 0
    began_well = community.lives.default >= months.first
    truth = pl.DataFrame(
        {
            "enterprise_id": community.firms.codes,
            "defaulted": community.lives.default < months.months,
            "judged": real & lent & began_well,
        }
    )
    profiles = profiles_of(exported(community, end))
    return truth.filter("judged").join(profiles, on="enterprise_id").filter(pl.col("months_observed") >= LEAST_MONTHS)


def scored(simulated: pl.DataFrame, real: pl.DataFrame) -> pl.DataFrame:
    """Scores of the real firms from models that keep the features' directions, averaged over seeds."""
    names = [one.name for one in INVOICE_FLOW]
    fixed = PARAMETERS | {"monotone_constraints": [one.monotone for one in INVOICE_FLOW]}
    x, y = simulated.select(names).to_numpy().astype(float), simulated["defaulted"].to_numpy()
    asked = real.select(names).to_numpy().astype(float)
    bag = [lgb.train(fixed | {"seed": seed}, lgb.Dataset(x, y), num_boost_round=ROUNDS) for seed in SEEDS]
    return real.select("enterprise_id", score=np.mean([one.predict(asked, raw_score=True) for one in bag], axis=0))


def judged_auc(bad: NDArray[np.bool_], score: Numbers) -> tuple[float, float, float]:
    """AUC and its 95 % bootstrap interval."""
    random = np.random.default_rng(0)
    drawn = [random.integers(0, len(bad), len(bad)) for _ in range(BOOTSTRAPS)]
    found = [roc_auc_score(bad[rows], score[rows]) for rows in drawn if 0 < bad[rows].sum() < len(bad)]
    low, high = np.quantile(found, [0.025, 0.975])
    return float(roc_auc_score(bad, score)), float(low), float(high)


if __name__ == "__main__":
    main()
