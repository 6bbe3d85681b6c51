"""Suits, enforcement, penalties and adverse lists. All assumed unless marked; rates a year, delays in days.

A rate is `base` for any firm; it grows with what shows of its strain (0 to 1, squared) and in months in which it leaves
bills unpaid.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Rate(NamedTuple):
    base: float
    strained: float = 0.0
    failing: float = 0.0


HISTORY_YEARS = 6  # before the told months: longer than a negative counts
SHOWN = 0.3  # part of the strain that courts see of the most closed of firms
CREDITORS_CARE = 18  # months after a default in which creditors still sue
CLEAN_ON_PAPER = 0.12  # rates of firms that are good on paper, up to their default
WITHOUT_BUSINESS = 0.2  # rates of shells and of firms at lawful rest
SIZE_POWER, SIZE_BOUNDS = 0.35, (0.3, 3.0)  # of sales against the median firm
CARE = 0.30  # fall of the logarithm of a rate with a standard deviation of conduct

SUITS: Mapping[str, Rate] = MappingProxyType(
    {
        "sales_contract": Rate(0.014, 0.90, 0.40),
        "labour": Rate(0.018, 0.45, 0.25),
        "lease": Rate(0.004, 0.25, 0.15),
        "intellectual_property": Rate(0.003),
        "construction": Rate(0.001, 0.05, 0.03),
        "loan": Rate(0.0008, 0.20, 0.12),
        "other": Rate(0.007, 0.10, 0.04),
    }
)
BUILDERS_SUITS = 15  # suits over construction works, construction firms against others
LENDERS_SUE = 0.75  # rate of loan suits between a default and the end of the creditors' care
AMOUNTS: Mapping[str, tuple[float, float]] = MappingProxyType(  # yuan for the median firm, power of its size
    {"sales_contract": (110_000, 1.0), "labour": (38_000, 0.2), "lease": (60_000, 0.7), "loan": (300_000, 1.0)}
    | {"intellectual_property": (45_000, 0.2), "construction": (260_000, 1.0), "other": (35_000, 0.5)}
)
AMOUNT_SPREAD = 0.9  # of the logarithm
TRIAL = (45, 260)  # recalled: three to six months in the first instance, mediation sooner

CLAIM = Rate(0.022, 0.08)  # suits as plaintiff, for a firm whose buyers take CLAIM_MONTHS
CLAIM_MONTHS, CLAIM_POWER = 1.8, 0.8
PAPER_BAD_CLAIMS = 4.0  # against others
BUILDERS_CLAIMS = 0.7  # share of construction firms' claims that are over works

# What follows a suit, first for firms that pay their bills, then for those that fail to.
FREEZE, FREEZE_AFTER = (0.04, 0.28), (0, 40)
ENFORCED, ENFORCED_AFTER = (0.07, 0.72), (30, 150)
PAID_AFTER = (25, 150)
LIMITED, LIMITED_AFTER = (0.06, 0.60), (20, 90)
DISHONEST, DISHONEST_AFTER = (0.04, 0.38), (60, 180)
TERMINATED, TERMINATED_AFTER = 0.70, (100, 190)  # recalled: 终本 within six months where nothing is found

PENALTY = Rate(0.028, 0.12, 0.03)
PENALTY_BY: Mapping[str, float] = MappingProxyType(
    {"H": 2.2, "G": 2.0, "E": 1.6, "F52": 1.4, "C": 1.3, "I": 0.4, "M": 0.5}
)
ENVIRONMENT_PENALTY = Rate(0.0012)
ENVIRONMENT_BY: Mapping[str, float] = MappingProxyType({"C": 8, "H62": 6, "E": 4, "A": 2, "I": 0.1, "M": 0.5, "L": 0.2})
SAFETY_PENALTY = Rate(0.0015, 0.002)
SAFETY_BY: Mapping[str, float] = MappingProxyType({"E": 8, "C": 4, "G": 3, "H": 2, "I": 0.1, "M": 0.4, "L": 0.3})
MAJOR, MAJOR_CARELESS = 0.05, 0.15  # share of penalties; of firms whose conduct is worse than CARELESS
CARELESS = -0.8
FINE, MAJOR_FINE, FINE_SPREAD = 4_000, 90_000, 1.0  # yuan
REPAIR, REPAIR_MAJOR = -0.2, -1.2  # mean care, in standard deviations of conduct, with which a penalty is repaired
REPAIRED_AFTER, MAJOR_REPAIRED_AFTER = (95, 400), (370, 1_100)  # seen: published at least 3 months, or a year

WAGE_ARREARS = Rate(0.0004, 0.03, 0.10)
WAGE_BY: Mapping[str, float] = MappingProxyType({"E": 6, "C": 1.5, "I": 0.5, "F": 0.6})
TAX_ARREARS = Rate(0.0015, 0.10, 0.12)
SETTLED_AFTER = (30, 220)  # a list is left so long after it was joined, by firms that can pay by then
FORGOTTEN_RETURNS, FOUND_AFTER = 0.0012, (20, 120)  # 非正常户 that lives: rate of the careless, and how soon it ends
SILENT_ABNORMAL, SILENT_AFTER = 0.75, (120, 330)  # recalled: three months without returns; share of silent firms
SHELL_CAUGHT, CAUGHT_AFTER = 0.32, (200, 800)  # shells found to have sold invoices
STRUCK_OFF_AFTER = (700, 1_100)  # recalled: the list of tax violations is left after three years, sooner if repaired
MONTHLY_WAGE, TAX_SHARE = 8_500, 0.028  # yuan a head; of sales: sizes of what is owed
MONTHS_OF_ARREARS, MONTHS_EVADED = 3, 24  # of tax
SHELL_EVADED = 6.0  # months of a shell's claimed sales
CAREFUL_FORGET = 0.2  # rate of the others
EVADES = 0.003  # rate at which dishonest firms come on the list of tax violations

KNOWN_AFTER: Mapping[str, tuple[int, int]] = MappingProxyType(
    dict.fromkeys(("defendant", "plaintiff"), (20, 120))
    | dict.fromkeys(("enforcement", "terminated_enforcement", "account_freeze"), (10, 45))
    | dict.fromkeys(("dishonest_list", "consumption_limit"), (3, 20))
    | dict.fromkeys(("penalty", "environment_penalty", "safety_penalty"), (5, 20))  # recalled: within 7 days
    | dict.fromkeys(("tax_abnormal", "tax_violation_list", "tax_arrears_notice", "wage_arrears"), (10, 45))
)
