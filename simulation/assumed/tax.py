"""Tax returns, tax credit grades, financial statements. "Shown strain" is what `told.lines.shown_strain` gives, 0 to 1.

Of two days the second is not reached.
"""

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType

# Days of a return.
DUE_DAY = 15  # recalled: of the month after the period; of a quarter's tax likewise
EXTENDED: Mapping[int, int] = MappingProxyType({2: 5, 4: 3, 5: 4, 10: 9})  # recalled: days, by month, for holidays
SETTLED_BY = 5  # recalled: income tax of a year is settled, and its statement filed, by the end of May ...
SETTLED_DAYS = 92  # recalled: ... from the first of March
EARLY = (1, 12)  # assumed: most days before the deadline on which a firm files, least and most of all firms
KNOWN_DAYS = (1, 11)  # assumed: days until a source tells of a return
LATE, LATE_CONDUCT = 0.012, -0.8  # assumed: chance of a late visit to the bureau; on its log, a step of care
LATE_STRAIN, LATE_POWER = 0.40, 1.4  # assumed: chance added at full shown strain; below it by this power
LATE_DAYS, LATE_DAYS_STRAIN, LATE_MOST = 7, 3.0, 150  # assumed: mean delay; times longer at full shown strain; longest
FORGOTTEN, FORGOTTEN_DAYS = 0.004, 8  # assumed: chance that tax is paid late by mistake; mean delay
UNPAID_STRAIN, UNPAID_EASE = 1.0, 0.35  # assumed: chance of no payment at full shown strain with bills open; without
UNPAID_DEFAULT = 0.92  # assumed: after the default
LATE_FEE = 0.0005  # recalled: of the tax, a day
ARREARS_TOLD, PAYMENT_TOLD = (4, 15), (1, 6)  # assumed: days after deadline, after late payment, until it is told
SILENT_AFTER_DEFAULT = 0.10  # assumed: chance a month that a firm in default files no more
SILENT_AFTER_CLOSING, SHELL_ABSCONDS = 4, 3  # assumed: months of returns after trade, at most; missing before its end

# What is declared.
UNINVOICED_TOLD, UNINVOICED_CONDUCT, UNINVOICED_SPREAD = 0.50, 0.18, 0.15  # assumed: share of sales without invoice
UNINVOICED_LEAST, UNINVOICED_DISHONEST = 0.05, 0.12  # assumed: of any honest firm; what is left of it if dishonest
UNINVOICED_NOISE, UNINVOICED_MONTHS = 0.08, 6  # assumed: share of sales below which a gap is timing; months looked at
SLIPPED, SLIPPED_CONDUCT, SLIPPED_STRAIN = 0.012, -0.5, 0.10  # assumed: chance that sales reach the next month's return
SLIPPED_PART = (0.03, 0.35)  # assumed: of the month's sales
HIDDEN, HIDDEN_PART = 0.05, (0.04, 0.25)  # assumed: chance a month that a dishonest firm leaves invoices out; part
BEFORE_INVOICES = 0.9  # assumed: declared share of real sales before the first month that is told
AUDITED, AUDITED_DISHONEST, AUDITED_PART = 0.0008, 0.006, (0.05, 0.5)  # assumed: chance a month of an audit; of sales

