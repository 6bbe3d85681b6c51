"""Panels of people and premises: months of contributions and of utility bills.

Contributions and bills of a month become known with a lag that differs by month and place, so windows end with the
newest month that is known, if that is one of the three newest complete ones: `step` 0 is that month, 1 the one before.
Of an enterprise that fell silent longer ago they end with the oldest of the three, and `step` 0 has no row. The running
month has a negative `step`, or none.
"""

import polars as pl

from features.arithmetic import YEAR, ratio
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
    paid = pl.when(pl.col("paid_on").is_null()).then(0).otherwise(pl.coalesce("paid_fen", "due_fen"))
    ago, people = pl.col("months_ago"), pl.col("people")
    rows = view.rows(table).select(
        FIRM, "base_fen", people="headcount", months_ago=view.months_ago("month"), open_fen=pl.col("due_fen") - paid
    )
    rows = rows.with_columns(
        step=_step(view, ago), open_fen=pl.when((ago >= 1) & (pl.col("open_fen") > 0)).then("open_fen").otherwise(0)
    )
    step = pl.col("step")
    return rows.with_columns(
        newest=pl.when(step == 0).then(people),
        in_year=pl.when(_of_year(step)).then(people),
        unpaid=(pl.col("open_fen") > 0) & (ago <= YEAR),
    )


@panel("social_insurance")
def insured_months(view: View) -> pl.DataFrame:
    """One row an enterprise and month of social insurance.

    `people` are the insured, `newest` those of the newest month and `in_year` those of the year, null in other rows;
    `now` and `then` say that the month tells its base, and is of the year or of the one before. `open_fen` is what is
    due and unpaid, `unpaid` whether there is any in the last 12 months; contributions of the last complete month are
    still in time.
    """
    rows, has_base = _contributions(view, "social_insurance"), pl.col("base_fen").is_not_null()
    step = pl.col("step")
    return rows.with_columns(now=_of_year(step) & has_base, then=_of_year(step, back=YEAR) & has_base)


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
    ago = pl.col("months_ago")
    delay = (pl.col("paid_on").fill_null(view.as_of) - pl.col("billed_on")).dt.total_days().clip(lower_bound=0)
    rows = view.rows("utilities").select(
        FIRM, "usage", months_ago=view.months_ago("month"), is_power=pl.col("kind") == "electricity", delay=delay
    )
    rows = rows.with_columns(
        step=_step(view, ago),
        power_step=_step(view, pl.when("is_power").then(ago)),
        delay=pl.when(ago.is_between(0, YEAR - 1)).then("delay"),
    )
    power_step, usage = pl.col("power_step"), pl.col("usage")
    return rows.select(
        FIRM,
        "power_step",
        "delay",
        "usage",
        now=_of_year(power_step),
        then=_of_year(power_step, back=YEAR),
        power_now=pl.when(_of_year(power_step)).then(usage),
        month_bit=pl.when(_of_year(pl.col("step"))).then(pl.lit(2, pl.Int64).pow(pl.col("step").clip(0, YEAR - 1))),
    )
