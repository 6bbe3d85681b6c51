"""What financial statements tell: flows of the newest year stated, and stocks of the newest statement."""

import polars as pl

from features.arithmetic import YEAR, growth, ratio
from features.definition import feature
from features.tax.panels import newest_statement, statements, yearly_statement

DAYS_OF_A_YEAR = 365


def _stated(name: str) -> pl.Expr:
    """An amount of the one statement that these panels hold of an enterprise; null where they hold none."""
    return pl.col(f"{name}_fen").first()


revenue = _stated("revenue")


@feature(yearly_statement, unit="fen", risk="falls", group="PROFITABILITY", window=24, zh="最近年度营业收入")
def statement_revenue() -> pl.Expr:
    """Revenue of the newest statement over a year"""
    return revenue


@feature(yearly_statement, unit="share", risk="falls", group="PROFITABILITY", window=24, zh="最近年度毛利率")
def statement_gross_margin() -> pl.Expr:
    """Gross margin of the newest statement over a year"""
    return ratio(revenue - _stated("cost"), revenue)


@feature(yearly_statement, unit="share", risk="falls", group="PROFITABILITY", window=24, zh="最近年度净利率")
def statement_net_margin() -> pl.Expr:
    """Net margin of the newest statement over a year"""
    return ratio(_stated("net_profit"), revenue)


@feature(yearly_statement, unit="ratio", risk="falls", group="SOLVENCY", window=24, zh="最近年度利息保障倍数")
def statement_interest_cover() -> pl.Expr:
    """Operating profit before interest against interest, newest statement over a year"""
    interest = _stated("interest")
    return ratio(_stated("operating_profit") + interest, interest)


@feature(yearly_statement, unit="ratio", risk="falls", group="SOLVENCY", window=24, zh="最近年度经营现金流与负债之比")
def statement_cash_flow_to_debt() -> pl.Expr:
    """Operating cash flow against all liabilities, newest statement over a year"""
    return ratio(_stated("operating_cash_flow"), _stated("liabilities"))


@feature(yearly_statement, unit="days", risk="rises", group="LIQUIDITY", window=24, zh="应收账款周转天数")
def statement_receivable_days() -> pl.Expr:
    """Days of revenue that are still to be received, newest statement over a year"""
    return ratio(_stated("receivables") * DAYS_OF_A_YEAR, revenue)


@feature(yearly_statement, unit="days", risk="rises", group="LIQUIDITY", window=24, zh="存货周转天数")
def statement_inventory_days() -> pl.Expr:
    """Days of cost that lie in stock, newest statement over a year"""
    return ratio(_stated("inventory") * DAYS_OF_A_YEAR, _stated("cost"))


@feature(yearly_statement, unit="share", risk="either", group="INNOVATION", window=24, zh="最近年度研发费用占营收比")
def statement_rd_intensity() -> pl.Expr:
    """R&D expense as a share of revenue, newest statement over a year"""
    return ratio(_stated("rd_expense"), revenue)


@feature(statements, unit="share", risk="falls", group="PROFITABILITY", window=36, zh="最近一期营业收入同比增幅")
def statement_revenue_growth() -> pl.Expr:
    """Growth of revenue, newest statement against the same period a year before"""
    month, months = pl.col("month"), pl.col("months")
    year_before = (month == month.first() - YEAR) & (months == months.first())
    then = pl.col("revenue_fen").filter(year_before).first()
    return growth(revenue, then, observed=pl.col("recent").first())


@feature(newest_statement, unit="fen", risk="falls", group="SOLVENCY", window=24, zh="最近一期资产总计")
def statement_assets() -> pl.Expr:
    """Total assets of the newest statement"""
    return _stated("assets")


@feature(newest_statement, unit="share", risk="rises", group="SOLVENCY", window=24, zh="最近一期资产负债率")
def statement_debt_share() -> pl.Expr:
    """Liabilities as a share of assets, newest statement"""
    return ratio(_stated("liabilities"), _stated("assets"))


@feature(newest_statement, unit="ratio", risk="falls", group="LIQUIDITY", window=24, zh="最近一期流动比率")
def statement_current_ratio() -> pl.Expr:
    """Current assets against current liabilities, newest statement"""
    return ratio(_stated("current_assets"), _stated("current_liabilities"))


@feature(newest_statement, unit="ratio", risk="falls", group="LIQUIDITY", window=24, zh="最近一期现金比率")
def statement_cash_ratio() -> pl.Expr:
    """Cash against current liabilities, newest statement"""
    return ratio(_stated("cash"), _stated("current_liabilities"))
