"""Products of the catalogue as plain data, for models that weigh enterprises and products together."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

from decisions.offered.catalogue import Catalogue, Entry
from decisions.offered.products import Product
from sources.contracts.offers import Offers


@dataclass(frozen=True)
class Basis:
    """What a limit can rest on: the facts that it is then a multiple of, and the products named after it."""

    facts: frozenset[str]
    categories: frozenset[str]
    modes: frozenset[str] = frozenset()

    def carries(self, product: Product) -> bool:
        multiplied = {part.basis for ceiling in product.limit for part in ceiling.parts}
        is_named_so = product.category in self.categories or product.guarantee_mode in self.modes
        return is_named_so or not multiplied.isdisjoint(self.facts)


BASES: Mapping[str, Basis] = MappingProxyType(
    {
        "rests_on_tax": Basis(frozenset({"tax_paid_12m_fen"}), frozenset({"tax_loan"})),
        "rests_on_flows": Basis(
            frozenset({"sales_12m_fen", "declared_sales_12m_fen", "qr_inflow_12m_fen", "settlement_inflow_12m_fen"}),
            frozenset({"cashflow_loan", "invoice_loan", "market_loan"}),
        ),
        "rests_on_ip": Basis(
            frozenset({"appraised_ip_fen", "rd_12m_fen", "valid_patents", "valid_inventions", "ip_rights_held"}),
            frozenset({"ip_pledge"}),
            frozenset({"pledge_ip"}),
        ),
        "rests_on_orders": Basis(
            frozenset({"orders_at_hand_fen", "order_backlog_fen"}),
            frozenset({"supply_chain"}),
            frozenset({"pledge_receivable"}),
        ),
        "rests_on_exports": Basis(
            frozenset({"exports_12m_fen", "duty_due_3m_fen", "refund_receivable_fen", "insured_receivable_fen"}),
            frozenset({"export_loan"}),
        ),
        "rests_on_property": Basis(
            frozenset({"property_value_fen"}),
            frozenset({"mortgage_loan"}),
            frozenset({"mortgage", "credit+mortgage"}),
        ),
    }
)
"""By column of the contract. Where a source publishes no formula, a tax loan rests on tax all the same."""

ON_NONE_OF_THESE = frozenset({"insured_people", "principal_due_fen"})
"""Facts that limits are multiples of and that count towards no basis: staff, and the loan that falls due."""


def offers_of(catalogue: Catalogue) -> pl.DataFrame:
    """The products of a catalogue, in its order, as contract `Offers`.

    Amounts are whole fen, rates annual fractions. What a product rests on are the facts that its limit is a multiple
    of, and what its category or its security is named after.

    Raises:
        ValueError: the catalogue holds two versions of a product; take what is offered on one day.
    """
    rows = [_row(entry) for entry in catalogue.entries]
    ids = Counter(entry.product.id for entry in catalogue.entries)
    twice = [product for product, times in ids.items() if times > 1]
    if twice:
        raise ValueError(f"got {twice[0]!r} twice, expected the products of one day: use catalogue.on(day)")
    return pl.DataFrame(rows, schema={name: column.dtype for name, column in Offers.columns().items()})


def _row(entry: Entry) -> dict[str, object]:
    product, rate = entry.product, entry.product.rate
    return {
        "product_id": product.id,
        "bank_id": entry.bank.id,
        "category": product.category,
        "guarantee_mode": product.guarantee_mode,
        "repayment": product.repayment,
        "cap_fen": product.cap_fen,
        "rate_low": None if rate is None else float(rate.low),
        "rate_high": None if rate is None or rate.high is None else float(rate.high),
        "term_months": product.term_months,
        "decision_days": product.decision_days,
        "conditions": len(product.rules),
        "is_renewal": product.is_renewal,
        "first_loan_friendly": product.first_loan_friendly,
        **{name: basis.carries(product) for name, basis in BASES.items()},
    }
