"""Penalties by authorities; each is over with its day, so only the last three years are looked at."""

import polars as pl

from features.definition import feature
from features.legal.panels import began_within, cases
from sources.contracts.legal import OF_A_DAY

penalised = pl.col("kind").is_in(OF_A_DAY) & began_within(36)


@feature(cases, unit="count", risk="rises", group="LEGAL", window=36, zh="近36个月行政处罚次数")
def penalties_36m() -> pl.Expr:
    """Penalties of the last 36 months, to the day, those for environment and safety included"""
    return penalised.sum()


@feature(cases, unit="count", risk="rises", group="LEGAL", window=36, zh="近36个月重大行政处罚次数")
def major_penalties_36m() -> pl.Expr:
    """Major penalties of the last 36 months, to the day"""
    return (penalised & (pl.col("severity") == "major")).sum()


@feature(cases, unit="count", risk="rises", group="LEGAL", window=36, zh="近36个月环保处罚次数")
def environment_penalties_36m() -> pl.Expr:
    """Environment penalties of the last 36 months, to the day"""
    return (penalised & (pl.col("kind") == "environment_penalty")).sum()
