"""Names and units of all that screening can ask about an enterprise; signals.py makes the columns."""

from collections.abc import Mapping
from types import MappingProxyType

from features.definition import Feature
from features.sets import FEATURES
from features.standing.standing import NEEDED

EXTRA = (
    "paid_in_share", "missing_annual_reports", "on_serious_list", "adverse_parties", "missing_vat_months_24m",
    "tax_paid_12m", "tax_history_months", "tax_arrears_now", "tax_grade_level", "late_filings_share_24m",
    "input_output_tax_ratio_12m", "statement_net_margin", "sales_growth_12m", "sales_growth_2m_yoy", "purchases_12m",
    "active_months_12m", "new_buyer_sales_share_12m", "bank_inflow_12m", "days_since_last_inflow", "cash_days_12m",
    "bank_salary_months_12m", "headcount_growth_12m", "utility_months_12m", "electricity_silent_months_12m",
    "rights_held", "hnte_valid", "srdi_level", "tech_sme_valid", "dishonest_now", "consumption_limit_now",
    "account_frozen_now", "wage_arrears_now", "tax_lists_now", "enforcements_now", "adverse_events_36m",
    "major_penalties_36m", "environment_penalties_36m", "order_backlog", "backlog_to_sales_12m", "exports_12m",
    "loans_ever", "never_borrowed_reported", "bad_balance_share", "loans_written_off_60m", "recovery_reported",
    "days_past_due_now", "loan_days_past_due_now", "maturing_90d", "debt_to_sales_12m", "enquiring_lenders_6m",
    "revolving_use", "real_estate_held",
)  # fmt: skip

READ: tuple[Feature, ...] = tuple({one.name: one for one in (*NEEDED, *(FEATURES[name] for name in EXTRA))}.values())
"""Every feature that screening reads."""

ENTRY = (
    "status", "district", "legal_form", "taxpayer_kind", "premises_kind", "established_on",
)  # fmt: skip
"""What it reads of the newest entry in the register."""

DERIVED: Mapping[str, str] = MappingProxyType(
    {
        "minimum_age_months": "months",
        "fail_age_months": "months",
        "silent_days": "days",
        "days_without_inflow": "days",
        "purchases_share": "share",
        "related_sales_share": "share",
        "tax_to_sales": "share",
        "dark_months": "months",
        "listed_unreachable": "flag",
        "listed_unclear": "flag",
        "bad_loans": "flag",
        "worst_overdue_days": "days",
        "never_lent": "flag",
        "sales": "fen",
        "wanted_fen": "fen",
        "wanted_to_sales": "ratio",
        "need": "word",
        "zombie": "word",
        "shell": "word",
        "dormant_seasonal": "flag",
        "size_class": "word",
        "purpose": "word",
        "purpose_lawful": "word",
    }
)
"""What is worked out from them, with its unit."""

UNITS: Mapping[str, str] = MappingProxyType(
    {one.name: one.unit for one in READ} | dict.fromkeys(ENTRY, "word") | dict(DERIVED)
)
"""Unit of every column that a rule of screening may ask about."""

DAYS: Mapping[str, str] = MappingProxyType(
    {
        "dishonest_since": "dishonest_list",
        "consumption_limit_since": "consumption_limit",
        "frozen_since": "account_freeze",
        "tax_abnormal_since": "tax_abnormal",
        "tax_violation_since": "tax_violation_list",
        "enforced_since": "enforcement",
        "wage_arrears_since": "wage_arrears",
        "environment_penalty_on": "environment_penalty",
    }
)
"""Days on which an open event of the kind began: columns that a rule's `since` may name, beside these two."""

SINCE = frozenset({*DAYS, "listed_since", "established_on"})
