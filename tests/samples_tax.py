"""Rows of the tax tables that keep their contracts, made by hypothesis."""

import calendar
import datetime as dt

from hypothesis import strategies as st
from samples import AS_OF, ENTERPRISES

Row = dict[str, object]
Rows = list[Row]

MONTH_OF_AS_OF = 12 * AS_OF.year + AS_OF.month - 1
SALES = st.sampled_from([0, 0, 3_300, 50_000, 1_000_000, -700])
MONEY = st.one_of(st.none(), st.integers(0, 5_000_000))
RETURN = ("period_start", "period_end", "filed_on", "known_on")
SIGNED = st.one_of(st.none(), st.integers(-5_000_000, 5_000_000))


def period(first_month: int, months: int) -> Row:
    """First and last day of so many months; a month is numbered 12 x year + month - 1."""
    last = first_month + months - 1
    year, month = last // 12, last % 12 + 1
    return {
        "period_start": dt.date(first_month // 12, first_month % 12 + 1, 1),
        "period_end": dt.date(year, month, calendar.monthrange(year, month)[1]),
    }


def periods(*, oldest: int = 70) -> st.SearchStrategy[Row]:
    """A month, a quarter, the months of a year so far, or something odd, in the six years before AS_OF."""
    regular = st.builds(
        period,
        st.integers(MONTH_OF_AS_OF - oldest, MONTH_OF_AS_OF - 12),
        st.sampled_from([1, 1, 3, 3, 6, 12]),
    )
    recent = st.builds(period, st.integers(MONTH_OF_AS_OF - 12, MONTH_OF_AS_OF - 1), st.sampled_from([1, 2]))
    odd = st.fixed_dictionaries(
        {
            "period_start": st.dates(dt.date(2024, 1, 1), dt.date(2025, 6, 1)),
            "period_end": st.dates(dt.date(2025, 6, 2), AS_OF + dt.timedelta(days=20)),
        }
    )
    return st.one_of(regular, recent, odd)


def unique(table_key: tuple[str, ...], rows: Rows) -> Rows:
    """The first row of each key, for a second one would be a reject."""
    return list({tuple(row.get(name) for name in table_key): row for row in reversed(rows)}.values())


@st.composite
def a_return(draw: st.DrawFn) -> Row:
    """What rows of a filed period share: whose it is, the period, the day it was filed, the day it was known."""
    covered = draw(periods())
    filed_on = covered["period_end"] + dt.timedelta(days=draw(st.integers(0, 45)))
    return {
        "enterprise_id": draw(st.sampled_from(ENTERPRISES)),
        **covered,
        "filed_on": filed_on,
        "known_on": filed_on + dt.timedelta(days=draw(st.sampled_from([0, 0, 1, 30]))),
    }


@st.composite
def filing(draw: st.DrawFn) -> Row:
    """One return of any tax, with whatever may be unknown."""
    row = draw(a_return())
    filed_on, due = row["filed_on"], draw(st.integers(-500, 90_000))
    paid_after = draw(st.one_of(st.none(), st.integers(0, 200)))
    due_after = draw(st.one_of(st.none(), st.integers(-40, 40)))
    return row | {
        "tax_type": draw(st.sampled_from(["vat", "vat", "cit", "iit"])),
        "taxable_sales_fen": draw(st.one_of(st.none(), SALES)),
        "due_fen": due,
        "reduced_fen": draw(MONEY),
        "due_on": None if due_after is None else filed_on + dt.timedelta(days=due_after),
        "paid_on": None if paid_after is None else filed_on + dt.timedelta(days=paid_after - 20),
        "paid_fen": None if paid_after is None else draw(MONEY),
        "arrears_fen": draw(st.one_of(st.none(), st.just(0), st.integers(1, 100_000))),
        "late_fee_fen": draw(st.one_of(st.none(), st.integers(0, 900))),
    }


@st.composite
def filing_series(draw: st.DrawFn) -> Rows:
    """Regular VAT returns of one enterprise up to about AS_OF, some of them missing."""
    code, months = draw(st.sampled_from(ENTERPRISES)), draw(st.sampled_from([1, 3]))
    cycle, missing = draw(st.lists(SALES, min_size=1, max_size=5)), draw(st.sets(st.integers(0, 40), max_size=2))
    count = draw(st.sampled_from([0, 5, 24, 27, 40])) // months
    end = MONTH_OF_AS_OF - (draw(st.integers(0, 2)) if months == 1 else draw(st.sampled_from([2, 5])))
    late = draw(st.integers(0, 9))
    rows = []
    for place in range(count):
        covered, sales = period(end - months * (place + 1), months), cycle[place % len(cycle)]
        filed_on, tax = covered["period_end"] + dt.timedelta(days=10 + late), max(0, sales) // 33
        rows.append({
            "enterprise_id": code, "tax_type": "vat", **covered, "taxable_sales_fen": sales, "due_fen": tax,
            "reduced_fen": 0, "due_on": covered["period_end"] + dt.timedelta(days=15), "filed_on": filed_on,
            "paid_on": filed_on if tax else None, "paid_fen": tax or None, "arrears_fen": 0, "late_fee_fen": 0,
            "known_on": filed_on,
        })  # fmt: skip
    return [row for place, row in enumerate(rows) if place not in missing]


@st.composite
def tax_filings_rows(draw: st.DrawFn) -> Rows:
    """Regular returns and odd ones, among them versions of the same return."""
    rows = draw(filing_series()) + draw(st.lists(filing(), max_size=8))
    amended = draw(st.lists(st.sampled_from(rows), max_size=3)) if rows else []
    later = [
        {**row, "taxable_sales_fen": draw(SALES), "known_on": row["known_on"] + dt.timedelta(days=40)}
        for row in amended
    ]
    key = ("enterprise_id", "tax_type", "period_start", "period_end", "filed_on", "known_on")
    return unique(key, rows + later)


@st.composite
def rating(draw: st.DrawFn) -> Row:
    """One yearly grade, perhaps repaired."""
    year = draw(st.integers(2017, 2024))
    published_on = dt.date(year + 1, 4, 1) + dt.timedelta(days=draw(st.integers(0, 60)))
    repaired = draw(st.one_of(st.none(), st.integers(0, 500)))
    grades = st.sampled_from(["A", "B", "M", "C", "D"])
    return {
        "enterprise_id": draw(st.sampled_from(ENTERPRISES)),
        "year": year,
        "grade": draw(grades),
        "points": draw(st.one_of(st.none(), st.integers(0, 100))),
        "published_on": published_on,
        "repaired_on": None if repaired is None else published_on + dt.timedelta(days=repaired),
        "grade_after_repair": None if repaired is None else draw(grades),
        "known_on": published_on + dt.timedelta(days=draw(st.sampled_from([0, 0, 30, 200]))),
    }


@st.composite
def statement(draw: st.DrawFn) -> Row:
    """One statement over a quarter, the months of a year so far, or something odd."""
    months = draw(st.sampled_from([3, 6, 9, 12, 12]))
    year = draw(st.integers(2021, 2025))
    row = draw(a_return()) | draw(st.sampled_from([{}, period(12 * year, months), period(12 * year, months)]))
    row["filed_on"] = row["period_end"] + dt.timedelta(days=draw(st.integers(0, 90)))
    row["known_on"] = row["filed_on"] + dt.timedelta(days=draw(st.sampled_from([0, 0, 5])))
    flows = ("revenue_fen", "cost_fen", "operating_profit_fen", "net_profit_fen", "interest_fen")
    stocks = ("rd_expense_fen", "wages_fen", "cash_fen", "receivables_fen", "inventory_fen")
    assets, liabilities = draw(MONEY), draw(MONEY)
    return row | {
        **{name: draw(SIGNED) for name in (*flows, "operating_cash_flow_fen")},
        **{name: draw(MONEY) for name in stocks},
        "assets_fen": assets,
        "current_assets_fen": assets and draw(st.integers(0, assets)),
        "liabilities_fen": liabilities,
        "current_liabilities_fen": liabilities and draw(st.integers(0, liabilities)),
    }


@st.composite
def statement_series(draw: st.DrawFn) -> Rows:
    """Statements of one enterprise that add up over the year, some of them missing."""
    code, missing = draw(st.sampled_from(ENTERPRISES)), draw(st.sets(st.integers(0, 9), max_size=2))
    revenue = draw(st.lists(st.integers(-100, 9_000), min_size=2, max_size=5))
    rows = []
    for place in range(draw(st.sampled_from([0, 10, 12]))):
        covered = period(12 * (2023 + place // 4), 3 * (place % 4 + 1))
        filed_on = covered["period_end"] + dt.timedelta(days=20)
        stated = {"revenue_fen": revenue[place % len(revenue)], "assets_fen": 1_000, "liabilities_fen": 10 * place}
        rows.append({"enterprise_id": code, **covered, **stated, "filed_on": filed_on, "known_on": filed_on})
    return [row for place, row in enumerate(rows) if place not in missing]


@st.composite
def statements_rows(draw: st.DrawFn) -> Rows:
    """Regular statements and odd ones."""
    return unique(("enterprise_id", *RETURN), draw(statement_series()) + draw(st.lists(statement(), max_size=5)))


SALES_LINES = ("rated_sales_fen", "simple_sales_fen", "export_sales_fen", "exempt_sales_fen")


@st.composite
def general_return(draw: st.DrawFn) -> Row:
    """One VAT return whose lines add up; some say less."""
    line = st.integers(0, 3_000_000)
    output, paid_in = draw(line), draw(line)
    before, out, refundable, audited = (draw(st.integers(0, 300_000)) for _ in range(4))
    deductible = paid_in + before + audited - out - refundable
    deducted = min(deductible, output)
    simple_tax, relief = draw(line), draw(st.integers(0, 1_000))
    row = draw(a_return()) | {
        **{name: draw(st.integers(-100_000, 9_000_000)) for name in SALES_LINES},
        "output_tax_fen": output, "input_tax_fen": paid_in, "credit_brought_forward_fen": before,
        "input_tax_out_fen": out, "export_refundable_fen": refundable, "audited_rated_tax_fen": audited,
        "deductible_tax_fen": deductible, "deducted_tax_fen": deducted, "rated_tax_fen": output - deducted,
        "credit_carried_forward_fen": deductible - deducted, "simple_tax_fen": simple_tax, "relief_fen": relief,
        "tax_due_fen": output - deducted + simple_tax - relief,
    }  # fmt: skip
    unknown = draw(st.sampled_from([None, None, None, *SALES_LINES, "input_tax_fen", "credit_carried_forward_fen"]))
    return row if unknown is None else {**row, unknown: None}


@st.composite
def small_scale_return(draw: st.DrawFn) -> Row:
    """One VAT return of a small-scale taxpayer whose lines add up; some say less."""
    line = st.integers(0, 3_000_000)
    parts = [draw(line) for _ in range(3)]
    relief, prepaid, tax_due = (draw(st.integers(0, 3_000)) for _ in range(3))
    names = ("sales_3_fen", "special_invoice_3_fen", "sales_5_fen", "special_invoice_5_fen", "used_assets_sales_fen")
    return draw(a_return()) | {
        **{name: draw(line) for name in names},
        "export_exempt_sales_fen": draw(st.one_of(st.none(), line)),
        "small_exempt_sales_fen": parts[0], "below_threshold_sales_fen": parts[1], "other_exempt_sales_fen": parts[2],
        "exempt_sales_fen": sum(parts), "tax_fen": tax_due + relief, "relief_fen": relief, "tax_due_fen": tax_due,
        "prepaid_fen": prepaid, "payable_fen": tax_due - prepaid,
    }  # fmt: skip


def keyed(rows: st.SearchStrategy[Row], *key: str, most: int = 8) -> st.SearchStrategy[Rows]:
    return st.lists(rows, max_size=most, unique_by=lambda row: tuple(row[name] for name in ("enterprise_id", *key)))


STRATEGIES: dict[str, st.SearchStrategy[Rows]] = {
    "tax_filings": tax_filings_rows(),
    "tax_ratings": keyed(rating(), "year", "known_on"),
    "financial_statements": statements_rows(),
    "vat_returns": keyed(general_return(), *RETURN),
    "vat_returns_small_scale": keyed(small_scale_return(), *RETURN),
}
