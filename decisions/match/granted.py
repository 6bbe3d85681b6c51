"""What experience says of a product beside a model: how much banks granted, at what rate, and how many would pass."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from decisions.money.schedules import middle_of
from decisions.offered.products import Product, RateBand

NOTHING_KNOWN: Mapping[str, float] = MappingProxyType({})


class GrantRecord(Protocol):
    """What is on record; `scoring.product_fit.FitModel` is one."""

    @property
    def granted_share(self) -> Mapping[str, float]:
        """By product, the share of the possible amount that was granted while no rule told it."""

    @property
    def usual_share(self) -> float | None:
        """The same of a product without a record; None = nothing is known."""

    @property
    def granted_rate(self) -> Mapping[str, float]:
        """By product, the annual rate that was asked, a fraction."""

    @property
    def usual_rate(self) -> float | None:
        """The same of a product without a record whose source states no rate; None = nothing is known."""

    @property
    def pass_share(self) -> Mapping[str, Mapping[str, float]]:
        """By product and fact that it asks about, how many pass of the enterprises whose fact is known.

        A share, or that share over the share of the product's own applicants, which the model has seen already.
        """


@dataclass(frozen=True)
class PastGrants:
    """A record by itself, for chances that do not come from a model; by default nothing is on record."""

    granted_share: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    usual_share: float | None = None
    granted_rate: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    usual_rate: float | None = None
    pass_share: Mapping[str, Mapping[str, float]] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Granted:
    """Of one product.

    Attributes:
        share: of the possible amount, counted while the limit is open; None = the policy's.
        share_here: of the possible amount, expected of this enterprise whether its limit is open or not, in the place
            of `share`; None = no model says.
        rate: annual, before subsidies, counted in the place of the stated one; None = the stated or assumed one.
        pass_share: by fact, how many pass of the enterprises whose fact is known; see `GrantRecord`.
    """

    share: float | None = None
    rate: float | None = None
    pass_share: Mapping[str, float] = field(default_factory=lambda: NOTHING_KNOWN)
    share_here: float | None = None

    def passing(self, open_facts: Iterable[str]) -> float:
        """What open questions leave of the chance: the least share of theirs, for they hang together; never above 1.

        Who applied knew the answers, so that the record of applications alone cannot tell it.
        """
        return min([1.0, *(self.pass_share.get(fact, 1.0) for fact in open_facts)])

    def counted(self, product: Product) -> Product:
        """The product at the rate that is counted."""
        if self.rate is None:
            return product
        return product.model_copy(update={"rate": RateBand(low=self.rate, high=self.rate)})


def granted_of(record: GrantRecord, product: Product, share_here: float | None = None) -> Granted:
    """What is on record of a product, or is usual where nothing is; `share_here` by a model, of one enterprise."""
    is_stated = middle_of(product.rate) is not None
    return Granted(
        share=record.granted_share.get(product.id, record.usual_share),
        rate=record.granted_rate.get(product.id, None if is_stated else record.usual_rate),
        pass_share=record.pass_share.get(product.id, NOTHING_KNOWN),
        share_here=share_here,
    )
