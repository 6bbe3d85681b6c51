"""The day it is where the service works; passed inwards, so that everything below has no clock."""

import datetime as dt

from sources.contracts import EARLIEST

BEIJING_NAME = "Asia/Shanghai"
BEIJING = dt.timezone(dt.timedelta(hours=8), BEIJING_NAME)
"""China keeps one time all year, so no time-zone database is needed."""


def today_in_beijing() -> dt.date:
    """Today's date in Asia/Shanghai."""
    return dt.datetime.now(BEIJING).date()


def explain_day(day: dt.date, *, today: dt.date) -> str | None:
    """What is wrong with a day to stand on, in words that help, or None when nothing is."""
    if EARLIEST <= day <= today:
        return None
    return f"got {day}, expected a day from {EARLIEST} to today in Beijing, {today}"
