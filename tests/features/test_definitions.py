"""What features say at the edges of their windows, each worked out by hand.

Unless said otherwise all stand on 15 March 2026: the last complete month is February 2026, the last twelve begin on
1 March 2025.
"""

import datetime as dt

import pytest
from samples import AS_OF, ENTERPRISES, records_of

from features.profile import profiles
from features.sets import FEATURES, INVOICE_FLOW

OPEN_PERIOD = dt.date(2026, 2, 15)
"""January 2026 is complete, its two-month period is not."""


def sale(day, net=100, **other):
    return {
        "enterprise_id": ENTERPRISES[0], "direction": "issued", "code": None, "number": f"{day}{net}", "issued_on": day,
        "counterparty": "c-1", "net_fen": net, "vat_fen": 0, "voided_on": None, "red_letter_of": None, "known_on": day,
    } | other  # fmt: skip


def purchase(day, net=100, **other):
    return sale(day, net, direction="received", **other)


def monthly(first, last, *, day=20, make=sale):
    """One invoice on a day of each month from `first` to `last`, both (year, month)."""
    numbers = range(first[0] * 12 + first[1] - 1, last[0] * 12 + last[1])
    return [make(dt.date(number // 12, number % 12 + 1, day)) for number in numbers]


def values(rows, as_of=AS_OF):
    return profiles(records_of(rows), INVOICE_FLOW, as_of).filter(enterprise_id=ENTERPRISES[0]).row(0, named=True)


def value_of(name, rows, as_of=AS_OF):
    return values(rows, as_of)[name]


def test_an_interval_that_began_before_the_year_counts_from_its_first_day():
    """1 March to 20 May: 31 + 30 + 19 days; from the sale itself on 20 February 9 more."""
    rows = [sale(dt.date(2025, 2, 20)), *monthly((2025, 5), (2026, 2))]
    assert value_of("longest_gap_days_12m", rows) == 80
    assert value_of("longest_gap_days_ever", rows) == 89


def test_a_silence_that_lasts_counts_to_the_end_of_the_last_complete_month():
    """20 October to the end of February: 11 + 30 + 31 + 31 + 29 days; a sale in March does not shorten it."""
    rows = [*monthly((2024, 6), (2025, 10)), sale(dt.date(2026, 3, 10))]
    assert value_of("longest_gap_days_12m", rows) == 132
    assert value_of("longest_gap_days_ever", rows) == 132


def test_the_days_before_the_first_sale_ever_are_no_gap():
    rows = [*monthly((2025, 3), (2026, 2), make=purchase), sale(dt.date(2026, 1, 5)), sale(dt.date(2026, 2, 5))]
    assert value_of("longest_gap_days_12m", rows) == 31
    assert value_of("longest_gap_days_ever", rows) == 31


def test_a_year_without_sales_is_one_gap_of_the_whole_year():
    rows = [sale(dt.date(2025, 2, 20)), *monthly((2025, 3), (2026, 2), make=purchase)]
    assert value_of("longest_gap_days_12m", rows) == 365
    assert value_of("longest_gap_days_ever", rows) == 365 + 9


def test_without_any_sale_there_is_no_gap_to_speak_of():
    rows = monthly((2025, 3), (2026, 2), make=purchase)
    assert value_of("longest_gap_days_12m", rows) is None
    assert value_of("longest_gap_days_ever", rows) is None


YEAR_ON_YEAR = ("sales_growth_12m", "purchases_growth_12m", "invoices_growth_12m", "buyers_growth_12m")
LAST_YEARS_PARTNERS = (
    "buyer_retention_12m", "lost_buyer_sales_share_12m", "new_buyer_sales_share_12m",
    "supplier_retention_12m", "new_supplier_purchases_share_12m",
)  # fmt: skip


def both_ways(first):
    return monthly(first, (2026, 2)) + monthly(first, (2026, 2), make=purchase)


@pytest.mark.parametrize("name", [*YEAR_ON_YEAR, *LAST_YEARS_PARTNERS])
def test_without_the_whole_year_before_nothing_is_said_of_it(name):
    """Of 23 months only 11 are of the year before: 100 a month would seem to have grown by 1/11."""
    assert value_of(name, both_ways((2024, 4))) is None
    assert value_of(name, both_ways((2024, 3))) is not None


def test_growth_over_a_whole_base_by_hand():
    assert [value_of(name, both_ways((2024, 3))) for name in YEAR_ON_YEAR] == [0, 0, 0, 0]
    rows = [*both_ways((2024, 3)), sale(dt.date(2026, 1, 2), 300, counterparty="c-2")]
    assert [value_of(name, rows) for name in YEAR_ON_YEAR] == [300 / 1200, 0, 1 / 12, 1]
    assert value_of("new_buyer_sales_share_12m", rows) == 300 / 1500


def test_an_invoice_that_is_no_sale_shows_that_the_time_before_was_seen():
    """The first invoice, two years ago, was a voided purchase: sales had begun later, they were not unseen."""
    first = purchase(dt.date(2024, 3, 1), voided_on=dt.date(2024, 3, 1))
    rows = [first, sale(dt.date(2025, 2, 5), 50), sale(dt.date(2026, 2, 5), 75)]
    assert value_of("sales_growth_12m", rows) == 0.5
    assert value_of("buyer_retention_12m", rows) == 1


@pytest.mark.parametrize(
    ("name", "as_of", "first"),
    [
        ("sales_growth_6m", AS_OF, (2025, 3)),
        ("sales_growth_2m_yoy", AS_OF, (2025, 1)),
        ("sales_growth_6m_yoy", AS_OF, (2024, 9)),
        ("sales_growth_2m_yoy", OPEN_PERIOD, (2024, 11)),
        ("sales_growth_6m_yoy", OPEN_PERIOD, (2024, 7)),
        ("season_shift_24m", AS_OF, (2024, 3)),
        ("season_shift_24m", OPEN_PERIOD, (2024, 1)),
    ],
)
def test_a_comparison_needs_its_whole_base(name, as_of, first):
    year, month = first
    one_later = (year, month + 1)
    assert value_of(name, monthly(first, (2026, 1)), as_of) is not None
    assert value_of(name, monthly(one_later, (2026, 1)), as_of) is None


def test_half_a_year_is_compared_by_whole_two_month_periods():
    """Not January, whose period is open: July to December, 60 against 40."""
    then = [sale(dt.date(2024, month, 5), 10) for month in (7, 9, 11, 12)]
    now = [sale(dt.date(2025, month, 5), 15) for month in (7, 9, 11, 12)]
    assert value_of("sales_growth_6m_yoy", [*then, *now, sale(dt.date(2026, 1, 5), 9_999)], OPEN_PERIOD) == 0.5


def test_a_season_that_moved_by_hand():
    """March and July sold 50 : 50 last year and 25 : 75 this year; a quarter of the sales moved."""
    rows = [sale(dt.date(2024, 3, 5), 100), sale(dt.date(2024, 7, 5), 100)]
    rows += [sale(dt.date(2025, 3, 5), 100), sale(dt.date(2025, 7, 5), 300)]
    assert value_of("season_shift_24m", rows) == 0.25


def test_a_firm_last_seen_long_ago_was_observed_and_silent_since():
    rows = [sale(dt.date(2022, 5, 5), 100), sale(dt.date(2022, 6, 5), 100)]
    seen = values(rows)
    assert (seen["months_observed"], seen["sales_12m"], seen["active_months_share_36m"]) == (36, 0, 0)
    assert seen["silent_months_12m"] == 10
    assert seen["sales_growth_12m"] is None, "nothing then"


def test_void_shares_count_only_what_could_be_voided():
    """On 20 January 2025 three of five sales invoices of the year were voidable, one of them for 300 was voided."""
    paper, digital_only = dt.date(2024, 11, 30), dt.date(2024, 12, 1)
    rows = [
        sale(paper, 100), sale(paper, 200), sale(paper, 300, voided_on=paper),
        sale(paper, 1_000, number="2" * 20), sale(digital_only, 5_000),
    ]  # fmt: skip
    seen = values(rows, dt.date(2025, 1, 20))
    assert seen["void_share_12m"] == seen["void_share_36m"] == 1 / 3
    assert seen["void_amount_share_12m"] == seen["void_amount_share_36m"] == 300 / 600
    received = [row | {"direction": "received"} for row in rows]
    assert value_of("void_share_received_12m", received, dt.date(2025, 1, 20)) == 1 / 3


@pytest.mark.parametrize("voided", [None, dt.date(2025, 6, 5)])
def test_where_nothing_could_be_voided_there_is_no_void_share(voided):
    rows = [sale(dt.date(2025, 6, 5), 100, voided_on=voided), purchase(dt.date(2025, 6, 5), 100, voided_on=voided)]
    seen = values(rows)
    shares = [one.name for one in INVOICE_FLOW if one.name.startswith("void_")]
    assert len(shares) == 5
    assert [seen[name] for name in shares] == [None] * 5


def test_red_letters_are_no_activity():
    """One sale in July 2025, then credit notes only, the newest on a Sunday of the running month."""
    sold = sale(dt.date(2025, 7, 7), 1_000, counterparty="c-1")
    credited = [sale(day, -10) for day in (dt.date(2025, 8, 4), dt.date(2026, 2, 8), dt.date(2026, 3, 1))]
    credited += [purchase(dt.date(2026, 2, 8), -10)]
    active = (
        "active_months_12m", "invoices_issued_12m", "invoicing_days_12m", "days_since_last_sale",
        "longest_gap_days_12m", "busiest_day_share_12m", "weekend_share_12m", "buyer_active_months_12m",
    )  # fmt: skip
    alone, with_credits = values([sold]), values([sold, *credited])
    assert [with_credits[name] for name in active] == [alone[name] for name in active]
    assert [alone[name] for name in active] == [1, 1, 1, 251, 237, 1, 0, 1]
    assert (with_credits["purchase_months_12m"], with_credits["days_since_last_purchase"]) == (0, None)
    assert with_credits["sales_12m"] == 980


def test_red_letters_count_among_the_valid_invoices_of_their_own_share():
    day = dt.date(2026, 1, 5)
    rows = [sale(day, 100), sale(day, 200), sale(day, 300), sale(day, -40), sale(day, -41, voided_on=day)]
    assert value_of("red_share_12m", rows) == 1 / 4


def test_the_peak_is_a_share_of_the_months_above_zero():
    rows = [sale(dt.date(2025, 5, 5), 100), sale(dt.date(2025, 6, 5), -60), sale(dt.date(2025, 7, 5), 60)]
    assert value_of("peak_month_share_12m", rows) == 100 / 160


def test_no_feature_looks_further_back_than_its_window():
    """Three more invoices in a month that is too old change nothing that says so."""

    def reaches_back(name, months):
        return FEATURES[name].window is None or FEATURES[name].window > months

    base = both_ways((2021, 1))
    for months, day in ((12, dt.date(2025, 2, 2)), (24, dt.date(2024, 2, 2)), (36, dt.date(2023, 2, 2))):
        more = [sale(day, 7_000), purchase(day, 9_000), sale(day, -500, counterparty="c-1")]
        before, after = values(base), values(base + more)
        changed = {one.name for one in INVOICE_FLOW if before[one.name] != after[one.name]}
        assert changed == {name for name in changed if reaches_back(name, months)}
        assert bool(changed) == (months < 36)


@pytest.mark.parametrize("name", ["sales_growth_2m_yoy", "sales_growth_6m_yoy", "season_shift_24m"])
def test_the_window_of_two_month_periods_holds_while_one_is_open(name):
    """The oldest month of the window matters, the one before it does not."""
    base, window = monthly((2021, 1), (2026, 1)), FEATURES[name].window
    oldest = 2026 * 12 - (window - 1)

    def with_more(month):
        return value_of(name, [*base, sale(dt.date(month // 12, month % 12 + 1, 2), 7_000)], OPEN_PERIOD)

    before = value_of(name, base, OPEN_PERIOD)
    assert with_more(oldest) != before
    assert with_more(oldest - 1) == before
