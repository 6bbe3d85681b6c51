"""The few sums, shares and spreads that features are made of; whole numbers in, so that row order cannot matter."""

from itertools import permutations

import polars as pl

YEAR = 12
"""Months."""

PAIRS_IN_A_YEAR = 6


def last(months: int) -> pl.Expr:
    """Rows of the newest complete months."""
    return pl.col("months_ago").is_between(0, months - 1)


def before(months: int) -> pl.Expr:
    """Rows of as many months again, just before the newest ones."""
    return pl.col("months_ago").is_between(months, 2 * months - 1)


def total(column: str, rows: pl.Expr | None = None) -> pl.Expr:
    """Sum of a whole-number column, over some rows only where these are given."""
    values = pl.col(column) if rows is None else pl.col(column) * rows
    return values.sum()


def ratio(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """Part / whole; null where the whole is not positive."""
    return pl.when(whole > 0).then(part / whole)


def part_and_whole(value: pl.Expr) -> tuple[pl.Expr, pl.Expr] | None:
    """The operands of an expression that is one `ratio` and no more; None = it is something else."""
    for branch in value.meta.pop():
        for part, whole in permutations(branch.meta.pop(), 2):
            if ratio(part, whole).meta.eq(value):
                return part, whole
    return None


def growth(now: pl.Expr, then: pl.Expr, *, observed: pl.Expr) -> pl.Expr:
    """Change from then to now over then; null where there was nothing then, or the earlier window was not seen in full.

    Without the last condition a firm seen for 14 months would seem to have grown sixfold.
    """
    return ratio(now - then, pl.when(observed).then(then))


def months_reach(months: int) -> pl.Expr:
    """Whether the monthly panel of an enterprise reaches back so far."""
    return pl.len() >= months


def spread(values: pl.Expr) -> pl.Expr:
    """Coefficient of variation, population form: sqrt(n Σx² - (Σx)²) / Σx; null where Σx is not positive.

    The sums of squares are 128-bit whole numbers, hence exact.
    """
    x = values.cast(pl.Int128)
    total_of_x = x.sum()
    variance = x.len().cast(pl.Int128) * (x * x).sum() - total_of_x * total_of_x
    return ratio(variance.cast(pl.Float64).sqrt(), total_of_x.cast(pl.Float64))


def concentration(amounts: pl.Expr) -> pl.Expr:
    """Herfindahl-Hirschman index Σ(share²), 0 to 1; null where there is no amount."""
    x = amounts.cast(pl.Int128)
    whole = x.sum().cast(pl.Float64)
    return ratio((x * x).sum().cast(pl.Float64), whole * whole)


def whole_months(start: pl.Expr, end: pl.Expr) -> pl.Expr:
    """Whole months from one day to another, negative when the second lies before the first."""
    years, months = (end.dt.year() - start.dt.year()).cast(pl.Int32), end.dt.month() - start.dt.month()
    return 12 * years + months - (end.dt.day() < start.dt.day()).cast(pl.Int32)
