"""What is known of one enterprise on a day: named values, where an absent one is unknown and never a no."""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from decisions.fact_definitions import Value, facts

FROM_PROFILE: Mapping[str, str] = MappingProxyType(
    {
        "sales_12m_fen": "sales_12m",
        "invoiced_months_12m": "active_months_12m",
        "longest_gap_days_12m": "longest_gap_days_12m",
        "invoices_12m": "invoices_issued_12m",
        "invoice_history_months": "months_observed",
        "sales_growth_12m": "sales_growth_12m",
        "sales_growth_6m_yoy": "sales_growth_6m_yoy",
    }
)
"""Facts that are a feature of the profile. Every other one without a source yet stays unknown."""

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
    """

    values: Mapping[str, Value]
    need: Need = field(default_factory=Need)

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
    ) -> "Facts":
        """Facts of one enterprise.

        Args:
            profile: its row of `features.profile.profiles`; nulls and absent features are unknown.
            registry: its newest row of the registry table known by `as_of`; None = not given.
            as_of: the day its age is counted to.
            need: what it asks for.
        """
        need = need or Need()
        found = _from_profile(profile) | _from_registry(registry or {}, as_of) | _from_need(need)
        return cls(MappingProxyType({name: value for name, value in found.items() if value is not None}), need)


def _from_profile(profile: Mapping[str, Any]) -> dict[str, Value | None]:
    return {name: _number(profile.get(feature), facts()[name].unit) for name, feature in FROM_PROFILE.items()}


def _number(value: float | None, unit: str) -> Value | None:
    if value is None or math.isnan(value):
        return None
    return value if unit == "share" else round(value)


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
