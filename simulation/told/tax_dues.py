"""Filings of every tax as first told: what a period brings in tax, when it was declared, when it is paid."""

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from simulation.assumed import tax as a
from simulation.chance import Flags, Numbers, Whole
from simulation.firms import SHELL
from simulation.months import MONTHS_OF_A_YEAR
from simulation.told.lines import NOT_YET, fen, first_day, lately
from simulation.told.tax_profit import IncomeTax, Profit, owners_pay
from simulation.told.tax_rows import whole
from simulation.told.tax_sales import FEN, Declared
from simulation.told.tax_small import QUARTER, quarter_ends
from simulation.told.tax_timing import Visits
from sources.contracts import TAX_FILINGS

if TYPE_CHECKING:
    from simulation.community import Community

KIND = TAX_FILINGS.dtypes["tax_type"]
At = tuple[Whole, Whole]
"""Places of firms, and of the months in which periods end."""
Amounts = tuple[Whole, Whole, Whole]
"""What is taxed, what is due, what was reduced: fen."""
Dates = dict[str, NDArray[Any]]
"""Columns of days, and `period`, the place of the month in which a period ends."""


def vat_dues(returns: pl.DataFrame, sales: pl.Expr, reduced: pl.Expr, visits: Visits) -> pl.DataFrame:
    """Filings of VAT, each with the amounts of its return; an amended one owes its fee for what was missing."""
    at = returns["firm"].to_numpy(), returns["period"].to_numpy()
    paid_on = np.maximum(visits.paid_on[at], returns["filed_on"].to_numpy())
    days = pl.DataFrame({"due_on": visits.due_on[at[1]], "paid_on": paid_on})
    missing = pl.col("tax_due_fen") - pl.col("tax_due_fen").shift()
    frame = returns.with_columns(days.get_columns()).select(
        "firm",
        "period",
        "period_start",
        "period_end",
        "due_on",
        "filed_on",
        "first_filed_on",
        "paid_on",
        "known_on",
        tax_type=pl.lit("vat", dtype=KIND),
        taxable_sales_fen=sales,
        due_fen="tax_due_fen",
        reduced_fen=reduced,
        charged_fen=pl.when(pl.col("first_filed_on").is_null()).then("tax_due_fen").otherwise(missing),
    )
    return frame.with_columns(pl.col("charged_fen").clip(lower_bound=0))


def surcharges(vat: pl.DataFrame, community: "Community") -> pl.DataFrame:
    """Filings of what is levied on VAT due; none where nothing is due."""
    vat = vat.filter(pl.col("due_fen") > 0)
    small = pl.Series(community.firms.small_scale).gather(vat["firm"])
    halved_from = pl.when(small).then(pl.lit(a.SURCHARGE_HALVED[0])).otherwise(pl.lit(a.SURCHARGE_HALVED[1]))
    half = pl.when(pl.col("period_start") >= halved_from).then(0.5).otherwise(1.0)

    def levied(column: str, part: pl.Expr) -> pl.Expr:
        return (pl.col(column) * a.SURCHARGE * part).round().cast(pl.Int64)

    return vat.with_columns(
        tax_type=pl.lit("surcharge", dtype=KIND),
        taxable_sales_fen="due_fen",
        due_fen=levied("due_fen", half),
        charged_fen=levied("charged_fen", half),
        reduced_fen=levied("due_fen", 1 - half),
    )


def other_dues(
    community: "Community", books: Profit, tax: IncomeTax, declared: Declared, visits: tuple[Visits, Visits]
) -> list[pl.DataFrame]:
    """Filings of income tax of staff, owners and enterprises, and of stamp tax.

    `visits` are those of the months, and of the years that `tax` has.
    """
    monthly, yearly = visits
    calendar, firms = community.calendar, community.firms
    told, quarters = monthly.told, monthly.told & quarter_ends(calendar)
    owners = owners_pay(firms)[:, None]
    stamps, by_quarter = _stamped(community)
    pay, of_owners, of_firms, of_months, of_quarters = (
        _where(mask)
        for mask in (
            told,
            quarters & owners,
            quarters & ~owners,
            told & stamps & ~by_quarter,
            quarters & stamps & by_quarter,
        )
    )
    earned = QUARTER * lately(books.operating, QUARTER)
    traded = declared.sales + FEN * declared.purchases

    def stamp(at: At, months: int) -> pl.DataFrame:
        return filed("stamp", community, monthly, at, months=months, amounts=_stamp(traded, at, months, calendar.year))

    return [
        filed("iit", community, monthly, pay, months=1, amounts=_pay_tax(community, pay)),
        filed("iit", community, monthly, of_owners, months=QUARTER, amounts=_owners_tax(earned[of_owners])),
        filed(
            "cit",
            community,
            monthly,
            of_firms,
            months=QUARTER,
            amounts=_prepaid(earned[of_firms], tax.prepaid[of_firms]),
        ),
        _settled(community, tax, yearly),
        stamp(of_months, 1),
        stamp(of_quarters, QUARTER),
    ]


