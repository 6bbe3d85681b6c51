"""What only terms of products ask about, by hand.

All stand on 15 March 2026: the last complete month is February 2026, the last twelve begin on 1 March 2025, the last
24 on 1 March 2024.
"""

import datetime as dt

import polars as pl
import pytest
from block_laws import (
    alone_is_as_in_a_batch,
    every_value_is_null_or_finite,
    the_order_of_rows_is_nothing,
)
from hypothesis import given, settings
from samples import AS_OF, ENTERPRISES
from samples_all import everything, records_of_all

from features.ip.panels import ip_portfolio
from features.profile import profiles
from features.terms.named import is_held, is_pledged, months_left, undelivered_fen
from features.terms.terms import TERMS
from features.trade.panels import order_book
from features.view import View
from sources.contracts import TABLES
from sources.records import Records

FIRM = ENTERPRISES[0]
few = settings(max_examples=12)


def records(**tables):
    """Records of the first firm; each table a list of rows, of which only what differs need be said."""
    frames = {
        name: TABLES[name].typed(
            pl.DataFrame([{"enterprise_id": FIRM, "known_on": dt.date(2023, 1, 1), **row} for row in rows])
            if rows
            else TABLES[name].empty()
        )
        for name, rows in tables.items()
    }
    return Records.of(frames, enterprises=pl.Series([FIRM]))


def values(**tables):
    return profiles(records(**tables), TERMS, AS_OF).row(0, named=True)


def day(text):
    return dt.date.fromisoformat(text)


def changed(on, kind="legal_rep"):
    return {"kind": kind, "on": day(on)}


ENTRY = {"established_on": day("2020-03-15")}


def test_the_legal_representative_is_stable_since_the_newest_change():
    """From 16 November 2025 to 15 March 2026: three whole months, and not a day of the fourth is missing but one."""
    changes = [changed("2021-05-01"), changed("2025-11-16"), changed("2026-02-01", kind="address")]
    assert values(registry=[ENTRY], registry_changes=changes)["legal_rep_stable_months"] == 3


def test_a_legal_representative_who_never_changed_is_stable_since_the_firm_began():
    """From 15 March 2020 to 15 March 2026."""
    assert values(registry=[ENTRY], registry_changes=[])["legal_rep_stable_months"] == 72
    assert values(registry=[{}], registry_changes=[])["legal_rep_stable_months"] is None


@pytest.mark.parametrize("lacking", ["registry", "registry_changes"])
def test_stability_needs_the_entry_and_its_changes(lacking):
    tables = {"registry": [ENTRY], "registry_changes": []}
    del tables[lacking]
    assert values(**tables)["legal_rep_stable_months"] is None


