"""Banks, products, how firms ask and how banks answer. Amounts in yuan."""

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType

OFFERED_ON = dt.date(2026, 11, 1)  # ours: what the catalogue offers on this day, when it begins, is lent in every month
# Small spreads and a small power, so that every bank has applicants to learn from.
BANK_SIZES, PRODUCT_SIZES = 0.2, 0.2  # assumed: spread of the log of how often a bank's, a product's name comes up
BANK_SHARE = 0.25  # assumed: power of the number of a bank's products with which its share of the lists grows
DEFAULT_CAP = 3_000_000  # derived: the cap of most pure credit loans, where a source states neither cap nor formula
UNSTATED_BAND = 0.012  # assumed: from the middle to an end of a band of rates that no source states
LONGEST = 36  # ours: months of the longest loan
SECURED_POPULARITY = 8.0  # assumed: what most banks lend is secured, though handbooks tell of the other loans

# What banks know of a firm where its hidden state has no number.
RESEARCH = (0.05, 0.02)  # assumed: research of a technology firm, share of sales; more with each level of its titles
EXAMINED, RIGHTS_AGE = 12, 96  # assumed: months until a right is granted; months of applications behind what stands
RIGHT_WORTH = (300_000, 60_000)  # assumed: appraised value of an invention, of another right
HAS_ORDERS, ORDERS = 0.3, 0.25  # assumed: chance of contracts from which a firm has orders; share of a year's sales
REFUND_MONTHS = 2  # assumed: of exports whose tax refund is outstanding
SIZES = (3e6, 2e7, 4e8)  # recalled: sales of a year below which makers are micro, small, medium; here of every trade
LEAST_RECEIVABLES = 0.5  # assumed: months of sales outstanding that are worth a pledge
LEAST_CODES = 0.1  # assumed: usual share of receipts by payment code below which a trade has none
FALLS_DUE, NOTHING_DUE = 3, 300  # derived: months before the end in which a loan can be renewed; stands for never

# Firms. A month.
RELEVANT, RELEVANT_FIRST, IRRELEVANT = 4.0, 3.0, 0.08  # assumed: how often a product is shown to whom it suits, or not
USUAL_RATE = 0.04  # seen: national mean of early 2025
DRAWN_PART = (0.62, 1.22)  # assumed: part of a limit drawn at once, cut at all of it
ASK, ASK_BASE = 0.26, 0.10  # assumed: chance that a firm that needs cash and likes to borrow asks; that anyone does
SHOWN = 5  # assumed: products on a list
SEEN_AT: tuple[float, ...] = (0.0, -0.45, -0.8, -1.05, -1.25)  # assumed: utility lost with the place on the list
READS, READS_HIGH = 1.2, 0.25  # assumed: logit lost where a stated rule is not met; weight of a band's high end
RATE_TASTE, LIMIT_TASTE = 45.0, 1.4  # assumed: logit of a choice for a rate of 1, for a need wholly covered
KNOWN_TASTE, HASSLE = 0.9, 0.6  # assumed: the same for the own bank, against more papers
REST = 4  # assumed: months after an answer in which a firm does not ask again
WANTED = (0.6, 3.0)  # assumed: months of sales
DRAWN_BASE, DRAWN_NEED, DRAWN_RATE = 1.3, 0.9, 22.0  # assumed: logit; drawn ÷ granted seen ≈ 75 % (by amount)

LEAST_LOAN = 20_000.0  # assumed: yuan below which no bank lends
GRADE_VIEW = (1.0, 0.5, 0.0, -1.0, -3.0)  # assumed: what A, B, M, C, D look like to a bank

# Banks. Logits of an approval, in standard deviations of what the bank sees.
STRICTNESS, STRICTNESS_SPREAD = 1.4, 0.6  # assumed: mean logit of an applicant that breaks no rule; between banks
SEES: Mapping[str, tuple[float, float]] = MappingProxyType(  # assumed: mean weight and spread between banks
    {
        "growth": (0.35, 0.20),
        "late": (-1.10, 0.40),
        "debt": (-0.70, 0.30),
        "age": (0.25, 0.15),
        "grade": (0.45, 0.25),
        "cash": (0.55, 0.30),
        "size": (0.20, 0.25),
        "tech": (0.15, 0.30),
        "export": (0.05, 0.25),
        "known": (0.60, 0.25),
    }
)
MOOD = 0.6  # assumed: what no data show: an officer's impression, standard deviation
OVERLOOKED = 0.03  # assumed: share of applicants that break a hard rule and pass all the same
RENEWAL = 1.1  # assumed: logit more for renewing one's own good borrower
RATE_OF_RISK = 0.35  # assumed: part of the rate band that follows the bank's view; the rest is noise
RATE_WHIM = 0.12  # assumed: standard deviation of that noise, as part of the band
RENEWS, RENEWS_LESS = 1.15, 0.40  # assumed: wish to renew, and what a full purse takes from it
PRIOR_AMOUNT, PRIOR_RATE = (0.4, 1.6), 0.045  # assumed: months of sales, a year
PRIOR_LENDERS = ("abc", "bob", "boc", "ccb", "icbc", "psbc")  # assumed: the large banks
PRIOR_LOAN = 0.5  # assumed: share of willing borrowers that owe something when the first month begins

# What a product is worth to a firm.
OUTSIDE_RATE = 0.12  # assumed: what the money costs a small firm elsewhere
PAPERS = 3_000.0  # assumed: yuan of work and fees where more than a signature is asked
COUNTED_TERM = 18  # assumed: months after which the firm would look again anyway
