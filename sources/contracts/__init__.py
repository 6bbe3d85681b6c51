"""The contract of every table: columns with type, bounds and meaning, and the rules a row must keep.

Nothing else in the code knows a raw column's range. Money is whole fen; `null` is unknown and 0 an observed zero.
"""

from collections.abc import Mapping
from types import MappingProxyType

from sources.contracts.aside import APPLICATIONS, BLOCKS_WITH_CONSENT, CONSENTS, LABELS
from sources.contracts.bank import BANK_TRANSACTIONS
from sources.contracts.columns import EARLIEST, MOST_FEN
from sources.contracts.credit import CREDIT_REPORTS, ENQUIRIES, GUARANTEES, LOANS, REAL_ESTATE, REPAYMENTS
from sources.contracts.invoice import VAT_INVOICES
from sources.contracts.ip import IP_RIGHTS, QUALIFICATIONS
from sources.contracts.legal import LEGAL_EVENTS
from sources.contracts.people import HOUSING_FUND, SOCIAL_INSURANCE, UTILITIES
from sources.contracts.registry import REGISTRY, REGISTRY_CHANGES, RELATED_PARTIES
from sources.contracts.table import Table
from sources.contracts.tax import (
    FINANCIAL_STATEMENTS,
    TAX_FILINGS,
    TAX_RATINGS,
    VAT_RETURNS,
    VAT_RETURNS_SMALL_SCALE,
)
from sources.contracts.trade import CUSTOMS, ORDERS

_EVIDENCE = (
    REGISTRY,
    REGISTRY_CHANGES,
    RELATED_PARTIES,
    TAX_FILINGS,
    TAX_RATINGS,
    FINANCIAL_STATEMENTS,
    VAT_RETURNS,
    VAT_RETURNS_SMALL_SCALE,
    VAT_INVOICES,
    BANK_TRANSACTIONS,
    SOCIAL_INSURANCE,
    HOUSING_FUND,
    UTILITIES,
    IP_RIGHTS,
    QUALIFICATIONS,
    LEGAL_EVENTS,
    ORDERS,
    CUSTOMS,
    CREDIT_REPORTS,
    LOANS,
    REPAYMENTS,
    GUARANTEES,
    ENQUIRIES,
    REAL_ESTATE,
)

TABLES: Mapping[str, Table] = MappingProxyType({table.name: table for table in _EVIDENCE})
"""The tables of evidence, in the order in which they are shown; a request may carry each."""

ASIDE: Mapping[str, Table] = MappingProxyType({table.name: table for table in (CONSENTS, LABELS, APPLICATIONS)})
"""Tables that a folder may hold beside the evidence."""

BLOCKS = tuple(dict.fromkeys(table.block for table in TABLES.values()))

BLOCK_NAMES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "registry": ("登记", "register"),
        "tax": ("税务", "tax"),
        "invoice": ("发票", "invoices"),
        "bank": ("银行流水", "bank flows"),
        "people": ("社保公积金与水电气", "people and utilities"),
        "ip": ("知识产权", "intellectual property"),
        "legal": ("司法", "courts and lists"),
        "trade": ("订单与进出口", "orders and customs"),
        "credit": ("征信", "credit register"),
    }
)
"""What people call each block, in Chinese and in English."""

__all__ = [
    "APPLICATIONS",
    "ASIDE",
    "BANK_TRANSACTIONS",
    "BLOCKS",
    "BLOCKS_WITH_CONSENT",
    "BLOCK_NAMES",
    "CONSENTS",
    "CREDIT_REPORTS",
    "CUSTOMS",
    "EARLIEST",
    "ENQUIRIES",
    "FINANCIAL_STATEMENTS",
    "GUARANTEES",
    "HOUSING_FUND",
    "IP_RIGHTS",
    "LABELS",
    "LEGAL_EVENTS",
    "LOANS",
    "MOST_FEN",
    "ORDERS",
    "QUALIFICATIONS",
    "REAL_ESTATE",
    "REGISTRY",
    "REGISTRY_CHANGES",
    "RELATED_PARTIES",
    "REPAYMENTS",
    "SOCIAL_INSURANCE",
    "TABLES",
    "TAX_FILINGS",
    "TAX_RATINGS",
    "UTILITIES",
    "VAT_INVOICES",
    "VAT_RETURNS",
    "VAT_RETURNS_SMALL_SCALE",
    "Table",
]
