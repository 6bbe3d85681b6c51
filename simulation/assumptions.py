"""Every number of the invented world, marked `seen` or `assumed`.

`seen`: rounded from the invoices of 425 real small enterprises in 2016–2020 (problem C of the 2020 national
mathematical-modelling contest, 中小微企业的信贷决策), or stated by a law, a standard or a calendar.
`assumed`: chosen by us; nothing outside this project stands behind it.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

# Calendar. Weights: what is invoiced on a day, against an ordinary weekday.
FIRST_DAY = dt.date(2020, 3, 1)  # seen: since then the VAT rates below hold, 1 % for small-scale taxpayers among them
LUNAR_NEW_YEARS = (  # seen
    *(dt.date(2021, 2, 12), dt.date(2022, 2, 1), dt.date(2023, 1, 22), dt.date(2024, 2, 10), dt.date(2025, 1, 29)),
    *(dt.date(2026, 2, 17), dt.date(2027, 2, 6)),
)
LAST_DAY = dt.date(2027, 12, 31)  # as far as the new years above reach
LAST_PAPER_DAY = dt.date(2024, 11, 30)  # seen: all-digital from 2024-12-01; assumed: for every firm on that day
WEEKEND = 0.2  # seen
FESTIVAL_FROM, FESTIVAL_UNTIL, FESTIVAL = -3, 9, 0.05  # assumed: days since the lunar new year, weight
RETURN_UNTIL, RETURN = 15, 0.5  # assumed: the slow days after it
NATIONAL_DAY = 0.15  # assumed: 1 to 7 October


@dataclass(frozen=True)
class Industry:
    """A trade of the invented city.

    Attributes:
        divisions: GB/T 4754 codes.
        share: of all firms.
        vat_rate: of a general taxpayer.
        margin: sales less purchases over sales, mean.
        swing: of sales between an ordinary month and the peak month.
        peak_month: 1 to 12.
    """

    divisions: tuple[str, ...]
    share: float
    vat_rate: float
    margin: float
    swing: float
    peak_month: int


INDUSTRIES = (  # VAT rates seen, the rest assumed
    Industry(("F51", "F52"), 0.30, 0.13, 0.16, 0.15, 12),
    Industry(("C17", "C26", "C34", "C35", "C39"), 0.15, 0.13, 0.28, 0.10, 11),
    Industry(("I64", "I65"), 0.20, 0.06, 0.50, 0.20, 12),
    Industry(("L72", "M73", "M75"), 0.17, 0.06, 0.45, 0.15, 12),
    Industry(("E48", "E50"), 0.10, 0.09, 0.22, 0.30, 10),
    Industry(("G54", "G59"), 0.08, 0.09, 0.25, 0.10, 11),
)
SUPPLIER_RATES: Mapping[float, float] = MappingProxyType({0.13: 0.40, 0.06: 0.20, 0.01: 0.20, 0.03: 0.10, 0.09: 0.10})
SUPPLIERS_ALIKE, SUPPLIERS_ALIKE_SMALL = 0.6, 0.9  # assumed: suppliers at the firm's own rate; small-scale firms
SMALL_SCALE_RATE = 0.01  # seen
SIMPLE_RATE, SIMPLE_SHARE = 0.03, 0.08  # seen: simplified method, or the 1 % relief waived; assumed: how often

# What firms are. Spreads are standard deviations between firms; "of quality" is per standard deviation of quality.
DISTRICTS: Mapping[str, float] = MappingProxyType(  # codes seen (GB/T 2260), shares assumed
    {"110101": 0.05, "110102": 0.06, "110105": 0.20, "110106": 0.09, "110107": 0.03, "110108": 0.19, "110109": 0.02}
    | {"110111": 0.05, "110112": 0.07, "110113": 0.05, "110114": 0.07, "110115": 0.06, "110116": 0.02, "110117": 0.01}
    | {"110118": 0.02, "110119": 0.01}
)
FIRST_DISTRICT = "110108"  # of the first enterprise, so that examples can name it: Y1110108XP000001X5
LEGAL_FORMS: Mapping[str, float] = MappingProxyType(  # assumed
    {"limited_company": 0.88, "sole_proprietorship": 0.06, "partnership": 0.03, "joint_stock": 0.03}
)
MEDIAN_SALES, SALES_SPREAD = 180_000, 0.9  # assumed: yuan a month; spread of the logarithm
SMALL_SCALE_LIMIT, SMALL_SCALE_SHARE = 5_000_000, 0.6  # seen: yuan of sales a year; assumed: share of firms below it
SALES_PER_EMPLOYEE = 450_000  # assumed: yuan a year
CAPITALS = (500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000)  # assumed: yuan
MEDIAN_AGE, AGE_SPREAD, AGES = 60, 0.8, (6, 400)  # assumed: months; spread of the logarithm; bounds
MARGIN_SPREAD = 0.2  # assumed: of the logarithm of the margin
PROFIT, PROFIT_SPREAD = (
    0.20,
    0.08,
)  # assumed: share of the gross margin; per standard deviation of margin and of quality
GROWTH, GROWTH_SPREAD, GROWTH_OF_QUALITY = 0.02, 0.10, 0.08  # assumed: of log demand, a year
VOLATILITY = (0.10, 0.32)  # assumed: monthly shock to log demand, calmest and wildest firm
DISHONEST = 0.05  # assumed: share of firms of mean quality that trade in circles
PROFIT_OF_CIRCLE = -0.10  # assumed: who trades in a circle does badly
OPENNESS = (0.1, 0.9)  # assumed: how much of its stress a firm's invoices show, least and most
CIRCLE, CIRCULAR, CIRCULAR_UNDER_STRESS = 3, 0.20, 0.25  # assumed: partners in it, its share of sales, more of it

# How cash runs. Cash and losses in months of the firm's normal gross margin, chances a month.
LABEL_MONTHS = 12  # the window that the contract of labels names
MONTHS_TO_DEFAULT = 3  # seen: default is 90 days past due
LOAN_AGES = (6, 18)  # assumed: months between a firm's loan and the day of the labels
MEDIAN_CASH, CASH_SPREAD, CASH_OF_QUALITY = 4.0, 0.4, 0.2  # assumed: when the loan is granted; spread of the logarithm
CASH_CEILING = 5.5  # assumed: the owner takes out what is above
COMFORT = 2.5  # assumed: stress begins with less cash than this
DEMAND_MEMORY = 0.8  # assumed: what a month's luck leaves to the next
COST_FOLLOWS = 0.08  # assumed: part of a fall in sales that next month's fixed cost makes up
BUYER_LOSS, LOSS_LEAST, LOSS_MOST = 0.013, 0.2, 0.8  # assumed: chance, and fall of log demand for good
CONDUCT_OF_QUALITY = -0.3  # assumed: on the logarithm of that chance and of the share of cancelled invoices
BAD_DEBT, BAD_DEBT_SIZE = 0.018, 1.8  # assumed: chance and mean of a loss that no invoice shows
CLOSING = 0.002  # assumed: chance that the owner of a firm at ease closes it and repays
SILENT_AFTER_DEFAULT = 0.6  # assumed: share of firms that stop trading when they default

# Invoices. "Under stress" is what full stress adds in a firm that shows it wholly.
ISSUED_A_MONTH, INVOICES_SPREAD = 8.0, 0.7  # seen: median firm; spread of the logarithm assumed, seen 1.4
RECEIVED_PER_ISSUED = 0.6  # assumed, seen 1: fewer rows keep a demo quick
AMOUNT_SPREAD: Mapping[str, float] = MappingProxyType({"issued": 1.0, "received": 1.6})  # seen 1.0, 2.0: of logarithms
CANCELLED_SALES, CANCELLED_PURCHASES = 0.09, 0.03  # seen: share void or reversed, median firm
REVERSED_ON_PAPER = 0.15  # assumed: cancelled paper invoices found too late to void
REVERSAL_DAYS = 45  # assumed: longest way to a reversal
PARTIAL_REVERSAL = 0.3  # assumed: share of reversals of a part only
PARTNERS, CHURN = (6, 26), 0.025  # assumed: buyers or suppliers at once; chance that one is replaced in a month
CONCENTRATION = (0.5, 1.7)  # assumed: Zipf exponents of the shares of partners
PURCHASE_NOISE = 0.35  # assumed: of the logarithm of a month's purchases
SALES_UNDER_STRESS, PURCHASES_UNDER_STRESS, INVOICES_UNDER_STRESS = -0.5, -0.4, -0.5  # assumed
CANCELLED_UNDER_STRESS, CHURN_UNDER_STRESS, CONCENTRATION_UNDER_STRESS = 3.0, 4.0, 0.8  # assumed
