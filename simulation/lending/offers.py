"""What the banks of the city offer: the products of the catalogue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from decisions.match.worth import assumed_rate
from decisions.offered.catalogue import load_catalogue
from decisions.offered.products import Fee, Product
from decisions.policies import Policy, policy_on
from simulation.assumed import lending as a
from simulation.chance import Flags, Numbers, Whole, generator
from simulation.lending.ceilings import Ceilings, ceilings
from simulation.lending.conditions import Conditions, conditions

MODES: Mapping[str, str] = MappingProxyType(
    {
        "credit": "credit",
        "credit+mortgage": "combined",
        "guarantee": "guarantee",
        "insurance": "guarantee",
        "mortgage": "mortgage",
        "pledge_ip": "pledge_ip",
        "pledge_receivable": "pledge",
    }
)
"""Words of the catalogue as the contract `loans` has them."""

CATALOGUE_SEED = 0
"""Banks belong to the city as the catalogue does: the same for every seed of a simulation."""


@dataclass(frozen=True)
class Offers:
    """Products on offer, one value a product.

    Attributes:
        ids, categories, modes: of each product.
        bank: place in `banks`.
        banks: ids of the catalogue.
        fictional: per bank.
        low, high, term, bullet: terms; rates as annual fractions, months.
        fees: product × once and a year, shares of the principal.
        conditions, ceilings: who can have it, and how much.
        bases: facts that the amount rests on.
        popularity: how often it is shown.
    """

    ids: tuple[str, ...]
    categories: NDArray[np.str_]
    modes: NDArray[np.str_]
    bank: Whole
    banks: tuple[str, ...]
    fictional: Flags
    low: Numbers
    high: Numbers
    term: Whole
    bullet: Flags
    fees: Numbers
    conditions: Conditions
    ceilings: Ceilings
    bases: tuple[frozenset[str], ...]
    popularity: Numbers

    def __len__(self) -> int:
        return len(self.ids)


@cache
def offers() -> Offers:
    """The products of all banks of the city, with what policy assumes where a source is silent.

    Raises:
        decisions.files.FileMistakesError: the catalogue or the policy is wrong.
    """
    policy = policy_on(a.OFFERED_ON)
    entries = load_catalogue(illustrative=True).on(a.OFFERED_ON).entries
    products = [entry.product for entry in entries]
    fictional = {entry.bank.id: entry.bank.fictional for entry in entries}
    banks = sorted(fictional)
    bank = np.array([banks.index(entry.bank.id) for entry in entries])
    modes = np.array([MODES[product.guarantee_mode] for product in products])
    rates = np.array([_rates(product, policy) for product in products])
    unstated = int(policy.numbers.term_where_unstated_months.value)
    return Offers(
        ids=tuple(product.id for product in products),
        categories=np.array([product.category for product in products]),
        modes=modes,
        bank=bank,
        banks=tuple(banks),
        fictional=np.array([fictional[one] for one in banks]),
        low=rates[:, 0],
        high=rates[:, 1],
        term=np.array([min(product.term_months or unstated, a.LONGEST) for product in products]),
        bullet=np.array([product.repayment != "equal_instalment" for product in products]),
        fees=np.array([_fees(product.fees) for product in products]),
        conditions=conditions(products),
        ceilings=ceilings(products, usual_share=float(policy.lending.turnover_share.value)),
        bases=tuple(frozenset(part.basis for one in product.limit for part in one.parts) for product in products),
        popularity=_popularity(bank, modes != "credit"),
    )


def prior_lenders() -> Whole:
    """Places of the banks to which firms owe when the first month begins."""
    return np.array([offers().banks.index(bank) for bank in a.PRIOR_LENDERS])


def _rates(product: Product, policy: Policy) -> tuple[float, float]:
    """The band; where it is not stated in full, one around what policy assumes."""
    band = product.rate
    if band is not None and band.high is not None:
        return band.low, band.high
    middle = assumed_rate(product, policy.numbers)
    low = max(middle - a.UNSTATED_BAND, 0.0 if band is None else band.low)
    return low, 2 * middle - low


def _fees(fees: Sequence[Fee]) -> tuple[float, float]:
    once, yearly = (sum(fee.share for fee in fees if fee.every == every) for every in ("once", "year"))
    return float(once), float(yearly)


def _popularity(bank: Whole, secured: Flags) -> Numbers:
    """How often each product comes up: a bank's share grows little with the number of its products."""
    random = generator(CATALOGUE_SEED, "offers")
    many = np.bincount(bank)
    size = np.exp(a.BANK_SIZES * random.standard_normal(len(many))) * many ** (a.BANK_SHARE - 1)
    own = np.exp(a.PRODUCT_SIZES * random.standard_normal(len(bank)))
    popularity: Numbers = size[bank] * own * np.where(secured, a.SECURED_POPULARITY, 1.0)
    return popularity
