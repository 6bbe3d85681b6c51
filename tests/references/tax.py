"""The hardest features of tax data once more, in plain Python, month by month: slow and obvious."""

import datetime as dt
import itertools

Row = dict[str, object]
LEVELS = {"A": 5, "B": 4, "M": 3, "C": 2, "D": 1}
REACH = 36


def reference(rows_by_table: dict[str, list[Row]], as_of: dt.date) -> dict[str, float | None]:
    """Features by name, from all rows of one enterprise, whenever they became known."""
    thing = ("tax_type", "period_start", "period_end")
    filings = [with_payment_undone(row, as_of) for row in newest(rows_by_table["tax_filings"], thing, as_of)]
    filings = [row for row in filings if not forgotten(clean_since(row), as_of)]
    return {
        **of_months([row for row in filings if row["tax_type"] == "vat"], as_of),
        **of_filings(filings, as_of),
        **of_grades(newest(rows_by_table["tax_ratings"], ("year",), as_of), as_of),
        **of_returns(newest(rows_by_table["vat_returns"], thing[1:], as_of), as_of),
        **of_statements(newest(rows_by_table["financial_statements"], thing[1:], as_of), as_of),
    }


def newest(rows, thing, as_of):
    """Of the versions known by then the newest of each thing, with the day on which the first was filed."""
    kept, first = {}, {}
    for row in rows:
        name, filed_on = tuple(row[column] for column in thing), row.get("filed_on", row["known_on"])
        age = (row["known_on"], filed_on)
        if row["known_on"] > as_of:
            continue
        first[name] = min(first.get(name, filed_on), filed_on)
        if name not in kept or age > kept[name][0]:
            kept[name] = (age, row)
    return [row | {"first_filed_on": row.get("first_filed_on") or first[name]} for name, (_, row) in kept.items()]


def with_payment_undone(row, as_of):
    if row["paid_on"] is not None and row["paid_on"] <= as_of:
        return row
    return {**row, "paid_on": None, "paid_fen": None}


def clean_since(row):
    """The day from which nothing was wrong with a return: paid, or filed with nothing to pay."""
    if row["paid_on"] is None and row["due_fen"] <= 0 and not row["arrears_fen"]:
        return row["filed_on"]
    return row["paid_on"]


def forgotten(ended_on, as_of):
    if ended_on is None:
        return False
    on_29_february = (as_of.month, as_of.day) == (2, 29)
    return ended_on < as_of.replace(year=as_of.year - 5, day=28 if on_29_february else as_of.day)


def ago(day, as_of):
    """Complete months back, counted one by one; -1 = this month or later."""
    month, back = as_of.replace(day=1), -1
    while day < month:
        month, back = (month - dt.timedelta(days=1)).replace(day=1), back + 1
    return back


def share(part, whole):
    return part / whole if part is not None and whole is not None and whole > 0 else None


def of_months(returns, as_of):
    over = [(ago(row["period_start"], as_of), ago(row["period_end"], as_of), row) for row in returns]
    over = [(start, end, row) for start, end, row in over if end >= 0]
    if not over:
        return {
            "declared_sales_12m": 0, "declared_vat_burden_12m": None, "declared_sales_growth_12m": None,
            "tax_history_months": 0, "missing_vat_months_24m": None, "zero_filing_months_12m": None,
            "longest_zero_filing_run_24m": None,
        }  # fmt: skip
    begin = where_windows_begin(over, as_of)
    months = [
        month_of(back, [one for one in over if one[1] <= back <= one[0]], begin)
        for back in range(min(max(start for start, _, _ in over) + 1, REACH))
    ]
    year, before, both = (inside(months, *span) for span in ((0, 12), (12, 24), (0, 24)))
    sales, sales_before = (sum(month["sales"] for month in window) for window in (year, before))
    whole = all(len(window) == 12 and all(month["covered"] for month in window) for window in (year, before))
    zero_in_a_row = [month["zero"] and month in both for month in months]
    return {
        "declared_sales_12m": sales,
        "declared_vat_burden_12m": share(sum(month["due"] for month in year), sales),
        "declared_sales_growth_12m": share(sales - sales_before, sales_before) if whole else None,
        "tax_history_months": len(months),
        "missing_vat_months_24m": sum(not month["filed"] for month in both),
        "zero_filing_months_12m": sum(month["zero"] for month in year),
        "longest_zero_filing_run_24m": max(
            len(list(run)) if zero else 0 for zero, run in itertools.groupby(zero_in_a_row)
        ),
    } | ({} if any(month["filed"] for month in months) else dict.fromkeys(
        ["missing_vat_months_24m", "zero_filing_months_12m", "longest_zero_filing_run_24m"]
    ))  # fmt: skip


def where_windows_begin(over, as_of):
    """Months back of the newest period that is filed, or of the newest that had to be if that is newer."""
    filed = min(end for _, end, _ in over)
    if any(end == filed and start > end for start, end, _ in over):
        months = [back for back in (1, 2, 3) if month_number(back, as_of) in (3, 6, 9, 12)]
        return min(filed, months[0])
    return min(filed, 1)


