"""Invoices: how sales and purchases become papers. "Under strain" is what full strain adds where it shows wholly.

Spreads are standard deviations of logarithms between firms unless said otherwise.
"""

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType

# What comes with an invoice at all.
INVOICED_SALES: Mapping[str, float] = MappingProxyType(  # assumed: share of sales, by industry; else all but little
    {"住宿餐饮": 0.55, "文体居民服务": 0.60, "农业": 0.80, "批发零售": 0.93}
)
INVOICED_ELSE = 0.97  # assumed
INVOICED_SMALL_SCALE = 0.85  # assumed: of small-scale taxpayers, against the others
INVOICED_SPREAD = 0.08  # assumed
INVOICED_PURCHASES, PURCHASES_SPREAD, PURCHASES_BOUNDS = 0.58, 1.2, (0.01, 1.25)  # seen: share of purchases with papers

# Some live from few large contracts, others from many small sales: a standard normal trait beside the industry's.
# All seen in how the real profiles go together, per unit of it:
CONTRACTS_OF_TRADE: Mapping[str, float] = MappingProxyType(  # assumed
    {"建筑": 0.8, "科技服务": 0.4, "商务服务": 0.2, "软件信息": 0.4, "农业": 0.2, "住宿餐饮": -1.2, "批发零售": -0.3}
)
BILLS_OF_CONTRACTS = -0.60  # on the logarithm of bills
SILENT_OF_CONTRACTS = 1.0  # on the logistic scale
CONCENTRATION_OF_CONTRACTS = 0.6  # correlation with the concentration of buyers
PLACES_OF_CONTRACTS = -0.4  # on the logarithm of buyers
VOID_OF_CONTRACTS, VOID_OF_SIZE = 0.25, -0.12  # on the logarithm of the share of voids; the latter per log sales
LUMPS_OF_SIZE = -0.10  # on the logarithm of the lumps, per log sales

# When it is invoiced: in lumps, around the month of the sale.
AHEAD, BEHIND = 2, 8  # assumed: months between sale and invoice
YEAR_END: Mapping[int, float] = MappingProxyType({10: 1.15, 11: 1.3})  # seen: places of November, December; times more
LUMPS: Mapping[str, tuple[float, float]] = MappingProxyType(  # seen: median of all firms; assumed: by direction
    {"issued": (0.68, 0.62), "received": (0.90, 0.60)}
)
LUMPS_OF_CONTRACTS = 0.8  # assumed: of the spread of the lumps, what contracts explain
SILENT: Mapping[str, tuple[float, float]] = MappingProxyType(  # seen: share of silent months; assumed: logistic normal
    {"issued": (-2.6, 1.6), "received": (-3.0, 1.7)}
)
SILENT_OF_SIZE = -0.5  # assumed: on that scale, per unit of log sales
HARDLY = 1e-9  # ours: how ready a firm is to invoice in a silent month, against others
SILENT_UNDER_STRAIN = 1.5  # assumed: on that scale

