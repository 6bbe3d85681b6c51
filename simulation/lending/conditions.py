"""Hard rules of the products, as the catalogue states them: which of them a firm breaks, as far as banks know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from decisions.offered.areas import covers
from decisions.offered.products import Product
from decisions.offered.rules import Rule
from simulation.chance import Flags, Numbers, Whole
from simulation.lending.known import FIGURES, WORDS, Known

DISTRICT = "district"
CODES: Mapping[str, str] = MappingProxyType(
    {
        "overdue_months_24m": "OVERDUE",
        "firm_age_months": "AGE_OF_FIRM",
        "tax_history_months": "TAX_HISTORY",
        "invoice_history_months": "INVOICE_HISTORY",
        "tax_paid_12m_fen": "TAX_AMOUNT",
        "sales_12m_fen": "REVENUE_MIN",
        "settlement_inflow_12m_fen": "REVENUE_MIN",
        "qr_inflow_12m_fen": "REVENUE_MIN",
        "sales_growth_12m": "REVENUE_DROP",
        "sales_growth_6m_yoy": "REVENUE_DROP",
        "sales_growth_3m_yoy": "REVENUE_DROP",
        "debt_fen": "DEBT_CAP",
        "debt_to_sales": "DEBT_CAP",
        "lenders": "LENDER_COUNT",
        "business_loans": "LENDER_COUNT",
        "bank_loans_ever": "CREDIT_HISTORY",
        "days_to_maturity": "NOTHING_TO_RENEW",
        "rd_share": "RESEARCH",
        "rd_12m_fen": "RESEARCH",
        "ip_to_pledge": "IP",
        "ip_rights_held": "IP",
        "valid_patents": "IP",
        "valid_inventions": "IP",
        "exports_12m_fen": "EXPORT",
        "insured_receivable_fen": "EXPORT",
        "refund_receivable_fen": "EXPORT",
        "duty_due_3m_fen": "EXPORT",
        "orders_at_hand": "ORDERS",
        "order_backlog_fen": "ORDERS",
        "largest_buyer_share": "LARGEST_BUYER",
        "insured_people": "PEOPLE",
        DISTRICT: "REGION",
        "tax_grade": "TAX_GRADE",
        "industry_section": "INDUSTRY",
        "industry_division": "INDUSTRY",
        "legal_form": "LEGAL_FORM",
        "size_class": "SIZE",
        "taxpayer_kind": "TAXPAYER_KIND",
        "titles": "TITLE",
        "ip_to_pledge_kinds": "IP",
        "collateral": "COLLATERAL",
    }
)
"""Refusal codes by fact."""
FACTS = (*(name for name in FIGURES if name in CODES), *WORDS)
"""Facts that a rule can ask about, in the order in which a bank looks at them."""

REFUSED_EVERYWHERE = frozenset({"days_past_due_now", "longest_overdue_run_24m", "tax_arrears_fen"})
"""Facts that ask for unpaid bills, with which no bank of the city lends at all."""


@dataclass(frozen=True)
class Conditions:
    """What is asked, one row an offer.

    Attributes:
        least, most: by fact that is a number: bounds, infinite where none.
        asked: by fact that is a word: 1 = one of the codes listed, -1 = none of them, 0 = nothing.
        listed: by fact that is a word: offer × code of `WORDS`.
        open_facts: facts of hard rules that no bank of the city knows.
    """

    least: Mapping[str, Numbers]
    most: Mapping[str, Numbers]
    asked: Mapping[str, Whole]
    listed: Mapping[str, Flags]
    open_facts: tuple[tuple[str, ...], ...]

    def broken(self, known: Known) -> Flags:
        """Which rules each lane breaks: lane × offer × fact of `FACTS`."""
        numbers = [self._out_of_bounds(name, known.figures[name]) for name in FACTS if name in known.figures]
        words = [self._unlisted(name, known) for name in WORDS]
        return np.stack(numbers + words, axis=2)

    def meets(self, name: str, known: Known) -> Flags:
        """Whether each lane holds a code that each offer lists: lane × offer."""
        listed = self.listed[name]
        if name in known.words:
            return listed.T[known.words[name]]
        hits = np.zeros((len(known.sets[name]), len(listed)), bool)
        for code in range(listed.shape[1]):
            hits |= known.sets[name][:, code, None] & listed[:, code]
        return hits

    def _out_of_bounds(self, name: str, value: Numbers) -> Flags:
        out: Flags = (value[:, None] < self.least[name]) | (value[:, None] > self.most[name])
        return out

    def _unlisted(self, name: str, known: Known) -> Flags:
        asked = self.asked[name]
        unlisted: Flags = (asked != 0) & (self.meets(name, known) != (asked > 0))
        return unlisted


def conditions(products: Sequence[Product]) -> Conditions:
    """The hard rules of some products; what they merely ask about is no rule."""
    rules = [[rule for rule in product.rules if rule.on_breach == "fail"] for product in products]
    bounds = {name: [_bounds(name, some) for some in rules] for name in FACTS if name in FIGURES}
    words = {name: [_codes(name, some) for some in rules] for name in WORDS if name != DISTRICT}
    listed = {name: np.array([_among(WORDS[name], codes) for _, codes in rows]) for name, rows in words.items()}
    answered = {*FACTS, *REFUSED_EVERYWHERE}
    areas = [
        [any(covers(area, code) for area in product.districts) for code in WORDS[DISTRICT]] for product in products
    ]
    return Conditions(
        least=MappingProxyType({name: np.array([low for low, _ in rows]) for name, rows in bounds.items()}),
        most=MappingProxyType({name: np.array([high for _, high in rows]) for name, rows in bounds.items()}),
        asked=MappingProxyType(
            {DISTRICT: np.ones(len(products), np.int64)}
            | {name: np.array([asked for asked, _ in rows]) for name, rows in words.items()}
        ),
        listed=MappingProxyType({DISTRICT: np.array(areas)} | listed),
        open_facts=tuple(tuple(sorted({rule.fact for rule in some} - answered)) for some in rules),
    )


def first_broken(rules: NDArray[np.bool_], codes: NDArray[np.str_]) -> NDArray[np.str_]:
    """The code of the first rule broken in each row, empty where none is."""
    return np.where(rules.any(axis=-1), codes[rules.argmax(axis=-1)], "")


def _bounds(name: str, rules: Sequence[Rule]) -> tuple[float, float]:
    low, high = -np.inf, np.inf
    for rule in rules:
        if rule.fact == name:
            least, most = rule.between or (rule.at_least, rule.at_most)
            low, high = max(low, -np.inf if least is None else least), min(high, np.inf if most is None else most)
    return float(low), float(high)


def _codes(name: str, rules: Sequence[Rule]) -> tuple[int, tuple[str, ...]]:
    """Sign and codes of the rule about a word; of two rules the one that admits counts."""
    found = [rule for rule in rules if rule.fact == name]
    admits = [rule for rule in found if rule.one_of]
    if admits:
        return 1, admits[0].one_of
    return (-1, found[0].none_of) if found else (0, ())


def _among(names: tuple[str, ...], codes: tuple[str, ...]) -> list[bool]:
    return [name in codes for name in names]
