"""Who the firms are: proportions of the city and what is hidden in each firm."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

COMMUNITY = 200  # ours: firms that are drawn together and trade with each other


@dataclass(frozen=True)
class Industry:
    """A trade of the city.

    Attributes:
        zh: its name.
        divisions: GB/T 4754 codes and how common each is.
        share: of all firms.
        goods: whether it sells goods (13 % and its forerunners) or services (6 %); `build` and `carry` stand for
            construction and transport (9 % and its forerunners).
        margin: sales less what is bought with invoices, share of sales, mean.
        swing: of sales between an ordinary month and the peak month.
        peak_month: 1 to 12.
        receivable_months: sales outstanding, median.
        wages: share of fixed cost that is pay.
        scale: sales against the median firm of the city.
        macro: how much of the economy's ups and downs it feels.
        exports: share of its firms that export.
        tech: share of its firms that live from technology.
    """

    zh: str
    divisions: Mapping[str, float]
    share: float
    goods: str
    margin: float
    swing: float
    peak_month: int
    receivable_months: float
    wages: float
    scale: float
    macro: float
    exports: float
    tech: float


# Shares: assumed, after what is commonly told of Beijing (services, trade and technology lead, industry is small).
# Margins, swings, cycles: assumed.
INDUSTRIES = (
    Industry("批发零售", {"F51": 0.65, "F52": 0.35}, 0.29, "goods", 0.17, 0.15, 12, 1.6, 0.55, 1.5, 0.9, 0.10, 0.02),
    Industry("科技服务", {"M73": 0.35, "M74": 0.25, "M75": 0.40}, 0.18, "serve", 0.48, 0.20, 12, 2.4, 0.70, 0.8, 0.7,
             0.03, 0.35),
    Industry("商务服务", {"L72": 0.85, "L71": 0.15}, 0.14, "serve", 0.42, 0.18, 12, 2.0, 0.62, 0.7, 1.0, 0.02, 0.03),
    Industry("软件信息", {"I65": 0.75, "I64": 0.25}, 0.11, "serve", 0.55, 0.25, 12, 2.6, 0.75, 0.9, 0.6, 0.05, 0.45),
    Industry("制造", {"C34": 0.2, "C35": 0.25, "C39": 0.25, "C26": 0.1, "C17": 0.1, "C14": 0.1}, 0.07, "goods", 0.30,
             0.10, 11, 2.3, 0.55, 1.9, 1.1, 0.28, 0.25),
    Industry("建筑", {"E50": 0.55, "E48": 0.15, "E49": 0.30}, 0.06, "build", 0.22, 0.35, 10, 3.2, 0.50, 1.6, 1.2, 0.01,
             0.02),
    Industry("运输仓储", {"G54": 0.7, "G59": 0.3}, 0.04, "carry", 0.26, 0.12, 11, 1.8, 0.50, 1.3, 1.1, 0.03, 0.02),
    Industry("住宿餐饮", {"H62": 0.85, "H61": 0.15}, 0.05, "serve", 0.55, 0.20, 8, 0.15, 0.50, 0.5, 0.9, 0.0, 0.0),
    Industry("文体居民服务", {"R88": 0.3, "R90": 0.2, "O80": 0.3, "O81": 0.2}, 0.05, "serve", 0.52, 0.30, 7, 0.6, 0.58,
             0.5, 0.9, 0.01, 0.03),
    Industry("农业", {"A01": 0.5, "A03": 0.3, "A05": 0.2}, 0.01, "goods", 0.30, 0.60, 9, 0.8, 0.45, 0.7, 0.4, 0.02,
             0.02),
)  # fmt: skip

DISTRICTS: Mapping[str, float] = MappingProxyType(  # codes seen (GB/T 2260), shares assumed
    {"110101": 0.05, "110102": 0.06, "110105": 0.20, "110106": 0.09, "110107": 0.03, "110108": 0.19, "110109": 0.02}
    | {"110111": 0.05, "110112": 0.07, "110113": 0.05, "110114": 0.07, "110115": 0.06, "110116": 0.02, "110117": 0.01}
    | {"110118": 0.02, "110119": 0.01}
)
FIRST_DISTRICT = "110108"  # of the first enterprise, so that examples can name it: Y1110108XP000001X5
FIRST_AGE = 75  # of the same enterprise, months: old enough that examples have something to show
LEGAL_FORMS: Mapping[str, float] = MappingProxyType(  # assumed; individual households stand outside the city's books
    {"limited_company": 0.86, "sole_proprietorship": 0.05, "partnership": 0.03, "joint_stock": 0.02}
    | {"individual_household": 0.03, "cooperative": 0.01}
)
DISTRICT_TECH: Mapping[str, float] = MappingProxyType({"110108": 1.6, "110114": 1.2, "110115": 1.3})  # assumed: odds

# Sizes. Sales in yuan a month, without VAT.
MEDIAN_SALES, SALES_SPREAD = 190_000, 1.35  # assumed: of the city; spread of the logarithm (seen 2.1 in a bank's books)
SALES_BOUNDS = (4_000, 8_000_000)  # assumed: smallest and largest normal month of a firm
SMALL_SCALE_LIMIT, SMALL_SCALE_SHARE = 5_000_000, 0.62  # seen: yuan of sales a year; assumed: share of firms below it
STAFF_FOLLOWS = 0.8  # assumed: staff against the size that running cost is made for, log per log
PAY, EMPLOYEE_SPREAD = 9_500, 0.25  # assumed: yuan a month of each; spread of the logarithm

# Ages at the end of the city.
MEDIAN_AGE, AGE_SPREAD, AGES = 62, 0.85, (4, 380)  # assumed: months; spread of the logarithm; bounds
RAMP = 9  # assumed: months in which a new firm comes to its normal sales

# Hidden in each firm, all but the openness correlated with its quality.
MARGIN_SPREAD, MARGIN_BOUNDS, MEAN_MARGIN = 0.22, (0.04, 0.85), 0.3  # assumed: of the logarithm of the margin
PROFIT = 0.088  # assumed: of normal sales, before interest and accidents
PROFIT_PARTS = (0.05, 0.015, 0.010, 0.015)  # assumed: for margin, quality, size, and noise
GROWTH = (0.03, 0.06, 0.16)  # assumed: of log demand a year: mean, for quality, noise
CONDUCT_OF_QUALITY = 0.45  # assumed: correlation
VOLATILITY_MEDIAN, VOLATILITY_SPREAD = 0.26, 0.45  # assumed: monthly shock to log demand; spread of the logarithm
VOLATILITY_OF_SIZE = -0.15  # assumed: of its logarithm
CYCLE_SPREAD, RECEIVABLE_BOUNDS = 0.55, (0.05, 8)  # assumed: of the logarithm of the months that sales stay unpaid
PAYABLE_MEDIAN, PAYABLE_SPREAD, PAYABLE_BOUNDS = 1.2, 0.5, (0.1, 5)  # assumed: months
DISHONEST, DISHONEST_OF_CONDUCT = 0.07, -0.6  # assumed: share of firms of mean conduct; of its logarithm
BUFFER_MEDIAN, BUFFER_SPREAD, BUFFER_BOUNDS = 0.9, 0.5, (0.1, 5)  # assumed: months of sales in cash
OWNER_MEDIAN, OWNER_SPREAD, OWNER_BOUNDS = 1.7, 0.9, (0.05, 9)  # assumed: months of sales
HIDDEN_DEBT_SHARE, HIDDEN_DEBT_MOST = 0.22, 2.2  # assumed: firms with private debt; months of sales
HIDDEN_DEBT_BEHIND_GOOD_PAPERS = (1.0, 3.0)  # assumed: months of sales
BORROWER_SPREAD, BORROWER_OF_SIZE = 0.8, 0.25  # assumed: probits
ANCHORS, ANCHOR_MOST = (0.45, 0.85), 0.75  # assumed: of firms that live from one buyer; of others
PROPERTY, PROPERTY_OF_SIZE = 0.28, 0.08  # assumed: share of firms with real estate to pledge
PATENTS, PATENTS_OF_TECH, PATENTS_SPREAD = 0.05, 1.35, 0.8  # assumed: a year; spread of the logarithm
TITLE_RANKS, TITLE_AGE = (0.2, 0.9, 1.9, 2.9), 20  # assumed: rank of a tech firm for each title; months
OTHER_DISTRICT_TECH = 0.8  # assumed: odds of technology elsewhere
SEASON_SWINGS = (3.0, 5.0)  # assumed: of seasonal firms
ZERO_FILER_SALES, ZERO_FILER_SPREAD = 12_000, 0.5  # assumed: yuan a month
OLDER = 30  # assumed: months by which idle firms, and those that look bad on paper, are older
OPENNESS = (0.05, 1.0)  # assumed: how much of its strain a firm's papers show, least and most
EXPORT_SHARES = (0.1, 0.9)  # assumed: of an exporter's sales

# Roles planted by how firms behave, shares of firms.
ROLES: Mapping[str, float] = MappingProxyType(  # assumed
    {
        "ordinary": 0.722,
        "seasonal": 0.04,  # nearly all sales in a few months of every year: sound
        "zero_filer": 0.05,  # tiny, lawfully without VAT to pay: sound
        "suspended": 0.015,  # lawful 歇业 for a while: comes back
        "paper_bad": 0.06,  # lumpy, concentrated, thin on paper; a rich owner and a safe buyer behind it
        "paper_good": 0.05,  # clean papers; hidden private debt and one buyer that decides
        "ring": 0.018,  # trades in a circle with others of its community to look larger
        "shell": 0.02,  # sells invoices, has no business
        "idle": 0.025,  # stopped long ago, never cancelled: a zombie
    }
)
"""The rest are ordinary."""
RING_SIZE = (3, 5)  # assumed
SHELL_LIFE = (4, 14)  # assumed: months between the first invoices of a shell and its silence
SUSPENSION = (3, 14)  # assumed: months
