"""Feature sets: ordered tuples of features, the only lists that models are trained on."""

from collections.abc import Mapping
from types import MappingProxyType

from features.bank import balances, flows
from features.bank import conduct as bank_conduct
from features.consistency import ratios
from features.credit import debt, exposure, repayment
from features.definition import Feature
from features.invoice import conduct, counterparties, rhythm, sales
from features.ip import rights, titles
from features.legal import courts, penalties
from features.people import contributions, meters
from features.registry import entry, governance
from features.tax import declared, filings, grades, returns, statements
from features.trade import exports, orders


def _defined_in(*modules: object) -> tuple[Feature, ...]:
    return tuple(value for module in modules for value in vars(module).values() if isinstance(value, Feature))


REGISTRY: tuple[Feature, ...] = _defined_in(entry, governance)
"""The firm as the register knows it."""

TAX: tuple[Feature, ...] = _defined_in(declared, filings, grades, returns, statements)
"""Filings, payments, grades, returns line by line, statements."""

INVOICE_FLOW: tuple[Feature, ...] = _defined_in(sales, rhythm, conduct, counterparties)
"""Everything that VAT invoices alone can say, in the order of definition."""

BANK_FLOW: tuple[Feature, ...] = _defined_in(flows, balances, bank_conduct)
"""Everything that bookings of the accounts alone can say."""

PEOPLE: tuple[Feature, ...] = _defined_in(contributions, meters)
"""Insured people, housing fund, meters."""

IP: tuple[Feature, ...] = _defined_in(rights, titles)
"""Intellectual property and certificates."""

LEGAL: tuple[Feature, ...] = _defined_in(courts, penalties)
"""Courts, lists, penalties."""

TRADE: tuple[Feature, ...] = _defined_in(orders, exports)
"""Orders and foreign trade."""

CREDIT: tuple[Feature, ...] = _defined_in(debt, repayment, exposure)
"""Loans, instalments, guarantees, enquiries, real estate."""

CONSISTENCY: tuple[Feature, ...] = tuple(one for one in _defined_in(ratios) if len(one.sources) > 1)
"""What only several sources together can say."""

ALL: tuple[Feature, ...] = (
    *REGISTRY, *TAX, *INVOICE_FLOW, *BANK_FLOW, *PEOPLE, *IP, *LEGAL, *TRADE, *CREDIT, *CONSISTENCY,
)  # fmt: skip
"""Everything that all sources together can say."""

SETS: Mapping[str, tuple[Feature, ...]] = MappingProxyType(
    {"invoice_flow": INVOICE_FLOW, "bank_flow": BANK_FLOW, "all": ALL}
)
"""Feature sets by the name that commands take."""

FEATURES: Mapping[str, Feature] = MappingProxyType({feature.name: feature for feature in ALL})
"""Every feature by name."""


class UnknownFeatureSetError(LookupError):
    """A name that no feature set has."""


def feature_set(name: str) -> tuple[Feature, ...]:
    """The feature set that a command names.

    Raises:
        UnknownFeatureSetError: there is no such set.
    """
    if name not in SETS:
        raise UnknownFeatureSetError(f"--features: got {name!r}, expected one of {', '.join(SETS)}")
    return SETS[name]
