"""Expressions that panels are made of, made once a day: on one firm's rows making them takes as long as using them."""

import datetime as dt
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

import polars as pl

from features.view import View

T = TypeVar("T")
DAYS_KEPT = 64


def columns(*plain: str, **derived: pl.Expr | str) -> tuple[pl.Expr, ...]:
    """Columns as they are, and others by their new names."""
    named = ((pl.col(one) if isinstance(one, str) else one).alias(name) for name, one in derived.items())
    return (*map(pl.col, plain), *named)


def once_a_day(make: Callable[[View], T]) -> Callable[[View], T]:
    """Keep what is made for a day, once for one firm and once for many: `make` may look at nothing else of a view."""
    made: dict[tuple[dt.date, bool], T] = {}

    @wraps(make)
    def of_day(view: View) -> T:
        day = view.as_of, view.firms == 1
        known = made.get(day)
        if known is None:
            known = make(view)
            if len(made) >= DAYS_KEPT:
                made.clear()
            made[day] = known
        return known

    return of_day