def filing(period, *, months=1, paid_on=None, due=100, **more):
    """A VAT return of the months up to and with `period`, filed on the 10th of the next month."""
    end = (day(f"{period}-01") + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
    first = 12 * end.year + end.month - months
    filed_on = end + dt.timedelta(days=10)
    return {
        "tax_type": "vat",
        "period_start": dt.date(first // 12, first % 12 + 1, 1),
        "period_end": end,
        "taxable_sales_fen": due * 100,
        "due_fen": due,
        "filed_on": filed_on,
        "known_on": filed_on,
        "paid_on": day(paid_on) if paid_on else None,
    } | more


def test_tax_was_last_paid_when_a_return_with_tax_was():
    """Paid on 20 December 2025: two whole months by 15 March. What was paid later was nothing."""
    filings = [filing("2025-11", paid_on="2025-12-20"), filing("2026-01", paid_on="2026-02-10", due=0)]
    assert values(tax_filings=filings)["months_since_tax_paid"] == 2


def test_an_amount_paid_counts_before_what_was_due():
    part = filing("2025-11", paid_on="2025-12-20", paid_fen=0)
    assert values(tax_filings=[part, filing("2025-06", paid_on="2025-07-15")])["months_since_tax_paid"] == 8


@pytest.mark.parametrize(("first", "months"), [("2025-01", 12), ("2025-04", None)])
def test_who_never_paid_has_not_done_so_since_the_first_return_of_a_year_ago(first, months):
    """January's return is of February 2025, twelve months before the last complete one; April's only nine: too few."""
    assert values(tax_filings=[filing(first, due=0), filing("2025-12", due=0)])["months_since_tax_paid"] == months


def test_the_longest_time_without_tax_lies_between_two_payments():
    """Paid in May and December 2025: June to November are six. January and February 2026 are two."""
    filings = [filing("2025-04", paid_on="2025-05-10"), filing("2025-11", paid_on="2025-12-10")]
    assert values(tax_filings=filings)["longest_untaxed_months_24m"] == 6


def test_two_payments_in_one_month_leave_no_gap():
    filings = [filing("2026-01", paid_on="2026-02-10"), filing("2025-12", paid_on="2026-02-20")]
    assert values(tax_filings=filings)["longest_untaxed_months_24m"] == 1


def test_time_without_tax_begins_with_the_first_return_but_not_before_the_window():
    """Filed first in July 2025: July to February are eight. Filed first in 2023: all 24."""
    assert values(tax_filings=[filing("2025-06")])["longest_untaxed_months_24m"] == 8
    assert values(tax_filings=[filing("2023-05")])["longest_untaxed_months_24m"] == 24


def test_time_without_tax_after_an_early_payment_runs_to_the_last_complete_month():
    """Paid in April 2024: of the window March 2024 is before it, and May 2024 to February 2026 are 22 after it."""
    filings = [filing("2023-12"), filing("2024-03", paid_on="2024-04-10"), filing("2026-01", due=0)]
    assert values(tax_filings=filings)["longest_untaxed_months_24m"] == 22


@pytest.mark.parametrize("filings", [[], [filing("2026-02")]])
def test_time_without_tax_is_unknown_without_a_complete_month_since_a_return(filings):
    """February's return is of 10 March, and March is not over."""
    assert values(tax_filings=filings)["longest_untaxed_months_24m"] is None


def test_an_amended_return_was_filed_when_its_first_version_was():
    amended = filing("2025-06", filed_on=day("2026-01-20"), first_filed_on=day("2025-07-10"))
    assert values(tax_filings=[amended])["longest_untaxed_months_24m"] == 8


def test_a_zero_return_of_a_quarter_counts_once():
    """Four quarters of 2025, the second and the fourth without sales."""
    quarters = [filing("2025-03", months=3), filing("2025-06", months=3, due=0)]
    quarters += [filing("2025-09", months=3), filing("2025-12", months=3, due=0)]
    assert values(tax_filings=quarters)["zero_vat_filings_12m"] == 2


def test_zero_returns_of_months_count_each():
    filings = [filing(f"2025-{month:02}", due=0 if month in {7, 8, 11} else 1) for month in range(3, 13)]
    assert values(tax_filings=filings)["zero_vat_filings_12m"] == 3


def test_a_missing_quarter_is_one_missing_return_and_a_missing_month_another():
    """By the quarter: the third of 2025 is missing. By the month: July to September are, and January 2026."""
    quarters = [filing(f"2025-{month:02}", months=3) for month in (3, 6, 12)]
    monthly = [filing(f"2025-{month:02}") for month in (1, 2, 3, 4, 5, 6, 10, 11, 12)]
    assert values(tax_filings=quarters)["missing_vat_filings_24m"] == 1
    assert values(tax_filings=monthly)["missing_vat_filings_24m"] == 4


@pytest.mark.parametrize("name", ["zero_vat_filings_12m", "missing_vat_filings_24m", "months_since_tax_paid"])
def test_without_any_return_nothing_can_be_said_of_them(name):
    assert values(tax_filings=[])[name] is None


def statement(year, **amounts):
    days = {"period_start": dt.date(year, 1, 1), "period_end": dt.date(year, 12, 31)}
    return days | {"filed_on": dt.date(year + 1, 2, 1), "known_on": dt.date(year + 1, 2, 1)} | amounts


def test_profit_and_research_are_those_of_the_newest_year_stated():
    year = values(
        financial_statements=[
            statement(2024, net_profit_fen=1, rd_expense_fen=2),
            statement(2025, net_profit_fen=-500, rd_expense_fen=70),
        ]
    )
    assert (year["statement_net_profit"], year["statement_rd_expense"]) == (-500, 70)


def test_profit_is_unknown_without_a_statement():
    assert values(financial_statements=[])["statement_net_profit"] is None


def invoice(on, fen):
    row = {"direction": "issued", "number": on, "issued_on": day(on), "known_on": day(on)}
    return row | {"counterparty": "c", "net_fen": fen, "vat_fen": 0}


def test_three_months_of_sales_are_compared_with_the_same_of_last_year():
    """December to February: 600 then, 900 now, a half more. November and March do not count."""
    told = [invoice("2024-12-01", 600), invoice("2025-11-30", 5_000), invoice("2026-02-28", 900)]
    assert values(vat_invoices=[*told, invoice("2026-03-01", 7_000)])["sales_growth_3m_yoy"] == 0.5


def test_growth_over_a_year_needs_fifteen_months_of_invoices():
    """The first invoice is of January 2025: December 2024 was not seen."""
    assert values(vat_invoices=[invoice("2025-01-05", 600), invoice("2026-02-28", 900)])["sales_growth_3m_yoy"] is None


def right(number, kind="invention", **more):
    row = {"right": number, "kind": kind, "applied_on": day("2020-06-15"), "granted_on": day("2022-01-01")}
    return row | more


def test_layout_designs_and_plant_varieties_count_while_they_are_held():
    told = values(
        ip_rights=[
            right("a", "layout_design"),
            right("b", "layout_design", ceased_on=day("2024-01-01")),
            right("c", "plant_variety"),
            right("d", "invention"),
        ]
    )
    assert (told["layout_designs_held"], told["plant_varieties_held"]) == (1, 1)


def test_nothing_held_is_an_observed_zero():
    told = values(ip_rights=[], orders=[], enquiries=[], legal_events=[], real_estate=[])
    zeros = ("layout_designs_held", "plant_varieties_held", "government_awards", "loan_enquiries_6m", "penalties_24m")
    assert all(told[name] == 0 for name in (*zeros, "ip_suits_now", "real_estate_free_value"))


def enquiry(on, lender="l", reason="loan_approval"):
    return {"on": day(on), "lender": lender, "reason": reason, "known_on": day(on)}


def test_enquiries_are_counted_to_the_day_whoever_made_them():
    """16 February is within a month of 15 March, 15 February is not; what a lender asks after the loan is no matter."""
    asked = [enquiry("2026-02-16"), enquiry("2026-02-15"), enquiry("2025-12-16"), enquiry("2025-09-16")]
    told = values(enquiries=[*asked, enquiry("2025-09-15"), enquiry("2026-03-01", reason="post_loan")])
    assert [told[f"loan_enquiries_{months}m"] for months in (1, 3, 6)] == [1, 3, 4]


def loan(number, matures_on, balance=100, **more):
    row = {"loan": number, "lender": "l", "lender_kind": "bank", "kind": "working_capital"}
    row |= {"granted_on": day("2025-01-01"), "amount_fen": 100, "matures_on": day(matures_on), "balance_fen": balance}
    return row | more


def test_the_next_loan_to_mature_is_open_and_not_past_its_day():
    """Today's is repaid, yesterday's is past; the next one ends on 25 March."""
    loans = [loan("a", "2026-03-15", 0), loan("b", "2026-03-14"), loan("c", "2026-03-25"), loan("d", "2026-09-01")]
    assert values(loans=loans)["days_to_maturity"] == 10
    assert values(loans=[loan("e", "2026-03-20", kind="acceptance")])["days_to_maturity"] is None


def title(number, fen, **more):
    return {"title": number, "kind": "office", "appraised_fen": fen, "acquired_on": day("2020-01-01")} | more


def test_free_real_estate_is_neither_mortgaged_nor_seized_nor_sold():
    titles = [
        title("a", 100),
        title("b", 20, mortgaged_on=day("2024-01-01"), mortgage_released_on=day("2025-01-01")),
        title("c", 5_000, mortgaged_on=day("2024-01-01")),
        title("d", 6_000, seized_on=day("2024-01-01")),
        title("e", 7_000, sold_on=day("2024-01-01")),
        title("f", None),
    ]
    assert values(real_estate=titles)["real_estate_free_value"] == 120


def test_free_real_estate_that_nobody_appraised_is_of_unknown_value():
    assert values(real_estate=[title("a", None)])["real_estate_free_value"] is None
    mortgaged = title("a", None, mortgaged_on=day("2024-01-01"))
    assert values(real_estate=[mortgaged])["real_estate_free_value"] == 0


def event(kind, opened_on, **more):
    return {"case": f"{kind}{opened_on}", "kind": kind, "opened_on": day(opened_on), "known_on": day(opened_on)} | more


def test_penalties_of_24_months_are_counted_to_the_day():
    told = values(
        legal_events=[
            event("penalty", "2024-03-16"),
            event("environment_penalty", "2025-03-01"),
            event("penalty", "2024-03-15"),
            event("defendant", "2025-03-01"),
        ]
    )
    assert told["penalties_24m"] == 2


def test_suits_over_intellectual_property_count_while_open_and_against_the_firm():
    over = {"cause": "intellectual_property"}
    told = values(
        legal_events=[
            event("defendant", "2025-01-01", **over),
            event("defendant", "2024-01-01", closed_on=day("2025-01-01"), **over),
            event("plaintiff", "2025-01-01", **over),
            event("defendant", "2025-02-01", cause="loan"),
        ]
    )
    assert told["ip_suits_now"] == 1


def order(number, signed_on, buyer_kind="government", **more):
    row = {"order": number, "buyer": "b", "buyer_kind": buyer_kind, "signed_on": day(signed_on), "amount_fen": 1_000}
    return row | {"known_on": day(signed_on)} | more


def test_awards_are_contracts_with_government_at_hand_or_of_the_last_year():
    """Two count: one is half delivered and due in May, one was signed on 16 March 2025 and is delivered."""
    orders = [
        order("a", "2024-06-01", due_on=day("2026-05-01"), delivered_fen=500),
        order("b", "2025-03-16", delivered_fen=1_000),
        order("c", "2025-03-15", delivered_fen=1_000),
        order("d", "2025-09-01", cancelled_on=day("2025-10-01")),
        order("e", "2025-09-01", buyer_kind="state_owned"),
    ]
    assert values(orders=orders)["government_awards"] == 2


def test_without_an_award_a_buyer_of_unknown_kind_leaves_it_open():
    unknown = order("a", "2025-09-01", buyer_kind=None)
    assert values(orders=[unknown])["government_awards"] is None
    assert values(orders=[unknown, order("b", "2025-09-01")])["government_awards"] == 1


def test_every_term_is_null_when_its_sources_are_not_given():
    assert all(values(utilities=[])[one.name] is None for one in TERMS)


def test_a_term_is_null_without_the_sources_that_it_names():
    for one in TERMS:
        only = {name: [] for name in TABLES if name not in one.sources}
        assert values(**only)[one.name] is None


def test_what_is_left_of_a_right_is_counted_in_whole_months():
    """20 years from 15 June 2020, on 15 March 2026: 14 years and 3 months; a day later a month is no longer whole."""
    rights = records(ip_rights=[right("a")]).ip_rights
    assert months_left(rights.row(0, named=True), AS_OF) == 171
    assert months_left(rights.row(0, named=True), AS_OF + dt.timedelta(days=1)) == 170


@few
@given(everything())
def test_rights_and_orders_by_themselves_are_as_in_their_panels(tables):
    known = records_of_all(tables).known_by(AS_OF)
    view = View(known, AS_OF)
    panels = zip(view.panel(ip_portfolio).iter_rows(named=True), known.ip_rights.iter_rows(named=True), strict=True)
    for said, row in panels:
        found = (is_held(row, AS_OF), is_pledged(row), months_left(row, AS_OF))
        assert found == (said["held"], said["pledged"], said["months_left"])
    book = zip(view.panel(order_book).iter_rows(named=True), known.orders.iter_rows(named=True), strict=True)
    for said, row in book:
        assert undelivered_fen(row, AS_OF) == said["backlog"]


@few
@given(everything())
def test_an_enterprise_alone_has_the_terms_that_it_has_among_others(tables):
    alone_is_as_in_a_batch(tables, TERMS)


@few
@given(everything())
def test_terms_are_null_or_finite_whatever_the_order_of_rows(tables):
    every_value_is_null_or_finite(tables, TERMS)
    the_order_of_rows_is_nothing(tables, TERMS)


def test_what_becomes_known_tomorrow_does_not_count():
    tomorrow = {"known_on": AS_OF + dt.timedelta(days=1)}
    told = values(
        registry=[ENTRY],
        registry_changes=[changed("2026-03-01") | tomorrow],
        tax_filings=[filing("2025-11", paid_on="2025-12-20"), filing("2026-01", paid_on="2026-02-20") | tomorrow],
        orders=[order("a", "2026-03-01") | tomorrow],
    )
    names = ("legal_rep_stable_months", "months_since_tax_paid", "government_awards")
    assert tuple(told[name] for name in names) == (72, 2, 0)
