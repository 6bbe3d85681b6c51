"""Who lets its data be used, and for how long. All assumed."""

from collections.abc import Mapping
from types import MappingProxyType

SHARES: Mapping[str, float] = MappingProxyType(  # of firms that are asked
    {"tax": 0.88, "invoice": 0.85, "bank": 0.70, "people": 0.80, "trade": 0.65, "credit": 0.90}
)
SHY: Mapping[str, float] = MappingProxyType(  # how much who has something to hide hides here
    {"tax": 1.2, "invoice": 1.0, "bank": 1.5, "people": 0.6, "trade": 0.5, "credit": 0.7}
)
OFFSET: Mapping[str, float] = MappingProxyType(  # derived: logit that makes the shares come true with all that follows
    {"tax": 1.04, "invoice": 0.79, "bank": 0.84, "people": 0.40, "trade": 0.36, "credit": 0.71}
)
CARE, OPEN = 0.55, 1.2  # logit of a step of conduct; of the whole way to an open firm
STRAIN, DISHONEST, SHELL = -2.2, -1.3, -1.5  # logit at full strain; of dishonest firms; of shells; times SHY
SMALL = 0.35  # logit of ten times the sales
ROUGH = -0.8  # of sound firms that look bad on paper
TOGETHER = 0.8  # correlation of a firm's answers beside all this

ASKED_BEFORE, ASKED_LATER = 20, 0.06  # months before the told ones in which most are asked; share asked in a told month
ASKED_YOUNG = 4  # months after its birth in which a younger firm is asked
BLOCK_LATER, BLOCK_LATER_MONTHS = 0.1, 6  # share of authorisations given some months after the first, and how many
TERMS: Mapping[int, float] = MappingProxyType({0: 0.64, 12: 0.12, 24: 0.14, 36: 0.1})  # months; 0 = until revoked
RENEWS, RENEWS_STRAIN, RENEWS_DISHONEST = 0.97, -0.35, -0.10  # chance to renew; at full strain; of dishonest firms
RENEWED_LATE, LATE_DAYS = 0.15, (5, 45)  # share of renewals that leave a gap
REVOKES, REVOKES_STRAIN, REVOKES_DISHONEST = 0.0005, 0.007, 0.002  # chance a month, times SHY
