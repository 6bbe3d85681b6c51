"""One firm as screening sees it, at work and sound unless said otherwise, and small cities of them."""

import datetime as dt
from typing import Any

import polars as pl

from decisions.screening.activity import with_activity
from decisions.screening.columns import SINCE, UNITS
from decisions.screening.policy import ScreeningPolicy, screening_on
from decisions.screening.promise import with_priority, with_promise
from decisions.screening.screening import Screened
from decisions.screening.standards import with_standards

AS_OF = dt.date(2026, 10, 31)
CODE = "Y1110108XP000001X5"
FLAGS = ("zombie", "shell")
"""Made by screening itself."""

SCHEMA = {"enterprise_id": pl.String} | {
    name: pl.String if unit == "word" else pl.Float64 for name, unit in UNITS.items() if name not in FLAGS
} | dict.fromkeys(sorted(SINCE), pl.Date)  # fmt: skip

UNKNOWN: dict[str, Any] = dict.fromkeys(SCHEMA) | {
    "enterprise_id": CODE,
    "minimum_age_months": 12.0,
    "fail_age_months": 6.0,
}
SOUND: dict[str, Any] = UNKNOWN | dict.fromkeys([name for name, kind in SCHEMA.items() if kind == pl.Float64], 0.0) | {
    "status": "active", "district": "110108", "legal_form": "limited_company",
    "taxpayer_kind": "general", "premises_kind": "leased", "established_on": dt.date(2020, 5, 1), "size_class": "small",
    "age_months": 77.0, "minimum_age_months": 12.0, "fail_age_months": 6.0,
    "firms_at_address": 1.0,
    "firms_with_phone": 1.0, "firms_of_legal_rep": 1.0, "paid_in_share": 1.0, "headcount": 8.0, "sales_12m": 5e8,
    "declared_sales_12m": 5e8, "sales": 5e8, "purchases_12m": 3e8, "purchases_share": 0.6, "silent_days": 3.0,
    "days_without_inflow": 2.0, "days_since_last_inflow": 2.0, "vat_returns_365d": 12.0, "utility_months_12m": 12.0,
    "bank_salary_months_12m": 12.0, "statement_net_margin": 0.06, "tax_grade_level": 4.0, "tax_paid_12m": 1e7,
    "tax_history_months": 60.0, "revolving_use": 0.5, "need": "stated", "purpose": "working_capital",
    "purpose_lawful": "yes", "wanted_fen": 1e8, "wanted_to_sales": 0.2, "loans_ever": 2.0, "never_lent": 0.0,
}  # fmt: skip
SILENT: dict[str, Any] = SOUND | {
    "headcount": 0.0, "sales_12m": 0.0, "declared_sales_12m": 0.0, "sales": 0.0, "purchases_12m": 0.0,
    "purchases_share": None, "silent_days": 400.0, "days_without_inflow": 400.0, "vat_returns_365d": 0.0,
    "utility_months_12m": 0.0, "bank_salary_months_12m": 0.0,
}  # fmt: skip
SHELL: dict[str, Any] = SOUND | {
    "headcount": 0.0, "firms_at_address": 90.0, "firms_with_phone": 12.0, "paid_in_share": 0.0, "purchases_12m": 0.0,
    "purchases_share": 0.0, "utility_months_12m": 0.0, "bank_salary_months_12m": 0.0,
}  # fmt: skip


def policy() -> ScreeningPolicy:
    return screening_on(AS_OF)


def screened(*firms: dict[str, Any]) -> Screened:
    """The firms through everything that follows from their signals."""
    frame = pl.DataFrame(list(firms), schema=SCHEMA)
    rules = policy()
    seen = with_standards(with_activity(frame, rules), rules)
    return Screened(with_priority(with_promise(seen, rules), rules), AS_OF, rules)


def row_of(base: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """One firm, changed, as a row of what screening says."""
    return screened({**base, **changes}).firms.row(0, named=True)


def part_of_a_city(enterprises: int = 12) -> pl.DataFrame:
    """Firms to be visited: two districts with two towns each, priorities all different, categories in turn."""
    places = range(enterprises)
    return pl.DataFrame(
        {
            "enterprise_id": [f"firm-{place:03d}" for place in places],
            "town": [f"town-{place % 4}" for place in places],
            "visit_priority": [100 - place for place in places],
            "categories": [["tax_loan"] if place % 2 else ["ip_pledge"] for place in places],
        },
        schema_overrides={"categories": pl.List(pl.String)},
    )
