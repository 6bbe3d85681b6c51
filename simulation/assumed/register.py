"""What the market regulator is told and finds out. All assumed unless marked; rates a year, delays in days."""

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

# The entry.
CLASSES: Mapping[str, tuple[str, ...]] = (
    MappingProxyType(  # recalled: last two digits of GB/T 4754 classes, by division
        {"F51": ("32", "64", "65", "75", "76", "77", "79", "99"), "F52": ("11", "12", "32", "73", "92")}
        | {
            "M73": ("10", "20", "30", "40"),
            "M74": ("81", "82", "91", "99"),
            "M75": ("12", "13", "14", "15", "19", "90"),
        }
        | {"L72": ("11", "31", "41", "43", "49", "51", "59", "84", "91", "99"), "L71": ("11", "19")}
        | {
            "I65": ("11", "13", "20", "31", "40", "50", "60"),
            "I64": ("21", "22", "29", "90"),
            "C34": ("44", "89", "99"),
        }
        | {
            "C35": ("62", "81", "91", "99"),
            "C39": ("11", "19", "22", "73", "90"),
            "C26": ("41", "61", "69"),
            "C17": ("79",),
        }
        | {
            "C14": ("11", "39", "69", "99"),
            "E50": ("11", "12", "13", "90"),
            "E48": ("13", "52"),
            "E49": ("10", "20", "99"),
        }
        | {
            "G54": ("31", "32", "39"),
            "G59": ("10", "20", "90"),
            "H62": ("10", "20", "31", "32", "99"),
            "H61": ("10", "21", "30"),
        }
        | {"R88": ("10", "70"), "R90": ("11", "20", "30"), "O80": ("40", "51", "90"), "O81": ("11", "21")}
        | {"A01": ("41", "43", "51"), "A03": ("13", "21"), "A05": ("11", "19")}
    )
)
TRAVEL_AGENCY = "91"  # recalled: of division L72; what seasonal firms of it are
CAPITALS: Mapping[int, float] = MappingProxyType(  # ten thousand yuan: heaps at round numbers
    {
        3: 0.03,
        10: 0.08,
        20: 0.03,
        30: 0.05,
        50: 0.13,
        100: 0.26,
        200: 0.10,
        300: 0.06,
        500: 0.13,
        1000: 0.09,
        2000: 0.02,
    }
    | {3000: 0.01, 5000: 0.01}
)
CAPITAL_OF_SIZE, CAPITAL_OF_OWNER = 0.55, 0.25  # weights of size and owner's wealth in the rank of the capital
SHELL_CAPITAL = 0.55  # least rank of a shell's capital
NO_CAPITAL_FORMS = ("individual_household",)
PAID_UP_FRONT = dt.date(2014, 3, 1)  # seen: 公司法 2013; before, capital was paid in when a company was founded
PAID: Mapping[float, float] = MappingProxyType({0.0: 0.34, 0.1: 0.10, 0.2: 0.08, 0.3: 0.08, 0.5: 0.12, 1.0: 0.28})
PAID_OF_QUALITY = 0.35  # weight of quality in the rank of the paid-in share
REDUCE_FROM = dt.date(2024, 7, 1)  # seen: 公司法 2023, five years to pay in: capital is reduced
UNDISCLOSED: Mapping[str, float] = MappingProxyType(  # shares of firms of which the register does not tell
    {
        "paid_in_capital_fen": 0.08,
        "employees": 0.10,
        "premises_kind": 0.04,
        "phone_firms": 0.05,
        "legal_rep_firms": 0.03,
    }
)
GENERAL_AT_ONCE = 0.5  # share of general VAT payers that were registered as such in the month after their founding
PREMISES: Mapping[str, float] = MappingProxyType({"leased": 0.82, "provided": 0.13, "online": 0.05})
OWN_PREMISES = 0.75  # share of the owners of real estate that work in it
SHOPS = ("F52", "O80", "R90")  # divisions among which some work online only
BIRTH_AGE, BIRTH_SPREAD, BIRTH_AGES = 39.0, 8.5, (20, 70)  # of a legal representative at his first entry


class Shared(NamedTuple):
    """With how many firms something is shared: chance that it is, and from how few to how many then."""

    chance: float
    low: int
    high: int


FIRST_STAFF = 0.5  # people at the founding, most, against those at normal sales

# Addresses, telephones, legal representatives, by kind of firm; `hidden` = those that fleeing owners choose.
ADDRESS: Mapping[str, Shared] = MappingProxyType(
    {"shell": Shared(0.75, 25, 400), "ring": Shared(0.30, 20, 80), "incubated": Shared(0.65, 20, 300)}
    | {
        "zero_filer": Shared(0.35, 20, 200),
        "desk": Shared(0.12, 6, 90),
        "other": Shared(0.25, 2, 7),
        "hidden": Shared(0.40, 20, 200),
    }
)
INCUBATED_AGE = 60  # months up to which technology firms sit in incubators
DESK_TRADES = "LIM"  # sections whose small firms rent desks
PHONE: Mapping[str, Shared] = MappingProxyType(  # a bookkeeper's telephone serves many small firms
    {"shell": Shared(0.70, 5, 80), "ring": Shared(0.45, 3, 9), "zero_filer": Shared(0.30, 5, 90)}
    | {"desk": Shared(0.08, 3, 60), "other": Shared(0.08, 2, 30)}
)
REP: Mapping[str, Shared] = MappingProxyType(
    {"shell": Shared(0.50, 8, 60), "ring": Shared(0.40, 4, 14), "zero_filer": Shared(0.20, 2, 6)}
    | {"desk": Shared(0.30, 2, 9), "other": Shared(0.30, 2, 12), "hidden": Shared(0.60, 5, 40)}
)
RING_OF_ONE = 0.4  # share of rings whose firms have one legal representative


