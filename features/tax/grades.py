"""The yearly tax-credit grade as it stood on the day, with the repairs made by then."""

import polars as pl

from features.definition import feature
from features.tax.panels import BEST_LEVEL, grades
from sources.contracts.tax import GRADES

LEVEL_C = BEST_LEVEL - tuple(GRADES).index("C")

newest, next_newest = pl.col("level").first(), pl.col("level").slice(1, 1).first()
consecutive = pl.col("year").first() == pl.col("year").slice(1, 1).first() + 1


@feature(grades, unit="level", risk="falls", group="TAX_CONDUCT", window=0, zh="当前纳税信用级别（A为5，D为1）")
def tax_grade_level() -> pl.Expr:
    """Newest tax-credit grade, repairs counted (A = 5, B = 4, M = 3, C = 2, D = 1)"""
    return newest


@feature(grades, unit="level", risk="falls", group="TAX_CONDUCT", window=24, zh="纳税信用级别较上年的变动")
def tax_grade_change() -> pl.Expr:
    """Rungs that the tax-credit grade rose against the year before, repairs counted"""
    return pl.when(consecutive).then(newest - next_newest)


@feature(grades, unit="level", risk="falls", group="TAX_CONDUCT", window=36, zh="最近三次纳税信用级别中的最低级")
def worst_tax_grade_3y() -> pl.Expr:
    """Worst of the last three tax-credit grades, repairs counted"""
    return pl.col("level").head(3).min()


@feature(grades, unit="count", risk="rises", group="TAX_CONDUCT", window=60, zh="近5年未修复的C、D级年数")
def low_tax_grade_years_5y() -> pl.Expr:
    """Years graded C or D and not repaired since, among the grades published in the last 5 years"""
    return (pl.col("level") <= LEVEL_C).sum()


@feature(grades, unit="days", risk="either", group="TAX_CONDUCT", window=0, zh="距最近一次纳税信用级别公布天数")
def days_since_tax_grade() -> pl.Expr:
    """Days since the newest tax-credit grade was published"""
    return pl.col("published_days_ago").min()