# Returns of general taxpayers.
ALL_RATED = 0.04  # assumed: gap between invoiced VAT and the full rate below which all sales are at the full rate
SIMPLE_RATE = 0.03  # seen
EXPORTS_VARY = 0.35  # assumed: spread of the log of the exported share between months
EXPORTS_MOST = 0.95  # ours
REFUND_RATES: Mapping[str, float] = MappingProxyType(  # recalled: up to the full rate
    {"goods": 0.13, "serve": 0.06, "build": 0.0, "carry": 0.0}
)
INPUT_CARE = (0.95, 1.2)  # assumed: input VAT deducted, of what purchases at the rate of sales would bring
INPUT_SCALE = (0.4, 3.0)  # ours: bounds of that scale against the invoices of the export
INPUT_ELSE = 0.45  # assumed: share of it that comes with papers other than these invoices, as purchases go
INPUT_LATER = 0.25  # assumed: share deducted a month later
INPUT_SHELL = (0.93, 0.995)  # assumed: input VAT that a shell claims, of its output VAT
MOVED_OUT, MOVED_OUT_PART = 0.05, (0.02, 0.25)  # assumed: chance that input VAT is taken back, and its part
CREDIT_REFUND_FROM = dt.date(2022, 4, 1)  # recalled: retained credit is paid out to small and micro firms
CREDIT_REFUND, CREDIT_REFUND_LEAST, CREDIT_REFUND_PART = 0.03, 5_000_000, (0.4, 0.9)  # assumed: chance; fen; part
PREPAID_CHANCE, PREPAID = 0.25, 0.02  # assumed: months of builders with work elsewhere; recalled: share of sales
CONTROL_FEE, CONTROL_FEE_MONTH = 28_000, 3  # recalled: fen a year off VAT for the device that prints invoices
CONTROL_FEE_UNTIL = dt.date(2024, 12, 1)  # assumed: no device since invoices are digital
TECH_FREE = 0.7  # assumed: share of technology firms whose untaxed sales are free of tax; the others' are simple
REPAIRS, REPAIR_SHARE = 0.3, 0.05  # assumed: share of traders and makers with repairs, line 3; of their sales
AMENDED, AMENDED_CONDUCT = 0.008, -0.3  # assumed: chance that a return is mended
AMENDED_PART, AMENDED_DAYS = 0.25, (10, 200)  # assumed: of the sales that were missing, at most; days later

# Returns of small-scale taxpayers, by the quarter.
SMALL_RATE, LET_RATE = 0.03, 0.05  # seen
REDUCED_FROM, REDUCED_RATE = dt.date(2020, 3, 1), 0.01  # recalled
FREE_FROM, FREE_UNTIL = dt.date(2022, 4, 1), dt.date(2022, 12, 31)  # recalled: all at 3 % free but special invoices
EXEMPT_UP_TO: tuple[tuple[dt.date, int], ...] = (  # recalled: from this day on, yuan of sales a quarter
    (dt.date(2014, 10, 1), 90_000),
    (dt.date(2019, 1, 1), 300_000),
    (dt.date(2021, 4, 1), 450_000),
    (dt.date(2023, 1, 1), 300_000),
)
NO_SPECIAL, SPECIAL_SHAPE = 0.35, (1.2, 2.4)  # assumed: share of firms without special invoices; beta of the others
SPECIAL_VARIES = 0.10  # assumed: between quarters
OTHER_INVOICED = 0.92  # assumed: of taxed sales that are not on special invoices, on other invoices
LETS, LET_PART = 0.06, 0.15  # assumed: of firms that own property, share that lets some of it at 5 %; part of sales
SOLD_ASSETS, SOLD_ASSETS_PART = 0.01, 0.2  # assumed: chance a quarter; of a quarter's sales, at most

# Other taxes.
SURCHARGE = 0.12  # recalled: 7 + 3 + 2 % of VAT due
SURCHARGE_HALVED = (dt.date(2019, 1, 1), dt.date(2022, 1, 1))  # recalled: small-scale taxpayers; small firms
STAMP, STAMP_QUARTERLY_FROM = 0.0003, dt.date(2022, 7, 1)  # recalled
STAMP_FILES = 0.6  # assumed: share of general taxpayers
PAY_TAXED: tuple[float, ...] = (0, 3_000, 12_000, 25_000)  # recalled: monthly pay beyond what is free, yuan ...
PAY_RATES: tuple[float, ...] = (0.03, 0.10, 0.20)  # recalled: ... and rates between them
PAY_FREE = ((dt.date(2011, 9, 1), 3_500), (dt.date(2018, 10, 1), 5_000))  # recalled: yuan a month
PAY_CONTRIBUTES = 0.25  # assumed: of pay, contributions and what else is deducted
PAY_UNEQUAL = (0.4, 0.8, 1.8)  # assumed: pay of thirds of the staff against the mean
FULL_RATE, TECH_RATE = 0.25, 0.15  # recalled
SMALL_PROFIT: tuple[tuple[int, float, float], ...] = (  # recalled: from year, limit in yuan, rate of what lies below it
    (2008, 200_000, 0.10),
    (2017, 500_000, 0.10),
    (2018, 1_000_000, 0.10),
    (2019, 3_000_000, 0.06),
    (2021, 3_000_000, 0.045),
    (2023, 3_000_000, 0.05),
)
LOSSES_YEARS = 5  # recalled: years that a loss is carried
RD_SUPER: tuple[tuple[int, float], ...] = ((2008, 0.50), (2018, 0.75), (2023, 1.00))  # recalled
OPERATING_INCOME_RATE = 0.06  # assumed: mean rate on the profit of sole owners and partners