# How many. Bills are what one partner gets on one day; a bill may need several invoices.
BILLS: Mapping[str, tuple[float, float, float]] = MappingProxyType(
    {  # seen: logarithm of bills a month at the reference sales, its slope on log sales, its spread
        "issued": (2.0, 0.48, 0.75),
        "received": (2.6, 0.60, 1.0),
    }
)
REFERENCE_SALES = 500_000  # seen: yuan a month, median of the real firms
BILLS_TOGETHER = 0.5  # assumed: correlation of the two directions beyond size
BILLS_FOLLOW: Mapping[str, float] = MappingProxyType({"issued": 0.6, "received": 0.37})  # seen: within a firm
LEAST_BILL = 40  # assumed: yuan; nobody writes many smaller ones
LEAST_VALUE, LEAST_SHARE = 50, 0.003  # ours: yuan and share of a usual month below which nothing is invoiced
LEAST_BILLS, MOST_BILLS, MOST_INVOICES = 0.15, 170, 220  # ours: a month and direction, to keep rows few
AMOUNT_SPREAD: Mapping[str, tuple[float, float]] = MappingProxyType(  # seen: of a firm's amounts, and its own spread
    {"issued": (0.75, 0.40), "received": (1.2, 0.25)}
)
AMOUNT_SPREAD_OF_SIZE: Mapping[str, float] = MappingProxyType({"issued": 0.0, "received": 0.12})  # seen
LIMITS = (10_000, 100_000, 1_000_000)  # seen: largest net amount of an invoice, yuan
LIMIT_SCORES = (-1.9, 1.7)  # seen: share of firms with each limit
LIMIT_OF_BILLS = 0.7  # assumed: of the score, per unit of the logarithm of the usual bill
FULL_GROSS = 0.75  # assumed: share of firms that fill an invoice to the limit with VAT instead of without
EQUAL_PARTS = 0.18  # assumed: share of large bills split into equal parts instead of full ones and a rest
SPLIT, PARTS = 0.10, 3  # assumed: share of small bills in several invoices; at most this many
DAYS: Mapping[str, tuple[float, float]] = MappingProxyType(  # seen: billing days = factor x bills ^ power
    {"issued": (1.1, 0.78), "received": (1.6, 0.95)}
)
RESTING, OPEN, OPEN_DAYS = 0.30, 0.30, 0.6  # seen: firms that never invoice at weekends, that do; of their bills
ROUND: Mapping[str, tuple[float, float, float]] = MappingProxyType(  # seen: share of whole 1,000, 100 and 1 yuan, gross
    {"issued": (0.15, 0.20, 0.42), "received": (0.10, 0.17, 0.53)}
)
ROUND_FIRMS = 1.0  # assumed: concentration of the beta distribution of the first share among firms

# Strain.
SALES_UNDER_STRAIN, BILLS_UNDER_STRAIN, PURCHASES_UNDER_STRAIN = -0.30, -0.35, -0.30  # assumed
CANCELLED_UNDER_STRAIN = 2.0  # assumed: times more

# Papers that are not right.
VOID: Mapping[str, tuple[float, float]] = MappingProxyType({"issued": (0.080, 0.55), "received": (0.017, 0.7)})  # seen
VOID_OF_CONDUCT = -0.25  # assumed: on the logarithm, per standard deviation of conduct
VOID_MONTHS = 0.5  # assumed: spread between months of a firm
VOID_MOST = 0.6  # assumed
FOUND_LATE = 0.03  # assumed: of wrong paper invoices, found after their month and reversed
BLANK = 0.10  # seen: share of void invoices without amount
RETURNED: Mapping[str, tuple[float, float]] = MappingProxyType(  # seen: medians and spreads
    {"issued": (0.007, 1.8), "received": (0.0015, 1.2)}
)
RETURN_NEVER = 0.25  # assumed: share of firms without returns
RETURNED_MOST = 0.3  # assumed
RETURN_PART = 0.35  # assumed: share of returns that reverse a part only
RETURN_DAYS, CORRECTION_DAYS = 75, 12  # assumed: longest way to a red letter
DIGITAL_WRONG = 0.45  # assumed: wrong digital invoices against wrong paper ones

# Kinds, risk, deduction.
SPECIAL_GENERAL, SPECIAL_SMALL = 0.72, 0.30  # assumed: share of special invoices a taxpayer issues
SPECIAL_RECEIVED = 0.62  # assumed: of purchases of general taxpayers
ELECTRONIC_FROM = dt.date(2020, 9, 1)  # seen: electronic special invoices begin at the end of 2020
ELECTRONIC = 0.35  # assumed: share of ordinary invoices that are electronic before the digital ones
DEDUCTED, DEDUCTED_DAYS = 0.97, 60  # assumed: share ever deducted, longest wait
DOUBTFUL, ABNORMAL = 0.0015, 0.0003  # assumed: share of ordinary firms' invoices
RISK_OF_SHELL, RISK_OF_RING = 90.0, 12.0  # assumed: times more
LATE_KNOWN, LATE_DAYS = 0.02, 5  # assumed: share of rows that reach the export later, longest delay

