"""Invented applications with a chance of approval that is known, and small models of fit."""

import datetime as dt

import numpy as np
import polars as pl

from scoring.card import Card
from scoring.product_fit import BankView, FitModel, Head, Ruler, columns_seen
from training.product_fit.growing import Case, Growth, grow
from training.product_fit.sample import PairSample

BANKS, PRODUCTS_OF_A_BANK = 8, 2
TELLING = "age_months"
"""The column that tells; all others are noise, half of it missing."""

FIRST_DAY = dt.date(2022, 1, 1)


def pairs_of(rows: int, *, seed: int = 0) -> pl.DataFrame:
    """Pairs of so many applications over four years, by half as many enterprises."""
    random = np.random.default_rng(seed)
    matrix = random.standard_normal((rows, len(columns_seen())))
    matrix[random.random(matrix.shape) < 0.5] = np.nan
    bank, product = random.integers(BANKS, size=rows), random.integers(PRODUCTS_OF_A_BANK, size=rows)
    days = np.sort(random.integers(4 * 365, size=rows))
    frame = pl.DataFrame(matrix, schema=list(columns_seen())).with_columns(pl.all().fill_nan(None))
    who = pl.DataFrame(
        {
            "enterprise_id": [f"firm-{number}" for number in random.integers(rows // 2, size=rows)],
            "product_id": [f"bank-{b}-{p}" for b, p in zip(bank, product, strict=True)],
            "bank_id": [f"bank-{b}" for b in bank],
            "application": [f"application-{number}" for number in range(rows)],
            "day": [FIRST_DAY + dt.timedelta(days=int(day)) for day in days],
        }
    )
    told = who.with_columns(as_of=pl.col("day").dt.month_start())
    return told.hstack(frame).with_columns(pl.Series(TELLING, random.standard_normal(rows)))


def true_log_odds(pairs: pl.DataFrame) -> np.ndarray:
    """Of approval: every bank has its own strictness, and a slope between 0.2 and 1.6 on what tells."""
    bank = pairs["bank_id"].str.strip_prefix("bank-").cast(pl.Int64).to_numpy()
    return (bank - 3.5) / 3 + (0.2 + 0.2 * bank) * pairs[TELLING].to_numpy()


def sample_of(rows: int, *, seed: int = 0) -> PairSample:
    """Applications answered by chance; of the approved four in five are kept."""
    pairs = pairs_of(rows, seed=seed)
    random = np.random.default_rng(seed + 1)
    approved = (random.random(rows) < 1 / (1 + np.exp(-true_log_odds(pairs)))).astype(float)
    kept = np.where(approved == 1.0, (random.random(rows) < 0.8).astype(float), np.nan)
    return PairSample(
        pairs=pairs,
        approved=approved,
        cleared=np.ones(rows),
        kept=kept,
        granted_share=np.where(approved == 1.0, 0.9, np.nan),
        granted_rate=np.where(approved == 1.0, 0.04, np.nan),
        stated_rate=np.full(rows, np.nan),
        ruled_out_by=np.zeros(rows, np.int64),
    )


def booster_of(*, rounds: int, seed: int = 0):
    """Trees on noise of the columns that models see; with no rounds they say 0 of everybody."""
    random, width = np.random.default_rng(seed), len(columns_seen())
    matrix = random.standard_normal((200, width))
    happened = (matrix[:, 0] + matrix[:, 1] > 0).astype(float)
    none = np.zeros(200, np.int64)
    growth = Growth(num_leaves=4, rounds=max(rounds, 1), min_data_in_leaf=5 if rounds else 500, lambda_l2=1.0)
    case = Case(matrix, happened, np.zeros(200), none, none, np.zeros(width, np.int64), columns_seen())
    return grow(case, np.arange(200), growth, seed=seed)


def head_of(*, rounds: int = 5) -> Head:
    """A strict bank with double weight and a slope of 1 on the first column, and a product that does well."""
    width = len(columns_seen())
    strict = BankView(-1.0, 2.0, (1.0, *(0.0,) * (width - 1)))
    usual = BankView(0.5, 1.0, (0.25, *(0.0,) * (width - 1)))
    return Head(booster_of(rounds=rounds), usual, {"bank-0": strict}, {"bank-0-0": 0.3})


def model_of(*, rounds: int = 5, clears: bool = False) -> FitModel:
    """All heads alike; every ruler runs from -1 at -2 to 1 at 2."""
    ruler = Ruler((-2.0, 2.0), (-1.0, 1.0))
    return FitModel(
        approving=head_of(rounds=rounds),
        keeping=head_of(rounds=rounds),
        rulers=(ruler,) * len(columns_seen()),
        card=Card("product_fit", "1", {}, {}, ()),
        granted_share={"bank-0-0": 0.8},
        usual_share=0.5,
        granted_rate={"bank-0-0": 0.04},
        usual_rate=None,
        clearing=head_of(rounds=rounds) if clears else None,
        sharing=booster_of(rounds=rounds, seed=1) if clears else None,
        pass_share={"bank-0-0": {"titles": 0.25}},
    )
