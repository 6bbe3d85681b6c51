"""The credit model beside its peers and beside the truth, as Markdown tables: `python -m benchmarks.models`.

The city is judged out of time on enterprises that nobody learned from; real tables on the same folds for all. Peers:
logistic regression on WoE (optbinning), LightGBM, XGBoost and CatBoost as they come.
"""

import argparse
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import RepeatedStratifiedKFold, StratifiedKFold

from benchmarks.panel import LAST_LEARNED, SEED, TEST_FROM, draw
from features.sets import ALL
from sources.contracts import BLOCKS
from training.cohort import DATED, Cohort
from training.credit import Recipe, train_on
from training.evaluation.calibration import ece, ece_floor
from training.evaluation.ranking import auc_draws
from training.evaluation.resampling import Draws, estimate
from training.fit import fit_credit
from training.metrics import auc, mean_of_folds
from training.pd_curve import Unseen, fit_pd_curve

Floats = NDArray[np.float64]
Fit = Callable[[Floats, NDArray[np.int64]], Callable[[Floats], Floats]]
NAMES = [one.name for one in ALL]
KEY = ["enterprise_id", "as_of"]
ROWS_OF_A_SEGMENT = 1_000
EXPECTED_DRAWS = 200


def woe(matrix: Floats, defaulted: NDArray[np.int64]) -> Callable[[Floats], Floats]:
    """Optimal bins of optbinning, WoE of each, logistic regression with its default penalty."""
    from optbinning import BinningProcess  # noqa: PLC0415 - an extra that only this benchmark needs

    told = np.nanstd(matrix, axis=0) > 0
    names = [f"c{place}" for place in np.flatnonzero(told)]
    binning = BinningProcess(names).fit(matrix[:, told], defaulted)
    model = LogisticRegression(max_iter=2000).fit(binning.transform(matrix[:, told]), defaulted)
    return lambda new: model.predict_proba(binning.transform(new[:, told]))[:, 1]


def default_lightgbm(matrix: Floats, defaulted: NDArray[np.int64]) -> Callable[[Floats], Floats]:
    model = lgb.LGBMClassifier(verbose=-1).fit(matrix, defaulted)
    return lambda new: model.predict_proba(new)[:, 1]


def default_xgboost(matrix: Floats, defaulted: NDArray[np.int64]) -> Callable[[Floats], Floats]:
    from xgboost import XGBClassifier  # noqa: PLC0415 - as above

    model = XGBClassifier().fit(matrix, defaulted)
    return lambda new: model.predict_proba(new)[:, 1]


def default_catboost(matrix: Floats, defaulted: NDArray[np.int64]) -> Callable[[Floats], Floats]:
    from catboost import CatBoostClassifier  # noqa: PLC0415 - as above

    model = CatBoostClassifier(verbose=0, allow_writing_files=False, thread_count=2).fit(matrix, defaulted)
    return lambda new: model.predict_proba(new)[:, 1]


PEERS: Mapping[str, Fit] = {
    "WoE logistic regression (optbinning)": woe,
    "LightGBM, default": default_lightgbm,
    "XGBoost, default": default_xgboost,
    "CatBoost, default": default_catboost,
}


