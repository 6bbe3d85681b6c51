"""Invented products of invented banks: ten times the tax paid, at 4 % for a year, with nothing asked."""

import datetime as dt

from decisions.offered.catalogue import Entry
from decisions.offered.products import Bank, Product
from decisions.text import Text

TAX_TIMES_TEN = {"limit": ({"parts": ({"basis": "tax_paid_12m_fen", "multiple": 10},)},)}


def product(name, **terms):
    """A product such as `one-a`, of the bank that its name begins with; other terms where told."""
    usual = {
        "id": name,
        "name": Text(zh="示例贷", en="Example Loan"),
        "status": "illustrative",
        "category": "tax_loan",
        "guarantee_mode": "credit",
        "from": dt.date(2024, 1, 1),
        "source": "invented",
        "districts": ("CN",),
        "rate": {"low": 0.04, "high": 0.04},
        "term_months": 12,
        "repayment": "interest_then_principal",
        "documents": (),
    }
    bank = Bank(id=name.partition("-")[0], name=Text(zh="示例银行", en="Example Bank"), fictional=True)
    return Entry(bank, Product.model_validate(usual | TAX_TIMES_TEN | terms))
