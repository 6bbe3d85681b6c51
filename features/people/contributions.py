"""Social insurance and housing fund: how many people, for how long, and whether their contributions are paid."""

import polars as pl

from features.arithmetic import YEAR, ratio
from features.definition import combined, feature
from features.people.panels import fund_months, insured_months, variation

newest = pl.col("newest").sum()


def _base_per_head(year: str) -> pl.Expr:
    """Over the months in which somebody was insured."""
    people = pl.when(year).then("people")
    return ratio(pl.when(people > 0).then("base_fen").sum(), people.sum())


@feature(insured_months, unit="count", risk="falls", group="PEOPLE", window=3, zh="目前社保参保人数")
def headcount() -> pl.Expr:
    """People insured in the newest month known"""
    return newest


@feature(insured_months, unit="share", risk="falls", group="PEOPLE", window=15, zh="社保参保人数同比增幅")
def headcount_growth_12m() -> pl.Expr:
    """Growth of the number of insured people, newest month known against the same month of last year"""
    then = pl.when(pl.col("step") == YEAR).then("people").sum()
    return ratio(newest - then, then)


@feature(insured_months, unit="ratio", risk="rises", group="PEOPLE", window=14, zh="近12个月参保人数变异系数")
def headcount_variation_12m() -> pl.Expr:
    """Coefficient of variation of the number of insured people over the last 12 months"""
    return variation("in_year")


@feature(insured_months, unit="share", risk="falls", group="PEOPLE", window=14, zh="目前参保人数占近12个月最高人数之比")
def headcount_from_peak_12m() -> pl.Expr:
    """Insured people in the newest month known as a share of the highest number of the last 12 months"""
    return ratio(newest, pl.col("in_year").max())


@feature(insured_months, unit="months", risk="falls", group="PEOPLE", window=14, zh="近12个月有人参保的月数")
def insured_months_12m() -> pl.Expr:
    """Months with insured people among the last 12"""
    return (pl.col("in_year") > 0).sum()


@feature(insured_months, unit="months", risk="rises", group="PEOPLE", window=13, zh="近12个月社保欠缴月数")
def insurance_unpaid_months_12m() -> pl.Expr:
    """Months among the last 12 whose social insurance is overdue and not paid in full"""
    return pl.col("unpaid").sum()


@feature(insured_months, unit="fen", risk="rises", group="PEOPLE", window=None, zh="社保欠缴金额")
def insurance_arrears() -> pl.Expr:
    """Social insurance overdue and unpaid"""
    return pl.col("open_fen").sum()


@feature(insured_months, unit="ratio", risk="falls", group="PEOPLE", window=26, zh="人均缴费基数与上年之比")
def base_per_head_ratio_12m() -> pl.Expr:
    """Mean contribution base per head of the last 12 months against the 12 before, these known in full"""
    now, then = _base_per_head("now"), _base_per_head("then")
    return pl.when(pl.col("then").sum() == YEAR).then(ratio(now, then))


@feature(fund_months, unit="count", risk="falls", group="PEOPLE", window=3, zh="目前公积金缴存人数")
def fund_headcount() -> pl.Expr:
    """People with housing fund contributions in the newest month known"""
    return newest


@feature(fund_months, unit="months", risk="falls", group="PEOPLE", window=14, zh="近12个月缴存公积金的月数")
def fund_months_12m() -> pl.Expr:
    """Months with housing fund contributions for somebody among the last 12"""
    return (pl.col("in_year") > 0).sum()


@feature(fund_months, unit="months", risk="rises", group="PEOPLE", window=13, zh="近12个月公积金欠缴月数")
def fund_unpaid_months_12m() -> pl.Expr:
    """Months among the last 12 whose housing fund contributions are overdue and not paid in full"""
    return pl.col("unpaid").sum()


@combined(headcount, fund_headcount, unit="ratio", risk="falls", group="PEOPLE", zh="公积金缴存人数与社保参保人数之比")
def fund_coverage(insured: pl.Expr, in_fund: pl.Expr) -> pl.Expr:
    """People in the housing fund for each insured one, newest months known"""
    return ratio(in_fund, insured)
