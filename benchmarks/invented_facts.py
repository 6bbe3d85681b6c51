"""Facts of invented small firms for the benchmark of matching: blocks given or not, sizes as real firms have them.

Medians and spreads are our own choice, near the anchors of the simulated city: sales of three million yuan, tax of two
per cent, a third with loans, one in five with rights.
"""

import random
from types import MappingProxyType

from decisions.fact_definitions import FactDefinition, Value
from decisions.fact_definitions import facts as definitions
from decisions.facts import Facts, Need

MEDIAN_SALES_FEN, SPREAD = 3_000_000_00, 1.3
GIVEN = MappingProxyType(
    {"registry": 1.0, "invoice": 0.9, "tax": 0.9, "bank": 0.5, "people": 0.8, "ip": 0.6, "legal": 0.9, "trade": 0.6,
     "credit": 0.7, "request": 0.7}
)  # fmt: skip
"""How likely each block is given."""

OF_SALES = MappingProxyType(
    {"declared_sales_12m_fen": 0.95, "tax_paid_12m_fen": 0.02, "net_profit_fen": 0.05, "rd_12m_fen": 0.01,
     "settlement_inflow_12m_fen": 1.1, "qr_inflow_12m_fen": 0.1, "net_inflow_12m_fen": 0.05, "debt_fen": 0.1,
     "debt_service_12m_fen": 0.1, "principal_due_fen": 0.05, "order_backlog_fen": 0.1, "orders_at_hand_fen": 0.1,
     "registered_capital_fen": 0.5, "property_value_fen": 0.5, "assets_at_bank_fen": 0.05}
)  # fmt: skip
"""Amounts as a share of sales, in the median; every other amount is mostly nothing."""

FEW_CODES = MappingProxyType(
    {
        "district": ("110101", "110105", "110106", "110107", "110108", "110112", "110113", "110114"),
        "industry_division": ("C34", "C39", "E50", "F51", "F52", "G54", "H62", "I65", "L72", "M73"),
        "industry_section": ("C", "E", "F", "F", "G", "H", "I", "L", "M"),
        "legal_form": ("limited_company",) * 8 + ("individual_household", "partnership"),
        "registry_status": ("active",) * 30 + ("suspended", "revoked"),
        "size_class": ("micro", "micro", "small", "medium"),
        "ownership": ("private",) * 9 + ("state",),
        "tax_grade": ("A", "B", "B", "B", "M", "M", "C", "D"),
        "purpose": ("working_capital",) * 6 + ("equipment", "order", "research", "refinancing"),
    }
)
SETS = MappingProxyType(
    {
        "listings": (("none",),) * 40 + (("account_freeze",), ("dishonest_list",)),
        "titles": ((),) * 8 + (("tech_sme",), ("innovative", "hnte"), ("hnte", "srdi")),
        "collateral": (("none",),) * 6 + (("real_estate",), ("ip",), ("receivables",)),
        "products_held": ((),),
    }
)
MONTHS = MappingProxyType({"invoiced_months_12m": 12, "wanted_months": 36, "longest_overdue_run_24m": 2})
"""The most that some months and days can be; ten years of months, or a quarter of days, for the others."""


def draw(count: int, *, seed: int) -> tuple[list[Facts], list[float]]:
    """Facts of so many firms, and a score in points for each; the same for the same seed."""
    source = random.Random(seed)  # noqa: S311 - invented firms, not secrets
    return [_firm(source) for _ in range(count)], [source.gauss(600, 60) for _ in range(count)]


def _firm(source: random.Random) -> Facts:
    given = {block for block, chance in GIVEN.items() if source.random() < chance}
    sales = source.lognormvariate(0.0, SPREAD) * MEDIAN_SALES_FEN
    values = {name: _value(name, fact, sales, source) for name, fact in definitions().items() if fact.block in given}
    need = Need(
        amount_fen=source.choice((None, round(sales * source.uniform(0.05, 0.5)))),
        term_months=source.choice((None, 6, 12, 12, 24, 36)),
        urgency_days=source.choice((None, 5, 10, 30)),
    )
    return Facts(MappingProxyType(values), need)


def _value(name: str, fact: FactDefinition, sales: float, source: random.Random) -> Value:
    if fact.unit == "word":
        return source.choice(FEW_CODES.get(name) or fact.words)
    if fact.unit == "words":
        return source.choice(SETS.get(name) or ((), ("none",), *((word,) for word in fact.words)))
    if fact.unit == "share":
        return round(source.gauss(0.1, 0.2), 3)
    if fact.unit == "fen":
        return _amount(OF_SALES.get(name), sales, source) if name != "sales_12m_fen" else round(sales)
    if fact.unit == "count":
        return source.choice((0, 0, 0, 1, 2, 5))
    return source.randrange(MONTHS.get(name, 90 if fact.unit == "days" else 120) + 1)


def _amount(share: float | None, sales: float, source: random.Random) -> int:
    if share is None:
        return source.choice((0, 0, 0, round(sales * 0.02)))
    return round(sales * share * source.lognormvariate(0.0, 0.7))
