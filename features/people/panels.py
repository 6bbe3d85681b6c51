"""Panels of people and premises: months of contributions and of utility bills.

Contributions and bills of a month become known with a lag that differs by month and place, so windows end with the
newest month that is known, if that is one of the three newest complete ones: `step` 0 is that month, 1 the one before.
Of an enterprise that fell silent longer ago they end with the oldest of the three, and `step` 0 has no row. The running
month has a negative `step`, or none.
"""

from functools import cache

import polars as pl

from features.arithmetic import YEAR, ratio
from features.columns import columns, once_a_day
from features.view import FIRM, View, panel

LONGEST_LAG = 2
"""Complete months that may lack their row because it is not there yet."""

DAYS_TO_PAY = 30
"""A utility bill open for longer is late."""


def variation(column: str) -> pl.Expr:
    """Coefficient of variation of the values that are not null: sqrt(n Σx² - (Σx)²) / Σx, exact below the root."""
    x = pl.col(column).cast(pl.Int128)
    total, n = x.sum(), x.count().cast(pl.Int128)
    variance = n * (x * x).sum() - total * total
    return ratio(variance.cast(pl.Float64).sqrt(), total.cast(pl.Float64))


def _step(view: View, months_ago: pl.Expr) -> pl.Expr:
    newest = pl.when(months_ago >= 0).then(months_ago).min()
    of_firm = newest if view.firms == 1 else newest.over(FIRM)
    return months_ago - of_firm.clip(upper_bound=LONGEST_LAG)


def _of_year(step: pl.Expr, *, back: int = 0) -> pl.Expr:
    """Rows of the twelve months that end with the newest known one, or so many months before it."""
    return step.is_between(back, back + YEAR - 1)


def _contributions(view: View, table: str) -> pl.DataFrame:
    months = view.rows(table).select(_of_month(view)).with_columns(_place_in_time(view))
    return months.with_columns(_in_windows())


@once_a_day
def _of_month(view: View) -> tuple[pl.Expr, ...]:
    due = pl.col("due_fen")
    paid = pl.when(pl.col("paid_on").is_not_null()).then(pl.coalesce("paid_fen", due)).otherwise(0)
    return columns(
        FIRM, "base_fen", people="headcount", months_ago=view.months_ago("month"), open_fen=(due - paid).clip(0)
    )


@once_a_day
def _place_in_time(view: View) -> tuple[pl.Expr, ...]:
    ago = pl.col("months_ago")
    return columns(step=_step(view, ago), open_fen=pl.when(ago >= 1).then("open_fen").otherwise(0))


@cache
def _in_windows() -> tuple[pl.Expr, ...]:
    step, people = pl.col("step"), pl.col("people")
    return columns(
        newest=pl.when(step == 0).then(people),
        in_year=pl.when(_of_year(step)).then(people),
        unpaid=(pl.col("open_fen") > 0) & (pl.col("months_ago") <= YEAR),
    )


@cache
def _with_base() -> tuple[pl.Expr, ...]:
    has_base = pl.col("base_fen").is_not_null()
    return columns(now=pl.col("in_year").is_not_null() & has_base, then=_of_year(pl.col("step"), back=YEAR) & has_base)


@panel("social_insurance")
def insured_months(view: View) -> pl.DataFrame:
    """One row an enterprise and month of social insurance.

    `people` are the insured, `newest` those of the newest month and `in_year` those of the year, null in other rows;
    `now` and `then` say that the month tells its base, and is of the year or of the one before. `open_fen` is what is
    due and unpaid, `unpaid` whether there is any in the last 12 months; contributions of the last complete month are
    still in time.
    """
    return _contributions(view, "social_insurance").with_columns(_with_base())


@panel("housing_fund")
def fund_months(view: View) -> pl.DataFrame:
    """One row an enterprise and month of the housing fund, as `insured_months`, but nothing of bases."""
    return _contributions(view, "housing_fund")


@panel("utilities")
def bills(view: View) -> pl.DataFrame:
    """One row a month's bill for electricity, water or gas.

    `power_step` is the step of a bill for electricity, counted among these, null for others; `now` and `then` say that
    such a bill is of the year or of the one before; `usage` is null where the bill does not tell, `power_now` is that
    of the year. `month_bit` is 2 to the step of a bill of the year. `delay` is the days from billing to payment or to
    `as_of`, for the last 12 complete months.
    """
    bills = view.rows("utilities").select(_of_bill(view)).with_columns(_steps(view))
    return bills.select(_of_use())


@once_a_day
def _of_bill(view: View) -> tuple[pl.Expr, ...]:
    delay = (pl.col("paid_on").fill_null(view.as_of) - pl.col("billed_on")).dt.total_days().clip(lower_bound=0)
    ago, is_power = view.months_ago("month"), pl.col("kind") == "electricity"
    return columns(FIRM, "usage", months_ago=ago, delay=delay, power_ago=pl.when(is_power).then(ago))


@once_a_day
def _steps(view: View) -> tuple[pl.Expr, ...]:
    ago = pl.col("months_ago")
    return columns(
        step=_step(view, ago),
        power_step=_step(view, pl.col("power_ago")),
        delay=pl.when(ago.is_between(0, YEAR - 1)).then("delay"),
    )


@cache
def _of_use() -> tuple[pl.Expr, ...]:
    step, power_step = pl.col("step"), pl.col("power_step")
    return columns(
        FIRM,
        "power_step",
        "delay",
        "usage",
        now=_of_year(power_step),
        then=_of_year(power_step, back=YEAR),
        power_now=pl.when(_of_year(power_step)).then("usage"),
        month_bit=pl.when(_of_year(step)).then(pl.lit(2, pl.Int64).pow(step.clip(0, YEAR - 1))),
    )