def main() -> None:
    """Print the tables asked for."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--parts", nargs="+", default=["city", "taiwan", "cumcm"], help="tables to print")
    asked.add_argument("--communities", type=int, default=400, help="of 200 firms; three in four are learned from")
    asked.add_argument("--panel", type=Path, help="Parquet file to keep the drawn city in, or to take it from")
    asked.add_argument("--taiwan", type=Path, default=Path("../shared/data/uci_taiwan/taiwan_credit.csv"))
    asked.add_argument("--cumcm", type=Path, default=Path("var/cumcm"), help="made by `xinpei import cumcm2020c`")
    given = asked.parse_args()
    warnings.simplefilter("ignore")
    for part in given.parts:
        lines = {"city": city, "taiwan": taiwan, "cumcm": cumcm}[part](given)
        for line in lines:
            print(line, flush=True)


def city(given: argparse.Namespace) -> Iterator[str]:
    """Ranking, calibration and withholding on the simulated city, out of time and out of enterprise."""
    panel = pl.read_parquet(given.panel) if given.panel and given.panel.exists() else draw(given.communities)
    if given.panel and not given.panel.exists():
        panel.write_parquet(given.panel)
    first_judged = panel["community"].max() * 3 // 4 + 1
    learn = panel.filter((pl.col("community") < first_judged) & (pl.col("as_of") <= LAST_LEARNED))
    judge = panel.filter((pl.col("community") >= first_judged) & (pl.col("as_of") >= TEST_FROM))
    told = panel.filter((pl.col("community") < first_judged) & (pl.col("as_of") >= TEST_FROM))
    yield f"learned from {_counted(learn)}; judged on {_counted(judge)}; ceiling learned from {_counted(told)}"
    early, late = _cohort(learn), _cohort(judge)
    started = time.monotonic()
    model, learned = train_on(early, Recipe(), true_pd=None)
    yield f"ours learned in {time.monotonic() - started:.0f} s: trees {learned.weight:.0%}, {learned.settings}"
    said = {
        "ours, as learned": expit(learned.intercept + learned.slope * model.margins(late.profiles)),
        "ours, with costs of withholding": model.probability(late.profiles),
    }
    for name, fit in PEERS.items():
        said[name] = fit(early.matrix, early.defaulted)(late.matrix)
    truth = late.profiles["pd"].to_numpy()
    ceiling = _ceiling(told)(late.matrix)
    yield from _city_table(late, said, truth=truth, ceiling=ceiling)
    whole = late.profiles.select(pl.all_horizontal(f"has_{block}" for block in BLOCKS)).to_series().to_numpy()
    yield f"the same on the {whole.mean():.0%} of the rows with every block given:"
    given_all = {name: risk[whole] for name, risk in said.items()}
    yield from _city_table(late.take(whole), given_all, truth=truth[whole], ceiling=ceiling[whole])
    yield from _withholding_table(early, late, learned)
    yield from _coverage(model, late)


def _counted(rows: pl.DataFrame) -> str:
    firms, bad = rows["enterprise_id"].n_unique(), rows.filter("defaulted")["enterprise_id"].n_unique()
    return f"{rows.height:,} rows of {firms:,} enterprises, {bad:,} of which defaulted"


def _cohort(rows: pl.DataFrame) -> Cohort:
    ordered = rows.sort("enterprise_id", "as_of")
    return Cohort(
        profiles=ordered.drop("defaulted"),
        defaulted=ordered["defaulted"].cast(pl.Int64).to_numpy(),
        features=tuple(ALL),
        first_as_of=rows["as_of"].min(),
        as_of=rows["as_of"].max(),
        window=DATED,
    )


def _ceiling(told: pl.DataFrame) -> Callable[[Floats], Floats]:
    """The true PD as far as the features tell it: regressed on them, on other enterprises of the same days."""
    settings = {
        "objective": "cross_entropy",
        "learning_rate": 0.04,
        "num_leaves": 15,
        "min_data_in_leaf": 60,
        "feature_fraction": 0.3,
        "bagging_fraction": 0.7,
        "bagging_freq": 1,
        "lambda_l2": 5.0,
        "verbose": -1,
        "seed": SEED,
    }
    matrix = told.select(NAMES).to_numpy().astype(float)
    return lgb.train(settings, lgb.Dataset(matrix, told["pd"].to_numpy()), 600).predict


def _city_table(late: Cohort, said: Mapping[str, Floats], *, truth: Floats, ceiling: Floats) -> Iterator[str]:
    draws = Draws.of_enterprises(late.codes, seed=0)
    best, best_drawn = auc_draws(late.defaulted, ceiling, draws)
    most, most_drawn = auc_draws(late.defaulted, truth, draws)
    yield f"true PD AUC {estimate(most, most_drawn)}; observable ceiling AUC {estimate(best, best_drawn)}"
    yield "| model | AUC | Gini ÷ true PD's | Gini ÷ ceiling's | expected so | ECE | by noise | worst segment's |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, risk in said.items():
        value, drawn = auc_draws(late.defaulted, risk, draws)
        of_truth = estimate((2 * value - 1) / (2 * most - 1), (2 * drawn - 1) / (2 * most_drawn - 1))
        of_best = estimate((2 * value - 1) / (2 * best - 1), (2 * drawn - 1) / (2 * best_drawn - 1))
        expected = [_expected_gini(truth, one, draws) for one in (risk, ceiling)]
        of_expected = estimate(expected[0][0] / expected[1][0], expected[0] / expected[1])
        off, noise = ece(late.defaulted, risk, draws), ece_floor(risk, seed=0)
        worst, where = max(_segment_eces(late, risk, draws))
        ratios = f"{of_truth} | {of_best} | {of_expected}"
        calibrated = f"{_four(off)} | {noise.value:.4f} | {worst:.4f} ({where})"
        yield f"| {name} | {estimate(value, drawn)} | {ratios} | {calibrated} |"


def _expected_gini(truth: Floats, risk: Floats, draws: Draws) -> Floats:
    """Gini over all defaults that the true PDs could bring, first on the rows as they are, then on some draws."""
    order = np.argsort(risk, kind="stable")
    few = Draws(np.concatenate([np.ones_like(draws.counts[:1]), draws.counts[:EXPECTED_DRAWS]]), draws.of)
    found = []
    for weights in few.weights(order):
        bad, good = weights * truth[order], weights * (1 - truth[order])
        below = np.cumsum(good, axis=1) - good / 2
        found.append(2 * (bad * below).sum(axis=1) / (bad.sum(axis=1) * good.sum(axis=1)) - 1)
    return np.concatenate(found)


def _four(one: Any) -> str:
    return f"{one.value:.4f} [{one.low:.4f}, {one.high:.4f}]"


def _segment_eces(late: Cohort, risk: Floats, draws: Draws) -> Iterator[tuple[float, str]]:
    """ECE over five bins of each district, industry, age, cohort and missing block with rows enough."""
    frame = late.profiles
    parts = {name: frame[name].cast(pl.String) for name in ("district", "industry", "as_of") if name in frame.columns}
    parts["age"] = (frame["age_months"] // 60).cast(pl.String)
    parts |= {block: frame[f"has_{block}"].cast(pl.String) for block in BLOCKS}
    for name, values in parts.items():
        for value in values.drop_nulls().unique().sort():
            rows = np.flatnonzero((values == value).fill_null(value=False).to_numpy())
            if len(rows) >= ROWS_OF_A_SEGMENT:
                found = ece(late.defaulted[rows], risk[rows], draws.within(rows), count=5)
                yield found.value, f"{name} = {value}, {len(rows):,} rows"


def _withholding_table(early: Cohort, late: Cohort, learned: Any) -> Iterator[str]:
    """For each block: rises and mean shift of other enterprises' scores, with costs and without."""
    from training.credit import model_of  # noqa: PLC0415 - next to what it is used for
    from training.evaluation.withholding import without  # noqa: PLC0415 - as above

    shares = (0.004, 0.008, 0.02, 0.05, 1.0)
    models = {share: model_of(early, learned, Recipe(may_rise=share), true_pd=None) for share in shares}
    yield "| may rise | AUC | " + " | ".join(BLOCKS) + " |"
    yield "|---|---|" + "---|" * len(BLOCKS)
    for share, model in models.items():
        points = model.points(late.profiles)
        cells = []
        for block in BLOCKS:
            has = late.profiles[f"has_{block}"].to_numpy()
            less = without(late.profiles.filter(pl.Series(has)), model.features, block)
            shift = model.points(less) - points[has]
            cells.append(f"{(shift > 10).mean():.1%}, {shift.mean():+.1f}")  # noqa: PLR2004 - the points of the promise
        yield f"| {share:.1%} | {auc(late.defaulted, -points):.4f} | " + " | ".join(cells) + " |"


