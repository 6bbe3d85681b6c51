"""Borrowers of the invented city on the first days of quarters, with what they became and what was to be expected.

Communities up to one number are learned from, the others judged; the true PD is worked out for late days only, on
which models are judged and from which the observable ceiling is learned.
"""

import datetime as dt
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import polars as pl

from features.profile import profiles
from features.sets import ALL
from simulation.community import draw_community
from simulation.futures import default_probability
from simulation.months import calendar
from simulation.tables import tables
from simulation.weather import weather
from sources.contracts import TABLES
from sources.records import Records

UNTIL = dt.date(2026, 10, 31)
MONTHS, SEED, BRANCHES = 62, 5, 400
FIRST_DAY = dt.date(2022, 10, 1)
"""A year of records lies before it."""

TEST_FROM = dt.date(2025, 4, 1)
LAST_LEARNED = dt.date(2024, 4, 1)
"""Labels of this day end where the test begins."""


def draw(communities: int) -> pl.DataFrame:
    """Profiles of all borrowers, `community`, `as_of`, `defaulted`, and from TEST_FROM on `pd`."""
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        return pl.concat(list(pool.map(_drawn, range(communities))))


def _drawn(number: int) -> pl.DataFrame:
    months = calendar(MONTHS, UNTIL)
    sky = weather(months, seed=SEED)
    community = draw_community(number, months, sky, seed=SEED)
    told = tables(community, keep=range(len(community.firms)))
    tables_of_evidence = {name: told[name] for name in TABLES} | {"consents": told["consents"]}
    records = Records.of(tables_of_evidence, enterprises=community.firms.codes)
    labels = told["labels"].filter(pl.col("as_of") >= FIRST_DAY)
    place = {code: number for number, code in enumerate(community.firms.codes.to_list())}
    days = []
    for judged in labels.partition_by("as_of", maintain_order=True):
        day = judged["as_of"][0]
        seen = judged.join(profiles(records.only(judged["enterprise_id"]), ALL, day), on="enterprise_id", how="left")
        firms = np.array([place[code] for code in seen["enterprise_id"]])
        chance = np.full(len(firms), np.nan)
        if day >= TEST_FROM:
            month = int(np.searchsorted(months.starts, np.datetime64(day))) - 1
            chance, _ = default_probability(community, firms, month, branches=BRANCHES)
        told_of = {"district": community.firms.district[firms], "industry": community.firms.division[firms]}
        days.append(
            seen.with_columns(
                pl.Series(chance).alias("pd"),
                pl.lit(number).alias("community"),
                **{name: pl.Series(values) for name, values in told_of.items()},
            )
        )
    return pl.concat(days)
