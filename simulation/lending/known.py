"""What the banks of the city look up of a firm, in the words of the catalogue's facts.

The hidden state knows: age, tax grade, tax, sales and their growth, receipts by payment code, exports, research,
rights, orders, real estate, people, the largest buyer, debts, lenders, loans ever, arrears, what falls due, district,
industry, legal form, size, kind of VAT payer, titles, what could be pledged. What it has no number for follows a plain
assumption of `assumed.lending`.

Unpaid bills now are refused by every bank, whatever is said of `days_past_due_now`, `longest_overdue_run_24m` and
`tax_arrears_fen`. What the hidden state does not know, no bank of the city asks for:

- people in charge and shares: `legal_rep_age`, `legal_rep_stable_months`, `applicant_share`, `registered_capital_fen`;
- papers of the courts and lists: `open_lawsuits`, `loan_lawsuits_open`, `ip_lawsuits_open`, `penalties_24m`,
  `environment_penalties_36m`, `listings`, `abnormal_list_entries`;
- enquiries and classes: `enquiries_1m`, `enquiries_3m`, `enquiries_6m`, `bad_balance_share`, `products_held`;
- filings and statements: `zero_filings_12m`, `missing_filings_24m`, `months_since_tax_paid`, `longest_untaxed_months`,
  `tax_growth_12m`, `debt_to_assets`, `net_profit_fen`, `insurance_arrears_fen`;
- the run of invoices: `invoiced_months_12m`, `invoices_12m`, `longest_gap_days_12m`;
- rights one by one: `inventions_to_pledge_months_left`, `utility_models_to_pledge_months_left`,
  `ip_to_pledge_encumbered`;
- others: `assets_at_bank_fen`, `premises_kind`, `purpose`, `new_hires_share`, `largest_market_share`,
  `government_awards`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np

from simulation.assumed import bank, city, exposure, rights, trade
from simulation.assumed import lending as a
from simulation.chance import Flags, Numbers, Whole
from simulation.firms import Firms, contract_chance
from simulation.state import State

FEN, MONTHS_OF_A_YEAR, DAYS_OF_A_MONTH = 100, 12, 30
GRADES = "ABMCD"
DIVISIONS = np.array(sorted({division for industry in city.INDUSTRIES for division in industry.divisions}))
SECTIONS = np.array(sorted({division[0] for division in DIVISIONS.tolist()}))
DISTRICTS = np.array(sorted(city.DISTRICTS))
LEGAL_FORMS = np.array(sorted(city.LEGAL_FORMS))
KINDS = tuple(rights.PATHS)
INVENTION, UTILITY, TRADEMARK = (KINDS.index(kind) for kind in ("invention", "utility_model", "trademark"))
TITLES: Mapping[str, int] = MappingProxyType({"tech_sme": 1, "innovative": 1, "hnte": 2, "srdi": 3, "little_giant": 4})
"""Lowest level of `Firms.title` that holds each."""
SIZES = ("micro", "small", "medium", "large")
MAKERS = "C"

WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "district": tuple(DISTRICTS.tolist()),
        "tax_grade": tuple(GRADES),
        "industry_section": tuple(SECTIONS.tolist()),
        "industry_division": tuple(DIVISIONS.tolist()),
        "legal_form": tuple(LEGAL_FORMS.tolist()),
        "size_class": SIZES,
        "taxpayer_kind": ("general", "small_scale"),
        "titles": tuple(TITLES),
        "ip_to_pledge_kinds": KINDS,
        "collateral": ("real_estate", "equipment", "receivables", "inventory"),
    }
)
"""Facts that are words, with the codes that firms of the city can have."""
SETS = ("titles", "ip_to_pledge_kinds", "collateral")
"""Those of which a firm can have several codes; of the others it has one."""


@dataclass(frozen=True)
class Known:
    """One value a lane.

    Attributes:
        figures: by fact that is a number, in the fact's unit.
        sets: by fact of `SETS`: lane × code of `WORDS`, whether it is held.
        words: by other fact that is a word: place of its code in `WORDS`.
    """

    figures: Mapping[str, Numbers]
    sets: Mapping[str, Flags]
    words: Mapping[str, Whole]

    def held(self, name: str) -> Flags:
        """Codes of a fact that is a word: lane × code."""
        if name in self.sets:
            return self.sets[name]
        held: Flags = self.words[name][:, None] == np.arange(len(WORDS[name]))
        return held


def known(state: State, firms: Firms, ages: Numbers) -> Known:
    """What every bank knows of each lane; `ages` in months."""
    rights_held = _rights(firms, ages)
    parts = (_money(state, firms), _credit(state, firms), _business(state, firms, ages), _of_rights(rights_held))
    figures = {name: value for part in parts for name, value in part.items()}
    sets = _sets(state, firms, rights_held)
    return Known(MappingProxyType(figures), MappingProxyType(sets), MappingProxyType(_words(state, firms)))


FIGURES = (
    *("overdue_months_24m", "firm_age_months", "tax_history_months", "invoice_history_months"),
    *("tax_paid_12m_fen", "sales_12m_fen", "settlement_inflow_12m_fen", "qr_inflow_12m_fen"),
    *("sales_growth_12m", "sales_growth_6m_yoy", "sales_growth_3m_yoy", "debt_fen", "debt_to_sales"),
    *("lenders", "business_loans", "bank_loans_ever", "days_to_maturity", "principal_due_fen"),
    *("rd_share", "rd_12m_fen", "ip_to_pledge", "ip_rights_held", "valid_patents", "valid_inventions"),
    *("appraised_ip_fen", "exports_12m_fen", "insured_receivable_fen", "refund_receivable_fen", "duty_due_3m_fen"),
    *("orders_at_hand", "orders_at_hand_fen", "order_backlog_fen", "property_value_fen"),
    *("largest_buyer_share", "insured_people"),
)
"""Facts that are numbers, in the order in which a bank looks at them."""


def _money(state: State, firms: Firms) -> dict[str, Numbers]:
    """What comes in, and what is paid in tax; a bank is told more sales by who is dishonest."""
    sales = FEN * firms.sales * state.year
    growth = state.recent / np.maximum(state.year, 0.01) - 1
    exports, monthly = firms.export_share * sales, FEN * firms.sales
    bought = (firms.export_share > 0) * (1 - firms.margin) * monthly
    return {
        "sales_12m_fen": sales,
        "settlement_inflow_12m_fen": sales,
        "qr_inflow_12m_fen": _of_divisions(_payment_codes(), firms) * sales,
        "sales_growth_12m": growth,
        "sales_growth_6m_yoy": growth,
        "sales_growth_3m_yoy": growth,
        "tax_paid_12m_fen": FEN * firms.sales * state.taxed,
        "exports_12m_fen": exports,
        "insured_receivable_fen": exports * firms.receivable_months / MONTHS_OF_A_YEAR,
        "refund_receivable_fen": trade.REFUND_RATE * (1 - firms.margin) * exports * a.REFUND_MONTHS / MONTHS_OF_A_YEAR,
        "duty_due_3m_fen": trade.DUTY * float(np.mean(trade.IMPORT_SHARES)) * 3 * bought,
    }


def _credit(state: State, firms: Firms) -> dict[str, Numbers]:
    owed = state.left > 0
    soon = owed & (state.left <= a.FALLS_DUE)
    first_due = np.where(owed, state.left, a.NOTHING_DUE).min(axis=1)
    lenders = np.sort(np.where(owed, state.lender, -1), axis=1)
    apart = (lenders[:, 1:] != lenders[:, :-1]) & (lenders[:, 1:] >= 0)
    return {
        "debt_fen": FEN * firms.sales * state.debt,
        "debt_to_sales": state.debt / np.maximum(state.year, 0.01),
        "lenders": (lenders[:, 0] >= 0) + apart.sum(axis=1).astype(float),
        "business_loans": owed.sum(axis=1).astype(float),
        "bank_loans_ever": state.loans.astype(float),
        "overdue_months_24m": 24 * state.late * (state.loans > 0),
        "days_to_maturity": DAYS_OF_A_MONTH * first_due.astype(float),
        "principal_due_fen": FEN * firms.sales * (state.balance * soon).sum(axis=1),
    }


def _business(state: State, firms: Firms, ages: Numbers) -> dict[str, Numbers]:
    research = firms.tech * (a.RESEARCH[0] + a.RESEARCH[1] * firms.title)
    sales = FEN * firms.sales * state.year
    has_orders = (contract_chance(firms) >= a.HAS_ORDERS).astype(float)
    worth = np.maximum(exposure.WORTH * firms.sales, exposure.LEAST_WORTH)
    return {
        "firm_age_months": ages,
        "tax_history_months": ages,
        "invoice_history_months": ages,
        "rd_share": research,
        "rd_12m_fen": research * sales,
        "orders_at_hand": has_orders,
        "orders_at_hand_fen": a.ORDERS * has_orders * sales,
        "order_backlog_fen": a.ORDERS * has_orders * sales,
        "property_value_fen": FEN * firms.property * worth,
        "largest_buyer_share": firms.anchor * state.anchored,
        "insured_people": np.rint(firms.staff * np.clip(state.size, 0, 4) ** city.STAFF_FOLLOWS),
    }


def _rights(firms: Firms, ages: Numbers) -> Numbers:
    """Rights that a firm of this kind and age usually holds: lane × kind, whole."""
    years = np.clip(ages - a.EXAMINED, 0, a.RIGHTS_AGE) / MONTHS_OF_A_YEAR
    rate, marks = _of_divisions(_rights_by_division(), firms), _of_divisions(_marks_by_division(), firms)
    usual = np.minimum(firms.inventive, rights.MOST_A_YEAR)[:, None] * rate
    usual[:, TRADEMARK] = marks
    held: Numbers = np.rint(usual * years[:, None])
    return held


def _of_rights(held: Numbers) -> dict[str, Numbers]:
    every, patents = held.sum(axis=1), held[:, INVENTION] + held[:, UTILITY]
    inventions = held[:, INVENTION]
    return {
        "ip_to_pledge": every,
        "ip_rights_held": every,
        "valid_patents": patents,
        "valid_inventions": inventions,
        "appraised_ip_fen": FEN * (a.RIGHT_WORTH[0] * inventions + a.RIGHT_WORTH[1] * (every - inventions)),
    }


def _sets(state: State, firms: Firms, rights_held: Numbers) -> dict[str, Flags]:
    makes = np.char.startswith(firms.division, MAKERS)
    pledges = (firms.property, makes, state.receivables >= a.LEAST_RECEIVABLES, firms.goods == "goods")
    return {
        "titles": firms.title[:, None] >= np.array(list(TITLES.values())),
        "ip_to_pledge_kinds": rights_held > 0,
        "collateral": np.stack(pledges, axis=1),
    }


def _words(state: State, firms: Firms) -> dict[str, Whole]:
    section = firms.division.astype("<U1")
    return {
        "district": np.searchsorted(DISTRICTS, firms.district),
        "tax_grade": state.grade,
        "industry_section": np.searchsorted(SECTIONS, section),
        "industry_division": np.searchsorted(DIVISIONS, firms.division),
        "legal_form": np.searchsorted(LEGAL_FORMS, firms.legal_form),
        "size_class": np.digitize(MONTHS_OF_A_YEAR * firms.sales, a.SIZES),
        "taxpayer_kind": firms.small_scale.astype(np.int64),
    }


def _of_divisions(table: Numbers, firms: Firms) -> Numbers:
    values: Numbers = table[np.searchsorted(DIVISIONS, firms.division)]
    return values


@cache
def _payment_codes() -> Numbers:
    """Share of receipts that usually comes by payment code, by division; none where it is hardly any."""
    shares = [bank.QR_RETAIL if one == bank.RETAIL else bank.QR.get(one[0], 0.0) for one in DIVISIONS.tolist()]
    return np.where(np.array(shares) >= a.LEAST_CODES, shares, 0.0)


@cache
def _rights_by_division() -> Numbers:
    """Rights granted for each that is applied for: division × kind."""
    granted = np.array([path.granted for path in rights.PATHS.values()])
    mixes = [rights.MIXES[_longest(rights.MIXES, division)] for division in DIVISIONS.tolist()]
    rates: Numbers = np.array([[mix.get(kind, 0.0) for kind in KINDS] for mix in mixes]) * granted
    return rates


@cache
def _marks_by_division() -> Numbers:
    """Trademarks granted a year, by division."""
    usual, often = rights.TRADEMARKS * rights.PATHS["trademark"].granted, rights.TRADEMARKS_BY
    return np.array([usual * often.get(_longest(often, division), 1.0) for division in DIVISIONS.tolist()])


def _longest(prefixes: Mapping[str, object], division: str) -> str:
    """The longest of some prefixes that a division begins with, "" where none does."""
    return max((prefix for prefix in prefixes if division.startswith(prefix)), key=len, default="")
