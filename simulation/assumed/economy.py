"""How sales, cash and trouble run. All assumed unless marked.

Money is in months of the firm's normal sales, chances are a month's.
"""

import datetime as dt

# Weather: log demand that many firms share, each part with the same memory so that their sum has it too.
MEMORY = 0.93
ECONOMY, INDUSTRY, DISTRICT = 0.015, 0.022, 0.012  # standard deviations of a month's news
EVENTS: tuple[tuple[dt.date, str, float], ...] = (  # dates seen, sizes assumed
    (dt.date(2018, 9, 1), "exports", -0.20),  # tariffs
    (dt.date(2020, 2, 1), "all", -0.25),  # epidemic
    (dt.date(2022, 4, 1), "all", -0.12),
    (dt.date(2023, 1, 1), "all", 0.15),
    (dt.date(2025, 4, 1), "exports", -0.45),  # tariffs
)
DISTRICT_BLOW, DISTRICT_BLOW_SIZE = 0.006, -0.25  # chance that a month hits one district, and how

# Demand of one firm.
NOISE_MEMORY = 0.55
LEVEL_MEMORY = 0.982  # luck fades, growth stays
BLOW, BLOW_SIZE = 0.007, (0.10, 1.00)  # a buyer, a permit, a manager lost; fall of log demand
CHANCE, CHANCE_SIZE = 0.016, (0.05, 0.45)  # a buyer won
ANCHOR_LOSS, ANCHOR_LOSS_GOOD = 0.004, 0.018  # the one big buyer leaves: of sound firms, of firms good on paper only
SPIRAL = 0.06  # log demand lost a month at full strain: suppliers and buyers turn away

# Money.
MOOD_MEMORY, MOOD = 0.82, 0.16  # how promptly buyers pay
BAD_DEBT, BAD_DEBT_SIZE = 0.008, (0.10, 0.95)  # of receivables
TAX = 0.028  # recalled: 1 to 4 % of sales
STICKY, STICKY_STRAINED = 0.22, 0.30  # part of a change in sales that cost follows in a month; more at full strain
LEAST_COST = 0.02  # running cost of the leanest firm, of its sales
COST_FLOOR = 0.12  # share of fixed cost that never goes away
COST_SHOCK, COST_SHOCK_SIZE = 0.005, (0.3, 3.5)  # repairs, claims, tax audits
RUIN, RUIN_SIZE = 0.0015, (4.0, 10.0)  # fraud, fire, a guarantee called, a founder lost: nobody sees it coming
STRETCH = 0.55  # part of what suppliers should get that a short firm keeps back
OWNER_HELPS = 0.75  # chance that the owner pays in when bills would stay unpaid
RESCUED, RESCUE_MOST = 0.48, 2.5  # chance that relatives, a sale or an investor cover what is missing; at most
CEILING, TAKEN = 1.5, 0.25  # of the buffer; part of what is above that the owner takes out
HIDDEN_RATE, HIDDEN_RECALL, HIDDEN_RECALLED = (
    0.16,
    0.030,
    0.45,
)  # private debt: interest a year, chance and part called in
HIDDEN_TAKEN = 0.30  # part of a gap that a firm with private lenders borrows from them
TOLERANCE = 0.02  # unpaid bills that count, of a month's normal sales
DEFAULT_MONTHS = 3  # seen: default is 90 days past due
STRAIN_CASH = 0.30  # months of sales in cash below which strain begins

# Ends.
CLOSES = 0.0022  # chance that a firm without debt closes for good
CANCELLED_AFTER = (2, 6)  # months
STOPS_AFTER_DEFAULT, LIMPS = 0.55, -0.6  # share that stops trading; log demand of the others
SHELL_SALES = 0.02  # real sales of a shell against its normal size
INFLATED = 0.30  # sales that a dishonest firm tells its bank beyond the real ones

# At the beginning of the first month.
START_SPREAD = 0.25  # of log demand
START_CASH_LEAST = 0.4  # of the buffer; at most 1 more
START_CASH = 1.6  # of the buffer, put in by the owner of a new firm

# Shares and weights that need no unit.
LUCK_OF_QUALITY = 0.25  # logarithm of a hazard for each standard deviation of quality
PURCHASE_NOISE = 0.12  # of the logarithm of a month's purchases
SEASONAL_FLOOR = 0.35  # part of running cost that a seasonal firm has in any month
REPAID_IN_PRIVATE = 0.5  # part of what the owner would take that goes to private lenders while there are any
SAVED, OWNER_MOST = 0.15, 1.5  # part of what is taken that the owner keeps for the firm; most of it against the first
STRAIN_THIN, STRAIN_UNPAID, STRAIN_STRETCHED = 0.45, 0.55, 0.25
GRADE_OF_AGE, GRADE_OF_LATE, NEW_MONTHS = 0.4, 14.0, 18  # of the tax grade's rank; months in which a firm is graded M
GRADE_BOUNDS = (-2.4, -0.9, 1.15)  # of the rank, between D, C, B and A
