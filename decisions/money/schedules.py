"""The arithmetic of a loan: the rate it is worked out with, and what is paid back month by month."""

from functools import lru_cache

from decisions.offered.products import RateBand, Repayment

MONTHS_A_YEAR = 12
PLACES = 6
INTEREST_ONLY_MONTHS = 6
"""Of mixed repayment, as seen with one bank's 6 + 6 months."""

Schedule = tuple[tuple[float, float], ...]
"""Interest and principal paid at the end of each month, as shares of the loan."""


def middle_of(rate: RateBand | None) -> float | None:
    """The middle of a band; None when the source states no rate or only where it begins."""
    return None if rate is None or rate.high is None else _middle(rate.low, rate.high)


@lru_cache(maxsize=4096)
def _middle(low: float, high: float) -> float:
    return round((low + high) / 2, PLACES)


@lru_cache(maxsize=4096)
def schedule(rate: float, months: int, repayment: Repayment) -> Schedule:
    """What is paid at the end of each month.

    revolving and interest_then_principal: interest monthly, principal with the last (a line is taken as drawn in full
    for the whole term); equal_instalment: the same payment each month; mixed: interest alone for six months, then equal
    parts of the principal with interest on what is left, and up to six months all of it at the end. Months count alike,
    a twelfth of a year.

    Args:
        rate: annual interest as a fraction.
        months: term.
        repayment: how it is repaid.

    Raises:
        ValueError: no month at all.
    """
    if months < 1:
        raise ValueError(f"months: got {months}, expected a term of at least one month")
    monthly = rate / MONTHS_A_YEAR
    if repayment == "equal_instalment":
        return _level(monthly, months)
    alone = INTEREST_ONLY_MONTHS if repayment == "mixed" and months > INTEREST_ONLY_MONTHS else months - 1
    part = 1.0 / (months - alone)
    left = [1.0] * alone + [1.0 - part * paid for paid in range(months - alone)]
    return tuple((monthly * owed, 0.0 if month < alone else part) for month, owed in enumerate(left))


@lru_cache(maxsize=4096)
def interest_share(rate: float, months: int, repayment: Repayment, covered: int) -> float:
    """The interest of the first `covered` months as a share of the loan."""
    return sum(interest for interest, _ in schedule(rate, months, repayment)[:covered])


def _level(monthly: float, months: int) -> Schedule:
    payment = 1.0 / annuity(monthly, months)
    rows: list[tuple[float, float]] = []
    owed = 1.0
    for _ in range(months):
        interest = owed * monthly
        rows.append((interest, payment - interest))
        owed -= payment - interest
    return tuple(rows)


def annuity(monthly: float, months: int) -> float:
    """Principal that one yuan at the end of each month pays back: (1 - (1 + i) ** -n) / i; n without interest."""
    return months if monthly == 0 else (1.0 - (1.0 + monthly) ** -months) / monthly