def _coverage(model: Any, late: Cohort) -> Iterator[str]:
    """How often intervals whose width was learned on half of the judged enterprises hold the true PD of the others."""
    groups = late.enterprises
    half = groups % 2 == 0
    points, truth = model.points(late.profiles), late.profiles["pd"].to_numpy()
    known = Unseen(points[half], late.defaulted[half], groups[half], truth[half])
    curve = fit_pd_curve(known, seed=0)
    low, high = curve.interval(points[~half])
    held = (low <= truth[~half]) & (truth[~half] <= high)
    draws = Draws.of_enterprises(late.codes.filter(pl.Series(~half)), seed=0)
    covered = estimate(float(held.mean()), draws.means(held.astype(float)))
    yield f"interval of the PD, nominal {curve.level:.0%}: holds the true PD of {covered} of other enterprises' rows"
    yield f"median interval: {np.median(low):.2%} to {np.median(high):.2%}"


def taiwan(given: argparse.Namespace) -> Iterator[str]:
    """The card clients of Taiwan, 5 stratified folds, seed 0."""
    if not given.taiwan.exists():
        yield f"uci_taiwan: {given.taiwan} is not there; skipped"
        return
    table = pl.read_csv(given.taiwan).drop("ID")
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    yield f"uci_taiwan: {table.height:,} rows, {table.width - 1} columns"
    yield from _folds_table(table, "DEFAULT", list(folds.split(table, table["DEFAULT"])), more={})


