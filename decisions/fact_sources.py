"""Where each fact comes from: a feature of the profile, the newest entry in the register, or the enterprise's word."""

import datetime as dt
import math
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from decisions.fact_definitions import Value, facts
from features.definition import Feature
from features.ip.panels import SRDI_LEVELS
from features.sets import FEATURES
from features.standing.standing import SIZE_NEEDED
from features.tax.panels import BEST_LEVEL
from features.terms.named import complete_months
from features.terms.size_of_one import size_class_of
from features.terms.terms import TERMS
from sources.contracts.tax import GRADES as TAX_GRADES

Found = dict[str, Value | None]
"""Facts by name; None = unknown."""

STATED_ONLY: tuple[str, ...] = (
    "ownership",
    "applicant_share",
    "assets_at_bank_fen",
    "new_hires_share",
    "appraised_ip_fen",
    "products_held",
    "insured_receivable_fen",
)
"""Facts that no table tells: only the enterprise or a bank can state them, except what NOTHING_WITHOUT settles."""

NOTHING_WITHOUT: Mapping[str, str] = MappingProxyType(
    {"appraised_ip_fen": "ip_rights_held", "insured_receivable_fen": "exports_12m_fen"}
)
"""Stated facts that are zero where another is known to be: without rights nothing is appraised, without exports no
receivable is insured."""

FROM_PROFILE: Mapping[str, str] = MappingProxyType(
    {
        "abnormal_list_entries": "on_abnormal_list",
        "legal_rep_stable_months": "legal_rep_stable_months",
        "sales_12m_fen": "sales_12m",
        "invoiced_months_12m": "active_months_12m",
        "longest_gap_days_12m": "longest_gap_days_12m",
        "invoices_12m": "invoices_issued_12m",
        "invoice_history_months": "months_observed",
        "sales_growth_12m": "sales_growth_12m",
        "sales_growth_6m_yoy": "sales_growth_6m_yoy",
        "sales_growth_3m_yoy": "sales_growth_3m_yoy",
        "largest_buyer_share": "top1_buyer_share_12m",
        "declared_sales_12m_fen": "declared_sales_12m",
        "tax_paid_12m_fen": "tax_paid_12m",
        "tax_growth_12m": "tax_growth_12m",
        "tax_history_months": "tax_history_months",
        "months_since_tax_paid": "months_since_tax_paid",
        "longest_untaxed_months": "longest_untaxed_months_24m",
        "zero_filings_12m": "zero_vat_filings_12m",
        "missing_filings_24m": "missing_vat_filings_24m",
        "tax_arrears_fen": "tax_arrears_now",
        "net_profit_fen": "statement_net_profit",
        "debt_to_assets": "statement_debt_share",
        "rd_share": "statement_rd_intensity",
        "rd_12m_fen": "statement_rd_expense",
        "qr_inflow_12m_fen": "qr_inflow_12m",
        "settlement_inflow_12m_fen": "bank_inflow_12m",
        "net_inflow_12m_fen": "bank_net_flow_12m",
        "insured_people": "headcount",
        "insurance_arrears_fen": "insurance_arrears",
        "ip_rights_held": "rights_held",
        "valid_inventions": "inventions_held",
        "debt_fen": "loan_balance",
        "debt_to_sales": "debt_to_sales_12m",
        "idle_lines_fen": "idle_lines",
        "lenders": "lenders_now",
        "business_loans": "loans_open",
        "bank_loans_ever": "loans_ever",
        "enquiries_1m": "loan_enquiries_1m",
        "enquiries_3m": "loan_enquiries_3m",
        "enquiries_6m": "loan_enquiries_6m",
        "longest_overdue_run_24m": "longest_late_run_24m",
        "overdue_months_24m": "late_months_24m",
        "bad_balance_share": "bad_balance_share",
        "debt_service_12m_fen": "debt_service_12m",
        "principal_due_fen": "maturing_90d",
        "days_to_maturity": "days_to_maturity",
        "loan_lawsuits_open": "loan_disputes_now",
        "ip_lawsuits_open": "ip_suits_now",
        "penalties_24m": "penalties_24m",
        "environment_penalties_36m": "environment_penalties_36m",
        "exports_12m_fen": "exports_12m",
        "largest_market_share": "largest_market_share_12m",
        "order_backlog_fen": "order_backlog",
        "duty_due_3m_fen": "duty_3m",
        "refund_receivable_fen": "tax_refund_pending",
        "government_awards": "government_awards",
        "property_value_fen": "real_estate_free_value",
    }
)
"""Facts that are a feature of the profile."""

SUMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "valid_patents": ("inventions_held", "utility_models_held"),
        "open_lawsuits": ("suits_against_now", "enforcements_now"),
    }
)
"""Facts that are the sum of features."""

DAYS_PAST_DUE: tuple[str, ...] = ("days_past_due_now", "loan_days_past_due_now")
"""Instalments and loans each tell how long something is past due; the worse of those known counts."""

IP_KINDS_HELD: Mapping[str, str] = MappingProxyType(
    {
        "invention": "inventions_held",
        "utility_model": "utility_models_held",
        "design": "designs_held",
        "software": "software_held",
        "layout_design": "layout_designs_held",
        "plant_variety": "plant_varieties_held",
        "trademark": "trademarks_held",
    }
)
"""Words of the fact `ip_kinds`, each with the feature that counts such rights."""

GRADES: Mapping[float, str] = MappingProxyType(
    {float(BEST_LEVEL - rung): grade for rung, grade in enumerate(TAX_GRADES)}
)
"""Words of the feature `tax_grade_level`."""

LADDER: Mapping[float, str] = MappingProxyType({float(level): title for title, level in SRDI_LEVELS.items()})
"""Words of the feature `srdi_level`."""

