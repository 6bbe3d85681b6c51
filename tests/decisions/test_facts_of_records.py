"""Facts of an enterprise that every table tells of, of one of which nothing is told, and of what a need names."""

import datetime as dt

import polars as pl
import pytest

from decisions.fact_definitions import facts
from decisions.fact_sources import READ, STATED_ONLY
from decisions.facts import Need
from decisions.facts_of_records import facts_of, facts_of_all
from features.profile import profiles
from sources.contracts import CONSENTS, TABLES
from sources.records import Records

TODAY = dt.date(2026, 11, 22)
CODE, OTHER = "Y1110108XP000001X5", "Y1110108XP000002X2"
NOTHING = Need()


def day(text):
    return dt.date.fromisoformat(text)


ENTRY = {
    "legal_form": "limited_company",
    "status": "active",
    "established_on": day("2019-05-06"),
    "industry": "I6510",
    "district": "110108",
    "registered_capital_fen": 1_000_000_00,
    "employees": 20,
    "taxpayer_kind": "general",
    "premises_kind": "leased",
    "legal_rep_birth_year": 1980,
}
PATENT = {"right": "zl-1", "kind": "invention", "applied_on": day("2020-06-15"), "granted_on": day("2022-01-01")}
CONTRACT = {
    "order": "ht-1",
    "buyer": "b",
    "buyer_kind": "government",
    "signed_on": day("2026-08-01"),
    "amount_fen": 900_00,
    "delivered_fen": 300_00,
    "due_on": day("2027-02-01"),
}
LOAN = {
    "loan": "l-1",
    "lender": "bank",
    "lender_kind": "bank",
    "kind": "working_capital",
    "five_class": "normal",
    "granted_on": day("2026-01-01"),
    "amount_fen": 500_00,
    "matures_on": day("2027-01-01"),
    "balance_fen": 500_00,
    "days_past_due": 0,
}
FREEZE = {"case": "f", "kind": "account_freeze", "opened_on": day("2026-05-01")}


def _invoice(on):
    return {
        "direction": "issued",
        "number": on,
        "issued_on": day(on),
        "counterparty": "c",
        "net_fen": 100_00,
        "vat_fen": 600,
    }


def _filing(end, months):
    first = day(end).replace(day=1, month=day(end).month - months + 1)
    filed_on = day(end) + dt.timedelta(days=10)
    return {
        "tax_type": "vat",
        "period_start": first,
        "period_end": day(end),
        "taxable_sales_fen": 300_00,
        "due_fen": 18_00,
        "filed_on": filed_on,
        "paid_on": filed_on,
    }


def _quarters():
    ends = ("2024-03-31", "2024-06-30", "2024-09-30", "2024-12-31")
    years = (0, 1, 2)
    told = [(day(end).replace(year=2024 + year)).isoformat() for year in years for end in ends]
    return [_filing(end, 3) for end in told if end < "2026-10-01"]


EVERYTHING = {
    "registry": [ENTRY],
    "registry_changes": [{"kind": "annual_report", "on": day("2026-03-01"), "report_year": 2025}],
    "tax_filings": _quarters(),
    "tax_ratings": [{"year": 2025, "grade": "B", "published_on": day("2026-04-20")}],
    "financial_statements": [
        {
            "period_start": day("2025-01-01"),
            "period_end": day("2025-12-31"),
            "filed_on": day("2026-03-01"),
            "revenue_fen": 5_000_00,
            "net_profit_fen": 400_00,
            "rd_expense_fen": 200_00,
            "assets_fen": 4_000_00,
            "liabilities_fen": 1_000_00,
        }
    ],
    "vat_invoices": [_invoice(f"{year}-{month:02}-05") for year in (2024, 2025, 2026) for month in range(1, 11)],
    "bank_transactions": [
        {
            "account": "a",
            "booked_on": day("2026-10-05"),
            "direction": "in",
            "amount_fen": 700_00,
            "counterparty": "c",
            "purpose": "sales",
        }
    ],
    "social_insurance": [{"month": day("2026-10-01"), "headcount": 12, "known_on": day("2026-11-01")}],
    "ip_rights": [PATENT, PATENT | {"right": "zl-2", "ceased_on": day("2025-01-01")}],
    "qualifications": [{"certificate": "z", "kind": "hnte", "valid_from": day("2025-01-01")}],
    "legal_events": [FREEZE],
    "orders": [CONTRACT, CONTRACT | {"order": "ht-2", "cancelled_on": day("2026-09-01")}],
    "customs": [
        {
            "month": day("2026-10-01"),
            "exports_fen": 100_00,
            "imports_fen": 0,
            "largest_market_share_bp": 6_000,
            "duty_fen": 0,
            "refund_pending_fen": 0,
            "declared_on": day("2026-11-05"),
        }
    ],
    "credit_reports": [
        {
            "report": "r-1",
            "reported_on": day("2026-10-01"),
            "revolving_limit_fen": 500_00,
            "revolving_used_fen": 200_00,
        }
    ],
    "loans": [LOAN],
    "repayments": [],
    "enquiries": [],
    "real_estate": [],
}


