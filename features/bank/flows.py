"""How much flows through the accounts, how steadily, and whether more leaves than comes."""

import polars as pl

from features.arithmetic import YEAR, before, growth, last, ratio, total
from features.bank.panels import NEVER, WEEKS, firms, months
from features.definition import LONGEST_HISTORY, feature

observed = pl.col("months_ago").max() + 1
"""Complete months since the first booking known."""

observed_of_year = observed.clip(upper_bound=YEAR)
in_year, losing = pl.col("in_year"), pl.col("losing")


@feature(months, unit="fen", risk="falls", group="CASH_FLOW", window=12, zh="近12个月有效资金流入")
def bank_inflow_12m() -> pl.Expr:
    """Effective inflow on the bank accounts, last 12 months"""
    return total("inflow_12m")


@feature(months, unit="fen", risk="falls", group="CASH_FLOW", window=3, zh="近3个月有效资金流入")
def bank_inflow_3m() -> pl.Expr:
    """Effective inflow on the bank accounts, last 3 months"""
    return total("inflow", last(3))


@feature(months, unit="fen", risk="either", group="CASH_FLOW", window=12, zh="近12个月有效资金流出")
def bank_outflow_12m() -> pl.Expr:
    """Effective outflow from the bank accounts, last 12 months"""
    return total("outflow", in_year)


@feature(months, unit="fen", risk="falls", group="CASH_FLOW", window=12, zh="近12个月资金净流入")
def bank_net_flow_12m() -> pl.Expr:
    """Effective inflow less effective outflow, last 12 months"""
    return total("net_12m")


@feature(months, unit="ratio", risk="falls", group="CASH_FLOW", window=12, zh="近12个月资金净流入与有效流入之比")
def bank_net_flow_ratio_12m() -> pl.Expr:
    """Net flow as a share of effective inflow, last 12 months"""
    return ratio(total("net_12m"), total("inflow_12m"))


@feature(months, unit="share", risk="falls", group="CASH_FLOW", window=24, zh="近12个月有效资金流入同比增幅")
def bank_inflow_growth_12m() -> pl.Expr:
    """Growth of effective inflow, last 12 months against the 12 before"""
    return growth(total("inflow_12m"), total("inflow", before(12)), observed=observed >= 2 * YEAR)


@feature(months, unit="ratio", risk="rises", group="CASH_FLOW", window=12, zh="近12个月月有效流入变异系数")
def bank_inflow_variation_12m() -> pl.Expr:
    """Coefficient of variation of monthly effective inflow over the observed months of the last 12"""
    inflow = pl.col("inflow_12m").cast(pl.Int128)
    whole = inflow.sum()
    variance = observed_of_year.cast(pl.Int128) * (inflow * inflow).sum() - whole * whole
    return ratio(variance.cast(pl.Float64).sqrt(), whole.cast(pl.Float64))


@feature(months, unit="months", risk="falls", group="CASH_FLOW", window=12, zh="近12个月有资金流入的月数")
def bank_inflow_months_12m() -> pl.Expr:
    """Months with effective inflow among the last 12"""
    return (pl.col("inflow_12m") > 0).sum()


@feature(months, unit="share", risk="rises", group="CASH_FLOW", window=12, zh="近12个月资金净流出月份占比")
def net_outflow_months_share_12m() -> pl.Expr:
    """Share of the observed months of the last 12 in which more left the accounts than came"""
    return ratio(losing.sum(), observed_of_year)


@feature(months, unit="months", risk="rises", group="CASH_FLOW", window=12, zh="近12个月最长连续净流出月数")
def longest_net_outflow_12m() -> pl.Expr:
    """Most months in a row, among the last 12, in which more left the accounts than came"""
    return pl.col("losing_on_end").max()


@feature(firms, unit="flag", risk="rises", group="CASH_FLOW", window=0, zh="最近三周每周均为资金净流出")
def net_outflow_three_weeks() -> pl.Expr:
    """Whether in each of the last three weeks more left the accounts than came"""
    return pl.all_horizontal(pl.col(f"net_{week}").sum() < 0 for week in range(WEEKS))


@feature(firms, unit="days", risk="rises", group="CASH_FLOW", window=0, zh="距最近一次资金流入天数")
def days_since_last_inflow() -> pl.Expr:
    """Days since the newest day with effective inflow"""
    ago = pl.col("inflow_ago").min()
    return pl.when(ago < NEVER).then(ago)


@feature(months, unit="months", risk="falls", group="TENURE", window=36, zh="可观测银行流水月数")
def bank_months_observed() -> pl.Expr:
    """Complete months since the first bank booking known, at most 36"""
    return observed.clip(upper_bound=LONGEST_HISTORY).fill_null(0)
