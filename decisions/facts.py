"""What is known of one enterprise on a day: named values, where an absent one is unknown and never a no."""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from decisions.fact_definitions import Value, facts
from features.ip.panels import SRDI_LEVELS
from features.tax.panels import BEST_LEVEL
from sources.contracts.tax import GRADES as TAX_GRADES

FROM_PROFILE: Mapping[str, str] = MappingProxyType(
    {
        "abnormal_list_entries": "on_abnormal_list",
        "sales_12m_fen": "sales_12m",
        "invoiced_months_12m": "active_months_12m",
        "longest_gap_days_12m": "longest_gap_days_12m",
        "invoices_12m": "invoices_issued_12m",
        "invoice_history_months": "months_observed",
        "sales_growth_12m": "sales_growth_12m",
        "sales_growth_6m_yoy": "sales_growth_6m_yoy",
        "tax_paid_12m_fen": "tax_paid_12m",
        "tax_growth_12m": "tax_growth_12m",
        "tax_history_months": "tax_history_months",
        "tax_arrears_fen": "tax_arrears_now",
        "debt_to_assets": "statement_debt_share",
        "rd_share": "statement_rd_intensity",
        "qr_inflow_12m_fen": "qr_inflow_12m",
        "settlement_inflow_12m_fen": "bank_inflow_12m",
        "ip_rights_held": "rights_held",
        "valid_inventions": "inventions_held",
        "debt_fen": "loan_balance",
        "debt_to_sales": "debt_to_sales_12m",
        "lenders": "lenders_now",
        "business_loans": "loans_open",
        "bank_loans_ever": "loans_ever",
        "enquiries_3m": "enquiring_lenders_3m",
        "enquiries_6m": "enquiring_lenders_6m",
        "principal_due_fen": "maturing_90d",
        "exports_12m_fen": "exports_12m",
        "duty_due_3m_fen": "duty_3m",
        "refund_receivable_fen": "tax_refund_pending",
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

GRADES: Mapping[float, str] = MappingProxyType(
    {float(BEST_LEVEL - rung): grade for rung, grade in enumerate(TAX_GRADES)}
)
"""Words of the feature `tax_grade_level`."""

LADDER: Mapping[float, str] = MappingProxyType({float(level): title for title, level in SRDI_LEVELS.items()})
"""Words of the feature `srdi_level`."""

TITLES: Mapping[str, str] = MappingProxyType({"tech_sme": "tech_sme_valid", "hnte": "hnte_valid"})
"""Words of the fact `titles` that are a flag of the profile."""

ON_SERIOUS_LIST = "on_serious_list"
NO_LISTING = "none"

READ: tuple[str, ...] = (
    *FROM_PROFILE.values(),
    *(name for names in SUMS.values() for name in names),
    "tax_grade_level",
    "srdi_level",
    *TITLES.values(),
    ON_SERIOUS_LIST,
)
"""Features that facts are taken from."""

FROM_REGISTRY: Mapping[str, str] = MappingProxyType(
    {
        "legal_form": "legal_form",
        "registry_status": "status",
        "district": "district",
        "registered_capital_fen": "registered_capital_fen",
    }
)


@dataclass(frozen=True)
class Need:
    """What the enterprise asks for; None = it did not say.

    Attributes:
        amount_fen: amount wished for.
        term_months: term wished for.
        urgency_days: days until the money is needed.
        collateral: codes that facts.toml lists for `collateral`; ("none",) = it offers none.
        ip_to_pledge, orders_at_hand: ids of rights and of contracts; empty = none.
    """

    amount_fen: int | None = None
    term_months: int | None = None
    purpose: str | None = None
    urgency_days: int | None = None
    collateral: tuple[str, ...] | None = None
    ip_to_pledge: tuple[str, ...] | None = None
    orders_at_hand: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Facts:
    """Known values by the names of facts.toml.

    Attributes:
        values: only what is known.
        need: what the enterprise asks for.
        since: the day from which a listing is in force, by its word, where that is told.
    """

    values: Mapping[str, Value]
    need: Need = field(default_factory=Need)
    since: Mapping[str, dt.date] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        foreign = set(self.values) - set(facts())
        if foreign:
            raise ValueError(f"got fact {min(foreign)!r}, expected names of facts.toml")

    def value(self, name: str) -> Value | None:
        """The known value, or None."""
        return self.values.get(name)

    def number(self, name: str) -> int | float | None:
        """The known value of a fact that is a number, or None."""
        value = self.values.get(name)
        return value if isinstance(value, int | float) else None

    @classmethod
    def of(
        cls,
        profile: Mapping[str, Any],
        registry: Mapping[str, Any] | None,
        *,
        as_of: dt.date,
        need: Need | None = None,
        listings: Mapping[str, dt.date] | None = None,
    ) -> "Facts":
        """Facts of one enterprise.

        Args:
            profile: its row of `features.profile.profiles`; nulls and absent features are unknown.
            registry: its newest row of the registry table known by `as_of`; None = not given.
            as_of: the day its age is counted to.
            need: what it asks for.
            listings: lists, freezes and the like in force against it, each with its first day; None = not given.
        """
        need = need or Need()
        found = _from_profile(profile) | _from_registry(registry or {}, as_of) | _from_need(need)
        found["listings"] = _listed(profile, listings)
        known = {name: value for name, value in found.items() if value is not None}
        return cls(MappingProxyType(known), need, MappingProxyType(dict(listings or {})))


def _from_profile(profile: Mapping[str, Any]) -> dict[str, Value | None]:
    found = {name: _number(profile.get(feature), facts()[name].unit) for name, feature in FROM_PROFILE.items()}
    for name, parts in SUMS.items():
        values = [_number(profile.get(part), "count") for part in parts]
        told = [value for value in values if isinstance(value, int | float)]
        found[name] = sum(told) if len(told) == len(parts) else None
    found["tax_grade"] = GRADES.get(profile.get("tax_grade_level") or 0)
    found["titles"] = _titles(profile)
    return found


def _number(value: float | None, unit: str) -> Value | None:
    if value is None or math.isnan(value):
        return None
    return value if unit == "share" else round(value)


def _titles(profile: Mapping[str, Any]) -> Value | None:
    """Titles held; unknown where certificates were not given."""
    level, flags = profile.get("srdi_level"), {word: profile.get(name) for word, name in TITLES.items()}
    if level is None or None in flags.values():
        return None
    return (*(word for word, held in flags.items() if held), *([LADDER[level]] if level in LADDER else []))


def _listed(profile: Mapping[str, Any], listings: Mapping[str, dt.date] | None) -> Value | None:
    """What is in force against the enterprise; ("none",) only where courts and lists were given."""
    found = (*(listings or {}), *(["serious_list"] if profile.get(ON_SERIOUS_LIST) else []))
    return found or (None if listings is None else (NO_LISTING,))


def _from_registry(registry: Mapping[str, Any], as_of: dt.date) -> dict[str, Value | None]:
    found: dict[str, Value | None] = {name: registry.get(column) for name, column in FROM_REGISTRY.items()}
    industry = registry.get("industry")
    found["industry_section"] = industry[:1] if industry else None
    established: dt.date | None = registry.get("established_on")
    found["firm_age_months"] = complete_months(established, as_of) if established else None
    return found


def _from_need(need: Need) -> dict[str, Value | None]:
    return {
        "collateral": need.collateral,
        "ip_to_pledge": None if need.ip_to_pledge is None else len(need.ip_to_pledge),
        "orders_at_hand": None if need.orders_at_hand is None else len(need.orders_at_hand),
    }


def complete_months(start: dt.date, end: dt.date) -> int:
    """Whole months from one day to another: 31 January to 28 February is none, to 1 March one."""
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)
