"""VAT returns of small-scale taxpayers, by the quarter: free of tax up to a sum that changes with the years."""

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from simulation.assumed import tax as a
from simulation.chance import Days, Flags, Numbers, Whole
from simulation.firms import ZERO_FILER
from simulation.months import Calendar
from simulation.told.lines import NOT_YET, first_day, lately, later
from simulation.told.tax_rows import Lines, Luck, Periods, amends_at, versions, whole
from simulation.told.tax_sales import FEN, Declared
from simulation.told.tax_timing import Visits

if TYPE_CHECKING:
    from simulation.community import Community

QUARTER = 3
"""Months."""


def quarter_ends(calendar: Calendar) -> Flags:
    """Months of the calendar that end a quarter."""
    ends: Flags = calendar.month_of_year % QUARTER == 0
    return ends


def small_scale_returns(community: "Community", declared: Declared, visits: Visits) -> pl.DataFrame:
    """Returns of small-scale taxpayers for quarters that end in the told months.

    Beside the contract: `period` (place of the quarter's last month) and `first_filed_on` of amended returns.
    """
    calendar, firms = community.calendar, community.firms
    firm, month = np.nonzero(visits.told & firms.small_scale[:, None] & quarter_ends(calendar))
    at = firm, month
    random = community.random("tax", "small_scale")
    luck = Luck(
        random.random((6, len(firms), calendar.months))[:, firm, month], random.random((4, len(firms)))[:, firm]
    )
    special_share = random.beta(*a.SPECIAL_SHAPE, len(firms))[firm]
    sales = np.maximum(whole(QUARTER * lately(declared.sales, QUARTER)[at]), 0)
    lines = _lines(community, sales, at, special_share, luck)
    amends = amends_at(visits, community, at, luck.month[4])
    part = np.where(amends, a.AMENDED_PART * luck.month[5], 0.0)
    first = {name: whole(values * (1 - part)) for name, values in lines.items()}
    again = np.where(amends, later(visits.filed_on[at], a.AMENDED_DAYS, luck.month[3]), NOT_YET)
    return versions(first, lines, Periods(firm, month, first_day(calendar, month - 2), again), community, visits)


def _lines(community: "Community", sales: Whole, at: tuple[Whole, Whole], special_share: Numbers, luck: Luck) -> Lines:
    """All lines of the form."""
    firms, firm = community.firms, at[0]
    start = first_day(community.calendar, at[1] - 2)
    exports = whole(sales * np.minimum(firms.export_share[firm], 1))
    sold = whole(sales * a.SOLD_ASSETS_PART * luck.month[1] * (luck.month[0] < a.SOLD_ASSETS))
    assets = np.minimum(sold, sales - exports)
    lets = firms.property[firm] & (luck.firm[0] < a.LETS)
    let = whole((sales - exports - assets) * a.LET_PART * lets)
    usual = sales - exports - assets - let
    is_micro = firms.role[firm] == ZERO_FILER
    share = np.where((luck.firm[1] < a.NO_SPECIAL) | is_micro, 0.0, special_share)
    share = np.clip(share + a.SPECIAL_VARIES * (2 * luck.month[2] - 1) * (share > 0), 0, 1)
    special, special_let = whole(usual * share), whole(let * share)
    below = sales - assets <= _exempt_up_to(start)
    free = (start >= np.datetime64(a.FREE_FROM)) & (start <= np.datetime64(a.FREE_UNTIL))
    small_exempt = np.where(below, usual - special + let - special_let, 0)
    other_exempt = np.where(free & ~below, usual - special, 0)
    taxed = usual - np.where(below | free, usual - special, 0)
    taxed_let = let - np.where(below, let - special_let, 0)
    return {
        "sales_3_fen": taxed,
        "special_invoice_3_fen": special,
        "other_invoice_3_fen": whole((taxed - special) * a.OTHER_INVOICED),
        "sales_5_fen": taxed_let,
        "special_invoice_5_fen": special_let,
        "other_invoice_5_fen": whole((taxed_let - special_let) * a.OTHER_INVOICED),
        "used_assets_sales_fen": assets,
        "small_exempt_sales_fen": small_exempt,
        "other_exempt_sales_fen": other_exempt,
        "exempt_sales_fen": small_exempt + other_exempt,
        "below_threshold_sales_fen": np.zeros_like(sales),
        "export_exempt_sales_fen": exports,
        **_taxes(taxed + assets, taxed_let, small_exempt + other_exempt, start),
    }


def _taxes(taxed: Whole, let: Whole, exempt: Whole, start: Days) -> Lines:
    """Lines 15 to 22."""
    tax = whole(taxed * a.SMALL_RATE + let * a.LET_RATE)
    reduced = np.where(start >= np.datetime64(_quarter_of(a.REDUCED_FROM)), a.SMALL_RATE - a.REDUCED_RATE, 0.0)
    relief = whole(taxed * reduced)
    return {
        "tax_fen": tax,
        "relief_fen": relief,
        "exempt_tax_fen": whole(exempt * a.SMALL_RATE),
        "tax_due_fen": tax - relief,
        "prepaid_fen": np.zeros_like(tax),
        "payable_fen": tax - relief,
    }


def _quarter_of(day: dt.date) -> dt.date:
    """First day of the quarter of a day: a rate that changed within a quarter is taken for all of it."""
    return day.replace(month=day.month - (day.month - 1) % QUARTER, day=1)


def _exempt_up_to(start: Days) -> Whole:
    """Sales of a quarter up to which they are free of tax, fen."""
    days, limits = zip(*a.EXEMPT_UP_TO, strict=True)
    place = np.searchsorted(np.array(days, "M8[D]"), start, side="right") - 1
    limit: Whole = FEN * np.array(limits)[place]
    return limit
