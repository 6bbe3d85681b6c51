"""A simulated city whose firms ask month after month: profiles, scores, grades, and outcomes drawn for them."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import lightgbm as lgb
import numpy as np
import polars as pl
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from decisions.policies import policy_on
from features.profile import profiles
from features.sets import ALL, FEATURES
from scoring.card import Card
from scoring.model import Calibration, Model, as_matrix
from simulation.plan import City
from simulation.tables import tables_in_memory
from sources.records import Records
from training.cohort import build_cohort
from training.drift.requests import Requests

UNTIL, MONTHS = dt.date(2026, 10, 31), 108
DAY_OF_MONTH = 20
"""Requests of a month are all made on this day: after the usual deadline of tax returns."""

LEARNED_UNTIL = dt.date(2021, 12, 31)
IN_BUSINESS = (FEATURES["age_months"], FEATURES["sales_12m"])
ASKS = 0.5
"""Chance that a firm in business asks in a month."""

GRADES = policy_on(dt.date(2026, 11, 22)).grades
BOOSTER = {
    "objective": "binary", "num_leaves": 8, "learning_rate": 0.05, "min_data_in_leaf": 40, "verbose": -1,
    "num_threads": 2, "seed": 0, "deterministic": True, "force_row_wise": True, "feature_fraction": 0.3,
}  # fmt: skip
ROUNDS = 120

ANSWER_DAYS, SILENT, CYCLE = (3, 30), 0.1, 0.15
"""Days to a bank's answer; share of decisions that nobody reports on; spread of the log of a month's default rate."""

FIRST_DEFAULT_DAYS, LAST_DEFAULT_DAYS = 100, 365

Change = Callable[[Records], Records]
"""What is planted in the records before they are profiled."""


@dataclass(frozen=True)
class Fate:
    """How outcomes are drawn.

    Attributes:
        times: odds of default against those that the score says.
        later_days: by which every report comes later.
    """

    times: float = 1.0
    later_days: int = 0


@dataclass(frozen=True)
class Town:
    """A city's records and a model that learned from its early years."""

    records: Records
    model: Model
    seed: int

    @classmethod
    def of(cls, enterprises: int, seed: int) -> "Town":
        told = tables_in_memory(City(enterprises=enterprises, months=MONTHS, seed=seed, until=UNTIL))
        labels = told.pop("labels").filter(pl.col("as_of") <= LEARNED_UNTIL)
        told.pop("applications")
        records = Records.of(told)
        return cls(records, _model(records, labels), seed)

    def asked(self, month: dt.date) -> pl.DataFrame:
        """Rows of the firms that ask in a month."""
        day = month.replace(day=DAY_OF_MONTH)
        known = profiles(self.records, IN_BUSINESS, day)
        in_business = pl.all_horizontal(pl.col(one.name) > 0 for one in IN_BUSINESS).fill_null(value=False)
        rng = np.random.default_rng((self.seed, month.year, month.month))
        asks = known.filter(in_business, pl.Series(rng.random(known.height) < ASKS))["enterprise_id"]
        return self.scored(profiles(self.records.only(asks), ALL, day).with_columns(day=pl.lit(day)))

    def again(self, rows: pl.DataFrame, change: Change) -> pl.DataFrame:
        """The same firms on the same day, once something is planted in their records."""
        day = rows["day"][0]
        seen = profiles(change(self.records.only(rows["enterprise_id"])), ALL, day)
        return self.scored(seen.with_columns(day=pl.lit(day)))

    def scored(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows with what the model says of them."""
        answered = rows.with_columns(
            pl.Series("score", self.model.points(rows)),
            decision_id=pl.col("enterprise_id") + pl.col("day").dt.strftime(" %Y-%m"),
            model_version=pl.lit("1"),
            policy_version=pl.lit("first"),
        )
        return graded(answered)

    def fates(self, rows: pl.DataFrame, fate: Fate | None = None) -> pl.DataFrame:
        """Reports on a month's decisions: banks' answers, then a default of some; always the same luck."""
        fate = fate or Fate()
        day = rows["day"][0]
        rng = np.random.default_rng((self.seed, day.year, day.month, 1))
        score = rows["score"].to_numpy()
        luck = rng.random((4, rows.height))
        approved = luck[0] < expit((score - np.median(score)) / max(float(np.std(score)), 1.0))
        cycle = float(rng.normal(0.0, CYCLE))
        odds = np.exp(-(score - 600.0) * np.log(2) / 40.0) / 30.0 * np.exp(cycle) * fate.times
        defaults = approved & (luck[1] < odds / (1 + odds))
        told = luck[2] >= SILENT
        answer = ANSWER_DAYS[0] + luck[3] * (ANSWER_DAYS[1] - ANSWER_DAYS[0])
        after = FIRST_DEFAULT_DAYS + luck[3] * (LAST_DEFAULT_DAYS - FIRST_DEFAULT_DAYS)
        answers = _reports(rows.filter(pl.Series(told)), answer[told] + fate.later_days, approved[told], None)
        late = told & defaults
        return pl.concat(
            [answers, _reports(rows.filter(pl.Series(late)), after[late] + fate.later_days, approved[late], 95)]
        )


def graded(rows: pl.DataFrame, *, stricter: float = 0.0) -> pl.DataFrame:
    """Rows with grades, by a scale whose thresholds are so many points higher."""
    told = pl.lit(GRADES.below)
    for grade, lowest in reversed(GRADES.thresholds.items()):
        told = pl.when(pl.col("score") >= lowest + stricter).then(pl.lit(grade)).otherwise(told)
    return rows.with_columns(told.alias("grade"))


def together(rows: Sequence[pl.DataFrame], reports: Sequence[pl.DataFrame]) -> Requests:
    return Requests.of(pl.concat(rows), pl.concat(reports))


def months(first: dt.date, many: int) -> list[dt.date]:
    numbers = (12 * first.year + first.month - 1 + place for place in range(many))
    return [dt.date(number // 12, number % 12 + 1, 1) for number in numbers]


def _reports(rows: pl.DataFrame, after: np.ndarray, approved: np.ndarray, days: int | None) -> pl.DataFrame:
    return rows.select(
        "decision_id",
        product_id=pl.lit("p"),
        decided_on="day",
        known_on=pl.col("day") + pl.duration(days=pl.Series(after.astype(np.int64))),
        approved=pl.Series(approved, dtype=pl.Boolean),
        days_past_due=pl.lit(days, dtype=pl.Int64),
    )


def _model(records: Records, labels: pl.DataFrame) -> Model:
    """A plain booster, calibrated on enterprises that it has not seen."""
    cohort = build_cohort(records, labels, ALL)
    learns = cohort.enterprises % 2 == 0
    x = as_matrix(cohort.profiles, ALL)
    booster = lgb.train(BOOSTER, lgb.Dataset(x[learns], cohort.defaulted[learns]), ROUNDS)
    margin = booster.predict(x[~learns], raw_score=True)
    fitted = LogisticRegression(C=1e3).fit(np.asarray(margin)[:, None], cohort.defaulted[~learns])
    calibration = Calibration(float(fitted.intercept_[0]), float(fitted.coef_[0, 0]), 0.0)
    return replace(Model(booster, ALL, calibration, {}, Card("drift", "1", {}, {}, ())), digest="")