# Changes.
class Change(NamedTuple):
    """Rates: of any firm; more with its strain as it shows, squared; of owners in flight, at full strain."""

    base: float
    strained: float
    fleeing: float
    shell: float


CHANGES: Mapping[str, Change] = MappingProxyType(
    {
        "legal_rep": Change(0.030, 0.10, 1.3, 0.30),
        "address": Change(0.065, 0.06, 0.7, 0.20),
        "shareholder": Change(0.045, 0.06, 1.0, 0.15),
        "raised": Change(0.022, 0.0, 0.0, 0.05),
        "reduced": Change(0.025, 0.0, 0.0, 0.0),
    }
)
FLEES, FLEES_CARELESS = 0.18, -0.5  # share of owners that put others in front when it gets tight; logarithm by conduct
FLEES_AT = 0.6  # strain from which they do
GROWS, FUNDED = 0.5, 0.06  # capital raised: logarithm by quality; rate more of technology firms, of new holders too
RAISED: Mapping[float, float] = MappingProxyType({1.5: 0.15, 2.0: 0.45, 3.0: 0.15, 5.0: 0.20, 10.0: 0.05})
REDUCED: Mapping[float, float] = MappingProxyType({0.5: 0.35, 0.2: 0.30, 0.1: 0.35})
CHANGE_KNOWN = (1, 9)

# Annual reports.
FIRST_REPORT_YEAR = 2013  # seen: 企业信息公示暂行条例, in force from 2014-10-01
REPORT_FROM, REPORT_DAYS = 10, 170  # days of the year from which and in which those in time file
REPORT_POWER, HASTE = 0.75, 0.15  # of a uniform number; its logarithm by conduct: the careful file earlier
LATE, LATE_CARELESS, LATE_STRAINED = -2.15, 0.35, 2.2  # normal rank: of a firm, by conduct, at full strain that shows
LATE_DAYS, NEVER_FILED = (3, 260), 0.12  # of those that are late
FILED_BY_AGENT = 0.22  # share of silent firms whose bookkeeper goes on filing
STAFF_TOLD = 0.12  # spread of the logarithm of the people told of
REPORT_KNOWN = (0, 3)

# Lists.
LISTED, LISTED_AFTER = 0.85, (5, 45)  # of missed reports, after 30 June
RELEASED_AFTER = (4, 35)
UNREACHABLE, UNREACHABLE_STRAINED = 0.004, 0.12  # rates; of any firm, at full strain that shows
UNREACHABLE_SHELL, UNREACHABLE_SILENT = 0.15, 0.20
FOUND_AFTER = (15, 160)
MENDED, MENDED_AFTER = -0.5, (10, 120)  # mean care, in standard deviations of conduct, with which an entry is repaired
SERIOUS, SERIOUS_AFTER = 0.4, (1_110, 1_200)  # seen: three years on the list
REVOKED, REVOKED_AFTER = 0.40, (400, 1_500)  # of silent firms on the list
LIST_KNOWN = (0, 6)

# Rest and end.
LIQUIDATED, LIQUIDATED_BEFORE = 0.6, 45  # recalled: 45 days for creditors; the others use the short way
STATUS_KNOWN = (1, 6)

# Who stands behind a firm.
HOLDERS: Mapping[int, float] = MappingProxyType({1: 0.34, 2: 0.42, 3: 0.16, 4: 0.08})
CORPORATE_HOLDER, ANCHOR_HOLDS = 0.10, 0.18  # share of firms held in part by a firm; by its big buyer, where it has one
ANCHORED = 0.4  # share of sales to the big buyer from which it may hold a part
MOST_SUBSIDIARIES, LEAST_HELD = 3, 0.51
SUBSIDIARIES, SUBSIDIARIES_BY_SIZE = 0.07, 0.09  # share of firms with some; more by a standard deviation of size
TOLD_REP_FIRMS, TOLD_REP_MOST = 0.6, 4  # share of firms whose representative's other firms are told, and how many
CIRCLE_ONE_OWNER, RING_TOLD = 0.10, 0.7  # share of guarantee mates under one owner; of pairs in a ring that are told
RING_TIES = ("same_address", "same_phone", "shareholder")  # of firms of a ring that different people control
LIMITED_HOLDERS = ("limited_company", "joint_stock", "partnership", "cooperative")  # forms with several holders
ADVERSE, ADVERSE_YEARS = 0.004, 60  # rate at which any related party becomes a dishonest debtor; years looked ahead
OWNER_FALLS, OWNER_FALLS_AFTER = 0.40, (60, 420)  # owners who go down with their firm
ADVERSE_AFTER = (50, 240)  # days from the default of a firm of the city to its entry in the list
ADVERSE_LISTED = 0.6
PARTY_KNOWN = (1, 12)