def records(tables, code=CODE):
    """Records of one enterprise; what a row does not say is null, and all was known when it happened."""
    frames = {}
    for name, rows in tables.items():
        table = TABLES[name]
        told = [{"enterprise_id": code, "known_on": _happened(table, row), **row} for row in rows]
        frames[name] = table.typed(pl.DataFrame(told, infer_schema_length=None)) if told else table.empty()
    return Records.of(frames, enterprises=pl.Series([code]))


def _happened(table, row):
    return next((row[name] for name in table.known_on_default if row.get(name)), None)


def profile_of(given):
    return profiles(given, READ, TODAY)


def facts_from(tables, need=NOTHING):
    given = records(tables)
    return facts_of(profile_of(given).row(0, named=True), given.known_by(TODAY), as_of=TODAY, need=need)


def of_everything(need=NOTHING):
    return facts_from(EVERYTHING, need)


ALL_ASKED = Need(100_00, 12, "order", 30, ("ip",), ("zl-1",), ("ht-1",))


def test_every_fact_is_built_from_evidence_or_only_stated():
    built = set(of_everything(ALL_ASKED).values)
    assert built | set(STATED_ONLY) == set(facts())
    assert not built & set(STATED_ONLY)


def test_words_and_numbers_are_those_of_facts_toml():
    found = of_everything(ALL_ASKED)
    for name, value in found.values.items():
        definition = facts()[name]
        assert isinstance(value, int | float) == definition.is_number, name
        codes = [value] if isinstance(value, str) else value if isinstance(value, tuple) else []
        assert definition.foreign(codes) is None, name


def test_amounts_are_whole_fen_and_counts_are_whole():
    found = of_everything(ALL_ASKED)
    whole = [name for name, fact in facts().items() if fact.is_number and fact.unit != "share"]
    assert all(isinstance(found.value(name), int) for name in whole if name in found.values)


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("size_class", "micro"),
        ("industry_division", "I65"),
        ("firm_age_months", 90),
        ("legal_rep_age", 46),
        ("legal_rep_stable_months", 90),
        ("zero_filings_12m", 0),
        ("missing_filings_24m", 0),
        ("longest_untaxed_months", 2),
        ("months_since_tax_paid", 1),
        ("declared_sales_12m_fen", 1_200_00),
        ("net_profit_fen", 400_00),
        ("rd_12m_fen", 200_00),
        ("rd_share", 0.04),
        ("net_inflow_12m_fen", 700_00),
        ("insured_people", 12),
        ("ip_kinds", ("invention",)),
        ("debt_fen", 500_00),
        ("days_to_maturity", 40),
        ("days_past_due_now", 0),
        ("overdue_months_24m", 0),
        ("enquiries_1m", 0),
        ("largest_market_share", 0.6),
        ("order_backlog_fen", 600_00),
        ("government_awards", 1),
        ("property_value_fen", 0),
        ("listings", ("account_freeze",)),
        ("sales_growth_3m_yoy", 0.0),
    ],
)
def test_what_the_tables_tell(fact, value):
    """Size: software with a revenue of 5,000 yuan, below 500,000.

    Tax: quarterly, paid on the 10th of the month after each quarter (the last on 10 October), so two months in three
    without. Loan: 22 November to 1 January are 40 days. Sales of August to October as a year before.
    """
    assert of_everything().value(fact) == value


def test_of_an_enterprise_of_which_nothing_is_given_nothing_is_known():
    assert not facts_from({}).values


def test_empty_tables_tell_zeros_and_none_but_nothing_of_a_missing_block():
    found = facts_from({"legal_events": [], "ip_rights": [], "loans": [], "real_estate": []})
    assert found.value("listings") == ("none",)
    assert found.value("ip_kinds") == ("none",)
    zeros = ("open_lawsuits", "penalties_24m", "valid_patents", "debt_fen", "lenders", "bad_balance_share")
    assert all(found.value(name) == 0 for name in (*zeros, "property_value_fen"))
    assert not {"tax_paid_12m_fen", "sales_12m_fen", "order_backlog_fen", "firm_age_months"} & set(found.values)


def test_a_listing_has_its_first_day_and_one_that_is_lifted_is_none():
    found = of_everything()
    assert found.since == {"account_freeze": day("2026-05-01")}
    lifted = facts_from({"legal_events": [FREEZE | {"closed_on": day("2026-06-01")}]})
    assert (lifted.value("listings"), lifted.since) == (("none",), {})


def test_of_two_freezes_the_older_says_since_when():
    newer = FREEZE | {"case": "g", "opened_on": day("2026-09-01")}
    assert facts_from({"legal_events": [newer, FREEZE]}).since == {"account_freeze": day("2026-05-01")}


