"""People and premises: social insurance, housing fund, utilities. Headcounts only, never a person."""

import dataframely as dy
import polars as pl

from sources.contracts.columns import basis_points, choice, count, day, enterprise_id, known_on, money, month
from sources.contracts.table import Table

UTILITY_KINDS = {"electricity": "电", "water": "水", "gas": "燃气"}
MOST_USAGE = 10**12
MOST_FUND_RATE_BP = 2_400
"""Twelve per cent from the employer and as much from the employee."""


class SocialInsurance(dy.Schema):
    """One row a month's social insurance contributions (社会保险费) of the enterprise."""

    enterprise_id = enterprise_id()
    month = month("Month of the contributions (费款所属期)")
    headcount = count("参保人数", nullable=False)
    base_fen = money("缴费基数合计")
    due_fen = money("应缴金额", nullable=False)
    declared_on = day("申报日期")
    paid_on = day("缴款日期; null = not paid yet", nullable=True)
    paid_fen = money("实缴金额")
    known_on = known_on()

    @dy.rule()
    def known_not_before_declared(cls) -> pl.Expr:
        return cls.known_on.col >= cls.declared_on.col

    @dy.rule()
    def declared_not_before_month(cls) -> pl.Expr:
        return cls.declared_on.col >= cls.month.col


class HousingFund(dy.Schema):
    """One row a month's housing provident fund contributions (住房公积金) of the enterprise."""

    enterprise_id = enterprise_id()
    month = month("Month of the contributions (汇缴月份)")
    headcount = count("缴存人数", nullable=False)
    base_fen = money("缴存基数合计")
    rate_bp = basis_points("缴存比例 of both sides together", most=MOST_FUND_RATE_BP)
    due_fen = money("应缴金额", nullable=False)
    declared_on = day("汇缴日期")
    paid_on = day("缴款日期; null = not paid yet", nullable=True)
    paid_fen = money("实缴金额")
    known_on = known_on()

    @dy.rule()
    def known_not_before_declared(cls) -> pl.Expr:
        return cls.known_on.col >= cls.declared_on.col

    @dy.rule()
    def declared_not_before_month(cls) -> pl.Expr:
        return cls.declared_on.col >= cls.month.col


class Utilities(dy.Schema):
    """One row a month's bill for electricity, water or gas."""

    enterprise_id = enterprise_id()
    month = month("Month of use")
    kind = choice(UTILITY_KINDS, "electricity in kWh, water and gas in m³")
    usage = count("用量, whole kWh or m³", most=MOST_USAGE)
    billed_fen = money("应缴金额", nullable=False)
    billed_on = day("出账日期")
    paid_on = day("缴款日期; null = not paid yet", nullable=True)
    known_on = known_on()

    @dy.rule()
    def known_not_before_billed(cls) -> pl.Expr:
        return cls.known_on.col >= cls.billed_on.col

    @dy.rule()
    def billed_not_before_month(cls) -> pl.Expr:
        return cls.billed_on.col >= cls.month.col


SOCIAL_INSURANCE = Table(
    name="social_insurance",
    schema=SocialInsurance,
    block="people",
    zh="社会保险",
    known_on_default=("declared_on",),
    key=("enterprise_id", "month", "known_on"),
    versions_of=("enterprise_id", "month"),
    changes_later={"paid_on": ("paid_fen",)},
    negative_until=pl.col("paid_on"),
)
HOUSING_FUND = Table(
    name="housing_fund",
    schema=HousingFund,
    block="people",
    zh="住房公积金",
    known_on_default=("declared_on",),
    key=("enterprise_id", "month", "known_on"),
    versions_of=("enterprise_id", "month"),
    changes_later={"paid_on": ("paid_fen",)},
    negative_until=pl.col("paid_on"),
)
UTILITIES = Table(
    name="utilities",
    schema=Utilities,
    block="people",
    zh="水电气",
    known_on_default=("billed_on",),
    key=("enterprise_id", "month", "kind", "known_on"),
    versions_of=("enterprise_id", "month", "kind"),
    changes_later={"paid_on": ()},
    negative_until=pl.col("paid_on"),
)
