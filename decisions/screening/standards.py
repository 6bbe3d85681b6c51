"""The five standards (五项标准): three-valued verdicts from checks, for a city at once."""

from collections.abc import Iterable

import polars as pl

from decisions.screening.policy import STANDARDS, Check, ScreeningPolicy

KEPT, VERDICT, OPEN = "check:", "standard:", "open:"
"""Prefixes of columns: whether a check is kept; the verdict on a standard; how hard its open question is."""


def with_standards(firms: pl.DataFrame, policy: ScreeningPolicy) -> pl.DataFrame:
    """The same with the verdicts.

    Returns:
        For each check `check:CODE`, whether it is kept (null = cannot be seen); for each standard `standard:NAME`
        (pass, fail, unknown) and `open:NAME` (hard, soft, null where nothing is open).
    """
    seen = firms.with_columns(check.condition.holds.alias(f"{KEPT}{check.code}") for check in policy.checks)
    judged = []
    for standard in STANDARDS:
        checks = tuple(check for check in policy.checks if check.standard == standard)
        judged += [_verdict(checks).alias(f"{VERDICT}{standard}"), _open(checks).alias(f"{OPEN}{standard}")]
    return seen.with_columns(judged)


def _verdict(checks: tuple[Check, ...]) -> pl.Expr:
    failed = _any(_breached(check) for check in checks if check.hard)
    return (
        pl.when(failed)
        .then(pl.lit("fail"))
        .when(_open(checks).is_not_null())
        .then(pl.lit("unknown"))
        .otherwise(pl.lit("pass"))
    )


def _open(checks: tuple[Check, ...]) -> pl.Expr:
    """What is open: hard where a check that decides cannot be seen; soft where an explanation or a paper would do."""
    hard = _any(_unseen(check) for check in checks if check.unseen == "hard")
    soft = _any(_unseen(check) for check in checks if check.unseen == "soft")
    soft |= _any(_breached(check) for check in checks if not check.hard)
    return pl.when(hard).then(pl.lit("hard")).when(soft).then(pl.lit("soft"))


def _breached(check: Check) -> pl.Expr:
    return ~pl.col(f"{KEPT}{check.code}").fill_null(value=True)


def _unseen(check: Check) -> pl.Expr:
    return pl.col(f"{KEPT}{check.code}").is_null()


def _any(found: Iterable[pl.Expr]) -> pl.Expr:
    """Whether one of them is true; false where there is none."""
    return pl.any_horizontal(pl.lit(value=False), *found)
