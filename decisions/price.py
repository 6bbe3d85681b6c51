"""What a product costs a year, all in (综合融资成本)."""

from dataclasses import dataclass

from decisions.products import RateBand


@dataclass(frozen=True)
class AllInRate:
    """Annual cost as a fraction, before and after subsidies."""

    before: float
    after: float


def all_in_rate(rate: RateBand | None) -> AllInRate | None:
    """The middle of a stated band; None when the source states no rate or only where it begins.

    Sources name no fees, and no subsidy is computed, so before and after are the same.
    """
    if rate is None or rate.high is None:
        return None
    middle = round((rate.low + rate.high) / 2, 6)
    return AllInRate(before=middle, after=middle)
