"""Promise (成长性) by a scorecard whose every point can be checked, and the priority of a visit that follows."""

from collections.abc import Iterable

import polars as pl

from decisions.screening.policy import STANDARDS, Boost, Part, ScreeningPolicy
from decisions.screening.standards import OPEN, VERDICT

POINTS, BOOSTS = "points:", "boost:"
"""Prefixes of columns: points of a part of the scorecard; whether a boost of priority applies."""

MOST = 100
LARGE, CANCELLED = "large", "cancelled"


def with_promise(firms: pl.DataFrame, policy: ScreeningPolicy) -> pl.DataFrame:
    """The same with `points:CODE` for each part, and `promise`: 100 × points ÷ most points, one decimal."""
    parts = policy.parts
    scored = firms.with_columns(part.points.alias(f"{POINTS}{part.code}") for part in parts)
    total = pl.sum_horizontal(f"{POINTS}{part.code}" for part in parts)
    return scored.with_columns(promise=(MOST * total / most_points(parts)).round(1))


def most_points(parts: Iterable[Part]) -> int:
    """The points that a firm with the best value everywhere would have."""
    return sum(part.most for part in parts)


def with_priority(firms: pl.DataFrame, policy: ScreeningPolicy) -> pl.DataFrame:
    """The same with what becomes of each firm and how early it is to be visited.

    Returns:
        `place`: closed (struck off), check_first (shell or zombie until somebody has looked), out_of_scope (a large
        firm), help_first (fails a standard) or visit; `is_recommended`: to be visited, needs money, and nothing hard
        is open; `visit_priority`: whole points within 0 to 100, 0 unless it is to be visited.
    """
    boosts = (boost.condition.holds.fill_null(value=False).alias(f"{BOOSTS}{boost.code}") for boost in policy.boosts)
    placed = firms.with_columns(*boosts, place=_place())
    is_visited = pl.col("place") == "visit"
    priority = _priority(policy).round(0).clip(0, MOST).cast(pl.Int64)
    return placed.with_columns(
        visit_priority=pl.when(is_visited).then(priority).otherwise(0),
        is_recommended=is_visited & ~_hard_open() & pl.col("need").is_in(["stated", "seen"]).fill_null(value=False),
    )


def open_points(policy: ScreeningPolicy) -> pl.Expr:
    """Points that open questions take off."""
    numbers = policy.numbers
    count = pl.sum_horizontal((pl.col(f"{VERDICT}{one}") == "unknown").cast(pl.Int32) for one in STANDARDS)
    points = count * numbers.open_question_points.value
    return points.clip(upper_bound=numbers.most_open_question_points.value)


def _priority(policy: ScreeningPolicy) -> pl.Expr:
    boosts = pl.sum_horizontal(_boosted(boost) for boost in policy.boosts)
    return pl.col("promise") * policy.numbers.promise_weight.value + boosts - open_points(policy)


def _boosted(boost: Boost) -> pl.Expr:
    return pl.col(f"{BOOSTS}{boost.code}").cast(pl.Int32) * boost.points


def _place() -> pl.Expr:
    fails = pl.any_horizontal((pl.col(f"{VERDICT}{one}") == "fail") for one in STANDARDS)
    to_check = pl.col("zombie").is_in(["hard", "suspect"]) | (pl.col("shell") == "suspect")
    return (
        pl.when(pl.col("status").eq_missing(CANCELLED))
        .then(pl.lit("closed"))
        .when(to_check.fill_null(value=False))
        .then(pl.lit("check_first"))
        .when(pl.col("size_class").eq_missing(LARGE))
        .then(pl.lit("out_of_scope"))
        .when(fails)
        .then(pl.lit("help_first"))
        .otherwise(pl.lit("visit"))
    )


def _hard_open() -> pl.Expr:
    return pl.any_horizontal(pl.col(f"{OPEN}{one}").eq_missing("hard") for one in STANDARDS)
