import datetime as dt

import polars as pl
import pytest

from decisions.fact_definitions import facts
from decisions.fact_sources import FROM_PROFILE, IP_KINDS_HELD, ON_SERIOUS_LIST, READ, SUMS, TITLES
from decisions.facts import Facts, Need
from features.profile import profiles
from features.sets import ALL, INVOICE_FLOW
from features.standing.size_class import CLASSES
from features.terms.named import complete_months
from features.terms.terms import TERMS
from sources.contracts import REGISTRY, VAT_INVOICES
from sources.contracts.ip import IP_KINDS
from sources.contracts.registry import LEGAL_FORMS, PREMISES_KINDS, REGISTRY_STATUSES, TAXPAYER_KINDS
from sources.records import Records

TODAY = dt.date(2026, 11, 22)
REGISTRY_ROW = {
    "legal_form": "limited_company",
    "status": "active",
    "established_on": dt.date(2024, 11, 23),
    "industry": "I6510",
    "district": "110108",
    "registered_capital_fen": 1_000_000_00,
    "taxpayer_kind": "small_scale",
    "premises_kind": "leased",
    "legal_rep_birth_year": 1980,
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
    words = dict.fromkeys(("srdi_level", *TITLES.values(), *IP_KINDS_HELD.values(), ON_SERIOUS_LIST), float("nan"))
    assert Facts.of(words, None, as_of=TODAY).values == {}


def test_what_is_read_from_a_profile_is_defined_once():
    assert {one.name for one in READ} <= {one.name for one in (*ALL, *TERMS)}
    assert len({one.name for one in READ}) == len(READ)
    assert {*FROM_PROFILE, *SUMS} <= set(facts())


def test_no_feature_that_only_terms_ask_about_is_one_of_the_sets():
    assert not {one.name for one in TERMS} & {one.name for one in ALL}


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


def test_the_registry_gives_age_trade_and_place():
    found = Facts.of({}, REGISTRY_ROW, as_of=TODAY)
    assert found.value("firm_age_months") == 23
    assert (found.value("industry_section"), found.value("industry_division")) == ("I", "I65")
    assert found.value("registry_status") == "active"
    assert (found.value("taxpayer_kind"), found.value("premises_kind")) == ("small_scale", "leased")


def test_the_age_of_the_legal_representative_is_that_reached_in_the_year():
    """Born in 1980, in 2026: 46, whether the birthday was or not."""
    assert Facts.of({}, REGISTRY_ROW, as_of=dt.date(2026, 1, 1)).value("legal_rep_age") == 46
    assert Facts.of({}, REGISTRY_ROW, as_of=dt.date(2026, 12, 31)).value("legal_rep_age") == 46


@pytest.mark.parametrize(
    ("code", "division"), [("I", None), ("I6", None), ("I65", "I65"), ("I6510", "I65"), (None, None)]
)
def test_a_division_is_known_from_two_digits_on(code, division):
    found = Facts.of({}, REGISTRY_ROW | {"industry": code}, as_of=TODAY)
    assert found.value("industry_division") == division
    assert found.value("industry_section") == (code and "I")


def test_the_need_says_what_is_asked_for_and_what_is_offered():
    need = Need(500_000_00, 12, "order", collateral=("none",), ip_to_pledge=(), orders_at_hand=("c-3",))
    assert Facts.of({}, None, as_of=TODAY, need=need).values == {
        "wanted_fen": 500_000_00,
        "wanted_months": 12,
        "purpose": "order",
        "collateral": ("none",),
        "ip_to_pledge": 0,
        "orders_at_hand": 1,
    }


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        ("legal_form", LEGAL_FORMS),
        ("registry_status", REGISTRY_STATUSES),
        ("taxpayer_kind", TAXPAYER_KINDS),
        ("premises_kind", PREMISES_KINDS),
        ("size_class", CLASSES),
        ("ip_kinds", ("none", *IP_KINDS)),
        ("ip_kinds", ("none", *IP_KINDS_HELD)),
        ("ip_to_pledge_kinds", ("none", *IP_KINDS)),
    ],
)
def test_the_codes_of_a_fact_are_those_of_its_table(fact, words):
    assert facts()[fact].words == tuple(words)


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


def test_kinds_of_rights_are_those_counted_and_none_is_told_as_such():
    nothing = dict.fromkeys(IP_KINDS_HELD.values(), 0.0)
    assert Facts.of(nothing, None, as_of=TODAY).value("ip_kinds") == ("none",)
    held = nothing | {"trademarks_held": 2.0, "inventions_held": 1.0}
    assert Facts.of(held, None, as_of=TODAY).value("ip_kinds") == ("invention", "trademark")
    assert Facts.of({"trademarks_held": 2.0}, None, as_of=TODAY).value("ip_kinds") is None


@pytest.mark.parametrize(
    ("instalments", "loans", "days"), [(12.0, 30.0, 30), (12.0, None, 12), (None, 0.0, 0), (None, None, None)]
)
def test_the_worse_of_instalments_and_loans_says_what_is_past_due(instalments, loans, days):
    profile = {"days_past_due_now": instalments, "loan_days_past_due_now": loans}
    assert Facts.of(profile, None, as_of=TODAY).value("days_past_due_now") == days


def test_who_owes_nothing_has_no_bad_debt_and_none_over_sales():
    """Shares of nothing are null in the profile."""
    found = Facts.of({"loan_balance": 0.0, "loans_ever": 2.0}, None, as_of=TODAY)
    assert (found.value("bad_balance_share"), found.value("debt_to_sales")) == (0, 0)
    assert found.value("overdue_months_24m") is None
    assert Facts.of({"loan_balance": 5.0}, None, as_of=TODAY).value("bad_balance_share") is None


def test_who_never_borrowed_was_never_late_though_no_instalments_are_given():
    found = Facts.of({"loan_balance": 0.0, "loans_ever": 0.0}, None, as_of=TODAY)
    names = ("longest_overdue_run_24m", "overdue_months_24m", "debt_service_12m_fen")
    assert [found.value(name) for name in names] == [0, 0, 0]


@pytest.mark.parametrize(
    ("offered", "free", "fen"),
    [
        (("real_estate",), 0.0, None),
        (("real_estate",), 7.0, 7),
        (("none",), 0.0, 0),
        (None, 0.0, 0),
        (None, None, None),
    ],
)
def test_real_estate_that_is_offered_and_not_on_record_has_yet_to_be_appraised(offered, free, fen):
    """It may be the owner's own."""
    found = Facts.of({"real_estate_free_value": free}, None, as_of=TODAY, need=Need(collateral=offered))
    assert found.value("property_value_fen") == fen
