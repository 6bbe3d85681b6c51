"""Guarantees, enquiries, real estate. Money in yuan and chances a month unless said otherwise."""

from collections.abc import Mapping
from types import MappingProxyType

# Guarantees for others.
CIRCLE = 5  # assumed: firms that guarantee each other's loans
BY_CIRCLE = 0.65  # assumed: share of guaranteed loans behind which a firm of the circle stands; else a company
GUARANTEE_RUNS = 730  # recalled: 保证期间 of two to three years after maturity; days
CALLED, CALLED_AFTER = 0.7, (3, 9)  # assumed: share of guarantees called after a default; months after it
OUTSIDERS = 0.09  # assumed: share of firms that guarantee a loan of somebody outside the city
OUTSIDER_AMOUNT = (0.4, 2.5)  # assumed: months of the guarantor's normal sales
OUTSIDER_TERM = (12, 36)  # assumed: months
OUTSIDER_CALLED, OUTSIDER_FAILS = 0.08, (0.3, 1.0)  # assumed: share called some day; when, as a share of the term
CHECKED_BEFORE = 9  # assumed: days before the loan on which its bank looks at the guarantor, most
GUARANTEE_REPORTED = 7  # assumed: days until a guarantee is on record, most

# Enquiries for credit reports.
SHOPS_REFUSED, SHOPS_GRANTED, SHOPPING_DAYS = 0.9, 0.12, 40  # assumed: other banks asked after an answer, mean; days
WALK_IN, WALK_IN_OF_STRAIN = 0.004, 0.14  # assumed: a bank asked outside the platform; more at full strain
POST_LOAN = 3  # recalled: banks look again about every quarter; months
LOOKS_ON = 10  # assumed: day of the month on which it does, at the earliest
OWN = 0.006  # assumed: the firm itself looks
MANY_BANKS = 42  # seen: banks in Beijing's mechanism

# Real estate.
SECOND_TITLE = 0.25  # assumed: share of owners with a second title
KINDS: Mapping[str, float] = MappingProxyType(  # assumed
    {"office": 0.40, "commercial": 0.22, "residential": 0.18, "industrial": 0.17, "land": 0.03}
)
WORTH, WORTH_SPREAD = 9.0, 0.6  # assumed: months of normal sales; spread of the logarithm
LEAST_WORTH = 900_000  # assumed
PRICE, PRICE_SPREAD = 38_000, 0.4  # assumed: yuan a m² in Beijing; spread of the logarithm
BOUGHT_LATE, BOUGHT_EARLY = 0.15, 0.5  # assumed: share bought at any time of the firm's life; part of it for the others
BOUGHT_BEFORE = 45  # assumed: days between a title and its first mortgage, least
MORTGAGED_BEFORE, RELEASED_AFTER = 9, 25  # assumed: most days between the mortgage and the loan, and after it
SEIZED, SEIZED_AFTER = 0.55, (1, 7)  # assumed: share of a defaulted firm's titles that a court seizes; months after
ACCIDENT, LIFTED_AFTER = 0.0004, (40, 260)  # assumed: a sound firm's title is seized in a suit; days until it is lifted
SOLD, SOLD_OF_STRAIN = 0.0008, 0.02  # assumed: a title is sold; more at full strain
REGISTERED = 10  # assumed: days until the registry tells, most
