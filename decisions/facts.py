"""What is known of one enterprise on a day: named values, where an absent one is unknown and never a no."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from decisions.fact_definitions import Value, facts
from decisions.fact_sources import NONE, Found, from_profile, from_registry, is_on_serious_list, size_class

REAL_ESTATE = "real_estate"


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
        not_found: ids of rights and contracts that `need` names and the records, which were given, do not have.
        not_usable: ids of rights that it names and that are not held on the day (pending, over, fees in arrears, used
            under licence), and of contracts of which nothing is to be delivered any more.
    """

    values: Mapping[str, Value]
    need: Need = field(default_factory=Need)
    since: Mapping[str, dt.date] = field(default_factory=lambda: MappingProxyType({}))
    not_found: tuple[str, ...] = ()
    not_usable: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        foreign = self.values.keys() - facts().keys()
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
        """Facts of one enterprise, but for those of the rights and contracts that its need names.

        Args:
            profile: its row of `features.profile.profiles` with the features of `decisions.fact_sources.READ`; nulls
                and absent features are unknown.
            registry: its newest row of the registry table known by `as_of`; None = not given.
            as_of: the day its age is counted to.
            need: what it asks for.
            listings: lists, freezes and the like in force against it, each with its first day; None = not given.
        """
        need = need or Need()
        found = from_profile(profile) | from_registry(registry or {}, as_of) | _from_need(need)
        found["size_class"] = size_class(profile, registry or {}, as_of)
        found["listings"] = _listed(profile, listings)
        if REAL_ESTATE in (need.collateral or ()) and not found["property_value_fen"]:
            found["property_value_fen"] = None
        known = {name: value for name, value in found.items() if value is not None}
        return cls(MappingProxyType(known), need, MappingProxyType(dict(listings or {})))


def _listed(profile: Mapping[str, Any], listings: Mapping[str, dt.date] | None) -> Value | None:
    """What is in force against the enterprise; ("none",) only where courts and lists were given."""
    found = (*(listings or {}), *(["serious_list"] if is_on_serious_list(profile) else []))
    return found or (None if listings is None else (NONE,))


def _from_need(need: Need) -> Found:
    return {
        "collateral": need.collateral,
        "ip_to_pledge": None if need.ip_to_pledge is None else len(need.ip_to_pledge),
        "orders_at_hand": None if need.orders_at_hand is None else len(need.orders_at_hand),
        "wanted_fen": need.amount_fen,
        "wanted_months": need.term_months,
        "purpose": need.purpose,
    }
