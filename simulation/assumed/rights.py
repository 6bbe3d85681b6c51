"""Intellectual property and certificates. All assumed unless marked; rates a year, delays in days, terms in years."""

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

# Applications.
LONGEST_HISTORY = 12  # years before the end of the city from which applications are told
MOST_A_YEAR = 14.0  # patents and copyrights of the most inventive firm
CUT_BY_STRAIN = 0.6  # part of the applications that full strain takes away
YOUNG_RAMP = 18  # months in which a young firm comes to its usual number
MIXES: Mapping[str, Mapping[str, float]] = MappingProxyType(  # by division, the longest prefix counts
    {
        "": {"utility_model": 0.42, "design": 0.20, "software": 0.26, "invention": 0.12},
        "I": {"software": 0.66, "invention": 0.20, "utility_model": 0.07, "design": 0.03, "layout_design": 0.04},
        "M": {"software": 0.32, "invention": 0.32, "utility_model": 0.31, "design": 0.05},
        "M73": {"invention": 0.44, "utility_model": 0.28, "software": 0.28},
        "C": {"utility_model": 0.50, "invention": 0.24, "design": 0.15, "software": 0.11},
        "C39": {"utility_model": 0.38, "invention": 0.28, "software": 0.20, "design": 0.08, "layout_design": 0.06},
        "L": {"software": 0.55, "utility_model": 0.25, "design": 0.12, "invention": 0.08},
        "A": {"plant_variety": 0.35, "utility_model": 0.35, "invention": 0.30},
    }
)
TRADEMARKS, TRADEMARKS_BY = (
    0.05,
    MappingProxyType(  # rate of any firm; against others
        {"F52": 4.0, "H62": 4.0, "C14": 6.0, "C17": 4.0, "C26": 2.0, "R": 3.0, "O": 2.0, "I": 2.5, "E": 0.4, "G": 0.4}
    ),
)


class Path(NamedTuple):
    """What becomes of an application: share that is granted, days to the grant, last grade, citations a year."""

    granted: float
    least: int
    most: int
    cited: float = 0.0


PATHS: Mapping[str, Path] = MappingProxyType(  # recalled: times of examination; assumed: the rest
    {
        "invention": Path(0.58, 420, 900, 0.9),
        "utility_model": Path(0.86, 130, 320, 0.25),
        "design": Path(0.93, 100, 240, 0.05),
        "software": Path(1.0, 25, 110),
        "layout_design": Path(0.97, 90, 240),
        "plant_variety": Path(0.75, 700, 1_300),
        "trademark": Path(0.74, 230, 420),
    }
)
REFUSED_AFTER = 1.15  # against the time to a grant
CITED_SPREAD = 1.1  # of the logarithm of a patent's citations
PUBLISHED_AFTER = 550  # seen: applications for inventions are published after 18 months
TELLS_OF_APPLICATIONS = 0.55  # share of firms that tell of what they applied for before anybody else can
TOLD_AFTER, GAZETTE_AFTER = (5, 60), (1, 12)

# Years for which rights last (专利法, article 42, seen) and fees.
TERMS: Mapping[str, int] = MappingProxyType({"invention": 20, "utility_model": 10, "design": 15, "layout_design": 10})
OLD_DESIGN_TERM, NEW_DESIGN_FROM = 10, dt.date(2021, 6, 1)  # seen
PATENTS = ("invention", "utility_model", "design")
DROPS: Mapping[str, float] = MappingProxyType({"invention": 0.025, "utility_model": 0.07, "design": 0.10})  # a year
DROPS_STRAINED = 1.2  # more at full strain that shows
PAID_BEFORE = (2, 75)  # days before the anniversary on which a year's fee is paid
CEASES_AFTER = (210, 300)  # recalled: six months of grace, then the notice

# Bought rights.
BUYS, BUYS_BY_QUALITY = -0.7, -0.5  # normal rank of firms that seek a title: of all, by their quality
BOUGHT = (2, 7)
BOUGHT_BEFORE = (30, 500)  # days before the title
BOUGHT_AGE = (500, 1_900)  # days from their application to the sale
BOUGHT_KINDS: Mapping[str, float] = MappingProxyType({"utility_model": 0.62, "invention": 0.38})
BOUGHT_DROPS = 3.0  # fees of bought rights are let lapse so much more often

PLEDGED, PLEDGED_AFTER, RELEASED_AFTER = 5, (-25, 5), (5, 45)  # most rights of a loan; days from the loan and its end


# Titles.
class Title(NamedTuple):
    """A title: months of validity, least and most age in months at which it is first held, first day it was given."""

    months: int
    least: int
    most: int
    since: dt.date


TITLES: Mapping[str, Title] = MappingProxyType(  # recalled: terms and first days
    {
        "tech_sme": Title(12, 9, 30, dt.date(2017, 10, 1)),
        "innovative": Title(36, 14, 40, dt.date(2022, 9, 1)),
        "hnte": Title(36, 16, 44, dt.date(2008, 9, 1)),
        "srdi": Title(36, 26, 66, dt.date(2019, 5, 1)),
        "little_giant": Title(36, 38, 90, dt.date(2019, 6, 1)),
    }
)
HELD_BY: Mapping[str, tuple[float, ...]] = (
    MappingProxyType(  # share of firms of each level, 0 to 4, that come to hold it
        {
            "tech_sme": (0.006, 0.85, 0.75, 0.45, 0.3),
            "innovative": (0.004, 0.45, 0.35, 0.5, 0.3),
            "hnte": (0.0, 0.0, 1.0, 1.0, 1.0),
            "srdi": (0.0, 0.0, 0.0, 1.0, 1.0),
            "little_giant": (0.0, 0.0, 0.0, 0.0, 1.0),
        }
    )
)
RENEWS, RENEWS_BY_QUALITY, RENEWS_STRAINED = 1.4, 0.35, 1.8  # normal rank: of all, by quality, at full strain, less
RENEWED_AFTER = (0, 70)
REVOKED, REVOKED_CHEATS, REVOKED_AFTER = 0.006, 0.05, (150, 900)  # share of certificates; of dishonest firms


class Certificate(NamedTuple):
    """A certificate: years of validity, share of firms by division (longest prefix) that come to hold it."""

    years: int
    share: Mapping[str, float]


CERTIFICATES: Mapping[str, Certificate] = MappingProxyType(
    {
        "quality_system": Certificate(
            3, {"": 0.05, "C": 0.32, "I": 0.16, "E": 0.30, "M": 0.14, "G": 0.08, "F51": 0.08}
        ),
        "construction": Certificate(5, {"": 0.0, "E": 0.82}),
        "medical": Certificate(5, {"": 0.0, "C35": 0.20, "F51": 0.05, "M73": 0.08, "C26": 0.05}),
        "other": Certificate(4, {"": 0.04, "H": 0.35, "G": 0.35, "C14": 0.80, "L": 0.08}),
    }
)
CERTIFIED_AGE = (2, 60)  # months
CERTIFIED_BY_SIZE = 0.35  # logarithm of the share by a standard deviation of size
KNOWN_AFTER = (3, 40)
