"""Zombies, shells and lawful rest: each sign at its edge, and what follows while signs are unknown.

All stand on 15 March 2026.
"""

import datetime as dt

import polars as pl
import pytest
import samples_people
import samples_registry
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from samples import AS_OF, ENTERPRISES, invoice
from samples_registry import records_of_tables

from features.standing.inactive import inactivity
from features.standing.standing import NEEDED, standing
from sources.contracts import TABLES
from sources.records import Records

NAMES = {"status": pl.String, "industry": pl.String} | {one.name: pl.Float64 for one in NEEDED}

AT_WORK = dict.fromkeys(NAMES, 0.0) | {
    "status": "active", "industry": "C3525", "age_months": 60, "headcount": 8, "firms_at_address": 1,
    "firms_with_phone": 1, "firms_of_legal_rep": 1, "sales_12m": 1_000, "invoices_issued_12m": 30,
    "invoices_received_12m": 20, "days_since_last_sale": 5, "days_since_last_purchase": 9, "vat_returns_365d": 12,
}  # fmt: skip
SILENT = AT_WORK | {
    "headcount": 0, "vat_returns_365d": 0, "sales_12m": 0, "invoices_issued_12m": 0, "invoices_received_12m": 0,
    "days_since_last_sale": 365, "days_since_last_purchase": None,
}  # fmt: skip
UNKNOWN = dict.fromkeys(NAMES)


def judged(**firm):
    return inactivity(pl.DataFrame([firm], schema=NAMES), AS_OF).row(0, named=True)


def zombie(base, **other):
    return judged(**{**base, **other})["zombie"]


def test_a_firm_at_work_is_no_zombie_and_no_shell():
    seen = judged(**AT_WORK)
    assert (seen["zombie"], seen["shell_suspect"], seen["dormant_seasonal"]) == ("no", False, False)
    assert seen["zombie_evidence"] == seen["zombie_unknown"] == seen["shell_evidence"] == seen["excuses"] == []


def test_of_a_firm_without_any_data_nothing_is_said():
    seen = judged(**UNKNOWN)
    assert (seen["zombie"], seen["shell_suspect"], seen["dormant_seasonal"]) == (None, None, None)
    assert (len(seen["zombie_unknown"]), len(seen["shell_unknown"])) == (7, 7)


@pytest.mark.parametrize("status", ["revoked", "cancelled"])
def test_who_lost_the_registration_is_a_zombie_whatever_else_is_known(status):
    assert zombie(AT_WORK, status=status) == "hard"
    assert zombie(UNKNOWN, status=status) == "hard"


@pytest.mark.parametrize("status", ["moved_out", "in_liquidation"])
def test_other_ends_are_not_zombies(status):
    assert zombie(AT_WORK, status=status) == "no"


def test_silence_in_every_respect_for_a_year_is_a_zombie():
    seen = judged(**SILENT)
    assert seen["zombie"] == "hard"
    assert seen["zombie_evidence"] == ["no_vat_return", "no_invoice", "nobody_insured"]


@pytest.mark.parametrize(
    "sign_of_life",
    [
        {"headcount": 1},
        {"vat_returns_365d": 1},
        {"days_since_last_sale": 364},
        {"days_since_last_purchase": 364},
        {"age_months": 11},
    ],
)
def test_one_sign_of_life_is_enough(sign_of_life):
    assert zombie(SILENT, **sign_of_life) == "no"


@pytest.mark.parametrize("unseen", ["headcount", "vat_returns_365d", "invoices_issued_12m", "age_months", "status"])
def test_a_silence_that_was_not_seen_in_full_is_unknown(unseen):
    assert zombie(SILENT, **{unseen: None}) is None