def month_number(back, as_of):
    month = as_of.replace(day=1)
    for _ in range(back + 1):
        month = (month - dt.timedelta(days=1)).replace(day=1)
    return month.month


def month_of(back, covering, begin):
    told = [row["taxable_sales_fen"] for _, _, row in covering]
    ending = [row for _, end, row in covering if end == back and row["taxable_sales_fen"] is not None]
    covered = bool(told) and None not in told
    return {
        "back": back,
        "period": min((end for _, end, _ in covering), default=back) - begin,
        "filed": bool(covering),
        "covered": covered,
        "zero": covered and set(told) == {0},
        "sales": sum(row["taxable_sales_fen"] for row in ending),
        "due": sum(row["due_fen"] for row in ending),
    }


def inside(months, first, end):
    return [month for month in months if first <= month["period"] < end]


def of_filings(rows, as_of):
    paid, before = paid_and_relieved(rows, range(12), as_of), paid_and_relieved(rows, range(12, 24), as_of)
    seen = any(ago(row["first_filed_on"], as_of) >= 23 for row in rows)
    lately = [row for row in rows if 0 <= ago(row["period_end"], as_of) < 24 and row["due_on"] is not None]
    return {
        "tax_growth_12m": share(paid - before, before) if seen else None,
        "tax_arrears_now": sum(arrears(row) for row in rows),
        "late_filings_share_24m": share(sum(row["first_filed_on"] > row["due_on"] for row in lately), len(lately)),
        "late_tax_payments_24m": sum(
            row["due_fen"] > 0 and (row["paid_on"] or as_of) > row["due_on"] for row in lately
        ),
    }  # fmt: skip


def paid_and_relieved(rows, months, as_of):
    amount = 0
    for row in rows:
        if row["paid_on"] is not None and ago(row["paid_on"], as_of) in months:
            amount += max(row["due_fen"], 0) if row["paid_fen"] is None else row["paid_fen"]
        if ago(row["first_filed_on"], as_of) in months and (row["period_end"] - row["period_start"]).days <= 91:
            amount += row["reduced_fen"] or 0
    return amount


def arrears(row):
    told = row["arrears_fen"] or 0
    if row["paid_on"] is None or row["paid_on"] <= row["known_on"]:
        return told
    return max(told - (told if row["paid_fen"] is None else row["paid_fen"]), 0)


def of_grades(rows, as_of):
    levels = {}
    for row in rows:
        if not forgotten(row["published_on"], as_of):
            repaired = row["repaired_on"] is not None and row["repaired_on"] <= as_of and row["grade_after_repair"]
            levels[row["year"]] = LEVELS[repaired or row["grade"]]
    years = sorted(levels)[::-1]
    return {
        "tax_grade_level": levels[years[0]] if years else None,
        "tax_grade_change": levels[years[0]] - levels[years[0] - 1] if years and years[0] - 1 in levels else None,
        "worst_tax_grade_3y": min((levels[year] for year in years[:3]), default=None),
        "low_tax_grade_years_5y": sum(level <= 2 for level in levels.values()),
    }


def of_returns(rows, as_of):
    lines = ("rated_sales_fen", "simple_sales_fen", "export_sales_fen", "exempt_sales_fen")
    recent = [row for row in rows if 0 <= ago(row["period_end"], as_of) < 12]
    recent = [row for row in recent if None not in [row[line] for line in lines]]
    recent.sort(key=lambda row: (row["period_end"], row["period_start"]))
    sales = sum(row[line] for row in recent for line in lines)
    taxes = [(row["input_tax_fen"], row["output_tax_fen"]) for row in recent]
    taxes = [pair for pair in taxes if None not in pair]
    return {
        "export_sales_share_12m": share(sum(row["export_sales_fen"] for row in recent), sales),
        "retained_credit_ratio_12m": share(recent[-1]["credit_carried_forward_fen"] if recent else None, sales),
        "input_output_tax_ratio_12m": share(sum(into for into, _ in taxes), sum(out for _, out in taxes)),
    }


def of_statements(rows, as_of):
    def length(row):
        return ago(row["period_start"], as_of) - ago(row["period_end"], as_of) + 1

    recent = [row for row in rows if ago(row["period_end"], as_of) < 24]
    recent.sort(key=lambda row: (row["period_end"], length(row), row["period_start"]))
    years = [row for row in recent if length(row) == 12]
    last = recent[-1] if recent else None
    before = [
        row for row in rows
        if last and length(row) == length(last) and ago(row["period_end"], as_of) == ago(last["period_end"], as_of) + 12
    ]  # fmt: skip
    before.sort(key=lambda row: (row["period_end"], row["period_start"]))
    now, then = (row["revenue_fen"] if row else None for row in (last, before[-1] if before else None))
    return {
        "statement_revenue": years[-1]["revenue_fen"] if years else None,
        "statement_revenue_growth": None if now is None or then is None else share(now - then, then),
        "statement_debt_share": share(last["liabilities_fen"], last["assets_fen"]) if last else None,
    }