# Rates. Seen: laws; shares assumed.
RATE_DAYS = (dt.date(2018, 5, 1), dt.date(2019, 4, 1), dt.date(2020, 3, 1))  # seen: from these days on the next column
RATES: Mapping[str, tuple[float, float, float, float]] = MappingProxyType(  # seen
    {
        "goods": (0.17, 0.16, 0.13, 0.13),
        "carry": (0.11, 0.10, 0.09, 0.09),
        "build": (0.11, 0.10, 0.09, 0.09),
        "serve": (0.06, 0.06, 0.06, 0.06),
        "small": (0.03, 0.03, 0.03, 0.01),
        "simple": (0.03, 0.03, 0.03, 0.03),
        "let": (0.05, 0.05, 0.05, 0.05),
        "free": (0.0, 0.0, 0.0, 0.0),
    }
)
OTHER_RATE = 0.12  # assumed: mean share of a firm's sales at another rate than its own
OTHER_RATES: Mapping[str, float] = MappingProxyType(  # assumed: of general taxpayers
    {"goods": 0.30, "serve": 0.40, "carry": 0.05, "simple": 0.15, "let": 0.05, "free": 0.05}
)
OTHER_RATES_SMALL: Mapping[str, float] = MappingProxyType({"simple": 0.8, "let": 0.1, "free": 0.1})  # assumed
SUPPLIERS: Mapping[str, float] = MappingProxyType(  # assumed: of a firm's suppliers beyond its own kind
    {"goods": 0.36, "serve": 0.20, "carry": 0.08, "small": 0.27, "simple": 0.05, "free": 0.04}
)
SUPPLIERS_ALIKE = 0.9  # assumed: 1/2 of suppliers are of the firm's own kind, by firm as a beta of these
GOODS_CODES: Mapping[str, tuple[str, ...]] = MappingProxyType(  # seen: leading digits of the classes; the rest invented
    {
        "goods": ("1090500000000000000", "1060200000000000000", "1070100000000000000", "1080400000000000000"),
        "carry": ("3010000000000000000", "3040800000000000000"),
        "build": ("3050000000000000000", "3050100000000000000"),
        "serve": ("3040000000000000000", "3040200000000000000", "3040300000000000000", "3070400000000000000"),
    }
)

# Partners.
KINDS = ("buyer", "supplier")
PLACES: Mapping[str, tuple[float, float, float]] = (
    MappingProxyType(  # seen: partners at once = exp(a) x bills ^ b, spread
        {"buyer": (1.7, 0.90, 1.3), "supplier": (2.7, 0.90, 0.7)}
    )
)
MOST_PLACES = 900  # ours
CONCENTRATION: Mapping[str, tuple[float, float]] = MappingProxyType(  # seen: exponent of Zipf's law, least and most
    {"buyer": (0.1, 1.9), "supplier": (0.5, 1.8)}
)
STAY: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"buyer": (36.0, 2.2), "supplier": (36.0, 2.0)}
)  # seen: months
SUPPLIER_ANCHOR = 0.85  # assumed: largest share of one supplier that stays
STAY_FIRMS = 0.9  # assumed: spread between firms
LEAVE_UNDER_STRAIN = 4.0  # assumed: times faster
CONCENTRATION_UNDER_STRAIN = 0.8  # assumed
PARTNER_SPREAD: Mapping[str, float] = MappingProxyType({"buyer": 0.7, "supplier": 1.5})  # seen: sizes of their bills

# Inside the community.
TIES = (0.25, 0.35, 0.25, 0.15)  # assumed: chance that a seller to firms has 0, 1, 2, 3 buyers inside
TIE_SHARE = (0.01, 0.15)  # assumed: of the seller's sales
TIE_MOST = 0.25  # assumed: of the buyer's purchases
OUTSIDE_LEAST = 0.1  # assumed: share of purchases that stays outside whatever is bought inside
CONSUMER_TRADES = ("住宿餐饮", "文体居民服务")
RING_SHARE, RING_UNDER_STRAIN = (0.15, 0.6), 1.2  # assumed: what goes round, of the ring's mean sales; times more
RING_SILENT = 0.25  # assumed: months without
RING_BILLS, RING_AMOUNTS = 2.0, 0.3  # assumed: bills a month, spread of their amounts
SHELL_BUYERS = 2  # assumed: dishonest firms of the community that buy from a shell
SHELL_SALES, SHELL_SPREAD = 3.0, 0.8  # assumed: sales papers of a month against its nominal sales
SHELL_BILLS, SHELL_AMOUNT = 14.0, 99_000  # assumed: bills of a busy month; usual invoice, yuan
SHELL_BUYS = 0.15  # assumed: share of months in which it buys anything
SHELL_BUSY = 0.6  # assumed: share of months in which it sells papers