def test_a_lawful_rest_excuses_silence_but_not_the_duties_towards_the_register():
    """歇业: no returns, no invoices, nobody insured is what was registered; the annual report is due all the same."""
    seen = judged(**SILENT | {"status": "suspended", "zero_filing_months_12m": 12})
    assert (seen["zombie"], seen["excuses"]) == ("no", ["lawful_rest"])
    assert zombie(SILENT, status="suspended", last_annual_report_missing=1) == "suspect"
    assert zombie(SILENT, status="suspended", on_abnormal_list=1) == "suspect"


@pytest.mark.parametrize(
    ("sign", "verdict"),
    [
        ({"zero_filing_months_12m": 5}, "no"),
        ({"zero_filing_months_12m": 6, "new_zero_filing_months_12m": 6}, "suspect"),
        ({"last_annual_report_missing": 1}, "suspect"),
        ({"on_abnormal_list": 1}, "suspect"),
    ],
)
def test_each_suspicion_is_enough(sign, verdict):
    assert zombie(AT_WORK, **sign) == verdict


def test_a_suspicion_stands_while_other_signs_are_unknown():
    assert zombie(UNKNOWN, on_abnormal_list=1) == "suspect"
    assert zombie(AT_WORK, zero_filing_months_12m=None) is None


@pytest.mark.parametrize(
    ("industry", "new", "verdict"),
    [
        ("A0111", 0, "no"),
        ("A0111", 5, "no"),
        ("A0111", 6, "suspect"),
        ("A0111", None, "suspect"),
        ("D4430", 0, "no"),
        ("C3525", 0, "suspect"),
        (None, 0, "suspect"),
    ],
)
def test_months_that_were_empty_last_year_too_are_no_sign_in_a_seasonal_trade(industry, new, verdict):
    seasonal = {"industry": industry, "zero_filing_months_12m": 8, "new_zero_filing_months_12m": new}
    seen = judged(**AT_WORK | seasonal)
    assert seen["zombie"] == verdict
    assert seen["excuses"] == (["seasonal"] if verdict == "no" else [])


SHELL_SIGNS = {
    "hardly_anybody_insured": ({"headcount": 1}, {"headcount": 2}),
    "sells_without_buying": ({"invoices_received_12m": 0}, {"invoices_received_12m": 1}),
    "crowded_address": ({"firms_at_address": 20}, {"firms_at_address": 19}),
    "shared_phone": ({"firms_with_phone": 5}, {"firms_with_phone": 4}),
    "legal_rep_of_many": ({"firms_of_legal_rep": 10}, {"firms_of_legal_rep": 9}),
    "sells_to_related": ({"top2_related_sales_12m": 901}, {"top2_related_sales_12m": 900}),
    "money_passes_through": ({"quick_turn_share_12m": 0.95}, {"quick_turn_share_12m": 0.94}),
}


@pytest.mark.parametrize("code", SHELL_SIGNS)
def test_each_sign_of_a_shell_at_its_edge(code):
    beyond, within = SHELL_SIGNS[code]
    assert judged(**AT_WORK | beyond)["shell_evidence"] == [code]
    assert judged(**AT_WORK | within)["shell_evidence"] == []


def with_signs(number):
    return {name: value for beyond, _ in list(SHELL_SIGNS.values())[:number] for name, value in beyond.items()}


@pytest.mark.parametrize(("number", "suspect"), [(2, False), (3, True), (7, True)])
def test_three_signs_make_a_suspected_shell(number, suspect):
    assert judged(**AT_WORK | with_signs(number))["shell_suspect"] is suspect


def test_a_young_firm_is_no_shell_yet():
    assert judged(**AT_WORK | with_signs(7) | {"age_months": 11})["shell_suspect"] is False
    assert judged(**AT_WORK | with_signs(7) | {"age_months": 12})["shell_suspect"] is True


