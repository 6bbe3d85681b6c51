"""Loans as credit reports tell them. Chances of a month unless said otherwise; amounts in months of normal sales."""

# How an account runs.
DUE_DAYS = 8  # assumed: instalments fall due on the 1st to 8th, so that three unpaid months end about 90 days past due
CURE_DAYS = (9, 26)  # assumed: day of the month on which arrears are paid at last
LATE, LATE_OF_CONDUCT, LATE_OF_STRAIN, LATE_DAYS = 0.012, 0.8, 3.0, 12  # assumed: instalments forgotten for some days
BANK_REPORTS, OTHERS_REPORT = (1, 5), (4, 25)  # assumed: days until a lender has reported, the same all its life
CLAMPED = 20  # assumed: days after its foundation on which a firm borrows at the earliest

# When an application moves, days: the whole fits into one month, as the hidden lives have it.
APPLIED, DOCS, DRAWN = 12, 4, 2  # assumed: first days of the month; until all papers are there; until it is drawn
DECIDED, DECIDED_ON_PAPER = 5, 8  # assumed: most days of a decision, without and with a guarantee or pledge

# What ends badly.
WATCHED = 0.60  # assumed: strain that shows, for two months, from which a bank writes 关注 without any arrears
RESTRUCTURED_EARLY, EARLY = 0.08, 2  # assumed: share of loans so many months in arrears
RESTRUCTURED, RESTRUCTURED_AFTER = 0.15, (2, 8)  # assumed: of loans in default; months after it
WRITTEN_OFF, WRITTEN_OFF_AFTER = 0.40, (6, 18)  # assumed: of loans in default; months after it
RESTRUCTURED_DAY, WRITTEN_OFF_DAY = 19, 24  # assumed: days after the first of the month
CLASS_FROM = (1, 3, 6, 12)  # recalled: 关注 once overdue, 次级 from 90 days, 可疑 from 180; assumed: 损失 from a year

# Accounts that the hidden lives do not hold: small, and paid out of running cost.
OLDER_LOANS = 4  # assumed: most loans repaid before the first month by a firm that then owes something
LEASE, LEASE_AMOUNT, LEASE_RATE = 0.006, (0.4, 1.6), (0.055, 0.095)  # assumed: of firms with machines or vehicles
LEASE_TERMS, LEASING_FIRMS = (24, 36), 12  # assumed
LEASING_SECTIONS = ("C", "E", "G", "H")  # assumed: sections whose firms lease
MICRO, MICRO_OF_STRAIN = 0.0015, 0.06  # assumed: of any borrower; more at full strain
MICRO_AMOUNT, MICRO_RATE = (0.1, 0.4), (0.10, 0.18)  # assumed
MICRO_TERMS, MICRO_LENDERS, MICRO_BULLETS = (6, 12), 16, 0.5  # assumed
BILL, BILL_AMOUNT, BILL_TERM = 0.09, (0.2, 0.6), 6  # assumed: months of purchases
BILL_SALES, BILL_GOODS = 350_000, ("goods", "build")  # assumed: who uses them: yuan of normal sales a month; trades

# Credit reports.
LINE_DAYS = 365  # assumed: a limit that is not drawn stands for a year
LOOKS_APART = 3  # derived: lenders look every quarter, so a window of three months a year has one look of each
SHORT_TERM = 12  # recalled: 短期 = up to one year
