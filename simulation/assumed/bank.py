"""Accounts and bookings. Amounts in yuan, counts a month unless said; all assumed unless marked."""

from collections.abc import Mapping
from types import MappingProxyType

# Accounts.
SECOND, THIRD = 0.45, 0.12  # share of firms with a second account, and with a third on which loans arrive
UNTOLD = 0.50  # of the second accounts: at a bank whose data is not given
ASIDE = (0.05, 0.40)  # receipts that go to the second account, least and most
CODES_ASIDE = 0.25  # of firms with a second account whose receipts there are more: payment codes settle there
LEFT_ASIDE = 0.30  # of all cash, at most, that stays on a second or third account at a month's end
OVERDRAFT, OVERDRAFT_DEPTH = 0.12, 0.01  # share of firms that may overdraw; months of sales
DELAYS: Mapping[int, float] = MappingProxyType({0: 0.30, 1: 0.50, 2: 0.15, 3: 0.05})
"""Days from a booking until the platform knows it: a day's statement comes overnight, weekends wait."""

# How money comes.
QR: Mapping[str, float] = MappingProxyType(  # share of receipts by payment code, mean of the division's letter
    {"H": 0.65, "O": 0.50, "R": 0.45, "A": 0.12, "F": 0.14, "G": 0.04}
)
RETAIL, QR_RETAIL = "F52", 0.50
QR_SPREAD, QR_LEAST, QR_MOST = 0.35, 0.03, 0.9  # of the share's logarithm; below it a firm has no code; most
SETTLES: Mapping[int, float] = MappingProxyType({2: 0.3, 4: 0.4, 7: 0.3})  # days between settlements of the acquirer
CASH_RECEIPTS, CASH_MOST = 0.03, 0.4  # of receipts, mean of an exponential, double where consumers pay; most

# How often: bookings of the median firm, growing with the root of what is moved, at most MOST.
USUAL = 190_000  # yuan a month
SALES_BOOKINGS, PURCHASE_BOOKINGS, MOST = 8.5, 7.5, 44
BUSY_SPREAD = 0.45  # between firms, of the logarithm
LUMPY_BOOKINGS = 0.5  # of sound firms that live from few big orders, against others
DAYS_OF_A_MONTH = 30
EXPENSES = 1.2
PAID_TWICE, PAID_IN_PARTS = 0.12, 0.6  # chance of wages in two parts; more at full strain that shows
OFTEN: Mapping[str, float] = MappingProxyType({"cash_in": 0.9, "tax": 1.4, "private_out": 1.0, "refund_out": 0.6})
LEAST_BOOKING = 300  # yuan: smaller sums are not split further
SPREAD, LUMPY = 0.6, 1.7  # of the logarithm of amounts; of receipts of sound firms that live from few big orders
SPREADS: Mapping[str, float] = MappingProxyType({"sales": 0.95, "purchase": 1.1, "qr": 0.3, "salary": 0.2})
IRREGULAR = 0.7  # added to it at full strain that shows
FEWER = 0.45  # share of receipts' bookings lost at full strain that shows

# Who is at the other side, where the invoices do not say it.
PERSONS, LENDING_PERSONS = 6, 2  # private persons that a firm pays expenses to, that lend it money
ACQUIRERS = 4  # companies that settle payment codes

# On which days of the month: first and last usual day of a firm, days around it, days later at full strain that shows.
WAITED = 0.8  # part of a month that bills are older at full strain
DAYS: Mapping[str, tuple[int, int, int, int]] = MappingProxyType(
    {
        "salary": (5, 20, 2, 10),
        "tax": (6, 15, 1, 9),  # recalled: due by the 15th
        "rent": (1, 10, 4, 14),
        "repayment": (1, 8, 1, 4),
        "interest_out": (1, 8, 1, 4),
        "interest_in": (21, 21, 1, 0),  # recalled: banks settle deposits on the 20th or 21st
        "fee": (15, 28, 3, 0),
        "owner_out": (8, 25, 5, 0),
        "private_out": (1, 27, 3, 0),
        "invested": (1, 5, 4, 0),
        "redeemed": (20, 26, 4, 0),
        "dress_in": (25, 28, 2, 0),
        "dress_out": (1, 3, 3, 0),
        "internal": (18, 28, 3, 0),
    }
)

# What running cost beside pay is made of; the rest are expenses.
RENT, QUARTERLY_RENT = 0.55, 0.35  # of running cost beside pay; share of firms that pay it by the quarter
SUDDEN_FROM = 1.8  # running cost of a month above that many times the firm's median hit it all at once
LEAST_WAGES = 0.4  # of pay, whatever the contributions
PAYS_BY_BANK, TINY_PAYS_BY_BANK = 0.94, 0.35  # share of firms, and of zero filers, that pay wages from the account
VAT_PAID = 0.82  # VAT on purchases against the rate of the firm's own kind of sales
FEES, FEE, FEE_SPREAD = 1.0, 18, 0.8  # yuan
FEES_STRAINED = 2.5  # more at full strain that shows: reminders, returned payments
CASH_OUT, CASH_OUT_STRAINED = 0.12, 0.45  # of expenses, as cash; more at full strain that shows
CASHES, CASHES_STRAINED = 0.5, 2.0  # bookings
DEPOSIT_RATE = 0.002  # recalled: demand deposits 0.05 to 0.35 % a year

# Refunds.
RETURNED, RETURNED_STRAINED = 0.05, 1.2  # payments that come back; at full strain that shows
REFUND = 0.2  # most that is given back at once, of a month's payments
REFUNDED, REFUNDED_CARELESS = 0.06, 0.4  # payments to customers that go back; log per standard deviation of care

# What firms with money do with it.
INVESTS, INVESTS_FROM = 0.30, 1.2  # share of firms; months of sales in cash
INVESTED, INVESTS_OFTEN = 0.6, 0.6  # part of the cash, at most; chance a month
LEAST_INVESTED, INVESTED_STEP = 50_000, 10_000

# Bills caught up with, or paid in part, in months of want: weight and chance that anything is paid.
ARREARS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"salary": (0.40, 0.75), "purchase": (0.28, 1.0), "tax": (0.10, 0.5), "rent": (0.14, 0.5), "expenses": (0.08, 1.0)}
)

# What is done for show. Dishonest firms and those that are only good on paper.
DRESSED, DRESSED_FROM = 0.30, 0.2  # months of sales borrowed over a month's end, at most; strain from which
LEAST_PASSED, PASS_SPREAD = 1_000, 0.6  # yuan a month; spread of the logarithm of sums that only pass through
RING_TURNS = (1, 4)  # sums that go round in a month with invoices inside a ring
SHELL_PAID, SHELL_TURNS, SHELL_PERSONS = 0.85, (3, 12), 4  # of the papers that a shell sells; payments; who gets them
SHELL_RESTS = (0.05, 1.9)  # days that money stays with a shell
CIRCLED, CIRCLERS = 0.15, 0.5  # mean of what is added to sales; share of dishonest firms that do it
CIRCLE_TURNS, CIRCLE_RESTS = (1, 4), 1.5  # payments; days at most