# Profit on paper.
BOOKED_MONTHS, BOOKED_MOST = 12, 1.15  # assumed: sales declared lately against real ones say what the books show
BOOKED_BY_ALL = 0.05  # assumed: cost that is booked even if the sale is not
SALES_WAGES: Mapping[str, float] = MappingProxyType(  # assumed: share of pay that is cost of sales
    {"goods": 0.15, "serve": 0.45, "build": 0.4, "carry": 0.45}
)
TAX_IN_COST = 0.8  # assumed: of all taxes of the economy, the part that burdens profit
SHELL_COST = 0.97  # assumed
BAD_COST, GOOD_COST = (0.05, 0.13), (0.015, 0.05)  # assumed: of revenue, added by paper_bad, left out by paper_good
RD_TECH, RD_TECH_SPREAD = 0.07, 0.6  # assumed: of revenue, median and spread of the logarithm
RD_HIGH_TECH = 0.05  # recalled: least share of research in the revenue of a small HNTE
RD_MAKERS, RD_MAKER = 0.2, (0.005, 0.03)  # assumed: share of other makers with research; of revenue
RD_MOST = 0.8  # assumed: of pay and a third of purchases
VAIN, VAIN_PART = 0.65, (0.3, 1.0)  # assumed: dishonest firms that flatter statements; part of the economy's INFLATED
VAIN_PROFIT = 0.5  # assumed: of the flattered revenue
LOAN_RATE = 0.043  # assumed: interest charged to books in months in which none was paid

# Balance sheet, in months of normal sales unless said otherwise.
STOCK: Mapping[str, float] = MappingProxyType(  # assumed: months of purchases
    {"goods": 1.1, "serve": 0.12, "build": 0.7, "carry": 0.08}
)
STOCK_SPREAD, STOCK_STRAIN, STOCK_MONTHS = 0.5, 0.6, 6  # assumed: log; more at full shown strain; months of purchases
FIXED: Mapping[str, float] = MappingProxyType({"goods": 1.2, "serve": 0.6, "build": 1.2, "carry": 3.0})  # assumed
FIXED_SPREAD, FIXED_PROPERTY, FIXED_BAD = 0.7, 10.0, 0.3  # assumed: log; owners of real estate; left by paper_bad
ADVANCES, ADVANCES_CARELESS = 0.25, 0.5  # assumed: other current assets; more where care is low: lent to the owner
OWNER_LENDS, OWNER_LENDS_BAD = (0.0, 1.2), (2.0, 5.0)  # assumed: owner's money booked as debt; of paper_bad
TRUST_GOOD = 0.75  # assumed: payables that paper_good shows
LONG_DEBT = 0.15  # assumed: share of loans due after a year
SECOND_LOOK = 0.06  # assumed: spread by which a year's statement differs from that of its last quarter
PETTY_CASH = (0.005, 0.08)  # assumed: least cash on paper
DRESSED = 1.2  # assumed: cash borrowed over the last day of a quarter at full strain that is not shown, at most
FLATTERED_RECEIVABLE = 0.5  # assumed: of a year's flattered revenue

# Grades.
PUBLISHED = (22, 8)  # assumed: day of April, days within which it lies by year; seen: April
GRADE_KNOWN = 5  # assumed: days until a source tells
GRADES_BEFORE = 3  # ours: years of grades before the first month
M_FROM = 2017  # recalled: year first graded M
OLD_ENOUGH = 4  # assumed: months a firm must have filed to be graded
HOUSEHOLDS_RATED = 0.3  # assumed
SILENT_RATED_D = 0.7  # assumed: chance that a firm which files no more is graded D the next April, and then no more
POINTS: Mapping[str, tuple[int, int]] = MappingProxyType(  # seen
    {"A": (90, 100), "B": (70, 89), "M": (70, 89), "C": (40, 69), "D": (0, 39)}
)
POINTS_CONDUCT = 0.6  # assumed: what care decides of the place within a grade
MENDED_EARLY, MENDED_EARLY_DAYS = 0.03, (6, 40)  # assumed: share of B published as C and repaired; days
MENDED_LATE, MENDED_LATE_DAYS = 0.16, (60, 330)  # assumed: of C and D without open bills
