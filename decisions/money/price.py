"""What a product costs a year, all in (综合融资成本)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from decisions.money.schedules import MONTHS_A_YEAR, PLACES, middle_of, schedule
from decisions.money.subsidies import Subsidy
from decisions.money.subsidy_terms import Paid
from decisions.offered.products import Fee, Product, Repayment

MONTHS_A_QUARTER = 3
NEWTON_STEPS, BISECTIONS = 50, 100
CLOSE_ENOUGH = 1e-13

Fees = tuple[float, float]
"""Shares of the principal: once at the start, and at the start of each year."""

NO_FEES: Fees = (0.0, 0.0)

Refund = tuple[float, int, Paid]
"""A subsidy as a share of the principal, the months of interest it is for, and when it is paid."""


@dataclass(frozen=True)
class AllInRate:
    """Annual cost as a fraction, before and after subsidies."""

    before: float
    after: float


def all_in_rate(
    product: Product, *, amount_fen: int, months: int, subsidies: Iterable[Subsidy] = ()
) -> AllInRate | None:
    """The nominal annual cost: twelve times the internal rate of return of the monthly payments.

    A loan at the middle of the stated band, with fees at the start and at the start of each further year on the full
    principal. Subsidies that are counted come back at the end of each quarter of the loan, for the interest of that
    quarter, or with the last payment. Without fees and subsidies it is the middle of the band itself.

    Args:
        product: its rate, fees and repayment.
        amount_fen: principal.
        months: term; where the enterprise states none, the policy's assumed term.
        subsidies: of this loan; those that are not counted are passed over.

    Returns:
        Fractions to six digits; None where the source states no rate or only where it begins, or fees eat the loan.

    Raises:
        ValueError: no month at all.
    """
    middle = middle_of(product.rate)
    if middle is None:
        return None
    refunds = tuple([_refund(row, amount_fen) for row in subsidies if row.is_counted and row.amount_fen])
    return _all_in(middle, months, product.repayment, _fees(product.fees) if product.fees else NO_FEES, refunds)


def _fees(fees: tuple[Fee, ...]) -> Fees:
    return (
        sum(fee.share for fee in fees if fee.every == "once"),
        sum(fee.share for fee in fees if fee.every == "year"),
    )


def _refund(subsidy: Subsidy, amount_fen: int) -> Refund:
    """Rounded to eight digits, so that loans of another size find the same cost in the memory."""
    return (round((subsidy.amount_fen or 0) / amount_fen, 8), subsidy.months, subsidy.terms.paid)


@lru_cache(maxsize=16384)
def _all_in(
    rate: float, months: int, repayment: Repayment, fees: Fees, refunds: tuple[Refund, ...]
) -> AllInRate | None:
    before = _annual_cost(rate, months, repayment, fees, ())
    after = _annual_cost(rate, months, repayment, fees, refunds)
    return None if before is None or after is None else AllInRate(before, after)


def _annual_cost(
    rate: float, months: int, repayment: Repayment, fees: Fees, refunds: tuple[Refund, ...]
) -> float | None:
    if not any(fees) and not refunds:
        return rate
    flows = _flows(rate, months, repayment, fees)
    for refund in refunds:
        for month, share in _paid_back(refund, rate, months, repayment):
            flows[month] += share
    return _nominal_rate(flows, rate / MONTHS_A_YEAR)


def _flows(rate: float, months: int, repayment: Repayment, fees: Fees) -> list[float]:
    """What the enterprise receives (+) and pays (-) now and at the end of each month, for one yuan of principal."""
    once, yearly = fees
    flows = [1.0 - once, *(-interest - principal for interest, principal in schedule(rate, months, repayment))]
    for month in range(0, months, MONTHS_A_YEAR):
        flows[month] -= yearly
    return flows


def _paid_back(refund: Refund, rate: float, months: int, repayment: Repayment) -> list[tuple[int, float]]:
    """Months in which a refund is paid, and how much of it: by the interest of each quarter, where there is any."""
    share, covered, paid = refund
    if paid == "at_end" or rate == 0:
        return [(months, share)]
    interest = [owed for owed, _ in schedule(rate, months, repayment)][:covered]
    starts = range(0, len(interest), MONTHS_A_QUARTER)
    return [
        (
            min(start + MONTHS_A_QUARTER, months),
            share * sum(interest[start : start + MONTHS_A_QUARTER]) / sum(interest),
        )
        for start in starts
    ]


def _nominal_rate(flows: Sequence[float], guess: float) -> float | None:
    """Twelve times the monthly rate at which the flows are worth nothing; None where the loan itself is eaten up.

    Worth falls as the discount factor v rises from 0 to 1, so the root lies between; Newton finds it in a few steps,
    halving takes over where a step leaves the interval.
    """
    if flows[0] <= 0:
        return None
    if sum(flows) >= 0:
        return 0.0
    factor = _newton(flows, 1.0 / (1.0 + guess)) or _bisected(flows)
    return round(MONTHS_A_YEAR * (1.0 / factor - 1.0), PLACES)


def _newton(flows: Sequence[float], factor: float) -> float | None:
    for _ in range(NEWTON_STEPS):
        worth = slope = 0.0
        for flow in reversed(flows):
            slope = slope * factor + worth
            worth = worth * factor + flow
        if slope == 0:
            return None
        step = worth / slope
        factor -= step
        if not 0 < factor <= 1:
            return None
        if abs(step) < CLOSE_ENOUGH:
            return factor
    return None


def _bisected(flows: Sequence[float]) -> float:
    low, high = 0.0, 1.0
    for _ in range(BISECTIONS):
        factor = (low + high) / 2
        worth = 0.0
        for flow in reversed(flows):
            worth = worth * factor + flow
        low, high = (factor, high) if worth > 0 else (low, factor)
    return (low + high) / 2