def test_what_becomes_known_tomorrow_is_not_known_today():
    tomorrow = TODAY + dt.timedelta(days=1)
    later = ENTRY | {"known_on": tomorrow, "district": "110105"}
    found = facts_from({"registry": [ENTRY, later], "legal_events": [FREEZE | {"known_on": tomorrow}]})
    assert (found.value("district"), found.value("listings")) == ("110108", ("none",))


def test_rights_that_are_named_tell_kind_life_and_pledge():
    """20 years from 15 June 2020, on 22 November 2026: 13 years and 6 whole months. No utility model: its full term."""
    found = of_everything(Need(ip_to_pledge=("zl-1",)))
    assert found.value("ip_to_pledge_kinds") == ("invention",)
    assert found.value("inventions_to_pledge_months_left") == 162
    assert found.value("utility_models_to_pledge_months_left") == 120
    assert found.value("ip_to_pledge_encumbered") == 0


def test_the_shortest_life_counts_and_a_pledge_is_seen():
    old = PATENT | {"right": "zl-3", "applied_on": day("2008-01-01"), "pledged_on": day("2025-01-01")}
    found = facts_from({"ip_rights": [PATENT, old]}, Need(ip_to_pledge=("zl-1", "zl-3")))
    assert found.value("inventions_to_pledge_months_left") == 13
    assert found.value("ip_to_pledge_encumbered") == 1


def test_a_right_that_nobody_finds_leaves_the_facts_of_rights_open():
    found = of_everything(Need(ip_to_pledge=("zl-1", "zl-9")))
    assert found.not_found == ("zl-9",)
    assert found.value("ip_to_pledge") == 2
    assert not {"ip_to_pledge_kinds", "ip_to_pledge_encumbered", "inventions_to_pledge_months_left"} & set(found.values)


def test_a_right_that_is_not_held_is_told_apart_and_counts_in_no_fact():
    found = of_everything(Need(ip_to_pledge=("zl-2",)))
    assert (found.not_found, found.not_usable) == ((), ("zl-2",))
    assert found.value("ip_to_pledge_kinds") == ("none",)


def test_nothing_to_pledge_is_known_without_any_record():
    found = facts_from({}, Need(ip_to_pledge=(), orders_at_hand=()))
    assert (found.value("ip_to_pledge_kinds"), found.value("orders_at_hand_fen")) == (("none",), 0)


def test_where_rights_were_not_given_none_can_be_missing():
    found = facts_from({"legal_events": []}, Need(ip_to_pledge=("zl-1",), orders_at_hand=("ht-1",)))
    assert (found.not_found, found.not_usable) == ((), ())
    assert not {"ip_to_pledge_kinds", "orders_at_hand_fen"} & set(found.values)


def test_orders_that_are_named_tell_what_is_to_be_delivered():
    """900 yuan less 300 delivered; what was called off is told apart, and what is not on record leaves it open."""
    assert of_everything(Need(orders_at_hand=("ht-1", "ht-1"))).value("orders_at_hand_fen") == 600_00
    cancelled = of_everything(Need(orders_at_hand=("ht-1", "ht-2")))
    assert (cancelled.value("orders_at_hand_fen"), cancelled.not_usable) == (600_00, ("ht-2",))
    missing = of_everything(Need(orders_at_hand=("ht-1", "ht-9")))
    assert (missing.value("orders_at_hand_fen"), missing.not_found) == (None, ("ht-9",))


def test_a_block_without_consent_stays_unknown():
    """Without consent to trade the contract is neither found nor missed."""
    given = records(EVERYTHING)
    given = Records(given.enterprises, consents=CONSENTS.empty(), **dict(given.tables()))
    row = profile_of(given).row(0, named=True)
    found = facts_of(row, given.known_by(TODAY), as_of=TODAY, need=ALL_ASKED)
    assert found.not_found == ()
    assert not {"orders_at_hand_fen", "order_backlog_fen", "tax_paid_12m_fen", "debt_fen"} & set(found.values)
    assert found.value("ip_to_pledge_kinds") == ("invention",)


def test_a_profile_that_names_its_size_is_believed():
    given = records(EVERYTHING)
    row = profile_of(given).row(0, named=True)
    for named in ("large", None):
        found = facts_of({**row, "size_class": named}, given.known_by(TODAY), as_of=TODAY, need=NOTHING)
        assert found.value("size_class") == named


def test_facts_of_a_city_are_those_of_each_enterprise():
    both = [records(EVERYTHING), records({"registry": [ENTRY], "legal_events": []}, OTHER)]
    tables = dict(both[0].tables())
    for name, frame in both[1].tables():
        tables[name] = pl.concat([tables[name], frame])
    city = Records.of(tables)
    profile = profile_of(city)
    together = list(facts_of_all(profile, city.known_by(TODAY), as_of=TODAY))
    for row, found in zip(profile.iter_rows(named=True), together, strict=True):
        known = city.only(pl.Series([row["enterprise_id"]])).known_by(TODAY)
        assert found == facts_of(row, known, as_of=TODAY, need=NOTHING)
