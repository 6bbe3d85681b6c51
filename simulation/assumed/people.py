"""People and premises: who is insured, at what base and rate; who has a meter, and what it counts."""

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType

# Contributions. Bases in yuan a head and month, from July of a year to June of the next.
BASES: Mapping[int, tuple[int, int]] = (
    MappingProxyType(  # recalled: lowest and highest base of Beijing; 2026, 2027 assumed
        {2016: (2_834, 21_258), 2017: (3_082, 23_118), 2018: (3_387, 25_401), 2019: (3_613, 23_565)}
        | {2020: (3_613, 26_541), 2021: (5_360, 28_221), 2022: (5_869, 31_884), 2023: (6_326, 33_891)}
        | {2024: (6_821, 35_283), 2025: (7_162, 35_811), 2026: (7_500, 37_000), 2027: (7_850, 38_000)}
    )
)
NEW_BASES = 7  # seen: month from which the bases of a year hold
RATES: tuple[tuple[dt.date, float], ...] = (  # recalled: both sides, all kinds of insurance
    (dt.date(2016, 1, 1), 0.412),
    (dt.date(2019, 5, 1), 0.372),
    (dt.date(2020, 2, 1), 0.204),  # relief for small firms in the epidemic
    (dt.date(2021, 1, 1), 0.372),
)
FUND_RATES: Mapping[int, float] = MappingProxyType(  # seen: 10 to 24 %, both sides; assumed: how common
    {1_000: 0.46, 1_400: 0.08, 1_600: 0.08, 2_000: 0.10, 2_400: 0.28}
)

# Who is insured. All assumed; chances and shares as logits.
COVERED, COVERED_STAFF, COVERED_CONDUCT, COVERED_SPREAD = (
    1.1,
    0.35,
    0.5,
    0.8,
)  # of staff; a tenfold staff; a step of care
COVERED_DISHONEST, COVERED_ROUGH = -0.9, -0.7  # dishonest firms; firms that look bad on paper
UNINSURED, UNINSURED_MICRO = 0.03, 0.25  # share of firms that insure nobody; of those with up to three people
ZERO_FILER_INSURES, SHELL_INSURES, PAUSED_INSURES = 0.40, 0.25, 0.55  # share of such firms that insure one person
CUT = 0.45  # share of the insured dropped at full shown strain, beside those who leave
CUT_MONTHS = 4  # months of strain that decide it
STARTS_WITHIN = 6  # months in which a new firm opens its account
TELLS_NOBODY = 0.30  # share of firms that file a month with nobody insured
LOWEST_BASE, LOWEST_BASE_CONDUCT, LOWEST_BASE_DISHONEST = -0.7, -0.6, 1.2  # pay on the lowest base whatever is earned
FULL_TIME, FULL_TIME_SPREAD = 0.25, 0.35  # pay of full-time people against the lowest base: logarithm and its spread
BASE_OF_PAY = (0.75, 1.0)  # base against pay
BASE_UNTOLD = 0.03  # share of firms whose source tells no base
FUND, FUND_STAFF, FUND_CONDUCT, FUND_TECH = -2.4, 1.9, 0.4, 0.6  # has a housing fund; a tenfold staff; care; technology
FUND_COVERS = (0.55, 1.0)  # of the insured
FUND_CUT = 1.0  # share of it dropped at full shown strain: the fund goes first

# How bills are paid. All assumed.
CARELESS, CARELESS_CONDUCT, CARELESS_ROUGH = (
    0.012,
    -0.7,
    4.0,
)  # bills forgotten; log of a step of care; times, rough papers
CARELESS_DAYS = (8, 55)
LATE_AT_STRAIN, LATE_FROM = (
    0.75,
    0.15,
)  # chance that a bill stays open at full shown strain; strain below which none does
EASE = 0.35  # strain below which open bills are paid
PRESSED, PRESSED_DAYS = 0.45, (20, 110)  # share of open bills paid under pressure, and after how long
PART, PART_SIZE = 0.12, (0.4, 0.95)  # share of contributions left open that are paid in part, and the part

# Days. All assumed but the order.
DECLARED_DAYS, DECLARED_LATE, DECLARED_LATE_DAYS = (3, 15), 0.02, (1, 25)  # of the next month; forgotten; days after it
INSURANCE_KNOWN, FUND_KNOWN, UTILITY_KNOWN = 5, 3, 2  # days until the source tells
FUND_DAYS = (5, 24)  # of the month itself
BILLED_DAYS = (2, 9)  # of the next month
BILL_PAID = 18  # days within which a bill in time is paid

# Meters. By industry in the order of assumed.city.INDUSTRIES: share of firms with a meter of their own; kWh and m³ of
# water for 10,000 yuan of sales; shares of those with a meter that buy water and gas; m³ of gas for 10,000 yuan of
# sales. All assumed.
METERS = (
    # meter, kWh, water, has water, has gas, gas
    (0.45, 28.0, 0.25, 0.35, 0.01, 1.0),
    (0.35, 35.0, 0.25, 0.35, 0.01, 1.0),
    (0.28, 30.0, 0.25, 0.35, 0.01, 1.0),
    (0.22, 45.0, 0.20, 0.30, 0.00, 1.0),
    (0.95, 320.0, 1.60, 0.90, 0.30, 14.0),
    (0.35, 60.0, 0.60, 0.40, 0.01, 1.0),
    (0.45, 55.0, 0.40, 0.45, 0.02, 2.0),
    (0.95, 260.0, 5.50, 0.95, 0.80, 45.0),
    (0.65, 150.0, 3.00, 0.70, 0.06, 8.0),
    (0.85, 240.0, 12.0, 0.60, 0.02, 4.0),
)
METER_SMALL = 0.45  # share of meters kept by zero filers: most share a room
USE_SPREAD = 0.5  # of the logarithm, between firms
FIXED = 0.35  # part of a normal month's use that does not follow sales
FOLLOWS = 0.85  # power of sales that the rest follows
ASLEEP = 0.06  # of normal use while a firm rests lawfully
USE_NOISE = 0.09  # spread of the logarithm, between months
POWER_SEASON = (1.18, 1.12, 0.98, 0.92, 0.93, 1.06, 1.25, 1.24, 1.02, 0.88, 0.97, 1.15)  # cooling and heating
GAS_SEASON = (1.25, 1.20, 1.08, 0.95, 0.90, 0.88, 0.86, 0.86, 0.90, 0.95, 1.08, 1.22)
USE_UNTOLD = 0.03  # share of firms whose bills tell no quantity
LEAST_USE = (60.0, 3.0, 6.0)  # kWh and m³ a month that a room needs beside
TARIFFS = (0.86, 9.5, 3.0)  # recalled: yuan a kWh and m³, Beijing, not for households; gas assumed
