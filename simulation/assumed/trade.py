"""Contracts with buyers, and foreign trade. All assumed unless marked."""

from collections.abc import Mapping
from types import MappingProxyType

# Who works by contract. By industry in the order of assumed.city.INDUSTRIES: share of firms of median size whose
# contracts are told, and median months of a contract.
CONTRACTS: tuple[tuple[float, int], ...] = (
    *((0.13, 3), (0.30, 6), (0.15, 9), (0.36, 7), (0.30, 3)),
    *((0.45, 9), (0.18, 8), (0.01, 3), (0.10, 4), (0.07, 3)),
)
LARGER, LARGER_BOUNDS = 0.5, (0.2, 1.5)  # times more with ten times the sales; least and most
ANCHORED, ANCHORED_FROM = 0.12, 0.4  # more where so much of sales hangs on one buyer
SHARE = (0.35, 0.85)  # of sales that is under contract
A_MONTH, A_MONTH_SPREAD, A_MONTH_BOUNDS = 0.35, 0.6, (0.08, 2.0)  # contracts signed; spread of the logarithm
MONTHS_SPREAD, MOST_MONTHS = 0.45, 18  # of one contract
WEIGHT_SPREAD = 0.6  # of the logarithm of its value
PACE, PACE_SPREAD = 1.06, 0.15  # delivery against plan: contracts leave some slack
ADVANCE = (0.0, 0.3)  # part paid with the signature
NEVER_PAID_IN_FULL, PAID_PART = 0.025, (0.3, 0.9)  # share of contracts, and what is paid in the end
OPEN_END, SILENT = 0.05, 0.05  # share of contracts without a due day; of firms whose source tells no progress
CALLED_OFF, CALLED_OFF_STRAIN = 0.0025, 0.05  # chance a month; more at full shown strain
FALL, CALLED_OFF_FALL = 0.5, 0.035  # sales against half a year ago below which a buyer may have left, and its chance
CALLED_OFF_SILENCE = 0.30  # chance a month once the firm does nothing any more
AFTER_DUE = 4  # months after which nobody calls off
SIGNED_KNOWN = (1, 10)  # days after the signature
PROGRESS_KNOWN = (13, 24)  # days into the month after the last one told

CROWDING = 1.3  # power of luck: the big partners sign contracts, the small ones just order
BUYER_KINDS: Mapping[str, float] = MappingProxyType(
    {"government": 0.15, "state_owned": 0.18, "listed": 0.08, "large": 0.22, "small": 0.34, "person": 0.03}
)
SAFE_KINDS = ("government", "state_owned", "listed")  # of the buyer behind a sound firm that looks bad on paper
KIND_UNTOLD = 0.06

# Foreign trade.
IMPORTS, IMPORTS_OF_EXPORTERS = 0.05, 0.35  # share of firms that sell or make goods that import; of exporters
IMPORT_SHARES = (0.1, 0.6)  # of purchases
SHIPS, SHIPS_LARGER = 0.62, 0.18  # chance that a month sees a shipment; more with ten times the sales
MARKETS, MARKETS_SPREAD, MOST_MARKETS = 3.0, 0.7, 25
LARGEST, LARGEST_SWING = (0.30, 0.95), 0.12  # share of the largest market of an ordinary month; from month to month
MARKETS_UNTOLD = 0.06  # share of firms
REFUND_RATE = 0.11  # derived: refund rates of 0 to 13 %, on the value bought for what is exported
REFUND_MONTHS, REFUND_MONTHS_CARELESS = (1, 3), 3  # until the refund comes; more for careless firms
DUTY = 0.19  # derived: 5 % duty, then 13 % VAT on the sum
REPORTED_DAYS, CUSTOMS_KNOWN = (5, 16), 9  # of the next month; days until the source tells