def _where(mask: Flags) -> At:
    firm, place = np.nonzero(mask)
    return firm, place


def filed(kind: str, community: "Community", visits: Visits, at: At, *, months: int, amounts: Amounts) -> pl.DataFrame:
    """Filings of periods of some months."""
    return _frame(kind, visits, at, _spans(community, at[1], months), amounts)


def _settled(community: "Community", tax: IncomeTax, visits: Visits) -> pl.DataFrame:
    """Filings of whole years: what prepayments lacked, or a refund."""
    at = _where(visits.told & ~owners_pay(community.firms)[:, None])
    spans = _spans(community, tax.decembers[at[1]], MONTHS_OF_A_YEAR)
    amounts = fen(tax.taxable[at]), fen(tax.settled[at]), np.maximum(fen(tax.reduced[at]), 0)
    return _frame("cit", visits, at, spans, amounts)


def _spans(community: "Community", last: Whole, months: int) -> Dates:
    calendar = community.calendar
    return {"period": last, "period_start": first_day(calendar, last - months + 1), "period_end": calendar.ends[last]}


def _frame(kind: str, visits: Visits, at: At, spans: Dates, amounts: Amounts) -> pl.DataFrame:
    """Filings of one kind, none of them amended; `at` are places in the visits."""
    sales, due, reduced = amounts
    columns = {
        "firm": at[0],
        **spans,
        "due_on": visits.due_on[at[1]],
        "filed_on": visits.filed_on[at],
        "first_filed_on": np.full(len(sales), NOT_YET),
        "paid_on": visits.paid_on[at],
        "known_on": visits.known_on[at],
        "taxable_sales_fen": sales,
        "due_fen": due,
        "reduced_fen": reduced,
        "charged_fen": np.maximum(due, 0),
    }
    return pl.DataFrame(columns).with_columns(tax_type=pl.lit(kind, dtype=KIND))


def _pay_tax(community: "Community", at: At) -> Amounts:
    """Income tax withheld from pay: thirds of the staff earn less and more than the mean."""
    lives = community.lives
    staff, paid = np.maximum(lives.staff[at], 1), lives.payroll[at] * (community.firms.role != SHELL)[at[0]]
    days, free = zip(*a.PAY_FREE, strict=True)
    start = community.calendar.starts[at[1]]
    free_now = np.array(free)[np.searchsorted(np.array(days, "M8[D]"), start, side="right") - 1]
    a_head = np.outer(a.PAY_UNEQUAL, paid / staff) * (1 - a.PAY_CONTRIBUTES) - free_now
    tax = np.zeros(len(paid))
    for low, high, rate in zip(a.PAY_TAXED[:-1], a.PAY_TAXED[1:], a.PAY_RATES, strict=True):
        tax += rate * np.clip(a_head - low, 0, high - low).mean(axis=0)
    return fen(paid), fen(tax * staff), np.zeros(len(paid), np.int64)


def _owners_tax(earned: Numbers) -> Amounts:
    """Income tax of owners on the profit of a quarter; half is left off for small ones."""
    due = fen(np.maximum(earned, 0) * a.OPERATING_INCOME_RATE)
    return fen(earned), due, due


def _prepaid(earned: Numbers, prepaid: Numbers) -> Amounts:
    full = a.FULL_RATE * np.maximum(earned, 0)
    return fen(earned), fen(prepaid), fen(np.maximum(full - prepaid, 0))


def _stamped(community: "Community") -> tuple[Flags, Flags]:
    """Whether a firm files stamp tax at all, and in which months by the quarter: firm × 1, months."""
    firms = community.firms
    luck = community.random("tax", "stamp").random(len(firms))
    quarterly: Flags = community.calendar.starts[:-1] >= np.datetime64(a.STAMP_QUARTERLY_FROM)
    return ((luck < a.STAMP_FILES) & ~firms.small_scale)[:, None], quarterly


def _stamp(traded: Numbers, at: At, months: int, year: Whole) -> Amounts:
    """Stamp tax on contracts of sale and purchase; half is left off for small firms since surcharges are halved."""
    taxed = np.maximum(whole(months * lately(traded, months)[at]), 0)
    halved = np.where(year[at[1]] >= a.SURCHARGE_HALVED[1].year, 0.5, 1.0)
    due = whole(taxed * a.STAMP * halved)
    return taxed, due, whole(taxed * a.STAMP * (1 - halved))
