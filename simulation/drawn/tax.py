"""Returns, grades and statements: drawn from the firm's sales of the month, so that sources agree roughly."""

import numpy as np
import polars as pl

from simulation.drawn.lot import Columns, Days, Lot, Numbers, first_day, last_day, only_if, picked, skewed, whole

OF_A_QUARTER = 11
"""Filings of one quarter: three taxes in three months, one income tax return, one amended VAT return."""

CIT, AMENDED = 9, 10
TAX_TYPES = np.array(["vat", "surcharge", "iit"])
RATES = np.array([0.03, 0.0036, 0.002])
EXPORTERS = 0.2
EMPTY_LINES = (
    "rated_services_sales_fen", "audited_sales_fen", "exempt_sales_fen", "export_refundable_fen",
    "audited_rated_tax_fen", "audited_simple_tax_fen", "unpaid_at_start_fen", "prepaid_fen", "export_prepaid_fen",
    "paid_arrears_fen",
)  # fmt: skip
"""Lines of a monthly return on which nothing is drawn."""

GRADES = {"A": 20, "B": 35, "M": 30, "C": 10, "D": 5}


def _quarterly_sales(lot: Lot, last_month: Days) -> Numbers:
    sales: Numbers = sum((lot.sales_in(last_month - step) for step in range(3)), start=np.zeros(len(lot.number)))
    return sales


