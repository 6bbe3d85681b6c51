"""Feature sets: ordered tuples of features, the only lists that models are trained on."""

from collections.abc import Mapping
from types import MappingProxyType

from features.definition import Feature
from features.invoice import conduct, counterparties, rhythm, sales


def _defined_in(*modules: object) -> tuple[Feature, ...]:
    return tuple(value for module in modules for value in vars(module).values() if isinstance(value, Feature))


INVOICE_FLOW: tuple[Feature, ...] = _defined_in(sales, rhythm, conduct, counterparties)
"""Everything that VAT invoices alone can say, in the order of definition."""

FEATURES: Mapping[str, Feature] = MappingProxyType({feature.name: feature for feature in INVOICE_FLOW})
"""Every feature by name."""
