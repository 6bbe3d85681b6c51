"""Invented requests month after month: a few features with seasons, a score, grades and outcomes; nothing moves."""

import datetime as dt
from dataclasses import replace

import numpy as np
import polars as pl

from features.sets import FEATURES
from training.drift.calendar import tax_calendar
from training.drift.judging import judge
from training.drift.policy import drift_policy
from training.drift.reference import Reference
from training.drift.requests import Requests

NAMES = (
    "sales_12m", "void_share_12m", "tax_paid_12m", "declared_sales_12m", "days_since_tax_filing", "bank_inflow_12m",
    "balance_mean_12m",
)  # fmt: skip
SEEN = tuple(FEATURES[name] for name in NAMES)
FIRMS, EACH_MONTH = 900, 300
FIRST, NEWS = dt.date(2021, 1, 1), dt.date(2023, 4, 1)
"""The reference is of the 24 months from FIRST; nothing is planted before NEWS."""

KNOWN = dt.date(2024, 8, 31)
POLICY = drift_policy(dt.date(2026, 11, 22))
QUIET_CALENDAR = tax_calendar().model_copy(update={"rule": (), "deadline": ()})


def month_after(day, months):
    number = 12 * day.year + day.month - 1 + months
    return dt.date(number // 12, number % 12 + 1, 1)


def asked(months, *, seed=0, first=FIRST):
    """Rows of some months, all on the 20th."""
    rng = np.random.default_rng(seed)
    size = rng.normal(size=FIRMS)
    return pl.concat(_month(month_after(first, place), rng, size) for place in range(months))


def _month(month, rng, size):
    who = np.sort(rng.choice(FIRMS, EACH_MONTH, replace=False))
    level = size[who]

    def fen(spread):
        return np.exp(18 + 1.5 * level + spread * rng.normal(size=EACH_MONTH)).round()

    season = 10.0 if month.month == 2 else 0.0
    rows = pl.DataFrame(
        {
            "enterprise_id": [f"Y{code:017d}" for code in who],
            "sales_12m": fen(0.3),
            "void_share_12m": rng.random(EACH_MONTH) * 0.1,
            "tax_paid_12m": fen(0.5) * 0.03,
            "declared_sales_12m": fen(0.3),
            "days_since_tax_filing": 5 + season + np.floor(rng.random(EACH_MONTH) * 8),
            "bank_inflow_12m": fen(0.6),
            "balance_mean_12m": fen(1.0) * 0.05,
            "score": 620 + 20 * level + 10 * rng.normal(size=EACH_MONTH),
            "has_bank": rng.random(EACH_MONTH) < 0.8,
        }
    )
    bank = [pl.when("has_bank").then(name).alias(name) for name in ("bank_inflow_12m", "balance_mean_12m")]
    day = month.replace(day=20)
    answered = rows.with_columns(
        *bank,
        day=pl.lit(day),
        decision_id=pl.col("enterprise_id") + f" {day}",
        model_version=pl.lit("1"),
        policy_version=pl.lit("first"),
        luck=pl.Series(rng.random(EACH_MONTH)),
        wait=pl.Series(5 + 20 * rng.random(EACH_MONTH)),
    )
    return graded(answered)


def graded(rows, *, stricter=0.0):
    good = pl.col("score") >= 620 + stricter
    return rows.with_columns(grade=pl.when(good).then(pl.lit("A")).otherwise(pl.lit("B")))


def reports(rows, *, rate=0.05, later=0):
    """Answers to all, two of three approved; of those approved a share in default, half a year after."""
    approved = pl.col("luck") < 2 / 3
    answer = rows.select(
        "decision_id",
        product_id=pl.lit("p"),
        decided_on="day",
        known_on=pl.col("day") + pl.duration(days=pl.col("wait").floor().cast(pl.Int64) + later),
        approved=approved,
        days_past_due=pl.lit(None, dtype=pl.Int64),
    )
    late = rows.filter(pl.col("luck") < rate * 2 / 3).select(
        "decision_id",
        product_id=pl.lit("p"),
        decided_on="day",
        known_on=pl.col("day") + pl.duration(days=pl.col("wait").floor().cast(pl.Int64) * 12 + later),
        approved=pl.lit(value=True),
        days_past_due=pl.lit(120, dtype=pl.Int64),
    )
    return pl.concat([answer, late])


def requests(rows, told=None):
    return Requests.of(rows.drop("luck", "wait"), reports(rows) if told is None else told)


def reference_of(rows, told=None):
    """Of the rows of the first two years."""
    old = rows.filter(pl.col("day") < month_after(FIRST, 24))
    return Reference.of_requests(requests(old, told), SEEN, model_version="1", on=KNOWN)


def looked_at(reference, rows, day, *, told=None, calendar=QUIET_CALENDAR, **changes):
    """The report on the month of a day."""
    return judge(reference, requests(rows, told), day, policy=replace(POLICY, **changes), calendar=calendar)


def changed(rows, *expressions, since=NEWS):
    """Rows with some columns changed from a day on."""
    now = pl.col("day") >= since
    return rows.with_columns(pl.when(now).then(one).otherwise(pl.col(one.meta.output_name())) for one in expressions)


def share(part):
    """Rows of a share of the firms."""
    return pl.col("enterprise_id").str.slice(-3).cast(pl.Int64) < part * FIRMS
