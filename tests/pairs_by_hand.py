"""One enterprise and one product by hand: whatever a test does not say is plain."""

import datetime as dt

import polars as pl

from features.pairs.cross import cross
from features.pairs.good_match import FIRM
from sources.contracts.offers import Offers, Quotes, Ties

FIRM_CODE = "Y1110108XP000001X5"
DAY = dt.date(2026, 3, 15)
YUAN = 100

OFFER = {
    "product_id": "b-1", "bank_id": "b", "category": "credit_loan", "guarantee_mode": "credit",
    "repayment": "interest_then_principal", "cap_fen": None, "rate_low": None, "rate_high": None, "term_months": 12,
    "decision_days": 3, "conditions": 4, "is_renewal": False, "first_loan_friendly": None, "rests_on_tax": False,
    "rests_on_flows": False, "rests_on_ip": False, "rests_on_orders": False, "rests_on_exports": False,
    "rests_on_property": False,
}  # fmt: skip
QUOTE = {
    "enterprise_id": FIRM_CODE, "as_of": DAY, "product_id": "b-1", "wanted_fen": 1_000_000 * YUAN, "wanted_months": 24,
    "limit_fen": 500_000 * YUAN, "is_limit_open": False, "usable_fen": 500_000 * YUAN, "months": 12, "rate": 0.04,
    "is_rate_assumed": False, "open_usual": 1, "open_rare": 0, "failed": 0, "met": 3, "margin": 0.5,
}  # fmt: skip
TIE = {
    "enterprise_id": FIRM_CODE, "as_of": DAY, "bank_id": "b", "loans_open": 1, "loans_ever": 2, "balance_fen": 1,
    "is_overdue": False, "months_since": 7,
}  # fmt: skip


def of_contract(schema, rows):
    return pl.DataFrame(rows, schema={name: column.dtype for name, column in schema.columns().items()})


def offers(*rows):
    return of_contract(Offers, [OFFER | row for row in rows])


def quotes(*rows):
    return of_contract(Quotes, [QUOTE | row for row in rows])


def ties(*rows):
    return of_contract(Ties, [TIE | row for row in rows])


def profiles(*rows):
    who = {"enterprise_id": FIRM_CODE, "as_of": DAY}
    schema = {"enterprise_id": pl.String, "as_of": pl.Date, **{one.name: pl.Float64 for one in FIRM}}
    return pl.DataFrame([who | row for row in rows], schema=schema)


def pair(*, firm=(), offer=(), quote=(), tie=None, loans_given=True):
    """The crossed row of one enterprise and one product, by name."""
    given = ties(*([] if tie is None else [tie])) if loans_given else None
    crossed = cross(profiles(dict(firm)), offers(dict(offer)), quotes(dict(quote)), given)
    return crossed.row(0, named=True)