def test_unseen_signs_leave_a_shell_open_only_while_they_could_make_up_three():
    two = AT_WORK | with_signs(2)
    assert judged(**two | {"quick_turn_share_12m": None})["shell_suspect"] is None
    one = AT_WORK | with_signs(1)
    assert judged(**one | {"quick_turn_share_12m": None})["shell_suspect"] is False
    three = judged(**AT_WORK | with_signs(3) | {"quick_turn_share_12m": None})
    assert (three["shell_suspect"], three["shell_unknown"]) == (True, ["money_passes_through"])


def test_no_sales_at_all_are_no_sales_to_related_firms():
    assert judged(**AT_WORK | {"sales_12m": 0, "top2_related_sales_12m": 0})["shell_evidence"] == []


# Standing, from records ----------------------------------------------------------------------------------------------


def entered(**given):
    names = [name for name in TABLES["registry"].dtypes if name not in {"enterprise_id", "known_on"}]
    known = {"enterprise_id": ENTERPRISES[0], "known_on": dt.date(2026, 1, 1)}
    return dict.fromkeys(names) | known | given


def sale(day, net, buyer="c-1"):
    row = dict.fromkeys(TABLES["vat_invoices"].dtypes) | {"enterprise_id": ENTERPRISES[0], "direction": "issued"}
    return row | {"number": f"{day}{net}", "issued_on": day, "known_on": day, "counterparty": buyer} | money(net)


def money(net):
    return {"net_fen": net, "vat_fen": 0}