def tax_filings(lot: Lot) -> Columns:
    place = lot.number % OF_A_QUARTER
    quarter_end = lot.quarters_back(lot.number // OF_A_QUARTER)
    is_cit, amended = place == CIT, place == AMENDED
    step = np.where(is_cit | amended, 0, place // 3)
    kind = np.where(amended, 0, place % 3)
    months = quarter_end - step
    sales = whole(np.where(is_cit, 0.06 * _quarterly_sales(lot, quarter_end), lot.sales_in(months)))
    due = whole(sales * np.where(is_cit, 0.05, RATES[kind]))
    due_on = last_day(months) + 15
    late = np.where(lot.chance("filed late", 0.02, in_trouble=0.4), whole(60 * lot.luck("days late")), 0)
    filed_on = due_on - 1 - whole(10 * lot.luck("filed")) + late + 30 * amended
    paid_on = only_if(due > 0, lot.paid(np.maximum(filed_on, due_on), before=1))
    return {
        "tax_type": np.where(is_cit, "cit", TAX_TYPES[kind]).tolist(),
        "period_start": first_day(np.where(is_cit, quarter_end - 2, months)),
        "period_end": last_day(months),
        "taxable_sales_fen": sales,
        "due_fen": due,
        "reduced_fen": whole(due * 0.5 * lot.happens("relief", 0.3)),
        "due_on": due_on,
        "filed_on": filed_on,
        "paid_on": paid_on,
        "paid_fen": due,
        "arrears_fen": np.where(np.isnat(paid_on), due, 0),
        "late_fee_fen": whole(0.0005 * due * late),
        "known_on": filed_on,
    }


def tax_ratings(lot: Lot) -> Columns:
    """One a year, the last published in April of the year of `until` or of the year before."""
    newest = lot.firms.until.year - (2 if lot.firms.until.month <= 4 else 1)  # noqa: PLR2004 - April
    year = newest - lot.number
    quality = 0.8 * lot.luck("grade") * (1 - lot.of_firm(lot.firms.trouble)) + 0.4 * lot.of_firm(lot.firms.trouble)
    grade = picked(quality * 1.25, GRADES)
    published_on = (year + 1 - 1970).astype("M8[Y]").astype("M8[D]") + 100
    repaired = grade.is_in(["C", "D"]).to_numpy() & lot.happens("repaired", 0.3)
    repaired_on = only_if(repaired, published_on + 90)
    stands = pl.Series(repaired_on <= np.datetime64(lot.firms.until, "D"))
    return {
        "year": year,
        "grade": grade,
        "points": 100 - 12 * grade.to_physical().cast(pl.Int64),
        "published_on": published_on,
        "repaired_on": repaired_on,
        "grade_after_repair": pl.select(pl.when(stands).then(pl.lit("B"))).to_series(),
        "known_on": published_on,
    }


def financial_statements(lot: Lot) -> Columns:
    """Quarterly, flows added up from the first of January."""
    quarter_end = lot.quarters_back(lot.number)
    months_in_year = quarter_end.astype(np.int64) % 12 + 1
    revenue = _quarterly_sales(lot, quarter_end) * months_in_year / 3
    margin = 0.02 + 0.12 * lot.of_firm(lot.firms.luck("margin")) - 0.15 * lot.of_firm(lot.firms.trouble)
    profit = whole(revenue * margin * skewed(lot.luck("margin"), 0.2))
    yearly = 12 * lot.sales_in(quarter_end)
    current = yearly * (0.2 + 0.4 * lot.of_firm(lot.firms.luck("assets")))
    assets = whole(current * (1.1 + lot.of_firm(lot.firms.luck("fixed assets"))))
    owed = assets * (0.2 + 0.6 * lot.of_firm(lot.firms.luck("debts")) + 0.15 * lot.of_firm(lot.firms.trouble))
    return {
        "period_start": first_day(quarter_end - months_in_year + 1),
        "period_end": last_day(quarter_end),
        "revenue_fen": whole(revenue),
        "cost_fen": whole(revenue * (0.9 - margin)),
        "operating_profit_fen": whole(1.1 * profit),
        "net_profit_fen": profit,
        "interest_fen": whole(0.004 * revenue * lot.luck("interest")),
        "rd_expense_fen": whole(0.1 * revenue * lot.of_firm(lot.firms.luck("research")) ** 3),
        "wages_fen": lot.people_in(quarter_end) * 900_000 * months_in_year,
        "operating_cash_flow_fen": profit - whole(0.05 * revenue * (lot.luck("cash flow") - 0.3)),
        "cash_fen": whole(0.2 * current * lot.luck("cash")),
        "receivables_fen": whole(current * (0.2 + 0.3 * lot.luck("receivables"))),
        "inventory_fen": whole(current * 0.3 * lot.luck("inventory")),
        "current_assets_fen": np.minimum(whole(current), assets),
        "assets_fen": assets,
        "current_liabilities_fen": whole(owed * 0.8),
        "liabilities_fen": whole(owed) + 1,
        "filed_on": last_day(quarter_end) + 15,
        "known_on": last_day(quarter_end) + 15,
    }


def vat_returns(lot: Lot) -> Columns:
    """Monthly; lines 17 to 20, 24 and 27 by the form's own arithmetic."""
    months = lot.months_back(lot.number)
    sales = whole(lot.sales_in(months))
    exports = whole(sales * 0.3 * (lot.of_firm(lot.firms.luck("exports")) < EXPORTERS))
    rated = sales - exports
    output, input_tax = whole(0.09 * rated), whole(0.09 * sales * (0.5 + 0.5 * lot.luck("input")))
    brought, moved_out = whole(0.02 * sales * lot.luck("brought forward")), whole(0.002 * sales * lot.luck("out"))
    deductible = input_tax + brought - moved_out
    deducted = np.minimum(deductible, output)
    due, simple = output - deducted, whole(0.001 * sales)
    relief = whole(0.2 * simple)
    paid = due + simple - relief
    filed_on = last_day(months) + 14 + whole(5 * lot.luck("filed"))
    return {
        **dict.fromkeys(EMPTY_LINES, np.zeros_like(sales)),
        "period_start": first_day(months),
        "period_end": last_day(months),
        "rated_sales_fen": rated,
        "rated_goods_sales_fen": whole(rated * 0.7),
        "simple_sales_fen": whole(simple / 0.03),
        "export_sales_fen": exports,
        "output_tax_fen": output,
        "input_tax_fen": input_tax,
        "credit_brought_forward_fen": brought,
        "input_tax_out_fen": moved_out,
        "deductible_tax_fen": deductible,
        "deducted_tax_fen": deducted,
        "rated_tax_fen": due,
        "credit_carried_forward_fen": deductible - deducted,
        "simple_tax_fen": simple,
        "relief_fen": relief,
        "tax_due_fen": paid,
        "paid_fen": paid,
        "paid_for_last_period_fen": paid,
        "unpaid_at_end_fen": paid,
        "arrears_fen": whole(paid * lot.chance("arrears", 0.01, in_trouble=0.4)),
        "payable_fen": paid,
        "filed_on": filed_on,
        "known_on": filed_on,
    }


def vat_returns_small_scale(lot: Lot) -> Columns:
    """Quarterly; lines 9, 20 and 22 by the form's own arithmetic."""
    quarter_end = lot.quarters_back(lot.number)
    sales = whole(_quarterly_sales(lot, quarter_end))
    taxed = whole(sales * lot.luck("taxed"))
    exempt, tax = sales - taxed, whole(0.03 * taxed)
    relief = whole(2 * tax / 3)
    nothing = np.zeros_like(sales)
    filed_on = last_day(quarter_end) + 15
    return {
        "period_start": first_day(quarter_end - 2),
        "period_end": last_day(quarter_end),
        "sales_3_fen": taxed,
        "special_invoice_3_fen": whole(0.4 * taxed),
        "other_invoice_3_fen": whole(0.5 * taxed),
        "sales_5_fen": nothing,
        "special_invoice_5_fen": nothing,
        "other_invoice_5_fen": nothing,
        "used_assets_sales_fen": nothing,
        "exempt_sales_fen": exempt,
        "small_exempt_sales_fen": exempt,
        "below_threshold_sales_fen": nothing,
        "other_exempt_sales_fen": nothing,
        "export_exempt_sales_fen": nothing,
        "tax_fen": tax,
        "relief_fen": relief,
        "exempt_tax_fen": whole(0.03 * exempt),
        "tax_due_fen": tax - relief,
        "prepaid_fen": nothing,
        "payable_fen": tax - relief,
        "filed_on": filed_on,
        "known_on": filed_on,
    }
