"""Banks, products, how firms ask and how banks answer. Amounts in yuan."""

from collections.abc import Mapping
from types import MappingProxyType

BANKS = 42  # seen: Chinese-funded banks with teams in Beijing's mechanism
# Banks of the catalogue that the city was measured with. The catalogue's other fictional banks joined it later: the
# city keeps its own banks, with variants of these products, up to BANKS.
CATALOGUE_BANKS: tuple[str, ...] = (
    "abc",
    "bob",
    "boc",
    "bocom",
    "bosc",
    "ccb",
    "cmb",
    "cmbc",
    "example-1",
    "example-2",
    "example-3",
    "example-4",
    "example-5",
    "example-6",
    "hefei-stb",
    "icbc",
    "kincheng",
    "mybank",
    "pab",
    "policy",
    "psbc",
    "qingdao",
    "spdb",
    "suning",
    "unnamed-putian",
    "unnamed-shanghai",
    "webank",
)
DEFAULT_CAP, DEFAULT_RATES, DEFAULT_TERM = 3_000_000, (0.033, 0.055), 12  # assumed: where a source is silent
VARIANTS = 2  # assumed: products of each bank that no source names, made from products of others
VARIED = (0.8, 1.25)  # assumed: a variant's thresholds, cap and multiples, times the original's
RATE_VARIED = 0.004  # assumed: a variant's rates, added at most
# Assumed: what every fictional bank also has: category, mode, cap, share of yearly sales.
SECURED: tuple[tuple[str, str, float, float], ...] = (
    ("mortgage_loan", "mortgage", 10_000_000, 0.6),
    ("guarantee_loan", "guarantee", 5_000_000, 0.4),
)
SECURED_RATES, SECURED_TERM, SECURED_POPULARITY = (0.032, 0.048), 12, 2.5  # assumed
USUAL_SALES_SHARE = 0.25  # derived: 10 to 30 % of yearly sales are lent against where no other rule is known

# Firms. A month.
RELEVANT, RELEVANT_FIRST, IRRELEVANT = 2.5, 3.0, 0.08  # assumed: how often a product is shown to whom it suits, or not
USUAL_RATE = 0.04  # seen: national mean of early 2025
DRAWN_PART = (0.62, 1.22)  # assumed: part of a limit drawn at once, cut at all of it
ASK, ASK_BASE = 0.26, 0.10  # assumed: chance that a firm that needs cash and likes to borrow asks; that anyone does
SHOWN = 5  # assumed: products on a list
SEEN_AT: tuple[float, ...] = (0.0, -0.45, -0.8, -1.05, -1.25)  # assumed: utility lost with the place on the list
RATE_TASTE, LIMIT_TASTE = 45.0, 1.4  # assumed: logit of a choice for a rate of 1, for a need wholly covered
KNOWN_TASTE, HASSLE = 0.9, 0.6  # assumed: the same for the own bank, against more papers
REST = 4  # assumed: months after an answer in which a firm does not ask again
WANTED = (0.6, 3.0)  # assumed: months of sales
DRAWN_BASE, DRAWN_NEED, DRAWN_RATE = 1.3, 0.9, 22.0  # assumed: logit; drawn ÷ granted seen ≈ 75 % (by amount)

LEAST_LOAN = 20_000.0  # assumed: yuan below which no bank lends
GRADE_VIEW = (1.0, 0.5, 0.0, -1.0, -3.0)  # assumed: what A, B, M, C, D look like to a bank

# Banks. Logits of an approval, in standard deviations of what the bank sees.
STRICTNESS, STRICTNESS_SPREAD = 1.2, 0.6  # assumed: mean logit of an applicant that breaks no rule; between banks
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
PRIOR_AMOUNT, PRIOR_RATE, PRIOR_LENDERS = (0.4, 1.6), 0.045, 6  # assumed: months of sales, a year, banks that lent
PRIOR_LOAN = 0.5  # assumed: share of willing borrowers that owe something when the first month begins

# What a product is worth to a firm.
OUTSIDE_RATE = 0.12  # assumed: what the money costs a small firm elsewhere
PAPERS = 3_000.0  # assumed: yuan of work and fees where more than a signature is asked
COUNTED_TERM = 18  # assumed: months after which the firm would look again anyway