def cumcm(given: argparse.Namespace) -> Iterator[str]:
    """The invoices of the contest, 67 features of 123 enterprises: 2 × 5 stratified folds, seed 0."""
    from features.sets import INVOICE_FLOW  # noqa: PLC0415 - next to what it is used for
    from sources.clock import today_in_beijing  # noqa: PLC0415 - as above
    from sources.readers import read_source  # noqa: PLC0415 - as above
    from training.cohort import build_cohort  # noqa: PLC0415 - as above
    from training.crossvalidation import sample_of  # noqa: PLC0415 - as above
    from training.learner.learn import learn  # noqa: PLC0415 - as above

    if not given.cumcm.exists():
        yield f"cumcm2020c: {given.cumcm} is not there; skipped"
        return
    found = read_source(given.cumcm, today=today_in_beijing())
    cohort = build_cohort(found.records, found.labels, INVOICE_FLOW)
    sample = sample_of(cohort)

    def recipe(train: NDArray[np.int64], test: NDArray[np.int64]) -> Floats:
        return learn(sample.take(train), seed=0).booster.predict(sample.matrix[test], raw_score=True)

    names = [one.name for one in INVOICE_FLOW]
    table = cohort.profiles.select(names).with_columns(pl.Series("defaulted", cohort.defaulted))
    folds = RepeatedStratifiedKFold(n_splits=5, n_repeats=2, random_state=0)
    yield f"cumcm2020c: {table.height} enterprises, {cohort.defaulted.sum()} defaults, {len(names)} features"
    yield from _folds_table(
        table, "defaulted", list(folds.split(cohort.matrix, cohort.defaulted)), more={"ours, `train credit`": recipe}
    )


def _folds_table(
    table: pl.DataFrame,
    label: str,
    folds: list[tuple[NDArray[np.int64], NDArray[np.int64]]],
    *,
    more: Mapping[str, Callable[[NDArray[np.int64], NDArray[np.int64]], Floats]],
) -> Iterator[str]:
    """Mean AUC over the folds with the corrected resampled t interval, and its difference from ours."""
    defaulted = table[label].to_numpy()
    matrix = table.drop(label).cast(pl.Float64).to_numpy()
    ways: dict[str, Callable[[NDArray[np.int64], NDArray[np.int64]], Floats]] = {
        "ours, `fit_credit`": lambda train, test: fit_credit(table[train], label=label).probability(table[test]),
        **more,
    }
    for name, fit in PEERS.items():
        ways[name] = lambda train, test, fit=fit: fit(matrix[train], defaulted[train])(matrix[test])
    yield "| model | AUC, mean of folds | ours less it | seconds a fold |"
    yield "|---|---|---|---|"
    ours: list[float] = []
    for name, way in ways.items():
        started = time.monotonic()
        found = [auc(defaulted[test], way(train, test)) for train, test in folds]
        ours = ours or found
        apart = mean_of_folds([a - b for a, b in zip(ours, found, strict=True)], folds=5)
        mean = mean_of_folds(found, folds=5)
        less = f"{apart.value:+.4f} [{apart.low:+.4f}, {apart.high:+.4f}]" if found is not ours else "–"
        yield f"| {name} | {_four(mean)} | {less} | {(time.monotonic() - started) / len(folds):.1f} |"


if __name__ == "__main__":
    main()
