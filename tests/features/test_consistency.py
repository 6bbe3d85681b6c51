"""Features over several sources: by hand where two of them agree or not, and against the slow reference.

All stand on 15 March 2026: the last complete month is February 2026, the last twelve begin on 1 March 2025.
"""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from references.consistency import reference
from samples import AS_OF, ENTERPRISES

from features.consistency import ratios
from features.definition import Feature
from features.profile import profiles
from sources.contracts import TABLES
from sources.records import Records
from sources.validation import validate

ALL = tuple(value for value in vars(ratios).values() if isinstance(value, Feature))
NAMES = [one.name for one in ALL]
FIRM = ENTERPRISES[0]
LATER = AS_OF + dt.timedelta(days=1)
TODAY = dt.date(2026, 11, 22)
READ = ("tax_filings", "vat_invoices", "bank_transactions", "social_insurance", "financial_statements")


def first_of(months_ago):
    """First day of a month; 0 = February 2026."""
    number = 12 * AS_OF.year + AS_OF.month - 2 - months_ago
    return dt.date(number // 12, number % 12 + 1, 1)


def last_of(months_ago):
    return first_of(months_ago - 1) - dt.timedelta(days=1)


def filing(first, last, sales, **other):
    """A VAT return over the months from `first` to `last`, counted back; filed on the 10th of the month after."""
    filed = first_of(last - 1).replace(day=10)
    return {
        "enterprise_id": FIRM, "tax_type": "vat", "period_start": first_of(first), "period_end": last_of(last),
        "taxable_sales_fen": sales, "due_fen": 0, "filed_on": filed, "known_on": filed,
    } | other  # fmt: skip


def sale(ago, net, vat=0, **other):
    day = first_of(ago).replace(day=5)
    return {
        "enterprise_id": FIRM, "direction": "issued", "number": f"{ago}-{net}", "issued_on": day,
        "counterparty": "c-1", "net_fen": net, "vat_fen": vat, "voided_on": None, "known_on": day,
    } | other  # fmt: skip


def booking(ago, amount, direction="in", **other):
    day = first_of(ago).replace(day=7)
    return {
        "enterprise_id": FIRM, "account": "a-1", "booking": f"{ago}{direction}{amount}{other}", "booked_on": day,
        "direction": direction, "amount_fen": amount, "purpose": None, "counterparty": None, "known_on": day,
    } | other  # fmt: skip


def insured(ago, heads, base=None, **other):
    return {
        "enterprise_id": FIRM, "month": first_of(ago), "headcount": heads, "base_fen": base, "due_fen": 0,
        "declared_on": last_of(ago), "known_on": last_of(ago),
    } | other  # fmt: skip


def statement(year, revenue, **other):
    filed = dt.date(year + 1, 1, 31)
    return {
        "enterprise_id": FIRM, "period_start": dt.date(year, 1, 1), "period_end": dt.date(year, 12, 31),
        "revenue_fen": revenue, "filed_on": filed, "known_on": filed,
    } | other  # fmt: skip


def framed(name, rows):
    table = TABLES[name]
    return pl.DataFrame([{column: row.get(column) for column in table.dtypes} for row in rows], schema=table.dtypes)


def records_of(**tables):
    return Records.of({name: framed(name, rows) for name, rows in tables.items()}, enterprises=pl.Series(ENTERPRISES))


def profile(**tables):
    return profiles(records_of(**tables), ALL, AS_OF)


def value_of(name, **tables):
    return profile(**tables).filter(enterprise_id=FIRM)[name].item()


def monthly(make, months, *amounts):
    return [make(ago, *amounts) for ago in months]


SALES_2Y = monthly(sale, range(24), 100)
RETURNS_2Y = [filing(ago, ago, 80) for ago in range(24)]


def test_returns_are_compared_with_invoices_of_the_same_months():
    """Twelve months of 80 declared and 100 invoiced: 960 / 1200, and 20 of each 100 are missing."""
    assert value_of("declared_to_invoiced_12m", tax_filings=RETURNS_2Y, vat_invoices=SALES_2Y) == 0.8
    assert value_of("under_declared_share_12m", tax_filings=RETURNS_2Y, vat_invoices=SALES_2Y) == 0.2


def test_a_month_without_its_return_is_left_out_on_both_sides():
    returns = [row for row in RETURNS_2Y if row["period_start"] != first_of(3)]
    assert value_of("declared_to_invoiced_12m", tax_filings=returns, vat_invoices=SALES_2Y) == 880 / 1100


def test_a_quarter_is_compared_as_a_whole():
    """October to December 2025: 300 declared; the invoices begin in November, so that the quarter is left out."""
    quarters = [filing(4, 2, 300), filing(7, 5, 300)]
    whole = monthly(sale, range(8), 100)
    assert value_of("declared_to_invoiced_12m", tax_filings=quarters, vat_invoices=whole) == 1
    only_one = [*monthly(sale, range(3), 100), sale(3, 1), sale(4, 200)]
    assert value_of("declared_to_invoiced_12m", tax_filings=quarters, vat_invoices=only_one) == 300 / 301
    none = monthly(sale, range(4), 100)
    assert value_of("declared_to_invoiced_12m", tax_filings=quarters, vat_invoices=none) is None


def test_what_was_declared_too_much_does_not_make_up_for_what_was_not():
    """50 short in one month of 100, 50 over in the next: declared as much as invoiced, a quarter of it is missing."""
    returns, sold = [filing(1, 1, 150), filing(2, 2, 50)], [sale(1, 100), sale(2, 100)]
    assert value_of("declared_to_invoiced_12m", tax_filings=returns, vat_invoices=sold) == 1
    assert value_of("under_declared_share_12m", tax_filings=returns, vat_invoices=sold) == 0.25


def test_inflow_is_compared_over_the_months_that_both_know():
    """Invoices since four months, bookings since six: 4 × 90 came in for 4 × (100 + 13)."""
    sold = monthly(sale, range(4), 100, 13)
    booked = monthly(booking, range(6), 90)
    assert value_of("inflow_to_invoiced_12m", vat_invoices=sold, bank_transactions=booked) == 360 / 452


def test_two_months_are_too_few_to_compare_inflow():
    sold, booked = monthly(sale, range(2), 100), monthly(booking, range(6), 90)
    assert value_of("inflow_to_invoiced_12m", vat_invoices=sold, bank_transactions=booked) is None
    sold = monthly(sale, range(3), 100)
    assert value_of("inflow_to_invoiced_12m", vat_invoices=sold, bank_transactions=booked) == 0.9


def test_a_month_without_bookings_brought_nothing():
    booked = [booking(ago, 90) for ago in (0, 11)]
    assert value_of("inflow_to_invoiced_12m", vat_invoices=SALES_2Y, bank_transactions=booked) == 180 / 1200


def test_a_loan_is_no_inflow_from_sales():
    booked = [*monthly(booking, range(12), 50), booking(4, 9_000, purpose="loan_in")]
    assert value_of("inflow_to_invoiced_12m", vat_invoices=SALES_2Y, bank_transactions=booked) == 0.5
    assert value_of("inflow_to_declared_12m", tax_filings=RETURNS_2Y, bank_transactions=booked) == 600 / 960


def test_inflow_is_compared_with_returns_only_where_a_year_was_seen():
    booked = monthly(booking, range(11), 80)
    assert value_of("inflow_to_declared_12m", tax_filings=RETURNS_2Y, bank_transactions=booked) is None
    earlier = [*booked, booking(13, 1_000)]
    assert value_of("inflow_to_declared_12m", tax_filings=RETURNS_2Y, bank_transactions=earlier) == 880 / 960


def test_a_statement_is_compared_with_the_returns_of_its_own_year():
    """2025 is 2 to 13 months ago: twelve returns of 80 for a stated revenue of 1,200."""
    stated = [statement(2025, 1_200), statement(2024, 1)]
    seen = value_of("declared_to_stated_revenue", tax_filings=RETURNS_2Y, financial_statements=stated)
    assert seen == 960 / 1_200


def test_a_year_with_a_missing_return_is_not_compared_with_its_statement():
    returns = [row for row in RETURNS_2Y if row["period_start"] != first_of(5)]
    seen = value_of("declared_to_stated_revenue", tax_filings=returns, financial_statements=[statement(2025, 1_200)])
    assert seen is None


def test_wages_are_means_over_the_months_since_the_first_booking():
    """Five of six months paid 600, for two heads of a base of 800: 500 a month, 250 a head, 500 / 800 of the base."""
    paid = [booking(ago, 600, "out", purpose="salary") for ago in range(1, 6)]
    people = [insured(ago, 2, 800) for ago in range(2, 9)]
    tables = {"bank_transactions": paid, "social_insurance": people}
    assert value_of("wages_per_insured_12m", **tables) == 250
    assert value_of("wages_to_base_12m", **tables) == 500 / 800


def test_where_no_booking_tells_its_purpose_wages_are_unknown():
    tables = {"bank_transactions": [booking(1, 600, "out")], "social_insurance": [insured(1, 2, 800)]}
    assert value_of("wages_per_insured_12m", **tables) is None
    tables["bank_transactions"].append(booking(1, 5, "out", purpose="rent"))
    assert value_of("wages_per_insured_12m", **tables) == 0


def test_patents_per_head_by_hand():
    """Two inventions and a design for four heads; software is no patent."""
    kinds = ["invention", "invention", "design", "software"]
    rights = [
        {
            "enterprise_id": FIRM, "right": f"r-{place}", "kind": kind, "applied_on": dt.date(2023, 1, 5),
            "granted_on": dt.date(2024, 1, 5), "known_on": dt.date(2024, 1, 5), "origin": "own",
        }
        for place, kind in enumerate(kinds)
    ]  # fmt: skip
    assert value_of("patents_per_head", ip_rights=rights, social_insurance=[insured(0, 4)]) == 0.75


def test_debt_and_tax_beside_sales_by_hand():
    """2,400 owed on invoiced sales of 1,200; 60 of tax paid on them."""
    loan = {
        "enterprise_id": FIRM, "loan": "l-1", "lender": "b-1", "lender_kind": "bank", "kind": "working_capital",
        "granted_on": first_of(6), "amount_fen": 3_000, "balance_fen": 2_400, "known_on": first_of(2),
    }  # fmt: skip
    seen = profile(vat_invoices=SALES_2Y, loans=[loan]).filter(enterprise_id=FIRM)
    assert seen["debt_to_sales_12m"].item() == 2
    paid = {"due_fen": 60, "paid_on": first_of(1), "paid_fen": 60}
    returns = [filing(2, 2, 80, **paid)]
    assert value_of("tax_to_invoiced_12m", tax_filings=returns, vat_invoices=SALES_2Y) == 60 / 1200


@st.composite
def tables(draw):
    """Rows of one enterprise that fill its months densely, in each table that the reference reads; some known later.

    Made from a seed: some hundred draws for every example would take most of the time.
    """
    random = draw(st.randoms(use_true_random=True))
    returns, sold = _returns(random), _invoices(random)
    people = [insured(ago, random.randrange(10), _amount(random)) for ago in range(random.randrange(16))]
    stated = [statement(year, _amount(random)) for year in (2023, 2024, 2025) if random.random() < 0.7]
    found = dict(zip(READ, (returns, sold, _bookings(random), people, stated), strict=True))
    return {name: [_known_late(random, row) for row in rows] for name, rows in found.items()}


def _amount(random):
    return random.choice([None, 0, random.randrange(2_000)])


def _returns(random):
    quarterly = random.random() < 0.5
    ends = [ago for ago in range(-1, random.randrange(41)) if not quarterly or (ago - 2) % 3 == 0]
    rows = [filing(ago + 2 if quarterly else ago, ago, random.randrange(2_000)) for ago in ends]
    return [row | {"taxable_sales_fen": _amount(random)} if random.random() < 0.1 else row
            for row in rows if random.random() < 0.95]  # fmt: skip


def _invoices(random):
    rows = [
        sale(ago, random.randrange(-300, 2_000), number=f"{ago}-{place}",
             direction=random.choice(["issued", "issued", "received"]),
             voided_on=random.choice([None, None, first_of(ago).replace(day=6), LATER]))
        for ago in range(random.randrange(20)) for place in range(random.randrange(4))
    ]  # fmt: skip
    return [{**row, "vat_fen": row["net_fen"] // 10 if row["net_fen"] > 0 else 0} for row in rows]


def _bookings(random):
    purposes = [None, None, "sales", "salary", "salary", "loan_in", "internal", "rent"]
    return [
        booking(ago, random.randrange(1, 2_000), random.choice(["in", "out"]), booking=f"{ago}-{place}",
                purpose=random.choice(purposes), counterparty=random.choice([None, "c-1", "c-2"]))
        for ago in range(-1, random.randrange(16)) for place in range(random.randrange(4))
    ]  # fmt: skip


def _known_late(random, row):
    return {**row, "known_on": max(row["known_on"], LATER)} if random.random() < 0.05 else row


@given(tables())
def test_the_samples_keep_the_contracts(rows):
    for name, some in rows.items():
        assert validate(TABLES[name], framed(name, some), today=TODAY).rejects.to_dicts() == []


@given(tables())
def test_all_agree_with_the_slow_reference(rows):
    told = profile(**rows).filter(enterprise_id=FIRM).row(0, named=True)
    for name, expected in reference(rows, AS_OF).items():
        assert told[name] == (expected if expected is None else pytest.approx(expected, rel=1e-12)), name


@given(tables(), tables())
def test_a_profile_is_the_same_alone_and_in_a_batch(rows, others):
    both = {name: rows[name] + [{**row, "enterprise_id": ENTERPRISES[1]} for row in others[name]] for name in READ}
    together = profile(**both)
    for code in ENTERPRISES:
        alone = profiles(records_of(**both).only(pl.Series([code])), ALL, AS_OF)
        assert_frame_equal(alone, together.filter(enterprise_id=code), check_exact=True)


@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows, random):
    shuffled = {name: random.sample(some, len(some)) for name, some in rows.items()}
    assert_frame_equal(profile(**shuffled), profile(**rows), check_exact=True)


@given(tables(), tables())
def test_nothing_known_later_changes_a_profile(rows, more):
    later = {
        name: rows[name] + [{**row, "known_on": max(row["known_on"], LATER)} for row in more[name]] for name in READ
    }
    assert_frame_equal(profile(**later).select(NAMES), profile(**rows).select(NAMES), check_exact=True)


@given(tables())
def test_doubling_all_money_leaves_every_ratio_unchanged(rows):
    doubled = {
        name: [{c: 2 * v if c.endswith("_fen") and v is not None else v for c, v in row.items()} for row in some]
        for name, some in rows.items()
    }
    scale_free = [one.name for one in ALL if one.unit != "fen"]
    assert_frame_equal(profile(**doubled).select(scale_free), profile(**rows).select(scale_free), rel_tol=1e-12)


def test_empty_tables_give_nothing_to_compare():
    empty = profile(**dict.fromkeys(TABLES, ()))
    assert empty.select(one.name for one in ALL).null_count().sum_horizontal().item() == 2 * len(ALL)


@pytest.mark.parametrize("one", ALL, ids=NAMES)
def test_each_needs_two_tables_and_says_so_in_both_languages(one):
    assert len(one.sources) >= 2
    assert any("一" <= character <= "鿿" for character in one.zh)
    assert not one.en.endswith(".")