TITLES: Mapping[str, str] = MappingProxyType({"tech_sme": "tech_sme_valid", "hnte": "hnte_valid"})
"""Words of the fact `titles` that are a flag of the profile."""

ON_SERIOUS_LIST = "on_serious_list"
SIZE_CLASS = "size_class"
"""Column that names the size class, which profiles beside peers have at their end."""

NONE = "none"
DIVISION = 3
"""Characters of a division of GB/T 4754: a letter and two digits."""

FROM_REGISTRY: Mapping[str, str] = MappingProxyType(
    {
        "legal_form": "legal_form",
        "registry_status": "status",
        "district": "district",
        "registered_capital_fen": "registered_capital_fen",
        "taxpayer_kind": "taxpayer_kind",
        "premises_kind": "premises_kind",
    }
)
"""Facts that are a column of the newest entry in the register."""


IN_WORDS = ("tax_grade_level", "srdi_level", ON_SERIOUS_LIST)
"""Features that are told in words."""


def _read() -> tuple[Feature, ...]:
    by_name = {**FEATURES, **{one.name: one for one in TERMS}}
    summed = (name for names in SUMS.values() for name in names)
    held = IP_KINDS_HELD.values()
    names = (*FROM_PROFILE.values(), *summed, *DAYS_PAST_DUE, *held, *TITLES.values(), *IN_WORDS)
    wanted = (*(by_name[name] for name in names), *SIZE_NEEDED)
    return tuple({one.name: one for one in wanted}.values())


READ: tuple[Feature, ...] = _read()
"""Features that facts are taken from, those of the size class included."""


def from_profile(profile: Mapping[str, Any]) -> Found:
    """Facts that features tell; nulls, not-a-numbers and features that are not there are unknown."""
    found: Found = {name: read(profile.get(feature)) for name, feature, read in _plan()}
    for name, parts in SUMS.items():
        values = [_whole(profile.get(part)) for part in parts]
        found[name] = None if None in values else sum(value for value in values if value is not None)
    past_due = [days for days in (_whole(profile.get(name)) for name in DAYS_PAST_DUE) if days is not None]
    found["days_past_due_now"] = max(past_due, default=None)
    found |= {name: zero for name, zero in _zeros(found).items() if found[name] is None}
    found |= {name: 0 for name, source in NOTHING_WITHOUT.items() if found[source] == 0}
    found["tax_grade"] = GRADES.get(profile.get("tax_grade_level") or 0)
    found["titles"] = _titles(profile)
    found["ip_kinds"] = _ip_kinds(profile)
    return found


def is_on_serious_list(profile: Mapping[str, Any]) -> bool:
    """Whether the profile says so; unknown is no."""
    return bool(_whole(profile.get(ON_SERIOUS_LIST)))


def _zeros(found: Found) -> Found:
    """What is zero for who owes nothing, and for who never borrowed, whatever else was given."""
    if found["debt_fen"] != 0:
        return {}
    nothing_owed: Found = {"bad_balance_share": 0.0, "debt_to_sales": 0.0}
    never_late: Found = {"longest_overdue_run_24m": 0, "overdue_months_24m": 0, "debt_service_12m_fen": 0}
    return nothing_owed | never_late if found["bank_loans_ever"] == 0 else nothing_owed


@cache
def _plan() -> tuple[tuple[str, str, Callable[[float | None], int | float | None]], ...]:
    """Each fact that is a feature, with the feature, and how its value is read."""
    shares = {name for name in FROM_PROFILE if facts()[name].unit == "share"}
    return tuple((name, feature, _share if name in shares else _whole) for name, feature in FROM_PROFILE.items())


def _share(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else value


def _whole(value: float | None) -> int | None:
    return None if value is None or math.isnan(value) else round(value)


def _titles(profile: Mapping[str, Any]) -> Value | None:
    """Titles held; unknown where certificates were not given."""
    level, flags = _whole(profile.get("srdi_level")), {word: _whole(profile.get(name)) for word, name in TITLES.items()}
    if level is None or None in flags.values():
        return None
    return (*(word for word, held in flags.items() if held), *([LADDER[level]] if level in LADDER else []))


def _ip_kinds(profile: Mapping[str, Any]) -> Value | None:
    """Kinds of rights held, ("none",) without one; unknown where rights were not given."""
    counts = {kind: _whole(profile.get(feature)) for kind, feature in IP_KINDS_HELD.items()}
    if None in counts.values():
        return None
    return tuple(kind for kind, count in counts.items() if count) or (NONE,)


def from_registry(registry: Mapping[str, Any], as_of: dt.date) -> Found:
    """Facts of an entry in the register; an empty mapping = none is known.

    The age of the legal representative is the one reached in the calendar year, for the register tells a birth year
    only: for part of the year it is one more than the age in full years.
    """
    found: Found = {name: registry.get(column) for name, column in FROM_REGISTRY.items()}
    industry: str = registry.get("industry") or ""
    found["industry_section"] = industry[:1] or None
    found["industry_division"] = industry[:DIVISION] if len(industry) >= DIVISION else None
    established: dt.date | None = registry.get("established_on")
    found["firm_age_months"] = complete_months(established, as_of) if established else None
    birth_year: int | None = registry.get("legal_rep_birth_year")
    found["legal_rep_age"] = as_of.year - birth_year if birth_year else None
    return found


def size_class(profile: Mapping[str, Any], registry: Mapping[str, Any], as_of: dt.date) -> Value | None:
    """The size class that the profile names, or that profile and register settle."""
    if SIZE_CLASS in profile:
        named: str | None = profile[SIZE_CLASS]
        return named
    return size_class_of(profile, registry, as_of)