def vat_return(month, sales):
    """A monthly return filed on the tenth of the next month; months count on from January 2024."""
    start, after = (dt.date(2024 + number // 12, number % 12 + 1, 1) for number in (month, month + 1))
    row = dict.fromkeys(TABLES["tax_filings"].dtypes) | {"enterprise_id": ENTERPRISES[0], "tax_type": "vat"}
    row |= {"period_start": start, "period_end": after - dt.timedelta(days=1), "taxable_sales_fen": sales, "due_fen": 0}
    filed_on = after + dt.timedelta(days=9)
    return row | {"due_on": filed_on, "filed_on": filed_on, "known_on": filed_on}


def facts_of(**tables):
    known = standing(records_of_tables(tables), AS_OF)
    return known.filter(enterprise_id=ENTERPRISES[0]).row(0, named=True)


def test_every_firm_in_scope_has_a_row_and_nothing_is_known_of_one_without_data():
    known = standing(Records.of({}, enterprises=pl.Series(ENTERPRISES)), AS_OF)
    assert known["enterprise_id"].to_list() == sorted(ENTERPRISES)
    row = known.row(0, named=True)
    assert [row[name] for name in ("industry_section", "size_class", "zombie", "shell_suspect")] == [None] * 4
    assert row["size_unknown"] == ["industry", "employees", "revenue", "assets"]


def test_the_class_rests_on_the_newest_entry_and_says_on_what():
    """40 people and 4 million yuan make small; the older entry with 5 people would be micro."""
    old = entered(industry="C3525", employees=5, known_on=dt.date(2025, 1, 1))
    row = facts_of(
        registry=[entered(industry="C3525", employees=40), old], vat_invoices=[sale(dt.date(2026, 2, 1), 4 * 10**8)]
    )
    assert (row["size_class"], row["industry_section"]) == ("small", "C")
    assert row["size_evidence"] == ["employees_from_registry", "revenue_from_invoices"]
    assert row["size_unknown"] == []


def test_insured_people_stand_in_for_employees_but_nobody_insured_proves_nothing():
    month = {"enterprise_id": ENTERPRISES[0], "month": dt.date(2026, 2, 1), "headcount": 12, "due_fen": 1}
    month |= {"declared_on": dt.date(2026, 2, 15), "known_on": dt.date(2026, 2, 15)}
    insured = dict.fromkeys(TABLES["social_insurance"].dtypes) | month
    seen = facts_of(registry=[entered(industry="M7310")], social_insurance=[insured])
    assert (seen["size_class"], seen["size_evidence"]) == ("small", ["employees_from_insurance"])
    seen = facts_of(registry=[entered(industry="M7310")], social_insurance=[insured | {"headcount": 0}])
    assert (seen["size_class"], seen["size_unknown"]) == (None, ["employees", "revenue", "assets"])


def test_the_larger_of_declared_and_invoiced_sales_is_the_revenue():
    """Declared: twelve times 1 million yuan; invoiced: 2 million."""
    returns = [vat_return(month, 10**8) for month in range(26)]
    seen = facts_of(
        registry=[entered(industry="I6513", employees=150)],
        vat_invoices=[sale(dt.date(2026, 2, 1), 2 * 10**8)],
        tax_filings=returns,
    )
    assert (seen["size_class"], seen["size_evidence"][1]) == ("medium", "revenue_from_vat_returns")


@pytest.mark.parametrize(("industry", "verdict"), [("A0111", "no"), ("C3525", "suspect")])
def test_a_winter_without_sales_is_seasonal_on_a_farm_only(industry, verdict):
    """Sales from June to October of both years, returns of zero in the seven other months."""
    returns = [vat_return(month, 10**6 if month % 12 in range(5, 10) else 0) for month in range(26)]
    reports = [
        dict.fromkeys(TABLES["registry_changes"].dtypes)
        | {"enterprise_id": ENTERPRISES[0], "kind": "annual_report", "report_year": year}
        | {"on": dt.date(year + 1, 5, 1), "known_on": dt.date(year + 1, 5, 1)}
        for year in (2023, 2024)
    ]
    entry = entered(industry=industry, status="active", established_on=dt.date(2015, 1, 1))
    seen = facts_of(registry=[entry], registry_changes=reports, tax_filings=returns)
    assert (seen["zombie"], seen["dormant_seasonal"]) == (verdict, verdict == "no")


def test_sales_to_related_buyers_are_those_to_the_two_largest_of_them():
    """To p-1 60, to p-2 35, to the stranger 5 of 100; p-3 was related until February only."""
    party = {"enterprise_id": ENTERPRISES[0], "kind": "shareholder", "since": dt.date(2020, 1, 1)}
    party |= {"share_bp": None, "until": None, "adverse_on": None, "known_on": dt.date(2020, 1, 1)}
    related = [{**party, "party": name} for name in ("p-1", "p-2")]
    related.append({**party, "party": "p-3", "until": dt.date(2026, 2, 28)})
    day = dt.date(2026, 2, 1)
    sales = [sale(day, 60, "p-1"), sale(day, 35, "p-2"), sale(day, 5, "p-4")]
    assert "sells_to_related" in facts_of(vat_invoices=sales, related_parties=related)["shell_evidence"]
    sales = [sale(day, 60, "p-1"), sale(day, 5, "p-2"), sale(day, 35, "p-3")]
    assert "sells_to_related" not in facts_of(vat_invoices=sales, related_parties=related)["shell_evidence"]


everything = st.fixed_dictionaries(
    {"vat_invoices": st.lists(invoice(), max_size=20), **samples_registry.STRATEGIES, **samples_people.STRATEGIES}
)


def whole(tables):
    """Invoices as the samples make them lack the columns that may be null."""
    names = TABLES["vat_invoices"].dtypes
    return tables | {"vat_invoices": [dict.fromkeys(names) | row for row in tables["vat_invoices"]]}


@settings(max_examples=25)
@given(everything)
def test_standing_is_the_same_alone_and_in_a_batch_and_blind_to_the_future(tables):
    tables = whole(tables)
    together = standing(records_of_tables(tables), AS_OF)
    for code in ENTERPRISES:
        alone = standing(records_of_tables(tables).only(pl.Series([code])), AS_OF)
        assert_frame_equal(alone, together.filter(enterprise_id=code))
    later = {
        name: rows + [row | {"known_on": AS_OF + dt.timedelta(days=1)} for row in rows] for name, rows in tables.items()
    }
    assert_frame_equal(standing(records_of_tables(later), AS_OF), together)
