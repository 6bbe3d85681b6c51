import datetime as dt

import polars as pl
import pytest

from decisions.fact_definitions import facts
from decisions.facts import FROM_PROFILE, READ, SUMS, Facts, Need, complete_months
from features.profile import profiles
from features.sets import FEATURES, INVOICE_FLOW
from sources.contracts import REGISTRY, VAT_INVOICES
from sources.contracts.registry import LEGAL_FORMS, REGISTRY_STATUSES
from sources.records import Records

TODAY = dt.date(2026, 11, 22)
REGISTRY_ROW = {
    "legal_form": "limited_company",
    "status": "active",
    "established_on": dt.date(2024, 11, 23),
    "industry": "I6510",
    "district": "110108",
    "registered_capital_fen": 1_000_000_00,
}


def test_what_has_no_source_is_unknown():
    found = Facts.of({}, None, as_of=TODAY)
    assert found.values == {}
    assert found.value("tax_grade") is None


def test_the_profile_gives_the_facts_of_the_invoice_flow():
    profile = {"sales_12m": 8e8, "active_months_12m": 11.0, "longest_gap_days_12m": None, "sales_growth_12m": 0.125}
    found = Facts.of(profile, None, as_of=TODAY)
    assert found.values == {"sales_12m_fen": 800_000_000, "invoiced_months_12m": 11, "sales_growth_12m": 0.125}


def test_not_a_number_is_unknown():
    assert Facts.of({"sales_12m": float("nan")}, None, as_of=TODAY).value("sales_12m_fen") is None


def test_every_fact_taken_from_a_profile_is_a_feature():
    assert set(READ) <= set(FEATURES)
    assert {*FROM_PROFILE, *SUMS, "tax_grade", "titles", "listings"} <= set(facts())


def test_a_real_profile_row_and_registry_row_are_accepted():
    code = "Y1110108XP000001X5"
    rows = pl.DataFrame(
        {
            "enterprise_id": [code],
            "direction": ["issued"],
            "code": [None],
            "number": ["1"],
            "issued_on": [dt.date(2026, 9, 1)],
        }
        | {
            "counterparty": ["c"],
            "net_fen": [5_000_00],
            "vat_fen": [300_00],
            "voided_on": [None],
            "red_letter_of": [None],
        }
        | {"known_on": [dt.date(2026, 9, 1)]}
    )
    registry = pl.DataFrame([{"enterprise_id": code, "known_on": TODAY} | REGISTRY_ROW], schema=REGISTRY.dtypes)
    records = Records.of({"vat_invoices": VAT_INVOICES.typed(rows), "registry": registry})
    profile = profiles(records, INVOICE_FLOW, TODAY).row(0, named=True)
    found = Facts.of(profile, registry.row(0, named=True), as_of=TODAY)
    assert found.value("sales_12m_fen") == 5_000_00
    assert found.value("district") == "110108"


def test_the_registry_gives_age_section_and_place():
    found = Facts.of({}, REGISTRY_ROW, as_of=TODAY)
    assert found.value("firm_age_months") == 23
    assert found.value("industry_section") == "I"
    assert found.value("registry_status") == "active"


def test_the_need_says_what_is_offered_as_security():
    found = Facts.of({}, None, as_of=TODAY, need=Need(collateral=("none",), ip_to_pledge=(), orders_at_hand=("c-3",)))
    assert found.values == {"collateral": ("none",), "ip_to_pledge": 0, "orders_at_hand": 1}


def test_the_codes_of_the_register_are_those_of_its_table():
    assert facts()["legal_form"].words == tuple(LEGAL_FORMS)
    assert facts()["registry_status"].words == tuple(REGISTRY_STATUSES)


def test_a_misspelt_fact_is_refused():
    with pytest.raises(ValueError, match="got fact 'tax_grad'"):
        Facts({"tax_grad": "A"})


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (dt.date(2024, 11, 22), dt.date(2026, 11, 22), 24),
        (dt.date(2024, 11, 23), dt.date(2026, 11, 22), 23),
        (dt.date(2026, 1, 31), dt.date(2026, 2, 28), 0),
        (dt.date(2026, 1, 31), dt.date(2026, 3, 1), 1),
    ],
)
def test_age_counts_complete_months(start, end, months):
    assert complete_months(start, end) == months


def test_a_sum_is_unknown_while_a_part_of_it_is():
    assert Facts.of({"inventions_held": 2.0, "utility_models_held": 3.0}, None, as_of=TODAY).value("valid_patents") == 5
    assert Facts.of({"inventions_held": 2.0}, None, as_of=TODAY).value("valid_patents") is None


def test_grade_and_titles_are_told_in_words():
    profile = {"tax_grade_level": 4.0, "srdi_level": 2.0, "tech_sme_valid": 0.0, "hnte_valid": 1.0}
    found = Facts.of(profile, None, as_of=TODAY)
    assert (found.value("tax_grade"), found.value("titles")) == ("B", ("hnte", "srdi"))
    assert Facts.of({"tax_grade_level": None, "hnte_valid": 1.0}, None, as_of=TODAY).values == {}


@pytest.mark.parametrize(("tech_sme", "titles"), [(1.0, ("tech_sme",)), (0.0, ())])
def test_a_firm_off_the_ladder_of_titles_has_none_of_its_words(tech_sme, titles):
    found = Facts.of({"srdi_level": 0.0, "tech_sme_valid": tech_sme, "hnte_valid": 0.0}, None, as_of=TODAY)
    assert found.value("titles") == titles
