"""Days and months. Weights: what is invoiced on a day, against an ordinary weekday."""

import datetime as dt

FIRST_DAY = dt.date(2016, 10, 1)  # seen: the oldest of the real invoices
LAST_DAY = dt.date(2027, 12, 31)  # derived: as far as the new years below reach
LUNAR_NEW_YEARS = (  # seen
    *(dt.date(2015, 2, 19), dt.date(2016, 2, 8), dt.date(2017, 1, 28), dt.date(2018, 2, 16), dt.date(2019, 2, 5)),
    *(dt.date(2020, 1, 25), dt.date(2021, 2, 12), dt.date(2022, 2, 1), dt.date(2023, 1, 22), dt.date(2024, 2, 10)),
    *(dt.date(2025, 1, 29), dt.date(2026, 2, 17), dt.date(2027, 2, 6)),
)
LAST_PAPER_DAY = dt.date(2024, 11, 30)  # seen: all-digital from 2024-12-01; assumed: for every firm on that day
WEEKEND = 0.2  # seen
FESTIVAL_FROM, FESTIVAL_UNTIL, FESTIVAL = -3, 9, 0.05  # assumed: days since the lunar new year, weight
RETURN_UNTIL, RETURN = 15, 0.5  # assumed: the slow days after it
NATIONAL_DAY = 0.15  # assumed: 1 to 7 October

LABEL_MONTHS = 12  # seen: the window that the contract of labels names
FEWEST_MONTHS = LABEL_MONTHS + 2  # derived
BURN_IN = 30  # assumed: months in which cash, debts and stress come to what the city usually shows
